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
    let mut note = |name: &str| {
        operation
            .as_object_mut()
            .and_then(|members| members.remove(name))
    };
    let permission = note("x-permission");
    // What is ended once and for all, such as a session, has no revision and no second time.
    let unconditional = note("x-unconditional").is_some();
    let may_match = note("x-may-match").is_some();
    let rule = permission
        .as_ref()
        .and_then(Value::as_str)
        .and_then(|name| RULES.iter().find(|rule| rule.name == name));
    operation["security"] = security(rule);
    let has_body = operation.get("requestBody").is_some();
    let has_id = path.contains('{');
    let api = path.starts_with("/v1");
    let changes = !unconditional && matches!(method, "patch" | "delete");
    if changes || may_match {
        header_parameter(
            operation,
            "If-Match",
            changes,
            "The ETag that was read; its revision must still stand.",
            "\"1.9f2c\"",
        );
    }
    let once = !unconditional && method == "post" && rule.is_some_and(|rule| !rule.anonymous);
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
        operation["responses"]["304"] = component("NotModified");
    }
    let mut errors: Vec<u16> = Vec::new();
    if api {
        errors.extend([400, 401, 403, 429, 500, 503]);
    }
    if has_id {
        errors.push(404);
    }
    if has_body {
        errors.extend([408, 413, 415, 422]);
    }
    if changes {
        errors.extend([409, 412, 428]);
    }
    if may_match {
        errors.push(412);
    }
    if once {
        errors.extend([409, 422]);
    }
    let Some(responses) = operation["responses"].as_object_mut() else {
        return;
    };
    for status in errors {
        responses
            .entry(status.to_string())
            .or_insert_with(|| component(&error_name(status)));
    }
    // Whatever is asked for, it must be asked for in HTTP.
    responses
        .entry("400")
        .or_insert_with(|| component("Malformed"));
    for (status, response) in responses {
        describe_response(status, response, schemas, api && method == "get");
    }
    for media in media_types(operation.get_mut("requestBody")) {
        exemplify(media, schemas);
    }
}

