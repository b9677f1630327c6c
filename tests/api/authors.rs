//! The register of authors.

use masthead::rights::Role;
use serde_json::json;

use crate::support::both_engines;
use crate::support::request::faults;

both_engines! {
    async fn an_author_lives_and_goes(app) {
        let made = app
            .post("/v1/authors", json!({"name": "林月", "real_name": "林月华", "kind": "reporter", "contact": "desk@x.example"}))
            .by_role(Role::Editor).await.expect(201);
        let path = made.header("location").to_owned();
        assert_eq!(path, format!("/v1/authors/{}", made.id()));
        let seen = app.get(&path).send().await.expect(200);
        assert_eq!(seen.json()["name"], "林月");
        assert!(seen.json().get("real_name").is_none(), "real names are for the desk");
        assert!(seen.json().get("contact").is_none(), "contacts are for the desk");
        let desk = app.get(&path).by_role(Role::Viewer).await.expect(200);
        assert_eq!(desk.json()["real_name"], "林月华");

        app.patch(&path, json!({"bio": "x"})).by_admin().await.expect(428);
        app.patch(&path, json!({"bio": "x"})).if_match("\"9.zz\"").by_admin().await.expect(412);
        let changed = app.patch(&path, json!({"bio": "Covers the port.", "real_name": null}))
            .if_match(&seen.etag()).by_admin().await.expect(200);
        assert_eq!(changed.json()["bio"], "Covers the port.");
        assert!(changed.json().get("real_name").is_none());
        app.delete(&path).if_match(&seen.etag()).by_admin().await.expect(412);
        app.delete(&path).if_match(&changed.etag()).by_admin().await.expect(204);
        app.get(&path).send().await.expect(404);
    }

    async fn faults_are_told_all_at_once(app) {
        let wrong = app
            .post("/v1/authors", json!({"kind": "poet", "real_name": 7, "nick": "x"}))
            .by_admin().await.expect(422);
        assert_eq!(
            wrong.faults(),
            faults(&[("/kind", "choice"), ("/name", "required"), ("/nick", "unknown_field"), ("/real_name", "type")])
        );
        let marks = app
            .post("/v1/authors", json!({"kind": "reporter", "name": "a\u{202e}b", "real_name": "a\u{200b}b"}))
            .by_admin().await.expect(422);
        assert_eq!(
            marks.faults(),
            faults(&[("/name", "unsafe_character"), ("/real_name", "unsafe_character")])
        );
    }

    async fn pages_follow_each_other_on_every_sort(app) {
        for name in ["陈安", "Zoe", "阿明", "Bob", "林月"] {
            app.post("/v1/authors", json!({"name": name, "kind": "reporter"})).by_admin().await.expect(201);
        }
        for sort in ["created_at", "-created_at", "name", "-name"] {
            let whole = app.get(&format!("/v1/authors?sort={sort}&count=exact")).send().await.expect(200).json();
            assert_eq!(whole["page"]["total"], 5);
            let mut seen = Vec::new();
            let mut next = Some(format!("/v1/authors?sort={sort}&limit=2"));
            while let Some(path) = next {
                let page = app.get(&path).send().await.expect(200);
                let link = page.header("link").to_owned();
                seen.extend(page.json()["data"].as_array().unwrap().clone());
                next = link.split(['<', '>']).nth(1).map(str::to_owned);
                assert_eq!(page.json()["page"]["has_more"], next.is_some());
            }
            assert_eq!(&seen, whole["data"].as_array().unwrap(), "{sort}");
        }
        let page = app.get("/v1/authors?sort=name&limit=2").send().await.json();
        let cursor = page["page"]["next_cursor"].as_str().unwrap().to_owned();
        app.get(&format!("/v1/authors?sort=-name&cursor={cursor}")).send().await.expect(400);
        app.get("/v1/authors?cursor=AAAA").send().await.expect(400);
        app.get("/v1/authors?limit=0").send().await.expect(400);
        let unknown = app.get("/v1/authors?color=red").send().await.expect(400);
        assert!(unknown.text().contains("created_at") || unknown.text().contains("sort"));
    }

    async fn a_key_makes_a_write_happen_once(app) {
        let body = json!({"name": "Wen Ya", "kind": "outside"});
        let once = |key: &str, body: serde_json::Value| app.post("/v1/authors", body).header("idempotency-key", key);
        let first = once("k-1", body.clone()).by_admin().await.expect(201);
        let again = once("k-1", body.clone()).by_admin().await.expect(201);
        assert_eq!(first.id(), again.id());
        once("k-1", json!({"name": "Other", "kind": "outside"})).by_admin().await.expect(422);
        let other = once("k-1", body).by_role(Role::Editor).await.expect(201);
        assert_ne!(first.id(), other.id(), "keys of different people never meet");
        let all = app.get("/v1/authors?count=exact").send().await.json();
        assert_eq!(all["page"]["total"], 2);
    }
}
