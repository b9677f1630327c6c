//! What the desk sees of claims and of frozen evidence.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::claimant::{ClaimMessageView, CourseView};
use super::input::{ClaimantInput, EvidenceInput};
use crate::claims::model::{
    Case, Claim, ClaimKind, ClaimStage, Claimant, CounterNotice, Grounds, Hold, Intact, Line,
    RequestedAction,
};
use crate::http::page::page_of;
use crate::http::reply::Outward;
use crate::kernel::id::{ArticleId, ClaimId, HoldId, SourceId};
use crate::kernel::text::digest_field;

/// A claim in the desk's list: nothing personal.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ClaimLine, example = json!({"id": "clm_01900000000070008000000000000001", "kind": "copyright", "stage": "received", "requested_action": "remove", "article_id": "art_01900000000070008000000000000001", "within_window": true, "received_at": "2026-06-01T12:00:00Z", "due_at": "2026-06-04T16:00:00Z", "overdue": false, "updated_at": "2026-06-01T12:00:00Z"}))]
pub struct ClaimLineView {
    pub id: ClaimId,
    pub kind: ClaimKind,
    pub stage: ClaimStage,
    pub requested_action: RequestedAction,
    /// The work that was found for it; null where none was.
    #[schema(required = true)]
    pub article_id: Option<ArticleId>,
    #[schema(required = true)]
    pub within_window: Option<bool>,
    pub received_at: DateTime<Utc>,
    /// By when the next step is due; null where none waits for the desk.
    #[schema(required = true)]
    pub due_at: Option<DateTime<Utc>>,
    pub overdue: bool,
    pub updated_at: DateTime<Utc>,
}

impl ClaimLineView {
    pub fn of(line: Line, now: DateTime<Utc>) -> Self {
        Self {
            id: line.id,
            kind: line.kind,
            stage: line.stage,
            requested_action: line.requested_action,
            article_id: line.article,
            within_window: line.within_window,
            received_at: line.received_at,
            due_at: line.due_at,
            overdue: line.due_at.is_some_and(|due| due <= now),
            updated_at: line.updated_at,
        }
    }
}

page_of! {
    /// A page of the claims.
    ClaimPage of ClaimLineView
}

/// A claim as the desk works on it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Claim, example = json!({"id": "clm_01900000000070008000000000000001", "kind": "accuracy", "stage": "received", "requested_action": "correct", "subject": "art_01900000000070008000000000000001", "article_id": "art_01900000000070008000000000000001", "claimant": {"name": "Wen Ya", "organisation": null, "email": "wen@wire.example.org", "phone": null, "postal_address": null, "acting_for": null}, "grounds": {"statement": "The quay is older.", "work_description": null, "ownership_statement": null, "declares_accuracy": true, "declares_good_faith": true, "evidence": []}, "counter_notice": null, "window": {"days": 30, "published_at": "2026-05-20T08:00:00Z", "ends_at": "2026-06-19T16:00:00Z", "within": true}, "received_at": "2026-06-01T12:00:00Z", "due_at": "2026-06-04T16:00:00Z", "overdue": false, "work_withdrawn_at": null, "internal_note": null, "holds": [], "messages": [], "updated_at": "2026-06-01T12:00:00Z"}))]
pub struct ClaimView {
    pub id: ClaimId,
    pub kind: ClaimKind,
    pub stage: ClaimStage,
    pub requested_action: RequestedAction,
    /// The work as the claimant named it.
    #[schema(required = true)]
    pub subject: Option<String>,
    /// The work that was found for it, whether readers may know of it or not.
    #[schema(required = true)]
    pub article_id: Option<ArticleId>,
    /// Null once personal data is gone.
    #[schema(required = true)]
    pub claimant: Option<ClaimantInput>,
    /// Null once personal data is gone.
    #[schema(required = true)]
    pub grounds: Option<GroundsView>,
    #[schema(required = true)]
    pub counter_notice: Option<CounterNoticeView>,
    /// Null where no work was found that readers could see.
    #[schema(required = true)]
    pub window: Option<WindowView>,
    pub received_at: DateTime<Utc>,
    #[schema(required = true)]
    pub due_at: Option<DateTime<Utc>>,
    pub overdue: bool,
    #[serde(flatten)]
    pub course: CourseView,
    /// Since when the work is withdrawn on this claim.
    #[schema(required = true)]
    pub work_withdrawn_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub internal_note: Option<String>,
    /// Newest first.
    pub holds: Vec<HoldView>,
    pub messages: Vec<ClaimMessageView>,
    pub updated_at: DateTime<Utc>,
}

/// What a claim rests on.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ClaimGrounds)]
pub struct GroundsView {
    pub statement: String,
    #[schema(required = true)]
    pub work_description: Option<String>,
    #[schema(required = true)]
    pub ownership_statement: Option<String>,
    pub declares_accuracy: bool,
    pub declares_good_faith: bool,
    pub evidence: Vec<EvidenceInput>,
}

/// The objection of whoever answers for the work.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CounterNotice)]
pub struct CounterNoticeView {
    pub name: String,
    pub email: String,
    #[schema(required = true)]
    pub postal_address: Option<String>,
    pub statement: String,
    pub declares_good_faith: bool,
}

/// The window of the contact notice.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ClaimWindow)]
pub struct WindowView {
    /// Calendar days in the site's zone.
    pub days: i64,
    /// When readers could first see the work.
    pub published_at: DateTime<Utc>,
    /// The first instant after the window.
    pub ends_at: DateTime<Utc>,
    /// Whether the claim came within it. A late one is taken all the same.
    pub within: bool,
}

