//! Acknowledging and reminding.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use serde_json::json;

use super::{Row, visible};
use crate::advisories::model::{AdvisoryKind, AdvisoryStatus, Answer, By};
use crate::db::advisories::NOUN;
use crate::db::error::stored;
use crate::db::schema::advisories;
use crate::db::{Change, Conn, Db, DbError, Entry, StoreError, Tx, WriteCx, Written};
use crate::kernel::fault::Fault;
use crate::kernel::id::{AdvisoryId, PartnerId};
use crate::kernel::time::to_db;

/// The pause between two reminders of one advisory.
const PAUSE: TimeDelta = TimeDelta::days(1);

/// Reminders of one transaction at most.
const PIECE: i64 = 200;

/// What a write has to know of an advisory.
struct Found {
    id: String,
    revision: i64,
    partner: String,
    article: String,
    version: i64,
    kind: AdvisoryKind,
    due_at: NaiveDateTime,
    is_open: bool,
}

fn find(tx: &mut Tx<'_>, id: AdvisoryId, own: Option<PartnerId>) -> Result<Found, StoreError> {
    let row: Row = visible(own)
        .filter(advisories::id.eq(id.to_string()))
        .select(Row::as_select())
        .first(tx.conn)?;
    Ok(Found {
        kind: stored(AdvisoryKind::parse(&row.kind), "advisories.kind")?,
        is_open: row.acknowledged_at.is_none(),
        id: row.id,
        revision: row.revision,
        partner: row.partner_id,
        article: row.article_id,
        version: row.version,
        due_at: row.due_at,
    })
}

/// Takes note of an advisory, and of the partner's older ones about the same work that it
/// settles. The first acknowledgement stands: a second one changes nothing.
///
/// # Errors
/// [`StoreError::NotFound`]; [`StoreError::Invalid`] for an action that does not fit; a database
/// error, or the idempotency key's.
pub async fn acknowledge(
    db: &Db,
    cx: WriteCx,
    id: AdvisoryId,
    own: Option<PartnerId>,
    by: By,
    answer: Answer,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let found = find(tx, id, own)?;
        if !found.is_open {
            return Ok(Written::changed(id, found.revision));
        }
        if !answer.action.fits(found.kind) {
            let detail = format!("does not answer a {}", found.kind.as_str());
            return Err(StoreError::Invalid(vec![Fault::new(
                "/action", "unfit", detail,
            )]));
        }
        let settled = settled_by(tx.conn, &found)?;
        close(tx, std::slice::from_ref(&found.id), by, None)?;
        close(tx, &settled, by, Some(&found.id))?;
        diesel::update(advisories::table.find(&found.id))
            .set((
                advisories::action.eq(answer.action.as_str()),
                advisories::note.eq(answer.note.as_deref()),
            ))
            .execute(tx.conn)?;
        record(tx, &found, &answer, by, &settled)?;
        Ok(Written::changed(id, found.revision + 1))
    })
    .await
}

/// The partner's older open advisories about the same work, but for withdrawals.
fn settled_by(conn: &mut Conn, found: &Found) -> Result<Vec<String>, DbError> {
    let kinds = AdvisoryKind::ALL
        .iter()
        .filter(|kind| kind.is_settled_by_newer())
        .map(|kind| kind.as_str());
    Ok(advisories::table
        .filter(advisories::article_id.eq(&found.article))
        .filter(advisories::partner_id.eq(&found.partner))
        .filter(advisories::version.lt(found.version))
        .filter(advisories::kind.eq_any(kinds.collect::<Vec<_>>()))
        .filter(advisories::status.eq(AdvisoryStatus::Open.as_str()))
        .order(advisories::id.asc())
        .select(advisories::id)
        .load(conn)?)
}

fn close(tx: &mut Tx<'_>, ids: &[String], by: By, with: Option<&str>) -> Result<(), DbError> {
    let (kind, who) = match by {
        By::Client(id) => ("client", id.to_string()),
        By::User(id) => ("user", id.to_string()),
    };
    for ids in ids.chunks(usize::try_from(PIECE).unwrap_or(1)) {
        diesel::update(advisories::table.filter(advisories::id.eq_any(ids)))
            .set((
                advisories::revision.eq(advisories::revision + 1),
                advisories::status.eq(AdvisoryStatus::Acknowledged.as_str()),
                advisories::remind_at.eq(None::<NaiveDateTime>),
                advisories::acknowledged_at.eq(to_db(tx.cx.now)),
                advisories::acknowledged_by_kind.eq(kind),
                advisories::acknowledged_by.eq(&who),
                advisories::acknowledged_with.eq(with),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// The note stays out of the audit log: it is the partner's own words.
fn record(
    tx: &mut Tx<'_>,
    found: &Found,
    answer: &Answer,
    by: By,
    settled: &[String],
) -> Result<(), DbError> {
    let on_behalf = matches!(by, By::User(_));
    let detail = json!({"action": answer.action, "on_behalf": on_behalf});
    let mut entries = vec![
        Entry::new(Change::Acknowledged, NOUN, &found.id)
            .version(found.version)
            .detail(detail),
    ];
    entries.extend(settled.iter().map(|id| {
        Entry::new(Change::Acknowledged, NOUN, id)
            .detail(json!({"with": found.id, "on_behalf": on_behalf}))
    }));
    tx.record_all(entries)
}

/// Reminds the partner of an open advisory, overdue or not.
///
/// # Errors
/// [`StoreError::State`] for one that is acknowledged; [`StoreError::NotFound`], a database
/// error, or the idempotency key's.
pub async fn remind(db: &Db, cx: WriteCx, id: AdvisoryId) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let found = find(tx, id, None)?;
        if !found.is_open {
            let detail = "It is acknowledged: there is nothing to remind of.";
            return Err(StoreError::State(detail.to_owned()));
        }
        let next = found.due_at.max(to_db(tx.now() + PAUSE));
        let one = [(found.id, found.version)];
        reminded(tx, &one, next)?;
        Ok(Written::changed(id, found.revision + 1))
    })
    .await
}

/// Reminds of what is overdue, once a day each. The days of a pause in service are not made up
/// for. Whether there may be more.
///
/// # Errors
/// A database error.
pub fn remind_overdue(db: &Db, cx: &WriteCx) -> Result<bool, StoreError> {
    db.write_now(cx, |tx| {
        let due: Vec<(String, i64)> = advisories::table
            .filter(advisories::remind_at.le(to_db(tx.now())))
            .order((advisories::remind_at.asc(), advisories::id.asc()))
            .limit(PIECE)
            .select((advisories::id, advisories::version))
            .load(tx.conn)?;
        if due.is_empty() {
            return Ok(false);
        }
        let next = to_db(tx.now() + PAUSE);
        reminded(tx, &due, next)?;
        Ok(true)
    })
}

fn reminded(tx: &mut Tx<'_>, of: &[(String, i64)], next: NaiveDateTime) -> Result<(), DbError> {
    let ids: Vec<&str> = of.iter().map(|(id, _)| id.as_str()).collect();
    diesel::update(advisories::table.filter(advisories::id.eq_any(ids)))
        .set((
            advisories::revision.eq(advisories::revision + 1),
            advisories::reminders.eq(advisories::reminders + 1),
            advisories::last_reminded_at.eq(to_db(tx.cx.now)),
            advisories::remind_at.eq(next),
        ))
        .execute(tx.conn)?;
    let entries = of
        .iter()
        .map(|(id, version)| Entry::new(Change::Reminded, NOUN, id).version(*version))
        .collect();
    tx.record_all(entries)
}
