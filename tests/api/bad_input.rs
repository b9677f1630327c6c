//! Malformed, oversized and hostile requests: each a precise 4xx, never a 5xx, and nothing
//! half-written. Forged and expired tokens are in `auth`, cycles in `sections`.
//!
//! Most of it walks the document: every operation, every member of its example.

mod bodies;
mod bombs;
mod headers;
mod queries;
mod wire;

use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use masthead::db::DbError;
use masthead::db::schema::{audit_events, changes, idempotency_keys, versions};
use masthead::rights::Role;
use serde_json::Value;

use crate::openapi::{Operation, operations};
use crate::support::corpus::Corpus;
use crate::support::described::{self, resolve};
use crate::support::{Answer, Ask, TestApp};

/// What a write leaves behind: the change log's end, and how many lines the journals have.
type Trace = (Option<i64>, i64, i64, i64);

fn trace(app: &TestApp) -> Trace {
    app.db
        .read_now(|conn| {
            Ok::<_, DbError>((
                changes::table.select(max(changes::seq)).first(conn)?,
                audit_events::table.select(count_star()).first(conn)?,
                idempotency_keys::table.select(count_star()).first(conn)?,
                versions::table.select(count_star()).first(conn)?,
            ))
        })
        .expect("the journals are read")
}

/// Sends requests that are wrong, and collects what was wrong with the answers.
struct Probe<'a> {
    app: &'a TestApp,
    corpus: Corpus,
    token: String,
    faults: Vec<String>,
    sent: usize,
}

impl<'a> Probe<'a> {
    async fn new(app: &'a TestApp) -> Self {
        Self {
            corpus: Corpus::make(app).await,
            token: app.token(Role::Admin).await,
            app,
            faults: Vec::new(),
            sent: 0,
        }
    }

    /// A request of an administrator.
    fn ask(&self, method: &str, path: &str) -> Ask<'a> {
        let path = crate::support::corpus::with_words(path);
        self.app.request(method, &path).bearer(&self.token)
    }

    /// A request to an operation, with a path that leads somewhere.
    fn to(&self, operation: &Operation) -> Ask<'a> {
        let path = self.corpus.path(&operation.path);
        self.corpus
            .sign(operation, self.ask(&operation.method, &path))
    }

    /// Sends it. Whatever comes, it must be described, no fault of ours, and have left
    /// nothing behind if it is a refusal.
    async fn send(&mut self, what: &str, ask: Ask<'_>) -> Answer {
        self.sent += 1;
        let before = trace(self.app);
        let (method, path) = (ask.method().to_owned(), ask.path().to_owned());
        let answer = ask.send_unchecked().await;
        let mut complain = |fault: &str| {
            let answer: String = answer.text().chars().take(400).collect();
            let path: String = path.chars().take(120).collect();
            self.faults
                .push(format!("{what}: {method} {path}: {fault}: {answer}"));
        };
        if let Err(fault) = described::described(&method, &path, &answer) {
            complain(&format!("not described: {fault}"));
        }
        if answer.status >= 500 {
            complain("a fault of ours");
        }
        if answer.status >= 400 && trace(self.app) != before {
            complain("refused, and yet something was written");
        }
        answer
    }

    /// [`Probe::send`] of what must be refused with this status and kind of problem.
    async fn refused(&mut self, what: &str, ask: Ask<'_>, status: u16, kind: &str) -> Answer {
        let answer = self.send(what, ask).await;
        let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if answer.status != status || problem["type"] != format!("/problems/{kind}") {
            self.complain(what, &format!("not {status} {kind}"), &answer);
        }
        answer
    }

    /// [`Probe::refused`] for its content, with a fault of this code at this pointer.
    async fn invalid(&mut self, what: &str, ask: Ask<'_>, pointer: &str, code: &str) -> Answer {
        let answer = self.refused(what, ask, 422, "invalid").await;
        let found = answer.status == 422
            && answer
                .faults()
                .contains(&(pointer.to_owned(), code.to_owned()));
        if !found {
            self.complain(what, &format!("no fault {code} at {pointer}"), &answer);
        }
        answer
    }

    fn complain(&mut self, what: &str, fault: &str, answer: &Answer) {
        let text: String = answer.text().chars().take(400).collect();
        self.faults
            .push(format!("{what}: {fault}: {} {text}", answer.status));
    }

    /// Ends the test: all complaints, if there are any, and whether it sent as much as it
    /// should have.
    fn end(self, at_least: usize) {
        let all = self.faults.len();
        let some: Vec<String> = self.faults.into_iter().take(60).collect();
        assert!(some.is_empty(), "\n{}\n{all} in all\n", some.join("\n"));
        assert!(self.sent >= at_least, "only {} requests", self.sent);
    }
}

/// Operations that take a body, with its media type and example.
fn with_bodies() -> Vec<(Operation, String, Value)> {
    let mut found = Vec::new();
    for operation in operations() {
        let Some(content) = operation.value["requestBody"]["content"].as_object() else {
            continue;
        };
        let (kind, media) = content.iter().next().expect("a media type");
        // Pages and wires are no documents of ours: `ingest` tells what of them is refused.
        if kind.starts_with("text/") || operation.id == "ingest_wire" {
            continue;
        }
        let (kind, example) = (kind.clone(), example(media));
        found.push((operation, kind, example));
    }
    assert!(found.len() > 20);
    found
}

fn example(media: &Value) -> Value {
    match media.get("example") {
        Some(example) => example.clone(),
        None => resolve(&media["schema"])["example"].clone(),
    }
}

/// Operations that change something that stands, so that they need `If-Match`.
fn changes() -> Vec<Operation> {
    let mut found = operations();
    found.retain(|operation| {
        operation.value["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|parameter| parameter["name"] == "If-Match" && parameter["required"] == true)
    });
    assert!(found.len() > 10);
    found
}
