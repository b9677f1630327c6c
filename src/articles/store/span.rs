//! The part of the sort order that a page lies in. Several conditions may bound it on one side:
//! what can be seen by now, the cursor, the dates asked for, how far licences reach back. An engine
//! that seeks by one of them and tests the others reads everything in between, so the nearest one
//! on each side is said first.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::list::{Boxed, By, Query, Reader, instant};
use super::reach;
use crate::db::schema::article_listings as listings;
use crate::kernel::time::to_db;

/// The rows between the nearest bounds, which the other conditions narrow further.
pub(super) fn of_page<'a>(query: &Query, now: DateTime<Utc>) -> Boxed<'a> {
    let found = listings::table.into_boxed();
    let (from, until) = bounds(query, now);
    match query.sort.by {
        By::Title => found,
        By::PublishedAt => {
            let found = match from {
                Some(from) => found.filter(listings::visible_from.ge(from)),
                None => found,
            };
            match until {
                Some(until) => found.filter(listings::visible_from.le(until)),
                None => found,
            }
        }
        By::UpdatedAt => {
            let found = match from {
                Some(from) => found.filter(listings::updated_at.ge(from)),
                None => found,
            };
            match until {
                Some(until) => found.filter(listings::updated_at.le(until)),
                None => found,
            }
        }
    }
}

/// The nearest bounds of a page in the order of a time, both included.
fn bounds(query: &Query, now: DateTime<Utc>) -> (Option<NaiveDateTime>, Option<NaiveDateTime>) {
    let filter = &query.filter;
    let (mut from, mut until) = match query.sort.by {
        By::Title => return (None, None),
        By::UpdatedAt => (vec![filter.updated_from], vec![filter.updated_until]),
        By::PublishedAt => (vec![filter.published_from], vec![filter.published_until]),
    };
    if query.sort.by == By::PublishedAt {
        match &query.reader {
            Reader::Outside => until.push(Some(now)),
            Reader::Partner {
                reach,
                stubs: false,
            } => {
                let (eldest, latest) = reach::bounds(reach, now);
                from.push(eldest);
                until.push(latest);
            }
            Reader::Partner { stubs: true, .. } | Reader::Desk | Reader::Author(_) => {}
        }
    }
    let mut from: Vec<NaiveDateTime> = from.into_iter().flatten().map(to_db).collect();
    let mut until: Vec<NaiveDateTime> = until.into_iter().flatten().map(to_db).collect();
    let cursor = query.window.after.as_ref();
    let cursor = cursor.and_then(|mark| instant(&mark.key));
    match query.sort.descending {
        true => until.extend(cursor),
        false => from.extend(cursor),
    }
    (from.into_iter().max(), until.into_iter().min())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::articles::store::list::Filter;
    use crate::db::page::{Mark, Sort, Window};

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn query(by: By, descending: bool, cursor: Option<i64>, filter: Filter) -> Query {
        let after = cursor.map(|seconds| Mark {
            key: (seconds * 1_000_000).to_string(),
            id: "art_1".to_owned(),
        });
        Query {
            reader: Reader::Outside,
            filter,
            sort: Sort { by, descending },
            window: Window {
                limit: 20,
                after,
                count: false,
            },
            with_body: false,
            looked: None,
        }
    }

    #[test]
    fn the_nearest_bound_of_each_side_counts() {
        let dates = |from: Option<i64>, until: Option<i64>| Filter {
            published_from: from.map(at),
            published_until: until.map(at),
            ..Filter::default()
        };
        let published = By::PublishedAt;
        for (by, descending, cursor, filter, expected) in [
            (published, true, None, dates(None, None), (None, Some(100))),
            (
                published,
                true,
                Some(40),
                dates(None, None),
                (None, Some(40)),
            ),
            // A cursor that was made up reaches no further than now.
            (
                published,
                true,
                Some(400),
                dates(None, None),
                (None, Some(100)),
            ),
            (
                published,
                false,
                Some(40),
                dates(None, None),
                (Some(40), Some(100)),
            ),
            (
                published,
                true,
                Some(40),
                dates(Some(10), Some(30)),
                (Some(10), Some(30)),
            ),
            (
                published,
                true,
                Some(20),
                dates(Some(10), Some(30)),
                (Some(10), Some(20)),
            ),
            (
                published,
                false,
                Some(20),
                dates(Some(10), Some(30)),
                (Some(20), Some(30)),
            ),
            (
                By::UpdatedAt,
                true,
                Some(40),
                dates(Some(10), Some(30)),
                (None, Some(40)),
            ),
            (
                By::Title,
                true,
                None,
                dates(Some(10), Some(30)),
                (None, None),
            ),
        ] {
            let (from, until) = expected;
            let expected = (from.map(at).map(to_db), until.map(at).map(to_db));
            let query = query(by, descending, cursor, filter);
            assert_eq!(bounds(&query, at(100)), expected, "{query:?}");
        }
    }
}
