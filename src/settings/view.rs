//! The settings on the wire.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use super::model::{LONGEST_EXCERPT_CHARS, LONGEST_MAX_AGE_SECONDS, Profile, Settings};
use crate::http::reply::Outward;
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::language::{Language, Territory};
use crate::rights::PublicExtent;

/// The settings, as an administrator writes them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"site_name": "Harbour News", "base_url": "https://news.example.org", "time_zone": "Asia/Shanghai", "default_language": "zh-Hans", "territory": "CN", "copyright_holder": "Harbour News Agency", "public_extent": "excerpt", "public_excerpt_chars": 200, "acquire_licence_url": "https://news.example.org/licences", "public_max_age_seconds": 60}))]
pub struct SettingsInput {
    #[schema(min_length = 1, max_length = 200)]
    pub site_name: String,
    /// Where readers find the site, as an http or https URL; links are made of it.
    #[schema(min_length = 1, max_length = 2000)]
    pub base_url: String,
    /// IANA name of the zone in which calendar days are counted.
    #[schema(min_length = 1, max_length = 100, example = "Asia/Shanghai")]
    pub time_zone: String,
    pub default_language: Language,
    pub territory: Territory,
    /// As printed in credits.
    #[schema(min_length = 1, max_length = 200)]
    pub copyright_holder: String,
    pub public_extent: PublicExtent,
    /// Longest excerpt for readers without a credential, in Unicode scalar values.
    #[schema(minimum = 0, maximum = 2000)]
    pub public_excerpt_chars: i64,
    /// Where a licence can be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub acquire_licence_url: Option<String>,
    /// Longest time for which caches may keep public answers.
    #[schema(minimum = 0, maximum = 60)]
    pub public_max_age_seconds: i64,
}

impl SettingsInput {
    /// Checks what the schema cannot say.
    ///
    /// # Errors
    /// All faults.
    pub fn parse(&self) -> Result<Profile, Vec<Fault>> {
        let mut faults = Faults::default();
        let profile = Profile {
            site_name: faults.line("/site_name", &self.site_name, 1..=200),
            base_url: base_url(&mut faults, &self.base_url),
            time_zone: time_zone(&mut faults, &self.time_zone),
            default_language: self.default_language.clone(),
            territory: self.territory.clone(),
            copyright_holder: faults.line("/copyright_holder", &self.copyright_holder, 1..=200),
            public_extent: self.public_extent,
            public_excerpt_chars: self.public_excerpt_chars,
            acquire_licence_url: self
                .acquire_licence_url
                .as_deref()
                .map(|url| faults.web_url("/acquire_licence_url", url)),
            public_max_age_seconds: self.public_max_age_seconds,
        };
        for (pointer, value, most) in [
            (
                "/public_excerpt_chars",
                self.public_excerpt_chars,
                LONGEST_EXCERPT_CHARS,
            ),
            (
                "/public_max_age_seconds",
                self.public_max_age_seconds,
                LONGEST_MAX_AGE_SECONDS,
            ),
        ] {
            if !(0..=most).contains(&value) {
                faults.push(
                    pointer,
                    "range",
                    format!("must be a whole number from 0 to {most}"),
                );
            }
        }
        faults.finish(profile)
    }
}

/// A web address that a path can be put behind.
fn base_url(faults: &mut Faults, value: &str) -> String {
    let value = faults.web_url("/base_url", value);
    let carries_more = Url::parse(&value).is_ok_and(|url| {
        url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
            || url.password().is_some()
    });
    if carries_more {
        let detail = "must have no query, no fragment and no user: paths are put behind it";
        faults.push("/base_url", "url", detail);
    }
    value
}

fn time_zone(faults: &mut Faults, name: &str) -> Tz {
    name.parse().unwrap_or_else(|_| {
        let detail = "must be the IANA name of a time zone, such as Asia/Shanghai";
        faults.push("/time_zone", "time_zone", detail);
        Tz::UTC
    })
}

impl From<&Settings> for SettingsInput {
    fn from(settings: &Settings) -> Self {
        let profile = settings.profile.clone();
        Self {
            site_name: profile.site_name,
            base_url: profile.base_url,
            time_zone: profile.time_zone.name().to_owned(),
            default_language: profile.default_language,
            territory: profile.territory,
            copyright_holder: profile.copyright_holder,
            public_extent: profile.public_extent,
            public_excerpt_chars: profile.public_excerpt_chars,
            acquire_licence_url: profile.acquire_licence_url,
            public_max_age_seconds: profile.public_max_age_seconds,
        }
    }
}

