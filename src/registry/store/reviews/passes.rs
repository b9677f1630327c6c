//! Passes over the reprints of what an edition drops: one review for each.
//!
//! A pass is due when an edition comes in; and once more when it comes into force, if that is
//! later, for what was published in between by the edition before. It goes in pieces, and its place
//! is kept with the edition, so that it can be killed between any two of them. A reprint
//! has one review for each edition, however often a pass comes by.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde_json::json;

use crate::db::schema::{
    article_listings as listings, registry_editions as editions, registry_entries as entries,
    registry_reviews as reviews, source_names as names, sources,
};
use crate::db::{Change, Conn, Db, DbError, Entry, StoreError, Tx, WriteCx, on_each, permitted};
use crate::kernel::id::{EditionId, RegistryReviewId};
use crate::kernel::time::{never, to_db};
use crate::registry::model::RegistryReviewStatus;
use crate::rights::Origin;

/// Reprints of one piece.
const PIECE: usize = 500;

/// Sources of one piece.
const SOURCES: usize = 50;

/// Pieces that a request does itself; the chore does the rest.
const PIECES: usize = 20;

/// After an edition has begun, requests that began before it may publish for as long as that.
const STRAGGLERS: TimeDelta = TimeDelta::minutes(1);

/// Most sources that a preview names.
const NAMED: usize = 100;

/// The side of the listing that readers see.
const LIVE: &str = "live";

/// An edition whose reprints are being gone through, and how far that has come.
#[derive(Queryable, Selectable)]
#[diesel(table_name = editions)]
struct Pass {
    id: String,
    valid_from: NaiveDateTime,
    valid_until: Option<NaiveDateTime>,
    review_source: Option<String>,
    review_from: Option<NaiveDateTime>,
    review_article: Option<String>,
}

/// Where a pass stands: within the reprints of a source, or past all of them.
#[derive(Clone)]
struct Place {
    source: String,
    within: Option<(NaiveDateTime, String)>,
}

/// A published reprint: article, source, time from which readers see it.
type Reprint = (String, String, NaiveDateTime);

#[derive(Insertable)]
#[diesel(table_name = reviews)]
struct Row {
    id: String,
    edition_id: String,
    source_id: String,
    article_id: String,
    reprint_at: NaiveDateTime,
    due_at: NaiveDateTime,
    status: &'static str,
    created_at: NaiveDateTime,
}

impl Pass {
    fn place(&self) -> Option<Place> {
        Some(Place {
            source: self.review_source.clone()?,
            within: self.review_from.zip(self.review_article.clone()),
        })
    }
}

/// Does a piece of the passes that are due; whether there may be more.
///
/// # Errors
/// A database error.
pub fn open_due(db: &Db, cx: &WriteCx) -> Result<bool, StoreError> {
    // Whoever has nothing to write does not wait for a turn.
    if db.read_now(|conn| due(conn, cx.now))?.is_none() {
        return Ok(false);
    }
    db.write_now(cx, piece)
}

/// The pieces that a request has time for.
///
/// # Errors
/// A database error.
pub async fn open_some(db: &Db, cx: WriteCx) -> Result<(), StoreError> {
    for _ in 0..PIECES {
        let is_due = db.read({
            let now = cx.now;
            move |conn| due(conn, now)
        });
        if is_due.await?.is_none() {
            return Ok(());
        }
        db.write(cx.clone(), piece).await?;
    }
    Ok(())
}

/// Makes the pass of an edition due from its start.
///
/// # Errors
/// A database error.
pub fn begin_again(conn: &mut Conn, edition: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    save(conn, edition, Some(to_db(now)), None)
}

fn due(conn: &mut Conn, now: DateTime<Utc>) -> Result<Option<Pass>, DbError> {
    Ok(editions::table
        .filter(editions::reviews_due_at.le(to_db(now)))
        .order((editions::reviews_due_at, editions::id))
        .select(Pass::as_select())
        .first(conn)
        .optional()?)
}

