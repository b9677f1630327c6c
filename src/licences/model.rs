//! What a licence is.

use chrono::{DateTime, Utc};

use crate::kernel::id::{LicenceId, PartnerId, SourceId};
use crate::kernel::language::Territory;
use crate::rights::{self, Alteration, Channel, Extent, Grant, Indexing, LicenceStatus, Selector};

/// Most licences of one partner that are not revoked: each request of its keys reads them all.
pub const MOST_HELD: i64 = 100;

/// What we grant a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licence {
    pub id: LicenceId,
    pub revision: i64,
    /// Never changes.
    pub partner: PartnerId,
    pub terms: Terms,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What is granted, over which works and until when, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Names something.
    pub selector: Selector,
    /// At least a headline.
    pub extent: Extent,
    /// There if the extent is an excerpt, and only then.
    pub excerpt_chars: Option<usize>,
    /// At least one, each once.
    pub channels: Vec<Channel>,
    /// At least one, each once.
    pub territories: Vec<Territory>,
    pub valid_from: DateTime<Utc>,
    pub valid_until: Option<DateTime<Utc>>,
    pub alteration: Alteration,
    pub embargo_privilege: bool,
    pub archive_days: Option<i64>,
    pub quota_per_day: Option<i64>,
    pub cache_max_age_seconds: i64,
    pub removal_deadline_hours: i64,
    pub indexing: Indexing,
    pub ai_input: bool,
    pub ai_train: bool,
    pub status: LicenceStatus,
    /// Where the contract is kept.
    pub contract_ref: Option<String>,
}

impl From<Licence> for rights::Licence {
    fn from(licence: Licence) -> Self {
        let terms = licence.terms;
        Self {
            id: licence.id,
            revision: licence.revision,
            selector: terms.selector,
            extent: terms.extent,
            excerpt_chars: terms.excerpt_chars,
            channels: terms.channels,
            territories: terms.territories,
            valid_from: terms.valid_from,
            valid_until: terms.valid_until,
            alteration: terms.alteration,
            embargo_privilege: terms.embargo_privilege,
            archive_days: terms.archive_days,
            cache_max_age_seconds: terms.cache_max_age_seconds,
            removal_deadline_hours: terms.removal_deadline_hours,
            indexing: terms.indexing,
            ai_input: terms.ai_input,
            ai_train: terms.ai_train,
            status: terms.status,
        }
    }
}

/// An external source of works that a licence is about, and what it allows us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    pub id: SourceId,
    pub name: String,
    pub grants: Vec<Grant>,
}

/// Who the parties to a licence are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parties {
    /// The site: its address and the holder of its copyright.
    pub base_url: String,
    pub copyright_holder: String,
    pub partner_name: String,
}

/// What a partner holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holdings {
    pub partner: PartnerId,
    pub partner_name: String,
    /// Each licence that is not revoked, with how many bodies it gave out today.
    pub licences: Vec<(Licence, i64)>,
}
