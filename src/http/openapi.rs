//! The published document. Handlers' annotations say what is particular to them; what
//! follows from the conventions (errors, security, preconditions, patches, examples) is
//! added here for all operations alike.

use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use serde_json::{Map, Value, json};

use super::auth::{RULES, Rule};
use super::problem::Kind;

/// Media type of merge patches (RFC 7396).
pub const MERGE_PATCH: &str = "application/merge-patch+json";

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Completes the document collected from the handlers.
pub fn finish(mut document: Value) -> Value {
    document["openapi"] = json!("3.1.0");
    document["info"] = json!({
        "title": "Masthead",
        "version": "1",
        "summary": "A headless CMS for newsrooms that cannot forget the credit.",
        "description": "Articles, authors, sections, sources and licensing notices. Every text leaves with its attribution: own works with their credit line, reprints marked as such with source, original author, original title and editor.",
        "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"}
    });
    document["servers"] = json!([{"url": "/"}]);
    document["components"]["securitySchemes"] = json!({
        "staff": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "Access token of a signed-in member of staff, from POST /v1/auth/login. Scopes are roles: one of those listed is needed."},
        "client": {"type": "apiKey", "in": "header", "name": "X-Api-Key", "description": "API key of a client (`mh_…`); also accepted as a bearer token. Scopes are the key's scopes."}
    });
    fold_annotations(&mut document["components"]["schemas"]);
    add_problems(&mut document);
    add_patches(&mut document);
    let schemas = document["components"]["schemas"].clone();
    let mut tags = std::collections::BTreeSet::new();
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, item) in paths {
            for method in METHODS {
                if let Some(operation) = item.get_mut(method) {
                    complete(path, method, operation, &schemas);
                    tags.extend(
                        operation["tags"]
                            .as_array()
                            .into_iter()
                            .flatten()
                            .filter_map(|tag| tag.as_str().map(str::to_owned)),
                    );
                }
            }
        }
    }
    document["tags"] = tags
        .into_iter()
        .map(|name| json!({"name": name, "description": describe(&name)}))
        .collect();
    document
}

fn describe(tag: &str) -> &'static str {
    match tag {
        "articles" => "Articles, their versions and their life.",
        "authors" => "The register of people: reporters, editors and others.",
        "sections" => "The tree of sections.",
        "sources" => "Where works come from, and what those media allow us.",
        "notices" => "Licensing notices in immutable revisions.",
        "settings" => "What the site is called and how it shows itself.",
        "auth" => "Signing in and out.",
        "me" => "The signed-in member of staff.",
        "users" => "Members of staff.",
        "clients" => "API keys.",
        _ => "What operators need.",
    }
}

fn complete(path: &str, method: &str, operation: &mut Value, schemas: &Value) {
    let rule = operation["x-permission"]
        .as_str()
        .and_then(|name| RULES.iter().find(|rule| rule.name == name));
    let guarded = operation["x-permission"].is_string();
    // What is ended once and for all, such as a session, has no revision and no second time.
    let unconditional = operation["x-unconditional"] == true;
    if let Some(operation) = operation.as_object_mut() {
        operation.remove("x-permission");
        operation.remove("x-unconditional");
    }
    operation["security"] = security(rule);
    let has_body = operation.get("requestBody").is_some();
    let has_id = path.contains('{');
    let api = path.starts_with("/v1");
    let changes = !unconditional
        && (matches!(method, "patch" | "delete") && has_id
            || path == "/v1/settings" && method == "patch");
    if changes {
        header_parameter(
            operation,
            "If-Match",
            method != "delete" || has_id,
            "The ETag that was read; its revision must still stand.",
            "\"1.9f2c\"",
        );
    }
    let once =
        !unconditional && method == "post" && guarded && rule.is_some_and(|rule| !rule.anonymous);
    if once {
        header_parameter(
            operation,
            "Idempotency-Key",
            false,
            "The same key and body have the same outcome, for 24 hours.",
            "7d1f2c",
        );
    }
    if method == "get" && api {
        header_parameter(
            operation,
            "If-None-Match",
            false,
            "Entity tags; 304 if one still stands.",
            "\"1.9f2c\"",
        );
        operation["responses"]["304"] = json!({"$ref": "#/components/responses/NotModified"});
    }
    let mut errors: Vec<Kind> = Vec::new();
    if api {
        errors.extend([
            Kind::BadParameter,
            Kind::Unauthorized,
            Kind::Forbidden,
            Kind::TooManyRequests,
            Kind::Internal,
            Kind::Unavailable,
        ]);
    }
    if has_id {
        errors.push(Kind::NotFound);
    }
    if has_body {
        errors.extend([
            Kind::RequestTimeout,
            Kind::TooLarge,
            Kind::UnsupportedMediaType,
            Kind::Invalid,
        ]);
    }
    if changes {
        errors.extend([
            Kind::Conflict,
            Kind::PreconditionFailed,
            Kind::PreconditionRequired,
        ]);
    }
    if once {
        errors.extend([Kind::Conflict, Kind::PreconditionFailed, Kind::Invalid]);
    }
    for kind in errors {
        let status = kind.status().to_string();
        if operation["responses"].get(&status).is_none() {
            operation["responses"][&status] =
                json!({"$ref": format!("#/components/responses/{}", name(kind))});
        }
    }
    if let Some(responses) = operation["responses"].as_object_mut() {
        for (status, response) in responses {
            if status.starts_with('2') {
                success(status, response, schemas, api && method == "get");
            }
        }
    }
    for media in media_types(operation.get_mut("requestBody")) {
        exemplify(media, schemas);
    }
}

