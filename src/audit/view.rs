//! Events on the wire.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::model::{Event, Recorded};
use crate::http::page::page_of;
use crate::http::reply::Outward;
use crate::kernel::id::AuditId;

/// Who did what to which record. All members but `seal` are under the seal.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AuditEvent, example = json!({"seq": 120, "id": "aud_01900000000070008000000000000001", "at": "2026-06-01T12:00:00Z",
    "actor_kind": "user", "actor_id": "usr_01900000000070008000000000000001", "action": "withdrawn", "resource": "article",
    "resource_id": "art_01900000000070008000000000000001", "request_id": "01900000-0000-7000-8000-000000000001",
    "detail": {"reason_class": "legal"},
    "seal": {"hash": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "sealed_at": "2026-06-01T12:00:05Z"}}))]
pub struct EventView {
    /// The event's number: without gaps, in the order in which writes were committed.
    pub seq: i64,
    #[schema(value_type = AuditId)]
    pub id: String,
    pub at: DateTime<Utc>,
    /// `user`, `client`, `anonymous`, `operator` (the command line) or `system`.
    pub actor_kind: String,
    /// Id of the user or client.
    #[schema(required = true)]
    pub actor_id: Option<String>,
    /// What was done, such as `updated`.
    pub action: String,
    /// Singular noun, such as `article`.
    pub resource: String,
    pub resource_id: String,
    /// `X-Request-Id` of the answer.
    #[schema(required = true)]
    pub request_id: Option<String>,
    /// Facts about it, never a text or a secret. An object; a string where it cannot be read as
    /// what was written.
    #[schema(required = true, value_type = Value)]
    pub detail: Option<Value>,
    /// Null until it is sealed, some seconds after the write.
    #[schema(required = true)]
    pub seal: Option<SealView>,
}

/// An event's place in the chain.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AuditSeal, example = json!({"hash": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "sealed_at": "2026-06-01T12:00:05Z"}))]
pub struct SealView {
    /// SHA-256 over the `hash` of the event before (64 zeros before the first) and the event's
    /// canonical JSON (RFC 8785) without `seal`, in hexadecimal digits.
    pub hash: String,
    pub sealed_at: DateTime<Utc>,
}

impl From<Recorded> for EventView {
    fn from(recorded: Recorded) -> Self {
        let Event {
            seq,
            id,
            at,
            actor_kind,
            actor_id,
            action,
            resource,
            resource_id,
            request_id,
            detail,
        } = recorded.event;
        Self {
            seq,
            id,
            at,
            actor_kind,
            actor_id,
            action,
            resource,
            resource_id,
            request_id,
            detail,
            seal: recorded.seal.map(|seal| SealView {
                hash: seal.hash,
                sealed_at: seal.sealed_at,
            }),
        }
    }
}

impl Outward for EventView {}

page_of! {
    /// A page of the audit log.
    EventPage of EventView
}

/// Events as JSON lines, one on each.
#[derive(Debug, Clone, Serialize)]
pub struct EventLines(pub Vec<EventView>);

impl Outward for EventLines {
    fn bytes(&self) -> Result<(Vec<u8>, &'static str), serde_json::Error> {
        let mut bytes = Vec::new();
        for event in &self.0 {
            serde_json::to_writer(&mut bytes, event)?;
            bytes.push(b'\n');
        }
        Ok((bytes, "application/x-ndjson"))
    }
}
