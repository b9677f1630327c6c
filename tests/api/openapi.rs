//! The document itself: committed, complete, and true to its own schemas.

use std::collections::{BTreeMap, BTreeSet};

use masthead::app::published;
use masthead::http::problem::Kind;
use serde_json::{Value, json};

use crate::support::described::{document, resolve, validator};

pub const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// An operation and where it stands.
pub struct Operation {
    pub id: String,
    pub method: String,
    pub path: String,
    pub value: &'static Value,
}

/// All operations of the document.
pub fn operations() -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in document()["paths"].as_object().unwrap() {
        for (method, value) in item.as_object().unwrap() {
            assert!(
                METHODS.contains(&method.as_str()),
                "{path} has a member {method}"
            );
            found.push(Operation {
                id: value["operationId"].as_str().unwrap_or_default().to_owned(),
                method: method.to_uppercase(),
                path: path.clone(),
                value,
            });
        }
    }
    found
}

fn components() -> &'static Value {
    &document()["components"]["schemas"]
}

/// Calls `f` with everything in the document and its JSON Pointer.
fn walk(value: &Value, at: &str, f: &mut impl FnMut(&str, &Value)) {
    f(at, value);
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            let name = name.replace('~', "~0").replace('/', "~1");
            walk(member, &format!("{at}/{name}"), f);
        }),
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(n, item)| walk(item, &format!("{at}/{n}"), f));
        }
        _ => {}
    }
}

fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn the_committed_document_is_the_one_that_the_code_makes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/masthead.v1.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    // Not `assert_eq`: nobody reads two documents of 400 kB.
    let line = committed
        .lines()
        .zip(published().text.lines())
        .position(|(committed, made)| committed != made);
    assert!(
        committed == published().text,
        "openapi/masthead.v1.json is not what the code makes (first difference in line {:?}): run `just openapi` and read the difference",
        line.map(|at| at + 1)
    );
}

#[test]
fn it_is_for_this_server_and_of_this_version() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"], json!([{"url": "/"}]));
    assert!(document["info"]["license"]["identifier"].is_string());
    let tags: Vec<&Value> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| &tag["name"])
        .collect();
    assert!(
        tags.contains(&&json!("articles")) && tags.len() == 27,
        "{tags:?}"
    );
}

#[test]
fn every_operation_says_what_it_is() {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for Operation {
        id,
        method,
        path,
        value,
    } in operations()
    {
        let mut complain = |what: &str| faults.push(format!("{method} {path}: {what}"));
        let snake = |c: char| c.is_ascii_lowercase() || c == '_';
        if id.is_empty() || !id.chars().all(snake) {
            complain("the operationId is not in snake case");
        }
        if !seen.insert(id) {
            complain("the operationId is another one's");
        }
        let summary = value["summary"].as_str().unwrap_or_default();
        if summary.is_empty() || summary.len() > 60 || summary.ends_with('.') {
            complain("there is no short summary");
        }
        if value["tags"].as_array().map(Vec::len) != Some(1) {
            complain("there is not one tag");
        }
        if !value["security"].is_array() {
            complain("it does not say who may");
        }
        let named = path.matches('{').count();
        let parameters = value["parameters"].as_array().cloned().unwrap_or_default();
        if parameters
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .count()
            != named
        {
            complain("the parameters in the path are not those described");
        }
        for parameter in &parameters {
            if parameter["in"] != "path"
                && parameter["description"]
                    .as_str()
                    .unwrap_or_default()
                    .is_empty()
                && parameter["schema"].get("enum").is_none()
                && parameter["schema"].get("pattern").is_none()
                && !["genre"].contains(&parameter["name"].as_str().unwrap_or_default())
            {
                complain(&format!(
                    "the parameter {} is not described",
                    parameter["name"]
                ));
            }
        }
        if value
            .as_object()
            .unwrap()
            .keys()
            .any(|name| name.starts_with("x-"))
        {
            complain("a note for the generator was left in");
        }
    }
    none(&faults);
}

