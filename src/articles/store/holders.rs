//! Partners that hold a work: whether there are any, and telling them what became of it
//! (rule 18).

use diesel::dsl::exists;
use diesel::prelude::*;

use crate::db::advisories::{self, Issue};
use crate::db::schema::deliveries;
use crate::db::{DbError, Tx};
use crate::kernel::id::ArticleId;
use crate::rights::ReasonClass;

pub use crate::db::advisories::Kind;

/// Whether a partner was ever given it, under an embargo for one.
///
/// # Errors
/// A [`DbError`].
pub fn was_delivered(tx: &mut Tx<'_>, article: &str) -> Result<bool, DbError> {
    let given = deliveries::table.filter(deliveries::article_id.eq(article));
    Ok(diesel::select(exists(given)).get_result(tx.conn)?)
}

/// Issues an advisory to each of them, within the write that it is about. `version` is the one
/// that this write has made; `text` the public note or reason.
///
/// # Errors
/// A [`DbError`].
pub fn tell(
    tx: &mut Tx<'_>,
    article: ArticleId,
    version: i64,
    kind: Kind,
    class: Option<ReasonClass>,
    text: Option<&str>,
) -> Result<(), DbError> {
    let issue = Issue {
        article: &article.to_string(),
        version,
        kind,
        reason_class: class.map(ReasonClass::as_str),
        text,
    };
    advisories::issue(tx, &issue)
}
