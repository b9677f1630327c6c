//! What a claimant sees of a claim: neither the work that was found for it nor who works on it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::claims::model::{
    Case, Claim, ClaimKind, ClaimStage, Decision, Message, MessageFrom, Remedy, RequestedAction,
};
use crate::http::reply::Outward;
use crate::kernel::id::{ClaimId, UserId};

/// The receipt of a claim.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ClaimReceipt, example = json!({"id": "clm_01900000000070008000000000000001", "token": "mhc_Zm9yIHRoZSBkb2N1bWVudCBvbmx5LCBubyB0b2tlbiEj", "received_at": "2026-06-01T12:00:00Z", "within_window": true, "window_ends_at": "2026-07-01T16:00:00Z", "next_step_due_at": "2026-06-04T16:00:00Z", "follow_url": "/v1/claims/clm_01900000000070008000000000000001/status"}))]
pub struct ReceiptView {
    pub id: ClaimId,
    /// With it the claim is followed. Shown this one time; null where the same claim was filed
    /// before.
    #[schema(required = true)]
    pub token: Option<String>,
    pub received_at: DateTime<Utc>,
    /// Whether it came within the window of the notice; null where readers can see no such work.
    #[schema(required = true)]
    pub within_window: Option<bool>,
    /// The first instant after the window.
    #[schema(required = true)]
    pub window_ends_at: Option<DateTime<Utc>>,
    /// By when the desk takes the next step; null where none waits for it.
    #[schema(required = true)]
    pub next_step_due_at: Option<DateTime<Utc>>,
    /// Where the claim is followed, with the token in `X-Claim-Token`.
    pub follow_url: String,
}

impl ReceiptView {
    pub fn of(claim: &Claim, token: Option<String>) -> Self {
        Self {
            id: claim.id,
            token,
            received_at: claim.received_at,
            within_window: claim.window.map(|window| window.within),
            window_ends_at: claim.window.map(|window| window.ends_at),
            next_step_due_at: claim.due_at,
            follow_url: format!("/v1/claims/{}/status", claim.id),
        }
    }
}

impl Outward for ReceiptView {}

/// A claim as its claimant follows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ClaimStatus, example = json!({"id": "clm_01900000000070008000000000000001", "kind": "copyright", "stage": "decided", "subject": "https://news.example.org/port/harbour-opens", "requested_action": "remove", "received_at": "2026-06-01T12:00:00Z", "within_window": true, "window_ends_at": "2026-07-01T16:00:00Z", "next_step_due_at": null, "acknowledged_at": "2026-06-02T09:00:00Z", "decided_at": "2026-06-05T09:00:00Z", "decision": "upheld", "action": "withdraw", "reason": "The photograph was used without a licence.", "messages": []}))]
pub struct ClaimStatusView {
    pub id: ClaimId,
    pub kind: ClaimKind,
    pub stage: ClaimStage,
    /// The work as the claimant named it; null once personal data is gone.
    #[schema(required = true)]
    pub subject: Option<String>,
    pub requested_action: RequestedAction,
    pub received_at: DateTime<Utc>,
    #[schema(required = true)]
    pub within_window: Option<bool>,
    #[schema(required = true)]
    pub window_ends_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub next_step_due_at: Option<DateTime<Utc>>,
    #[serde(flatten)]
    pub course: CourseView,
    pub messages: Vec<ClaimMessageView>,
}

/// What has become of a claim so far.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ClaimCourse)]
pub struct CourseView {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub acknowledged_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub decided_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub decision: Option<Decision>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub action: Option<Remedy>,
    /// Why it was decided so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<String>,
    /// When whoever answers for the work objected.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub countered_at: Option<DateTime<Utc>>,
    /// When the work was given back to readers after that.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub restored_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub closed_at: Option<DateTime<Utc>>,
    /// When what is personal will be blanked, as far as it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub personal_data_kept_until: Option<DateTime<Utc>>,
    /// When what is personal was blanked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub personal_data_erased_at: Option<DateTime<Utc>>,
}

impl From<&Claim> for CourseView {
    fn from(claim: &Claim) -> Self {
        let ruling = claim.ruling.as_ref();
        Self {
            acknowledged_at: claim.acknowledged_at,
            decided_at: claim.decided_at,
            decision: ruling.map(|ruling| ruling.decision),
            action: ruling.map(|ruling| ruling.remedy),
            reason: ruling.map(|ruling| ruling.reason.clone()),
            countered_at: claim.countered_at,
            restored_at: claim.restored_at,
            closed_at: claim.closed_at,
            personal_data_kept_until: claim.erase_at,
            personal_data_erased_at: claim.erased_at,
        }
    }
}

/// A message in a case.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ClaimMessage, example = json!({"n": 1, "from": "desk", "text": "We have your claim and look into it.", "at": "2026-06-02T09:00:00Z"}))]
pub struct ClaimMessageView {
    pub n: i64,
    pub from: MessageFrom,
    /// Null once personal data is gone.
    #[schema(required = true)]
    pub text: Option<String>,
    pub at: DateTime<Utc>,
    /// For the desk alone: who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub user_id: Option<UserId>,
}

impl ClaimMessageView {
    /// A message as the desk sees it.
    pub fn for_desk(message: Message) -> Self {
        Self {
            n: message.n,
            from: message.from,
            text: message.text,
            at: message.at,
            user_id: message.by,
        }
    }

    fn for_claimant(message: Message) -> Self {
        Self {
            user_id: None,
            ..Self::for_desk(message)
        }
    }
}

impl From<Case> for ClaimStatusView {
    fn from(case: Case) -> Self {
        let claim = case.claim;
        let messages = case.messages.into_iter();
        Self {
            id: claim.id,
            kind: claim.kind,
            stage: claim.stage,
            course: CourseView::from(&claim),
            requested_action: claim.requested_action,
            received_at: claim.received_at,
            within_window: claim.window.map(|window| window.within),
            window_ends_at: claim.window.map(|window| window.ends_at),
            next_step_due_at: claim.due_at,
            subject: claim.subject,
            messages: messages.map(ClaimMessageView::for_claimant).collect(),
        }
    }
}

impl Outward for ClaimStatusView {}
