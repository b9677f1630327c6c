//! Grants: what a source allows us.

use masthead::rights::Role;
use serde_json::{Value, json};

use crate::support::request::faults;
use crate::support::{TestApp, both_engines};

fn terms() -> Value {
    json!({"channels": ["web", "app"], "territories": ["CN", "DE"], "valid_from": "2026-01-01T00:00:00Z",
        "max_extent": "full", "may_redistribute": false, "alteration": "format"})
}

/// The path of the grants of a new source.
async fn grants_of(app: &TestApp, name: &str, kind: &str) -> String {
    let source = json!({"name": name, "credit_label": name, "kind": kind});
    let made = app.post("/v1/sources", source).by_admin().await.expect(201);
    format!("{}/grants", made.header("location"))
}

both_engines! {
    async fn a_grant_lives_and_goes(app) {
        let grants = grants_of(&app, "Coastal Wire", "external").await;
        let mut body = terms();
        body["valid_until"] = json!("2026-12-31T23:59:60Z");
        body["evidence_ref"] = json!("Contract 2026/17");
        app.post(&grants, body.clone()).by_role(Role::Editor).await.expect(403);
        let made = app.post(&grants, body).by_role(Role::Rights).await.expect(201);
        let path = made.header("location").to_owned();
        assert_eq!(path, format!("/v1/grants/{}", made.id()));
        let seen = app.get(&path).by_role(Role::Viewer).await.expect(200).json();
        assert_eq!(grants, format!("/v1/sources/{}/grants", seen["source_id"].as_str().unwrap()));
        assert_eq!(seen["territories"], json!(["CN", "DE"]));
        assert_eq!(seen["channels"], json!(["web", "app"]));
        assert_eq!(seen["valid_until"], "2027-01-01T00:00:00Z", "a leap second is the second after it");
        assert_eq!((&seen["ai_input"], &seen["ai_train"]), (&json!(false), &json!(false)));

        app.patch(&path, json!({"ai_input": true})).by_role(Role::Editor).await.expect(403);
        app.patch(&path, json!({"ai_input": true})).by_role(Role::Rights).await.expect(428);
        app.patch(&path, json!({"ai_input": true})).if_match("\"9.zz\"").by_role(Role::Rights).await.expect(412);
        let changed = app.patch(&path, json!({"ai_input": true, "valid_until": null, "territories": ["FR"]}))
            .if_match(&made.etag()).by_role(Role::Rights).await.expect(200);
        let now = changed.json();
        assert_eq!((&now["ai_input"], &now["valid_until"], &now["territories"]), (&json!(true), &Value::Null, &json!(["FR"])));
        assert_eq!(now["evidence_ref"], "Contract 2026/17");
        app.delete(&path).if_match(&made.etag()).by_role(Role::Rights).await.expect(412);
        app.delete(&path).if_match(&changed.etag()).by_role(Role::Rights).await.expect(204);
        app.get(&path).by_role(Role::Viewer).await.expect(404);
    }

    async fn what_sources_allow_is_for_the_desk(app) {
        let grants = grants_of(&app, "Coastal Wire", "external").await;
        let made = app.post(&grants, terms()).by_role(Role::Rights).await.expect(201);
        let key = app.first_party_key(masthead::rights::Channel::Web);
        for path in [grants.as_str(), made.header("location")] {
            app.get(path).send().await.expect(401);
            app.get(path).key(&key).send().await.expect(403);
            app.get(path).by_role(Role::Author).await.expect(200);
        }
    }

    async fn own_sources_take_none(app) {
        let grants = grants_of(&app, "Harbour Daily", "own").await;
        let refused = app.post(&grants, terms()).by_role(Role::Rights).await.expect(409);
        assert_eq!(refused.json()["type"], "/problems/conflict");
        assert_eq!(app.get(&grants).by_role(Role::Viewer).await.expect(200).json()["data"], json!([]));
        let absent = "/v1/sources/src_01900000000070008000000000000009/grants";
        app.get(absent).by_role(Role::Viewer).await.expect(404);
        app.post(absent, json!({})).by_role(Role::Rights).await.expect(404);
    }

    async fn faults_are_told_all_at_once(app) {
        let grants = grants_of(&app, "Coastal Wire", "external").await;
        let wrong = app
            .post(&grants, json!({"channels": ["web", "web"], "territories": [], "valid_from": "now", "max_extent": "all",
                "may_redistribute": "no", "source_id": "x", "ai_input": null}))
            .by_role(Role::Rights).await.expect(422);
        assert_eq!(
            wrong.faults(),
            faults(&[("/channels", "duplicate"), ("/territories", "items"), ("/valid_from", "format"), ("/max_extent", "choice"),
                ("/may_redistribute", "type"), ("/source_id", "unknown_field"), ("/ai_input", "type"), ("/alteration", "required")])
        );
        let mut body = terms();
        body["territories"] = json!(["CN", "ZZ", "XX"]);
        body["valid_until"] = body["valid_from"].clone();
        body["evidence_ref"] = json!("a\u{200b}b");
        let wrong = app.post(&grants, body).by_role(Role::Rights).await.expect(422);
        assert_eq!(
            wrong.faults(),
            faults(&[("/territories/1", "territory"), ("/territories/2", "territory"), ("/valid_until", "period"),
                ("/evidence_ref", "unsafe_character")])
        );
        let mut body = terms();
        body["valid_from"] = json!("9998-12-31T23:59:59-01:00");
        let wrong = app.post(&grants, body).by_role(Role::Rights).await.expect(422);
        assert_eq!(wrong.faults(), faults(&[("/valid_from", "range")]));
    }

    async fn pages_hold_the_grants_of_one_source(app) {
        let grants = grants_of(&app, "Coastal Wire", "external").await;
        let others = grants_of(&app, "Other", "external").await;
        for _ in 0..3 {
            app.clock.advance(chrono::TimeDelta::seconds(1));
            app.post(&grants, terms()).by_role(Role::Rights).await.expect(201);
            app.post(&others, terms()).by_role(Role::Rights).await.expect(201);
        }
        for sort in ["created_at", "-created_at"] {
            let whole = app.get(&format!("{grants}?sort={sort}&count=exact")).by_admin().await.expect(200).json();
            assert_eq!(whole["page"]["total"], 3);
            let first = app.get(&format!("{grants}?sort={sort}&limit=2")).by_admin().await.expect(200).json();
            let cursor = first["page"]["next_cursor"].as_str().unwrap();
            let second = app.get(&format!("{grants}?sort={sort}&limit=2&cursor={cursor}")).by_admin().await.expect(200).json();
            let seen = [first["data"].as_array().unwrap().as_slice(), second["data"].as_array().unwrap()].concat();
            assert_eq!(&seen, whole["data"].as_array().unwrap(), "{sort}");
            assert_eq!(second["page"]["has_more"], false);
        }
        app.get(&format!("{grants}?sort=name")).by_admin().await.expect(400);
    }
}
