//! What comes in, and what is wrong with it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::{ArticleId, PartnerId, SectionId, SourceId};
use crate::kernel::language::{Language, Territory};
use crate::licences::model::{Licence, Terms};
use crate::rights::{Alteration, Channel, Extent, Indexing, LicenceStatus, Selector};

/// Which works a licence is about. It names something: an empty one selects nothing.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"sections": ["sec_01900000000070008000000000000001"], "languages": ["zh"]}))]
pub struct SelectorInput {
    /// With everything below them.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub sections: Vec<SectionId>,
    #[serde(default)]
    #[schema(max_items = 500)]
    pub sources: Vec<SourceId>,
    /// Ranges: `zh` is `zh-Hans` too.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub languages: Vec<Language>,
    /// A work with one of them is in.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub tags: Vec<String>,
    /// Single articles, whatever the other lists say.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub articles: Vec<ArticleId>,
}

/// What a partner is granted, as the rights desk writes it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"partner_id": "ptn_01900000000070008000000000000001", "selector": {"sections": ["sec_01900000000070008000000000000001"], "languages": ["zh"]},
    "extent": "excerpt", "excerpt_chars": 400, "channels": ["syndication"], "territories": ["CN"],
    "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2027-01-01T00:00:00Z", "archive_days": 30, "quota_per_day": 200,
    "contract_ref": "Contract 2026/31"}))]
pub struct LicenceInput {
    /// Never changes.
    pub partner_id: PartnerId,
    pub selector: SelectorInput,
    /// How much of a work is granted: `headline`, `excerpt` or `full`. A stub needs no licence.
    pub extent: Extent,
    /// Longest excerpt in characters; needed by the extent `excerpt`, refused with others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10000)]
    pub excerpt_chars: Option<usize>,
    /// Where the partner may use works.
    #[schema(value_type = BTreeSet<Channel>, min_items = 1)]
    pub channels: Vec<Channel>,
    /// ISO 3166-1 alpha-2 codes.
    #[schema(value_type = BTreeSet<Territory>, min_items = 1, max_items = 300)]
    pub territories: Vec<String>,
    pub valid_from: DateTime<Utc>,
    /// The first instant at which the licence no longer holds; without it, it has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<DateTime<Utc>>,
    /// The most that may be done to the text.
    #[serde(default = "unaltered")]
    #[schema(default = "none")]
    pub alteration: Alteration,
    /// Whether partners are given works under embargo, so that they can prepare them. Crawlers meet a work once it is out.
    #[serde(default)]
    #[schema(default = false)]
    pub embargo_privilege: bool,
    /// How many days after its publication a work can still be had; without it, there is no bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 36500)]
    pub archive_days: Option<i64>,
    /// Bodies on a day (UTC); without it, there is no bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10000000)]
    pub quota_per_day: Option<i64>,
    /// Seconds for which a copy may be kept without asking again.
    #[serde(default = "an_hour")]
    #[schema(minimum = 0, maximum = 31536000, default = 3600)]
    pub cache_max_age: i64,
    /// Hours within which a withdrawn work is to be gone.
    #[serde(default = "a_day")]
    #[schema(minimum = 1, maximum = 8760, default = 24)]
    pub removal_deadline_hours: i64,
    /// Whether search engines may index what the partner prints.
    #[serde(default = "noindex")]
    #[schema(default = "noindex")]
    pub indexing: Indexing,
    /// Whether AI systems may take works as input.
    #[serde(default)]
    #[schema(default = false)]
    pub ai_input: bool,
    /// Whether AI systems may be trained on works.
    #[serde(default)]
    #[schema(default = false)]
    pub ai_train: bool,
    /// `active` or `suspended`; a change may make it `revoked`, which is final, and cannot take it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, default = "active")]
    pub status: Option<LicenceStatus>,
    /// Where the contract is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub contract_ref: Option<String>,
}

fn unaltered() -> Alteration {
    Alteration::None
}

fn an_hour() -> i64 {
    3_600
}

fn a_day() -> i64 {
    24
}

fn noindex() -> Indexing {
    Indexing::Noindex
}

impl LicenceInput {
    /// A new licence: for whom, and its terms.
    ///
    /// # Errors
    /// All faults.
    pub fn parse_new(&self) -> Result<(PartnerId, Terms), Vec<Fault>> {
        let mut faults = Faults::default();
        let status = self.status.unwrap_or(LicenceStatus::Active);
        if status == LicenceStatus::Revoked {
            let detail = "must be active or suspended: what is revoked was granted once";
            faults.push("/status", "choice", detail);
        }
        let terms = self.terms(status, &mut faults);
        faults.finish((self.partner_id, terms))
    }

