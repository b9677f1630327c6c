//! Bringing an edition in: whole or not at all, and once.

use std::convert::Infallible;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde_json::json;

use super::reviews::{self, Dropped};
use crate::db::error::to_json;
use crate::db::schema::{registry_editions as editions, registry_entries as entries};
use crate::db::{
    Actor, Change, Conn, Db, DbError, Entry, StoreError, Tx, WriteCx, Written, on_each,
};
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::{EditionId, Id};
use crate::kernel::text::{name_key, sha256_hex};
use crate::kernel::time::{from_db, to_db};
use crate::registry::model::{Draft, Listed};

const NOUN: &str = "registry_edition";

/// Rows of one statement: SQLite binds some 32,000 values at most.
const CHUNK: usize = 1_000;

/// What came of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    pub id: EditionId,
    /// It was there already, with the same entries and period: nothing was changed.
    pub was_there: bool,
    /// Name of the open edition that ends where this one begins.
    pub ends: Option<String>,
}

/// What an import would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub was_there: bool,
    pub ends: Option<String>,
    pub dropped: Dropped,
}

/// Why a rehearsal did not come to its end: because it did, or because the import would fail.
enum Stop {
    Done(Preview),
    Failed(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Self::Failed(error.into())
    }
}

#[derive(Insertable)]
#[diesel(table_name = entries)]
struct EntryRow<'a> {
    edition_id: &'a str,
    position: i64,
    name: &'a str,
    name_key: String,
    category: Option<&'a str>,
    region: Option<&'a str>,
    homepage_url: Option<&'a str>,
}

/// An edition as far as others have to keep clear of it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = editions)]
struct Neighbour {
    id: String,
    name: String,
    valid_from: NaiveDateTime,
    valid_until: Option<NaiveDateTime>,
}

/// Brings an edition in. The reviews of what it drops are due at once, and [`reviews::open_due`]
/// makes them.
///
/// # Errors
/// [`StoreError::Clashes`] where the name means another list, or the period is another edition's; a
/// database error, or the idempotency key's.
pub async fn import(db: &Db, cx: WriteCx, draft: Draft) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let imported = import_in(tx, &draft)?;
        Ok(match imported.was_there {
            false => Written::created(imported.id),
            true => Written::changed(imported.id, 1),
        })
    })
    .await
}

/// [`import`] on this thread.
///
/// # Errors
/// As [`import`].
pub fn import_now(db: &Db, cx: &WriteCx, draft: &Draft) -> Result<Imported, StoreError> {
    db.write_now(cx, |tx| import_in(tx, draft))
}

/// What [`import_now`] would do: it does it and takes it back.
///
/// # Errors
/// As [`import`].
pub fn rehearse(db: &Db, cx: &WriteCx, draft: &Draft) -> Result<Preview, StoreError> {
    let stop = db.write_now(cx, |tx| {
        let imported = import_in(tx, draft)?;
        let dropped = reviews::dropped_by(tx.conn, imported.id)?;
        Err::<Infallible, Stop>(Stop::Done(Preview {
            was_there: imported.was_there,
            ends: imported.ends,
            dropped,
        }))
    });
    match stop {
        Err(Stop::Done(preview)) => Ok(preview),
        Err(Stop::Failed(error)) => Err(error),
        Ok(never) => match never {},
    }
}

fn import_in(tx: &mut Tx<'_>, draft: &Draft) -> Result<Imported, StoreError> {
    let digest = digest(&draft.entries)?;
    if let Some(id) = there_already(tx.conn, draft, &digest)? {
        return Ok(Imported {
            id,
            was_there: true,
            ends: None,
        });
    }
    let from = to_db(draft.valid_from);
    let (before, after) = neighbours(tx.conn, from)?;
    clear_of(draft, before.as_ref(), after.as_ref())?;
    let ends = end(tx, before, from)?;
    let id: EditionId = tx.cx.mint.id(tx.now());
    // One that comes in between two ends where the second one begins.
    let until = draft.valid_until.map(to_db);
    let until = until.or(after.as_ref().map(|after| after.valid_from));
    insert(tx, id, draft, until, &digest)?;
    if let Some(after) = after {
        // The edition before it is another one now: it may drop what that one held.
        reviews::begin_again(tx.conn, &after.id, tx.cx.now)?;
    }
    let (count, name) = (draft.entries.len(), id.to_string());
    let detail = json!({"entries": count, "digest": digest});
    tx.record(Entry::new(Change::Created, NOUN, &name).detail(detail))?;
    Ok(Imported {
        id,
        was_there: false,
        ends,
    })
}

/// SHA-256 of the entries in their order, as a JSON list of lists: the same for one list, whatever
/// it was written in.
fn digest(listed: &[Listed]) -> Result<String, DbError> {
    let plain: Vec<[Option<&str>; 4]> = listed
        .iter()
        .map(|one| {
            [
                Some(one.name.as_str()),
                one.category.as_deref(),
                one.region.as_deref(),
                one.homepage_url.as_deref(),
            ]
        })
        .collect();
    Ok(sha256_hex(to_json(&plain)?.as_bytes()))
}

