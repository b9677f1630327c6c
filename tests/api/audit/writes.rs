//! Every write leaves an event that names its request. The test walks the document: an operation
//! that is no reading is driven here, or stands among the exceptions with a reason.

use masthead::rights::Role;
use serde_json::{Value, json};

use super::events;
use crate::openapi::{Operation, operations};
use crate::support::corpus::{Corpus, with_words};
use crate::support::described::resolve;
use crate::support::newsroom::with;
use crate::support::{Answer, Ask, PASSWORD, TestApp, both_engines};

/// Operations that are no reading by their method and yet write nothing to be on record.
const NO_WRITE: &[(&str, &str)] = &[
    (
        "check_reprint",
        "a question: it tells what a page derives from",
    ),
    (
        "verify_attestation",
        "a question: it tells what a statement is worth",
    ),
    (
        "explain_decision",
        "a question: it tells how a decision would come out",
    ),
];

/// The body that the document shows.
fn example(operation: &Operation) -> Value {
    let content = operation.value["requestBody"]["content"].as_object();
    let Some(media) = content.and_then(|content| content.values().next()) else {
        return Value::Null;
    };
    match media.get("example") {
        Some(example) => example.clone(),
        None => resolve(&media["schema"])["example"].clone(),
    }
}

/// Something new, so that it can be deleted: where to add it, and with what.
fn fresh(corpus: &Corpus, operation: &str) -> Option<(String, Value)> {
    let at = |path: &str, body| Some((path.to_owned(), body));
    match operation {
        "delete_author" => at("/v1/authors", json!({"name": "Wen Ya", "kind": "reporter"})),
        "delete_section" => at("/v1/sections", json!({"name": "Short-lived"})),
        "delete_source" => at(
            "/v1/sources",
            json!({"name": "Gone", "credit_label": "Gone", "kind": "external"}),
        ),
        "delete_notice" => at(
            "/v1/notices",
            json!({"kind": "reprint", "language": "en", "text": "x", "effective_from": "2027-01-01T00:00:00Z"}),
        ),
        "end_partner" => at("/v1/partners", json!({"name": "Short-lived"})),
        "delete_licence" => at(
            "/v1/licences",
            json!({"partner_id": corpus.partner, "selector": {"tags": ["none"]}, "extent": "full",
            "channels": ["syndication"], "territories": ["CN"], "valid_from": "2026-01-01T00:00:00Z"}),
        ),
        "delete_grant" => at(
            &format!("/v1/sources/{}/grants", corpus.source),
            json!({"channels": ["app"], "territories": ["CN"],
            "valid_from": "2026-01-01T00:00:00Z", "max_extent": "full", "may_redistribute": false, "alteration": "format"}),
        ),
        "delete_user" => at(
            "/v1/users",
            json!({"email": "gone@desk.example.org", "name": "x", "role": "viewer", "password": PASSWORD}),
        ),
        "delete_webhook" => at(
            "/v1/webhooks",
            json!({"client_id": corpus.partner_client, "url": "https://hooks.example.org/gone"}),
        ),
        "delete_word" => at("/v1/dictionary", json!({"word": "短命词"})),
        "delete_article" => at(
            "/v1/articles",
            json!({"title": "Short-lived", "language": "en"}),
        ),
        _ => None,
    }
}

