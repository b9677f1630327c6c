//! What an author is.

use chrono::{DateTime, Utc};

use crate::kernel::id::AuthorId;
use crate::kernel::words::words;

words! {
    /// What a person in the register does.
    AuthorKind {
        Reporter = "reporter",
        Editor = "editor",
        Photographer = "photographer",
        Translator = "translator",
        /// Not of the house.
        Outside = "outside",
    }
}

/// A person in the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    pub id: AuthorId,
    pub revision: i64,
    pub profile: Profile,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What the desk says of a person, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// As printed.
    pub name: String,
    pub real_name: Option<String>,
    pub kind: AuthorKind,
    pub bio: String,
    pub contact: Option<String>,
    /// Whether new work may name them.
    pub active: bool,
}
