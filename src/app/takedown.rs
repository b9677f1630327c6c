//! Claims meet articles here: what `claims` asks of works, `articles` does. Neither imports the
//! other.

use crate::articles::store::write as articles;
use crate::claims::store::takedown::Takedown;
use crate::db::{StoreError, Tx};
use crate::kernel::id::ArticleId;
use crate::rights::ReasonClass;

/// The newsroom's articles, as claims act on them.
pub(super) struct Articles;

impl Takedown for Articles {
    fn withdraw(
        &self,
        tx: &mut Tx<'_>,
        article: ArticleId,
        reason: String,
    ) -> Result<(), StoreError> {
        articles::withdraw_in(tx, article, None, ReasonClass::Legal, reason).map(|_| ())
    }

    fn reinstate(
        &self,
        tx: &mut Tx<'_>,
        article: ArticleId,
        note: String,
    ) -> Result<(), StoreError> {
        articles::give_back_in(tx, article, Some(note)).map(|_| ())
    }
}
