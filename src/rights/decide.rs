//! The matrix: reader × work × instant → how much of it, or why not.

use chrono::{DateTime, Utc};

use super::lifecycle::{Visibility, Withdrawal};
use super::terms::{Channel, Extent, Grant, Origin, Rights, Role};
use crate::kernel::id::UserId;
use crate::kernel::language::Territory;

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Signed-in staff.
    Desk { role: Role, user: UserId },
    /// An own frontend or app.
    FirstParty,
    /// A partner organisation.
    Partner,
    /// No credential.
    Public,
    /// A declared crawler, or a key of that kind.
    AiCrawler,
}

/// The use for which a work is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub audience: Audience,
    /// The channel of the reader's key; the public reads on the web.
    pub channel: Channel,
    /// Where the reader's key is for; the site's own territory if it names none.
    pub territory: Option<Territory>,
}

/// A permission: how much, until when, and whether the reading is to be logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub extent: Extent,
    /// Longest body in Unicode scalar values, where the extent is an excerpt.
    pub excerpt_chars: usize,
    /// The first instant at which this decision may be another.
    pub valid_until: Option<DateTime<Utc>>,
    /// Desk reads of embargoed and withdrawn bodies are put on record.
    pub logged: bool,
}

/// Why nothing is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Absent, or not to be known.
    NotFound,
    /// Shown once, and taken back: a tombstone without the title (rule 17).
    Gone(Withdrawal),
    /// No attribution can be computed, so no text is served (rule 1).
    Unattributable,
}

/// Decides what a reader may have of a work at an instant.
///
/// # Errors
/// A [`Refusal`] where the reader may have nothing, not even a stub.
pub fn decide(rights: &Rights, use_: &Use, now: DateTime<Utc>) -> Result<Decision, Refusal> {
    let visibility = rights.lifecycle.visibility(now);
    if let Audience::Desk { role, user } = use_.audience {
        return desk(rights, role, user, &visibility, now);
    }
    match visibility {
        Visibility::Live { .. } => Ok(live(rights, use_, now)),
        Visibility::Withdrawn(withdrawal) => Err(Refusal::Gone(withdrawal)),
        Visibility::Unpublished | Visibility::Embargoed | Visibility::WithdrawnUnseen(_) => {
            Err(Refusal::NotFound)
        }
    }
}

fn desk(
    rights: &Rights,
    role: Role,
    user: UserId,
    visibility: &Visibility,
    now: DateTime<Utc>,
) -> Result<Decision, Refusal> {
    let withdrawn = matches!(
        visibility,
        Visibility::Withdrawn(_) | Visibility::WithdrawnUnseen(_)
    );
    // An embargo binds the desk from the day it is set, whether the work is due already or not.
    let sensitive = withdrawn || rights.lifecycle.is_embargoed(now);
    let extent = match role {
        Role::Admin | Role::Rights | Role::Editor => Extent::Full,
        Role::Viewer if sensitive => Extent::Headline,
        Role::Viewer => Extent::Full,
        Role::Author if rights.created_by == Some(user) => Extent::Full,
        Role::Author if matches!(visibility, Visibility::Live { .. }) => Extent::Full,
        Role::Author => return Err(Refusal::NotFound),
    };
    Ok(Decision {
        extent,
        excerpt_chars: 0,
        valid_until: None,
        logged: sensitive && extent == Extent::Full,
    })
}

fn live(rights: &Rights, use_: &Use, now: DateTime<Utc>) -> Decision {
    let excerpt_chars = rights.site.public_excerpt_chars;
    let (grant, inbound, redistributable) = match rights.origin() {
        Some(Origin::Own) => (None, Extent::Full, true),
        Some(Origin::Reprint) => match widest(rights, use_, now) {
            Some(grant) => (Some(grant), grant.max_extent, grant.may_redistribute),
            None => (None, Extent::Stub, false),
        },
        // A work without a source is nobody's to give: rule 6.
        None => (None, Extent::Stub, false),
    };
    let extent = match use_.audience {
        Audience::FirstParty => inbound,
        // Rule 16: outside the agency's own channels a stub at most.
        Audience::Public if redistributable => inbound.min(rights.site.public_extent.into()),
        // Without a licence a partner or a crawler gets a stub (rules 23, 25).
        Audience::Public | Audience::Partner | Audience::AiCrawler | Audience::Desk { .. } => {
            Extent::Stub
        }
    };
    // The end of a grant takes away only what the grant gave; to whom it gave nothing, its
    // terms are not told either.
    let grant_ends = grant
        .filter(|_| extent > Extent::Stub)
        .and_then(|grant| grant.valid_until);
    Decision {
        extent,
        excerpt_chars,
        valid_until: earliest(rights.lifecycle.visible_until(), grant_ends),
        logged: false,
    }
}

/// The inbound grant that serves this reader best. Axes are never joined across
/// grants: the one chosen gives its extent, its end and its right to pass on.
fn widest<'a>(rights: &'a Rights, use_: &Use, now: DateTime<Utc>) -> Option<&'a Grant> {
    let territory = use_.territory.as_ref().unwrap_or(&rights.site.territory);
    let outside = use_.audience != Audience::FirstParty;
    rights
        .grants
        .iter()
        .filter(|grant| grant.covers(use_.channel, territory, now))
        .max_by_key(|grant| {
            (
                outside && grant.may_redistribute,
                grant.max_extent,
                grant.valid_until.is_none(),
                grant.valid_until,
                std::cmp::Reverse(grant.id),
            )
        })
}

fn earliest(a: Option<DateTime<Utc>>, b: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
