//! The terms under which a work is given, and what its reader owes.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::decide::Decision;
use super::licence::{Granted, Indexing};
use super::terms::{AiLabel, Alteration, Extent, Origin, Rights};
use crate::kernel::id::LicenceId;

/// What a reader owes and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// Print the credit line.
    PrintCreditLine,
    /// Show the notices.
    ShowNotices,
    /// Mark the work as a reprint.
    MarkAsReprint,
    /// Show the original title beside a changed one.
    ShowOriginalTitle,
    /// Leave the AI label in place.
    KeepAiLabel,
    /// Change nothing: rendering is no change, an own title or a cut is.
    NoAlteration,
    /// Publish nothing of it before `published_at`.
    HoldUntilPublished,
    /// Take it down within `removal_deadline_hours` of its withdrawal.
    RemoveWhenWithdrawn,
}

/// The terms under which this answer was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Usage {
    pub extent: Extent,
    /// The licence under which it was given, if one was needed.
    #[schema(required = true)]
    pub licence_id: Option<LicenceId>,
    pub duties: Vec<Duty>,
    /// The first instant at which the right ends, if one is known.
    #[schema(required = true)]
    pub valid_until: Option<DateTime<Utc>>,
    /// Of a licence: whether search engines may index what is printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub indexing: Option<Indexing>,
    /// Of a licence: for how many seconds a copy may be shown without asking again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cache_max_age: Option<i64>,
    /// Of a licence: within how many hours of its withdrawal the work is to be gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub removal_deadline_hours: Option<i64>,
    /// Of a licence: what may be done to the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub alteration: Option<Alteration>,
    /// Of a licence: whether AI systems may be given it as input.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ai_input: Option<bool>,
    /// Of a licence: whether AI systems may be trained on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ai_train: Option<bool>,
    /// Of a licence: set on a work under embargo, given so that it can be prepared.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub embargoed: Option<bool>,
}

impl Usage {
    pub(super) fn of(decision: &Decision, mut duties: Vec<Duty>) -> Self {
        let granted = decision.granted.as_ref();
        if let Some(granted) = granted {
            duties.extend(licensed_duties(granted, decision.embargoed));
        }
        Self {
            extent: decision.extent,
            licence_id: granted.map(|granted| granted.licence),
            duties,
            valid_until: decision.valid_until,
            indexing: granted.map(|granted| granted.indexing),
            cache_max_age: granted.map(|granted| granted.cache_max_age_seconds),
            removal_deadline_hours: granted.map(|granted| granted.removal_deadline_hours),
            alteration: granted.map(|granted| granted.alteration),
            ai_input: granted.map(|granted| granted.ai_input),
            ai_train: granted.map(|granted| granted.ai_train),
            embargoed: decision.embargoed.then_some(true),
        }
    }
}

fn licensed_duties(granted: &Granted, embargoed: bool) -> Vec<Duty> {
    let mut duties = Vec::new();
    if granted.alteration == Alteration::None {
        duties.push(Duty::NoAlteration);
    }
    if embargoed {
        duties.push(Duty::HoldUntilPublished);
    }
    duties.push(Duty::RemoveWhenWithdrawn);
    duties
}

pub(super) fn duties(rights: &Rights, origin: Origin) -> Vec<Duty> {
    let mut duties = vec![Duty::PrintCreditLine, Duty::ShowNotices];
    if origin == Origin::Reprint {
        duties.push(Duty::MarkAsReprint);
        let changed = rights
            .original
            .as_ref()
            .and_then(|original| original.title.as_ref())
            .is_some_and(|title| *title != rights.title);
        if changed {
            duties.push(Duty::ShowOriginalTitle);
        }
    }
    if rights.ai_label != AiLabel::None {
        duties.push(Duty::KeepAiLabel);
    }
    duties
}
