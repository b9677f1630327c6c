//! What was sent, and its end: delivered messages are kept for 30 days.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::rows::{AttemptRow, MessageRow};
use crate::db::page::{Window, id_page};
use crate::db::schema::{webhook_attempts as attempts, webhook_messages as messages};
use crate::db::{Conn, Db, StoreError, WriteCx};
use crate::kernel::id::{MessageId, WebhookId};
use crate::kernel::time::to_db;
use crate::webhooks::model::{Attempt, Message, MessageState, MessageType};

/// For how long what was delivered can be looked up.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Messages that are removed in one transaction.
const PIECE: i64 = 500;

/// One page of a webhook's messages in the order in which they were made, `after` a number, with one
/// too many if there are more, and the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    webhook: WebhookId,
    state: Option<MessageState>,
    descending: bool,
    after: i64,
    window: Window,
) -> Result<(Vec<Message>, Option<i64>), StoreError> {
    db.read(move |conn| {
        let matching = || {
            let query = messages::table
                .filter(messages::webhook_id.eq(webhook.to_string()))
                .into_boxed();
            match state {
                Some(state) => query.filter(messages::state.eq(state.as_str())),
                None => query,
            }
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let rows: Vec<MessageRow> = id_page!(matching(), window, descending, messages::n, after)
            .select(MessageRow::as_select())
            .load(conn)?;
        let page = rows.into_iter().map(MessageRow::read);
        Ok((page.collect::<Result<_, _>>()?, total))
    })
    .await
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, webhook: WebhookId, id: MessageId) -> Result<Message, StoreError> {
    db.read(move |conn| {
        let row: MessageRow = messages::table
            .find(id.to_string())
            .filter(messages::webhook_id.eq(webhook.to_string()))
            .select(MessageRow::as_select())
            .first(conn)?;
        Ok(row.read()?)
    })
    .await
}

/// One page of the attempts to deliver a message, in their order, `after` a number, with one too
/// many if there are more, and the total if asked for.
///
/// # Errors
/// A database error.
pub async fn attempts(
    db: &Db,
    message: MessageId,
    after: i64,
    window: Window,
) -> Result<(Vec<Attempt>, Option<i64>), StoreError> {
    db.read(move |conn| {
        let matching = || {
            attempts::table
                .filter(attempts::message_id.eq(message.to_string()))
                .into_boxed()
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let rows: Vec<AttemptRow> = id_page!(matching(), window, false, attempts::n, after)
            .select(AttemptRow::as_select())
            .load(conn)?;
        let page = rows.into_iter().map(AttemptRow::read);
        Ok((page.collect::<Result<_, _>>()?, total))
    })
    .await
}

/// Removes what was delivered, and pings that failed, once they are old; whether there may be more.
///
/// # Errors
/// A database error.
pub fn sweep(db: &Db, cx: &WriteCx) -> Result<bool, StoreError> {
    let before = to_db(cx.now - KEPT);
    let old = move |conn: &mut Conn| -> Result<Vec<String>, StoreError> {
        let of = |state: MessageState| {
            messages::table
                .filter(messages::state.eq(state.as_str()))
                .filter(messages::finished_at.le(before))
                .order((messages::finished_at.asc(), messages::id.asc()))
                .limit(PIECE)
                .select(messages::id)
        };
        let mut ids: Vec<String> = of(MessageState::Delivered).load(conn)?;
        let pings: Vec<String> = of(MessageState::Failed)
            .filter(messages::kind.eq(MessageType::Ping.as_str()))
            .load(conn)?;
        ids.extend(pings);
        Ok(ids)
    };
    // Looking costs no writer's turn.
    if db.read_now(old)?.is_empty() {
        return Ok(false);
    }
    db.write_now(cx, |tx| {
        let ids = old(tx.conn)?;
        for id in &ids {
            diesel::delete(messages::table.find(id)).execute(tx.conn)?;
        }
        Ok(i64::try_from(ids.len()).is_ok_and(|count| count >= PIECE))
    })
}
