//! Where all works are that readers can see, in parts: stretches of the order of publication.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::list::{instant, timed};
use crate::articles::model::{Address, Side};
use crate::db::page::{Mark, Window, keyset};
use crate::db::schema::article_listings as listings;
use crate::db::{Conn, Db, DbError, StoreError};
use crate::kernel::id::{ArticleId, Id};
use crate::kernel::time::{from_db, to_db};

/// Works of a part when it is cut.
const CUT: i64 = 10_000;

/// Works that a sitemap may hold. Parts grow where works come in behind their time.
const MOST: i64 = 50_000;

/// Ends that one look finds at most.
const AT_ONCE: usize = 50;

/// Reads [`text`].
pub fn parse(text: &str) -> Option<Mark> {
    let (key, id) = text.rsplit_once('-')?;
    instant(key)?;
    ArticleId::parse(id)?;
    Some(Mark {
        key: key.to_owned(),
        id: id.to_owned(),
    })
}

/// A place in the order of publication, of the last work of a part, as an address names it.
pub fn text(place: &Mark) -> String {
    format!("{}-{}", place.key, place.id)
}

type Rows<'a> = listings::BoxedQuery<'a, crate::db::MultiBackend>;

/// So many of what readers can see beyond a place, the oldest first.
fn seen<'a>(after: Option<Mark>, most: i64, now: DateTime<Utc>) -> Rows<'a> {
    let now = to_db(now);
    let rows = listings::table
        .filter(listings::side.eq(Side::Live.as_str()))
        .filter(listings::visible_from.le(now))
        .filter(listings::visible_until.gt(now))
        .into_boxed();
    let at = after.as_ref().and_then(|place| instant(&place.key));
    let window = Window {
        limit: most,
        after,
        count: false,
    };
    keyset!(
        rows,
        window,
        false,
        listings::visible_from,
        at.unwrap_or_default(),
        listings::article_id
    )
    .limit(most)
}

/// Where the next parts end that follow a place; none, where only the last one does, which has no end yet.
///
/// # Errors
/// A database error.
pub async fn ends(
    db: &Db,
    after: Option<Mark>,
    now: DateTime<Utc>,
) -> Result<Vec<Mark>, StoreError> {
    db.read(move |conn| {
        let mut ends: Vec<Mark> = Vec::new();
        while ends.len() < AT_ONCE
            && let Some(end) = end(conn, ends.last().or(after.as_ref()), now)?
        {
            ends.push(end);
        }
        Ok(ends)
    })
    .await
}

fn end(conn: &mut Conn, after: Option<&Mark>, now: DateTime<Utc>) -> Result<Option<Mark>, DbError> {
    let rows: Vec<(NaiveDateTime, String)> = seen(after.cloned(), 1, now)
        .select((listings::visible_from, listings::article_id))
        .offset(CUT - 1)
        .load(conn)?;
    Ok(timed(rows).pop())
}

/// A part: the works after a place, up to another one.
///
/// # Errors
/// A database error.
pub async fn part(
    db: &Db,
    after: Option<Mark>,
    until: Option<Mark>,
    now: DateTime<Utc>,
) -> Result<Vec<Address>, StoreError> {
    db.read(move |conn| {
        let mut rows = seen(after.clone(), MOST, now);
        if let Some(place) = &until {
            let at = instant(&place.key).unwrap_or_default();
            let earlier = listings::visible_from.lt(at);
            rows = rows
                .filter(listings::visible_from.le(at))
                .filter(earlier.or(listings::article_id.le(place.id.clone())));
        }
        let rows: Vec<(String, NaiveDateTime)> = rows
            .select((listings::slug, listings::updated_at))
            .load(conn)?;
        let found = rows.into_iter().map(|(slug, at)| Address {
            slug,
            updated_at: from_db(at),
        });
        Ok(found.collect())
    })
    .await
}
