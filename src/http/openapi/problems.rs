//! How the document tells of errors: one response for each status, with an example of each
//! kind of problem that has it.

use serde_json::{Map, Value, json};

use super::header;
use crate::http::problem::Kind;

/// The problem document among the schemas.
pub(super) const PROBLEM: &str = "#/components/schemas/Problem";

/// The kinds of problem that have this status.
fn kinds(status: u16) -> impl Iterator<Item = Kind> {
    Kind::ALL
        .iter()
        .copied()
        .filter(move |kind| kind.status() == status)
}

/// The name of a status's response among the components: that of its first kind.
pub(super) fn error_name(status: u16) -> String {
    kinds(status)
        .next()
        .map(|kind| format!("{kind:?}"))
        .unwrap_or_default()
}

/// The response of a status: its description and an example of each of its kinds.
pub(super) fn problem_response(status: u16) -> Value {
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
            problem["errors"] = parameter("limit", "range", "must be a whole number from 1 to 100");
        }
        Kind::BadCursor => {
            problem["errors"] = parameter("cursor", "cursor", "does not fit this list");
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
        Kind::PreconditionFailed => {
            problem["current"] = json!({"revision": 8, "version": 5, "changed_at": "2026-03-01T08:00:00Z",
                "changed_by": {"id": "usr_01900000000070008000000000000001", "name": "Lin Yue"}});
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

pub(super) fn add_problems(document: &mut Value) {
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
