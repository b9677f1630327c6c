//! What a source is.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::kernel::id::SourceId;
use crate::kernel::language::Language;
use crate::kernel::text::name_key;
use crate::rights::SourceKind;

/// Where works come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub id: SourceId,
    pub revision: i64,
    pub profile: Profile,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What the desk says of a source, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub name: String,
    /// As it stands in the credit line.
    pub credit_label: String,
    /// Other names that mean this source.
    pub aliases: Vec<String>,
    /// The source's own name for itself by language; never machine-made.
    pub official_forms: BTreeMap<Language, String>,
    pub kind: SourceKind,
    pub homepage_url: Option<String>,
    pub registry: Vec<Registration>,
}

/// That a source stands on an edition of the list of permitted sources, over a half-open period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    pub list_edition: String,
    pub valid_from: DateTime<Utc>,
    pub valid_until: Option<DateTime<Utc>>,
}

impl Profile {
    /// Every name that means this source: where it stands in the input, and its key.
    pub fn names(&self) -> Vec<(String, String)> {
        let mut names = vec![
            ("/name".to_owned(), name_key(&self.name)),
            ("/credit_label".to_owned(), name_key(&self.credit_label)),
        ];
        for (index, alias) in self.aliases.iter().enumerate() {
            names.push((format!("/aliases/{index}"), name_key(alias)));
        }
        for (language, form) in &self.official_forms {
            names.push((format!("/official_forms/{language}"), name_key(form)));
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_know_where_they_stand() {
        let profile = Profile {
            name: "中新网".to_owned(),
            credit_label: "中国新闻网".to_owned(),
            aliases: vec!["CNS".to_owned(), "中新社".to_owned()],
            official_forms: [(Language::parse("zh-Hant").unwrap(), "中國新聞網".to_owned())].into(),
            kind: SourceKind::Own,
            homepage_url: None,
            registry: Vec::new(),
        };
        let names = profile.names();
        let names: Vec<_> = names
            .iter()
            .map(|(at, key)| (at.as_str(), key.as_str()))
            .collect();
        assert_eq!(
            names,
            [
                ("/name", "中新网"),
                ("/credit_label", "中国新闻网"),
                ("/aliases/0", "cns"),
                ("/aliases/1", "中新社"),
                ("/official_forms/zh-Hant", "中國新聞網"),
            ]
        );
    }
}