    /// The new terms of a licence that stands.
    ///
    /// # Errors
    /// All faults.
    pub fn parse_change(&self, current: &Licence) -> Result<Terms, Vec<Fault>> {
        let mut faults = Faults::default();
        if self.partner_id != current.partner {
            let detail = "never changes; make another licence";
            faults.push("/partner_id", "immutable", detail);
        }
        // The usual state is for new licences: here it would bring a suspended one back.
        let status = self.status.unwrap_or_else(|| {
            let detail = "must be active, suspended or revoked: a licence always has one";
            faults.push("/status", "required", detail);
            current.terms.status
        });
        let terms = self.terms(status, &mut faults);
        faults.finish(terms)
    }

    /// Checks what the schema cannot say.
    fn terms(&self, status: LicenceStatus, faults: &mut Faults) -> Terms {
        let (valid_from, valid_until) = faults.period("", self.valid_from, self.valid_until);
        self.check_extent(faults);
        Terms {
            selector: self.selector.parse(faults),
            extent: self.extent,
            excerpt_chars: self.excerpt_chars,
            channels: self.channels.clone(),
            territories: self.territories(faults),
            valid_from,
            valid_until,
            alteration: self.alteration,
            embargo_privilege: self.embargo_privilege,
            archive_days: self.archive_days,
            quota_per_day: self.quota_per_day,
            cache_max_age_seconds: self.cache_max_age,
            removal_deadline_hours: self.removal_deadline_hours,
            indexing: self.indexing,
            ai_input: self.ai_input,
            ai_train: self.ai_train,
            status,
            contract_ref: faults.optional_line("/contract_ref", self.contract_ref.as_deref(), 500),
        }
    }

    fn check_extent(&self, faults: &mut Faults) {
        let at = "/excerpt_chars";
        match (self.extent, self.excerpt_chars) {
            (Extent::Stub, _) => {
                let detail = "must be headline, excerpt or full: a stub needs no licence";
                faults.push("/extent", "choice", detail);
            }
            (Extent::Excerpt, None) => {
                faults.push(at, "required", "must say how long an excerpt may be");
            }
            (Extent::Headline | Extent::Full, Some(_)) => {
                faults.push(at, "choice", "is for the extent excerpt only");
            }
            (Extent::Excerpt, Some(_)) | (Extent::Headline | Extent::Full, None) => {}
        }
    }

    fn territories(&self, faults: &mut Faults) -> Vec<Territory> {
        let mut territories = Vec::new();
        for (index, code) in self.territories.iter().enumerate() {
            match Territory::parse(code) {
                Some(territory) => territories.push(territory),
                None => faults.push(
                    format!("/territories/{index}"),
                    "territory",
                    "must be an assigned ISO 3166-1 alpha-2 code such as CN",
                ),
            }
        }
        territories
    }
}

impl SelectorInput {
    fn parse(&self, faults: &mut Faults) -> Selector {
        let tags = self.tags.iter().enumerate();
        let selector = Selector {
            sections: self.sections.clone(),
            sources: self.sources.clone(),
            languages: self.languages.clone(),
            tags: tags
                .map(|(at, tag)| faults.line(&format!("/selector/tags/{at}"), tag, 1..=100))
                .collect(),
            articles: self.articles.clone(),
        };
        if selector.is_empty() {
            let detail = "names nothing, and so selects nothing; name sections, sources, languages, tags or articles";
            faults.push("/selector", "empty", detail);
        }
        each_once(&selector.sections, "sections", faults);
        each_once(&selector.sources, "sources", faults);
        each_once(&selector.languages, "languages", faults);
        each_once(&selector.tags, "tags", faults);
        each_once(&selector.articles, "articles", faults);
        selector
    }
}

fn each_once<T: PartialEq>(items: &[T], list: &str, faults: &mut Faults) {
    for (at, item) in items.iter().enumerate() {
        if items.iter().take(at).any(|earlier| earlier == item) {
            let pointer = format!("/selector/{list}/{at}");
            faults.push(pointer, "duplicate", "stands here twice");
        }
    }
}

impl From<&Licence> for LicenceInput {
    fn from(licence: &Licence) -> Self {
        let terms = licence.terms.clone();
        let selector = terms.selector;
        Self {
            partner_id: licence.partner,
            selector: SelectorInput {
                sections: selector.sections,
                sources: selector.sources,
                languages: selector.languages,
                tags: selector.tags,
                articles: selector.articles,
            },
            extent: terms.extent,
            excerpt_chars: terms.excerpt_chars,
            channels: terms.channels,
            territories: terms.territories.into_iter().map(Into::into).collect(),
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
            status: Some(terms.status),
            contract_ref: terms.contract_ref,
        }
    }
}