fn component(name: &str) -> Value {
    json!({"$ref": format!("#/components/responses/{name}")})
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

/// Adds what all responses of that status have to one that an annotation describes.
fn describe_response(status: &str, response: &mut Value, schemas: &Value, tagged: bool) {
    if response.get("$ref").is_some() {
        return;
    }
    if media_types(Some(&mut *response)).any(|media| media["schema"]["$ref"] == PROBLEM) {
        let description = response["description"].take();
        *response = problem_response(status.parse().unwrap_or_default());
        response["description"] = description;
        return;
    }
    let bodied = response.get("content").is_some();
    if !response["headers"].is_object() {
        response["headers"] = json!({});
    }
    let headers = &mut response["headers"];
    headers["X-Request-Id"] = header("Names this request in the logs.", true);
    if status.starts_with('2') && bodied {
        headers["ETag"] = header("Revision and hash of this representation.", tagged);
        headers["Cache-Control"] = header("Who may keep the answer, and for how long.", tagged);
    }
    if status == "201" {
        headers["Location"] = header("Address of the new resource.", true);
    }
    for media in media_types(Some(response)) {
        exemplify(media, schemas);
    }
}

fn header(text: &str, required: bool) -> Value {
    json!({"description": text, "required": required, "schema": {"type": "string"}})
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

/// The problem document among the schemas.
const PROBLEM: &str = "#/components/schemas/Problem";

/// The kinds of problem that have this status.
fn kinds(status: u16) -> impl Iterator<Item = Kind> {
    Kind::ALL
        .iter()
        .copied()
        .filter(move |kind| kind.status() == status)
}

/// The name of a status's response among the components: that of its first kind.
fn error_name(status: u16) -> String {
    kinds(status)
        .next()
        .map(|kind| format!("{kind:?}"))
        .unwrap_or_default()
}

/// The response of a status: its description and an example of each of its kinds.
fn problem_response(status: u16) -> Value {
    let mut headers = json!({"X-Request-Id": header("Names this request in the logs.", true)});
    let told = match status {
        401 => Some((
            "WWW-Authenticate",
            "Which kind of credential is accepted.",
            true,
        )),
        409 => Some(("Retry-After", "Seconds after which to try again.", false)),
        429 | 503 => Some(("Retry-After", "Seconds after which to try again.", true)),
        _ => None,
    };
    if let Some((name, text, required)) = told {
        headers[name] = header(text, required);
    }
    let mut examples = Map::new();
    let mut lines = Vec::new();
    for kind in kinds(status) {
        lines.push(kind.help());
        examples.insert(
            kind.slug().to_owned(),
            json!({"summary": kind.title(), "value": example_of_problem(kind)}),
        );
    }
    json!({
        "description": lines.join("\n\n"),
        "headers": headers,
        "content": {"application/problem+json": {"schema": {"$ref": PROBLEM}, "examples": examples}}
    })
}

/// A problem document as it comes, with what is particular to its kind.
fn example_of_problem(kind: Kind) -> Value {
    let mut problem = json!({
        "type": format!("/problems/{}", kind.slug()), "title": kind.title(), "status": kind.status(),
        "instance": "/v1/articles/art_01900000000070008000000000000001",
        "request_id": "01900000-0000-7000-8000-000000000000"
    });
    let fault = |pointer: &str, code: &str, detail: &str| json!([{"pointer": pointer, "code": code, "detail": detail}]);
    let parameter = |name: &str, code: &str, detail: &str| json!([{"parameter": name, "code": code, "detail": detail}]);
    match kind {
        Kind::BadParameter => {
            problem["errors"] = parameter("limit", "range", "must be a whole number from 1 to 100")
        }
        Kind::BadCursor => {
            problem["errors"] = parameter("cursor", "cursor", "does not fit this list")
        }
        Kind::Invalid => problem["errors"] = fault("/title", "required", "is missing"),
        Kind::NotPublishable => {
            problem["errors"] = fault(
                "/original/title",
                "required",
                "a reprint states its original title",
            );
        }
        Kind::Taken => problem["errors"] = fault("/slug", "taken", "another article has this slug"),
        Kind::InUse => {
            problem["referrers"] = json!([{"resource": "articles", "ids": ["art_01900000000070008000000000000002"], "count": 1}]);
        }
        Kind::Gone => {
            problem["reason_class"] = json!("editorial");
            problem["reason"] = json!("The figures could not be confirmed.");
            problem["withdrawn_at"] = json!("2026-03-02T08:00:00Z");
        }
        _ => {}
    }
    problem
}

fn add_problems(document: &mut Value) {
    let mut statuses: Vec<u16> = Kind::ALL.iter().map(|kind| kind.status()).collect();
    statuses.dedup();
    let mut responses: Map<String, Value> = statuses
        .into_iter()
        .map(|status| (error_name(status), problem_response(status)))
        .collect();
    responses.insert(
        "NotModified".to_owned(),
        json!({
            "description": "The representation that If-None-Match names still stands.",
            "headers": {
                "X-Request-Id": header("Names this request in the logs.", true),
                "ETag": header("The tag that stands.", true)
            }
        }),
    );
    responses.insert(
        "Malformed".to_owned(),
        json!({"description": "The request is not well-formed HTTP. Nothing of it was read, and the answer has no body."}),
    );
    document["components"]["responses"] = Value::Object(responses);
}

/// The document without the components that nothing in it refers to, such as an input that
/// only a patch is checked against once it is merged.
pub fn swept(mut document: Value) -> Value {
    loop {
        let text = document.to_string();
        let mut dropped = false;
        for kind in ["schemas", "responses"] {
            if let Some(components) = document["components"][kind].as_object_mut() {
                let before = components.len();
                components
                    .retain(|name, _| text.contains(&format!("\"#/components/{kind}/{name}\"")));
                dropped |= components.len() < before;
            }
        }
        if !dropped {
            return document;
        }
    }
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
