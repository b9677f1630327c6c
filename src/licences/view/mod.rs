//! Licences on the wire.

mod holdings;
mod input;
mod policy;
mod warnings;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::Licence;
use crate::http::page::page_of;
use crate::http::reply::Outward;
use crate::kernel::id::{ArticleId, LicenceId, PartnerId, SectionId, SourceId};
use crate::kernel::language::{Language, Territory};
use crate::rights::{Alteration, Channel, Extent, Indexing, LicenceStatus, Selector};

pub use holdings::{HoldingView, HoldingsView};
pub use input::{LicenceInput, SelectorInput};
pub use policy::PolicyView;
pub use warnings::{SourceName, Warning, warnings};

/// Which works a licence is about: single articles, and works that fit each of the other lists that names something.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Selector, example = json!({"sections": ["sec_01900000000070008000000000000001"], "sources": [], "languages": ["zh"], "tags": [], "articles": []}))]
pub struct SelectorView {
    /// With everything below them.
    pub sections: Vec<SectionId>,
    pub sources: Vec<SourceId>,
    /// Ranges: `zh` is `zh-Hans` too.
    pub languages: Vec<Language>,
    pub tags: Vec<String>,
    /// Single articles, whatever the other lists say.
    pub articles: Vec<ArticleId>,
}

impl From<Selector> for SelectorView {
    fn from(selector: Selector) -> Self {
        Self {
            sections: selector.sections,
            sources: selector.sources,
            languages: selector.languages,
            tags: selector.tags,
            articles: selector.articles,
        }
    }
}

/// What a partner is granted. For the rights desk only.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Licence, example = json!({"id": "lic_01900000000070008000000000000001", "partner_id": "ptn_01900000000070008000000000000001",
    "selector": {"sections": ["sec_01900000000070008000000000000001"], "sources": [], "languages": ["zh"], "tags": [], "articles": []},
    "extent": "excerpt", "excerpt_chars": 400, "channels": ["syndication"], "territories": ["CN"],
    "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2027-01-01T00:00:00Z", "alteration": "none", "embargo_privilege": false,
    "archive_days": 30, "quota_per_day": 200, "cache_max_age": 3600, "removal_deadline_hours": 24, "indexing": "noindex",
    "ai_input": false, "ai_train": false, "status": "active", "contract_ref": "Contract 2026/31", "warnings": [],
    "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}))]
pub struct LicenceView {
    pub id: LicenceId,
    pub partner_id: PartnerId,
    pub selector: SelectorView,
    /// How much of a work is granted.
    pub extent: Extent,
    /// Longest excerpt in characters, where the extent is one.
    #[schema(required = true)]
    pub excerpt_chars: Option<usize>,
    /// Where the partner may use works.
    pub channels: Vec<Channel>,
    /// ISO 3166-1 alpha-2 codes.
    pub territories: Vec<Territory>,
    pub valid_from: DateTime<Utc>,
    /// The first instant at which the licence no longer holds; null if it has no end.
    #[schema(required = true)]
    pub valid_until: Option<DateTime<Utc>>,
    /// The most that may be done to the text.
    pub alteration: Alteration,
    /// Whether partners are given works under embargo, so that they can prepare them. Crawlers meet a work once it is out.
    pub embargo_privilege: bool,
    /// How many days after its publication a work can still be had; null for no bound.
    #[schema(required = true)]
    pub archive_days: Option<i64>,
    /// Bodies on a day (UTC); null for no bound.
    #[schema(required = true)]
    pub quota_per_day: Option<i64>,
    /// Seconds for which a copy may be kept without asking again.
    pub cache_max_age: i64,
    /// Hours within which a withdrawn work is to be gone.
    pub removal_deadline_hours: i64,
    pub indexing: Indexing,
    /// Whether AI systems may take works as input.
    pub ai_input: bool,
    /// Whether AI systems may be trained on works.
    pub ai_train: bool,
    pub status: LicenceStatus,
    /// Where the contract is kept.
    #[schema(required = true)]
    pub contract_ref: Option<String>,
    /// What is granted beyond what sources allow us; not in lists. The decision on each work cuts it down to what they allow. Looked at are the sources that the licence names, else those that have works in scope at this moment, at most 200. An excerpt from a source that allows one is no longer than the site's `public_excerpt_chars`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub warnings: Option<Vec<Warning>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl From<Licence> for LicenceView {
    fn from(licence: Licence) -> Self {
        let terms = licence.terms;
        Self {
            id: licence.id,
            partner_id: licence.partner,
            selector: terms.selector.into(),
            extent: terms.extent,
            excerpt_chars: terms.excerpt_chars,
            channels: terms.channels,
            territories: terms.territories,
            valid_from: terms.valid_from,
            valid_until: terms.valid_until,
            alteration: terms.alteration,
            embargo_privilege: terms.embargo_privilege,
            archive_days: terms.archive_days,
            quota_per_day: terms.quota_per_day,
            cache_max_age: terms.cache_max_age_seconds,
            removal_deadline_hours: terms.removal_deadline_hours,
            indexing: terms.indexing,
            ai_input: terms.ai_input,
            ai_train: terms.ai_train,
            status: terms.status,
            contract_ref: terms.contract_ref,
            warnings: None,
            created_at: licence.created_at,
            updated_at: licence.updated_at,
        }
    }
}

impl Outward for LicenceView {}

page_of! {
    /// A page of the licences.
    LicencePage of LicenceView
}