#[test]
fn every_operation_describes_its_answers() {
    let mut faults = Vec::new();
    for Operation {
        id,
        method,
        path,
        value,
    } in operations()
    {
        let responses = value["responses"].as_object().unwrap();
        let mut needs = |status: &str, why: &str| {
            if !responses.contains_key(status) {
                faults.push(format!("{id}: no {status}, which {why} has"));
            }
        };
        let api = path.starts_with("/v1");
        let has_body = value.get("requestBody").is_some();
        for status in ["400", "401", "403", "429", "500", "503"]
            .iter()
            .filter(|_| api)
        {
            needs(status, "everything under /v1");
        }
        if path.contains('{') {
            needs("404", "what is looked up");
        }
        for status in ["408", "413", "415", "422"].iter().filter(|_| has_body) {
            needs(status, "everything with a body");
        }
        let parameter = |name: &str| {
            value["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .find(|parameter| parameter["name"] == name)
        };
        if let Some(if_match) = parameter("If-Match") {
            needs("412", "everything that takes If-Match");
            if if_match["required"] == true {
                needs("428", "everything that needs If-Match");
            }
        }
        if parameter("Idempotency-Key").is_some() {
            needs("409", "everything that takes a key");
            needs("422", "everything that takes a key");
        }
        if matches!(method.as_str(), "PATCH") {
            assert_eq!(
                parameter("If-Match").map(|one| &one["required"]),
                Some(&json!(true)),
                "{id}"
            );
            needs("409", "every change");
        }
        if method == "GET" && api {
            needs("304", "everything that is read");
            assert!(parameter("If-None-Match").is_some(), "{id}");
        }
        if !responses.keys().any(|status| status.starts_with('2')) {
            faults.push(format!("{id}: no success"));
        }
    }
    none(&faults);
}

#[test]
fn every_answer_and_body_has_an_example() {
    let mut faults = Vec::new();
    let has_one = |media: &Value| {
        media.get("example").is_some()
            || media["examples"]
                .as_object()
                .is_some_and(|all| !all.is_empty())
    };
    for Operation { id, value, .. } in operations() {
        for (kind, media) in value["requestBody"]["content"]
            .as_object()
            .into_iter()
            .flatten()
        {
            if !has_one(media) {
                faults.push(format!("{id}: no example of a request as {kind}"));
            }
        }
        for (status, response) in value["responses"].as_object().unwrap() {
            let response = resolve(response);
            if response["description"]
                .as_str()
                .unwrap_or_default()
                .is_empty()
            {
                faults.push(format!("{id}: {status} is not described"));
            }
            for (kind, media) in response["content"].as_object().into_iter().flatten() {
                if !has_one(media) {
                    faults.push(format!("{id}: no example of {status} as {kind}"));
                }
            }
            let error = status.parse::<u16>().is_ok_and(|status| status >= 400);
            let problem = response["content"]
                .get("application/problem+json")
                .is_some();
            // Two answers are no problems by design: what is not HTTP, and the state of the server.
            let exempt = response.get("content").is_none() && status == "400" || id == "readyz";
            if error && !problem && !exempt {
                faults.push(format!("{id}: {status} is no problem document"));
            }
        }
    }
    none(&faults);
}

/// An example shows what there is to see: all members that are always there, and of a
/// request more than what is required.
#[test]
fn every_example_fits_its_schema() {
    let document = document();
    let mut faults = Vec::new();
    let mut count = 0;
    walk(document, "", &mut |at, value| {
        let Some(schema) = value.get("schema") else {
            // A schema with an example of its own.
            if at.starts_with("/components/schemas/")
                && !at.contains("/example")
                && ["type", "oneOf"]
                    .iter()
                    .any(|word| value.get(word).is_some())
                && let Some(example) = value.get("example")
            {
                count += 1;
                fits(at, value, example, &mut faults);
            }
            return;
        };
        if let Some(example) = value.get("example") {
            count += 1;
            fits(at, schema, example, &mut faults);
        }
        for (name, example) in value["examples"].as_object().into_iter().flatten() {
            count += 1;
            fits(
                &format!("{at}, {name}"),
                schema,
                &example["value"],
                &mut faults,
            );
        }
    });
    assert!(
        count > 200,
        "{count} examples: does this look where they stand?"
    );
    none(&faults);
}

#[test]
fn the_example_of_a_policy_is_one() {
    let schema: Value =
        serde_json::from_str(include_str!("../../src/licences/policy.schema.json")).unwrap();
    let content = &document()["paths"]["/v1/licences/{id}/policy"]["get"]["responses"]["200"]["content"]
        ["application/ld+json"];
    let found: Vec<String> = validator(&schema, components())
        .iter_errors(&content["example"])
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    none(&found);
    assert!(content["example"].is_object());
}

fn fits(at: &str, schema: &Value, example: &Value, faults: &mut Vec<String>) {
    let schema = json!({"allOf": [schema]});
    for error in validator(&schema, components()).iter_errors(example) {
        faults.push(format!("{at}: {}: {error}", error.instance_path()));
    }
}

#[test]
fn what_is_referred_to_is_there_and_what_is_there_is_referred_to() {
    let document = document();
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    let mut faults = Vec::new();
    let mut note = |from: &Value| {
        let mut found = Vec::new();
        walk(from, "", &mut |at, value| {
            if let Some(to) = value["$ref"].as_str() {
                if document.pointer(to.trim_start_matches('#')).is_none() {
                    faults.push(format!("{at} refers to {to}, which is not there"));
                }
                found.push(to.to_owned());
            }
        });
        found
    };
    // From the operations on, so that two that only refer to each other are found too.
    let mut open = note(&document["paths"]);
    while let Some(to) = open.pop() {
        let times = used.entry(to.clone()).or_default();
        *times += 1;
        if *times == 1 {
            open.extend(
                document
                    .pointer(to.trim_start_matches('#'))
                    .map(&mut note)
                    .unwrap_or_default(),
            );
        }
    }
    for kind in ["schemas", "responses"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            if !used.contains_key(&format!("#/components/{kind}/{name}")) {
                faults.push(format!("nothing refers to {kind}/{name}"));
            }
        }
    }
    none(&faults);
}

