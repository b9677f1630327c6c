//! A response that the document does not describe is a defect: every answer of every test
//! is held against the published document, in its status, media type, headers and body.
//!
//! Stricter than the document in one thing: a member that it does not name is a fault too.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use jsonschema::{Draft, Validator};
use masthead::app::published;
use serde_json::{Value, json};

use super::Answer;

/// Compiled schemas, by the schema as text: most answers share a few.
type Compiled = Mutex<HashMap<String, Arc<Validator>>>;

/// The published document.
pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(&published().text).expect("JSON"));
    &DOCUMENT
}

/// Holds an answer against the document.
///
/// # Panics
/// With what the document does not describe.
#[track_caller]
pub fn check(method: &str, path: &str, answer: &Answer) {
    if let Err(fault) = described(method, path, answer) {
        panic!(
            "the document does not describe this answer: {fault}\n{method} {path} → {} {}\n{}",
            answer.status,
            answer.header("content-type"),
            answer.text(),
        );
    }
}

/// What the document does not describe of an answer.
///
/// # Errors
/// It, in words.
pub fn described(method: &str, path: &str, answer: &Answer) -> Result<(), String> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    // A preflight is answered by the wall, whatever stands behind it.
    if method == "OPTIONS" && answer.status < 400 || path.starts_with("/docs") {
        return Ok(());
    }
    if answer.header("x-request-id").is_empty() {
        return Err("there is no X-Request-Id".to_owned());
    }
    let item = item(path);
    // Methods are told apart by case (RFC 9110, 9.1): `get` is none of ours.
    let asked = match method {
        "HEAD" => "get",
        method if method == method.to_uppercase() => &method.to_lowercase(),
        _ => "no method",
    };
    let Some(operation) = item.and_then(|item| item.get(asked)) else {
        // No operation: a path that is not there, or a method that it does not take.
        return match answer.status {
            404 if item.is_none() => problem(answer),
            405 if item.is_some() && !answer.header("allow").is_empty() => problem(answer),
            400 if method == "OPTIONS" => problem(answer),
            401 | 403 | 413 | 429 => problem(answer),
            status => Err(format!("{status} where there is no operation")),
        };
    };
    let response = resolve(&operation["responses"][answer.status.to_string()]);
    if !response.is_object() {
        let known: Vec<&String> = operation["responses"].as_object().unwrap().keys().collect();
        return Err(format!("the status is none of {known:?}"));
    }
    for (name, header) in response["headers"].as_object().into_iter().flatten() {
        if resolve(header)["required"] == true && answer.header(name).is_empty() {
            return Err(format!("the header {name} is missing"));
        }
    }
    if answer.status >= 400
        && answer.header("cache-control") != "no-store"
        && path.starts_with("/v1")
    {
        return Err("an error may be kept by caches".to_owned());
    }
    if method == "HEAD" || !answer.header("content-encoding").is_empty() {
        return Ok(());
    }
    let Some(content) = response["content"].as_object() else {
        return match answer.body.is_empty() {
            true => Ok(()),
            false => Err("there should be no body".to_owned()),
        };
    };
    let essence = answer
        .header("content-type")
        .split(';')
        .next()
        .unwrap_or_default();
    let Some(media) = content.get(essence) else {
        return Err(format!(
            "the media type is none of {:?}",
            content.keys().collect::<Vec<_>>()
        ));
    };
    // Lines of JSON are no JSON: the document calls them a text.
    if essence.ends_with("json") && essence != "application/x-ndjson" {
        fits(&media["schema"], answer)?;
    }
    if answer.status >= 400 && essence == "application/problem+json" {
        problem(answer)?;
    }
    Ok(())
}

/// What every problem document is, beyond its schema.
fn problem(answer: &Answer) -> Result<(), String> {
    if answer.header("content-type") != "application/problem+json" {
        return Err("an error is no problem document".to_owned());
    }
    fits(&json!({"$ref": "#/components/schemas/Problem"}), answer)?;
    let problem = answer.json();
    if problem["status"] != answer.status {
        return Err("the problem tells another status".to_owned());
    }
    if problem["request_id"] != answer.header("x-request-id") {
        return Err("the problem tells another request id".to_owned());
    }
    Ok(())
}

