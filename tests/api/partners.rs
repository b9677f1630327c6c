//! Partners: their life, and what ends with them.

use masthead::http::auth::ClientKind;
use masthead::rights::{Channel, Role};
use serde_json::{Value, json};

use crate::support::both_engines;
use crate::support::request::faults;

fn post() -> Value {
    json!({"name": "Gulf Evening Post", "contact": {"desk": "Syndication", "email": "rights@post.example.com"},
        "homepage_url": "https://post.example.com"})
}

fn licence(partner: &str) -> Value {
    json!({"partner_id": partner, "selector": {"tags": ["port"]}, "extent": "full", "channels": ["syndication"],
        "territories": ["CN"], "valid_from": "2026-01-01T00:00:00Z"})
}

both_engines! {
    async fn a_partner_lives_and_ends(app) {
        app.post("/v1/partners", post()).by_role(Role::Editor).await.expect(403);
        let made = app.post("/v1/partners", post()).by_role(Role::Rights).await.expect(201);
        let path = made.header("location").to_owned();
        assert_eq!(path, format!("/v1/partners/{}", made.id()));
        let seen = app.get(&path).by_role(Role::Rights).await.expect(200);
        assert_eq!(seen.json(), made.json());
        assert_eq!((&seen.json()["status"], &seen.json()["ended_at"]), (&json!("active"), &json!(null)));
        app.get(&path).by_role(Role::Editor).await.expect(403);
        app.patch(&path, json!({"name": "x"})).by_admin().await.expect(428);
        let changed = app.patch(&path, json!({"name": "Gulf Morning Post", "homepage_url": null}))
            .if_match(&made.etag()).by_role(Role::Rights).await.expect(200);
        assert_eq!(changed.json()["name"], "Gulf Morning Post");
        assert_eq!(changed.json()["homepage_url"], json!(null));
        assert_eq!(changed.json()["contact"]["desk"], "Syndication");
        app.delete(&path).if_match(&made.etag()).by_admin().await.expect(412);
        app.delete(&path).if_match(&changed.etag()).by_role(Role::Rights).await.expect(204);
        let over = app.get(&path).by_admin().await.expect(200);
        assert_eq!((&over.json()["status"], &over.json()["ended_at"]), (&json!("ended"), &json!(app.clock.now())));
        // Ended is final.
        app.patch(&path, json!({"name": "x"})).if_match(&over.etag()).by_admin().await.expect(409);
        app.delete(&path).if_match(&over.etag()).by_admin().await.expect(409);
        // The clock stood still: what is of one instant is in no order.
        let mut actions: Vec<String> = app.audit(&made.id()).into_iter().map(|(_, _, action)| action).collect();
        actions.sort();
        assert_eq!(actions, ["created", "revoked", "updated"]);
    }

    async fn what_ends_with_a_partner(app) {
        let partner = app.partner();
        let path = format!("/v1/partners/{partner}");
        let (client, key) = app.key(app.terms(ClientKind::Partner, Channel::Syndication));
        let mut crawler = app.terms(ClientKind::Partner, Channel::Ai);
        crawler.kind = ClientKind::AiCrawler;
        let (_, crawler) = app.key(crawler);
        let (gone, _) = app.key(app.terms(ClientKind::Partner, Channel::Web));
        masthead::clients::store::revoke_now(&app.db, &app.write(), gone).unwrap();
        let other = app.post("/v1/partners", post()).by_admin().await.expect(201).id();
        let mut terms = app.terms(ClientKind::Partner, Channel::Syndication);
        terms.partner = Some(other.clone().try_into().unwrap());
        let (_, others_key) = app.key(terms);
        let active = app.made("/v1/licences", licence(&partner.to_string())).await;
        let mut body = licence(&partner.to_string());
        body["status"] = json!("suspended");
        let suspended = app.made("/v1/licences", body).await;
        let others = app.made("/v1/licences", licence(&other)).await;
        app.get("/v1/authors").key(&key).send().await.expect(200);
        app.get("/v1/authors").key(&crawler).send().await.expect(200);

        app.delete(&path).if_match("*").by_admin().await.expect(204);
        for key in [&key, &crawler] {
            app.get("/v1/authors").key(key).send().await.expect(401);
        }
        app.get("/v1/authors").key(&others_key).send().await.expect(200);
        let ended = app.get(&format!("/v1/clients/{client}")).by_admin().await.expect(200);
        assert_eq!(ended.json()["status"], "revoked");
        assert!(ended.etag().starts_with("\"2."), "{}", ended.etag());
        for (id, status, etag) in [(&active, "revoked", "\"2."), (&suspended, "revoked", "\"2."), (&others, "active", "\"1.")] {
            let seen = app.get(&format!("/v1/licences/{id}")).by_admin().await.expect(200);
            assert_eq!(seen.json()["status"], status);
            assert!(seen.etag().starts_with(etag), "{}", seen.etag());
        }
        for (id, times) in [(client.to_string(), 1), (gone.to_string(), 1), (active, 1), (suspended, 1), (partner.to_string(), 1)] {
            let revoked = app.audit(&id).into_iter().filter(|(_, _, action)| action == "revoked").count();
            assert_eq!(revoked, times, "{id}");
        }
        // Nothing new for one that has ended.
        let refused = app.post("/v1/licences", licence(&partner.to_string())).by_admin().await.expect(422);
        assert_eq!(refused.faults(), faults(&[("/partner_id", "ended")]));
        let key = json!({"name": "x", "kind": "partner", "partner_id": partner, "territory": "CN"});
        let refused = app.post("/v1/clients", key).by_admin().await.expect(422);
        assert_eq!(refused.faults(), faults(&[("/partner_id", "ended")]));
    }

    async fn what_a_partner_cannot_be(app) {
        for (change, at) in [
            (json!({"name": " "}), ("/name", "blank")),
            (json!({"name": "a\u{202e}b"}), ("/name", "unsafe_character")),
            (json!({"homepage_url": "ftp://post.example.com"}), ("/homepage_url", "url")),
            (json!({"contact": {"desk": ""}}), ("/contact/desk", "length")),
            (json!({"contact": {"phone": "1"}}), ("/contact/desk", "required")),
            (json!({"status": "ended"}), ("/status", "unknown_field")),
        ] {
            let mut body = post();
            for (name, value) in change.as_object().unwrap() {
                body[name] = value.clone();
            }
            let answer = app.post("/v1/partners", body).by_admin().await.expect(422);
            assert_eq!(answer.faults(), faults(&[at]), "{change}");
        }
        let once = || app.post("/v1/partners", post()).header("idempotency-key", "k-1");
        let (first, again) = (once().by_admin().await.expect(201), once().by_admin().await.expect(201));
        assert_eq!(first.id(), again.id());
    }

    async fn partners_are_listed_by_state_and_name(app) {
        let mut ids = Vec::new();
        for name in ["Beta", "Alpha", "Gamma"] {
            app.clock.advance(chrono::TimeDelta::seconds(1));
            ids.push(app.made("/v1/partners", json!({"name": name})).await);
        }
        app.delete(&format!("/v1/partners/{}", ids[2])).if_match("*").by_admin().await.expect(204);
        for (query, names) in [
            ("", &["Beta", "Alpha", "Gamma"][..]),
            ("sort=-created_at", &["Gamma", "Alpha", "Beta"]),
            ("sort=name", &["Alpha", "Beta", "Gamma"]),
            ("sort=-name&status=active", &["Beta", "Alpha"]),
            ("status=ended", &["Gamma"]),
        ] {
            let mut seen = Vec::new();
            let mut next = Some(format!("/v1/partners?limit=1&count=exact&{query}"));
            while let Some(path) = next {
                let page = app.get(&path).by_role(Role::Rights).await.expect(200);
                assert_eq!(page.json()["page"]["total"], names.len());
                seen.push(page.json()["data"][0]["name"].as_str().unwrap().to_owned());
                next = page.header("link").split(['<', '>']).nth(1).map(str::to_owned);
            }
            assert_eq!(seen, names, "{query}");
        }
        app.get("/v1/partners?status=lost").by_admin().await.expect(400);
    }
}
