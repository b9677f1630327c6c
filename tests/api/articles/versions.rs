//! Versions: listed, read, compared, restored; and whose work a stale edit would have undone.

use chrono::TimeDelta;
use diesel::prelude::*;
use masthead::db::schema::version_references as refs;
use masthead::rights::{Channel, Role};
use serde_json::{Value, json};

use crate::support::newsroom::with;
use crate::support::request::faults;
use crate::support::{TestApp, both_engines};

/// What changed inside, in brackets.
fn told(spans: &Value) -> String {
    let spans = spans.as_array().into_iter().flatten();
    let show = |span: &Value| {
        let text = span["text"].as_str().unwrap();
        match span["op"].as_str().unwrap() {
            "same" => text.to_owned(),
            "removed" => format!("[-{text}-]"),
            _ => format!("[+{text}+]"),
        }
    };
    spans.map(show).collect()
}

fn paragraphs(texts: &[&str]) -> Value {
    let block = |text: &&str| json!({"type": "paragraph", "text": text});
    json!({"format": "blocks", "value": texts.iter().map(block).collect::<Vec<_>>()})
}

async fn restore(app: &TestApp, path: &str, n: i64, body: Value) -> crate::support::Answer {
    let seen = app.get(path).by_admin().await.expect(200);
    app.post(&format!("{path}/versions/{n}/restore"), body)
        .if_match(&seen.etag())
        .by_admin()
        .await
}

