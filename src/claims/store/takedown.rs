//! What a claim may ask of the newsroom's works. `articles` does it and `app` joins the two, as
//! it joins the ways in: no noun imports another one.

use std::sync::Arc;

use crate::db::{StoreError, Tx};
use crate::kernel::id::ArticleId;

/// Takes works back from readers and gives them back, within the transaction of the claim that
/// asks for it: either both stand or neither.
pub trait Takedown: Send + Sync {
    /// Takes a work back on a legal demand, with a reason for the public.
    ///
    /// # Errors
    /// [`StoreError::State`] for what readers cannot see, or a database error.
    fn withdraw(
        &self,
        tx: &mut Tx<'_>,
        article: ArticleId,
        reason: String,
    ) -> Result<(), StoreError>;

    /// Gives a work back to readers. The note is for the list of its versions.
    ///
    /// # Errors
    /// [`StoreError::State`] for what is not withdrawn or can no longer be shown, or a database
    /// error.
    fn reinstate(
        &self,
        tx: &mut Tx<'_>,
        article: ArticleId,
        note: String,
    ) -> Result<(), StoreError>;
}

/// The works that claims act on.
#[derive(Clone)]
pub struct Shelf(pub Arc<dyn Takedown>);
