//! What a word of the dictionary is.

use chrono::{DateTime, Utc};

use crate::kernel::id::WordId;

/// Words that a dictionary has at most: every node holds them all.
pub const MOST: i64 = 20_000;

/// A word that is never changed, only taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub id: WordId,
    pub word: String,
    pub created_at: DateTime<Utc>,
}
