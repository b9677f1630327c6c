//! What comes about by itself: readers see it by the times alone, at their exact instants. Here
//! it is written down afterwards, once and in its order, for those who follow the change log.
//!
//! A row of the agenda goes in the transaction that writes it down. Whoever is killed in between
//! leaves it for the next one; of two nodes the second finds nothing left.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::holders::{Kind, tell};
use super::index::withdrawn_until;
use super::load::{content, state};
use super::versions::add_version;
use crate::articles::model::{ChangeKind, Coming, Event, Side};
use crate::db::error::stored;
use crate::db::schema::{article_agenda as agenda, article_listings as listings, articles};
use crate::db::{Change, Conn, Db, DbError, Entry, StoreError, Tx, WriteCx, on_each};
use crate::kernel::id::{ArticleId, Id};
use crate::kernel::time::{from_db, to_db};
use crate::rights::{ReasonClass, Stage};

const NOUN: &str = "article";

/// Events of one transaction.
const PIECE: i64 = 200;

#[derive(Insertable)]
#[diesel(table_name = agenda)]
struct Row {
    article_id: String,
    event: &'static str,
    due_at: NaiveDateTime,
}

/// An event that is due.
struct Due {
    article: String,
    event: Event,
    at: DateTime<Utc>,
    live_version: Option<i64>,
}

/// Puts down what is to come of an article, in place of what was.
pub(super) fn plan(conn: &mut Conn, id: ArticleId, coming: &[Coming]) -> Result<(), DbError> {
    let id = id.to_string();
    diesel::delete(agenda::table.filter(agenda::article_id.eq(&id))).execute(conn)?;
    if coming.is_empty() {
        return Ok(());
    }
    let rows: Vec<Row> = coming
        .iter()
        .map(|coming| Row {
            article_id: id.clone(),
            event: coming.event.as_str(),
            due_at: to_db(coming.due_at),
        })
        .collect();
    on_each!(conn, |conn| diesel::insert_into(agenda::table)
        .values(&rows)
        .execute(conn))?;
    Ok(())
}

/// Writes down what is due by now, the earliest first; whether there may be more.
///
/// # Errors
/// A database error: then nothing of it is written down, and it stays due.
pub fn run(db: &Db, cx: &WriteCx) -> Result<bool, StoreError> {
    let now = cx.now;
    // Looking costs no writer's turn.
    if first(db, Event::ALL)?.is_none_or(|at| at > now) {
        return Ok(false);
    }
    db.write_now(cx, piece)
}

/// [`run`] within a transaction.
///
/// # Errors
/// As [`run`].
pub fn piece(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    let due = due(tx.conn, None, tx.cx.now)?;
    let more = i64::try_from(due.len()).unwrap_or(PIECE) == PIECE;
    write_down(tx, due)?;
    Ok(more)
}

/// Writes down what is due of one article.
pub(super) fn settle(tx: &mut Tx<'_>, id: ArticleId) -> Result<(), StoreError> {
    let due = due(tx.conn, Some(id), tx.cx.now)?;
    write_down(tx, due)
}

/// For how long the eldest event has been due; `None` if none is. What comes due under an embargo
/// does not count: this is told to everybody, and must not tell of it (rule 19).
///
/// # Errors
/// A database error.
pub fn lateness(db: &Db, now: DateTime<Utc>) -> Result<Option<TimeDelta>, StoreError> {
    let first = first(db, &[Event::Publish, Event::Unpublish])?;
    Ok(first
        .map(|at| now - at)
        .filter(|late| *late >= TimeDelta::zero()))
}

/// The time of the first of these events.
fn first(db: &Db, of: &[Event]) -> Result<Option<DateTime<Utc>>, StoreError> {
    let words: Vec<&str> = of.iter().copied().map(Event::as_str).collect();
    let first: Option<NaiveDateTime> = db.read_now(|conn| {
        agenda::table
            .filter(agenda::event.eq_any(words))
            .order(agenda::due_at.asc())
            .select(agenda::due_at)
            .first(conn)
            .optional()
            .map_err(StoreError::from)
    })?;
    Ok(first.map(from_db))
}

