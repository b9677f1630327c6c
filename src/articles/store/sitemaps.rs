//! Where all works are that readers can see, in parts: stretches of the order of publication.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::articles::model::{Line, Side};
use crate::db::error::stored;
use crate::db::schema::article_listings as listings;
use crate::db::{Conn, Db, StoreError};
use crate::kernel::id::{ArticleId, Id};
use crate::kernel::time::{from_db, to_db};

/// Works of a part when it is cut.
const CUT: i64 = 10_000;

/// Works that a sitemap may hold. Parts grow where works come in behind their time.
const MOST: i64 = 50_000;

/// Ends that one look finds at most.
const AT_ONCE: usize = 50;

/// A place in the order of publication: of the last work of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    at: DateTime<Utc>,
    id: ArticleId,
}

impl Place {
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('-')?;
        let at = DateTime::from_timestamp_micros(at.parse().ok()?)?;
        ArticleId::parse(id).map(|id| Self { at, id })
    }

    pub fn text(self) -> String {
        format!("{}-{}", self.at.timestamp_micros(), self.id)
    }
}

type Rows<'a> = listings::BoxedQuery<'a, crate::db::MultiBackend>;

/// What readers can see beyond a place, the oldest first.
fn seen<'a>(after: Option<Place>, now: DateTime<Utc>) -> Rows<'a> {
    let now = to_db(now);
    let rows = listings::table
        .filter(listings::side.eq(Side::Live.as_str()))
        .filter(listings::visible_from.le(now))
        .filter(listings::visible_until.gt(now))
        .order((listings::visible_from, listings::article_id))
        .into_boxed();
    let Some(Place { at, id }) = after else {
        return rows;
    };
    let at = to_db(at);
    let later = listings::visible_from.gt(at);
    rows.filter(listings::visible_from.ge(at))
        .filter(later.or(listings::article_id.gt(id.to_string())))
}

/// Where the next parts end that follow a place; none, where only the last one does, which has no end yet.
///
/// # Errors
/// A database error.
pub async fn ends(
    db: &Db,
    after: Option<Place>,
    now: DateTime<Utc>,
) -> Result<Vec<Place>, StoreError> {
    db.read(move |conn| {
        let mut ends = Vec::new();
        while ends.len() < AT_ONCE
            && let Some(end) = end(conn, ends.last().copied().or(after), now)?
        {
            ends.push(end);
        }
        Ok(ends)
    })
    .await
}

fn end(
    conn: &mut Conn,
    after: Option<Place>,
    now: DateTime<Utc>,
) -> Result<Option<Place>, StoreError> {
    let row: Option<(NaiveDateTime, String)> = seen(after, now)
        .select((listings::visible_from, listings::article_id))
        .offset(CUT - 1)
        .first(conn)
        .optional()?;
    row.map(|(at, id)| {
        let at = from_db(at);
        let id = stored(ArticleId::parse(&id), "article_listings.article_id")?;
        Ok(Place { at, id })
    })
    .transpose()
}

/// A part: the works after a place, up to another one.
///
/// # Errors
/// A database error.
pub async fn part(
    db: &Db,
    after: Option<Place>,
    until: Option<Place>,
    now: DateTime<Utc>,
) -> Result<Vec<Line>, StoreError> {
    db.read(move |conn| {
        let mut rows = seen(after, now);
        if let Some(Place { at, id }) = until {
            let at = to_db(at);
            let earlier = listings::visible_from.lt(at);
            rows = rows
                .filter(listings::visible_from.le(at))
                .filter(earlier.or(listings::article_id.le(id.to_string())));
        }
        let rows: Vec<(String, NaiveDateTime)> = rows
            .select((listings::slug, listings::updated_at))
            .limit(MOST)
            .load(conn)?;
        let lines = rows.into_iter().map(|(slug, at)| Line {
            slug,
            updated_at: from_db(at),
        });
        Ok(lines.collect())
    })
    .await
}