fn piece(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    let Some(pass) = due(tx.conn, tx.cx.now)? else {
        return Ok(false);
    };
    let (found, next) = step(tx.conn, &pass)?;
    let made = insert(tx, &pass, found)?;
    if made > 0 {
        let detail = json!({"reviews": made});
        tx.record(Entry::new(Change::Updated, "registry_edition", &pass.id).detail(detail))?;
    }
    let due_at = match next {
        Some(_) => Some(to_db(tx.now())),
        None => {
            let settled = pass.valid_from + STRAGGLERS;
            (to_db(tx.now()) < settled).then_some(settled)
        }
    };
    save(tx.conn, &pass.id, due_at, next)?;
    Ok(true)
}

fn save(
    conn: &mut Conn,
    edition: &str,
    due_at: Option<NaiveDateTime>,
    place: Option<Place>,
) -> Result<(), DbError> {
    let (source, within) = place.map(|place| (place.source, place.within)).unzip();
    let (from, article) = within.flatten().unzip();
    diesel::update(editions::table.find(edition))
        .set((
            editions::reviews_due_at.eq(due_at),
            editions::review_source.eq(source),
            editions::review_from.eq(from),
            editions::review_article.eq(article),
        ))
        .execute(conn)?;
    Ok(())
}

/// The next reprints of a pass, and where it goes on; `None` at its end.
fn step(conn: &mut Conn, pass: &Pass) -> Result<(Vec<Reprint>, Option<Place>), DbError> {
    let mut found = Vec::new();
    let Some(before) = edition_before(conn, pass.valid_from)? else {
        return Ok((found, None));
    };
    let place = pass.place();
    let held = held(conn, &before, place.as_ref())?;
    for source in dropped(conn, pass, &held)? {
        let after = place
            .as_ref()
            .filter(|place| place.source == source)
            .and_then(|place| place.within.as_ref());
        let room = PIECE - found.len();
        let mut some = reprints(conn, pass, &source, after, room)?;
        let is_full = some.len() == room;
        found.append(&mut some);
        if is_full {
            let last = found.last();
            let within = last.map(|(article, _, from)| (*from, article.clone()));
            return Ok((found, Some(Place { source, within })));
        }
    }
    let next = held.last().filter(|_| held.len() == SOURCES);
    let next = next.map(|source| Place {
        source: source.clone(),
        within: None,
    });
    Ok((found, next))
}

fn edition_before(conn: &mut Conn, from: NaiveDateTime) -> Result<Option<String>, DbError> {
    Ok(editions::table
        .filter(editions::valid_from.lt(from))
        .order(editions::valid_from.desc())
        .select(editions::id)
        .first(conn)
        .optional()?)
}

/// The next sources that an edition holds, by id.
fn held(conn: &mut Conn, edition: &str, place: Option<&Place>) -> Result<Vec<String>, DbError> {
    let mut query = names::table
        .inner_join(entries::table.on(entries::name_key.eq(names::name_key)))
        .filter(entries::edition_id.eq(edition))
        .select(names::source_id)
        .distinct()
        .order(names::source_id)
        .limit(i64::try_from(SOURCES).unwrap_or(i64::MAX))
        .into_boxed();
    if let Some(place) = place {
        query = match place.within {
            // Its own reprints are not all gone through.
            Some(_) => query.filter(names::source_id.ge(place.source.clone())),
            None => query.filter(names::source_id.gt(place.source.clone())),
        };
    }
    Ok(query.load(conn)?)
}

/// Those of some sources that an edition does not hold, and that no registration of their own
/// permits as it begins; in their order.
fn dropped(conn: &mut Conn, edition: &Pass, held: &[String]) -> Result<Vec<String>, DbError> {
    let mut kept: HashSet<String> = permitted::on_edition(conn, &edition.id, held)?
        .into_iter()
        .collect();
    kept.extend(permitted::registered(conn, edition.valid_from, held)?);
    let gone = held.iter().filter(|source| !kept.contains(*source));
    Ok(gone.cloned().collect())
}