both_engines! {
    async fn versions_are_listed_and_read(app) {
        let desk = app.newsroom().await;
        let made = app.post("/v1/articles", desk.own_work("First")).by_role(Role::Editor).await.expect(201);
        let path = format!("/v1/articles/{}", made.id());
        app.clock.advance(TimeDelta::minutes(1));
        app.edit(&path, json!({"title": "Second", "body": paragraphs(&["New words."]), "change_note": "Shorter."})).await.expect(200);
        app.edit(&path, json!({"title": "Third"})).await.expect(200);
        let list = app.get(&format!("{path}/versions?limit=2&count=exact")).by_role(Role::Viewer).await.expect(200).json();
        assert_eq!((&list["page"]["total"], &list["page"]["has_more"]), (&json!(3), &json!(true)));
        let line = &list["data"][1];
        assert_eq!((&line["n"], &line["change_kind"], &line["note"]), (&json!(2), &json!("update"), &json!("Shorter.")));
        assert_eq!(line["created_by"], json!({"id": app.user_of(Role::Admin), "name": "admin@desk.example.org"}));
        assert_eq!(line["created_at"], "2026-06-01T12:01:00Z");
        let cursor = list["page"]["next_cursor"].as_str().unwrap();
        let rest = app.get(&format!("{path}/versions?limit=2&cursor={cursor}")).by_admin().await.expect(200).json();
        assert_eq!((&rest["data"][0]["n"], &rest["data"][0]["change_kind"], rest["data"].as_array().unwrap().len()), (&json!(1), &json!("initial"), 1));
        assert_eq!(rest["data"][0]["created_by"]["name"], "editor@desk.example.org");

        let first = app.get(&format!("{path}/versions/1")).by_role(Role::Viewer).await.expect(200);
        assert_eq!((&first.json()["title"], &first.json()["version"], &first.json()["slug"]), (&json!("First"), &json!(1), &json!("first")));
        assert_eq!(first.json()["updated_at"], "2026-06-01T12:00:00Z");
        assert_eq!(first.json()["body"]["digest"], format!("sha-256={}", rest["data"][0]["digest"].as_str().unwrap()));
        assert_eq!(first.json()["attribution"]["credit_line"], "Source: Harbour Daily");
        assert_eq!(first.header("cache-control"), "private, no-store");
        let second = app.get(&format!("{path}/versions/2?fields=title,body&body_format=text")).by_admin().await.expect(200).json();
        assert!(second["body"]["value"].as_str().unwrap().starts_with("New words."), "{second}");
        assert!(second["body"]["value"].as_str().unwrap().contains("Source: Harbour Daily"), "text carries its credit");
        assert!(second.get("summary").is_none() && second.get("attribution").is_some());
        for n in ["0", "4", "01", "x", "-1", "99999999999999999999"] {
            for under in ["", "/diff"] {
                app.get(&format!("{path}/versions/{n}{under}")).by_admin().await.expect(404);
            }
        }
        // The tag of a version is good for what is done to the article.
        app.post(&format!("{path}/versions/1/restore"), json!({})).if_match(&first.etag()).by_admin().await.expect(200);
    }

    async fn versions_are_for_the_desk_and_authors_have_their_own(app) {
        let desk = app.newsroom().await;
        let (mine, other) = (app.token_of(app.user("a@desk.example.org", Role::Author)).await, app.token(Role::Author).await);
        let made = app.post("/v1/articles", desk.own_work("Mine")).bearer(&mine).send().await.expect(201);
        let path = format!("/v1/articles/{}", made.id());
        let key = app.first_party_key(Channel::Web);
        let all = ["/versions", "/versions/1", "/versions/1/diff"];
        for at in all {
            app.get(&format!("{path}{at}")).bearer(&other).send().await.expect(404);
        }
        app.publish(&made.id()).await.expect(200);
        for at in all {
            let at = format!("{path}{at}");
            app.get(&at).bearer(&mine).send().await.expect(200);
            app.get(&at).bearer(&other).send().await.expect(403);
            app.get(&at).key(&key).send().await.expect(403);
            app.get(&at).send().await.expect(401);
        }
        let restore = |token: &str| app.post(&format!("{path}/versions/1/restore"), json!({})).if_match("*").bearer(token);
        restore(&mine).send().await.expect(403);
        restore(&other).send().await.expect(403);
        let draft = app.post("/v1/articles", desk.own_work("Draft")).bearer(&mine).send().await.expect(201).id();
        app.post(&format!("/v1/articles/{draft}/versions/1/restore"), json!({})).if_match("*").bearer(&other).send().await.expect(404);
        app.post(&format!("/v1/articles/{draft}/versions/1/restore"), json!({})).if_match("*").bearer(&mine).send().await.expect(200);
    }

    async fn what_changed_is_told(app) {
        let desk = app.newsroom().await;
        let work = with(desk.own_work("码头周一启用"), json!({"language": "zh-Hans", "slug": "quay", "tags": ["港口", "经济"],
            "body": paragraphs(&["新码头将于周一启用。", "The quay opens on Monday.", "不变的一段。", "删掉的一段话。"])}));
        let id = app.draft(work).await;
        let path = format!("/v1/articles/{id}");
        app.edit(&path, json!({"title": "码头周二启用", "tags": ["经济", "物流"], "end_mark": "（完）", "contributors": [],
            "body": paragraphs(&["新码头将于周二启用。", "The quay opens on <strong>Tuesday</strong>.", "不变的一段。", "完全另写的内容！"])})).await.expect(200);
        let diff = app.get(&format!("{path}/versions/2/diff")).by_role(Role::Viewer).await.expect(200).json();
        assert_eq!((&diff["from"], &diff["to"], &diff["inline_complete"]), (&json!(1), &json!(2), &json!(true)));
        assert_eq!(diff["attribution"]["credit_line"], "来源：滨海日报");
        let fields: Vec<&str> = diff["fields"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["contributors", "end_mark", "tags", "title"]);
        assert_eq!(diff["fields"][0]["removed"], json!([{"author_id": desk.reporter, "name": "Lin Yue", "role": "reporter"}]));
        assert_eq!(diff["fields"][1], json!({"field": "end_mark", "after": "（完）"}));
        assert_eq!(diff["fields"][2], json!({"field": "tags", "added": ["物流"], "removed": ["港口"], "reordered": false}));
        assert_eq!(told(&diff["fields"][3]["changes"]), "码头周[-一-][+二+]启用");
        let blocks = &diff["blocks"];
        let ops: Vec<&str> = blocks.as_array().unwrap().iter().map(|one| one["op"].as_str().unwrap()).collect();
        assert_eq!(ops, ["changed", "changed", "same", "removed", "added"]);
        assert_eq!(told(&blocks[0]["changes"]), "新码头将于周[-一-][+二+]启用。");
        // Words are compared, and markup stands in the blocks themselves.
        assert_eq!(told(&blocks[1]["changes"]), "The quay opens on [-Monday-][+Tuesday+].");
        assert_eq!(blocks[1]["after"]["text"], "The quay opens on <strong>Tuesday</strong>.");
        assert_eq!((&blocks[2]["count"], &blocks[3]["from"], &blocks[4]["to"]), (&json!(1), &json!(3), &json!(3)));

        // Backwards, against itself, and the first one against nothing.
        let back = app.get(&format!("{path}/versions/1/diff?against=2")).by_admin().await.expect(200).json();
        assert_eq!((&back["from"], &back["to"]), (&json!(2), &json!(1)));
        assert_eq!(told(&back["blocks"][0]["changes"]), "新码头将于周[-二-][+一+]启用。");
        let same = app.get(&format!("{path}/versions/2/diff?against=2")).by_admin().await.expect(200).json();
        assert_eq!((&same["fields"], &same["blocks"]), (&json!([]), &json!([{"op": "same", "count": 4}])));
        let first = app.get(&format!("{path}/versions/1/diff")).by_admin().await.expect(200).json();
        assert_eq!(first["from"], json!(null));
        assert!(first["blocks"].as_array().unwrap().iter().all(|one| one["op"] == "added"));
        for against in ["0", "3", "x", "1.5", "", "-1", "99999999999999999999"] {
            let refused = app.get(&format!("{path}/versions/2/diff?against={against}")).by_admin().await.expect(400);
            assert_eq!(refused.faults()[0].0, "against", "{against}");
        }
    }

    async fn a_megabyte_of_changes_is_compared_within_bounds(app) {
        let desk = app.newsroom().await;
        let body = |mark: &str| {
            let texts: Vec<String> = (0..1_200).map(|n| format!("{mark}{n}{}{mark}", "码头启用船舶靠泊".repeat(60))).collect();
            paragraphs(&texts.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let id = app.draft(with(desk.own_work("Long"), json!({"body": body("甲")}))).await;
        let path = format!("/v1/articles/{id}");
        app.edit(&path, json!({"body": body("乙")})).await.expect(200);
        let diff = app.get(&format!("{path}/versions/2/diff")).by_admin().await.expect(200).json();
        assert_eq!(diff["inline_complete"], false, "it says so");
        let blocks = diff["blocks"].as_array().unwrap();
        assert_eq!(blocks.len(), 1_200);
        assert!(blocks.iter().all(|one| one["op"] == "changed"));
        assert!(blocks[0].get("changes").is_some() && blocks[1_199].get("changes").is_none());
    }

    async fn viewers_see_no_more_of_a_version_than_of_the_article(app) {
        let desk = app.newsroom().await;
        let work = |title: &str| with(desk.own_work(title), json!({"tags": ["HIDDEN"], "body": paragraphs(&["HIDDEN words."]), "change_note": "HIDDEN"}));
        let (held, gone) = (app.live(work("Held")).await, app.live(work("Gone")).await);
        for id in [&held, &gone] {
            app.edit(&format!("/v1/articles/{id}"), json!({"summary": "Other.", "tags": ["HIDDEN too"], "body": paragraphs(&["HIDDEN text."])})).await.expect(200);
        }
        app.clock.advance(TimeDelta::seconds(1));
        app.set_times(&held, Some(app.clock.now() + TimeDelta::hours(1)), None);
        app.withdraw(&gone, "editorial").await.expect(200);
        for id in [&held, &gone] {
            let before = app.readings(id);
            for at in ["/versions", "/versions/1", "/versions/1?body_format=text", "/versions/2/diff", "/versions/1/diff"] {
                let seen = app.get(&format!("/v1/articles/{id}{at}")).by_role(Role::Viewer).await.expect(200);
                assert!(!seen.text().contains("HIDDEN"), "{at}: {}", seen.text());
            }
            let diff = app.get(&format!("/v1/articles/{id}/versions/2/diff")).by_role(Role::Viewer).await.expect(200).json();
            assert_eq!((&diff["fields"][0]["field"], &diff["blocks"]), (&json!("summary"), &json!([])));
            assert_eq!(diff["attribution"]["usage"]["extent"], "headline");
            assert_eq!(app.readings(id), before);
            // Others read it all, which is on record; the list is no reading.
            app.get(&format!("/v1/articles/{id}/versions")).by_role(Role::Editor).await.expect(200);
            assert_eq!(app.readings(id), before);
            for at in ["/versions/1", "/versions/2/diff"] {
                let seen = app.get(&format!("/v1/articles/{id}{at}")).by_role(Role::Editor).await.expect(200);
                assert!(seen.text().contains("HIDDEN"));
            }
            assert_eq!(app.readings(id), before + 2);
        }
    }

    async fn a_version_is_restored_as_a_new_one(app) {
        let desk = app.newsroom().await;
        let id = app.live(with(desk.own_work("Right"), json!({"slug": "right"}))).await;
        let path = format!("/v1/articles/{id}");
        let first = app.get(&format!("{path}/versions/1")).by_admin().await.expect(200).json();
        app.edit(&path, json!({"title": "Wrong", "slug": "wrong", "tags": ["x"], "body": paragraphs(&["Wrong."])})).await.expect(200);
        app.post(&format!("{path}/correct"), json!({"public_note": "A note that stays."})).by_admin().await.expect(200);
        let public = app.get(&path).send().await.expect(200);
        app.post(&format!("{path}/versions/1/restore"), json!({})).by_admin().await.expect(428);
        app.post(&format!("{path}/versions/1/restore"), json!({})).if_match("\"99.x\"").by_admin().await.expect(412);
        app.post(&format!("{path}/versions/9/restore"), json!({})).if_match("*").by_admin().await.expect(404);
        let refused = restore(&app, &path, 1, json!({"note": "x\u{7}", "why": 1})).await.expect(422);
        assert_eq!(refused.faults(), faults(&[("/why", "unknown_field")]));
        let long = restore(&app, &path, 1, json!({"note": "字".repeat(401)})).await.expect(422);
        assert_eq!(long.faults(), faults(&[("/note", "length")]));

        let seen = app.get(&path).by_admin().await.expect(200);
        let again = || app.post(&format!("{path}/versions/1/restore"), json!({"note": "It was right."})).if_match(&seen.etag()).header("idempotency-key", "r");
        let back = again().by_admin().await.expect(200);
        assert_eq!(again().by_admin().await.expect(200).json(), back.json(), "once and no more");
        let now = back.json();
        assert_eq!((&now["title"], &now["slug"], &now["version"]), (&json!("Right"), &json!("right"), &json!(4)));
        assert_eq!((&now["body"]["value"], &now["tags"]), (&first["body"]["value"], &json!([])));
        assert_eq!(now["corrections"].as_array().unwrap().len(), 1, "corrections were made, whatever the text says");
        let line = app.get(&format!("{path}/versions?limit=1")).by_admin().await.expect(200).json()["data"][0].clone();
        assert_eq!((&line["change_kind"], &line["note"]), (&json!("update"), &json!("Restores version 1: It was right.")));
        assert_eq!(app.get(&path).send().await.expect(200).body, public.body, "readers see it once it is published");
        app.publish(&id).await.expect(200);
        assert_eq!(app.get(&path).send().await.expect(200).json()["title"], "Right");

        // What is there already is not made again.
        let before = app.changes();
        let same = restore(&app, &path, 4, json!({})).await.expect(200);
        assert_eq!(same.json()["version"], 4);
        assert_eq!(app.changes(), before);
    }

    async fn a_slug_that_is_anothers_by_now_stays_theirs(app) {
        let desk = app.newsroom().await;
        let id = app.draft(with(desk.own_work("One"), json!({"slug": "coveted"}))).await;
        let path = format!("/v1/articles/{id}");
        app.edit(&path, json!({"slug": "later", "title": "Later"})).await.expect(200);
        app.draft(with(desk.own_work("Two"), json!({"slug": "coveted"}))).await;
        let back = restore(&app, &path, 1, json!({})).await.expect(200).json();
        assert_eq!((&back["title"], &back["slug"]), (&json!("One"), &json!("later")));
    }

    async fn restoring_takes_a_reason_where_it_lowers_the_label(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("By hand")).await;
        let path = format!("/v1/articles/{id}");
        app.edit(&path, json!({"ai_label": "generated"})).await.expect(200);
        let refused = restore(&app, &path, 1, json!({})).await.expect(422);
        assert_eq!(refused.faults(), faults(&[("/ai_label_reason", "required")]));
        let back = restore(&app, &path, 1, json!({"ai_label_reason": "That text is by hand."})).await.expect(200).json();
        assert_eq!(back["attribution"]["ai_label"], "none");
    }

    async fn restoring_what_refers_to_what_is_gone(app) {
        let desk = app.newsroom().await;
        let other = app.draft(desk.own_work("Another")).await;
        let away = app.made("/v1/authors", json!({"name": "Wen Ya", "kind": "reporter"})).await;
        let work = with(desk.own_work("Full"), json!({"section_id": desk.ports, "related": [other], "translation_of": other,
            "contributors": [{"author_id": away, "role": "reporter"}]}));
        let id = app.draft(work).await;
        let path = format!("/v1/articles/{id}");
        app.edit(&path, json!({"section_id": null, "related": [], "translation_of": null, "contributors": []})).await.expect(200);
        // Who has left stays named in what was theirs.
        app.edit(&format!("/v1/authors/{away}"), json!({"active": false})).await.expect(200);
        restore(&app, &path, 1, json!({})).await.expect(200);
        app.edit(&path, json!({"section_id": null, "related": [], "translation_of": null, "contributors": []})).await.expect(200);
        // The foreign keys of versions keep what they name; only another hand can take it away.
        let gone = [format!("/v1/sections/{}", desk.ports), format!("/v1/authors/{away}"), format!("/v1/articles/{other}")];
        for at in &gone {
            app.delete(at).if_match("*").by_admin().await.expect(409);
        }
        let torn = app.db.with_writer(|conn| diesel::delete(refs::table.filter(refs::article_id.eq(&id))).execute(conn));
        torn.expect("a connection").expect("the references go");
        for at in &gone {
            app.delete(at).if_match("*").by_admin().await.expect(204);
        }
        let before = app.changes();
        let refused = restore(&app, &path, 1, json!({})).await.expect(422);
        assert_eq!(refused.faults(), faults(&[
            ("/section_id", "unknown"), ("/contributors/0/author_id", "unknown"), ("/related/0", "unknown"), ("/translation_of", "unknown"),
        ]));
        assert_eq!(app.changes(), before, "nothing is half-written");
    }

    async fn two_editors_and_one_article(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("Ours")).await;
        let path = format!("/v1/articles/{id}");
        let seen = app.get(&path).by_role(Role::Editor).await.expect(200);
        let (lin, name) = (app.user("lin@desk.example.org", Role::Editor), "lin@desk.example.org");
        let lin_token = app.token_of(lin).await;
        app.clock.advance(TimeDelta::minutes(1));
        app.patch(&path, json!({"title": "Lin's"})).if_match(&seen.etag()).bearer(&lin_token).send().await.expect(200);
        let current = json!({"revision": 2, "version": 2, "changed_by": {"id": lin, "name": name}, "changed_at": "2026-06-01T12:01:00Z"});
        app.clock.advance(TimeDelta::minutes(1));
        let tag = seen.etag();
        for ask in [
            app.patch(&path, json!({"title": "Mine"})), app.delete(&path), app.post(&format!("{path}/publish"), json!({})),
            app.post(&format!("{path}/versions/1/restore"), json!({})),
        ] {
            let refused = ask.if_match(&tag).by_role(Role::Editor).await.expect(412);
            assert_eq!(refused.json()["current"], current);
            assert!(refused.header("etag").starts_with("\"2."));
        }
        assert_eq!(app.get(&path).by_admin().await.json()["title"], "Lin's");
        // What makes no version is somebody's, too; who has left is known by id alone.
        app.post(&format!("{path}/publish"), json!({})).bearer(&lin_token).send().await.expect(200);
        app.delete(&format!("/v1/users/{lin}")).if_match("*").by_admin().await.expect(204);
        let after = app.patch(&path, json!({})).if_match(&tag).by_role(Role::Editor).await.expect(412).json()["current"].clone();
        assert_eq!(after, json!({"revision": 3, "version": 2, "changed_by": {"id": lin}, "changed_at": "2026-06-01T12:02:00Z"}));
        // It says nothing to whom it says nothing: other nouns, and readers who are not let in.
        let section = app.patch(&format!("/v1/sections/{}", desk.ports), json!({})).if_match("\"9.x\"").by_admin().await.expect(412);
        assert!(section.json().get("current").is_none());
        let outside = app.patch(&path, json!({})).if_match(&seen.etag()).send().await.expect(401);
        assert!(outside.json().get("current").is_none());
    }
}
