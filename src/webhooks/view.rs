//! Webhooks on the wire.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;
use utoipa::ToSchema;

use super::address;
use super::model::{
    Attempt, AttemptOutcome, DisabledReason, Message, MessageState, MessageType, Target, Webhook,
};
use crate::http::page::page_of;
use crate::http::reply::Outward;
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::{ChangeId, ClientId, MessageId, WebhookId};

/// A webhook, as an administrator writes it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"client_id": "cli_01900000000070008000000000000001", "url": "https://hooks.example.org/masthead", "description": "Coast Portal's intake", "types": ["article.withdrawn", "advisory.issued"], "enabled": true}))]
pub struct WebhookInput {
    /// Whose log is sent. Never changes.
    pub client_id: ClientId,
    /// Where it is sent: https, without a user name, and not to a private, local or reserved address.
    #[schema(min_length = 1, max_length = 2000)]
    pub url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub description: Option<String>,
    /// What it is told of; all, if left out or empty. Pings come always.
    #[serde(default)]
    #[schema(max_items = 9, default = json!([]))]
    pub types: Vec<MessageType>,
    /// Where it is not, it keeps its place in the log, and goes on from there once it is.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub enabled: bool,
}

fn yes() -> bool {
    true
}

impl WebhookInput {
    /// Checks what the schema cannot say. Private addresses pass where the configuration lets them.
    ///
    /// # Errors
    /// All faults.
    pub fn parse(&self, allow_private: bool) -> Result<Target, Vec<Fault>> {
        let mut faults = Faults::default();
        let mut types = self.types.clone();
        if let Some(n) = types.iter().position(|kind| *kind == MessageType::Ping) {
            faults.push(format!("/types/{n}"), "choice", "comes always");
        }
        types.sort();
        types.dedup();
        let target = Target {
            url: faults.web_url("/url", &self.url),
            description: faults.optional_line("/description", self.description.as_deref(), 500),
            types,
            enabled: self.enabled,
        };
        let fault = Url::parse(&target.url)
            .ok()
            .and_then(|url| address::fault(&url, allow_private));
        if let Some(detail) = fault.filter(|_| faults.is_empty()) {
            faults.push("/url", "address", detail);
        }
        faults.finish(target)
    }

    /// [`WebhookInput::parse`] of what a webhook becomes.
    ///
    /// # Errors
    /// All faults.
    pub fn parse_change(
        &self,
        current: &Webhook,
        allow_private: bool,
    ) -> Result<Target, Vec<Fault>> {
        let same = match self.client_id == current.client {
            true => None,
            false => Some(Fault::new(
                "/client_id",
                "immutable",
                "never changes; make another webhook",
            )),
        };
        match (self.parse(allow_private), same) {
            (Ok(target), None) => Ok(target),
            (parsed, same) => {
                let mut faults: Vec<Fault> = same.into_iter().collect();
                faults.extend(parsed.err().unwrap_or_default());
                Err(faults)
            }
        }
    }
}

impl From<&Webhook> for WebhookInput {
    fn from(webhook: &Webhook) -> Self {
        let target = webhook.target.clone();
        Self {
            client_id: webhook.client,
            url: target.url,
            description: target.description,
            types: target.types,
            enabled: target.enabled,
        }
    }
}

/// How a secret is followed by the next one.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"overlap_hours": 24}))]
pub struct RotationInput {
    /// For how long the secret before signs, too: both signatures are sent meanwhile. With 0 it is done with at once.
    #[serde(default = "a_day")]
    #[schema(minimum = 0, maximum = 168, default = 24)]
    pub overlap_hours: i64,
}

fn a_day() -> i64 {
    24
}

impl RotationInput {
    /// For how long two secrets sign.
    ///
    /// # Errors
    /// For hours out of range.
    pub fn parse(&self) -> Result<TimeDelta, Vec<Fault>> {
        match (0..=168).contains(&self.overlap_hours) {
            true => Ok(TimeDelta::hours(self.overlap_hours)),
            false => Err(vec![Fault::new(
                "/overlap_hours",
                "range",
                "must be 0 to 168",
            )]),
        }
    }
}

/// Where a replay begins: one of the two.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"since": "2026-01-01T00:00:00Z"}))]
pub struct ReplayInput {
    /// After this entry of the client's log.
    #[serde(default)]
    #[schema(nullable = false)]
    pub after: Option<ChangeId>,
    /// With the entries of this time and later.
    #[serde(default)]
    #[schema(nullable = false)]
    pub since: Option<DateTime<Utc>>,
}

/// A [`ReplayInput`], checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    After(ChangeId),
    Since(DateTime<Utc>),
}

