//! The published document. Handlers' annotations say what is particular to them; what
//! follows from the conventions (errors, security, preconditions, patches, examples) is
//! added here for all operations alike.

mod examples;
mod patches;
mod problems;
mod routes;
mod tidy;

pub use routes::Routes;
pub use tidy::{references, swept};

use serde_json::{Map, Value, json};

use self::examples::exemplify;
use self::patches::add_patches;
use self::problems::{PROBLEM, add_problems, error_name, problem_response};
use self::tidy::{close_choices, fold_annotations};
use super::auth::{RULES, Rule};

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
    document["externalDocs"] = json!({"url": "/docs/partners", "description": "For partners, from the key to the first article and on"});
    document["servers"] = json!([{"url": "/"}]);
    document["components"]["securitySchemes"] = json!({
        "staff": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "Access token of a signed-in member of staff, from POST /v1/auth/login. Scopes are roles: one of those listed is needed."},
        "client": {"type": "apiKey", "in": "header", "name": "X-Api-Key", "description": "API key of a client (`mh_…`); also accepted as a bearer token. Scopes are the key's scopes."}
    });
    fold_annotations(&mut document["components"]["schemas"]);
    close_choices(&mut document["components"]["schemas"]);
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
        "ingest" => {
            "Taking in legacy pages and wires, with a report of what was read and what is damaged."
        }
        "reprints" => "Holding printed pages against the articles that they derive from.",
        "feeds" => "The newest articles as feeds, and what crawlers look for.",
        "search" => "Searching articles, and the words that searches do not part.",
        "desk" => "What the desk says to itself about articles: comments and assignments.",
        "authors" => "The register of people: reporters, editors and others.",
        "sections" => "The tree of sections.",
        "sources" => "Where works come from, and what those media allow us.",
        "registry" => {
            "Dated editions of the list of permitted sources, and what a delisting leaves to decide."
        }
        "notices" => "Licensing notices in immutable revisions.",
        "settings" => "What the site is called and how it shows itself.",
        "attestations" => "Signed statements of what was licensed to whom, and their checking.",
        "auth" => "Signing in and out.",
        "me" => "The signed-in member of staff; and, for a partner's key, what the partner holds.",
        "users" => "Members of staff.",
        "jobs" => "Long work: how far it is, what came of it, and a way to stop it.",
        "partners" => "Organisations to which works are licensed.",
        "licences" => "What partners are granted, and what they hold.",
        "clients" => "API keys.",
        "webhooks" => "Clients' logs of changes, pushed to addresses of theirs.",
        "claims" => {
            "Complaints about works, from the claim to its end, and the evidence frozen for them."
        }
        "audit" => {
            "Who did what to which record, in the order in which it was committed, sealed in a chain."
        }
        "deliveries" => "The ledger of what partners were given, and reports of it.",
        "advisories" => {
            "Corrections and withdrawals, as partners that hold the work are told of them."
        }
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
    let must_match = note("x-must-match").is_some();
    // What is open to all takes a key where it says so: checking a statement makes nothing.
    let opens_once = note("x-once").is_some();
    let rule = permission
        .as_ref()
        .and_then(Value::as_str)
        .and_then(|name| RULES.iter().find(|rule| rule.name == name));
    operation["security"] = security(rule);
    let has_body = operation.get("requestBody").is_some();
    let has_id = path.contains('{');
    // What asks for a permission keeps the conventions, wherever it stands.
    let api = path.starts_with("/v1") || rule.is_some();
    let changes = must_match || !unconditional && matches!(method, "patch" | "delete");
    if changes || may_match {
        header_parameter(
            operation,
            "If-Match",
            changes,
            "The ETag that was read; its revision must still stand.",
            "\"1.9f2c\"",
        );
    }
    let makes = opens_once || rule.is_some_and(|rule| !rule.anonymous);
    let once = !unconditional && method == "post" && makes;
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
        // 404: a repetition whose first outcome has been deleted since.
        errors.extend([404, 409, 422]);
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
    match status {
        "201" => headers["Location"] = header("Address of the new resource.", true),
        "202" => headers["Location"] = header("Where it is seen how far the work is.", true),
        _ => {}
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
