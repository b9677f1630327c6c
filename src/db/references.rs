//! Who refers to a register entry: versions of articles, by foreign key.

use diesel::dsl::count;
use diesel::prelude::*;

use super::schema::version_references as refs;
use super::{Conn, DbError, InUse};

/// What is referred to.
#[derive(Debug, Clone, Copy)]
pub enum To<'a> {
    Author(&'a str),
    Section(&'a str),
    Source(&'a str),
    Article(&'a str),
}

/// The articles that refer to something in any of their versions; `None` if none does.
///
/// # Errors
/// A [`DbError`].
pub fn articles(conn: &mut Conn, to: To<'_>) -> Result<Option<InUse>, DbError> {
    const NAMED: i64 = 10;
    let found = || {
        let query = refs::table.into_boxed();
        match to {
            To::Author(id) => query.filter(refs::author_id.eq(id.to_owned())),
            To::Section(id) => query.filter(refs::section_id.eq(id.to_owned())),
            To::Source(id) => query.filter(refs::source_id.eq(id.to_owned())),
            // An article's own versions do not keep it.
            To::Article(id) => query
                .filter(refs::target_id.eq(id.to_owned()))
                .filter(refs::article_id.ne(id.to_owned())),
        }
    };
    let ids: Vec<String> = found()
        .select(refs::article_id)
        .distinct()
        .order(refs::article_id.asc())
        .limit(NAMED)
        .load(conn)?;
    if ids.is_empty() {
        return Ok(None);
    }
    let count = found()
        .select(count(refs::article_id).aggregate_distinct())
        .first(conn)?;
    Ok(Some(InUse {
        by: "articles",
        ids,
        count,
    }))
}
