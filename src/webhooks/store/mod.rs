//! Webhooks in the database: the records, [`feed`] (what is asked of a client's log), [`pump`] (from it into the outbox), [`outbox`]
//! (whose turn it is, and what came of it), [`log`] (what was sent, and its end).

pub mod feed;
pub mod log;
pub mod outbox;
pub mod pump;
mod rows;
mod standing;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::model::{DisabledReason, ReplayFrom, Target, Webhook};
use crate::db::page::{Window, id_page};
use crate::db::schema::webhooks;
use crate::db::{Change, Conn, Db, Entry, StoreError, WriteCx, Written};
use crate::kernel::id::{ClientId, WebhookId};
use crate::kernel::time::to_db;
use feed::Log;
use rows::{Columns, Row};
pub use standing::disable_one;
use standing::{begin_anew, note_disabled, refuse_ended};

pub(super) const NOUN: &str = "webhook";

/// Webhooks that one client may have.
const MOST_OF_CLIENT: i64 = 10;

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, id: WebhookId) -> Result<Webhook, StoreError> {
    db.read(move |conn| find(conn, id)).await
}

pub(super) fn find(conn: &mut Conn, id: WebhookId) -> Result<Webhook, StoreError> {
    let row: Row = webhooks::table
        .find(id.to_string())
        .select(Row::as_select())
        .first(conn)?;
    Ok(row.read()?)
}

/// Which webhooks a list holds.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub client: Option<ClientId>,
    pub enabled: Option<bool>,
    pub reason: Option<DisabledReason>,
}

/// One page in the order in which they were made, with one webhook too many if there are more, and
/// the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    filter: Filter,
    descending: bool,
    window: Window,
) -> Result<(Vec<Webhook>, Option<i64>), StoreError> {
    db.read(move |conn| {
        let matching = || {
            let mut query = webhooks::table.into_boxed();
            if let Some(client) = filter.client {
                query = query.filter(webhooks::client_id.eq(client.to_string()));
            }
            if let Some(enabled) = filter.enabled {
                query = query.filter(webhooks::enabled.eq(enabled));
            }
            if let Some(reason) = filter.reason {
                query = query.filter(webhooks::disabled_reason.eq(reason.as_str()));
            }
            query
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let after = window.after.clone().map(|mark| mark.id).unwrap_or_default();
        let rows: Vec<Row> = id_page!(matching(), window, descending, webhooks::id, after)
            .select(Row::as_select())
            .load(conn)?;
        let page = rows.into_iter().map(Row::read).collect::<Result<_, _>>()?;
        Ok((page, total))
    })
    .await
}

/// How many webhooks the server has disabled by itself, by reason.
///
/// # Errors
/// A database error.
pub fn disabled(conn: &mut Conn) -> Result<Vec<(DisabledReason, i64)>, StoreError> {
    let ours = DisabledReason::ALL
        .iter()
        .filter(|reason| **reason != DisabledReason::Staff);
    ours.map(|reason| {
        let of = webhooks::table.filter(webhooks::disabled_reason.eq(reason.as_str()));
        Ok((*reason, of.count().get_result(conn)?))
    })
    .collect()
}

/// Adds a webhook under this id. It is told of what happens from now on: not of what the client has
/// already, even where its log is begun only now.
///
/// # Errors
/// [`StoreError::Invalid`] for a client that is not there or whose key is over, and
/// [`StoreError::State`] for one that has enough webhooks; a database error, or the idempotency key's.
pub async fn create(
    db: &Db,
    cx: WriteCx,
    feed: Log,
    id: WebhookId,
    client: ClientId,
    target: Target,
    sealed: String,
) -> Result<Written, StoreError> {
    // What is published from here on is told, whether or not anybody has looked at the log before.
    feed.catch_up(db, &cx, client).await?;
    db.write_once(cx, move |tx| {
        refuse_ended(tx, client, "/client_id")?;
        let of = webhooks::table.filter(webhooks::client_id.eq(client.to_string()));
        let count: i64 = of.count().get_result(tx.conn)?;
        if count >= MOST_OF_CLIENT {
            return Err(StoreError::State(format!(
                "A client has {MOST_OF_CLIENT} webhooks at most."
            )));
        }
        let now = to_db(tx.now());
        // What a log holds that has begun already is passed over; of one that is only to be
        // begun, that is what it begins with.
        let last = feed.0.last(tx.conn, client)?;
        diesel::insert_into(webhooks::table)
            .values((
                (
                    webhooks::id.eq(id.to_string()),
                    webhooks::revision.eq(1),
                    webhooks::client_id.eq(client.to_string()),
                    Columns::of(&target)?,
                    webhooks::secret.eq(sealed),
                ),
                webhooks::position.eq(last.unwrap_or(0)),
                webhooks::starts_at.eq(now),
                webhooks::begins.eq(last.is_none()),
                webhooks::passes_until.eq(0),
                webhooks::last_n.eq(0),
                webhooks::failures.eq(0),
                webhooks::held_until.eq(now),
                webhooks::created_at.eq(now),
                webhooks::updated_at.eq(now),
            ))
            .execute(tx.conn)?;
        if !target.enabled {
            note_disabled(tx, id, DisabledReason::Staff)?;
        }
        let detail = facts(client, &target);
        tx.record(Entry::new(Change::Created, NOUN, &id.to_string()).detail(detail))?;
        Ok::<_, StoreError>(Written::created(id))
    })
    .await
}

/// What the audit log says of a webhook. Path and query may hold a secret of the receiver's.
fn facts(client: ClientId, target: &Target) -> serde_json::Value {
    let place = url::Url::parse(&target.url).map(|url| url.origin().ascii_serialization());
    json!({"client_id": client, "origin": place.ok(), "types": target.types, "enabled": target.enabled})
}

/// Replaces what is said of a webhook that still has this revision. Once enabled, and with another
/// address, what is unfinished is tried at once and for another 72 hours.
///
/// # Errors
/// [`StoreError::Invalid`] where it is enabled for a client whose key is over; [`StoreError::NotFound`],
/// [`StoreError::Stale`], or a database error.
pub async fn update(
    db: &Db,
    cx: WriteCx,
    id: WebhookId,
    revision: i64,
    target: Target,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        let current = find(tx.conn, id)?;
        check(&current, revision)?;
        if target.enabled {
            refuse_ended(tx, current.client, "/enabled")?;
        }
        diesel::update(webhooks::table.find(id.to_string()))
            .set((
                webhooks::revision.eq(revision + 1),
                Columns::of(&target)?,
                webhooks::updated_at.eq(to_db(tx.now())),
            ))
            .execute(tx.conn)?;
        let detail = facts(current.client, &target);
        tx.record(Entry::new(Change::Updated, NOUN, &id.to_string()).detail(detail))?;
        match (current.target.enabled, target.enabled) {
            (true, false) => note_disabled(tx, id, DisabledReason::Staff)?,
            (false, true) => begin_anew(tx, id)?,
            (true, true) if current.target.url != target.url => begin_anew(tx, id)?,
            _ => {}
        }
        Ok(())
    })
    .await
}