/// The edition of this name, if it is this one; another one under its name is a clash.
fn there_already(
    conn: &mut Conn,
    draft: &Draft,
    digest: &str,
) -> Result<Option<EditionId>, StoreError> {
    let found: Option<(String, String, NaiveDateTime, Option<NaiveDateTime>)> = editions::table
        .filter(editions::name_key.eq(name_key(&draft.name)))
        .select((
            editions::id,
            editions::digest,
            editions::valid_from,
            editions::valid_until,
        ))
        .first(conn)
        .optional()?;
    let Some((id, known, from, until)) = found else {
        return Ok(None);
    };
    let taken = |detail: String| StoreError::Clashes(vec![Fault::new("/name", "taken", detail)]);
    if known != digest {
        return Err(taken(format!(
            "the edition {id} has this name, and another list: a list that differs is another edition \
             and takes a name of its own"
        )));
    }
    // An end that a later edition gave it is not the caller's to know.
    let same_end = draft.valid_until.is_none() || draft.valid_until.map(to_db) == until;
    if from != to_db(draft.valid_from) || !same_end {
        return Err(taken(format!(
            "the edition {id} has this name and this list, and another period: it begins at {} and ends at {}",
            from_db(from).to_rfc3339(),
            until.map_or_else(
                || "no time yet".to_owned(),
                |until| from_db(until).to_rfc3339()
            )
        )));
    }
    let id = EditionId::parse(&id);
    Ok(Some(crate::db::error::stored(id, "registry_editions.id")?))
}

/// The last edition that begins no later than an instant, and the first one after it.
fn neighbours(
    conn: &mut Conn,
    from: NaiveDateTime,
) -> Result<(Option<Neighbour>, Option<Neighbour>), DbError> {
    let before = editions::table
        .filter(editions::valid_from.le(from))
        .order(editions::valid_from.desc())
        .select(Neighbour::as_select())
        .first(conn)
        .optional()?;
    let after = editions::table
        .filter(editions::valid_from.gt(from))
        .order(editions::valid_from.asc())
        .select(Neighbour::as_select())
        .first(conn)
        .optional()?;
    Ok((before, after))
}

/// That no two editions hold at one instant: only an open one gives way, to what begins later.
fn clear_of(
    draft: &Draft,
    before: Option<&Neighbour>,
    after: Option<&Neighbour>,
) -> Result<(), StoreError> {
    let from = to_db(draft.valid_from);
    let mut faults = Faults::default();
    if let Some(before) = before {
        let (id, name) = (&before.id, &before.name);
        if before.valid_from == from {
            let detail = format!("the edition {id} ({name}) begins at that instant");
            faults.push("/valid_from", "taken", detail);
        } else if let Some(until) = before.valid_until
            && until > from
            && after.is_none_or(|after| after.valid_from != until)
        {
            let until = from_db(until).to_rfc3339();
            let detail = format!("the edition {id} ({name}) holds until {until}");
            faults.push("/valid_from", "taken", detail);
        }
    }
    if let (Some(after), Some(until)) = (after, draft.valid_until)
        && to_db(until) > after.valid_from
    {
        let (id, name) = (&after.id, &after.name);
        let from = from_db(after.valid_from).to_rfc3339();
        let detail = format!("the edition {id} ({name}) holds from {from}");
        faults.push("/valid_until", "taken", detail);
    }
    faults.finish(()).map_err(StoreError::Clashes)
}

/// Ends the edition before where this one begins; its name, if that is news.
fn end(
    tx: &mut Tx<'_>,
    before: Option<Neighbour>,
    at: NaiveDateTime,
) -> Result<Option<String>, StoreError> {
    let Some(before) = before.filter(|before| before.valid_until.is_none_or(|until| until > at))
    else {
        return Ok(None);
    };
    diesel::update(editions::table.find(&before.id))
        .set(editions::valid_until.eq(at))
        .execute(tx.conn)?;
    tx.record(Entry::new(Change::Updated, NOUN, &before.id))?;
    Ok(Some(before.name))
}

fn insert(
    tx: &mut Tx<'_>,
    id: EditionId,
    draft: &Draft,
    until: Option<NaiveDateTime>,
    digest: &str,
) -> Result<(), StoreError> {
    let id = id.to_string();
    let by = match &tx.cx.actor {
        Actor::User(id) => Some(id.as_str()),
        Actor::Client(_) | Actor::Anonymous | Actor::Operator | Actor::System => None,
    };
    let count = i64::try_from(draft.entries.len()).unwrap_or(i64::MAX);
    diesel::insert_into(editions::table)
        .values((
            editions::id.eq(&id),
            editions::name.eq(&draft.name),
            editions::name_key.eq(name_key(&draft.name)),
            editions::valid_from.eq(to_db(draft.valid_from)),
            editions::valid_until.eq(until),
            editions::digest.eq(digest),
            editions::entries.eq(count),
            editions::imported_at.eq(to_db(tx.now())),
            editions::imported_by.eq(by),
            editions::reviews_due_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)?;
    let mut rows = (0..).zip(&draft.entries).map(|(position, one)| EntryRow {
        edition_id: &id,
        position,
        name: &one.name,
        name_key: name_key(&one.name),
        category: one.category.as_deref(),
        region: one.region.as_deref(),
        homepage_url: one.homepage_url.as_deref(),
    });
    loop {
        let chunk: Vec<EntryRow<'_>> = rows.by_ref().take(CHUNK).collect();
        if chunk.is_empty() {
            return Ok(());
        }
        on_each!(&mut *tx.conn, |conn| diesel::insert_into(entries::table)
            .values(&chunk)
            .execute(conn))?;
    }
}