fn due(conn: &mut Conn, of: Option<ArticleId>, now: DateTime<Utc>) -> Result<Vec<Due>, DbError> {
    let mut query = agenda::table
        .inner_join(articles::table.on(articles::id.eq(agenda::article_id)))
        .filter(agenda::due_at.le(to_db(now)))
        .select((
            agenda::article_id,
            agenda::event,
            agenda::due_at,
            articles::live_version,
        ))
        .into_boxed();
    if let Some(id) = of {
        query = query.filter(agenda::article_id.eq(id.to_string()));
    }
    let rows: Vec<(String, String, NaiveDateTime, Option<i64>)> = query
        .order((agenda::due_at.asc(), agenda::article_id.asc()))
        .limit(PIECE)
        .load(conn)?;
    rows.into_iter()
        .map(|(article, event, at, live_version)| {
            Ok(Due {
                article,
                event: stored(Event::parse(&event), "article_agenda.event")?,
                at: from_db(at),
                live_version,
            })
        })
        .collect()
}

fn write_down(tx: &mut Tx<'_>, due: Vec<Due>) -> Result<(), StoreError> {
    if due.is_empty() {
        return Ok(());
    }
    let of = |event: Event| -> Vec<&Due> { due.iter().filter(|due| due.event == event).collect() };
    publish(tx.conn, &of(Event::Publish))?;
    let mut entries = Vec::with_capacity(due.len());
    for due in &due {
        // An end lies behind its beginning, which is written by now.
        let version = match due.event {
            Event::Unpublish => Some(end(tx, due)?),
            Event::Embargo | Event::Publish => due.live_version,
        };
        entries.push((due, version));
    }
    for due in &due {
        diesel::delete(agenda::table.find((&due.article, due.event.as_str()))).execute(tx.conn)?;
    }
    let entries = entries
        .into_iter()
        .map(|(due, version)| {
            let change = match due.event {
                Event::Embargo => Change::Embargoed,
                Event::Publish => Change::Published,
                Event::Unpublish => Change::Withdrawn,
            };
            let entry = Entry::new(change, NOUN, &due.article).detail(json!({"due_at": due.at}));
            match version {
                Some(n) => entry.version(n),
                None => entry,
            }
        })
        .collect();
    tx.record_all(entries)?;
    Ok(())
}

/// Says in the rows what readers have seen since its instant.
fn publish(conn: &mut Conn, due: &[&Due]) -> Result<(), DbError> {
    let ids: Vec<&str> = due.iter().map(|due| due.article.as_str()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let stage = Stage::Published.as_str();
    diesel::update(articles::table.filter(articles::id.eq_any(ids.clone())))
        .set(articles::stage.eq(stage))
        .execute(conn)?;
    diesel::update(listings::table.filter(listings::article_id.eq_any(ids)))
        .set(listings::stage.eq(stage))
        .execute(conn)?;
    Ok(())
}

/// The end of a right is a withdrawal from its instant on, with a version of its own, and its
/// holders are told. The number of that version.
fn end(tx: &mut Tx<'_>, due: &Due) -> Result<i64, StoreError> {
    let id = stored(ArticleId::parse(&due.article), "article_agenda.article_id")?;
    let head = state(tx.conn, id)?.head_version;
    let n = head + 1;
    let text = content(tx.conn, id, head)?;
    add_version(tx, id, n, ChangeKind::Withdrawal, None, &text)?;
    let stage = Stage::Withdrawn.as_str();
    diesel::update(articles::table.find(&due.article))
        .set((
            articles::stage.eq(stage),
            articles::head_version.eq(n),
            articles::withdrawn_at.eq(to_db(due.at)),
            articles::withdrawal_class.eq(ReasonClass::RightsExpired.as_str()),
            articles::withdrawal_reason.eq(""),
        ))
        .execute(tx.conn)?;
    diesel::update(listings::table.filter(listings::article_id.eq(&due.article)))
        .set((
            listings::stage.eq(stage),
            listings::visible_until.eq(to_db(withdrawn_until())),
        ))
        .execute(tx.conn)?;
    diesel::update(listings::table.find((&due.article, Side::Head.as_str())))
        .set(listings::version.eq(n))
        .execute(tx.conn)?;
    let class = Some(ReasonClass::RightsExpired);
    tell(tx, id, n, Kind::Withdrawal, class, None)?;
    Ok(n)
}
