//! API keys.

use chrono::TimeDelta;
use diesel::prelude::*;
use masthead::db::DbError;
use masthead::db::schema::{audit_events, clients};
use masthead::http::auth::{ClientKind, Scope};
use masthead::kernel::text::sha256_hex;
use masthead::rights::{Channel, Role};
use serde_json::{Value, json};

use crate::support::request::faults;
use crate::support::{Answer, both_engines};

const SITE: &str = "https://news.example.org";

fn web() -> Value {
    json!({"name": "Web frontend", "kind": "first_party"})
}

fn publishable() -> Value {
    json!({"name": "Widget", "kind": "first_party", "publishable": true, "allowed_origins": [format!("{SITE}:443/")]})
}

fn key(answer: &Answer) -> String {
    answer.json()["key"].as_str().expect("a key").to_owned()
}

fn detail(answer: &Answer) -> Value {
    answer.json()["detail"].clone()
}

both_engines! {
    async fn a_key_is_shown_once_and_works(app) {
        let made = app.post("/v1/clients", web()).by_role(Role::Rights).await.expect(201);
        assert_eq!(made.header("cache-control"), "no-store");
        let key = key(&made);
        assert!(key.starts_with("mh_") && key.len() == 46);
        assert!(key.ends_with(made.json()["key_hint"].as_str().unwrap()));
        assert_eq!(made.json()["channel"], "web");
        assert_eq!(made.json()["scopes"], json!(["articles:read", "catalogue:read"]));
        assert_eq!(made.json()["status"], "active");
        app.get("/v1/authors").key(&key).send().await.expect(200);
        app.get("/v1/authors").bearer(&key).send().await.expect(200);

        let path = made.header("location").to_owned();
        let seen = app.get(&path).by_admin().await.expect(200);
        let list = app.get("/v1/clients").by_admin().await.expect(200);
        let stored: (String, String) = app.db.read_now(|conn| {
            clients::table.select((clients::key_hash, clients::key_hint)).first(conn).map_err(DbError::from)
        }).unwrap();
        assert_eq!(stored.0, sha256_hex(key.as_bytes()));
        let records: Vec<Option<String>> = app.db.read_now(|conn| {
            audit_events::table.select(audit_events::detail).load(conn).map_err(DbError::from)
        }).unwrap();
        for text in [seen.text(), list.text(), format!("{records:?}")] {
            assert!(!text.contains(&key) && !text.contains(&stored.0), "{text}");
        }
        assert!(seen.json().get("key").is_none());
    }

    async fn a_repetition_does_not_show_the_key_again(app) {
        let once = |body: Value| app.post("/v1/clients", body).header("idempotency-key", "k-1");
        let first = once(web()).by_admin().await.expect(201);
        let again = once(web()).by_admin().await.expect(201);
        assert_eq!(first.id(), again.id());
        assert!(again.json().get("key").is_none());
        assert_eq!(again.json()["key_hint"], first.json()["key_hint"]);
        app.get("/v1/authors").key(&key(&first)).send().await.expect(200);
        once(publishable()).by_admin().await.expect(422);
    }

    async fn a_revoked_key_is_out_with_the_next_request_and_for_good(app) {
        let made = app.post("/v1/clients", web()).by_admin().await.expect(201);
        let (path, key) = (made.header("location").to_owned(), key(&made));
        let seen = app.get(&path).by_admin().await.expect(200);
        app.delete(&path).by_admin().await.expect(428);
        app.delete(&path).if_match("\"7.x\"").by_admin().await.expect(412);
        app.delete(&path).if_match(&seen.etag()).by_admin().await.expect(204);
        let revoked = app.get("/v1/authors").key(&key).send().await.expect(401);
        let unknown = app.get("/v1/authors").key("mh_unknown").send().await.expect(401);
        assert_eq!(detail(&revoked), detail(&unknown));
        let kept = app.get(&path).by_admin().await.expect(200);
        assert_eq!(kept.json()["status"], "revoked");
        assert!(kept.json()["revoked_at"].is_string());
        let twice = app.delete(&path).if_match(&kept.etag()).by_admin().await.expect(409);
        assert_eq!(twice.json()["type"], "/problems/conflict");
        app.patch(&path, json!({"name": "x"})).if_match(&kept.etag()).by_admin().await.expect(409);
        app.get("/v1/authors").key(&key).send().await.expect(401);
    }

    async fn a_key_expires_at_its_instant(app) {
        let end = app.clock.now() + TimeDelta::hours(1);
        let mut body = web();
        body["expires_at"] = json!(end);
        let made = app.post("/v1/clients", body.clone()).by_admin().await.expect(201);
        let key = key(&made);
        app.clock.advance(TimeDelta::hours(1) - TimeDelta::microseconds(1));
        app.get("/v1/authors").key(&key).send().await.expect(200);
        app.clock.advance(TimeDelta::microseconds(1));
        let over = app.get("/v1/authors").key(&key).send().await.expect(401);
        assert!(detail(&over).as_str().unwrap().contains("expired"));
        let token = app.token_of(app.user("late@desk.example.org", Role::Admin)).await;
        let path = made.header("location").to_owned();
        let seen = app.get(&path).bearer(&token).send().await.expect(200);
        assert_eq!(seen.json()["status"], "expired");
        app.patch(&path, json!({"name": "Still over"})).if_match(&seen.etag()).bearer(&token).send().await.expect(200);
        app.patch(&path, json!({"expires_at": null})).if_match("*").bearer(&token).send().await.expect(200);
        app.get("/v1/authors").key(&key).send().await.expect(200);
        let past = app.post("/v1/clients", body).bearer(&token).send().await.expect(422);
        assert_eq!(past.faults(), faults(&[("/expires_at", "past")]));
    }

    async fn a_publishable_key_stays_at_home_and_reads_only(app) {
        let made = app.post("/v1/clients", publishable()).by_admin().await.expect(201);
        assert_eq!(made.json()["allowed_origins"], json!([SITE]));
        let key = key(&made);
        let from = |origin: &str| app.get("/v1/authors").key(&key).header("origin", origin);
        from(SITE).send().await.expect(200);
        app.get("/v1/authors").key(&key).send().await.expect(403);
        for strange in ["https://evil.example", "http://news.example.org", "https://news.example.org:8443",
            "https://news.example.org.evil.example", "https://NEWS.example.org", "null", ""] {
            from(strange).send().await.expect(403);
        }
        let write = app.post("/v1/authors", json!({"name": "x", "kind": "outside"})).key(&key);
        write.header("origin", SITE).send().await.expect(403);
        app.delete("/v1/authors/aut_01900000000070008000000000000001").key(&key)
            .header("origin", SITE).send().await.expect(403);

        // The origin list of the wall follows at once.
        let asked = || {
            app.request("OPTIONS", "/v1/authors").header("origin", SITE)
                .header("access-control-request-method", "GET")
                .header("access-control-request-headers", "x-api-key")
        };
        assert_eq!(asked().send().await.header("access-control-allow-origin"), SITE);
        let path = made.header("location").to_owned();
        let other = json!({"allowed_origins": ["https://new.example.org"]});
        app.patch(&path, other).if_match("*").by_admin().await.expect(200);
        assert_eq!(asked().send().await.header("access-control-allow-origin"), "");
        from(SITE).send().await.expect(403);
        from("https://new.example.org").send().await.expect(200);
        app.delete(&path).if_match("*").by_admin().await.expect(204);
        assert!(app.parts.shared.browser_origins.read().is_empty());
    }

    async fn a_key_reads_what_its_scopes_cover(app) {
        let mut terms = app.terms(ClientKind::FirstParty, Channel::Web);
        terms.scopes = vec![Scope::Articles];
        let (id, key) = app.key(terms);
        app.get("/v1/authors").key(&key).send().await.expect(403);
        let path = format!("/v1/clients/{id}");
        app.patch(&path, json!({"scopes": ["catalogue:read"]})).if_match("*").by_admin().await.expect(200);
        app.get("/v1/authors").key(&key).send().await.expect(200);
        app.get("/v1/articles").key(&key).send().await.expect(403);
        app.post("/v1/authors", json!({"name": "x", "kind": "outside"})).key(&key).send().await.expect(403);
        app.get("/v1/clients").key(&key).send().await.expect(403);
    }

    async fn what_a_client_cannot_be(app) {
        let refused = |body: Value| app.post("/v1/clients", body);
        for (change, at) in [
            (json!({"kind": "king"}), ("/kind", "choice")),
            (json!({"channel": "ai"}), ("/channel", "choice")),
            (json!({"kind": "ai_crawler", "channel": "web"}), ("/channel", "choice")),
            (json!({"scopes": []}), ("/scopes", "items")),
            (json!({"scopes": ["articles:write"]}), ("/scopes/0", "choice")),
            (json!({"territory": "ZZ"}), ("/territory", "invalid")),
            (json!({"territory": "cn"}), ("/territory", "pattern")),
            (json!({"publishable": true}), ("/allowed_origins", "required")),
            (json!({"kind": "partner", "partner_id": app.partner(), "territory": "CN", "publishable": true, "allowed_origins": [SITE]}), ("/publishable", "choice")),
            (json!({"kind": "partner", "territory": "CN"}), ("/partner_id", "required")),
            (json!({"kind": "partner", "partner_id": app.partner()}), ("/territory", "required")),
            (json!({"kind": "ai_crawler", "partner_id": app.partner()}), ("/territory", "required")),
            (json!({"partner_id": app.partner()}), ("/partner_id", "choice")),
            (json!({"partner_id": "cli_01900000000070008000000000000001"}), ("/partner_id", "pattern")),
            (json!({"kind": "partner", "territory": "CN", "partner_id": "ptn_01900000000070008000000000000001"}), ("/partner_id", "unknown")),
            (json!({"allowed_origins": ["*"]}), ("/allowed_origins/0", "origin")),
            (json!({"allowed_origins": [SITE, "https://x.example/path"]}), ("/allowed_origins/1", "origin")),
            (json!({"allowed_origins": vec![SITE; 51]}), ("/allowed_origins", "items")),
            (json!({"expires_at": "tomorrow"}), ("/expires_at", "format")),
            (json!({"name": " "}), ("/name", "blank")),
            (json!({"name": "a\u{202e}b"}), ("/name", "unsafe_character")),
            (json!({"key_hash": "x"}), ("/key_hash", "unknown_field")),
        ] {
            let mut body = web();
            for (name, value) in change.as_object().unwrap() {
                body[name] = value.clone();
            }
            let answer = refused(body).by_admin().await.expect(422);
            assert_eq!(answer.faults(), faults(&[at]), "{change}");
        }
        for (kind, channel) in [("partner", "syndication"), ("ai_crawler", "ai"), ("first_party", "web")] {
            let mut body = json!({"name": "x", "kind": kind, "territory": "CN"});
            if kind == "partner" {
                body["partner_id"] = json!(app.partner());
            }
            let made = refused(body).by_admin().await.expect(201);
            assert_eq!(made.json()["channel"], channel);
            assert_eq!(made.json().get("partner_id").is_some(), kind == "partner");
        }
    }

    async fn a_key_never_comes_to_stand_for_another(app) {
        let other = app.made("/v1/partners", json!({"name": "Other"})).await;
        let (own, _) = app.key(app.terms(ClientKind::Partner, Channel::Syndication));
        let (first, _) = app.key(app.terms(ClientKind::FirstParty, Channel::Web));
        let (crawler, _) = app.key(app.terms(ClientKind::AiCrawler, Channel::Ai));
        for (id, change, at) in [
            (own, json!({"partner_id": other}), vec![("/partner_id", "immutable")]),
            (own, json!({"partner_id": null}), vec![("/partner_id", "immutable")]),
            (own, json!({"kind": "first_party"}), vec![("/kind", "immutable")]),
            (own, json!({"kind": "first_party", "partner_id": null, "name": " "}),
                vec![("/kind", "immutable"), ("/partner_id", "immutable"), ("/name", "blank")]),
            (first, json!({"kind": "partner", "partner_id": other, "territory": "CN"}), vec![("/kind", "immutable"), ("/partner_id", "immutable")]),
            (crawler, json!({"partner_id": other, "territory": "CN"}), vec![("/partner_id", "immutable")]),
        ] {
            let refused = app.edit(&format!("/v1/clients/{id}"), change.clone()).await.expect(422);
            assert_eq!(refused.faults(), faults(&at), "{change}");
        }
        let same = json!({"kind": "partner", "partner_id": app.partner(), "channel": "web"});
        app.edit(&format!("/v1/clients/{own}"), same).await.expect(200);
        // Partners' keys from before have no partner.
        app.change(|conn| {
            let none: Option<String> = None;
            diesel::update(clients::table.find(own.to_string())).set(clients::partner_id.eq(none)).execute(conn)
        });
        let path = format!("/v1/clients/{own}");
        app.edit(&path, json!({"name": "x"})).await.expect(422);
        assert_eq!(app.edit(&path, json!({"partner_id": other})).await.expect(200).json()["partner_id"], other);
        let back = app.edit(&path, json!({"partner_id": app.partner()})).await.expect(422);
        assert_eq!(back.faults(), faults(&[("/partner_id", "immutable")]));
    }

    async fn clients_are_listed_by_state(app) {
        let now = app.clock.now();
        let (revoked, _) = app.key(app.terms(ClientKind::Partner, Channel::Syndication));
        let mut short = app.terms(ClientKind::FirstParty, Channel::App);
        short.expires_at = Some(now + TimeDelta::minutes(1));
        let (expired, _) = app.key(short);
        let (active, _) = app.key(app.terms(ClientKind::FirstParty, Channel::Web));
        masthead::clients::store::revoke_now(&app.db, &app.write(), revoked).unwrap();
        assert!(masthead::clients::store::revoke_now(&app.db, &app.write(), revoked).is_err());
        app.clock.advance(TimeDelta::minutes(1));
        for (query, expected) in [
            ("status=revoked", vec![revoked]),
            ("status=expired", vec![expired]),
            ("status=active", vec![active]),
            ("kind=partner", vec![revoked]),
            (&format!("partner={}", app.partner()), vec![revoked]),
            ("partner=ptn_01900000000070008000000000000001", vec![]),
            ("kind=partner&status=active", vec![]),
            ("kind=first_party", vec![expired, active]),
        ] {
            let list = app.get(&format!("/v1/clients?count=exact&{query}")).by_role(Role::Rights).await.expect(200).json();
            let mut ids: Vec<String> = list["data"].as_array().unwrap().iter()
                .map(|client| client["id"].as_str().unwrap().to_owned()).collect();
            let mut expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
            ids.sort();
            expected.sort();
            assert_eq!(ids, expected, "{query}");
            assert_eq!(list["page"]["total"], expected.len());
        }
        let mut seen = Vec::new();
        let mut next = Some("/v1/clients?sort=-created_at&limit=2".to_owned());
        while let Some(path) = next {
            let page = app.get(&path).by_admin().await.expect(200);
            seen.extend(page.json()["data"].as_array().unwrap().clone());
            next = page.header("link").split(['<', '>']).nth(1).map(str::to_owned);
        }
        let mut whole = app.get("/v1/clients").by_admin().await.json()["data"].as_array().unwrap().clone();
        whole.reverse();
        assert_eq!(seen, whole);
        for role in [Role::Editor, Role::Author, Role::Viewer] {
            app.get("/v1/clients").by_role(role).await.expect(403);
            app.post("/v1/clients", web()).by_role(role).await.expect(403);
        }
        app.get("/v1/clients?status=lost").by_admin().await.expect(400);
    }
}
