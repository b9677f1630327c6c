//! Who refers to a register entry: versions of articles and licences, by foreign key; holds that
//! freeze it as evidence; and whether a partner may be referred to.

use chrono::NaiveDateTime;
use diesel::dsl::count;
use diesel::prelude::*;

use super::schema::{
    legal_holds as holds, licence_selections as selections, partners, version_references as refs,
};
use super::{Conn, DbError, InUse, StoreError};
use crate::kernel::fault::Fault;
use crate::kernel::id::PartnerId;

/// How many of those that refer are named.
const NAMED: i64 = 10;

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

/// The licences that select something, revoked ones too; `None` if none does.
///
/// # Errors
/// A [`DbError`].
pub fn licences(conn: &mut Conn, to: To<'_>) -> Result<Option<InUse>, DbError> {
    let found = || {
        let query = selections::table.into_boxed();
        match to {
            // No licence selects by author.
            To::Author(_) => None,
            To::Section(id) => Some(query.filter(selections::section_id.eq(id.to_owned()))),
            To::Source(id) => Some(query.filter(selections::source_id.eq(id.to_owned()))),
            To::Article(id) => Some(query.filter(selections::article_id.eq(id.to_owned()))),
        }
    };
    let (Some(some), Some(all)) = (found(), found()) else {
        return Ok(None);
    };
    let ids: Vec<String> = some
        .select(selections::licence_id)
        .distinct()
        .order(selections::licence_id.asc())
        .limit(NAMED)
        .load(conn)?;
    if ids.is_empty() {
        return Ok(None);
    }
    let count = all
        .select(count(selections::licence_id).aggregate_distinct())
        .first(conn)?;
    Ok(Some(InUse {
        by: "licences",
        ids,
        count,
    }))
}

/// The holds that freeze something as evidence and are not released; `None` if none does.
///
/// # Errors
/// A [`DbError`].
pub fn holds(conn: &mut Conn, to: To<'_>) -> Result<Option<InUse>, DbError> {
    let found = || {
        let active = holds::table
            .filter(holds::released_at.is_null())
            .into_boxed();
        match to {
            // Names of people and sections are no evidence of what was published.
            To::Author(_) | To::Section(_) => None,
            To::Source(id) => Some(active.filter(holds::source_id.eq(id.to_owned()))),
            To::Article(id) => Some(active.filter(holds::article_id.eq(id.to_owned()))),
        }
    };
    let (Some(some), Some(all)) = (found(), found()) else {
        return Ok(None);
    };
    let ids: Vec<String> = some
        .select(holds::id)
        .order(holds::id.asc())
        .limit(NAMED)
        .load(conn)?;
    if ids.is_empty() {
        return Ok(None);
    }
    let count = all.count().get_result(conn)?;
    Ok(Some(InUse {
        by: "holds",
        ids,
        count,
    }))
}

/// Everything that keeps something from being deleted: [`articles`], [`licences`] and [`holds`].
///
/// # Errors
/// A [`DbError`].
pub fn all(conn: &mut Conn, to: To<'_>) -> Result<Vec<InUse>, DbError> {
    let mut users = Vec::from_iter(articles(conn, to)?);
    users.extend(licences(conn, to)?);
    users.extend(holds(conn, to)?);
    Ok(users)
}

/// That licences and keys may be made for this partner.
///
/// # Errors
/// [`StoreError::Invalid`] at `/partner_id` where there is no such partner, or none any more; a
/// database error.
pub fn partner(conn: &mut Conn, id: PartnerId) -> Result<(), StoreError> {
    let ended: Option<Option<NaiveDateTime>> = partners::table
        .find(id.to_string())
        .select(partners::ended_at)
        .first(conn)
        .optional()?;
    let refuse =
        |code, detail: &str| StoreError::Invalid(vec![Fault::new("/partner_id", code, detail)]);
    match ended {
        Some(None) => Ok(()),
        None => Err(refuse("unknown", "there is no such partner")),
        Some(Some(_)) => Err(refuse("ended", "the partner has ended, which is final")),
    }
}