impl ClaimView {
    pub fn of(case: Case, now: DateTime<Utc>) -> Self {
        let Case {
            claim,
            messages,
            holds,
        } = case;
        let (course, window) = (CourseView::from(&claim), window(&claim));
        let messages = messages.into_iter().map(ClaimMessageView::for_desk);
        Self {
            overdue: claim.is_overdue(now),
            id: claim.id,
            kind: claim.kind,
            stage: claim.stage,
            requested_action: claim.requested_action,
            subject: claim.subject,
            article_id: claim.article,
            claimant: claim.claimant.map(ClaimantInput::from),
            grounds: claim.grounds.map(GroundsView::from),
            counter_notice: claim.counter.map(CounterNoticeView::from),
            window,
            received_at: claim.received_at,
            due_at: claim.due_at,
            course,
            work_withdrawn_at: claim.withdrawn_at,
            internal_note: claim.internal_note,
            holds: holds.into_iter().map(HoldView::from).collect(),
            messages: messages.collect(),
            updated_at: claim.updated_at,
        }
    }
}

impl Outward for ClaimView {}

fn window(claim: &Claim) -> Option<WindowView> {
    claim.window.map(|window| WindowView {
        days: window.days,
        published_at: window.published_at,
        ends_at: window.ends_at,
        within: window.within,
    })
}

impl From<Claimant> for ClaimantInput {
    fn from(claimant: Claimant) -> Self {
        Self {
            name: claimant.name,
            organisation: claimant.organisation,
            email: claimant.email,
            phone: claimant.phone,
            postal_address: claimant.postal_address,
            acting_for: claimant.acting_for,
        }
    }
}

impl From<Grounds> for GroundsView {
    fn from(grounds: Grounds) -> Self {
        let evidence = grounds.evidence.into_iter().map(|one| EvidenceInput {
            description: one.description,
            url: one.url,
        });
        Self {
            statement: grounds.statement,
            work_description: grounds.work_description,
            ownership_statement: grounds.ownership_statement,
            declares_accuracy: grounds.declares_accuracy,
            declares_good_faith: grounds.declares_good_faith,
            evidence: evidence.collect(),
        }
    }
}

impl From<CounterNotice> for CounterNoticeView {
    fn from(notice: CounterNotice) -> Self {
        Self {
            name: notice.name,
            email: notice.email,
            postal_address: notice.postal_address,
            statement: notice.statement,
            declares_good_faith: notice.declares_good_faith,
        }
    }
}

/// Evidence as it stood when it was frozen. While it is not released, the article and its
/// source cannot be deleted.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = LegalHold, example = json!({"id": "hld_01900000000070008000000000000001", "claim_id": "clm_01900000000070008000000000000001", "article_id": "art_01900000000070008000000000000001", "version": 3, "digest": "sha-256=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "text_digest": "sha-256=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "source_id": "src_01900000000070008000000000000001", "source": {"name": "Harbour Daily"}, "ledger": {"rows": 0, "digest": "sha-256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}, "interim": true, "frozen_at": "2026-06-02T09:00:00Z", "released_at": null}))]
pub struct HoldView {
    pub id: HoldId,
    pub claim_id: ClaimId,
    pub article_id: ArticleId,
    /// The version that readers saw; the newest one where they saw none.
    pub version: i64,
    /// The version's own digest.
    pub digest: String,
    /// Over the version's text as it is stored.
    pub text_digest: String,
    #[schema(required = true)]
    pub source_id: Option<SourceId>,
    /// The source's entry in the register as it was then.
    #[schema(required = true, value_type = Option<Object>)]
    pub source: Option<Value>,
    pub ledger: HeldLedgerView,
    /// Whether the work was taken back from readers for as long as the hold lasts.
    pub interim: bool,
    pub frozen_at: DateTime<Utc>,
    #[schema(required = true)]
    pub released_at: Option<DateTime<Utc>>,
    /// Of one hold that is read by itself: whether all of it is still what it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub intact: Option<IntactView>,
}

/// What the ledger of deliveries held of the work.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = HeldLedger)]
pub struct HeldLedgerView {
    pub rows: i64,
    /// Over the rows in their order.
    pub digest: String,
}

/// Whether frozen evidence is still what it was.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = IntactEvidence, example = json!({"version": true, "ledger": true}))]
pub struct IntactView {
    pub version: bool,
    pub ledger: bool,
}

impl From<Hold> for HoldView {
    fn from(hold: Hold) -> Self {
        let snapshot = hold.source_snapshot.as_deref();
        Self {
            id: hold.id,
            claim_id: hold.claim,
            article_id: hold.article,
            version: hold.version,
            digest: digest_field(&hold.digest),
            text_digest: digest_field(&hold.text_digest),
            source_id: hold.source,
            source: snapshot.and_then(|text| serde_json::from_str(text).ok()),
            ledger: HeldLedgerView {
                rows: hold.ledger.rows,
                digest: digest_field(&hold.ledger.digest),
            },
            interim: hold.is_interim,
            frozen_at: hold.frozen_at,
            released_at: hold.released_at,
            intact: None,
        }
    }
}

impl HoldView {
    /// A hold with the outcome of its checking.
    pub fn checked(hold: Hold, intact: Intact) -> Self {
        Self {
            intact: Some(IntactView {
                version: intact.version,
                ledger: intact.ledger,
            }),
            ..Self::from(hold)
        }
    }
}

impl Outward for HoldView {}
