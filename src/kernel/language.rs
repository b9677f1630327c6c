//! Language tags (a subset of BCP 47: language, script, region) and territories
//! (ISO 3166-1 alpha-2).

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::han::Script;

/// A language tag such as `zh-Hans`, `zh-Hant-TW` or `en`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$", example = "zh-Hans")]
pub struct Language(String);

/// The languages that the credit templates are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Template {
    ZhHans,
    ZhHant,
    En,
}

impl Template {
    /// The tag under which a source's official form in this template is kept.
    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhHans => "zh-Hans",
            Self::ZhHant => "zh-Hant",
            Self::En => "en",
        }
    }
}

impl Language {
    pub fn parse(tag: &str) -> Option<Self> {
        let mut parts = tag.split('-');
        let primary = parts.next()?;
        if !(2..=3).contains(&primary.len()) || !primary.bytes().all(|b| b.is_ascii_lowercase()) {
            return None;
        }
        let mut rest = parts.peekable();
        rest.next_if(|part| is_script(part));
        rest.next_if(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_uppercase()));
        rest.next().is_none().then(|| Self(tag.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The primary language, such as `zh`.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// The script in which Chinese is written; `None` for other languages.
    pub fn script(&self) -> Option<Script> {
        match (self.primary(), self.template()) {
            ("zh", Template::ZhHans) => Some(Script::Hans),
            ("zh", Template::ZhHant) => Some(Script::Hant),
            _ => None,
        }
    }

    /// Chinese in a script.
    pub fn in_script(script: Script) -> Self {
        let tag = match script {
            Script::Hans => "zh-Hans",
            Script::Hant => "zh-Hant",
        };
        Self(tag.to_owned())
    }

    /// Which credit template speaks this language. Chinese without a script is
    /// Simplified unless its region writes Traditional; all else reads English.
    pub fn template(&self) -> Template {
        if self.primary() != "zh" {
            return Template::En;
        }
        let traditional = self
            .0
            .split('-')
            .skip(1)
            .any(|part| matches!(part, "Hant" | "TW" | "HK" | "MO"));
        let simplified = self.0.contains("Hans");
        if traditional && !simplified {
            Template::ZhHant
        } else {
            Template::ZhHans
        }
    }

    /// Whether this tag lies in a range (RFC 4647, basic filtering): `zh-Hans` lies in `zh`.
    pub fn is_within(&self, range: &Self) -> bool {
        self.0
            .strip_prefix(&range.0)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }

    /// How well another language serves a reader of this one; higher is better.
    pub fn affinity(&self, other: &Self) -> u8 {
        match () {
            () if self == other => 3,
            () if self.template() == other.template() && self.primary() == other.primary() => 2,
            () if self.primary() == other.primary() => 1,
            () => 0,
        }
    }
}

fn is_script(part: &str) -> bool {
    part.len() == 4
        && part.bytes().enumerate().all(|(at, b)| {
            if at == 0 {
                b.is_ascii_uppercase()
            } else {
                b.is_ascii_lowercase()
            }
        })
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Language {
    type Error = &'static str;
    fn try_from(tag: String) -> Result<Self, Self::Error> {
        Self::parse(&tag).ok_or("must be a language tag such as zh-Hans or en")
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

/// A territory: an assigned ISO 3166-1 alpha-2 code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[A-Z]{2}$", example = "CN")]
pub struct Territory(String);

impl Territory {
    pub fn parse(code: &str) -> Option<Self> {
        let shape = code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
        (shape && rust_iso3166::from_alpha2(code).is_some()).then(|| Self(code.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Territory {
    type Error = &'static str;
    fn try_from(code: String) -> Result<Self, Self::Error> {
        Self::parse(&code).ok_or("must be an assigned ISO 3166-1 alpha-2 code such as CN")
    }
}

impl From<Territory> for String {
    fn from(territory: Territory) -> Self {
        territory.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_their_templates() {
        for (tag, template) in [
            ("zh", Some(Template::ZhHans)),
            ("zh-Hans", Some(Template::ZhHans)),
            ("zh-Hans-HK", Some(Template::ZhHans)),
            ("zh-Hant", Some(Template::ZhHant)),
            ("zh-TW", Some(Template::ZhHant)),
            ("en", Some(Template::En)),
            ("en-GB", Some(Template::En)),
            ("fr", Some(Template::En)),
            ("", None),
            ("EN", None),
            ("zh_Hans", None),
            ("zh-hans", None),
            ("zh-Hans-CN-x", None),
        ] {
            assert_eq!(
                Language::parse(tag).map(|l| l.template()),
                template,
                "{tag}"
            );
        }
    }

    #[test]
    fn territories_are_assigned_codes() {
        assert!(Territory::parse("CN").is_some());
        assert!(Territory::parse("ZZ").is_none());
        assert!(Territory::parse("cn").is_none());
    }
}
