//! Comments of the desk on versions of an article.

use chrono::TimeDelta;
use masthead::rights::{Channel, Role};
use serde_json::json;

use crate::support::both_engines;
use crate::support::request::faults;

both_engines! {
    async fn the_desk_talks_about_a_version(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("Talked about")).await;
        let (article, path) = (format!("/v1/articles/{id}"), format!("/v1/articles/{id}/comments"));
        let asked = app.post(&path, json!({"text": "  Is the date\nconfirmed? ", "block": 1})).by_role(Role::Editor).await.expect(201);
        assert_eq!(asked.header("location"), format!("{path}/{}", asked.id()));
        let comment = asked.json();
        assert_eq!((&comment["text"], &comment["version"], &comment["block"], &comment["article_id"]), (&json!("Is the date\nconfirmed?"), &json!(1), &json!(1), &json!(id)));
        assert_eq!(comment["created_by"], json!({"id": app.user_of(Role::Editor), "name": "editor@desk.example.org"}));
        app.edit(&article, json!({"title": "Changed"})).await.expect(200);
        app.clock.advance(TimeDelta::seconds(1));
        // An answer is about what it answers; a new comment about the newest version.
        let answer = app.post(&path, json!({"text": "It is.", "parent_id": asked.id()})).by_role(Role::Rights).await.expect(201);
        assert_eq!((&answer.json()["version"], &answer.json()["parent_id"]), (&json!(1), &json!(asked.id())));
        app.clock.advance(TimeDelta::seconds(1));
        let newest = app.post(&path, json!({"text": "新标题好。"})).by_admin().await.expect(201);
        assert_eq!(newest.json()["version"], 2);
        let list = app.get(&format!("{path}?count=exact&limit=2")).by_role(Role::Viewer).await.expect(200).json();
        assert_eq!((&list["page"]["total"], &list["data"][0]["id"], &list["data"][1]["id"]), (&json!(3), &json!(asked.id()), &json!(answer.id())));
        let cursor = list["page"]["next_cursor"].as_str().unwrap();
        let rest = app.get(&format!("{path}?limit=2&cursor={cursor}")).by_admin().await.expect(200).json();
        assert_eq!((&rest["data"][0]["id"], rest["data"].as_array().unwrap().len()), (&json!(newest.id()), 1));
        for (query, total) in [("version=1", 2), ("version=2", 1), ("version=9", 0), ("open=true", 3), ("open=false", 0)] {
            assert_eq!(app.get(&format!("{path}?count=exact&{query}")).by_admin().await.expect(200).json()["page"]["total"], total, "{query}");
        }
        let one = app.get(&format!("{path}/{}", asked.id())).by_role(Role::Viewer).await.expect(200);
        assert_eq!((one.json(), one.etag().starts_with("\"1.")), (comment, true));
    }

    async fn comments_are_settled_once_and_removed_by_who_wrote_them(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("x")).await;
        let path = format!("/v1/articles/{id}/comments");
        let asked = app.post(&path, json!({"text": "Why?"})).by_role(Role::Editor).await.expect(201).id();
        let at = format!("{path}/{asked}");
        app.clock.advance(TimeDelta::seconds(1));
        let settled = app.request("POST", &format!("{at}/resolve")).by_role(Role::Rights).await.expect(200);
        assert_eq!((&settled.json()["resolved_by"], &settled.json()["resolved_at"]), (&json!(app.user_of(Role::Rights)), &json!("2026-06-01T12:00:01Z")));
        app.clock.advance(TimeDelta::seconds(1));
        assert_eq!(app.request("POST", &format!("{at}/resolve")).by_admin().await.expect(200).json(), settled.json());
        app.request("POST", &format!("{at}/resolve")).by_role(Role::Viewer).await.expect(403);
        let answer = app.post(&path, json!({"text": "So.", "parent_id": asked})).by_role(Role::Editor).await.expect(201).id();
        app.delete(&at).if_match("*").by_role(Role::Rights).await.expect(403);
        app.delete(&at).by_role(Role::Editor).await.expect(428);
        let stale = app.delete(&at).if_match("\"1\"").by_role(Role::Editor).await.expect(412);
        assert!(stale.json().get("current").is_none(), "that is about a comment, not the article");
        app.delete(&at).if_match("\"2\"").by_role(Role::Editor).await.expect(409);
        app.delete(&format!("{path}/{answer}")).if_match("*").by_admin().await.expect(204);
        app.delete(&at).if_match(&settled.etag()).by_role(Role::Editor).await.expect(204);
        app.delete(&at).if_match("*").by_role(Role::Editor).await.expect(404);
        let actions: Vec<String> = app.audit(&asked).into_iter().map(|(_, _, action)| action).collect();
        assert_eq!(actions, ["created", "updated", "deleted"]);
    }

    async fn what_is_wrong_with_a_comment_is_told(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("x")).await;
        let path = format!("/v1/articles/{id}/comments");
        let other = app.draft(desk.own_work("y")).await;
        let elsewhere = app.made(&format!("/v1/articles/{other}/comments"), json!({"text": "Over there."})).await;
        let top = app.made(&path, json!({"text": "Top."})).await;
        let below = app.made(&path, json!({"text": "Below.", "parent_id": top})).await;
        for (body, expected) in [
            (json!({}), &[("/text", "required")][..]),
            (json!({"text": "  "}), &[("/text", "blank")]),
            (json!({"text": "x".repeat(5_001)}), &[("/text", "length")]),
            (json!({"text": "a\u{7}b"}), &[("/text", "unsafe_character")]),
            (json!({"text": 7, "block": -1, "version": 0, "to": "x"}), &[("/block", "range"), ("/text", "type"), ("/to", "unknown_field"), ("/version", "range")]),
            (json!({"text": "x", "version": 2}), &[("/version", "unknown")]),
            (json!({"text": "x", "block": 2}), &[("/block", "range")]),
            (json!({"text": "x", "block": i64::MAX, "parent_id": elsewhere}), &[("/block", "range"), ("/parent_id", "unknown")]),
            (json!({"text": "x", "parent_id": below}), &[("/parent_id", "nested")]),
            (json!({"text": "x", "parent_id": id}), &[("/parent_id", "pattern")]),
        ] {
            let refused = app.post(&path, body.clone()).by_admin().await.expect(422);
            assert_eq!(refused.faults(), faults(expected), "{body}");
        }
        // A comment is where it is, and nowhere else.
        app.get(&format!("{path}/{elsewhere}")).by_admin().await.expect(404);
        app.request("POST", &format!("{path}/{elsewhere}/resolve")).by_admin().await.expect(404);
        app.delete(&format!("{path}/{elsewhere}")).if_match("*").by_admin().await.expect(404);
        app.get(&format!("{path}/cmt_1")).by_admin().await.expect(404);
        let once = || app.post(&path, json!({"text": "Once."})).header("idempotency-key", "c");
        assert_eq!(once().by_admin().await.expect(201).id(), once().by_admin().await.expect(201).id());
    }

    async fn comments_never_leave_the_desk(app) {
        let desk = app.newsroom().await;
        let (mine, other) = (app.token_of(app.user("a@desk.example.org", Role::Author)).await, app.token(Role::Author).await);
        let made = app.post("/v1/articles", desk.own_work("Mine")).bearer(&mine).send().await.expect(201).id();
        let path = format!("/v1/articles/{made}/comments");
        app.post(&path, json!({"text": "SECRET"})).bearer(&mine).send().await.expect(201);
        app.get(&path).bearer(&other).send().await.expect(404);
        app.publish(&made).await.expect(200);
        let (key, partner) = (app.first_party_key(Channel::Web), app.key(app.terms(masthead::http::auth::ClientKind::Partner, Channel::Syndication)).1);
        let consumers = app.changes().len();
        app.post(&path, json!({"text": "SECRET too"})).by_admin().await.expect(201);
        assert_eq!(app.changes().len(), consumers, "consumers hear nothing of it");
        app.get(&path).bearer(&mine).send().await.expect(200);
        app.get(&path).bearer(&other).send().await.expect(403);
        app.post(&path, json!({"text": "x"})).bearer(&other).send().await.expect(403);
        app.post(&path, json!({"text": "x"})).by_role(Role::Viewer).await.expect(403);
        for key in [&key, &partner] {
            app.get(&path).key(key).send().await.expect(403);
            for at in ["", "?fields=title,body&body_format=text", "?include=section,authors,source"] {
                let seen = app.get(&format!("/v1/articles/{made}{at}")).key(key).send().await.expect(200);
                assert!(!seen.text().contains("SECRET"));
            }
        }
        app.get(&path).send().await.expect(401);
        // Who may not read the text does not read what is said about it.
        app.clock.advance(TimeDelta::seconds(1));
        app.set_times(&made, Some(app.clock.now() + TimeDelta::hours(1)), None);
        app.get(&path).by_role(Role::Viewer).await.expect(403);
        app.get(&path).by_role(Role::Rights).await.expect(200);
    }

    async fn comments_go_with_a_draft_and_stay_when_their_writer_leaves(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("x")).await;
        let lin = app.user("lin@desk.example.org", Role::Editor);
        let token = app.token_of(lin).await;
        let path = format!("/v1/articles/{id}/comments");
        let top = app.post(&path, json!({"text": "Mine."})).bearer(&token).send().await.expect(201).id();
        app.made(&path, json!({"text": "An answer.", "parent_id": top})).await;
        app.delete(&format!("/v1/users/{lin}")).if_match("*").by_admin().await.expect(204);
        let left = app.get(&format!("{path}/{top}")).by_admin().await.expect(200).json();
        assert_eq!(left["created_by"], json!({"id": lin}));
        app.delete(&format!("/v1/articles/{id}")).if_match("*").by_admin().await.expect(204);
        app.get(&path).by_admin().await.expect(404);
    }
}
