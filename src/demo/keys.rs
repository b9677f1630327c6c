//! The content's own keys, and the ids that take their place.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::DemoError;

/// Ids by the key under which the content names a record.
pub(super) type Keys = HashMap<String, String>;

/// The keys of everything that an article may name.
pub(super) struct Names<'a> {
    pub sections: &'a Keys,
    pub people: &'a Keys,
    pub sources: &'a Keys,
    pub articles: &'a Keys,
}

/// Puts ids where the content has keys.
pub(super) fn resolve(given: &mut Map<String, Value>, names: &Names<'_>) -> Result<(), DemoError> {
    for (from, to, keys) in [
        ("section", "section_id", names.sections),
        ("source", "source_id", names.sources),
        ("editor", "editor_id", names.people),
        ("translation_of", "translation_of", names.articles),
    ] {
        let key = given.remove(from).unwrap_or_default();
        given.insert(to.to_owned(), id_of(keys, &key)?);
    }
    if let Some(people) = given.get_mut("contributors").and_then(Value::as_array_mut) {
        for one in people {
            let id = id_of(names.people, &one["author"])?;
            *one = json!({"author_id": id, "role": one["role"]});
        }
    }
    if let Some(related) = given.get_mut("related").and_then(Value::as_array_mut) {
        for one in related {
            *one = id_of(names.articles, one)?;
        }
    }
    Ok(())
}

/// How far everything moves back so that the newest article is a day old, on a machine
/// whose clock is behind the content.
pub(super) fn shift(articles: &[Map<String, Value>], now: DateTime<Utc>) -> TimeDelta {
    let newest = articles
        .iter()
        .filter_map(|article| article.get("published_at")?.as_str()?.parse().ok())
        .max();
    newest.map_or(TimeDelta::zero(), |newest: DateTime<Utc>| {
        (newest - (now - TimeDelta::days(1))).max(TimeDelta::zero())
    })
}

pub(super) fn take_key(record: &mut Map<String, Value>) -> String {
    let key = text(record, "key");
    record.remove("key");
    key
}

pub(super) fn text(record: &Map<String, Value>, name: &str) -> String {
    record
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

pub(super) fn id_of(keys: &Keys, key: &Value) -> Result<Value, DemoError> {
    match key.as_str() {
        None => Ok(Value::Null),
        Some(key) => keys
            .get(key)
            .map(|id| json!(id))
            .ok_or_else(|| DemoError::Unknown(key.to_owned())),
    }
}
