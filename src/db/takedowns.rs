//! Which claims keep an article withdrawn. `claims` withdraws on a legal demand and gives back;
//! `articles` must not give back by hand what a claim keeps away.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::claims;
use super::{Conn, DbError};
use crate::kernel::time::to_db;

/// How many keepers are named: whether there is another one than the asker needs two.
const NAMED: i64 = 2;

/// Ids of claims that keep the article away by the withdrawal of this instant: that is how a claim
/// knows its own withdrawal from one by hand.
///
/// # Errors
/// A [`DbError`].
pub fn keepers(conn: &mut Conn, article: &str, at: DateTime<Utc>) -> Result<Vec<String>, DbError> {
    Ok(claims::table
        .filter(claims::article_id.eq(article))
        .filter(claims::withdrawn_at.eq(to_db(at)))
        .order(claims::id.asc())
        .select(claims::id)
        .limit(NAMED)
        .load(conn)?)
}
