//! What articles say of other articles, as far as readers may know of those.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::articles::model::{Content, Side};
use crate::db::schema::article_listings as listings;
use crate::db::{Conn, DbError};
use crate::kernel::time::{from_db, to_db};

/// Leaves out relations to what readers cannot see: an id alone tells that something is there
/// (rule 19). Tells when that will be otherwise by itself.
pub(super) fn hide_relations<'a>(
    conn: &mut Conn,
    contents: impl Iterator<Item = &'a mut Content>,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, DbError> {
    let mut contents: Vec<&mut Content> = contents.collect();
    let ids: HashSet<String> = contents
        .iter()
        .flat_map(|content| content.related.iter().chain(&content.translation_of))
        .map(ToString::to_string)
        .collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let now = to_db(now);
    let times: Vec<(String, NaiveDateTime, NaiveDateTime)> = listings::table
        .filter(listings::side.eq(Side::Live.as_str()))
        .filter(listings::article_id.eq_any(ids))
        .select((
            listings::article_id,
            listings::visible_from,
            listings::visible_until,
        ))
        .load(conn)?;
    let changes = times.iter().flat_map(|(_, from, until)| [*from, *until]);
    let next = changes.filter(|at| *at > now).min();
    let seen: HashSet<String> = times
        .into_iter()
        .filter(|(_, from, until)| *from <= now && *until > now)
        .map(|(id, _, _)| id)
        .collect();
    for content in &mut contents {
        content.related.retain(|id| seen.contains(&id.to_string()));
        content.translation_of = content
            .translation_of
            .filter(|id| seen.contains(&id.to_string()));
    }
    Ok(next.map(from_db))
}