fn security(rule: Option<&Rule>) -> Value {
    let Some(rule) = rule else {
        return json!([]);
    };
    let mut ways = Vec::new();
    if rule.anonymous {
        ways.push(json!({}));
    }
    let roles: Vec<&str> = rule.roles.iter().map(|role| role.as_str()).collect();
    ways.push(json!({"staff": roles}));
    if let Some(scope) = rule.scope {
        ways.push(json!({"client": [scope.as_str()]}));
    }
    // Open operations need nothing at all.
    if rule.anonymous && rule.scope.is_none() {
        return json!([]);
    }
    Value::Array(ways)
}

fn header_parameter(operation: &mut Value, name: &str, required: bool, text: &str, example: &str) {
    let parameter = json!({
        "name": name, "in": "header", "required": required, "description": text,
        "schema": {"type": "string"}, "example": example
    });
    match operation["parameters"].as_array_mut() {
        Some(parameters) => parameters.push(parameter),
        None => operation["parameters"] = json!([parameter]),
    }
}

fn success(status: &str, response: &mut Value, schemas: &Value, tagged: bool) {
    let text = |text: &str| json!({"description": text, "schema": {"type": "string"}});
    let headers = &mut response["headers"];
    if !headers.is_object() {
        *headers = json!({});
    }
    headers["X-Request-Id"] = text("Names this request in the logs.");
    if tagged {
        headers["ETag"] = text("Revision and hash of this representation.");
    }
    if status == "201" {
        headers["Location"] = text("Address of the new resource.");
    }
    for media in media_types(Some(response)) {
        exemplify(media, schemas);
    }
}

/// What a body comes as. Looked up, not indexed: indexing would leave a null where nothing is.
fn media_types(body: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    body.and_then(|body| body.get_mut("content"))
        .and_then(Value::as_object_mut)
        .into_iter()
        .flat_map(Map::values_mut)
}

/// Puts the example of the schema beside the media type, where none is given.
fn exemplify(media: &mut Value, schemas: &Value) {
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

/// The name of a kind's response among the components.
fn name(kind: Kind) -> String {
    format!("{kind:?}")
}

fn add_problems(document: &mut Value) {
    let mut responses = Map::new();
    for kind in Kind::ALL {
        let mut headers = json!({"X-Request-Id": {"description": "Names this request in the logs.", "schema": {"type": "string"}}});
        let header = match kind {
            Kind::Unauthorized | Kind::SignInFailed => Some("WWW-Authenticate"),
            Kind::TooManyRequests | Kind::Unavailable | Kind::InFlight => Some("Retry-After"),
            Kind::MethodNotAllowed => Some("Allow"),
            _ => None,
        };
        if let Some(header) = header {
            headers[header] =
                json!({"description": "What to do about it.", "schema": {"type": "string"}});
        }
        responses.insert(
            name(*kind),
            json!({
                "description": kind.help(),
                "headers": headers,
                "content": {"application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "example": {"type": format!("/problems/{}", kind.slug()), "title": kind.title(), "status": kind.status(),
                        "instance": "/v1/articles", "request_id": "01900000-0000-7000-8000-000000000000"}
                }}
            }),
        );
    }
    responses.insert(
        "NotModified".to_owned(),
        json!({"description": "The representation that If-None-Match names still stands."}),
    );
    document["components"]["responses"] = Value::Object(responses);
}

/// The generator writes what is said of an inlined member as an object beside its type,
/// which nothing but an object could satisfy: puts the two together.
fn fold_annotations(schema: &mut Value) {
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

/// Makes the schema of each merge patch from that of the input: nothing is required, and
/// null takes away what may be absent.
fn add_patches(document: &mut Value) {
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
    schema["description"] = json!(format!(
        "A merge patch (RFC 7396) of {input}: members left out stay, null takes away."
    ));
    made.insert(patch, schema);
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

/// The paths that there are, to tell 405 from 404.
pub struct Routes(Vec<(ResourceDef, Vec<Method>)>);

impl Routes {
    pub fn of(document: &Value) -> Self {
        let paths = document["paths"].as_object();
        Self(
            paths
                .into_iter()
                .flatten()
                .map(|(path, item)| {
                    let methods = METHODS
                        .iter()
                        .filter(|method| item.get(**method).is_some())
                        .filter_map(|method| method.to_uppercase().parse().ok())
                        .collect();
                    (ResourceDef::new(path.as_str()), methods)
                })
                .collect(),
        )
    }

    /// The methods that a path takes; empty if there is no such path.
    pub fn methods(&self, path: &str) -> Vec<String> {
        let mut methods: Vec<String> = self
            .0
            .iter()
            .filter(|(pattern, _)| pattern.is_match(path))
            .flat_map(|(_, methods)| methods.iter().map(ToString::to_string))
            .collect();
        if methods.iter().any(|method| method == "GET") {
            methods.push("HEAD".to_owned());
        }
        methods.sort();
        methods.dedup();
        methods
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn nothing_is_made_up_where_nothing_is() {
        let operation = |status: &str| json!({"tags": ["notices"], "x-permission": "staff", "responses": {status: {"description": "."}}});
        let finished = finish(json!({
            "paths": {"/v1/notices": {"get": operation("200")}, "/v1/notices/{id}": {"delete": operation("204")}},
            "components": {"schemas": {}}
        }));
        let paths = &finished["paths"];
        let methods = |path: &str| {
            paths[path]
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect::<Vec<_>>()
        };
        assert_eq!(methods("/v1/notices"), ["get"]);
        assert_eq!(methods("/v1/notices/{id}"), ["delete"]);
        assert!(!finished.to_string().contains("null"), "{finished:#}");
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
