//! What the settings are.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::kernel::language::{Language, Territory};
use crate::rights::PublicExtent;

/// Longest public excerpt that can be set, in Unicode scalar values.
pub const LONGEST_EXCERPT_CHARS: i64 = 2_000;

/// Longest `max-age` of public answers that can be set.
pub const LONGEST_MAX_AGE_SECONDS: i64 = 60;

/// The settings of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub revision: i64,
    pub profile: Profile,
    pub updated_at: DateTime<Utc>,
}

/// What an administrator says of the site, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub site_name: String,
    /// Where readers find the site; links are made of it.
    pub base_url: String,
    /// In which calendar days are counted.
    pub time_zone: Tz,
    pub default_language: Language,
    pub territory: Territory,
    /// As printed in credits.
    pub copyright_holder: String,
    pub public_extent: PublicExtent,
    /// In Unicode scalar values.
    pub public_excerpt_chars: i64,
    pub acquire_licence_url: Option<String>,
    pub public_max_age_seconds: i64,
}

impl Profile {
    /// `max-age` of public answers, in seconds.
    pub fn max_age(&self) -> u64 {
        u64::try_from(self.public_max_age_seconds).unwrap_or_default()
    }
}
