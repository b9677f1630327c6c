//! Advisories on the wire. Nothing here is a text of a work: the note and the reason are written
//! for the public.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{
    Advisory, AdvisoryAction, AdvisoryKind, AdvisoryParty, AdvisoryStatus, Answer, By, Holding,
};
use crate::http::page::page_of;
use crate::http::reply::Outward;
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::{AdvisoryId, ArticleId, PartnerId};
use crate::rights::ReasonClass;

/// What is said in acknowledgement.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"action": "removed", "note": "Taken down from the site and the app."}))]
pub struct AcknowledgeInput {
    /// What was done about it: `removed` or `corrected` for a correction, `removed` for a withdrawal, `restored` for a reinstatement, `none` where there was nothing to do.
    pub action: AdvisoryAction,
    /// A word to whoever manages rights.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub note: Option<String>,
}

impl AcknowledgeInput {
    /// # Errors
    /// All faults.
    pub fn parse(self) -> Result<Answer, Vec<Fault>> {
        let mut faults = Faults::default();
        let note = self
            .note
            .as_deref()
            .map(|note| faults.prose("/note", note, 0..=1000))
            .filter(|note| !note.is_empty());
        faults.finish(Answer {
            action: self.action,
            note,
        })
    }
}

/// What a partner was given of a work, as the ledger has it now.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AdvisoryHolding, example = json!({"versions": [1, 2], "deliveries": 3,
    "first_at": "2026-06-01T08:00:00Z", "last_at": "2026-06-01T11:00:00Z"}))]
pub struct HoldingView {
    /// Versions of which a body was given, ascending.
    pub versions: Vec<i64>,
    /// How many bodies were given.
    pub deliveries: i64,
    #[schema(required = true)]
    pub first_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub last_at: Option<DateTime<Utc>>,
}

impl From<Holding> for HoldingView {
    fn from(holding: Holding) -> Self {
        Self {
            versions: holding.versions,
            deliveries: holding.deliveries,
            first_at: holding.first_at,
            last_at: holding.last_at,
        }
    }
}

/// What a partner that holds a work is told of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Advisory, example = json!({"id": "adv_01900000000070008000000000000001",
    "partner_id": "ptn_01900000000070008000000000000001", "article_id": "art_01900000000070008000000000000001",
    "version": 3, "kind": "withdrawal", "reason_class": "editorial", "text": "The figures could not be confirmed.",
    "issued_at": "2026-06-01T12:00:00Z", "due_at": "2026-06-02T12:00:00Z", "status": "acknowledged", "overdue": false,
    "superseded_by": null, "acknowledged_at": "2026-06-01T13:00:00Z", "acknowledged_by": "partner",
    "acknowledged_by_id": "cli_01900000000070008000000000000001", "acknowledged_with": null,
    "action": "removed", "note": "Taken down from the site and the app.", "reminders": 0, "last_reminded_at": null,
    "holding": {"versions": [1, 2], "deliveries": 3, "first_at": "2026-06-01T08:00:00Z", "last_at": "2026-06-01T11:00:00Z"}}))]
pub struct AdvisoryView {
    pub id: AdvisoryId,
    pub partner_id: PartnerId,
    pub article_id: ArticleId,
    /// The version that the event has made: of a correction, the one to show.
    pub version: i64,
    pub kind: AdvisoryKind,
    /// Why the work was withdrawn.
    #[schema(required = true)]
    pub reason_class: Option<ReasonClass>,
    /// The public note or reason. It may be printed.
    #[schema(required = true)]
    pub text: Option<String>,
    pub issued_at: DateTime<Utc>,
    /// By when it has to be done: the shortest `removal_deadline_hours` among the licences under which the partner got the work, from `issued_at` on.
    pub due_at: DateTime<Utc>,
    pub status: AdvisoryStatus,
    /// Open at or after `due_at`.
    pub overdue: bool,
    /// The partner's newest advisory about the same work, where that is a later one: what it says is how the work stands.
    #[schema(required = true)]
    pub superseded_by: Option<AdvisoryId>,
    #[schema(required = true)]
    pub acknowledged_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub acknowledged_by: Option<AdvisoryParty>,
    /// The partner's key; for the desk also the member of staff who acknowledged on its behalf.
    #[schema(required = true)]
    pub acknowledged_by_id: Option<String>,
    /// The newer advisory about the same work with which this one was settled.
    #[schema(required = true)]
    pub acknowledged_with: Option<AdvisoryId>,
    #[schema(required = true)]
    pub action: Option<AdvisoryAction>,
    #[schema(required = true)]
    pub note: Option<String>,
    /// How often the partner was reminded.
    pub reminders: i64,
    #[schema(required = true)]
    pub last_reminded_at: Option<DateTime<Utc>>,
    /// What the partner was given of the work by now.
    #[schema(inline)]
    pub holding: HoldingView,
}

impl AdvisoryView {
    /// An advisory as it stands at an instant, for the desk or for the partner.
    pub fn of(advisory: Advisory, now: DateTime<Utc>, for_desk: bool) -> Self {
        let (status, overdue) = (advisory.status(), advisory.is_overdue(now));
        let taken = advisory.acknowledgement;
        let party = taken.as_ref().map(|taken| match taken.by {
            By::Client(id) => (AdvisoryParty::Partner, Some(id.to_string())),
            By::User(id) => (AdvisoryParty::Desk, for_desk.then(|| id.to_string())),
        });
        Self {
            id: advisory.id,
            partner_id: advisory.partner,
            article_id: advisory.article,
            version: advisory.version,
            kind: advisory.kind,
            reason_class: advisory.reason_class,
            text: advisory.text,
            issued_at: advisory.issued_at,
            due_at: advisory.due_at,
            status,
            overdue,
            superseded_by: advisory.superseded_by,
            acknowledged_at: taken.as_ref().map(|taken| taken.at),
            acknowledged_by: party.as_ref().map(|(party, _)| *party),
            acknowledged_by_id: party.and_then(|(_, id)| id),
            acknowledged_with: taken.as_ref().and_then(|taken| taken.with),
            action: taken.as_ref().and_then(|taken| taken.action),
            note: taken.and_then(|taken| taken.note),
            reminders: advisory.reminders,
            last_reminded_at: advisory.last_reminded_at,
            holding: advisory.holding.into(),
        }
    }
}

impl Outward for AdvisoryView {}

page_of! {
    /// A page of advisories.
    AdvisoryPage of AdvisoryView
}
