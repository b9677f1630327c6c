//! Every operation of the document with every kind of credential. Who may do what is
//! written down here once more, by hand, from the design and not from the code: a permission
//! that is loosened by mistake has to be loosened in two places.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::TimeDelta;
use masthead::http::auth::{ClientKind, Scope};
use masthead::rights::{Channel, Role};
use serde_json::{Value, json};

use crate::openapi::{Operation, operations};
use crate::support::corpus::{Corpus, with_words};
use crate::support::{Answer, TestApp, both_engines};

/// Who may call an operation.
#[derive(Debug, Clone, Copy)]
enum May {
    /// Anyone, and no credential is looked at: what operators and programs need.
    Anything,
    /// Anyone with a good credential or none: signing in.
    Anyone,
    /// Anyone without a credential, the staff, and clients with this scope.
    Readers(Scope),
    /// Staff with one of these roles, and no client ever.
    Staff(&'static [Role]),
    /// Staff with one of the first roles; on what is another's, with one of the second. What there is in this test is the
    /// author's.
    Own(&'static [Role], &'static [Role]),
    /// Staff with one of these roles, and the keys of partners that read articles.
    Partners(&'static [Role]),
    /// Clients with this scope, and nobody else.
    Clients(Scope),
}

const ALL: [Role; 5] = [
    Role::Admin,
    Role::Rights,
    Role::Editor,
    Role::Author,
    Role::Viewer,
];
const DESK: May = May::Staff(&ALL);
const ADMIN: May = May::Staff(&[Role::Admin]);
const EDITORS: May = May::Staff(&[Role::Admin, Role::Editor]);
const WRITERS: May = May::Staff(&[Role::Admin, Role::Editor, Role::Author]);
const RIGHTS: May = May::Staff(&[Role::Admin, Role::Rights]);
const WITHDRAWERS: May = May::Staff(&[Role::Admin, Role::Editor, Role::Rights]);
const TALKERS: &[Role] = &[Role::Admin, Role::Rights, Role::Editor, Role::Author];
const ARTICLES: May = May::Readers(Scope::Articles);
const CATALOGUE: May = May::Readers(Scope::Catalogue);

const TABLE: &[(&str, May)] = &[
    ("healthz", May::Anything),
    ("readyz", May::Anything),
    ("metrics", May::Anything),
    ("openapi", May::Anything),
    ("partners_guide", May::Anything),
    ("problem_kind", May::Anything),
    ("get_jwks", May::Anything),
    ("get_tdmrep", May::Anything),
    ("login", May::Anyone),
    ("refresh", May::Anyone),
    ("logout", DESK),
    ("get_me", DESK),
    ("change_password", DESK),
    ("list_own_sessions", DESK),
    ("end_own_session", DESK),
    ("list_articles", ARTICLES),
    ("search_articles", ARTICLES),
    ("reindex_articles", ADMIN),
    ("ingest_page", WRITERS),
    ("ingest_wire", EDITORS),
    ("get_ingest", EDITORS),
    ("get_ingest_raw", EDITORS),
    ("check_reprint", May::Partners(&[Role::Admin, Role::Rights])),
    ("list_words", DESK),
    ("create_word", EDITORS),
    ("get_word", DESK),
    ("delete_word", EDITORS),
    ("get_feed_link", May::Partners(&[])),
    ("get_site_feed", ARTICLES),
    ("get_section_feed", ARTICLES),
    ("get_author_feed", ARTICLES),
    ("get_tag_feed", ARTICLES),
    ("get_robots", ARTICLES),
    ("get_rsl", ARTICLES),
    ("get_sitemap_index", ARTICLES),
    ("get_sitemap", ARTICLES),
    ("get_news_sitemap", ARTICLES),
    ("negotiate_representation", ARTICLES),
    ("get_representation", ARTICLES),
    ("get_article", ARTICLES),
    ("get_article_by_slug", ARTICLES),
    ("create_article", WRITERS),
    ("update_article", WRITERS),
    ("delete_article", WRITERS),
    ("submit_article", WRITERS),
    ("return_article", EDITORS),
    ("schedule_article", EDITORS),
    ("publish_article", EDITORS),
    ("correct_article", EDITORS),
    ("withdraw_article", WITHDRAWERS),
    (
        "bulk_articles",
        May::Staff(&[Role::Admin, Role::Rights, Role::Editor, Role::Author]),
    ),
    ("reinstate_article", WITHDRAWERS),
    ("list_versions", DESK),
    ("get_version", DESK),
    ("compare_versions", DESK),
    ("restore_version", WRITERS),
    ("list_comments", DESK),
    ("get_comment", DESK),
    ("create_comment", May::Staff(TALKERS)),
    ("resolve_comment", May::Staff(TALKERS)),
    ("delete_comment", May::Own(TALKERS, &[Role::Admin])),
    ("list_assignments", DESK),
    ("list_article_assignments", DESK),
    ("get_assignment", DESK),
    ("create_assignment", EDITORS),
    (
        "complete_assignment",
        May::Own(&ALL, &[Role::Admin, Role::Editor]),
    ),
    ("delete_assignment", EDITORS),
    ("create_preview", WRITERS),
    ("end_previews", WRITERS),
    ("get_preview", May::Anyone),
    ("list_authors", CATALOGUE),
    ("get_author", CATALOGUE),
    ("create_author", EDITORS),
    ("update_author", EDITORS),
    ("delete_author", EDITORS),
    ("list_sections", CATALOGUE),
    ("get_section_tree", CATALOGUE),
    ("get_section", CATALOGUE),
    ("create_section", EDITORS),
    ("update_section", EDITORS),
    ("delete_section", EDITORS),
    ("list_sources", CATALOGUE),
    ("get_source", CATALOGUE),
    ("create_source", EDITORS),
    ("update_source", EDITORS),
    ("delete_source", EDITORS),
    ("list_registry_editions", DESK),
    ("get_registry_edition", DESK),
    ("create_registry_edition", EDITORS),
    ("list_registry_entries", DESK),
    ("list_registry_reviews", DESK),
    ("get_registry_review", DESK),
    ("resolve_registry_review", WITHDRAWERS),
    ("list_grants", DESK),
    ("get_grant", DESK),
    ("create_grant", RIGHTS),
    ("update_grant", RIGHTS),
    ("delete_grant", RIGHTS),
    ("list_notices", CATALOGUE),
    ("get_notice", CATALOGUE),
    ("list_notice_revisions", DESK),
    ("get_notice_revision", DESK),
    ("create_notice", EDITORS),
    ("update_notice", EDITORS),
    ("delete_notice", EDITORS),
    ("list_partners", RIGHTS),
    ("get_partner", RIGHTS),
    ("create_partner", RIGHTS),
    ("update_partner", RIGHTS),
    ("end_partner", RIGHTS),
    ("list_licences", RIGHTS),
    ("get_licence", RIGHTS),
    ("create_licence", RIGHTS),
    ("update_licence", RIGHTS),
    ("delete_licence", RIGHTS),
    (
        "get_licence_policy",
        May::Partners(&[Role::Admin, Role::Rights]),
    ),
    ("list_own_licences", May::Partners(&[])),
    ("list_clients", RIGHTS),
    ("get_client", RIGHTS),
    ("create_client", RIGHTS),
    ("update_client", RIGHTS),
    ("revoke_client", RIGHTS),
    ("list_webhooks", RIGHTS),
    ("get_webhook", RIGHTS),
    ("create_webhook", RIGHTS),
    ("update_webhook", RIGHTS),
    ("delete_webhook", RIGHTS),
    ("ping_webhook", RIGHTS),
    ("rotate_webhook_secret", RIGHTS),
    ("replay_webhook", RIGHTS),
    ("list_webhook_messages", RIGHTS),
    ("get_webhook_message", RIGHTS),
    ("list_webhook_attempts", RIGHTS),
    ("explain_decision", RIGHTS),
    ("list_deliveries", RIGHTS),
    ("get_delivery", RIGHTS),
    ("get_usage", RIGHTS),
    (
        "list_advisories",
        May::Partners(&[Role::Admin, Role::Rights]),
    ),
    ("get_advisory", May::Partners(&[Role::Admin, Role::Rights])),
    (
        "acknowledge_advisory",
        May::Partners(&[Role::Admin, Role::Rights]),
    ),
    ("remind_of_advisory", RIGHTS),
    ("list_changes", May::Clients(Scope::Articles)),
    ("verify_attestation", May::Anyone),
    ("file_claim", May::Anyone),
    // With the token of the receipt, which this test sends.
    ("follow_claim", May::Anyone),
    ("reply_to_claim", May::Anyone),
    ("list_claims", RIGHTS),
    ("get_claim_report", RIGHTS),
    ("get_claim", RIGHTS),
    ("update_claim", RIGHTS),
    ("write_claim_message", RIGHTS),
    ("get_hold", RIGHTS),
    ("acknowledge_claim", RIGHTS),
    ("hold_claim", RIGHTS),
    ("release_claim", RIGHTS),
    ("decide_claim", RIGHTS),
    ("counter_claim", RIGHTS),
    ("restore_claim", RIGHTS),
    ("close_claim", RIGHTS),
    ("list_jobs", DESK),
    ("get_job", DESK),
    ("list_job_items", DESK),
    ("cancel_job", DESK),
    ("get_settings", DESK),
    ("update_settings", ADMIN),
    ("list_audit_events", ADMIN),
    ("get_audit_event", ADMIN),
    ("export_audit_events", ADMIN),
    ("list_users", ADMIN),
    ("get_user", ADMIN),
    ("create_user", ADMIN),
    ("update_user", ADMIN),
    ("delete_user", ADMIN),
    ("list_sessions", ADMIN),
    ("end_sessions", ADMIN),
];

fn may(operation: &str) -> May {
    let found = TABLE.iter().find(|(id, _)| *id == operation);
    found
        .unwrap_or_else(|| panic!("{operation} is not in the table"))
        .1
}

#[test]
fn the_table_covers_the_document_and_nothing_else() {
    let written: BTreeSet<&str> = TABLE.iter().map(|(id, _)| *id).collect();
    assert_eq!(
        written.len(),
        TABLE.len(),
        "an operation stands in the table twice"
    );
    let operations = operations();
    let known: BTreeSet<&str> = operations.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(written, known);
}

#[test]
fn the_document_says_what_the_table_says() {
    for Operation { id, value, .. } in operations() {
        let roles = |roles: &[Role]| -> BTreeSet<String> {
            roles.iter().map(|role| role.as_str().to_owned()).collect()
        };
        // Whether it is open, the roles, the scopes.
        let told = match may(&id) {
            May::Anything | May::Anyone => (true, BTreeSet::new(), vec![]),
            May::Readers(scope) => (true, roles(&ALL), vec![scope.as_str().to_owned()]),
            May::Staff(some) | May::Own(some, _) => (false, roles(some), vec![]),
            May::Clients(scope) => (false, BTreeSet::new(), vec![scope.as_str().to_owned()]),
            May::Partners(some) => (
                false,
                roles(some),
                vec![Scope::Articles.as_str().to_owned()],
            ),
        };
        let security = value["security"].as_array().unwrap();
        let words = |name: &str| -> Vec<String> {
            let lists = security.iter().filter_map(|way| way[name].as_array());
            lists
                .flatten()
                .map(|word| word.as_str().unwrap().to_owned())
                .collect()
        };
        let open = security.is_empty() || security.contains(&json!({}));
        let staff = words("staff").into_iter().collect();
        assert_eq!((open, staff, words("client")), told, "{id}");
        for way in security {
            assert!(
                way.as_object()
                    .unwrap()
                    .keys()
                    .all(|name| name == "staff" || name == "client"),
                "{id}: {way}"
            );
        }
    }
}

/// What a request is made with.
enum Credential {
    None,
    Role(Role),
    /// A key and the scopes that it has.
    Key(String, Vec<Scope>),
    /// The key of a partner, for everything there is to read.
    Partner(String),
    /// A key for browsers, sent from its origin.
    Publishable(String),
    /// Something that is no good.
    Bad(&'static str, String),
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("nobody"),
            Self::Role(role) => f.write_str(role.as_str()),
            Self::Key(_, scopes) => write!(f, "a client with {scopes:?}"),
            Self::Partner(_) => f.write_str("a partner"),
            Self::Publishable(_) => f.write_str("a browser"),
            Self::Bad(what, _) => f.write_str(what),
        }
    }
}

const SITE: &str = "https://news.example.org";

async fn credentials(app: &TestApp) -> Vec<Credential> {
    let key = |kind: ClientKind, channel: Channel, scopes: &[Scope]| {
        let mut terms = app.terms(kind, channel);
        terms.scopes = scopes.to_vec();
        Credential::Key(app.key(terms).1, scopes.to_vec())
    };
    let mut publishable = app.terms(ClientKind::FirstParty, Channel::Web);
    publishable.publishable = true;
    publishable.allowed_origins = vec![masthead::clients::model::Origin::parse(SITE).unwrap()];
    let (gone, revoked) = app.key(app.terms(ClientKind::FirstParty, Channel::Web));
    app.delete(&format!("/v1/clients/{gone}"))
        .if_match("*")
        .by_admin()
        .await
        .expect(204);
    let mut over = app.terms(ClientKind::FirstParty, Channel::Web);
    over.expires_at = Some(app.clock.now());
    let disabled = app.user("disabled@desk.example.org", Role::Admin);
    let disabled_token = app.token_of(disabled).await;
    app.patch(&format!("/v1/users/{disabled}"), json!({"active": false}))
        .if_match("*")
        .by_admin()
        .await
        .expect(200);
    let mut all = vec![
        Credential::None,
        key(ClientKind::FirstParty, Channel::Web, &[Scope::Articles]),
        key(ClientKind::FirstParty, Channel::App, &[Scope::Catalogue]),
        key(
            ClientKind::FirstParty,
            Channel::Web,
            &[Scope::Articles, Scope::Catalogue],
        ),
        Credential::Partner(
            app.key(app.terms(ClientKind::Partner, Channel::Syndication))
                .1,
        ),
        key(
            ClientKind::AiCrawler,
            Channel::Ai,
            &[Scope::Articles, Scope::Catalogue],
        ),
        Credential::Publishable(app.key(publishable).1),
        Credential::Bad("a garbage token", "garbage".to_owned()),
        Credential::Bad(
            "a token that looks like one",
            "eyJhbGciOiJub25lIn0.e30.".to_owned(),
        ),
        Credential::Bad("a garbage key", "mh_garbage".to_owned()),
        Credential::Bad("a revoked key", revoked),
        Credential::Bad("an expired key", app.key(over).1),
        Credential::Bad("a disabled user's token", disabled_token),
    ];
    all.extend(ALL.map(Credential::Role));
    all
}

/// What comes of it: a status that says no, or the one that the request gets once it is in.
fn expected(operation: &Operation, credential: &Credential) -> u16 {
    let no = |allowed: bool| {
        if allowed {
            past_the_door(operation)
        } else {
            403
        }
    };
    match (may(&operation.id), credential) {
        (May::Anything, _) => past_the_door(operation),
        (_, Credential::Bad(..)) => 401,
        (_, Credential::Publishable(_)) if operation.method != "GET" => 403,
        (May::Anyone, _) => past_the_door(operation),
        (
            May::Readers(_),
            Credential::None
            | Credential::Role(_)
            | Credential::Publishable(_)
            | Credential::Partner(_),
        )
        | (May::Partners(_) | May::Clients(_), Credential::Partner(_))
        | (May::Clients(_), Credential::Publishable(_)) => past_the_door(operation),
        (May::Readers(scope) | May::Clients(scope), Credential::Key(_, scopes)) => {
            no(scopes.contains(&scope))
        }
        (May::Staff(_) | May::Own(..) | May::Partners(_) | May::Clients(_), Credential::None) => {
            401
        }
        (May::Clients(_), Credential::Role(_)) => 403,
        (
            May::Staff(_) | May::Own(..) | May::Partners(_),
            Credential::Key(..) | Credential::Publishable(_),
        )
        | (May::Staff(_) | May::Own(..), Credential::Partner(_)) => 403,
        (May::Own(_, others), Credential::Role(role)) => {
            no(others.contains(role) || *role == Role::Author)
        }
        (May::Staff(roles) | May::Partners(roles), Credential::Role(role)) => {
            no(roles.contains(role))
        }
    }
}

/// What a request of this test gets that was let in: it changes nothing, since its body is
/// `{}` and it has no `If-Match`, but its path leads to something real.
fn past_the_door(operation: &Operation) -> u16 {
    match (operation.method.as_str(), operation.id.as_str()) {
        // The claim has come to its end, and these need nothing in their bodies.
        (
            _,
            "acknowledge_claim" | "hold_claim" | "release_claim" | "restore_claim" | "close_claim",
        ) => 409,
        (_, "logout" | "end_own_session" | "end_sessions" | "end_previews") => 204,
        (_, "create_preview") => 201,
        (_, "reindex_articles" | "ping_webhook") => 202,
        (_, "rotate_webhook_secret") => 200,
        // `{}` is a text that nobody wrote.
        (_, "check_reprint") => 200,
        // Settled and done once and for all.
        (_, "resolve_comment" | "complete_assignment") => 200,
        (_, "restore_version") => 428,
        // They take no body, and once more does no harm.
        ("GET", _) | (_, "remind_of_advisory" | "cancel_job") => 200,
        ("PATCH" | "DELETE", _) => 428,
        // They ask for nothing in their bodies: the state is in the way, or the tag of another revision.
        (_, "return_article" | "reinstate_article") => 409,
        (_, "submit_article") => 412,
        _ => 422,
    }
}

async fn call(
    app: &TestApp,
    corpus: &Corpus,
    operation: &Operation,
    credential: &Credential,
) -> Answer {
    let token = match credential {
        // Some operations end sessions: each request has its own.
        Credential::Role(role) => Some(app.token_of(app.user_of(*role)).await),
        _ => None,
    };
    let path = match operation.id.as_str() {
        // Everybody's own: others' jobs are not there.
        "get_job" | "list_job_items" | "cancel_job" => {
            let owner = match credential {
                Credential::Role(role) => *role,
                _ => Role::Admin,
            };
            let mine = app.job_of(app.user_of(owner));
            operation.path.replace("{id}", &mine)
        }
        "end_own_session" => {
            let mine = match &token {
                Some(token) => {
                    app.get("/v1/me").bearer(token).send().await.json()["session_id"].clone()
                }
                None => json!("ses_01900000000070008000000000000001"),
            };
            operation.path.replace("{id}", mine.as_str().unwrap())
        }
        // Authors write their own drafts.
        id if operation.path.starts_with("/v1/articles/{id}")
            && !matches!(
                id,
                "get_article" | "get_representation" | "negotiate_representation"
            ) =>
        {
            let path = operation.path.replace("{id}", &corpus.draft);
            corpus.path(
                &path
                    .replace("{comment_id}", &corpus.draft_comment)
                    .replace("{assignment_id}", &corpus.draft_assignment),
            )
        }
        "get_preview" => corpus.preview.clone(),
        _ => with_words(&corpus.path(&operation.path)),
    };
    let mut ask = corpus.sign(operation, app.request(&operation.method, &path));
    if operation.id == "submit_article" {
        // The next one wants to find a draft.
        ask = ask.if_match("\"0.none\"");
    }
    if let Some(content) = operation.value["requestBody"]["content"].as_object() {
        let kind = content.keys().next().unwrap();
        ask = ask.raw(kind, "{}");
    }
    ask = match credential {
        Credential::None => ask,
        Credential::Role(_) => ask.bearer(&token.unwrap()),
        Credential::Key(key, _) | Credential::Partner(key) => ask.key(key),
        Credential::Publishable(key) => ask.key(key).header("origin", SITE),
        Credential::Bad(_, credential) => ask.bearer(credential),
    };
    ask.send().await
}

both_engines! {
    async fn every_operation_with_every_credential(app) {
        let corpus = Corpus::make(&app).await;
        let credentials = credentials(&app).await;
        let mut faults = Vec::new();
        let mut seen: BTreeMap<u16, usize> = BTreeMap::new();
        for operation in operations() {
            for credential in &credentials {
                let answer = call(&app, &corpus, &operation, credential).await;
                *seen.entry(answer.status).or_default() += 1;
                let expected = expected(&operation, credential);
                // Partners and crawlers are let in, and then have no right to a body.
                let unlicensed = answer.status == 403 && operation.id.ends_with("_representation")
                    && answer.json()["type"] == "/problems/licence-required";
                if answer.status != expected && !(unlicensed && expected == 200) {
                    faults.push(format!("{} as {credential}: {} and not {expected}: {}", operation.id, answer.status, answer.text()));
                }
                if answer.status == 401 && !answer.header("www-authenticate").starts_with("Bearer") {
                    faults.push(format!("{} as {credential}: 401 that does not say what is accepted", operation.id));
                }
                // A refusal tells what would do and nothing else.
                if answer.status == 403 {
                    let body: Value = answer.json();
                    if body["detail"].as_str().unwrap_or_default().is_empty() {
                        faults.push(format!("{} as {credential}: 403 without a reason", operation.id));
                    }
                }
            }
        }
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
        assert!(seen[&401] > 350 && seen[&403] > 350 && seen[&200] > 250, "{seen:?}");
        // Tokens end. Nothing is open to one that has ended but what looks at none.
        let token = app.token(Role::Admin).await;
        app.clock.advance(TimeDelta::minutes(16));
        for operation in operations() {
            let credential = Credential::Bad("an expired token", token.clone());
            let answer = call(&app, &corpus, &operation, &credential).await;
            assert_eq!(answer.status, expected(&operation, &credential), "{}", operation.id);
        }
    }

    async fn authors_have_their_own_drafts_only(app) {
        let corpus = Corpus::make(&app).await;
        let path = format!("/v1/articles/{}", corpus.draft);
        let other = app.token_of(app.user("other@desk.example.org", Role::Author)).await;
        let change = || app.patch(&path, json!({"title": "Mine now"})).if_match("*");
        // Another's draft is not there at all, nor in lists.
        app.get(&path).bearer(&other).send().await.expect(404);
        change().bearer(&other).send().await.expect(404);
        app.delete(&path).if_match("*").bearer(&other).send().await.expect(404);
        let listed = app.get("/v1/articles?stage=draft&count=exact").bearer(&other).send().await.expect(200).json();
        assert_eq!(listed["page"]["total"], 0);
        change().by_role(Role::Viewer).await.expect(403);
        change().by_role(Role::Rights).await.expect(403);
        change().by_role(Role::Author).await.expect(200);
        // Once it is out it is the desk's.
        app.patch(&path, json!({"source_id": corpus.own_source})).if_match("*").by_role(Role::Author).await.expect(200);
        app.post(&format!("{path}/publish"), json!({})).by_role(Role::Author).await.expect(403);
        app.post(&format!("{path}/publish"), json!({})).by_role(Role::Editor).await.expect(200);
        change().by_role(Role::Author).await.expect(403);
        change().bearer(&other).send().await.expect(403);
        app.delete(&path).if_match("*").by_role(Role::Author).await.expect(403);
        app.post(&format!("{path}/withdraw"), json!({"reason_class": "legal", "reason": "x"})).by_role(Role::Author).await.expect(403);
    }

    async fn what_is_for_the_desk_is_not_for_others(app) {
        let corpus = Corpus::make(&app).await;
        let key = app.first_party_key(Channel::Web);
        for path in [format!("/v1/articles/{}", corpus.draft), "/v1/articles/slug/a-draft".to_owned()] {
            app.get(&path).send().await.expect(404);
            app.get(&path).key(&key).send().await.expect(404);
            app.get(&path).by_role(Role::Viewer).await.expect(200);
        }
        let desk_only = ["include=versions", "stage=draft"];
        for query in desk_only {
            let status = app.get(&format!("/v1/articles?{query}")).key(&key).send().await.status;
            assert!(matches!(status, 400 | 403), "{query}: {status}");
            // Versions come with one article, not in lists.
            let path = match query {
                "include=versions" => format!("/v1/articles/{}?{query}", corpus.article),
                _ => format!("/v1/articles?{query}"),
            };
            app.get(&path).by_role(Role::Viewer).await.expect(200);
        }
        for (path, members) in [
            (format!("/v1/articles/{}", corpus.article), &["desk", "versions"][..]),
            (format!("/v1/authors/{}", corpus.author), &["real_name", "contact"]),
            (format!("/v1/sources/{}", corpus.source), &["registry"]),
        ] {
            let outside = app.get(&path).key(&key).send().await.expect(200).json();
            for member in members {
                assert!(outside.get(member).is_none(), "{path}: {member}");
            }
        }
    }
}
