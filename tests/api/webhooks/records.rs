//! The records: who makes them, where they may lead, and what is shown of their secrets.

use diesel::prelude::*;
use masthead::db::DbError;
use masthead::db::schema::{audit_events, webhooks};
use masthead::http::auth::{ClientKind, Scope};
use masthead::rights::{Channel, Role};
use serde_json::{Value, json};

use super::{change, hook, hook_of, seen};
use crate::support::request::faults;
use crate::support::{Engine, TestApp, both_engines, engine};

const URL: &str = "https://hooks.example.org/in/7f3a?token=hush";

/// All that is stored of secrets.
fn sealed(app: &TestApp) -> (String, Option<String>) {
    app.db
        .read_now(|conn| {
            let both = (webhooks::secret, webhooks::old_secret);
            webhooks::table
                .select(both)
                .first(conn)
                .map_err(DbError::from)
        })
        .unwrap()
}

both_engines! {
    async fn a_webhook_is_made_read_changed_and_removed(app) {
        let (client, _) = app.key(app.terms(ClientKind::FirstParty, Channel::App));
        let body = json!({"client_id": client, "url": URL, "types": ["article.withdrawn", "article.created", "article.created"], "description": " Ours "});
        let made = app.post("/v1/webhooks", body).by_role(Role::Rights).await.expect(201);
        assert_eq!(made.header("cache-control"), "no-store");
        let (path, webhook) = (made.header("location").to_owned(), made.json());
        assert_eq!(webhook["types"], json!(["article.created", "article.withdrawn"]));
        assert_eq!((&webhook["description"], &webhook["enabled"]), (&json!("Ours"), &json!(true)));
        let secret = webhook["secret"].as_str().unwrap().to_owned();
        assert!(secret.starts_with("whsec_") && secret.len() == 6 + 44);
        let got = app.get(&path).by_admin().await.expect(200);
        assert_eq!(got.json()["secret"], Value::Null);

        app.patch(&path, json!({"enabled": false})).by_admin().await.expect(428);
        app.patch(&path, json!({"enabled": false})).if_match("\"9.x\"").by_admin().await.expect(412);
        let off = app.patch(&path, json!({"enabled": false})).if_match(&got.etag()).by_admin().await.expect(200).json();
        assert_eq!(off["disabled_reason"], "staff");
        app.post(&format!("{path}/ping"), json!({})).by_admin().await.expect(409);
        let on = app.patch(&path, json!({"enabled": true, "types": []})).if_match("*").by_admin().await.expect(200).json();
        assert_eq!((&on["disabled_reason"], &on["types"]), (&Value::Null, &json!([])));
        app.delete(&path).if_match("*").by_admin().await.expect(204);
        app.get(&path).by_admin().await.expect(404);
    }

    async fn secrets_are_sealed_and_stand_in_no_log(app) {
        let (id, secret) = hook(&app, URL).await;
        let path = format!("/v1/webhooks/{id}/rotate-secret");
        let first = sealed(&app);
        let rotated = app.post(&path, json!({"overlap_hours": 1})).by_admin().await.expect(200);
        assert_eq!(rotated.header("cache-control"), "no-store");
        let second = rotated.json()["secret"].as_str().unwrap().to_owned();
        assert_ne!(secret, second);
        assert!(rotated.json()["old_secret_until"].is_string());
        let kept = sealed(&app);
        assert_eq!(kept.1.as_deref(), Some(first.0.as_str()));
        for text in [&kept.0, &first.0] {
            assert!(!text.contains(&secret[6..]) && !text.contains(&second[6..]), "{text}");
        }
        // Without hours it is a day; with none the one before is done with.
        let day = app.request("POST", &path).by_admin().await.expect(200).json();
        let until = app.clock.now() + chrono::TimeDelta::days(1);
        assert_eq!(day["old_secret_until"], json!(until));
        let none = app.post(&path, json!({"overlap_hours": 0})).by_admin().await.expect(200).json();
        assert_eq!(none["old_secret_until"], Value::Null);
        assert_eq!(sealed(&app).1, None);
        for hours in [-1, 169] {
            let refused = app.post(&path, json!({"overlap_hours": hours})).by_admin().await.expect(422);
            assert_eq!(refused.faults()[0].0, "/overlap_hours");
        }
        let details: Vec<Option<String>> = app.db.read_now(|conn| {
            audit_events::table.select(audit_events::detail).load(conn).map_err(DbError::from)
        }).unwrap();
        let all = details.into_iter().flatten().collect::<String>();
        assert!(all.contains("https://hooks.example.org"));
        for hidden in [&secret[6..], &second[6..], "7f3a", "hush"] {
            assert!(!all.contains(hidden), "{hidden}");
        }
    }

    async fn a_repetition_shows_no_secret(app) {
        let (client, _) = app.key(app.terms(ClientKind::FirstParty, Channel::App));
        let body = json!({"client_id": client, "url": URL});
        let ask = || app.post("/v1/webhooks", body.clone()).header("idempotency-key", "once");
        let (made, again) = (ask().by_admin().await.expect(201).json(), ask().by_admin().await.expect(201).json());
        assert_eq!(made["id"], again["id"]);
        assert!(made["secret"].is_string());
        assert_eq!(again["secret"], Value::Null);
    }

    async fn what_it_cannot_be(app) {
        let (client, _) = app.key(app.terms(ClientKind::FirstParty, Channel::App));
        let refused = async |body: Value| app.post("/v1/webhooks", body).by_admin().await.expect(422).faults();
        let with = |url: &str| json!({"client_id": client, "url": url});
        for url in ["", "x", "ftp://hooks.example.org/", "http:", "//hooks.example.org", &format!("https://h.example/{}", "x".repeat(2000))] {
            assert_eq!(refused(with(url)).await[0].0, "/url", "{url}");
        }
        assert_eq!(refused(with("https://me:pw@hooks.example.org/")).await, faults(&[("/url", "address")]));
        let ping = json!({"client_id": client, "url": URL, "types": ["article.created", "webhook.ping"]});
        assert_eq!(refused(ping).await, faults(&[("/types/1", "choice")]));
        let nobody = json!({"client_id": "cli_01900000000070008000000000000001", "url": URL});
        assert_eq!(refused(nobody).await, faults(&[("/client_id", "unknown")]));
        let mut terms = app.terms(ClientKind::FirstParty, Channel::Web);
        terms.scopes = vec![Scope::Catalogue];
        let blind = json!({"client_id": app.key(terms).0, "url": URL});
        assert_eq!(refused(blind).await, faults(&[("/client_id", "ended")]));
        let mut terms = app.terms(ClientKind::FirstParty, Channel::Web);
        terms.expires_at = Some(app.clock.now());
        let over = json!({"client_id": app.key(terms).0, "url": URL});
        assert_eq!(refused(over).await, faults(&[("/client_id", "ended")]));

        let (id, _) = hook_of(&app, client, json!({"url": URL})).await;
        let other = app.key(app.terms(ClientKind::FirstParty, Channel::Web)).0;
        let moved = app.patch(&format!("/v1/webhooks/{id}"), json!({"client_id": other, "url": "x"})).if_match("*");
        assert_eq!(moved.by_admin().await.expect(422).faults(), faults(&[("/client_id", "immutable"), ("/url", "url")]));
        for (body, at) in [
            (json!({}), "/after"), (json!({"since": "2026-01-01T00:00:00Z", "after": "chg_01900000000070008000000000000001"}), "/since"),
            (json!({"after": "chg_01900000000070008000000000000001"}), "/after"), (json!({"since": "9999-12-31T00:00:00Z"}), "/since"),
        ] {
            let refused = app.post(&format!("/v1/webhooks/{id}/replay"), body).by_admin().await.expect(422);
            assert_eq!(refused.faults()[0].0, at);
        }
        for _ in 1..10 {
            hook_of(&app, client, json!({"url": URL})).await;
        }
        app.post("/v1/webhooks", with(URL)).by_admin().await.expect(409);
    }

    async fn lists_and_their_filters(app) {
        let (one, _) = hook(&app, URL).await;
        let client = seen(&app, one).await["client_id"].as_str().unwrap().to_owned();
        app.clock.advance(chrono::TimeDelta::seconds(1));
        let (two, _) = hook(&app, URL).await;
        change(&app, two, json!({"enabled": false})).await;
        for (query, expected) in [
            ("sort=created_at", vec![one, two]), ("sort=-created_at", vec![two, one]), ("enabled=true", vec![one]),
            ("enabled=false", vec![two]), ("reason=staff", vec![two]), ("reason=gone", vec![]), (&format!("client={client}"), vec![one]),
        ] {
            let list = app.get(&format!("/v1/webhooks?count=exact&{query}")).by_admin().await.expect(200).json();
            let ids: Vec<Value> = list["data"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
            let expected: Vec<Value> = expected.iter().map(|id| json!(id)).collect();
            assert_eq!(ids, expected, "{query}");
            assert_eq!(list["page"]["total"], expected.len());
        }
        let page = app.get("/v1/webhooks?limit=1").by_admin().await.expect(200);
        let next = page.header("link").split(['<', '>']).nth(1).unwrap().to_owned();
        assert_eq!(app.get(&next).by_admin().await.expect(200).json()["data"][0]["id"], json!(two));
        // The delivery log pages by number, in either order.
        for _ in 0..3 {
            app.request("POST", &format!("/v1/webhooks/{one}/ping")).by_admin().await.expect(202);
        }
        for order in ["created_at", "-created_at"] {
            let path = format!("/v1/webhooks/{one}/messages?sort={order}");
            let whole = app.get(&path).by_admin().await.expect(200).json()["data"].clone();
            let (mut all, mut next) = (Vec::new(), Some(format!("{path}&limit=1")));
            while let Some(path) = next {
                let page = app.get(&path).by_admin().await.expect(200);
                all.extend(page.json()["data"].as_array().unwrap().clone());
                next = page.header("link").split(['<', '>']).nth(1).map(str::to_owned);
            }
            assert_eq!(json!(all), whole, "{order}");
            assert_eq!(all.len(), 3);
        }
        let message = app.get(&format!("/v1/webhooks/{one}/messages")).by_admin().await.json()["data"][0]["id"].as_str().unwrap().to_owned();
        app.get(&format!("/v1/webhooks/{one}/messages/{message}")).by_admin().await.expect(200);
        app.get(&format!("/v1/webhooks/{two}/messages/{message}")).by_admin().await.expect(404);
        app.get(&format!("/v1/webhooks/{two}/messages/{message}/attempts")).by_admin().await.expect(404);
        app.get(&format!("/v1/webhooks/{one}/messages/{two}")).by_admin().await.expect(404);
    }
}

/// What is not the world's is refused at once where it can be seen, with a pointer.
async fn private_places_are_refused(engine: Engine) {
    let app = TestApp::with(engine, |raw| raw.webhook_allow_private = false).await;
    let (client, _) = app.key(app.terms(ClientKind::FirstParty, Channel::App));
    let (id, _) = hook_of(&app, client, json!({"url": URL})).await;
    for url in [
        "http://hooks.example.org/",
        "https://localhost/",
        "https://intranet/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://10.0.0.1:8443/",
        "https://169.254.169.254/latest/",
        "https://[::1]/",
        "https://[::ffff:192.168.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[fe80::1]/",
    ] {
        let new = app.post("/v1/webhooks", json!({"client_id": client, "url": url}));
        let moved = app
            .patch(&format!("/v1/webhooks/{id}"), json!({"url": url}))
            .if_match("*");
        for ask in [new, moved] {
            let told = ask.by_admin().await.expect(422).faults();
            assert_eq!(told, faults(&[("/url", "address")]), "{url}");
        }
    }
}

#[actix_web::test]
async fn private_places_are_refused_sqlite() {
    private_places_are_refused(Engine::Sqlite).await;
}

#[actix_web::test]
async fn private_places_are_refused_postgres() {
    if engine::postgres_is_there() {
        private_places_are_refused(Engine::Postgres).await;
    }
}
