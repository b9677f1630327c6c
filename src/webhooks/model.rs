//! What a webhook is, and what it sends.

use chrono::{DateTime, Utc};

use crate::kernel::id::{ClientId, MessageId, WebhookId};
use crate::kernel::words::words;

words! {
    /// What a message tells.
    MessageType {
        /// Published, and the client may have it.
        Created = "article.created",
        /// Was given under embargo; is out now.
        Published = "article.published",
        Updated = "article.updated",
        Corrected = "article.corrected",
        /// Taken back: a tombstone from now on.
        Withdrawn = "article.withdrawn",
        Reinstated = "article.reinstated",
        /// Came into what the client may have.
        Entered = "article.entered",
        /// Left it: is to be removed.
        Exited = "article.exited",
        /// The partner was told, or reminded, of a correction or withdrawal.
        Advisory = "advisory.issued",
        /// A test.
        Ping = "webhook.ping",
    }

    /// How far a message is.
    MessageState {
        /// An earlier one about the same article goes first.
        Waiting = "waiting",
        /// Its turn, now or after a pause.
        Due = "due",
        Delivered = "delivered",
        /// Given up. A ping for good; others are tried anew when the webhook is enabled.
        Failed = "failed",
    }

    /// What came of an attempt.
    AttemptOutcome {
        /// Under way.
        Sending = "sending",
        /// Answered with 2xx.
        Delivered = "delivered",
        /// Answered with another status; redirects are not followed.
        Rejected = "rejected",
        /// Answered with 429, or with 503 and `Retry-After`.
        Throttled = "throttled",
        /// Answered with 410: nothing more is wanted.
        Gone = "gone",
        /// No answer in time.
        TimedOut = "timed_out",
        /// The name is not known, nobody listens, TLS failed, or the connection broke.
        Unreachable = "unreachable",
        /// The name leads to addresses that are refused only.
        RefusedAddress = "refused_address",
        /// The server ended before it knew.
        Interrupted = "interrupted",
    }

    /// Why nothing is sent.
    DisabledReason {
        /// By a member of staff.
        Staff = "staff",
        /// A message was tried for 72 hours.
        Exhausted = "exhausted",
        /// The receiver answered 410.
        Gone = "gone",
        /// The client's key is revoked, has expired or lost its scope, or its partner has ended.
        ClientEnded = "client_ended",
        /// The secret was sealed by another secret of the installation: rotate it.
        SecretLost = "secret_lost",
    }
}

/// A webhook: whose log is sent where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    pub id: WebhookId,
    pub revision: i64,
    pub client: ClientId,
    pub target: Target,
    /// Since when, and why, where nothing is sent.
    pub disabled: Option<(DateTime<Utc>, DisabledReason)>,
    /// Failed attempts since the last success.
    pub failures: i64,
    /// The receiver has asked for a pause until then.
    pub held_until: DateTime<Utc>,
    pub last_delivered_at: Option<DateTime<Utc>>,
    /// Until when the secret before this one signs, too.
    pub old_secret_until: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What is said of a webhook, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub url: String,
    pub description: Option<String>,
    /// What it is told of; all, if empty.
    pub types: Vec<MessageType>,
    pub enabled: bool,
}

impl Target {
    /// Whether it is told of this.
    pub fn wants(&self, kind: MessageType) -> bool {
        self.types.is_empty() || self.types.contains(&kind)
    }
}

/// A message, without what is sent along with it each time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: MessageId,
    pub n: i64,
    pub kind: MessageType,
    pub body: String,
    pub state: MessageState,
    pub attempts: i64,
    /// When it is tried next, where it is due.
    pub due_at: DateTime<Utc>,
    pub first_attempt_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// An attempt to deliver a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub n: i64,
    pub at: DateTime<Utc>,
    pub outcome: AttemptOutcome,
    /// The status that was answered.
    pub status: Option<u16>,
    pub took_ms: Option<i64>,
}

/// What came of an attempt, as it is to be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    pub outcome: AttemptOutcome,
    pub status: Option<u16>,
    pub took_ms: i64,
    /// Until when the receiver asks for a pause.
    pub asked: Option<DateTime<Utc>>,
}

/// Where a replay begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayFrom {
    /// After the entry of this number in the client's log.
    After(i64),
    /// At the first entry of this time or later.
    Since(DateTime<Utc>),
}
