//! Why a decision came out as it did: each rule that was asked, with the fact that answered.
//!
//! [`super::decide`] runs through the same lines; it only keeps no record.

use serde::Serialize;
use utoipa::ToSchema;

use super::licence::{Axis, Granted};
use super::lifecycle::Visibility;
use super::terms::Extent;
use crate::kernel::id::{GrantId, LicenceId};

/// One link of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"rule": 22, "fact": "licence", "holds": false, "axis": "territory",
    "detail": "The licence does not reach: territory.", "licence_id": "lic_01900000000070008000000000000001"}))]
pub struct Step {
    /// Number in the rule book.
    pub rule: u8,
    /// What was asked: `key`, `partner`, `visibility`, `audience`, `origin`, `grant`, `licence`, `intersection`, `attribution`.
    pub fact: &'static str,
    /// Whether it speaks for the reader.
    pub holds: bool,
    /// The axis on which it failed, or gives no more than a headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub axis: Option<Axis>,
    pub detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub licence_id: Option<LicenceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub grant_id: Option<GrantId>,
}

impl Step {
    pub fn new(rule: u8, fact: &'static str, holds: bool, detail: impl Into<String>) -> Self {
        Self {
            rule,
            fact,
            holds,
            axis: None,
            detail: detail.into(),
            licence_id: None,
            grant_id: None,
        }
    }

    pub(super) fn licence(id: LicenceId, lacking: Option<Axis>) -> Self {
        Self {
            axis: lacking,
            licence_id: Some(id),
            ..Self::new(
                22,
                "licence",
                lacking.is_none(),
                match lacking {
                    None => "The licence covers the work for this use.".to_owned(),
                    Some(axis) => format!("The licence does not reach: {}.", axis.as_str()),
                },
            )
        }
    }

    pub(super) fn grant(id: GrantId, rule: u8, lacking: Option<Axis>) -> Self {
        Self {
            axis: lacking,
            grant_id: Some(id),
            ..Self::new(
                rule,
                "grant",
                lacking.is_none(),
                match lacking {
                    None => "The source's grant covers this use.".to_owned(),
                    Some(axis) => format!("The source's grant does not reach: {}.", axis.as_str()),
                },
            )
        }
    }

    pub(super) fn intersection(granted: &Granted, ai: bool) -> Self {
        let axis = match granted.extent {
            _ if !ai => Some(Axis::Ai),
            // No licence gives less than a headline: it is the source that gives nothing.
            Extent::Stub => Some(Axis::Redistribution),
            Extent::Headline => Some(Axis::Extent),
            Extent::Excerpt | Extent::Full => None,
        };
        let holds = ai && granted.extent > Extent::Stub;
        Self {
            axis,
            licence_id: Some(granted.licence),
            grant_id: granted.grant,
            ..Self::new(
                7,
                "intersection",
                holds,
                format!(
                    "Inbound and outbound together give: {}.",
                    granted.extent.as_str()
                ),
            )
        }
    }
}

/// The sides of the right that keep a reader from a body, fit to be told to that reader: of its
/// own licences each side that fails, of the source's terms only that it does not pass works on.
pub fn missing(steps: &[Step]) -> Vec<Axis> {
    let of_licences = steps
        .iter()
        .filter(|step| matches!(step.fact, "licence" | "intersection"))
        .filter_map(|step| step.axis.filter(|axis| *axis != Axis::Selector));
    let mut axes: Vec<Axis> = of_licences.collect();
    // One grant is enough: those beside it that fail keep nobody from anything.
    let mut grants = steps.iter().filter(|step| step.fact == "grant").peekable();
    if grants.peek().is_some() && grants.all(|step| !step.holds) {
        axes.push(Axis::Redistribution);
    }
    let selected = steps.iter().any(|step| {
        step.fact == "licence" && step.licence_id.is_some() && step.axis != Some(Axis::Selector)
    });
    if !selected {
        axes.push(Axis::Licence);
    }
    axes.sort_unstable();
    axes.dedup();
    axes
}

/// Takes down the steps of a decision, or lets them pass.
pub trait Trace {
    fn step(&mut self, step: impl FnOnce() -> Step);
}

impl Trace for () {
    fn step(&mut self, _: impl FnOnce() -> Step) {}
}

impl Trace for Vec<Step> {
    fn step(&mut self, step: impl FnOnce() -> Step) {
        self.push(step());
    }
}

/// Whether readers can see it by now.
pub(super) fn seen(visibility: &Visibility) -> Step {
    let (rule, holds, detail) = match visibility {
        Visibility::Live { since } => (
            8,
            true,
            format!("Readers can see it since {}.", since.to_rfc3339()),
        ),
        Visibility::Embargoed => (
            19,
            false,
            "It is due, and held back by an embargo.".to_owned(),
        ),
        Visibility::Unpublished => (19, false, "It is not published.".to_owned()),
        Visibility::Withdrawn(gone) => (
            17,
            false,
            format!("It was withdrawn at {}.", gone.at.to_rfc3339()),
        ),
        Visibility::WithdrawnUnseen(_) => (
            17,
            false,
            "It was withdrawn before anyone could see it.".to_owned(),
        ),
    };
    Step::new(rule, "visibility", holds, detail)
}
