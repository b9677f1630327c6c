//! Whether a webhook sends, and what makes it end or begin anew.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::{NOUN, find};
use crate::db::error::stored_json;
use crate::db::schema::{clients, partners, webhook_messages as messages, webhooks};
use crate::db::{Change, Conn, Db, DbError, Entry, StoreError, Tx, WriteCx};
use crate::kernel::fault::Fault;
use crate::kernel::id::{ClientId, WebhookId};
use crate::kernel::time::to_db;
use crate::rights::Scope;
use crate::webhooks::model::{DisabledReason, MessageState, MessageType};

/// Forgets why nothing was sent, and tries what is unfinished as if for the first time.
pub(super) fn begin_anew(tx: &mut Tx<'_>, id: WebhookId) -> Result<(), StoreError> {
    let now = to_db(tx.now());
    diesel::update(webhooks::table.find(id.to_string()))
        .set((
            webhooks::failures.eq(0),
            webhooks::held_until.eq(now),
            webhooks::disabled_at.eq(None::<NaiveDateTime>),
            webhooks::disabled_reason.eq(None::<String>),
        ))
        .execute(tx.conn)?;
    for state in [MessageState::Due, MessageState::Failed] {
        diesel::update(
            messages::table
                .filter(messages::webhook_id.eq(id.to_string()))
                .filter(messages::state.eq(state.as_str()))
                .filter(messages::kind.ne(MessageType::Ping.as_str())),
        )
        .set((
            messages::state.eq(MessageState::Due.as_str()),
            messages::due_at.eq(now),
            messages::first_attempt_at.eq(None::<NaiveDateTime>),
            messages::finished_at.eq(None::<NaiveDateTime>),
        ))
        .execute(tx.conn)?;
    }
    Ok(())
}

/// Writes down since when nothing is sent, and why.
pub(super) fn note_disabled(
    tx: &mut Tx<'_>,
    id: WebhookId,
    reason: DisabledReason,
) -> Result<(), StoreError> {
    diesel::update(webhooks::table.find(id.to_string()))
        .set((
            webhooks::enabled.eq(false),
            webhooks::disabled_at.eq(to_db(tx.now())),
            webhooks::disabled_reason.eq(reason.as_str()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Disables a webhook by the server's own decision, and says so: in the audit log, in the record
/// and in the server's log. It keeps its place, and goes on from there when it is enabled.
pub(super) fn disable(
    tx: &mut Tx<'_>,
    id: WebhookId,
    reason: DisabledReason,
) -> Result<(), StoreError> {
    let current = find(tx.conn, id)?;
    if !current.target.enabled {
        return Ok(());
    }
    note_disabled(tx, id, reason)?;
    diesel::update(webhooks::table.find(id.to_string()))
        .set((
            webhooks::revision.eq(current.revision + 1),
            webhooks::updated_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)?;
    let detail = json!({"client_id": current.client, "reason": reason});
    tx.record(Entry::new(Change::Disabled, NOUN, &id.to_string()).detail(detail))?;
    tracing::warn!(webhook = %id, client = %current.client, reason = reason.as_str(), "a webhook is disabled");
    Ok(())
}

/// [`disable`] as a write of its own.
///
/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn disable_one(
    db: &Db,
    cx: WriteCx,
    id: WebhookId,
    reason: DisabledReason,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| disable(tx, id, reason)).await
}

/// Whether the key of a client may follow its log: it is neither revoked nor expired, has the scope
/// and no partner that has ended. `None` where there is no such client.
pub(super) fn may_follow(
    conn: &mut Conn,
    client: ClientId,
    now: DateTime<Utc>,
) -> Result<Option<bool>, DbError> {
    type Ends = Option<NaiveDateTime>;
    let row: Option<(Ends, Ends, String, Ends)> = clients::table
        .left_join(partners::table.on(clients::partner_id.eq(partners::id.nullable())))
        .filter(clients::id.eq(client.to_string()))
        .select((
            clients::revoked_at,
            clients::expires_at,
            clients::scopes,
            partners::ended_at.nullable(),
        ))
        .first(conn)
        .optional()?;
    let Some((revoked, expires, scopes, ended)) = row else {
        return Ok(None);
    };
    let now = to_db(now);
    let scopes: Vec<Scope> = stored_json(&scopes, "clients.scopes")?;
    let over = revoked.is_some()
        || expires.is_some_and(|end| end <= now)
        || ended.is_some_and(|end| end <= now);
    Ok(Some(!over && scopes.contains(&Scope::Articles)))
}

/// Refuses a client whose log nobody may follow.
pub(super) fn refuse_ended(
    tx: &mut Tx<'_>,
    client: ClientId,
    pointer: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    let (code, detail) = match may_follow(tx.conn, client, now)? {
        Some(true) => return Ok(()),
        Some(false) => (
            "ended",
            "its key is over, may not read articles, or its partner has ended",
        ),
        None => ("unknown", "there is no such client"),
    };
    Err(StoreError::Invalid(vec![Fault::new(pointer, code, detail)]))
}