/// What is sent instead of the document's example, whose ids and words are not those of here.
fn body(corpus: &Corpus, operation: &Operation) -> Value {
    let shown = || example(operation);
    match operation.id.as_str() {
        "login" => json!({"email": mail(operation), "password": PASSWORD}),
        "change_password" => {
            json!({"current_password": PASSWORD, "new_password": "another long passphrase"})
        }
        "create_article" => json!({"title": "New", "language": "en"}),
        "update_article" => json!({"title": "Newer", "summary": "Changed."}),
        "create_licence" => with(
            shown(),
            json!({"partner_id": corpus.partner, "selector": {"tags": ["none"]}}),
        ),
        "update_licence" => json!({"quota_per_day": 9}),
        "create_notice" => with(shown(), json!({"language": "zh-Hans"})),
        "create_section" => json!({"name": "Culture"}),
        "update_section" => json!({"description": "Changed."}),
        "create_assignment" => json!({"user_id": corpus.user, "task": "check"}),
        "update_author" => json!({"bio": "Changed."}),
        "create_source" => {
            json!({"name": "Another", "credit_label": "Another", "kind": "external"})
        }
        "update_source" => json!({"homepage_url": "https://wire.example.net"}),
        "update_grant" => json!({"evidence_ref": "Changed"}),
        "update_notice" => json!({"text": "Changed."}),
        "update_client" => json!({"name": "Changed"}),
        "create_webhook" => {
            json!({"client_id": corpus.client, "url": "https://hooks.example.org/new"})
        }
        "update_webhook" => json!({"description": "Changed."}),
        "update_partner" => json!({"homepage_url": "https://changed.example.com"}),
        "create_user" => {
            json!({"email": "new@desk.example.org", "name": "x", "role": "viewer", "password": PASSWORD})
        }
        "update_user" => json!({"name": "Changed"}),
        "update_claim" => json!({"internal_note": "Changed."}),
        "update_settings" => json!({"site_name": "Changed"}),
        _ => shown(),
    }
}

/// The stage in which a claim takes an operation; `None` where any will do.
fn stage(operation: &str) -> Option<&'static str> {
    match operation {
        "acknowledge_claim"
        | "hold_claim"
        | "close_claim"
        | "reply_to_claim"
        | "write_claim_message" => Some("received"),
        "decide_claim" => Some("acknowledged"),
        "release_claim" => Some("under_review"),
        "counter_claim" => Some("decided"),
        "restore_claim" => Some("countered"),
        _ => None,
    }
}

/// The address of the administrator who calls an operation: each has its own, since some end
/// sessions or change a password.
fn mail(operation: &Operation) -> String {
    format!("{}@desk.example.org", operation.id)
}

/// Sends a request that the operation takes and that changes something; who did it.
async fn drive(app: &TestApp, corpus: &Corpus, operation: &Operation) -> (String, Answer) {
    let user = app.user(&mail(operation), Role::Admin);
    let token = app.token_of(user).await;
    let mut path = corpus.path(&operation.path);
    let mut body = body(corpus, operation);
    let mut claim_token = None;
    if let Some(stage) = stage(&operation.id) {
        let work =
            json!({"title": "Complained of", "language": "en", "source_id": corpus.own_source});
        let article = app.live(work).await;
        let (claim, token) = app.claim_in(&article, stage, &operation.id).await;
        path = operation.path.replace("{id}", &claim);
        claim_token = Some(token);
    }
    match operation.id.as_str() {
        "refresh" => {
            let login = json!({"email": mail(operation), "password": PASSWORD});
            let tokens = app
                .post("/v1/auth/login", login)
                .send()
                .await
                .expect(200)
                .json();
            body = json!({"refresh_token": tokens["refresh_token"]});
        }
        "end_own_session" => {
            let me = app
                .get("/v1/me")
                .bearer(&token)
                .send()
                .await
                .expect(200)
                .json();
            path = format!("/v1/me/sessions/{}", me["session_id"].as_str().unwrap());
        }
        // Nobody's sessions end where nobody has one.
        "end_sessions" => drop(
            app.token_of(masthead::kernel::id::Id::parse(&corpus.user).unwrap())
                .await,
        ),
        "correct_article" | "restore_version" => {
            let edited = app.patch(
                &format!("/v1/articles/{}", corpus.article),
                json!({"summary": format!("Before {}.", operation.id)}),
            );
            edited.if_match("*").by_admin().await.expect(200);
        }
        "submit_article" | "return_article" | "schedule_article" | "reinstate_article" => {
            let work =
                json!({"title": "On its way", "language": "en", "source_id": corpus.own_source});
            let id = app.made("/v1/articles", work).await;
            let steps: &[(&str, Value)] = match operation.id.as_str() {
                "return_article" => &[("submit", json!({}))],
                "reinstate_article" => &[
                    ("publish", json!({})),
                    (
                        "withdraw",
                        json!({"reason_class": "editorial", "reason": "x"}),
                    ),
                ],
                _ => &[],
            };
            for (action, body) in steps {
                let ask = app.post(&format!("/v1/articles/{id}/{action}"), body.clone());
                ask.by_admin().await.expect(200);
            }
            path = operation.path.replace("{id}", &id);
        }
        "publish_article" => {
            let source = json!({"source_id": corpus.own_source});
            app.patch(&format!("/v1/articles/{}", corpus.draft), source)
                .if_match("*")
                .by_admin()
                .await
                .expect(200);
            path = operation.path.replace("{id}", &corpus.draft);
        }
        other => {
            if let Some((at, body)) = fresh(corpus, other) {
                let id = app.made(&at, body).await;
                path = operation.path.replace("{id}", &id);
            }
        }
    }
    let content = operation.value["requestBody"]["content"].as_object();
    let mut ask: Ask<'_> = app.request(&operation.method, &path).bearer(&token);
    if let Some(kind) = content.and_then(|content| content.keys().next()) {
        // A page is sent as it is, and not as a string of JSON.
        let sent = body
            .as_str()
            .map_or_else(|| body.to_string(), str::to_owned);
        ask = ask.raw(kind, sent);
    }
    let must_match = matches!(operation.method.as_str(), "PATCH" | "DELETE");
    if must_match || operation.id == "restore_version" {
        ask = ask.if_match("*");
    }
    if let Some(token) = claim_token {
        ask = ask.header("x-claim-token", &token);
    }
    (user.to_string(), ask.send().await)
}

