//! The licensing notices in force at an instant. Several nouns ask for them, and none may
//! ask another's store.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::{exists, min, not};
use diesel::prelude::*;

use super::schema::{notice_revisions as revisions, notices};
use super::{Conn, DbError};
use crate::kernel::time::{from_db, to_db};

/// A notice in the revision that is in force, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct InForce {
    pub notice_id: String,
    pub kind: String,
    pub language: String,
    /// Number of the revision.
    pub n: i64,
    pub text: String,
    /// JSON.
    pub contact: Option<String>,
    pub claim_window_days: Option<i64>,
}

/// Of each notice the revision in force, by id: the one that took effect last, and of those
/// that did so at the same instant the newest. `notices::model::in_force` says the same in Rust.
///
/// # Errors
/// A [`DbError`].
pub fn at(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<InForce>, DbError> {
    let later = diesel::alias!(revisions as later);
    let now = to_db(now);
    let (from, n) = (
        later.field(revisions::effective_from),
        later.field(revisions::n),
    );
    let superseded = later
        .filter(later.field(revisions::notice_id).eq(revisions::notice_id))
        .filter(from.le(now))
        .filter(
            from.gt(revisions::effective_from)
                .or(from.eq(revisions::effective_from).and(n.gt(revisions::n))),
        );
    notices::table
        .inner_join(revisions::table.on(revisions::notice_id.eq(notices::id)))
        .filter(revisions::effective_from.le(now))
        .filter(not(exists(superseded)))
        .order(notices::id.asc())
        .select((
            notices::id,
            notices::kind,
            notices::language,
            revisions::n,
            revisions::text,
            revisions::contact,
            revisions::claim_window_days,
        ))
        .load(conn)
        .map_err(DbError::from)
}

/// When the next revision takes effect, if one is to come.
///
/// # Errors
/// A [`DbError`].
pub fn next(conn: &mut Conn, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, DbError> {
    let next: Option<NaiveDateTime> = revisions::table
        .filter(revisions::effective_from.gt(to_db(now)))
        .select(min(revisions::effective_from))
        .first(conn)?;
    Ok(next.map(from_db))
}
