//! What the server says, as far as a mirror needs it. Members that are not known are passed over, so
//! that a newer server is understood.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::kernel::id::{AdvisoryId, ArticleId};

/// A page of `GET /v1/changes`.
#[derive(Debug, Clone, Deserialize)]
pub struct Changes {
    pub data: Vec<Entry>,
    pub page: Turn,
}

/// Where to go on.
#[derive(Debug, Clone, Deserialize)]
pub struct Turn {
    /// What to send as `after` next time; `None` only where nothing was ever told.
    pub next: Option<String>,
    /// Whether there is nothing more for now.
    pub is_caught_up: bool,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Entry {
    pub id: String,
    /// A word that may be newer than this program: see [`super::plan`].
    pub kind: String,
    pub at: DateTime<Utc>,
    pub article: Changed,
    pub advisory: Option<Named<AdvisoryId>>,
}

/// The article that an entry is about. Its address follows from its id.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Changed {
    pub id: ArticleId,
    /// The version that it is in at least; `None` where the key has none any more.
    pub version: Option<i64>,
    /// How much of it the key may have; `None` where that is nothing.
    #[serde(default)]
    pub extent: Option<String>,
}

/// The advisory that an entry is about.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Named<I> {
    pub id: I,
}

/// An article as JSON, as far as a mirror looks into it.
#[derive(Debug, Deserialize)]
pub struct Article {
    pub version: Option<i64>,
    pub attribution: Attribution,
}

#[derive(Debug, Deserialize)]
pub struct Attribution {
    pub usage: Usage,
}

/// Also what the header `Masthead-Usage` holds.
#[derive(Debug, Deserialize)]
pub struct Usage {
    pub extent: String,
}

/// An advisory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Advisory {
    pub kind: String,
    pub status: String,
    /// The version that the event has made.
    pub version: i64,
}

impl Advisory {
    pub fn is_open(&self) -> bool {
        self.status == "open"
    }
}

/// An answer that is not what was asked for, as RFC 9457 has it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Refusal {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub detail: Option<String>,
}

impl Refusal {
    /// The last part of `type`.
    pub fn slug(&self) -> &str {
        self.kind.rsplit('/').next().unwrap_or_default()
    }
}
