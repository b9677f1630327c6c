//! Sources on the wire.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Profile, Registration, Source};
use crate::http::page::page_of;
use crate::http::reply::Outward;
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::SourceId;
use crate::kernel::language::Language;
use crate::rights::SourceKind;

/// A source, as the desk writes it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Coastal Wire", "credit_label": "Coastal Wire", "aliases": ["CW"], "official_forms": {"zh-Hans": "海岸通讯社"}, "kind": "external", "homepage_url": "https://wire.example.org", "registry": [{"list_edition": "2026", "valid_from": "2026-01-01T00:00:00Z"}]}))]
pub struct SourceInput {
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// As it stands in the credit line.
    #[schema(min_length = 1, max_length = 200)]
    pub credit_label: String,
    /// Other names that mean this source. A name means one source only.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub aliases: Vec<String>,
    /// The source's own name for itself by language tag (at most 20), such as `zh-Hant`; the
    /// credit line takes the one in its language. Never machine-made.
    #[serde(default)]
    pub official_forms: BTreeMap<String, String>,
    pub kind: SourceKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    /// An absolute http or https URL.
    #[schema(max_length = 2000)]
    pub homepage_url: Option<String>,
    /// On which editions of the list of permitted sources it stands.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub registry: Vec<RegistryEntry>,
}

/// That a source stands on an edition of the list of permitted sources.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"list_edition": "2026", "valid_from": "2026-01-01T00:00:00Z"}))]
pub struct RegistryEntry {
    /// Name of the edition.
    #[schema(min_length = 1, max_length = 100)]
    pub list_edition: String,
    pub valid_from: DateTime<Utc>,
    /// The first instant at which it no longer stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<DateTime<Utc>>,
}

impl SourceInput {
    /// Checks what the schema cannot say.
    ///
    /// # Errors
    /// All faults.
    pub fn parse(&self) -> Result<Profile, Vec<Fault>> {
        let mut faults = Faults::default();
        let aliases = self.aliases.iter().enumerate();
        let registry = self.registry.iter().enumerate();
        let profile = Profile {
            name: faults.line("/name", &self.name, 1..=200),
            credit_label: faults.line("/credit_label", &self.credit_label, 1..=200),
            aliases: aliases
                .map(|(index, alias)| faults.line(&format!("/aliases/{index}"), alias, 1..=200))
                .collect(),
            official_forms: self.forms(&mut faults),
            kind: self.kind,
            homepage_url: self
                .homepage_url
                .as_ref()
                .map(|url| faults.web_url("/homepage_url", url)),
            registry: registry
                .map(|(index, entry)| entry.parse(&format!("/registry/{index}"), &mut faults))
                .collect(),
        };
        faults.finish(profile)
    }

    fn forms(&self, faults: &mut Faults) -> BTreeMap<Language, String> {
        if self.official_forms.len() > 20 {
            faults.push("/official_forms", "items", "has more than 20 members");
        }
        let mut forms = BTreeMap::new();
        for (tag, form) in &self.official_forms {
            let name = tag.replace('~', "~0").replace('/', "~1");
            let pointer = format!("/official_forms/{name}");
            let form = faults.line(&pointer, form, 1..=200);
            match Language::parse(tag) {
                Some(language) => {
                    forms.insert(language, form);
                }
                None => faults.push(
                    pointer,
                    "language",
                    "its name must be a language tag such as zh-Hans or en",
                ),
            }
        }
        forms
    }
}

impl RegistryEntry {
    fn parse(&self, pointer: &str, faults: &mut Faults) -> Registration {
        let list_edition = format!("{pointer}/list_edition");
        let list_edition = faults.line(&list_edition, &self.list_edition, 1..=100);
        let (valid_from, valid_until) = faults.period(pointer, self.valid_from, self.valid_until);
        Registration {
            list_edition,
            valid_from,
            valid_until,
        }
    }
}

impl From<&Source> for SourceInput {
    fn from(source: &Source) -> Self {
        let profile = source.profile.clone();
        Self {
            name: profile.name,
            credit_label: profile.credit_label,
            aliases: profile.aliases,
            official_forms: words(profile.official_forms),
            kind: profile.kind,
            homepage_url: profile.homepage_url,
            registry: entries(profile.registry),
        }
    }
}

