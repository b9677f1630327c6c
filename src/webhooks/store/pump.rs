//! From a client's log into the outbox. An entry becomes a message in the transaction that moves the
//! webhook's position: killed at any point, nothing is left out and nothing comes twice.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde_json::{Value, json};

use super::feed::Feed;
use super::rows::{NewMessage, Row};
use super::standing::{disable, may_follow};
use super::{NOUN, find};
use crate::db::error::{stored, to_json};
use crate::db::schema::{webhook_messages as messages, webhooks};
use crate::db::{Change, Conn, Db, Entry, StoreError, Tx, WriteCx, insert_rows};
use crate::kernel::id::{ChangeId, ClientId, Id as _, MessageId, WebhookId};
use crate::kernel::time::{from_db, to_db};
use crate::webhooks::model::{DisabledReason, MessageState, MessageType};

/// Entries that become messages in one transaction.
const PIECE: i64 = 200;

/// Unfinished messages of a webhook at most. Where a receiver is away, its place in the log stays
/// where it is, and the outbox does not grow with the log.
const MOST_UNFINISHED: i64 = 10_000;

/// Webhooks that are looked at together.
const PAGE: i64 = 200;

/// Does a piece for every webhook that is enabled; whether there may be more. One that fails keeps no
/// other from its piece.
///
/// # Errors
/// The last error met.
pub fn run(db: &Db, cx: &WriteCx, feed: &dyn Feed) -> Result<bool, StoreError> {
    let (mut after, mut more, mut failed) = (String::new(), false, None);
    let mut behind: HashMap<ClientId, bool> = HashMap::new();
    loop {
        let page: Vec<(WebhookId, ClientId)> = db.read_now(|conn| enabled(conn, &after))?;
        let Some((last, _)) = page.last() else {
            break;
        };
        after = last.to_string();
        for (id, client) in &page {
            let advanced = match behind.get(client) {
                Some(behind) => Ok(*behind),
                None => feed.advance(db, cx, *client),
            };
            let filled = advanced.and_then(|is_behind| {
                behind.insert(*client, is_behind);
                Ok(is_behind | fill(db, cx, feed, (*id, *client), is_behind)?)
            });
            match filled {
                Ok(left) => more |= left,
                Err(error) => {
                    tracing::warn!(webhook = %id, %error, "the outbox was not filled; tried again");
                    failed = Some(error);
                }
            }
        }
    }
    failed.map_or(Ok(more), Err)
}

fn enabled(conn: &mut Conn, after: &str) -> Result<Vec<(WebhookId, ClientId)>, StoreError> {
    let rows: Vec<Row> = webhooks::table
        .filter(webhooks::enabled.eq(true))
        .filter(webhooks::id.gt(after))
        .order(webhooks::id.asc())
        .limit(PAGE)
        .select(Row::as_select())
        .load(conn)?;
    let read = rows.into_iter().map(|row| {
        let webhook = row.read()?;
        Ok((webhook.id, webhook.client))
    });
    read.collect()
}

/// Fills the outbox of one webhook; whether there may be more.
fn fill(
    db: &Db,
    cx: &WriteCx,
    feed: &dyn Feed,
    (id, client): (WebhookId, ClientId),
    is_behind: bool,
) -> Result<bool, StoreError> {
    // Looking costs no writer's turn.
    let is_due = db.read_now(|conn| {
        let Some(place) = place(conn, id)? else {
            return Ok::<_, StoreError>(false);
        };
        Ok(may_follow(conn, client, cx.now)? != Some(true)
            || place.begins && !is_behind
            || !feed.after(conn, client, place.position, 1)?.is_empty() && room(conn, id)? > 0)
    })?;
    match is_due {
        true => db.write_now(cx, |tx| fill_in(tx, feed, (id, client), is_behind)),
        false => Ok(false),
    }
}

/// How far a webhook is.
#[derive(Queryable)]
struct Place {
    position: i64,
    /// What is older than this is passed over, up to that number of the log.
    starts_at: NaiveDateTime,
    passes_until: i64,
    /// The log has not been caught up with since the webhook was made.
    begins: bool,
    /// The number of the last message.
    last_n: i64,
}

/// `None` where the webhook is not there, or disabled.
fn place(conn: &mut Conn, id: WebhookId) -> Result<Option<Place>, StoreError> {
    Ok(webhooks::table
        .find(id.to_string())
        .filter(webhooks::enabled.eq(true))
        .select((
            webhooks::position,
            webhooks::starts_at,
            webhooks::passes_until,
            webhooks::begins,
            webhooks::last_n,
        ))
        .first(conn)
        .optional()?)
}

/// How many messages the outbox of a webhook has room for.
fn room(conn: &mut Conn, id: WebhookId) -> Result<i64, StoreError> {
    let mut unfinished = 0;
    for state in UNFINISHED {
        let count: i64 = messages::table
            .filter(messages::webhook_id.eq(id.to_string()))
            .filter(messages::state.eq(state.as_str()))
            .count()
            .get_result(conn)?;
        unfinished += count;
    }
    Ok((MOST_UNFINISHED - unfinished).max(0))
}

/// What a message is before its receiver has taken it.
const UNFINISHED: [MessageState; 3] = [
    MessageState::Waiting,
    MessageState::Due,
    MessageState::Failed,
];

