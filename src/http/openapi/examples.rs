//! Examples: a schema's own, or one made of those of its parts.

use serde_json::{Map, Value, json};

/// Puts the example of the schema beside the media type, where none is given.
pub(super) fn exemplify(media: &mut Value, schemas: &Value) {
    if media.get("example").is_some() || media.get("examples").is_some() {
        return;
    }
    if let Some(example) = example_of(&media["schema"], schemas, 0) {
        media["example"] = example;
    }
}

/// An example of a schema: its own, or one made of its parts' examples.
fn example_of(schema: &Value, schemas: &Value, depth: usize) -> Option<Value> {
    if depth > 8 {
        return None;
    }
    if let Some(example) = schema.get("example") {
        return Some(example.clone());
    }
    if let Some(example) = schema["examples"].as_array().and_then(|list| list.first()) {
        return Some(example.clone());
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|at| at.rsplit('/').next()) {
        return example_of(&schemas[name], schemas, depth + 1);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = Map::new();
        for part in parts {
            if let Some(Value::Object(members)) = example_of(part, schemas, depth + 1) {
                whole.extend(members);
            }
        }
        return Some(Value::Object(whole));
    }
    if schema["type"] == "array" {
        return example_of(&schema["items"], schemas, depth + 1).map(|item| json!([item]));
    }
    let properties = schema["properties"].as_object()?;
    let mut whole = Map::new();
    for (name, property) in properties {
        if let Some(example) = example_of(property, schemas, depth + 1) {
            whole.insert(name.clone(), example);
        }
    }
    Some(Value::Object(whole))
}
