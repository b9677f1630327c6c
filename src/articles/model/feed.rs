//! Feeds: which articles one holds, and what stands at its head.

use chrono::{DateTime, Utc};

use crate::kernel::id::AuthorId;
use crate::kernel::language::Language;

/// What a feed is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    Site,
    /// A section by its slug, with those below it.
    Section(String),
    Author(AuthorId),
    Tag(String),
}

/// What stands at the head of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedHead {
    pub site_name: String,
    /// Where the site is, without a slash at the end.
    pub base_url: String,
    pub language: Language,
    pub copyright_holder: String,
    /// Of the settings: when the head last changed, where there are no articles.
    pub updated_at: DateTime<Utc>,
    /// Name of what it is about, if not the whole site, and a word on it.
    pub about: Option<(String, String)>,
}

/// A work in a sitemap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub slug: String,
    pub updated_at: DateTime<Utc>,
}
