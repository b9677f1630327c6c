//! One object of ninjs, whose field names differ in case and number from version to version:
//! `pubstatus` became `pubStatus`, `subject` became `subjects`, maps became lists.
//!
//! Must not decide what a field means. Start with [`Fields`].

use std::collections::BTreeMap;

use serde_json::Value;

use super::item::{Party, Rendition, Term, TermKind};
use super::words;

/// The fields of an object, by their names in lower case.
#[derive(Debug, Default)]
pub(super) struct Fields<'v>(BTreeMap<String, &'v Value>);

impl<'v> Fields<'v> {
    pub(super) fn of(value: &'v Value) -> Option<Self> {
        let object = value.as_object()?;
        let mut fields = BTreeMap::new();
        for (key, value) in object {
            let lower = key.to_ascii_lowercase();
            // A name in lower case is the older standard's, and wins.
            if *key == lower || !fields.contains_key(&lower) {
                fields.insert(lower, value);
            }
        }
        Some(Self(fields))
    }

    pub(super) fn get(&self, name: &str) -> Option<&'v Value> {
        self.0.get(name).copied()
    }

    pub(super) fn text(&self, name: &str) -> Option<&'v str> {
        self.get(name)?
            .as_str()
            .filter(|text| !text.trim().is_empty())
    }

    pub(super) fn line(&self, name: &str) -> Option<String> {
        words::line(self.text(name)?)
    }

    /// The first of several names that holds text.
    pub(super) fn first_line(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.line(name))
    }

    /// A field that is text by the standard, but often comes as a number.
    pub(super) fn scalar(&self, name: &str) -> Option<String> {
        match self.get(name)? {
            Value::String(text) => words::line(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// The values of a list, or of a map with their keys (ninjs 1.x), or a single object.
    pub(super) fn each(&self, name: &str) -> Vec<(Option<&'v str>, &'v Value)> {
        match self.get(name) {
            Some(Value::Array(list)) => list.iter().map(|value| (None, value)).collect(),
            Some(Value::Object(map)) if map.values().all(Value::is_object) => map
                .iter()
                .map(|(key, value)| (Some(key.as_str()), value))
                .collect(),
            Some(value @ Value::Object(_)) => vec![(None, value)],
            _ => Vec::new(),
        }
    }

    /// The fields whose names begin so, with the rest of the name: `body_` gives `html`, `text`, …
    pub(super) fn prefixed(&self, prefix: &str) -> Vec<(&str, &'v str)> {
        self.0
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix(prefix)?, value.as_str()?)))
            .filter(|(_, value)| !value.trim().is_empty())
            .collect()
    }

    /// The objects of a list under its name of ninjs 1.x or of the later ones.
    pub(super) fn objects(&self, singular: &str, plural: &str) -> Vec<Fields<'v>> {
        [plural, singular]
            .iter()
            .flat_map(|name| self.each(name))
            .filter_map(|(_, value)| Fields::of(value))
            .collect()
    }

    pub(super) fn terms(&self, singular: &str, plural: &str, kind: TermKind) -> Vec<Term> {
        self.objects(singular, plural)
            .iter()
            .filter_map(|fields| {
                let term = Term {
                    kind,
                    name: fields.line("name"),
                    uri: fields.line("uri"),
                    code: fields.first_line(&["code", "literal"]),
                    scheme: fields.line("scheme"),
                    rel: fields.line("rel"),
                };
                (term.name.is_some() || term.uri.is_some() || term.code.is_some()).then_some(term)
            })
            .collect()
    }

    /// A party, from its object or from its bare name.
    pub(super) fn party(value: &Value) -> Option<Party> {
        if let Some(name) = value.as_str() {
            let name = words::line(name)?;
            return Some(Party {
                name: Some(name),
                ..Party::default()
            });
        }
        let fields = Fields::of(value)?;
        let party = Party {
            name: fields.first_line(&["name", "literal"]),
            uri: fields.first_line(&["uri", "code"]),
            role: fields.first_line(&["role", "rel"]),
        };
        (party.name.is_some() || party.uri.is_some()).then_some(party)
    }

    /// The files of a picture: a map by name in ninjs 1.x, later a list.
    pub(super) fn renditions(&self) -> Vec<Rendition> {
        self.each("renditions")
            .into_iter()
            .filter_map(|(key, value)| {
                let fields = Fields::of(value)?;
                let size = |name| u32::try_from(fields.get(name)?.as_u64()?).ok();
                Some(Rendition {
                    name: fields.line("name").or_else(|| words::line(key?)),
                    href: fields.line("href")?,
                    content_type: fields.first_line(&["contenttype", "mimetype"]),
                    width: size("width"),
                    height: size("height"),
                })
            })
            .collect()
    }
}