/// The reprints of a source that readers see as the edition begins, or from a time at which it
/// holds: those came out, or are scheduled, by the edition before.
fn reprints(
    conn: &mut Conn,
    edition: &Pass,
    source: &str,
    after: Option<&(NaiveDateTime, String)>,
    most: usize,
) -> Result<Vec<Reprint>, DbError> {
    let mut query = concerned(edition, source)
        .order((listings::visible_from, listings::article_id))
        .limit(i64::try_from(most).unwrap_or(i64::MAX));
    if let Some((from, article)) = after {
        query = query.filter(listings::visible_from.ge(*from)).filter(
            listings::visible_from
                .gt(*from)
                .or(listings::article_id.gt(article.clone())),
        );
    }
    let rows: Vec<(String, NaiveDateTime)> = query
        .select((listings::article_id, listings::visible_from))
        .load(conn)?;
    let with_source = |(article, from)| (article, source.to_owned(), from);
    Ok(rows.into_iter().map(with_source).collect())
}

fn concerned<'a>(
    edition: &Pass,
    source: &str,
) -> listings::BoxedQuery<'a, crate::db::MultiBackend> {
    let end = edition.valid_until.unwrap_or_else(|| to_db(never()));
    listings::table
        .filter(listings::side.eq(LIVE))
        .filter(listings::source_id.eq(source.to_owned()))
        .filter(listings::origin.eq(Origin::Reprint.as_str()))
        .filter(listings::visible_from.lt(end))
        .filter(listings::visible_until.gt(edition.valid_from))
        .filter(listings::visible_until.gt(listings::visible_from))
        .into_boxed()
}

/// Adds a review for each reprint that has none for this edition; how many.
fn insert(tx: &mut Tx<'_>, pass: &Pass, found: Vec<Reprint>) -> Result<usize, DbError> {
    let articles: Vec<&str> = found.iter().map(|(article, ..)| article.as_str()).collect();
    let known: Vec<String> = reviews::table
        .filter(reviews::edition_id.eq(&pass.id))
        .filter(reviews::article_id.eq_any(articles))
        .select(reviews::article_id)
        .load(tx.conn)?;
    let known: HashSet<String> = known.into_iter().collect();
    let rows: Vec<Row> = found
        .into_iter()
        .filter(|(article, ..)| !known.contains(article))
        .map(|(article_id, source_id, reprint_at)| Row {
            id: tx.cx.mint.id::<RegistryReviewId>(tx.cx.now).to_string(),
            edition_id: pass.id.clone(),
            source_id,
            article_id,
            reprint_at,
            due_at: pass.valid_from,
            status: RegistryReviewStatus::Open.as_str(),
            created_at: to_db(tx.cx.now),
        })
        .collect();
    if !rows.is_empty() {
        on_each!(&mut *tx.conn, |conn| diesel::insert_into(reviews::table)
            .values(&rows)
            .execute(conn))?;
    }
    Ok(rows.len())
}

/// What an edition drops.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dropped {
    /// Names of the sources, the first hundred of them.
    pub sources: Vec<String>,
    /// How many sources there are in all.
    pub count: usize,
    /// How many of their reprints there are to review.
    pub reprints: i64,
}

/// What an edition that is there drops of what the one before it held.
///
/// # Errors
/// A database error.
pub fn dropped_by(conn: &mut Conn, edition: EditionId) -> Result<Dropped, StoreError> {
    let pass: Pass = editions::table
        .find(edition.to_string())
        .select(Pass::as_select())
        .first(conn)?;
    let mut all = Dropped::default();
    let Some(before) = edition_before(conn, pass.valid_from)? else {
        return Ok(all);
    };
    let mut place: Option<Place> = None;
    loop {
        let held = held(conn, &before, place.as_ref())?;
        for source in dropped(conn, &pass, &held)? {
            let count: i64 = concerned(&pass, &source).count().get_result(conn)?;
            all.reprints += count;
            all.count += 1;
            if all.sources.len() < NAMED {
                let name = sources::table.find(&source).select(sources::name);
                all.sources.push(name.first(conn)?);
            }
        }
        match held.last() {
            Some(last) if held.len() == SOURCES => {
                place = Some(Place {
                    source: last.clone(),
                    within: None,
                });
            }
            _ => return Ok(all),
        }
    }
}
