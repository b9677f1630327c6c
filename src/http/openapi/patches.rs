//! The schemas of merge patches (RFC 7396), made from those of the inputs.

use serde_json::{Map, Value, json};

use super::media_types;

/// Makes the schema of each merge patch from that of the input: nothing is required, and
/// null takes away what may be absent.
pub(super) fn add_patches(document: &mut Value) {
    let mut wanted = Vec::new();
    if let Some(paths) = document["paths"].as_object_mut() {
        for item in paths.values_mut() {
            for media in media_types(item.pointer_mut("/patch/requestBody")) {
                let input = media["schema"]["$ref"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned();
                if let Some(input) = input.strip_prefix("#/components/schemas/") {
                    let patch = input.replace("Input", "Patch");
                    media["schema"] = json!({"$ref": format!("#/components/schemas/{patch}")});
                    wanted.push((input.to_owned(), patch));
                }
            }
        }
    }
    let schemas = document["components"]["schemas"].clone();
    let mut made = Map::new();
    for (input, patch) in wanted {
        add_patch(&input, patch, &schemas, &mut made);
    }
    if let Some(components) = document["components"]["schemas"].as_object_mut() {
        components.extend(made);
    }
}

fn add_patch(input: &str, patch: String, schemas: &Value, made: &mut Map<String, Value>) {
    // Holds the place, for schemas that contain themselves.
    made.insert(patch.clone(), Value::Null);
    let mut schema = patch_of(schemas[input].clone(), schemas, made);
    if let Some(example) = schema.get_mut("example") {
        shorten(example, &schemas[input]["required"]);
    }
    schema["description"] = json!(format!(
        "A merge patch (RFC 7396) of {input}: members left out stay, null takes away."
    ));
    made.insert(patch, schema);
}

/// An example of a patch leaves out what it need not hold.
fn shorten(example: &mut Value, required: &Value) {
    if let Some(members) = example.as_object_mut()
        && let Some(required) = required.as_array()
        && members.keys().any(|name| !required.contains(&json!(name)))
    {
        members.retain(|name, _| !required.contains(&json!(name)));
    }
}

/// The patch of an object: no member is required, and those that may be absent may be null.
fn patch_of(mut schema: Value, schemas: &Value, made: &mut Map<String, Value>) -> Value {
    let required: Vec<String> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    if let Some(schema) = schema.as_object_mut() {
        schema.remove("required");
        schema.remove("default");
    }
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for (name, property) in properties {
            if let Some(property) = property.as_object_mut() {
                property.remove("default");
            }
            let inner = patch_within(property.take(), schemas, made);
            *property = if required.contains(name) {
                inner
            } else {
                nullable(inner)
            };
        }
    }
    // A map's entries are taken away by null like members are.
    if let Some(entry) = schema.get_mut("additionalProperties")
        && entry.is_object()
    {
        *entry = nullable(patch_within(entry.take(), schemas, made));
    }
    schema
}

/// A merge patch goes down into objects, and replaces everything else whole.
fn patch_within(mut schema: Value, schemas: &Value, made: &mut Map<String, Value>) -> Value {
    let is_object = |schema: &Value| {
        schema["properties"].is_object() || schema["additionalProperties"].is_object()
    };
    if let Some(name) = schema["$ref"].as_str().and_then(|at| at.rsplit('/').next()) {
        if is_object(&schemas[name]) {
            let patch = format!("{}Patch", name.trim_end_matches("Input"));
            if !made.contains_key(&patch) {
                add_patch(name, patch.clone(), schemas, made);
            }
            schema["$ref"] = json!(format!("#/components/schemas/{patch}"));
        }
        return schema;
    }
    if is_object(&schema) {
        return patch_of(schema, schemas, made);
    }
    // What may be null is a choice of two; of other choices each way is a whole.
    if let Some(ways @ [_, _]) = schema
        .get_mut("oneOf")
        .and_then(Value::as_array_mut)
        .map(Vec::as_mut_slice)
        && ways.iter().any(|way| way["type"] == "null")
    {
        for way in ways {
            *way = patch_within(way.take(), schemas, made);
        }
    }
    schema
}

fn nullable(schema: Value) -> Value {
    match schema["type"].clone() {
        Value::String(kind) => {
            let mut schema = schema;
            schema["type"] = json!([kind, "null"]);
            if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
                words.push(Value::Null);
            }
            schema
        }
        Value::Array(kinds) if kinds.contains(&json!("null")) => schema,
        _ => match schema["oneOf"].as_array() {
            Some(ways) if ways.contains(&json!({"type": "null"})) => schema,
            _ => json!({"oneOf": [{"type": "null"}, schema]}),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::openapi::MERGE_PATCH;
    use crate::http::schemas::Schemas;

    fn document() -> Value {
        let contact = json!({"type": "object", "additionalProperties": false, "required": ["desk"],
            "properties": {"desk": {"type": "string", "minLength": 1}, "phone": {"type": "string"}}});
        let input = json!({"type": "object", "additionalProperties": false, "required": ["kind", "text"],
        "properties": {
            "kind": {"type": "string", "enum": ["a", "b"]},
            "text": {"type": "string"},
            "contact": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Contact"}]},
            "forms": {"type": "object", "additionalProperties": {"type": "string"}},
            "list": {"type": "array", "items": {"$ref": "#/components/schemas/Contact"}}
        }});
        let mut document = json!({
            "paths": {"/v1/notices/{id}": {"patch": {"requestBody": {"content": {
                MERGE_PATCH: {"schema": {"$ref": "#/components/schemas/NoticeInput"}}}}}}},
            "components": {"schemas": {"NoticeInput": input, "Contact": contact}}
        });
        add_patches(&mut document);
        document
    }

    #[test]
    fn patches_go_down_into_objects() {
        let document = document();
        let schemas = Schemas::compile(&document).unwrap();
        let faults = |patch: Value| {
            let faults = schemas.faults("NoticePatch", &patch);
            faults
                .into_iter()
                .map(|fault| (fault.pointer, fault.code))
                .collect::<Vec<_>>()
        };
        for patch in [
            json!({}),
            json!({"contact": null}),
            json!({"contact": {"phone": "1"}}),
            json!({"contact": {"phone": null}}),
            json!({"forms": {"en": null, "fr": "x"}}),
            json!({"forms": null}),
            json!({"list": null}),
            json!({"list": [{"desk": "d"}]}),
        ] {
            assert_eq!(faults(patch.clone()), [], "{patch}");
        }
        for (patch, pointer, code) in [
            (json!({"text": null}), "/text", "type"),
            (json!({"contact": {"desk": null}}), "/contact/desk", "type"),
            (json!({"contact": {"desk": ""}}), "/contact/desk", "length"),
            (
                json!({"contact": {"fax": "1"}}),
                "/contact/fax",
                "unknown_field",
            ),
            (json!({"contact": 5}), "/contact", "type"),
            (json!({"forms": {"en": 1}}), "/forms/en", "type"),
            // Lists are replaced whole, so their items are whole.
            (
                json!({"list": [{"phone": "1"}]}),
                "/list/0/desk",
                "required",
            ),
        ] {
            assert_eq!(
                faults(patch.clone()),
                [(pointer.to_owned(), code)],
                "{patch}"
            );
        }
    }
}
