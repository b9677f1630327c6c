//! What a partner holds, as its keys see it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::SelectorView;
use crate::http::reply::Outward;
use crate::kernel::id::{LicenceId, PartnerId};
use crate::kernel::language::Territory;
use crate::kernel::time::next_utc_day;
use crate::licences::model::{Holdings, Licence};
use crate::rights::{Alteration, Channel, Extent, Indexing, LicenceStatus};

/// A partner, by name.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"id": "ptn_01900000000070008000000000000001", "name": "Gulf Evening Post"}))]
pub struct PartnerName {
    pub id: PartnerId,
    pub name: String,
}

/// A licence as the partner sees it, with how much of it was used today.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Holding, example = json!({"id": "lic_01900000000070008000000000000001", "extent": "full", "excerpt_chars": null,
    "selector": {"sections": ["sec_01900000000070008000000000000001"], "sources": [], "languages": [], "tags": [], "articles": []},
    "channels": ["syndication"], "territories": ["CN"], "valid_from": "2026-01-01T00:00:00Z", "valid_until": null,
    "alteration": "none", "embargo_privilege": false, "archive_days": null, "quota_per_day": 200, "delivered_today": 17,
    "quota_resets_at": "2026-06-02T00:00:00Z", "cache_max_age": 3600, "removal_deadline_hours": 24, "indexing": "noindex",
    "ai_input": false, "ai_train": false, "status": "active"}))]
pub struct HoldingView {
    pub id: LicenceId,
    /// How much of a work is granted.
    pub extent: Extent,
    /// Longest excerpt in characters, where the extent is one.
    #[schema(required = true)]
    pub excerpt_chars: Option<usize>,
    pub selector: SelectorView,
    /// A key's channel must be among them.
    pub channels: Vec<Channel>,
    /// A key's territory must be among them. ISO 3166-1 alpha-2 codes.
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
    /// Bodies given out today (UTC).
    pub delivered_today: i64,
    /// When the quota begins anew; null without one.
    #[schema(required = true)]
    pub quota_resets_at: Option<DateTime<Utc>>,
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
}

impl HoldingView {
    fn of(licence: Licence, delivered_today: i64, now: DateTime<Utc>) -> Self {
        let terms = licence.terms;
        Self {
            id: licence.id,
            extent: terms.extent,
            excerpt_chars: terms.excerpt_chars,
            selector: terms.selector.into(),
            channels: terms.channels,
            territories: terms.territories,
            valid_from: terms.valid_from,
            valid_until: terms.valid_until,
            alteration: terms.alteration,
            embargo_privilege: terms.embargo_privilege,
            archive_days: terms.archive_days,
            quota_per_day: terms.quota_per_day,
            delivered_today,
            quota_resets_at: terms.quota_per_day.map(|_| next_utc_day(now)),
            cache_max_age: terms.cache_max_age_seconds,
            removal_deadline_hours: terms.removal_deadline_hours,
            indexing: terms.indexing,
            ai_input: terms.ai_input,
            ai_train: terms.ai_train,
            status: terms.status,
        }
    }
}

/// What the partner of a key holds: all licences that are not revoked.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Holdings)]
pub struct HoldingsView {
    pub partner: PartnerName,
    pub data: Vec<HoldingView>,
}

impl HoldingsView {
    pub fn of(holdings: Holdings, now: DateTime<Utc>) -> Self {
        Self {
            partner: PartnerName {
                id: holdings.partner,
                name: holdings.partner_name,
            },
            data: holdings
                .licences
                .into_iter()
                .map(|(licence, delivered)| HoldingView::of(licence, delivered, now))
                .collect(),
        }
    }
}

impl Outward for HoldingsView {}