impl ReplayInput {
    /// # Errors
    /// Unless exactly one is said.
    pub fn parse(&self) -> Result<Replay, Vec<Fault>> {
        let mut faults = Faults::default();
        let replay = match (self.after, self.since) {
            (Some(after), None) => Some(Replay::After(after)),
            (None, Some(since)) => Some(Replay::Since(faults.instant("/since", since))),
            (Some(_), Some(_)) => {
                faults.push("/since", "choice", "must not stand beside after");
                None
            }
            (None, None) => {
                faults.push("/after", "required", "must be there, or since");
                None
            }
        };
        faults.finish(())?;
        replay.ok_or_else(Vec::new)
    }
}

/// A webhook.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Webhook, example = json!({"id": "whk_01900000000070008000000000000001", "client_id": "cli_01900000000070008000000000000001", "url": "https://hooks.example.org/masthead", "types": [], "enabled": true, "failures": 0, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}))]
pub struct WebhookView {
    pub id: WebhookId,
    pub client_id: ClientId,
    pub url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub description: Option<String>,
    /// What it is told of; all, if empty.
    pub types: Vec<MessageType>,
    pub enabled: bool,
    /// The secret by which messages are signed: once, in the answer to the request that made it. A repetition by `Idempotency-Key` does not show it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub secret: Option<String>,
    /// Until then the secret before this one signs, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub old_secret_until: Option<DateTime<Utc>>,
    /// Since when nothing is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub disabled_at: Option<DateTime<Utc>>,
    /// Why nothing is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub disabled_reason: Option<DisabledReason>,
    /// Failed attempts since the last success.
    pub failures: i64,
    /// The receiver has asked for a pause until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub held_until: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub last_delivered_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl WebhookView {
    /// As it is `now`.
    pub fn of(webhook: Webhook, now: DateTime<Utc>) -> Self {
        let target = webhook.target;
        let ahead = |at: &DateTime<Utc>| *at > now;
        Self {
            id: webhook.id,
            client_id: webhook.client,
            url: target.url,
            description: target.description,
            types: target.types,
            enabled: target.enabled,
            secret: None,
            old_secret_until: webhook.old_secret_until.filter(ahead),
            disabled_at: webhook.disabled.map(|(at, _)| at),
            disabled_reason: webhook.disabled.map(|(_, reason)| reason),
            failures: webhook.failures,
            held_until: Some(webhook.held_until).filter(ahead),
            last_delivered_at: webhook.last_delivered_at,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

impl Outward for WebhookView {}

page_of! {
    /// A page of webhooks.
    WebhookPage of WebhookView
}

/// A message to a webhook.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = WebhookMessage, example = json!({"id": "msg_01900000000070008000000000000001", "type": "webhook.ping", "state": "delivered", "attempts": 1, "payload": {"type": "webhook.ping", "timestamp": "2026-01-01T00:00:00Z", "data": {}}, "first_attempt_at": "2026-01-01T00:00:01Z", "finished_at": "2026-01-01T00:00:01Z", "created_at": "2026-01-01T00:00:00Z"}))]
pub struct MessageView {
    /// What `webhook-id` says, at each attempt the same.
    pub id: MessageId,
    #[serde(rename = "type")]
    pub kind: MessageType,
    pub state: MessageState,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next, where it is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub due_at: Option<DateTime<Utc>>,
    /// What is sent.
    #[schema(value_type = Object)]
    pub payload: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub first_attempt_at: Option<DateTime<Utc>>,
    /// When it was delivered or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub finished_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        let is_due = message.state == MessageState::Due;
        Self {
            id: message.id,
            kind: message.kind,
            state: message.state,
            attempts: message.attempts,
            due_at: Some(message.due_at).filter(|_| is_due),
            payload: serde_json::from_str(&message.body).unwrap_or_default(),
            first_attempt_at: message.first_attempt_at,
            finished_at: message.finished_at,
            created_at: message.created_at,
        }
    }
}

impl Outward for MessageView {}

page_of! {
    /// A page of messages.
    MessagePage of MessageView
}

/// An attempt to deliver a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = WebhookAttempt, example = json!({"n": 1, "at": "2026-01-01T00:00:01Z", "outcome": "delivered", "status": 204, "took_ms": 31}))]
pub struct AttemptView {
    pub n: i64,
    pub at: DateTime<Utc>,
    pub outcome: AttemptOutcome,
    /// The status that was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub took_ms: Option<i64>,
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        Self {
            n: attempt.n,
            at: attempt.at,
            outcome: attempt.outcome,
            status: attempt.status,
            took_ms: attempt.took_ms,
        }
    }
}

impl Outward for AttemptView {}

page_of! {
    /// A page of attempts.
    AttemptPage of AttemptView
}
