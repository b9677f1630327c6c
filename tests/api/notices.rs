//! Notices: texts in revisions that never change, and the one in force.

use chrono::TimeDelta;
use masthead::db::notices_in_force;
use masthead::rights::Role;
use serde_json::{Value, json};

use crate::support::request::faults;
use crate::support::{TestApp, both_engines};

fn notice(kind: &str, language: &str, text: &str) -> Value {
    json!({"kind": kind, "language": language, "text": text})
}

fn contact() -> Value {
    json!({"kind": "contact", "language": "en", "text": "Write to us within 30 days.",
        "contact": {"desk": "Newsroom", "phone": "+86-00", "email": "desk@news.example.org"}, "claim_window_days": 30})
}

/// What the rules are told is in force: (id, revision), by id.
fn in_force(app: &TestApp) -> Vec<(String, i64)> {
    let now = app.clock.now();
    app.db
        .read_now(|conn| notices_in_force::at(conn, now))
        .unwrap()
        .into_iter()
        .map(|notice| (notice.notice_id, notice.n))
        .collect()
}

both_engines! {
    async fn a_notice_lives_and_goes(app) {
        let made = app.post("/v1/notices", contact()).by_role(Role::Editor).await.expect(201);
        let path = made.header("location").to_owned();
        assert_eq!(path, format!("/v1/notices/{}", made.id()));
        let seen = app.get(&path).send().await.expect(200);
        let body = seen.json();
        assert_eq!((&body["revision"], &body["in_force"]), (&json!(1), &json!(true)));
        assert_eq!(body["effective_from"], "2026-06-01T12:00:00Z", "from now where no time is given");
        assert_eq!(body["contact"], contact()["contact"]);

        app.patch(&path, json!({"text": "x"})).by_role(Role::Rights).await.expect(403);
        app.patch(&path, json!({"text": "x"})).by_admin().await.expect(428);
        app.patch(&path, json!({"text": "x"})).if_match("\"9.zz\"").by_admin().await.expect(412);
        app.clock.advance(TimeDelta::minutes(1));
        let changed = app.patch(&path, json!({"contact": {"phone": null}, "claim_window_days": 60}))
            .if_match(&seen.etag()).by_admin().await.expect(200);
        let body = changed.json();
        assert_eq!((&body["revision"], &body["claim_window_days"]), (&json!(2), &json!(60)));
        assert_eq!(body["contact"], json!({"desk": "Newsroom", "email": "desk@news.example.org"}));
        assert_eq!(body["effective_from"], "2026-06-01T12:01:00Z");
        assert_eq!((&body["created_at"], &body["updated_at"]), (&json!("2026-06-01T12:00:00Z"), &json!("2026-06-01T12:01:00Z")));
        app.delete(&path).if_match(&seen.etag()).by_admin().await.expect(412);
        app.delete(&path).if_match(&changed.etag()).by_admin().await.expect(204);
        app.get(&path).send().await.expect(404);
        app.get(&format!("{path}/revisions")).by_admin().await.expect(404);
    }

    async fn the_revision_in_force_is_given_out(app) {
        let mut later = notice("own_work", "en", "first");
        later["effective_from"] = json!("2026-06-01T12:05:00Z");
        let made = app.post("/v1/notices", later).by_admin().await.expect(201);
        let path = made.header("location").to_owned();
        assert_eq!(made.json()["in_force"], false);
        // Nobody but the desk sees what is still to come.
        app.get(&path).send().await.expect(404);
        assert_eq!(app.get("/v1/notices?count=exact").send().await.json()["page"]["total"], 0);
        assert_eq!(app.get("/v1/notices").by_admin().await.json()["data"][0]["text"], "first");
        assert_eq!(in_force(&app), []);
        // A correction of what is to come is to come at the same time.
        let fixed = app.patch(&path, json!({"text": "second"})).if_match(&made.etag()).by_admin().await.expect(200);
        assert_eq!(fixed.json()["effective_from"], "2026-06-01T12:05:00Z");

        app.clock.advance(TimeDelta::minutes(5) - TimeDelta::microseconds(1));
        app.get(&path).send().await.expect(404);
        app.clock.advance(TimeDelta::microseconds(1));
        let seen = app.get(&path).send().await.expect(200);
        assert_eq!((&seen.json()["text"], &seen.json()["revision"]), (&json!("second"), &json!(2)));
        assert_eq!(in_force(&app), [(made.id(), 2)]);

        // The next one is seen by the desk at once and by others from its instant.
        let next = app.patch(&path, json!({"text": "third", "effective_from": "2026-06-01T12:10:00Z"}))
            .if_match(&seen.etag()).by_admin().await.expect(200);
        assert_eq!((&next.json()["revision"], &next.json()["in_force"]), (&json!(3), &json!(false)));
        let still = app.get(&path).send().await.expect(200);
        assert_eq!(still.body, seen.body);
        assert_eq!(still.etag(), seen.etag(), "nothing tells of what is to come");
        app.get(&path).header("if-none-match", &seen.etag()).send().await.expect(304);
        assert_eq!(app.get("/v1/notices").send().await.json()["data"][0]["text"], "second");
        app.clock.advance(TimeDelta::minutes(5));
        let third = app.get(&path).header("if-none-match", &seen.etag()).send().await.expect(200);
        assert_eq!(third.json()["text"], "third");
        assert_ne!(third.etag(), seen.etag());
        assert_eq!(in_force(&app), [(made.id(), 3)]);

        // One dated back behind the one in force does not take its place.
        let back = app.patch(&path, json!({"text": "back", "effective_from": "2026-01-01T00:00:00Z"}))
            .if_match(&third.etag()).by_admin().await.expect(200);
        assert_eq!(back.json()["in_force"], false);
        assert_eq!(app.get(&path).send().await.json()["text"], "third");
        assert_eq!(in_force(&app), [(made.id(), 3)]);
    }

    async fn revisions_never_change(app) {
        let made = app.post("/v1/notices", notice("reprint", "zh-Hans", "一")).by_role(Role::Editor).await.expect(201);
        let path = made.header("location").to_owned();
        let mut etag = made.etag();
        let mut before = Vec::new();
        for text in ["二", "三", "四"] {
            before.push(app.get(&format!("{path}/revisions/{}", before.len() + 1)).by_admin().await.expect(200).json());
            app.clock.advance(TimeDelta::seconds(1));
            etag = app.patch(&path, json!({"text": text})).if_match(&etag).by_role(Role::Editor).await.expect(200).etag();
        }
        for (n, mut was) in (1..).zip(before) {
            let is = app.get(&format!("{path}/revisions/{n}")).by_admin().await.expect(200).json();
            assert_eq!(was["in_force"], true);
            was["in_force"] = json!(false);
            assert_eq!(is, was);
        }
        let whole = app.get(&format!("{path}/revisions?count=exact")).by_role(Role::Viewer).await.expect(200).json();
        let texts: Vec<_> = whole["data"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
        assert_eq!(texts, ["四", "三", "二", "一"]);
        assert_eq!(whole["page"]["total"], 4);
        assert!(whole["data"][3]["created_by"].as_str().unwrap().starts_with("usr_"));
        let first = app.get(&format!("{path}/revisions?limit=3")).by_admin().await.json();
        let cursor = first["page"]["next_cursor"].as_str().unwrap();
        let second = app.get(&format!("{path}/revisions?limit=3&cursor={cursor}")).by_admin().await.expect(200).json();
        assert_eq!(second["data"], json!([whole["data"][3]]));
        for n in ["0", "5", "01", "+1", "x", "99999999999999999999"] {
            app.get(&format!("{path}/revisions/{n}")).by_admin().await.expect(404);
        }
        app.get(&format!("{path}/revisions")).send().await.expect(401);
        app.get(&format!("{path}/revisions/1")).send().await.expect(401);
        let refused = app.patch(&format!("{path}/revisions/1"), json!({"text": "x"})).by_admin().await.expect(405);
        assert_eq!(refused.header("allow"), "GET, HEAD");
    }

    async fn there_is_one_of_a_kind_in_a_language(app) {
        let made = app.post("/v1/notices", notice("own_work", "en", "a")).by_admin().await.expect(201);
        let path = made.header("location").to_owned();
        let taken = app.post("/v1/notices", notice("own_work", "en", "b")).by_admin().await.expect(409);
        assert_eq!(taken.json()["type"], "/problems/taken");
        assert_eq!(taken.faults(), faults(&[("/language", "taken")]));
        app.post("/v1/notices", notice("own_work", "fr", "b")).by_admin().await.expect(201);
        app.post("/v1/notices", notice("reprint", "en", "b")).by_admin().await.expect(201);
        let fixed = app.patch(&path, json!({"kind": "contact", "language": "de", "text": " "}))
            .if_match(&made.etag()).by_admin().await.expect(422);
        assert_eq!(
            fixed.faults(),
            faults(&[("/kind", "immutable"), ("/language", "immutable"), ("/text", "blank"), ("/contact", "required"),
                ("/claim_window_days", "required")])
        );
        app.patch(&path, json!({"kind": "own_work", "language": "en", "text": "c"}))
            .if_match(&made.etag()).by_admin().await.expect(200);
        for (query, total) in [("kind=own_work", 2), ("language=en", 2), ("kind=own_work&language=en", 1), ("kind=contact", 0)] {
            let list = app.get(&format!("/v1/notices?{query}&count=exact")).send().await.expect(200).json();
            assert_eq!(list["page"]["total"], total, "{query}");
            assert_eq!(list["data"].as_array().unwrap().len(), total, "{query}");
        }
        let first = app.get("/v1/notices?sort=-created_at&limit=2").send().await.expect(200).json();
        let cursor = first["page"]["next_cursor"].as_str().unwrap();
        let rest = app.get(&format!("/v1/notices?sort=-created_at&limit=2&cursor={cursor}")).send().await.expect(200).json();
        let seen = [first["data"].as_array().unwrap().as_slice(), rest["data"].as_array().unwrap()].concat();
        let mut whole = app.get("/v1/notices").send().await.json()["data"].as_array().unwrap().clone();
        whole.reverse();
        assert_eq!(seen, whole);
        app.get("/v1/notices?kind=x").send().await.expect(400);
        app.get("/v1/notices?language=EN").send().await.expect(400);
        app.get("/v1/notices?sort=name").send().await.expect(400);
    }

    async fn faults_are_told_all_at_once(app) {
        let wrong = app
            .post("/v1/notices", json!({"kind": "law", "language": "EN", "text": 1, "contact": {"phone": null, "fax": "1"},
                "claim_window_days": 0, "effective_from": "now", "revision": 3}))
            .by_admin().await.expect(422);
        assert_eq!(
            wrong.faults(),
            faults(&[("/kind", "choice"), ("/language", "pattern"), ("/text", "type"), ("/contact/desk", "required"),
                ("/contact/phone", "type"), ("/contact/fax", "unknown_field"), ("/claim_window_days", "range"),
                ("/effective_from", "format"), ("/revision", "unknown_field")])
        );
        let bare = app.post("/v1/notices", notice("contact", "en", "x")).by_admin().await.expect(422);
        assert_eq!(bare.faults(), faults(&[("/contact", "required"), ("/claim_window_days", "required")]));
        let mut marks = contact();
        marks["text"] = json!("line\nwith \u{7} bell");
        marks["contact"] = json!({"desk": "a\u{202e}b", "phone": "1\n2", "email": "a\u{200b}@b"});
        marks["effective_from"] = json!("0000-01-01T00:00:00Z");
        let marks = app.post("/v1/notices", marks).by_admin().await.expect(422);
        assert_eq!(
            marks.faults(),
            faults(&[("/text", "unsafe_character"), ("/contact/desk", "unsafe_character"), ("/contact/phone", "unsafe_character"),
                ("/contact/email", "unsafe_character"), ("/effective_from", "range")])
        );
    }

    async fn the_last_notice_in_force_stays_while_works_are_out(app) {
        let own = app.post("/v1/notices", notice("own_work", "en", "a")).by_admin().await.expect(201);
        let mut later = notice("own_work", "fr", "b");
        later["effective_from"] = json!("2026-07-01T00:00:00Z");
        let later = app.post("/v1/notices", later).by_admin().await.expect(201);
        app.post("/v1/notices", contact()).by_admin().await.expect(201);
        let source = app
            .post("/v1/sources", json!({"name": "Harbour Daily", "credit_label": "Harbour Daily", "kind": "own"}))
            .by_admin().await.expect(201).id();
        let draft = app
            .post("/v1/articles", json!({"title": "Harbour opens", "language": "en", "source_id": source,
                "body": {"format": "markdown", "value": "The quay opens."}}))
            .by_admin().await.expect(201);
        let article = draft.id();
        app.post(&format!("/v1/articles/{article}/publish"), json!({})).by_admin().await.expect(200);

        let path = own.header("location").to_owned();
        let refused = app.delete(&path).if_match(&own.etag()).by_admin().await.expect(409);
        assert_eq!(refused.json()["referrers"], json!([{"resource": "articles", "ids": [article], "count": 1}]));
        // Another one of the kind in force frees it; one still to come does not, and may go itself.
        app.delete(later.header("location")).if_match(&later.etag()).by_admin().await.expect(204);
        let other = app.post("/v1/notices", notice("own_work", "zh-Hans", "丙")).by_admin().await.expect(201);
        app.delete(&path).if_match(&own.etag()).by_admin().await.expect(204);
        app.delete(other.header("location")).if_match(&other.etag()).by_admin().await.expect(409);
        // No work that is out needs a notice for reprints.
        let unused = app.post("/v1/notices", notice("reprint", "en", "r")).by_admin().await.expect(201);
        app.delete(unused.header("location")).if_match(&unused.etag()).by_admin().await.expect(204);
    }

    async fn an_unused_notice_may_go(app) {
        let made = app.post("/v1/notices", notice("own_work", "en", "a")).by_admin().await.expect(201);
        app.delete(made.header("location")).if_match(&made.etag()).by_admin().await.expect(204);
        assert_eq!(in_force(&app), []);
    }
}
