//! Assignments: who is to do what on which article.

use chrono::TimeDelta;
use masthead::rights::{Channel, Role};
use serde_json::json;

use crate::support::both_engines;
use crate::support::request::faults;

both_engines! {
    async fn work_is_handed_out_and_done(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("To check")).await;
        let path = format!("/v1/articles/{id}/assignments");
        let viewer = app.user_of(Role::Viewer);
        let body = json!({"user_id": viewer, "task": "check", "note": " The figures, please. ", "due_at": "2026-06-02T08:00:00+08:00"});
        let made = app.post(&path, body).by_role(Role::Editor).await.expect(201);
        assert_eq!(made.header("location"), format!("{path}/{}", made.id()));
        let one = made.json();
        assert_eq!((&one["task"], &one["note"], &one["due_at"], &one["open"]), (&json!("check"), &json!("The figures, please."), &json!("2026-06-02T00:00:00Z"), &json!(true)));
        assert_eq!((&one["user"], &one["created_by"]), (&json!({"id": viewer, "name": "viewer@desk.example.org"}), &json!(app.user_of(Role::Editor))));
        let at = format!("{path}/{}", made.id());
        assert_eq!(app.get(&at).by_role(Role::Rights).await.expect(200).json(), one);
        let mine = app.get("/v1/assignments?open=true&count=exact").by_role(Role::Viewer).await.expect(200).json();
        assert_eq!((&mine["page"]["total"], &mine["data"][0]["id"]), (&json!(1), &json!(made.id())));
        app.request("POST", &format!("{at}/complete")).by_role(Role::Rights).await.expect(403);
        app.clock.advance(TimeDelta::seconds(1));
        let done = app.request("POST", &format!("{at}/complete")).by_role(Role::Viewer).await.expect(200).json();
        assert_eq!((&done["open"], &done["completed_by"], &done["completed_at"]), (&json!(false), &json!(viewer), &json!("2026-06-01T12:00:01Z")));
        app.clock.advance(TimeDelta::seconds(1));
        assert_eq!(app.request("POST", &format!("{at}/complete")).by_admin().await.expect(200).json(), done);
        for (query, total) in [("open=true", 0), ("open=false", 1), ("user=me", 1)] {
            let found = app.get(&format!("/v1/assignments?count=exact&{query}")).by_role(Role::Viewer).await.expect(200).json();
            assert_eq!(found["page"]["total"], total, "{query}");
        }
        app.delete(&at).by_role(Role::Editor).await.expect(428);
        app.delete(&at).if_match("\"1\"").by_role(Role::Editor).await.expect(412);
        app.delete(&at).if_match("\"2\"").by_role(Role::Viewer).await.expect(403);
        app.delete(&at).if_match("\"2\"").by_role(Role::Editor).await.expect(204);
        app.get(&at).by_admin().await.expect(404);
        let actions: Vec<String> = app.audit(&made.id()).into_iter().map(|(_, _, action)| action).collect();
        assert_eq!(actions, ["created", "updated", "deleted"]);
    }

    async fn whose_work_it_is_over_all_articles(app) {
        let desk = app.newsroom().await;
        let (one, two) = (app.draft(desk.own_work("One")).await, app.draft(desk.own_work("Two")).await);
        let (editor, viewer) = (app.user_of(Role::Editor), app.user_of(Role::Viewer));
        let mut ids = Vec::new();
        for (article, user) in [(&one, editor), (&two, editor), (&one, viewer)] {
            app.clock.advance(TimeDelta::seconds(1));
            ids.push(app.made(&format!("/v1/articles/{article}/assignments"), json!({"user_id": user, "task": "edit"})).await);
        }
        let list = |query: String, role| app.get(&format!("/v1/assignments?count=exact{query}")).by_role(role);
        for (query, role, expected) in [
            (String::new(), Role::Editor, &ids[..2]), ("&user=all".to_owned(), Role::Editor, &ids[..]), ("&user=all&open=true".to_owned(), Role::Admin, &ids),
            (format!("&user={viewer}"), Role::Admin, &ids[2..]), (format!("&user={viewer}"), Role::Viewer, &ids[2..]), (String::new(), Role::Author, &[]),
        ] {
            let found = list(query.clone(), role).await.expect(200).json();
            let found: Vec<&str> = found["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
            assert_eq!(found, expected, "{query}");
        }
        for query in ["&user=all".to_owned(), format!("&user={editor}")] {
            for role in [Role::Viewer, Role::Author, Role::Rights] {
                list(query.clone(), role).await.expect(403);
            }
        }
        let page = list("&user=all&limit=2".to_owned(), Role::Admin).await.expect(200).json();
        let cursor = page["page"]["next_cursor"].as_str().unwrap();
        let rest = app.get(&format!("/v1/assignments?user=all&limit=2&cursor={cursor}")).by_admin().await.expect(200).json();
        assert_eq!(rest["data"][0]["id"], json!(ids[2]));
        for user in ["", "you", "usr_1", "art_01900000000070008000000000000001"] {
            list(format!("&user={user}"), Role::Admin).await.expect(400);
        }
        let on_one = app.get(&format!("/v1/articles/{one}/assignments")).by_role(Role::Viewer).await.expect(200).json();
        assert_eq!(on_one["data"].as_array().unwrap().len(), 2);
    }

    async fn who_cannot_do_it_is_not_asked(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("x")).await;
        let path = format!("/v1/articles/{id}/assignments");
        let gone = app.user("gone@desk.example.org", Role::Editor);
        app.patch(&format!("/v1/users/{gone}"), json!({"active": false})).if_match("*").by_admin().await.expect(200);
        let author = app.user_of(Role::Author);
        for (body, expected) in [
            (json!({"user_id": gone, "task": "edit"}), &[("/user_id", "inactive")][..]),
            (json!({"user_id": "usr_01900000000070008000000000000009", "task": "edit"}), &[("/user_id", "unknown")]),
            (json!({"user_id": author, "task": "edit"}), &[("/user_id", "may_not_read")]),
            (json!({"user_id": author, "task": "sing", "why": 1}), &[("/task", "choice"), ("/why", "unknown_field")]),
            (json!({}), &[("/task", "required"), ("/user_id", "required")]),
            (json!({"user_id": id, "task": "edit", "due_at": "soon"}), &[("/due_at", "format"), ("/user_id", "pattern")]),
            (json!({"user_id": author, "task": "edit", "note": "a\u{7}", "due_at": "9999-01-01T00:00:00Z"}), &[("/due_at", "range"), ("/note", "unsafe_character")]),
            (json!({"user_id": author, "task": "edit", "note": "x".repeat(2_001)}), &[("/note", "length")]),
        ] {
            let refused = app.post(&path, body.clone()).by_admin().await.expect(422);
            assert_eq!(refused.faults(), faults(expected), "{body}");
        }
        // A viewer reads no embargoed bodies, and checks none; an author may be asked about what is out.
        app.publish(&id).await.expect(200);
        app.made(&path, json!({"user_id": author, "task": "check"})).await;
        app.set_times(&id, Some(app.clock.now() + TimeDelta::hours(1)), None);
        let viewer = json!({"user_id": app.user_of(Role::Viewer), "task": "check"});
        assert_eq!(app.post(&path, viewer).by_admin().await.expect(422).faults(), faults(&[("/user_id", "may_not_read")]));
        for role in [Role::Author, Role::Rights, Role::Viewer] {
            app.post(&path, json!({"user_id": author, "task": "edit"})).by_role(role).await.expect(403);
        }
        app.post(&path, json!({})).key(&app.first_party_key(Channel::Web)).send().await.expect(403);
        app.post(&path, json!({})).send().await.expect(401);
        app.get("/v1/assignments").send().await.expect(401);
    }

    async fn an_assignment_is_its_articles_and_its_users(app) {
        let desk = app.newsroom().await;
        let (one, two) = (app.draft(desk.own_work("One")).await, app.live(desk.own_work("Two")).await);
        let lin = app.user("lin@desk.example.org", Role::Author);
        let lin_token = app.token_of(lin).await;
        let made = app.made(&format!("/v1/articles/{two}/assignments"), json!({"user_id": lin, "task": "translate"})).await;
        app.get(&format!("/v1/articles/{one}/assignments/{made}")).by_admin().await.expect(404);
        app.request("POST", &format!("/v1/articles/{one}/assignments/{made}/complete")).by_admin().await.expect(404);
        let at = format!("/v1/articles/{two}/assignments/{made}");
        // Who was asked knows of it, others who may not see into the article do not.
        app.get(&at).bearer(&lin_token).send().await.expect(200);
        app.get(&at).by_role(Role::Author).await.expect(403);
        app.get(&format!("/v1/articles/{two}/assignments")).bearer(&lin_token).send().await.expect(403);
        app.get(&format!("/v1/articles/{one}/assignments")).bearer(&lin_token).send().await.expect(404);
        let once = || app.post(&format!("/v1/articles/{two}/assignments"), json!({"user_id": lin, "task": "edit"})).header("idempotency-key", "a");
        assert_eq!(once().by_admin().await.expect(201).id(), once().by_admin().await.expect(201).id());
        app.delete(&format!("/v1/users/{lin}")).if_match("*").by_admin().await.expect(204);
        app.get(&at).by_admin().await.expect(404);
    }
}
