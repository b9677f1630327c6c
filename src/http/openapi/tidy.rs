//! Mends what the generator writes, and leaves out what nobody refers to.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

/// Where the components of a document are referred to.
const COMPONENTS: &str = "#/components/";

/// The document without the components that nothing in it refers to, such as an input that
/// only a patch is checked against once it is merged.
pub fn swept(mut document: Value) -> Value {
    loop {
        let mut named = Vec::new();
        references(&document, COMPONENTS, &mut named);
        let named: HashSet<String> = named.into_iter().map(str::to_owned).collect();
        let mut dropped = false;
        for kind in ["schemas", "responses"] {
            if let Some(components) = document["components"][kind].as_object_mut() {
                let before = components.len();
                components.retain(|name, _| named.contains(&format!("{kind}/{name}")));
                dropped |= components.len() < before;
            }
        }
        if !dropped {
            return document;
        }
    }
}

/// What a part of the document refers to under a place, wherever that stands in it: of
/// `#/components/`, say, `schemas/Article`.
pub fn references<'a>(part: &'a Value, under: &str, named: &mut Vec<&'a str>) {
    match part {
        Value::String(text) => named.extend(text.strip_prefix(under)),
        Value::Array(items) => items.iter().for_each(|item| references(item, under, named)),
        Value::Object(members) => members
            .values()
            .for_each(|item| references(item, under, named)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Each way of a choice by tag has its members and no others: serde refuses them
/// (`deny_unknown_fields`), and the generator does not say so.
pub(super) fn close_choices(schemas: &mut Value) {
    for schema in schemas
        .as_object_mut()
        .into_iter()
        .flat_map(Map::values_mut)
    {
        let ways = schema.get_mut("oneOf").and_then(Value::as_array_mut);
        for way in ways.into_iter().flatten() {
            if way["properties"].is_object() {
                way["additionalProperties"] = json!(false);
            }
        }
    }
}

/// The generator writes what is said of an inlined member as an object beside its type,
/// which nothing but an object could satisfy: puts the two together.
pub(super) fn fold_annotations(schema: &mut Value) {
    let says_only = |part: &Value| {
        part["type"] == "object"
            && part["properties"].is_null()
            && part["additionalProperties"].is_null()
    };
    if let Some([whole, said]) = schema["allOf"].as_array().map(Vec::as_slice)
        && let (Value::Object(whole), Value::Object(said)) = (whole, said)
        && whole.get("type").is_some_and(|kind| kind != "object")
        && says_only(&Value::Object(said.clone()))
    {
        let said = said.iter().filter(|(name, _)| *name != "type");
        let mut folded = whole.clone();
        folded.extend(said.map(|(name, value)| (name.clone(), value.clone())));
        *schema = Value::Object(folded);
    }
    match schema {
        Value::Object(members) => members.values_mut().for_each(fold_annotations),
        Value::Array(items) => items.iter_mut().for_each(fold_annotations),
        _ => {}
    }
}
