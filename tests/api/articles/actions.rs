//! What the desk does with an article: publish, correct, withdraw.

use chrono::TimeDelta;
use masthead::rights::{Channel, Role};
use serde_json::json;

use crate::support::both_engines;
use crate::support::newsroom::with;
use crate::support::request::faults;

both_engines! {
    async fn readers_see_what_was_published_and_no_later_edit(app) {
        let desk = app.newsroom().await;
        let key = app.first_party_key(Channel::Web);
        let id = app.draft(desk.own_work("First words")).await;
        let path = format!("/v1/articles/{id}");
        app.get(&path).key(&key).send().await.expect(404);
        let out = app.publish(&id).await.expect(200).json();
        assert_eq!((&out["stage"], &out["desk"]["live_version"]), (&json!("published"), &json!(1)));
        assert_eq!(out["published_at"], "2026-06-01T12:00:00Z");
        let before = app.get(&path).key(&key).send().await.expect(200);
        let list_before = app.get("/v1/articles").key(&key).send().await.expect(200);
        app.clock.advance(TimeDelta::minutes(1));
        app.edit(&path, json!({"title": "UNSEEN", "summary": "UNSEEN", "tags": ["unseen"], "section_id": desk.ports})).await.expect(200);
        let after = app.get(&path).key(&key).send().await.expect(200);
        let list_after = app.get("/v1/articles").key(&key).send().await.expect(200);
        assert_eq!((&before.body, before.etag()), (&after.body, after.etag()), "an edit that waits leaves no trace");
        assert_eq!((&list_before.body, list_before.etag()), (&list_after.body, list_after.etag()));
        for (query, there) in [("tag=unseen", 0), ("section=ports", 0), ("section=economy", 1)] {
            let found = app.get(&format!("/v1/articles?count=exact&{query}")).key(&key).send().await.expect(200).json();
            assert_eq!(found["page"]["total"], there, "{query}");
        }
        assert_eq!(app.get(&path).by_admin().await.json()["title"], "UNSEEN");
        assert_eq!(app.get("/v1/articles?tag=unseen").by_admin().await.json()["data"][0]["id"], json!(id));
        let again = app.publish(&id).await.expect(200).json();
        assert_eq!((&again["desk"]["live_version"], &again["published_at"]), (&json!(2), &json!("2026-06-01T12:00:00Z")));
        let now = app.get(&path).key(&key).send().await.expect(200).json();
        assert_eq!((&now["title"], &now["updated_at"]), (&json!("UNSEEN"), &json!("2026-06-01T12:01:00Z")));
        // Once more changes nothing.
        let revision = again["desk"]["revision"].clone();
        assert_eq!(app.publish(&id).await.expect(200).json()["desk"]["revision"], revision);
    }

    async fn publication_has_a_time_that_stands(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("Archive")).await;
        let publish = |at: &str| app.post(&format!("/v1/articles/{id}/publish"), json!({"publish_at": at}));
        let future = publish("2026-06-01T12:00:00.000001Z").by_admin().await.expect(422);
        assert_eq!(future.faults(), faults(&[("/publish_at", "future")]));
        assert_eq!(publish("0000-01-01T00:00:00Z").by_admin().await.expect(422).faults(), faults(&[("/publish_at", "range")]));
        assert_eq!(publish("yesterday").by_admin().await.expect(422).faults(), faults(&[("/publish_at", "format")]));
        app.request("POST", &format!("/v1/articles/{id}/publish")).by_admin().await.expect(200);
        let other = app.draft(desk.own_work("Older")).await;
        let old = app.post(&format!("/v1/articles/{other}/publish"), json!({"publish_at": "2024-04-01T15:30:00+08:00"})).by_admin().await.expect(200).json();
        assert_eq!(old["published_at"], "2024-04-01T07:30:00Z");
        assert_eq!(old["attribution"]["copyright"]["year"], 2024);
        publish("2024-04-01T07:30:00Z").by_admin().await.expect(409);
        app.post(&format!("/v1/articles/{other}/publish"), json!({"publish_at": "2024-04-01T07:30:00Z"})).by_admin().await.expect(200);
    }

    async fn a_reprint_needs_all_that_the_rules_ask_for(app) {
        let desk = app.newsroom().await;
        let silent = app.source("Silent Post").await;
        let bare = json!({"title": "Bare", "language": "en", "source_id": silent});
        let id = app.draft(bare).await;
        let refused = app.publish(&id).await.expect(422);
        assert_eq!(refused.json()["type"], "/problems/not-publishable");
        assert_eq!(refused.faults(), faults(&[
            ("/original/title", "required"), ("/original/authors", "required"), ("/original/url", "required"),
            ("/editor_id", "required"), ("/source_id", "no_inbound_grant"),
        ]));
        assert_eq!(app.get(&format!("/v1/articles/{id}")).by_admin().await.json()["stage"], "draft", "nothing is half-written");
        let whole = desk.reprint_of(&desk.wire, "Whole");
        for (member, missing) in [
            (json!({"original": {"authors": ["Wen Ya"], "url": "https://w.example"}}), ("/original/title", "required")),
            (json!({"original": {"title": "T", "url": "https://w.example"}}), ("/original/authors", "required")),
            (json!({"original": {"title": "T", "authors": ["Wen Ya"]}}), ("/original/url", "required")),
            (json!({"editor_id": null}), ("/editor_id", "required")),
            (json!({"editor_id": desk.reporter}), ("/editor_id", "real_name_required")),
            (json!({"source_id": silent}), ("/source_id", "no_inbound_grant")),
            (json!({"source_id": null}), ("/source_id", "required")),
        ] {
            let id = app.draft(with(whole.clone(), member.clone())).await;
            assert_eq!(app.publish(&id).await.expect(422).faults(), faults(&[missing]), "{member}");
        }
        let unstated = json!({"original": {"title": "T", "author_unstated": {"reason": "No byline."}, "print_ref": "Page 3"}});
        app.live(with(whole.clone(), unstated)).await;
        // A list of permitted sources comes into force: now the source must be on it.
        let listed = json!({"name": "Listed", "credit_label": "Listed", "kind": "external",
            "registry": [{"list_edition": "2026", "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2026-06-01T12:00:01Z"}]});
        let listed = app.made("/v1/sources", listed).await;
        app.grant(&listed, json!({})).await;
        let id = app.draft(whole.clone()).await;
        assert_eq!(app.publish(&id).await.expect(422).faults(), faults(&[("/source_id", "source_not_listed")]));
        app.live(with(whole, json!({"source_id": listed}))).await;
        app.live(desk.own_work("Own works are on no list")).await;
        app.clock.advance(TimeDelta::seconds(1));
        app.publish(&id).await.expect(200);
    }

    async fn without_its_notices_nothing_is_published(app) {
        let source = app.made("/v1/sources", json!({"name": "Own", "credit_label": "Own", "kind": "own"})).await;
        let id = app.draft(json!({"title": "x", "language": "en", "source_id": source})).await;
        assert_eq!(app.publish(&id).await.expect(422).faults(), faults(&[("", "notice_required"), ("", "notice_required")]));
    }

    async fn a_correction_tells_what_was_wrong(app) {
        let desk = app.newsroom().await;
        let id = app.live(desk.own_work("A date")).await;
        let path = format!("/v1/articles/{id}");
        let draft = app.draft(desk.own_work("Draft")).await;
        let note = json!({"public_note": "An earlier version gave a wrong date."});
        app.post(&format!("/v1/articles/{draft}/correct"), note.clone()).by_admin().await.expect(409);
        for (body, fault) in [
            (json!({}), ("/public_note", "required")), (json!({"public_note": " "}), ("/public_note", "blank")),
            (json!({"public_note": "x", "why": 1}), ("/why", "unknown_field")),
        ] {
            let refused = app.post(&format!("{path}/correct"), body).by_admin().await.expect(422);
            assert_eq!(refused.faults(), faults(&[fault]));
        }
        let before = app.get(&path).send().await.expect(200);
        app.edit(&path, json!({"title": "The right date"})).await.expect(200);
        app.clock.advance(TimeDelta::minutes(5));
        let correct = || app.post(&format!("{path}/correct"), note.clone()).header("idempotency-key", "c");
        let corrected = correct().by_admin().await.expect(200).json();
        assert_eq!(correct().by_admin().await.expect(200).json(), corrected, "once and no more");
        let seen = app.get(&path).send().await.expect(200);
        assert_ne!(seen.etag(), before.etag());
        let seen = seen.json();
        assert_eq!((&seen["title"], &seen["version"]), (&json!("The right date"), &json!(3)));
        assert_eq!(seen["corrections"], json!([{"at": "2026-06-01T12:05:00Z", "note": "An earlier version gave a wrong date.", "version": 3}]));
        assert_eq!(seen["published_at"], before.json()["published_at"]);
        let versions = app.get(&format!("{path}?include=versions")).by_admin().await.json()["versions"].clone();
        assert_eq!((&versions[0]["change_kind"], &versions[0]["n"]), (&json!("correction"), &json!(3)));
        // Later edits and corrections keep the earlier ones.
        app.edit(&path, json!({"summary": "x"})).await.expect(200);
        app.publish(&id).await.expect(200);
        app.post(&format!("{path}/correct"), json!({"public_note": "Again."})).by_admin().await.expect(200);
        let notes = app.get(&path).send().await.expect(200).json()["corrections"].clone();
        assert_eq!(notes.as_array().unwrap().len(), 2);
    }

    async fn a_withdrawn_work_leaves_a_tombstone(app) {
        let desk = app.newsroom().await;
        let web = app.first_party_key(Channel::Web);
        for (class, status, kind) in [("editorial", 410, "/problems/gone"), ("legal", 451, "/problems/unavailable-for-legal-reasons"), ("rights_expired", 410, "/problems/gone")] {
            let slug = format!("secret-{}", class.replace('_', "-"));
            let id = app.live(with(desk.own_work("Buried TITLE"), json!({"slug": slug, "tags": ["BURIED"]}))).await;
            let path = format!("/v1/articles/{id}");
            let live = app.get(&path).send().await.expect(200);
            app.clock.advance(TimeDelta::seconds(1));
            let draft = app.draft(desk.own_work("Never out")).await;
            app.withdraw(&draft, class).await.expect(409);
            let gone = app.withdraw(&id, class).await.expect(200).json();
            assert_eq!((&gone["stage"], &gone["desk"]["withdrawal"]["reason_class"]), (&json!("withdrawn"), &json!(class)));
            for at in [path.clone(), format!("{path}?fields=title&body_format=text"), format!("/v1/articles/slug/{slug}")] {
                for key in [None, Some(&web)] {
                    let mut ask = app.get(&at).header("if-none-match", &live.etag());
                    if let Some(key) = key {
                        ask = ask.key(key);
                    }
                    let tombstone = ask.send().await.expect(status);
                    assert_eq!(tombstone.header("cache-control"), "no-store");
                    assert_eq!(tombstone.header("etag"), "");
                    let problem = tombstone.json();
                    assert_eq!((&problem["type"], &problem["reason_class"]), (&json!(kind), &json!(class)));
                    assert_eq!(problem["reason"], "The figures could not be confirmed.");
                    assert_eq!(problem["withdrawn_at"], gone["desk"]["withdrawal"]["at"]);
                    let text = tombstone.text();
                    assert!(!text.contains("Buried") && !text.contains("TITLE") && !text.contains("BURIED"), "{text}");
                }
            }
            let listed = app.get("/v1/articles?count=exact").send().await.expect(200);
            assert_eq!(listed.json()["page"]["total"], 0);
            app.withdraw(&id, class).await.expect(409);
            app.publish(&id).await.expect(409);
            app.post(&format!("{path}/correct"), json!({"public_note": "x"})).by_admin().await.expect(409);
        }
        let id = app.live(desk.own_work("x")).await;
        let refused = app.post(&format!("/v1/articles/{id}/withdraw"), json!({"reason_class": "whim", "note": 1})).by_admin().await.expect(422);
        assert_eq!(refused.faults(), faults(&[("/reason_class", "choice"), ("/reason", "required"), ("/note", "unknown_field")]));
    }

    async fn what_nobody_saw_is_not_there_when_it_is_withdrawn(app) {
        let desk = app.newsroom().await;
        let id = app.live(desk.own_work("Held back")).await;
        app.set_times(&id, Some(app.clock.now() + TimeDelta::hours(1)), None);
        app.withdraw(&id, "legal").await.expect(200);
        let path = format!("/v1/articles/{id}");
        for () in [(), ()] {
            app.get(&path).send().await.expect(404);
            app.clock.advance(TimeDelta::hours(2));
        }
    }

    async fn a_right_that_ends_takes_the_work_along(app) {
        let desk = app.newsroom().await;
        let id = app.live(desk.own_work("Until noon")).await;
        let path = format!("/v1/articles/{id}");
        app.set_times(&id, None, Some(app.clock.now() + TimeDelta::hours(1)));
        let live = app.get(&path).send().await.expect(200);
        assert_eq!(live.json()["attribution"]["usage"]["valid_until"], "2026-06-01T13:00:00Z");
        app.clock.advance(TimeDelta::hours(1) - TimeDelta::microseconds(1));
        let last = app.get(&path).send().await.expect(200);
        assert_eq!(last.header("cache-control"), "public, max-age=0, stale-while-revalidate=0");
        app.get(&path).header("if-none-match", &last.etag()).send().await.expect(304);
        app.clock.advance(TimeDelta::microseconds(1));
        let gone = app.get(&path).header("if-none-match", &last.etag()).send().await.expect(410).json();
        assert_eq!((&gone["reason_class"], &gone["withdrawn_at"]), (&json!("rights_expired"), &json!("2026-06-01T13:00:00Z")));
        assert_eq!(app.get("/v1/articles?count=exact").send().await.json()["page"]["total"], 0);
        assert_eq!(app.get(&path).by_admin().await.expect(200).json()["stage"], "withdrawn", "the desk sees what came about");
    }

    async fn actions_happen_once_per_key(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("Once")).await;
        let path = format!("/v1/articles/{id}");
        let seen = app.get(&path).by_admin().await.expect(200);
        let publish = |body| app.post(&format!("{path}/publish"), body).header("idempotency-key", "p").if_match(&seen.etag());
        let first = publish(json!({})).by_admin().await.expect(200);
        // The twin's precondition is untrue by now, and of its own doing.
        let again = publish(json!({})).by_admin().await.expect(200);
        assert_eq!((first.json(), first.etag()), (again.json(), again.etag()));
        let other = publish(json!({"publish_at": "2026-01-01T00:00:00Z"})).by_admin().await.expect(422);
        assert_eq!(other.json()["type"], "/problems/key-reused");
        // Another route under the same key is another request.
        let elsewhere = app.post(&format!("{path}/correct"), json!({"public_note": "x"})).header("idempotency-key", "p").by_admin().await.expect(422);
        assert_eq!(elsewhere.json()["type"], "/problems/key-reused");
        app.post(&format!("{path}/publish"), json!({})).if_match(&seen.etag()).by_admin().await.expect(412);
        let key = |body| app.post(&format!("{path}/withdraw"), body).header("idempotency-key", "w");
        let reason = json!({"reason_class": "legal", "reason": "A court says so."});
        let gone = key(reason.clone()).by_role(Role::Rights).await.expect(200);
        assert_eq!(key(reason).by_role(Role::Rights).await.expect(200).json(), gone.json());
        let kinds: Vec<String> = app.changes().into_iter().filter(|change| change.3 == id).map(|change| change.1).collect();
        assert_eq!(kinds, ["created", "published", "withdrawn"]);
    }

    async fn actions_on_what_is_not_there(app) {
        let nothing = "/v1/articles/art_01900000000070008000000000000009";
        for action in ["publish", "correct", "withdraw"] {
            app.post(&format!("{nothing}/{action}"), json!({})).by_admin().await.expect(404);
            app.post(&format!("/v1/articles/sec_1/{action}"), json!({})).by_admin().await.expect(404);
            app.post(&format!("{nothing}/{action}"), json!({})).send().await.expect(401);
            app.post(&format!("{nothing}/{action}"), json!({})).by_role(Role::Author).await.expect(403);
            app.post(&format!("{nothing}/{action}"), json!({})).by_role(Role::Viewer).await.expect(403);
            app.get(&format!("{nothing}/{action}")).by_admin().await.expect(405);
        }
    }
}