fn fill_in(
    tx: &mut Tx<'_>,
    feed: &dyn Feed,
    (id, client): (WebhookId, ClientId),
    is_behind: bool,
) -> Result<bool, StoreError> {
    let Some(place) = place(tx.conn, id)? else {
        return Ok(false);
    };
    let now = tx.now();
    if may_follow(tx.conn, client, now)? != Some(true) {
        disable(tx, id, DisabledReason::ClientEnded)?;
        return Ok(false);
    }
    let limit = room(tx.conn, id)?.min(PIECE);
    let news = feed.after(tx.conn, client, place.position, limit)?;
    let reached = news.last().map_or(place.position, |last| last.n);
    let is_more = i64::try_from(news.len()).is_ok_and(|n| n > 0 && n == limit);
    let target = find(tx.conn, id)?.target;
    let mut rows = Vec::new();
    let about: Vec<String> = news.iter().map(|one| one.article.to_string()).collect();
    // Articles of which something is on its way.
    let mut streams = unfinished(tx.conn, id, &about)?;
    for one in news {
        // What is older was never asked for.
        let was_there = place.begins && one.kind == MessageType::Entered;
        let is_old = (place.begins || one.n <= place.passes_until)
            && (was_there || one.at < from_db(place.starts_at));
        if is_old || !target.wants(one.kind) {
            continue;
        }
        let stream = one.article.to_string();
        let waits = !streams.insert(stream.clone());
        let state = match waits {
            true => MessageState::Waiting,
            false => MessageState::Due,
        };
        let n = place.last_n + 1 + i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let body = body(one.kind, one.at, &one.entry)?;
        let message = Message {
            stream,
            kind: one.kind,
            change: Some(one.id),
            body,
        };
        rows.push(message.row(tx, id, n, state));
    }
    diesel::update(webhooks::table.find(id.to_string()))
        .set((
            webhooks::position.eq(reached),
            webhooks::begins.eq(place.begins && (is_behind || is_more || limit == 0)),
            webhooks::last_n.eq(place.last_n + i64::try_from(rows.len()).unwrap_or(0)),
        ))
        .execute(tx.conn)?;
    insert_rows!(&mut *tx.conn, messages::table, rows);
    Ok(is_more)
}

/// Those of these streams of which a message is on its way.
fn unfinished(
    conn: &mut Conn,
    id: WebhookId,
    streams: &[String],
) -> Result<HashSet<String>, StoreError> {
    let mut found = HashSet::new();
    for state in UNFINISHED {
        let of: Vec<String> = messages::table
            .filter(messages::webhook_id.eq(id.to_string()))
            .filter(messages::stream.eq_any(streams))
            .filter(messages::state.eq(state.as_str()))
            .select(messages::stream)
            .distinct()
            .load(conn)?;
        found.extend(of);
    }
    Ok(found)
}

/// What is sent, as the specification has it: `type`, when it came about, and the entry.
fn body(kind: MessageType, at: DateTime<Utc>, data: &Value) -> Result<String, StoreError> {
    Ok(to_json(
        &json!({"type": kind, "timestamp": at, "data": data}),
    )?)
}

struct Message {
    stream: String,
    kind: MessageType,
    change: Option<ChangeId>,
    body: String,
}

impl Message {
    fn row(self, tx: &Tx<'_>, webhook: WebhookId, n: i64, state: MessageState) -> NewMessage {
        let (id, now): (MessageId, _) = (tx.cx.mint.id(tx.now()), to_db(tx.now()));
        NewMessage {
            id: id.to_string(),
            webhook_id: webhook.to_string(),
            n,
            // A ping goes by itself.
            stream: match self.stream.is_empty() {
                true => id.to_string(),
                false => self.stream,
            },
            kind: self.kind.as_str(),
            change_id: self.change.map(|id| id.to_string()),
            body: self.body,
            state: state.as_str(),
            attempts: 0,
            due_at: now,
            lease_until: now,
            created_at: now,
        }
    }
}

/// Puts a ping into the outbox. It is tried once.
///
/// # Errors
/// [`StoreError::State`] where the webhook is disabled; [`StoreError::NotFound`], or a database error.
pub async fn ping(db: &Db, cx: WriteCx, id: WebhookId) -> Result<MessageId, StoreError> {
    db.write(cx, move |tx| {
        let webhook = find(tx.conn, id)?;
        let Some(Place { last_n, .. }) = place(tx.conn, id)? else {
            return Err(StoreError::State(
                "The webhook is disabled: nothing is sent.".to_owned(),
            ));
        };
        let data = json!({"webhook_id": id, "client_id": webhook.client});
        let message = Message {
            stream: String::new(),
            kind: MessageType::Ping,
            change: None,
            body: body(MessageType::Ping, tx.now(), &data)?,
        };
        let row = message.row(tx, id, last_n + 1, MessageState::Due);
        let made = stored(MessageId::parse(&row.id), "webhook_messages.id")?;
        let rows = [row];
        insert_rows!(&mut *tx.conn, messages::table, rows);
        diesel::update(webhooks::table.find(id.to_string()))
            .set(webhooks::last_n.eq(last_n + 1))
            .execute(tx.conn)?;
        let detail = json!({"ping": made});
        tx.audit(Entry::new(Change::Updated, NOUN, &id.to_string()).detail(detail))?;
        Ok(made)
    })
    .await
}