fn words(forms: BTreeMap<Language, String>) -> BTreeMap<String, String> {
    forms
        .into_iter()
        .map(|(language, form)| (language.into(), form))
        .collect()
}

fn entries(registry: Vec<Registration>) -> Vec<RegistryEntry> {
    let entry = |registration: Registration| RegistryEntry {
        list_edition: registration.list_edition,
        valid_from: registration.valid_from,
        valid_until: registration.valid_until,
    };
    registry.into_iter().map(entry).collect()
}

/// Where works come from.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Source, example = json!({"id": "src_01900000000070008000000000000001", "name": "Coastal Wire", "credit_label": "Coastal Wire", "aliases": ["CW"], "official_forms": {"zh-Hans": "海岸通讯社"}, "kind": "external", "homepage_url": "https://wire.example.org", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}))]
pub struct SourceView {
    pub id: SourceId,
    pub name: String,
    /// As it stands in the credit line.
    pub credit_label: String,
    /// Other names that mean this source.
    pub aliases: Vec<String>,
    /// The source's own name for itself by language tag.
    pub official_forms: BTreeMap<String, String>,
    pub kind: SourceKind,
    #[schema(required = true)]
    pub homepage_url: Option<String>,
    /// On which editions of the list of permitted sources it stands. For the desk only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub registry: Option<Vec<RegistryEntry>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl SourceView {
    /// `desk` tells whether the reader is a member of staff.
    pub fn of(source: Source, desk: bool) -> Self {
        let Profile {
            name,
            credit_label,
            aliases,
            official_forms,
            kind,
            homepage_url,
            registry,
        } = source.profile;
        Self {
            id: source.id,
            name,
            credit_label,
            aliases,
            official_forms: words(official_forms),
            kind,
            homepage_url,
            registry: desk.then(|| entries(registry)),
            created_at: source.created_at,
            updated_at: source.updated_at,
        }
    }
}

impl Outward for SourceView {}

page_of! {
    /// A page of the sources.
    SourcePage of SourceView
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(value: serde_json::Value) -> SourceInput {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn every_fault_is_told_where_it_stands() {
        let faults = input(serde_json::json!({
            "name": "中新\u{200B}网", "credit_label": "  ", "aliases": ["ok", "a\u{202E}b"], "kind": "own",
            "official_forms": {"zh_Hant": "x", "a/b": "x", "en": "x\u{0}"}, "homepage_url": "ftp://x",
            "registry": [{"list_edition": "2026\n1", "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2026-01-01T00:00:00Z"}]
        }))
        .parse()
        .unwrap_err();
        let faults: Vec<_> = faults
            .iter()
            .map(|fault| (fault.pointer.as_str(), fault.code))
            .collect();
        assert_eq!(
            faults,
            [
                ("/name", "unsafe_character"),
                ("/credit_label", "blank"),
                ("/aliases/1", "unsafe_character"),
                ("/official_forms/a~1b", "language"),
                ("/official_forms/en", "unsafe_character"),
                ("/official_forms/zh_Hant", "language"),
                ("/homepage_url", "url"),
                ("/registry/0/list_edition", "unsafe_character"),
                ("/registry/0/valid_until", "period"),
            ]
        );
    }

    #[test]
    fn what_was_parsed_reads_back() {
        let written = input(serde_json::json!({
            "name": " Wire ", "credit_label": "Wire", "kind": "external", "official_forms": {"en": "The Wire"},
            "registry": [{"list_edition": "2026", "valid_from": "2026-01-01T00:00:00Z"}]
        }));
        let profile = written.parse().unwrap();
        assert_eq!(profile.name, "Wire");
        let at = DateTime::UNIX_EPOCH;
        let id = "src_01900000000070008000000000000001"
            .to_owned()
            .try_into()
            .unwrap();
        let source = Source {
            id,
            revision: 1,
            profile,
            created_at: at,
            updated_at: at,
        };
        assert_eq!(SourceInput::from(&source).parse().unwrap(), source.profile);
        assert!(SourceView::of(source.clone(), false).registry.is_none());
        assert_eq!(
            SourceView::of(source, true)
                .registry
                .map(|entries| entries.len()),
            Some(1)
        );
    }
}
