//! Writing drafts: what is kept, what is refused and where it points.

use masthead::rights::Role;
use serde_json::json;

use crate::support::both_engines;
use crate::support::newsroom::with;
use crate::support::request::faults;

both_engines! {
    async fn a_draft_keeps_all_that_it_was_given(app) {
        let desk = app.newsroom().await;
        let other = app.draft(desk.own_work("Another")).await;
        let whole = json!({
            "title": "  Harbour opens its new quay ", "subtitle": "At last", "slug": "new-quay", "summary": "Ships dock\nfrom Monday.",
            "language": "en", "genre": "analysis",
            "dateline": {"place": "Langang", "date": "2026-03-01", "agency": "Harbour Press"},
            "body": {"format": "blocks", "value": [{"type": "paragraph", "text": "The quay opens."}]},
            "section_id": desk.ports, "tags": ["port", "滨海"],
            "contributors": [{"author_id": desk.reporter, "role": "reporter"}, {"author_id": desk.editor, "role": "photographer"}],
            "source_id": desk.own, "editor_id": desk.editor, "end_mark": "(end)", "ai_label": "assisted",
            "seo": {"title": "Quay", "description": "All about it."}, "related": [other], "translation_of": other,
            "extra": {"desk": {"n": 1.5, "list": [null, true]}}, "change_note": "First try.",
        });
        let made = app.post("/v1/articles", whole).by_role(Role::Editor).await.expect(201);
        let path = format!("/v1/articles/{}", made.id());
        assert_eq!(made.header("location"), path);
        assert_eq!(made.header("cache-control"), "no-store");
        let seen = app.get(&format!("{path}?include=section,authors,source,versions")).by_role(Role::Viewer).await.expect(200).json();
        for (field, value) in [
            ("stage", json!("draft")), ("title", json!("Harbour opens its new quay")), ("subtitle", json!("At last")),
            ("slug", json!("new-quay")), ("summary", json!("Ships dock\nfrom Monday.")), ("language", json!("en")),
            ("genre", json!("analysis")), ("origin", json!("own")), ("version", json!(1)), ("tags", json!(["port", "滨海"])),
            ("dateline", json!({"place": "Langang", "date": "2026-03-01", "agency": "Harbour Press"})),
            ("end_mark", json!("(end)")), ("seo", json!({"title": "Quay", "description": "All about it."})),
            ("related", json!([other])), ("translation_of", json!(other)), ("corrections", json!([])),
            ("extra", json!({"desk": {"n": 1.5, "list": [null, true]}})),
        ] {
            assert_eq!(seen[field], value, "{field}");
        }
        assert_eq!(seen["body"]["value"], "<p>The quay opens.</p>");
        assert!(seen["body"]["digest"].as_str().unwrap().starts_with("sha-256="));
        assert!(seen.get("published_at").is_none(), "it is not out");
        let names: Vec<_> = seen["section"]["breadcrumb"].as_array().unwrap().iter().map(|crumb| &crumb["slug"]).collect();
        assert_eq!(names, ["economy", "trade", "ports"]);
        assert_eq!(seen["section"]["name"], "Ports");
        assert_eq!(seen["contributors"][0]["author"]["bio"], "Covers the port.");
        assert_eq!(seen["contributors"][1]["role"], "photographer");
        assert_eq!(seen["source"]["credit_label"], "Harbour Daily");
        assert_eq!(seen["desk"]["editor_id"], json!(desk.editor));
        assert_eq!((&seen["desk"]["head_version"], &seen["desk"]["live_version"]), (&json!(1), &json!(null)));
        assert_eq!((&seen["versions"][0]["n"], &seen["versions"][0]["note"]), (&json!(1), &json!("First try.")));
        assert_eq!(seen["attribution"]["ai_label"], "assisted");
        assert_eq!(seen["attribution"]["credit_line"], "Source: Harbour Daily");
        app.get(&path).send().await.expect(404);
    }

    async fn a_draft_may_be_a_title_and_no_more(app) {
        let made = app.post("/v1/articles", json!({"title": "Later", "language": "en"})).by_admin().await.expect(201);
        let seen = made.json();
        assert_eq!(seen["attribution"]["credit_line"], "", "nothing is made up");
        assert_eq!((&seen["genre"], &seen["body"]["value"]), (&json!("news"), &json!("")));
        app.get("/v1/articles").by_admin().await.expect(200);
        let text = app.get(&format!("/v1/articles/{}?body_format=text", made.id())).by_admin().await.expect(200).json();
        assert_eq!(text["body"]["value"], "", "nor is an empty credit set off");
    }

    async fn edits_make_versions(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("The quay opens")).await;
        let path = format!("/v1/articles/{id}");
        let first = app.get(&path).by_admin().await.expect(200);
        let second = app.patch(&path, json!({"summary": "New.", "subtitle": "Sub", "change_note": "Shorter."}))
            .if_match(&first.etag()).by_role(Role::Editor).await.expect(200);
        assert_eq!((&second.json()["version"], &second.json()["summary"]), (&json!(2), &json!("New.")));
        assert_eq!(second.json()["title"], "The quay opens", "what a patch does not name stays");
        assert_ne!(second.json()["body"]["digest"], first.json()["body"]["digest"]);
        assert!(second.json().get("change_note").is_none());
        let gone = app.edit(&path, json!({"subtitle": null, "tags": ["a"]})).await.expect(200).json();
        assert!(gone.get("subtitle").is_none());
        // What changes nothing makes no version.
        let same = app.edit(&path, json!({"tags": ["a"]})).await.expect(200).json();
        assert_eq!(same["version"], 3);
        let versions = app.get(&format!("{path}?include=versions")).by_admin().await.expect(200).json()["versions"].clone();
        let kinds: Vec<_> = versions.as_array().unwrap().iter().map(|v| (v["n"].as_i64().unwrap(), v["change_kind"].as_str().unwrap())).collect();
        assert_eq!(kinds, [(3, "update"), (2, "update"), (1, "initial")]);
        assert_eq!(versions[1]["note"], "Shorter.");
        assert_eq!(versions[1]["digest"].as_str().map(|d| format!("sha-256={d}")), second.json()["body"]["digest"].as_str().map(str::to_owned));
        app.get("/v1/articles?include=versions").send().await.expect(403);
    }

    async fn a_patch_needs_what_was_read(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("The quay opens")).await;
        let path = format!("/v1/articles/{id}");
        let seen = app.get(&format!("{path}?fields=title&body_format=text")).by_admin().await.expect(200);
        app.patch(&path, json!({"summary": "x"})).by_admin().await.expect(428);
        app.patch(&path, json!({"nonsense": 1})).by_admin().await.expect(428);
        let stale = app.patch(&path, json!({"summary": "x"})).if_match("\"7.abc\"").by_admin().await.expect(412);
        assert!(stale.etag().starts_with("\"1."), "{}", stale.etag());
        // A tag that was read with other fields and another format is as good.
        app.patch(&path, json!({"summary": "x"})).if_match(&seen.etag()).by_admin().await.expect(200);
        app.patch(&path, json!({"summary": "y"})).if_match(&seen.etag()).by_admin().await.expect(412);
        app.patch(&path, json!({"summary": "y"})).if_match("*").by_admin().await.expect(200);
        app.delete(&path).by_admin().await.expect(428);
        app.delete(&path).if_match(&seen.etag()).by_admin().await.expect(412);
        app.patch("/v1/articles/art_01900000000070008000000000000009", json!({})).by_admin().await.expect(404);
        app.request("PATCH", &path).raw("text/plain", "x").if_match("*").by_admin().await.expect(415);
        app.request("PATCH", &path).raw("application/merge-patch+json", "{").if_match("*").by_admin().await.expect(400);
    }

    async fn all_faults_are_told_at_once(app) {
        let wrong = app.post("/v1/articles", json!({
            "language": "English", "title": 7, "genre": "No Genre", "tags": "port", "contributors": [{"role": "poet"}],
            "ai_label": "robot", "colour": "red", "section_id": "sec_1", "original": {"author": "x"},
        })).by_admin().await.expect(422);
        assert_eq!(wrong.faults(), faults(&[
            ("/title", "type"), ("/language", "pattern"), ("/genre", "pattern"), ("/tags", "type"),
            ("/contributors/0/author_id", "required"), ("/contributors/0/role", "choice"), ("/ai_label", "choice"),
            ("/colour", "unknown_field"), ("/section_id", "pattern"), ("/original/author", "unknown_field"),
        ]));
        let bad = app.post("/v1/articles", json!({
            "title": " ", "subtitle": "a\u{202e}b", "language": "en", "summary": "a\u{7}b",
            "tags": ["a", "a", "b\u{200b}"], "seo": {"title": "x\u{0085}y"},
            "contributors": [
                {"author_id": "aut_01900000000070008000000000000009", "role": "reporter"},
                {"author_id": "aut_01900000000070008000000000000009", "role": "reporter"},
            ],
            "original": {"title": "a\nb", "authors": ["ok", "n\u{feff}o"], "author_unstated": {"reason": "x"}, "url": "ftp://x.example"},
            "extra": {"long": "x".repeat(17_000)}, "end_mark": "\u{2066}",
        })).by_admin().await.expect(422);
        assert_eq!(bad.faults(), faults(&[
            ("/title", "blank"), ("/subtitle", "unsafe_character"), ("/summary", "unsafe_character"),
            ("/tags/1", "duplicate"), ("/tags/2", "unsafe_character"), ("/seo/title", "unsafe_character"), ("/contributors/1", "duplicate"),
            ("/original/title", "unsafe_character"), ("/original/authors/1", "unsafe_character"),
            ("/original/author_unstated", "contradiction"), ("/original/url", "url"), ("/extra", "length"), ("/end_mark", "unsafe_character"),
        ]));
    }

    async fn what_is_referred_to_must_be_there(app) {
        let desk = app.newsroom().await;
        let nobody = |noun: &str| json!(format!("{noun}_01900000000070008000000000000009"));
        let wrong = app.post("/v1/articles", with(desk.own_work("x"), json!({
            "section_id": nobody("sec"), "source_id": nobody("src"), "editor_id": nobody("aut"),
            "contributors": [{"author_id": desk.reporter, "role": "reporter"}, {"author_id": nobody("aut"), "role": "translator"}],
            "related": [nobody("art")], "translation_of": nobody("art"),
        }))).by_admin().await.expect(422);
        assert_eq!(wrong.faults(), faults(&[
            ("/section_id", "unknown"), ("/source_id", "unknown"), ("/editor_id", "unknown"),
            ("/contributors/1/author_id", "unknown"), ("/related/0", "unknown"), ("/translation_of", "unknown"),
        ]));
        let id = app.draft(desk.own_work("x")).await;
        let path = format!("/v1/articles/{id}");
        let own = app.edit(&path, json!({"related": [id], "translation_of": id})).await.expect(422);
        assert_eq!(own.faults(), faults(&[("/related/0", "self"), ("/translation_of", "self")]));
        let odd = app.edit(&path, json!({"original": {"title": "Elsewhere"}})).await.expect(422);
        assert_eq!(odd.faults(), faults(&[("/original", "not_a_reprint")]));
        assert_eq!(app.get("/v1/articles?count=exact").by_admin().await.json()["page"]["total"], 1, "nothing is half-written");
        // What is referred to stays.
        for (path, name) in [("authors", &desk.reporter), ("sections", &desk.economy), ("sources", &desk.own)] {
            let path = format!("/v1/{path}/{name}");
            let seen = app.get(&path).by_admin().await.expect(200);
            let refused = app.delete(&path).if_match(&seen.etag()).by_admin().await.expect(409).json();
            assert!(refused["referrers"].as_array().unwrap().iter().any(|r| r["resource"] == "articles" && r["ids"] == json!([id])), "{refused}");
        }
    }

    async fn a_key_makes_one_draft(app) {
        let desk = app.newsroom().await;
        let once = |key: &str, title: &str| app.post("/v1/articles", desk.own_work(title)).header("idempotency-key", key);
        let first = once("k", "One").by_admin().await.expect(201);
        let again = once("k", "One").by_admin().await.expect(201);
        assert_eq!((first.id(), first.etag(), first.header("location")), (again.id(), again.etag(), again.header("location")));
        once("k", "Two").by_admin().await.expect(422);
        assert_ne!(once("k2", "One").by_admin().await.expect(201).id(), first.id());
        // Keys of two people never meet.
        assert_ne!(once("k", "One").by_role(Role::Editor).await.expect(201).id(), first.id());
        // A refused request leaves no key behind.
        app.post("/v1/articles", json!({"title": "x"})).header("idempotency-key", "k3").by_admin().await.expect(422);
        once("k3", "Three").by_admin().await.expect(201);
        assert_eq!(app.get("/v1/articles?count=exact").by_admin().await.json()["page"]["total"], 4);
        // The replay is what stands now, read anew.
        app.edit(&format!("/v1/articles/{}", first.id()), json!({"title": "Changed"})).await.expect(200);
        assert_eq!(once("k", "One").by_admin().await.expect(201).json()["title"], "Changed");
        once("", "x").by_admin().await.expect(400);
    }

    async fn lowering_the_ai_label_takes_a_reason(app) {
        let desk = app.newsroom().await;
        let id = app.draft(with(desk.own_work("x"), json!({"ai_label": "generated"}))).await;
        let path = format!("/v1/articles/{id}");
        let refused = app.edit(&path, json!({"ai_label": "assisted"})).await.expect(422);
        assert_eq!(refused.faults(), faults(&[("/ai_label_reason", "required")]));
        let blank = app.edit(&path, json!({"ai_label": "none", "ai_label_reason": "  "})).await.expect(422);
        assert_eq!(blank.faults(), faults(&[("/ai_label_reason", "required")]));
        let lowered = app.edit(&path, json!({"ai_label": "assisted", "ai_label_reason": "Rewritten by hand."})).await.expect(200);
        assert_eq!(lowered.json()["attribution"]["ai_label"], "assisted");
        assert!(!lowered.text().contains("Rewritten by hand."));
        app.edit(&path, json!({"ai_label": "generated"})).await.expect(200);
        app.edit(&path, json!({"title": "y"})).await.expect(200);
    }

    async fn drafts_are_deleted_and_only_drafts(app) {
        let desk = app.newsroom().await;
        let gone = app.draft(with(desk.own_work("x"), json!({"slug": "short-lived"}))).await;
        let path = format!("/v1/articles/{gone}");
        let friend = app.draft(with(desk.own_work("y"), json!({"related": [gone]}))).await;
        let seen = app.get(&path).by_admin().await.expect(200);
        let used = app.delete(&path).if_match(&seen.etag()).by_admin().await.expect(409).json();
        assert_eq!(used["referrers"], json!([{"resource": "articles", "ids": [friend], "count": 1}]));
        let friend_path = format!("/v1/articles/{friend}");
        let friend_seen = app.get(&friend_path).by_admin().await.expect(200);
        app.delete(&friend_path).if_match(&friend_seen.etag()).by_admin().await.expect(204);
        app.delete(&path).if_match(&seen.etag()).by_admin().await.expect(204);
        app.get(&path).by_admin().await.expect(404);
        app.get("/v1/articles/slug/short-lived").by_admin().await.expect(404);
        app.draft(with(desk.own_work("z"), json!({"slug": "short-lived"}))).await;

        let out = app.live(desk.own_work("Out")).await;
        let path = format!("/v1/articles/{out}");
        for () in [(), ()] {
            let seen = app.get(&path).by_admin().await.expect(200);
            let refused = app.delete(&path).if_match(&seen.etag()).by_admin().await.expect(409);
            assert!(refused.json()["detail"].as_str().unwrap().contains("withdraw"), "{}", refused.text());
            app.clock.advance(chrono::TimeDelta::seconds(1));
            app.withdraw(&out, "editorial").await;
        }
        // Published under an embargo that never ended: nobody outside saw it.
        let held = app.live(desk.own_work("Held")).await;
        app.set_times(&held, Some(app.clock.now() + chrono::TimeDelta::hours(1)), None);
        let path = format!("/v1/articles/{held}");
        let seen = app.get(&path).by_admin().await.expect(200);
        app.delete(&path).if_match(&seen.etag()).by_admin().await.expect(204);
    }
}