both_engines! {
    async fn every_write_leaves_an_event_of_its_request(app) {
        let corpus = Corpus::make(&app).await;
        let mut writes = operations();
        writes.retain(|operation| operation.method != "GET");
        // What ends things comes last.
        let ends = ["withdraw_article", "acknowledge_advisory"];
        writes.sort_by_key(|operation| (operation.method == "DELETE", ends.contains(&operation.id.as_str())));
        let mut complaints = Vec::new();
        let mut driven = 0;
        for operation in &writes {
            let exception = NO_WRITE.iter().find(|(id, _)| *id == operation.id);
            let before = events(&app).len();
            let (admin, answer) = drive(&app, &corpus, operation).await;
            if answer.status >= 400 && exception.is_none() {
                complaints.push(format!("{} is not driven rightly: {}: {}", operation.id, answer.status, answer.text()));
                continue;
            }
            driven += 1;
            let request = answer.header("x-request-id").to_owned();
            let all = events(&app);
            let left: Vec<_> = all[before..].iter().filter(|one| one.event.request_id.as_ref() == Some(&request)).collect();
            match (exception, left.as_slice()) {
                (None, []) => complaints.push(format!("{} leaves no event", operation.id)),
                (Some(_), [_, ..]) => complaints.push(format!("{} leaves an event: take it off NO_WRITE", operation.id)),
                (None, some) => {
                    let is_theirs = some.iter().all(|one| one.event.actor_id.as_ref() == Some(&admin));
                    if !is_theirs {
                        complaints.push(format!("{} is not told to be theirs", operation.id));
                    }
                }
                (Some(_), []) => {}
            }
        }
        assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
        assert!(driven > 40, "{driven}");
    }

    async fn readings_leave_none(app) {
        let corpus = Corpus::make(&app).await;
        let mut reads = operations();
        // Reading the log itself is on record; `log` tells how.
        reads.retain(|operation| operation.method == "GET" && !operation.path.starts_with("/v1/audit-events"));
        let token = app.token(Role::Admin).await;
        let before = events(&app).len();
        for operation in &reads {
            app.get(&with_words(&corpus.path(&operation.path))).bearer(&token).send().await;
            assert_eq!(events(&app).len(), before, "{}", operation.id);
        }
    }
}
