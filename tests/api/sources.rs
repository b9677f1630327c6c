//! Sources: a name means one source.

use masthead::rights::Role;
use serde_json::{Value, json};

use crate::support::request::faults;
use crate::support::{TestApp, both_engines};

fn source(name: &str, kind: &str) -> Value {
    json!({"name": name, "credit_label": name, "kind": kind})
}

/// An article that names the source; nothing is published.
async fn draft_of(app: &TestApp, source: &str) -> String {
    let draft = json!({"title": "Harbour opens", "language": "en", "source_id": source});
    app.post("/v1/articles", draft)
        .by_role(Role::Editor)
        .await
        .expect(201)
        .id()
}

both_engines! {
    async fn a_source_lives_and_goes(app) {
        let made = app
            .post("/v1/sources", json!({
                "name": "中新网四川", "credit_label": "中国新闻网·四川新闻", "aliases": ["中新網四川", "CNS Sichuan"],
                "official_forms": {"zh-Hant": "中國新聞網·四川新聞"}, "kind": "own",
                "homepage_url": "https://news.example.org",
                "registry": [{"list_edition": "2021", "valid_from": "2021-10-20T00:00:00.1234567+08:00"}]
            }))
            .by_role(Role::Editor).await.expect(201);
        let path = made.header("location").to_owned();
        assert_eq!(path, format!("/v1/sources/{}", made.id()));
        assert_eq!(made.json()["registry"], json!([{"list_edition": "2021", "valid_from": "2021-10-19T16:00:00.123456Z"}]));

        let seen = app.get(&path).send().await.expect(200);
        assert_eq!(seen.json()["credit_label"], "中国新闻网·四川新闻");
        assert_eq!(seen.json()["aliases"], json!(["中新網四川", "CNS Sichuan"]));
        assert_eq!(seen.json()["official_forms"], json!({"zh-Hant": "中國新聞網·四川新聞"}));
        assert!(seen.json().get("registry").is_none(), "the lists are for the desk");
        let desk = app.get(&path).by_role(Role::Viewer).await.expect(200);
        assert_eq!(desk.json()["registry"][0]["list_edition"], "2021");

        app.patch(&path, json!({"aliases": []})).by_role(Role::Rights).await.expect(403);
        app.patch(&path, json!({"aliases": []})).by_admin().await.expect(428);
        app.patch(&path, json!({"aliases": []})).if_match("\"9.zz\"").by_admin().await.expect(412);
        let patch = json!({"homepage_url": null, "official_forms": {"zh-Hant": null, "en": "CNS"}, "registry": []});
        let changed = app.patch(&path, patch).if_match(&seen.etag()).by_admin().await.expect(200);
        assert_eq!(changed.json()["homepage_url"], Value::Null);
        assert_eq!(changed.json()["official_forms"], json!({"en": "CNS"}));
        assert_eq!(changed.json()["registry"], json!([]));
        assert_eq!(changed.json()["name"], "中新网四川");
        app.delete(&path).if_match(&seen.etag()).by_admin().await.expect(412);
        app.delete(&path).if_match(&changed.etag()).by_admin().await.expect(204);
        app.get(&path).send().await.expect(404);
        // A name that nobody has is free again.
        app.post("/v1/sources", source("中新网四川", "external")).by_admin().await.expect(201);
    }

    async fn a_name_means_one_source(app) {
        let taken = json!({"name": "Coastal Wire", "credit_label": "ＣＷ", "aliases": ["Küste", "Küste"],
            "official_forms": {"zh-Hans": "海岸社"}, "kind": "external"});
        app.post("/v1/sources", taken).by_admin().await.expect(201);
        // Widths, case and blanks do not make another name; all clashes are told.
        let clash = app
            .post("/v1/sources", json!({"name": "cw", "credit_label": "coastal  WIRE", "kind": "own",
                "aliases": ["free", "KÜSTE", "海岸社"], "official_forms": {"en": "Coastal Wire", "zh-Hant": "海岸"}}))
            .by_admin().await.expect(409);
        assert_eq!(clash.json()["type"], "/problems/taken");
        assert_eq!(
            clash.faults(),
            faults(&[("/name", "taken"), ("/credit_label", "taken"), ("/aliases/1", "taken"), ("/aliases/2", "taken"),
                ("/official_forms/en", "taken")])
        );
        // Within one source a name may stand as often as it likes.
        let other = app
            .post("/v1/sources", json!({"name": "Other", "credit_label": "OTHER", "aliases": ["other"], "kind": "own"}))
            .by_admin().await.expect(201);
        let path = other.header("location").to_owned();
        let clash = app.patch(&path, json!({"aliases": ["other", "cw"]}))
            .if_match(&other.etag()).by_admin().await.expect(409);
        assert_eq!(clash.faults(), faults(&[("/aliases/1", "taken")]));
        // What is given up can be taken.
        let renamed = app.patch(&path, json!({"name": "New", "credit_label": "New", "aliases": []}))
            .if_match(&other.etag()).by_admin().await.expect(200);
        app.post("/v1/sources", source("other", "external")).by_admin().await.expect(201);
        app.patch(&path, json!({"aliases": ["Other"]})).if_match(&renamed.etag()).by_admin().await.expect(409);
    }

    async fn faults_are_told_all_at_once(app) {
        let wrong = app
            .post("/v1/sources", json!({"name": 7, "aliases": [1, "a"], "official_forms": {"en": []}, "kind": "press",
                "registry": [{"valid_until": "tomorrow", "page": 1}], "grants": []}))
            .by_admin().await.expect(422);
        assert_eq!(
            wrong.faults(),
            faults(&[("/name", "type"), ("/credit_label", "required"), ("/aliases/0", "type"), ("/official_forms/en", "type"),
                ("/kind", "choice"), ("/registry/0/list_edition", "required"), ("/registry/0/valid_from", "required"),
                ("/registry/0/valid_until", "format"), ("/registry/0/page", "unknown_field"), ("/grants", "unknown_field")])
        );
        // What goes into a credit line holds nothing that cannot be seen.
        let marks = app
            .post("/v1/sources", json!({"name": "a\u{202e}b", "credit_label": "a\u{200b}b", "aliases": ["ok", "a\u{7}b"],
                "official_forms": {"en": "a\u{feff}b", "xx-xx": "ok"}, "kind": "own", "homepage_url": "javascript:1",
                "registry": [{"list_edition": "1", "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2026-01-01T00:00:00Z"},
                    {"list_edition": "2", "valid_from": "0000-01-01T00:00:00Z"}]}))
            .by_admin().await.expect(422);
        assert_eq!(
            marks.faults(),
            faults(&[("/name", "unsafe_character"), ("/credit_label", "unsafe_character"), ("/aliases/1", "unsafe_character"),
                ("/official_forms/en", "unsafe_character"), ("/official_forms/xx-xx", "language"), ("/homepage_url", "url"),
                ("/registry/0/valid_until", "period"), ("/registry/1/valid_from", "range")])
        );
        let many: Vec<String> = (0..51).map(|n| format!("alias {n}")).collect();
        let mut forms = serde_json::Map::new();
        for n in 0..21u8 {
            forms.insert(format!("a{}", char::from(b'a' + n)), json!("x"));
        }
        let mut body = source("Many", "own");
        body["aliases"] = json!(many);
        let items = app.post("/v1/sources", body.clone()).by_admin().await.expect(422);
        assert_eq!(items.faults(), faults(&[("/aliases", "items")]));
        body["aliases"] = json!([]);
        body["official_forms"] = forms.into();
        let items = app.post("/v1/sources", body).by_admin().await.expect(422);
        assert_eq!(items.faults(), faults(&[("/official_forms", "items")]));
    }

    async fn a_source_in_use_stays_what_it_is(app) {
        let made = app.post("/v1/sources", source("Coastal Wire", "external")).by_admin().await.expect(201);
        let path = made.header("location").to_owned();
        let article = draft_of(&app, &made.id()).await;
        let used = app.delete(&path).if_match(&made.etag()).by_admin().await.expect(409);
        assert_eq!(used.json()["type"], "/problems/in-use");
        assert_eq!(used.json()["referrers"], json!([{"resource": "articles", "ids": [article], "count": 1}]));
        // Its works' origin follows from its kind.
        let kind = app.patch(&path, json!({"kind": "own"})).if_match(&made.etag()).by_admin().await.expect(409);
        assert_eq!(kind.json()["type"], "/problems/conflict");
        assert!(kind.json()["detail"].as_str().unwrap().contains("reprints would become own works"));
        let renamed = app.patch(&path, json!({"kind": "external", "name": "Wire"}))
            .if_match(&made.etag()).by_admin().await.expect(200);
        assert_eq!(renamed.json()["name"], "Wire");
    }

    async fn a_source_with_grants_stays(app) {
        let made = app.post("/v1/sources", source("Coastal Wire", "external")).by_admin().await.expect(201);
        let path = made.header("location").to_owned();
        let grant = app
            .post(&format!("{path}/grants"), json!({"channels": ["web"], "territories": ["CN"], "valid_from": "2026-01-01T00:00:00Z",
                "max_extent": "full", "may_redistribute": false, "alteration": "none"}))
            .by_role(Role::Rights).await.expect(201);
        let used = app.delete(&path).if_match(&made.etag()).by_role(Role::Editor).await.expect(409);
        assert_eq!(used.json()["referrers"], json!([{"resource": "grants", "ids": [grant.id()], "count": 1}]));
        app.patch(&path, json!({"kind": "own"})).if_match(&made.etag()).by_role(Role::Editor).await.expect(409);
        app.delete(grant.header("location")).if_match(&grant.etag()).by_role(Role::Rights).await.expect(204);
        let own = app.patch(&path, json!({"kind": "own"})).if_match(&made.etag()).by_role(Role::Editor).await.expect(200);
        app.delete(&path).if_match(&own.etag()).by_role(Role::Editor).await.expect(204);
    }

    async fn pages_follow_each_other_on_every_sort(app) {
        for (name, kind) in [("新华", "external"), ("Zebra", "external"), ("阿明", "own"), ("Bob", "external"), ("林月", "external")] {
            app.post("/v1/sources", source(name, kind)).by_admin().await.expect(201);
        }
        for query in ["sort=created_at", "sort=-created_at", "sort=name", "sort=-name", "kind=external&sort=name"] {
            let whole = app.get(&format!("/v1/sources?{query}&count=exact")).send().await.expect(200).json();
            let whole_length = if query.contains("kind") { 4 } else { 5 };
            assert_eq!(whole["page"]["total"], whole_length);
            let mut seen = Vec::new();
            let mut next = Some(format!("/v1/sources?{query}&limit=2"));
            while let Some(path) = next {
                let page = app.get(&path).send().await.expect(200);
                seen.extend(page.json()["data"].as_array().unwrap().clone());
                next = page.header("link").split(['<', '>']).nth(1).map(str::to_owned);
            }
            assert_eq!(&seen, whole["data"].as_array().unwrap(), "{query}");
        }
        app.get("/v1/sources?kind=press").send().await.expect(400);
    }

    async fn a_key_makes_a_write_happen_once(app) {
        let once = || app.post("/v1/sources", source("Wire", "own")).header("idempotency-key", "k");
        let first = once().by_admin().await.expect(201);
        let again = once().by_admin().await.expect(201);
        assert_eq!(first.id(), again.id());
    }
}