#[test]
fn every_patch_has_a_schema_of_its_own() {
    for Operation { id, value, .. } in operations().into_iter().filter(|one| one.method == "PATCH")
    {
        let content = value["requestBody"]["content"].as_object().unwrap();
        assert_eq!(
            content.keys().collect::<Vec<_>>(),
            ["application/merge-patch+json"],
            "{id}"
        );
        let schema = &content["application/merge-patch+json"]["schema"];
        let name = schema["$ref"].as_str().unwrap_or_default();
        assert!(name.ends_with("Patch"), "{id}: {name}");
        let patch = resolve(schema);
        assert!(
            patch.get("required").is_none(),
            "{id}: a patch requires nothing"
        );
        assert_eq!(
            patch["additionalProperties"], false,
            "{id}: unknown members are refused"
        );
        walk(patch, "", &mut |at, value| {
            let own = !at.contains("/items") && !at.contains("/example");
            assert!(
                !own || value.get("default").is_none(),
                "{id}{at}: a default in a patch would change what is left out"
            );
        });
    }
}

/// Names of the schemas that requests refer to, directly or not.
fn of_requests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut open: Vec<&Value> = Vec::new();
    for operation in operations() {
        open.extend(operation.value.get("requestBody"));
    }
    while let Some(value) = open.pop() {
        let mut found = Vec::new();
        walk(value, "", &mut |_, value| {
            if let Some(name) = value["$ref"]
                .as_str()
                .and_then(|at| at.strip_prefix("#/components/schemas/"))
            {
                found.push(name.to_owned());
            }
        });
        for name in found {
            if names.insert(name.clone()) {
                open.push(&components()[&name]);
            }
        }
    }
    names
}

/// In answers a member is either always there, and then may be null, or it may be left out,
/// and then it is never null: two ways of saying nothing would be one too many.
#[test]
fn what_may_be_left_out_is_never_null() {
    let mut faults = Vec::new();
    let requests = of_requests();
    for (name, schema) in components().as_object().unwrap() {
        if requests.contains(name) {
            continue;
        }
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        for (member, value) in schema["properties"].as_object().into_iter().flatten() {
            let null = json!("null");
            let nullable = value["type"]
                .as_array()
                .is_some_and(|kinds| kinds.contains(&null))
                || value["oneOf"]
                    .as_array()
                    .is_some_and(|ways| ways.iter().any(|way| way["type"] == null));
            if nullable && !required.contains(&json!(member)) {
                faults.push(format!("{name}.{member} may be left out and may be null"));
            }
        }
    }
    none(&faults);
}

/// What comes in is closed at every level: an unknown member is a mistake of the sender.
#[test]
fn requests_refuse_members_that_they_do_not_know() {
    let mut faults = Vec::new();
    for name in of_requests() {
        // The whole of a user is closed by its parts.
        if components()[&name].get("allOf").is_some() {
            continue;
        }
        walk(&components()[&name], &name, &mut |at, value| {
            let open =
                value["properties"].is_object() && value.get("additionalProperties").is_none();
            if open && !at.contains("/example") {
                faults.push(format!("{at} takes members that nobody knows"));
            }
        });
    }
    none(&faults);
}

#[test]
fn every_kind_of_problem_is_shown() {
    let document = document();
    let mut shown = BTreeSet::new();
    walk(&document["components"]["responses"], "", &mut |_, value| {
        shown.extend(
            value["type"]
                .as_str()
                .and_then(|kind| kind.strip_prefix("/problems/"))
                .map(str::to_owned),
        );
    });
    walk(&document["paths"], "", &mut |_, value| {
        shown.extend(
            value["type"]
                .as_str()
                .and_then(|kind| kind.strip_prefix("/problems/"))
                .map(str::to_owned),
        );
    });
    for kind in Kind::ALL {
        // An operation is one path and one method: none can answer 405.
        if *kind != Kind::MethodNotAllowed {
            assert!(shown.contains(kind.slug()), "{}", kind.slug());
        }
    }
}
