//! The works of a page, each on the side that its reader looks at.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::list::Reader;
use super::load::{held, live};
use super::memory::{Look, Memory};
use crate::articles::model::{Article, Side};
use crate::db::{Conn, Made, StoreError};
use crate::kernel::id::UserId;
use crate::rights::Held;

/// Articles in the order of `ids`, and what a copy of the page is made of where all readers outside
/// the desk share it.
pub(super) fn works(
    look: &mut Look<'_>,
    memory: &Memory,
    reader: &Reader,
    ids: &[String],
    with_body: bool,
) -> Result<(Vec<Held<Article>>, Option<Made>), StoreError> {
    let now = look.now;
    match *reader {
        Reader::Outside | Reader::Partner { .. } => {
            let (works, parts): (Vec<_>, Vec<_>) =
                live(look, memory, ids, with_body)?.into_iter().unzip();
            let made = match reader {
                Reader::Outside => Some(memory.list_of(look, parts)?),
                Reader::Partner { .. } | Reader::Desk | Reader::Author(_) => None,
            };
            Ok((works, made))
        }
        Reader::Desk => Ok((held(look.conn, ids, Side::Head, with_body, now)?, None)),
        Reader::Author(user) => Ok((of_author(look.conn, ids, user, with_body, now)?, None)),
    }
}

/// The articles of a page, each on the side that this author looks at.
fn of_author(
    conn: &mut Conn,
    ids: &[String],
    user: UserId,
    with_body: bool,
    now: DateTime<Utc>,
) -> Result<Vec<Held<Article>>, StoreError> {
    let mut on = |side, ids: &[String]| held(conn, ids, side, with_body, now);
    let mut known: HashMap<String, Held<Article>> = HashMap::new();
    for work in on(Side::Head, ids)? {
        if work.rights().created_by == Some(user) {
            known.insert(work.rights().article.to_string(), work);
        }
    }
    let others: Vec<String> = ids
        .iter()
        .filter(|id| !known.contains_key(*id))
        .cloned()
        .collect();
    for work in on(Side::Live, &others)? {
        known.insert(work.rights().article.to_string(), work);
    }
    Ok(ids.iter().filter_map(|id| known.remove(id)).collect())
}
