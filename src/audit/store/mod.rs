//! The audit log in the database: reading it. [`seal`] extends the chain, [`verify`] examines it.

pub mod seal;
pub mod verify;

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::model::{Event, Filter, Place, Recorded, Seal, detail};
use crate::db::page::Window;
use crate::db::schema::{audit_events as events, audit_seals as seals};
use crate::db::{Actor, Change, Conn, Db, DbError, Entry, StoreError, WriteCx};
use crate::kernel::id::AuditId;
use crate::kernel::time::{from_db, to_db, utc_day};

/// The noun of the log itself, where reading it is on record.
const NOUN: &str = "audit_log";

#[derive(Queryable, Selectable)]
#[diesel(table_name = events)]
struct Row {
    seq: i64,
    id: String,
    at: NaiveDateTime,
    actor_kind: String,
    actor_id: Option<String>,
    action: String,
    resource: String,
    resource_id: String,
    request_id: Option<String>,
    detail: Option<String>,
}

impl Row {
    fn read(self) -> Event {
        Event {
            seq: self.seq,
            id: self.id,
            at: from_db(self.at),
            actor_kind: self.actor_kind,
            actor_id: self.actor_id,
            action: self.action,
            resource: self.resource,
            resource_id: self.resource_id,
            request_id: self.request_id,
            detail: self.detail.as_deref().map(detail),
        }
    }
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, id: AuditId) -> Result<Recorded, StoreError> {
    db.read(move |conn| {
        let row: Row = events::table
            .find(id.to_string())
            .select(Row::as_select())
            .first(conn)?;
        sealed(conn, vec![row])?.pop().ok_or(StoreError::NotFound)
    })
    .await
}

/// One page, newest first, with one event too many if there are more, and the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    filter: Filter,
    after: Option<Place>,
    window: Window,
) -> Result<(Vec<Recorded>, Option<i64>), StoreError> {
    db.read(move |conn| {
        let total = match window.count {
            true => Some(matching(&filter).count().get_result(conn)?),
            false => None,
        };
        let mut query = matching(&filter)
            .order((events::at.desc(), events::seq.desc()))
            .limit(window.fetch());
        if let Some(place) = after {
            let at = to_db(place.at);
            query = query.filter(
                events::at
                    .le(at)
                    .and(events::at.lt(at).or(events::seq.lt(place.seq))),
            );
        }
        let rows = query.select(Row::as_select()).load(conn)?;
        Ok((sealed(conn, rows)?, total))
    })
    .await
}

/// Events after a number, in the order of their numbers, with one too many if there are more.
/// Blocks.
///
/// # Errors
/// A database error.
pub fn after(
    conn: &mut Conn,
    seq: i64,
    limit: i64,
    sealed_only: bool,
) -> Result<Vec<Recorded>, StoreError> {
    let mut query = events::table
        .filter(events::seq.gt(seq))
        .order(events::seq.asc())
        .limit(limit + 1)
        .into_boxed();
    if sealed_only {
        query = query.filter(events::seq.le(last_seal(conn)?));
    }
    let rows = query.select(Row::as_select()).load(conn)?;
    sealed(conn, rows)
}

/// Puts on record that somebody reads the log: once a day for each reader, so that whoever
/// follows it does not read of nothing but themselves.
///
/// # Errors
/// A database error: then nothing is given out.
pub async fn note_reader(db: &Db, cx: WriteCx) -> Result<(), StoreError> {
    let Actor::User(reader) = cx.actor.clone() else {
        return Ok(());
    };
    let day = utc_day(cx.now);
    let (asked, who) = (day.clone(), reader.clone());
    if db.read(move |conn| is_noted(conn, &asked, &who)).await? {
        return Ok(());
    }
    db.write(cx, move |tx| {
        // Looked at once more in turn: another request may have been faster.
        if !is_noted(tx.conn, &day, &reader)? {
            tx.audit(Entry::new(Change::Read, NOUN, &day))?;
        }
        Ok(())
    })
    .await
}

fn is_noted(conn: &mut Conn, day: &str, reader: &str) -> Result<bool, DbError> {
    let found: Option<i64> = events::table
        .filter(events::resource_id.eq(day))
        .filter(events::resource.eq(NOUN))
        .filter(events::actor_id.eq(reader))
        .select(events::seq)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// The number of the last seal; 0 without one.
fn last_seal(conn: &mut Conn) -> Result<i64, DbError> {
    let last: Option<i64> = seals::table
        .select(diesel::dsl::max(seals::seq))
        .first(conn)?;
    Ok(last.unwrap_or(0))
}

/// The events with their seals.
fn sealed(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Recorded>, StoreError> {
    type SealRow = (i64, String, NaiveDateTime);
    let columns = (seals::seq, seals::hash, seals::sealed_at);
    let first = rows.iter().map(|row| row.seq).min().unwrap_or(0);
    let last = rows.iter().map(|row| row.seq).max().unwrap_or(0);
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    // Numbers without a gap are a range; those of a filtered list are few.
    let found: Vec<SealRow> = if last.saturating_sub(first) < count {
        seals::table
            .filter(seals::seq.between(first, last))
            .select(columns)
            .load(conn)?
    } else {
        let numbers: Vec<i64> = rows.iter().map(|row| row.seq).collect();
        let mut found = Vec::new();
        for some in numbers.chunks(1_000) {
            let some: Vec<SealRow> = seals::table
                .filter(seals::seq.eq_any(some.to_vec()))
                .select(columns)
                .load(conn)?;
            found.extend(some);
        }
        found
    };
    let mut by_number: HashMap<i64, Seal> = found
        .into_iter()
        .map(|(seq, hash, sealed_at)| {
            let sealed_at = from_db(sealed_at);
            (seq, Seal { hash, sealed_at })
        })
        .collect();
    let with_seal = |row: Row| Recorded {
        seal: by_number.remove(&row.seq),
        event: row.read(),
    };
    Ok(rows.into_iter().map(with_seal).collect())
}

type Boxed<'a> = events::BoxedQuery<'a, crate::db::MultiBackend>;

/// The events that a filter lets through.
fn matching<'a>(filter: &Filter) -> Boxed<'a> {
    let mut query = events::table.into_boxed();
    if let Some(actor) = &filter.actor {
        query = query.filter(events::actor_id.eq(actor.clone()));
    }
    if let Some(kind) = filter.actor_kind {
        query = query.filter(events::actor_kind.eq(kind.as_str()));
    }
    if let Some(action) = filter.action {
        query = query.filter(events::action.eq(action));
    }
    if let Some(resource) = &filter.resource {
        query = query.filter(events::resource.eq(resource.clone()));
    }
    if let Some(id) = &filter.resource_id {
        query = query.filter(events::resource_id.eq(id.clone()));
    }
    if let Some(from) = filter.from {
        query = query.filter(events::at.ge(to_db(from)));
    }
    if let Some(until) = filter.until {
        query = query.filter(events::at.lt(to_db(until)));
    }
    query
}