/// Ends a webhook that still has this revision, with all that it was to send and its log.
///
/// # Errors
/// [`StoreError::NotFound`], [`StoreError::Stale`], or a database error.
pub async fn delete(db: &Db, cx: WriteCx, id: WebhookId, revision: i64) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        check(&find(tx.conn, id)?, revision)?;
        diesel::delete(webhooks::table.find(id.to_string())).execute(tx.conn)?;
        tx.record(Entry::new(Change::Deleted, NOUN, &id.to_string()))?;
        Ok(())
    })
    .await
}

/// Puts a new secret in the place of the one there is, which signs beside it until `until`, if
/// that is to come. One that was still signing from an earlier rotation signs no more.
///
/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn rotate(
    db: &Db,
    cx: WriteCx,
    id: WebhookId,
    sealed: String,
    until: DateTime<Utc>,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        let current = find(tx.conn, id)?;
        let of = webhooks::table.find(id.to_string());
        let old: String = of.select(webhooks::secret).first(tx.conn)?;
        let kept = (until > tx.now()).then(|| (old, to_db(until)));
        diesel::update(webhooks::table.find(id.to_string()))
            .set((
                webhooks::revision.eq(current.revision + 1),
                webhooks::secret.eq(sealed),
                webhooks::old_secret.eq(kept.as_ref().map(|(old, _)| old.as_str())),
                webhooks::old_secret_until.eq(kept.as_ref().map(|(_, until)| *until)),
                webhooks::updated_at.eq(to_db(tx.now())),
            ))
            .execute(tx.conn)?;
        let detail = json!({"secret": "rotated", "old_until": kept.is_some().then_some(until)});
        tx.record(Entry::new(Change::Updated, NOUN, &id.to_string()).detail(detail))?;
        Ok(())
    })
    .await
}

/// Moves a webhook back in its client's log: what comes after that place becomes messages anew.
///
/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn replay(
    db: &Db,
    cx: WriteCx,
    id: WebhookId,
    from: ReplayFrom,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        let current = find(tx.conn, id)?;
        let (position, passes_until): (i64, i64) = webhooks::table
            .find(id.to_string())
            .select((webhooks::position, webhooks::passes_until))
            .first(tx.conn)?;
        // What has not become a message yet is not passed over.
        let (position, starts_at, passes_until) = match from {
            ReplayFrom::After(n) => (n.min(position), DateTime::UNIX_EPOCH, 0),
            ReplayFrom::Since(at) => (0, at, position.max(passes_until)),
        };
        diesel::update(webhooks::table.find(id.to_string()))
            .set((
                webhooks::revision.eq(current.revision + 1),
                webhooks::position.eq(position),
                webhooks::starts_at.eq(to_db(starts_at)),
                webhooks::passes_until.eq(passes_until),
                webhooks::begins.eq(false),
                webhooks::updated_at.eq(to_db(tx.now())),
            ))
            .execute(tx.conn)?;
        let since = matches!(from, ReplayFrom::Since(_)).then_some(starts_at);
        let detail = json!({"replay": true, "since": since});
        tx.record(Entry::new(Change::Updated, NOUN, &id.to_string()).detail(detail))?;
        Ok(())
    })
    .await
}

fn check(webhook: &Webhook, revision: i64) -> Result<(), StoreError> {
    match webhook.revision == revision {
        true => Ok(()),
        false => Err(StoreError::Stale {
            current: webhook.revision,
        }),
    }
}