/// The settings of the site.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Settings, example = json!({"site_name": "Harbour News", "base_url": "https://news.example.org", "time_zone": "Asia/Shanghai", "default_language": "zh-Hans", "territory": "CN", "copyright_holder": "Harbour News Agency", "public_extent": "excerpt", "public_excerpt_chars": 200, "acquire_licence_url": "https://news.example.org/licences", "public_max_age_seconds": 60, "updated_at": "2026-01-01T00:00:00Z"}))]
pub struct SettingsView {
    pub site_name: String,
    /// Where readers find the site.
    pub base_url: String,
    /// IANA name of the zone in which calendar days are counted.
    pub time_zone: String,
    pub default_language: Language,
    pub territory: Territory,
    /// As printed in credits.
    pub copyright_holder: String,
    pub public_extent: PublicExtent,
    /// Longest excerpt for readers without a credential, in Unicode scalar values.
    pub public_excerpt_chars: i64,
    /// Where a licence can be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub acquire_licence_url: Option<String>,
    /// Longest time for which caches may keep public answers.
    pub public_max_age_seconds: i64,
    pub updated_at: DateTime<Utc>,
}

impl SettingsView {
    pub fn of(settings: Settings) -> Self {
        let Profile {
            site_name,
            base_url,
            time_zone,
            default_language,
            territory,
            copyright_holder,
            public_extent,
            public_excerpt_chars,
            acquire_licence_url,
            public_max_age_seconds,
        } = settings.profile;
        Self {
            site_name,
            base_url,
            time_zone: time_zone.name().to_owned(),
            default_language,
            territory,
            copyright_holder,
            public_extent,
            public_excerpt_chars,
            acquire_licence_url,
            public_max_age_seconds,
            updated_at: settings.updated_at,
        }
    }
}

impl Outward for SettingsView {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn faults(member: &str, value: serde_json::Value) -> Vec<(String, &'static str)> {
        let mut input = json!({
            "site_name": "Harbour News", "base_url": "https://news.example.org",
            "time_zone": "Asia/Shanghai", "default_language": "zh-Hans", "territory": "CN",
            "copyright_holder": "Harbour News Agency", "public_extent": "excerpt",
            "public_excerpt_chars": 200, "public_max_age_seconds": 60
        });
        input[member] = value;
        let input: SettingsInput = serde_json::from_value(input).unwrap();
        let faults = input.parse().err().unwrap_or_default();
        faults
            .into_iter()
            .map(|fault| (fault.pointer, fault.code))
            .collect()
    }

    #[test]
    fn each_member_is_checked() {
        for (member, value, code) in [
            ("site_name", json!("  "), Some("blank")),
            (
                "copyright_holder",
                json!("a\u{202E}b"),
                Some("unsafe_character"),
            ),
            ("base_url", json!("ftp://news.example.org"), Some("url")),
            (
                "base_url",
                json!("https://news.example.org/?a=b"),
                Some("url"),
            ),
            (
                "base_url",
                json!("https://news.example.org/#top"),
                Some("url"),
            ),
            (
                "base_url",
                json!("https://me:pw@news.example.org"),
                Some("url"),
            ),
            ("base_url", json!("http://news.example.org/site/"), None),
            ("time_zone", json!("Mars/Olympus"), Some("time_zone")),
            ("time_zone", json!("asia/shanghai"), Some("time_zone")),
            ("time_zone", json!("UTC"), None),
            ("acquire_licence_url", json!("licences"), Some("url")),
            ("acquire_licence_url", json!(null), None),
            ("public_excerpt_chars", json!(2001), Some("range")),
            ("public_excerpt_chars", json!(0), None),
            ("public_max_age_seconds", json!(61), Some("range")),
        ] {
            let told = faults(member, value.clone());
            let expected: Vec<_> = code
                .map(|code| (format!("/{member}"), code))
                .into_iter()
                .collect();
            assert_eq!(told, expected, "{member}: {value}");
        }
    }
}
