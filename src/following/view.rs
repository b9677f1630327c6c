//! Changes on the wire: ids, numbers of versions and words, no text of a work.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::changes::model::{Entry, EntryKind};
use crate::http::events::Event;
use crate::http::reply::Outward;
use crate::kernel::id::{AdvisoryId, ArticleId, ChangeId};
use crate::rights::{Extent, ReasonClass};

/// A work that something became of.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangedArticle {
    pub id: ArticleId,
    /// Where it is read, as far as it may be by then.
    pub href: String,
    /// The version that the change is about; null where the caller has none any more.
    #[schema(required = true)]
    pub version: Option<i64>,
    /// How much of it the caller may have; null where it may have nothing any more.
    #[schema(required = true)]
    pub extent: Option<Extent>,
}

/// An advisory that was issued or is reminded of.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangedAdvisory {
    pub id: AdvisoryId,
    pub href: String,
}

/// Something that the caller has to know.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Change, example = json!({"id": "chg_0190f3c27a007000800000000000000a", "kind": "corrected", "at": "2026-06-01T12:00:00Z",
    "article": {"id": "art_01900000000070008000000000000000", "href": "/v1/articles/art_01900000000070008000000000000000", "version": 3, "extent": "full"},
    "reason_class": null, "advisory": null}))]
pub struct ChangeView {
    /// Send it as `after` for what follows.
    pub id: ChangeId,
    pub kind: EntryKind,
    /// When it happened.
    pub at: DateTime<Utc>,
    pub article: ChangedArticle,
    /// Of a withdrawal, where it is known.
    #[schema(required = true)]
    pub reason_class: Option<ReasonClass>,
    /// Set where the kind is `advisory`.
    #[schema(required = true)]
    pub advisory: Option<ChangedAdvisory>,
}

impl ChangeView {
    pub fn of(entry: &Entry) -> Self {
        let news = &entry.news;
        Self {
            id: entry.id,
            kind: news.kind,
            at: news.at,
            article: ChangedArticle {
                id: entry.article,
                href: format!("/v1/articles/{}", entry.article),
                version: news.version,
                extent: news.extent,
            },
            reason_class: news.reason_class,
            advisory: news.advisory.map(|id| ChangedAdvisory {
                id,
                href: format!("/v1/advisories/{id}"),
            }),
        }
    }
}

impl Outward for ChangeView {}

impl Event for ChangeView {
    fn id(&self) -> String {
        self.id.to_string()
    }

    fn kind(&self) -> &'static str {
        self.kind.as_str()
    }
}

/// Where a page of changes ends.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"next": "chg_0190f3c27a007000800000000000000a", "is_caught_up": true}))]
pub struct ChangesPosition {
    /// Send it as `after` next time; null while the log is empty.
    #[schema(required = true)]
    pub next: Option<ChangeId>,
    /// False where there is more to be had at once.
    pub is_caught_up: bool,
}

/// A page of changes, the oldest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ChangesPage)]
pub struct ChangesPage {
    pub data: Vec<ChangeView>,
    pub page: ChangesPosition,
}

impl Outward for ChangesPage {}