fn fits(schema: &Value, answer: &Answer) -> Result<(), String> {
    let value: Value =
        serde_json::from_slice(&answer.body).map_err(|error| format!("no JSON: {error}"))?;
    let faults: Vec<String> = compiled(schema)
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    match faults.as_slice() {
        [] => Ok(()),
        faults => Err(faults.join("\n")),
    }
}

/// The validator of a schema of the document, made once.
fn compiled(schema: &Value) -> Arc<Validator> {
    static COMPILED: OnceLock<Compiled> = OnceLock::new();
    let mut compiled = COMPILED
        .get_or_init(Compiled::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let made = compiled
        .entry(schema.to_string())
        .or_insert_with(|| Arc::new(validator(schema, strict_components())));
    Arc::clone(made)
}

/// Compiles a schema that refers to components.
pub fn validator(schema: &Value, components: &Value) -> Validator {
    let mut whole = schema.clone();
    whole["components"] = json!({"schemas": components});
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .build(&whole)
        .unwrap_or_else(|error| panic!("{schema} does not compile: {error}"))
}

/// The components, closed: no object has a member that its schema does not name.
fn strict_components() -> &'static Value {
    static STRICT: OnceLock<Value> = OnceLock::new();
    STRICT.get_or_init(|| {
        let mut components = document()["components"]["schemas"].clone();
        let mut parts = HashSet::new();
        whole_of_parts(&components, &mut parts);
        for (name, schema) in components.as_object_mut().expect("components") {
            if !parts.contains(name) {
                close(schema);
            }
        }
        components
    })
}

/// Names of components that are parts of others: those are closed as a whole.
fn whole_of_parts(schema: &Value, parts: &mut HashSet<String>) {
    match schema {
        Value::Object(members) => {
            for part in members
                .get("allOf")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                parts.extend(part["$ref"].as_str().and_then(last).map(str::to_owned));
            }
            members
                .values()
                .for_each(|member| whole_of_parts(member, parts));
        }
        Value::Array(items) => items.iter().for_each(|item| whole_of_parts(item, parts)),
        _ => {}
    }
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("allOf") {
                members
                    .entry("unevaluatedProperties")
                    .or_insert(json!(false));
                return;
            }
            if members.contains_key("properties") {
                members
                    .entry("additionalProperties")
                    .or_insert(json!(false));
            }
            for (name, member) in members {
                if name != "example" {
                    close(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// What a reference of the document refers to.
pub fn resolve(value: &Value) -> &Value {
    match value["$ref"].as_str() {
        Some(at) => document()
            .pointer(at.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("{at} dangles")),
        None => value,
    }
}

fn last(at: &str) -> Option<&str> {
    at.rsplit('/').next()
}

/// The path item that a path belongs to; words before parameters, as the server has it.
/// Whether a part of a path is what a pattern has in its place: itself, or a name in braces, which may
/// end with another one behind a dot.
fn fills(known: &str, given: &str) -> bool {
    match (known.split_once(".{"), given.rsplit_once('.')) {
        (Some((stem, _)), Some((given, end))) => fills(stem, given) && !end.is_empty(),
        (Some(_), None) => false,
        (None, _) => known == given || known.starts_with('{') && !given.is_empty(),
    }
}

fn item(path: &str) -> Option<&'static Value> {
    let asked: Vec<&str> = path.split('/').collect();
    let paths = document()["paths"].as_object().expect("paths");
    let fitting = paths.iter().filter(|(pattern, _)| {
        let pattern: Vec<&str> = pattern.split('/').collect();
        pattern.len() == asked.len()
            && pattern
                .iter()
                .zip(&asked)
                .all(|(known, given)| fills(known, given))
    });
    fitting
        .min_by_key(|(pattern, _)| pattern.matches('{').count())
        .map(|(_, item)| item)
}
