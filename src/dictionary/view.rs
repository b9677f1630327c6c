//! Words of the dictionary on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::Word;
use crate::http::page::page_of;
use crate::http::reply::Outward;
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::han::fold;
use crate::kernel::id::WordId;
use crate::kernel::text::is_han;

/// A word to be kept whole.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"word": "澜港"}))]
pub struct WordInput {
    /// Chinese characters only: words of other scripts have blanks around them. Both scripts mean the
    /// same word.
    #[schema(min_length = 2, max_length = 20)]
    pub word: String,
}

impl WordInput {
    /// Checks what the schema cannot say; the word, and what makes it the same as others.
    ///
    /// # Errors
    /// All faults.
    pub fn parse(&self) -> Result<(String, String), Vec<Fault>> {
        let mut faults = Faults::default();
        let word = faults.line("/word", &self.word, 2..=20);
        if !word.chars().all(is_han) {
            faults.push("/word", "characters", "must be of Chinese characters only");
        }
        let key = fold(&word);
        faults.finish((word, key))
    }
}

/// A word that searches do not part.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Word, example = json!({"id": "wrd_01900000000070008000000000000001", "word": "澜港", "created_at": "2026-01-01T00:00:00Z"}))]
pub struct WordView {
    pub id: WordId,
    pub word: String,
    pub created_at: DateTime<Utc>,
}

impl From<Word> for WordView {
    fn from(word: Word) -> Self {
        Self {
            id: word.id,
            word: word.word,
            created_at: word.created_at,
        }
    }
}

impl Outward for WordView {}

page_of! {
    /// A page of the dictionary.
    WordPage of WordView
}
