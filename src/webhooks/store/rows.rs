//! The rows of webhooks, their messages and attempts, and how they are read.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::db::DbError;
use crate::db::error::{stored, stored_json, to_json};
use crate::db::schema::{webhook_attempts, webhook_messages, webhooks};
use crate::kernel::id::{ClientId, Id as _, MessageId, WebhookId};
use crate::kernel::time::from_db;
use crate::webhooks::model::{
    Attempt, AttemptOutcome, DisabledReason, Message, MessageState, MessageType, Target, Webhook,
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = webhooks)]
pub(super) struct Row {
    id: String,
    revision: i64,
    client_id: String,
    url: String,
    description: Option<String>,
    types: String,
    enabled: bool,
    failures: i64,
    held_until: NaiveDateTime,
    last_delivered_at: Option<NaiveDateTime>,
    old_secret_until: Option<NaiveDateTime>,
    disabled_at: Option<NaiveDateTime>,
    disabled_reason: Option<String>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// The columns that a target fills.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = webhooks, treat_none_as_null = true)]
pub(super) struct Columns<'a> {
    url: &'a str,
    description: Option<&'a str>,
    types: String,
    enabled: bool,
}

impl<'a> Columns<'a> {
    pub(super) fn of(target: &'a Target) -> Result<Self, DbError> {
        Ok(Self {
            url: &target.url,
            description: target.description.as_deref(),
            types: to_json(&target.types)?,
            enabled: target.enabled,
        })
    }
}

impl Row {
    pub(super) fn read(self) -> Result<Webhook, DbError> {
        let disabled = match (self.disabled_at, self.disabled_reason) {
            (Some(at), Some(reason)) => {
                let reason = DisabledReason::parse(&reason);
                Some((from_db(at), stored(reason, "webhooks.disabled_reason")?))
            }
            _ => None,
        };
        Ok(Webhook {
            id: stored(WebhookId::parse(&self.id), "webhooks.id")?,
            revision: self.revision,
            client: stored(ClientId::parse(&self.client_id), "webhooks.client_id")?,
            target: Target {
                url: self.url,
                description: self.description,
                types: stored_json(&self.types, "webhooks.types")?,
                enabled: self.enabled,
            },
            disabled,
            failures: self.failures,
            held_until: from_db(self.held_until),
            last_delivered_at: self.last_delivered_at.map(from_db),
            old_secret_until: self.old_secret_until.map(from_db),
            created_at: from_db(self.created_at),
            updated_at: from_db(self.updated_at),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = webhook_messages)]
pub(super) struct MessageRow {
    id: String,
    n: i64,
    kind: String,
    body: String,
    state: String,
    attempts: i64,
    due_at: NaiveDateTime,
    first_attempt_at: Option<NaiveDateTime>,
    finished_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
}

impl MessageRow {
    pub(super) fn read(self) -> Result<Message, DbError> {
        Ok(Message {
            id: stored(MessageId::parse(&self.id), "webhook_messages.id")?,
            n: self.n,
            kind: stored(MessageType::parse(&self.kind), "webhook_messages.kind")?,
            body: self.body,
            state: stored(MessageState::parse(&self.state), "webhook_messages.state")?,
            attempts: self.attempts,
            due_at: from_db(self.due_at),
            first_attempt_at: self.first_attempt_at.map(from_db),
            finished_at: self.finished_at.map(from_db),
            created_at: from_db(self.created_at),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = webhook_attempts)]
pub(super) struct AttemptRow {
    n: i64,
    at: NaiveDateTime,
    outcome: String,
    status: Option<i32>,
    took_ms: Option<i64>,
}

impl AttemptRow {
    pub(super) fn read(self) -> Result<Attempt, DbError> {
        let status = self
            .status
            .map(|status| stored(u16::try_from(status).ok(), "webhook_attempts.status"))
            .transpose()?;
        Ok(Attempt {
            n: self.n,
            at: from_db(self.at),
            outcome: stored(
                AttemptOutcome::parse(&self.outcome),
                "webhook_attempts.outcome",
            )?,
            status,
            took_ms: self.took_ms,
        })
    }
}

/// A message as it is put into the outbox.
#[derive(Insertable)]
#[diesel(table_name = webhook_messages, treat_none_as_default_value = false)]
pub(super) struct NewMessage {
    pub(super) id: String,
    pub(super) webhook_id: String,
    pub(super) n: i64,
    pub(super) stream: String,
    pub(super) kind: &'static str,
    pub(super) change_id: Option<String>,
    pub(super) body: String,
    pub(super) state: &'static str,
    pub(super) attempts: i64,
    pub(super) due_at: NaiveDateTime,
    pub(super) lease_until: NaiveDateTime,
    pub(super) created_at: NaiveDateTime,
}
