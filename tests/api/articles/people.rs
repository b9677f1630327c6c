//! Who of the desk may do what, and what is put on record when they read.

use chrono::TimeDelta;
use masthead::rights::Role;
use serde_json::json;

use crate::support::both_engines;
use crate::support::newsroom::with;
use crate::support::request::faults;

both_engines! {
    async fn authors_work_on_their_own_drafts(app) {
        let desk = app.newsroom().await;
        let (mine, theirs) = (app.token_of(app.user("a@desk.example.org", Role::Author)).await, app.token_of(app.user("b@desk.example.org", Role::Author)).await);
        let made = app.post("/v1/articles", desk.own_work("Mine")).bearer(&mine).send().await.expect(201);
        let path = format!("/v1/articles/{}", made.id());
        app.get(&path).bearer(&theirs).send().await.expect(404);
        app.get("/v1/articles/slug/mine").bearer(&theirs).send().await.expect(404);
        app.patch(&path, json!({})).if_match("*").bearer(&theirs).send().await.expect(404);
        app.delete(&path).if_match("*").bearer(&theirs).send().await.expect(404);
        for (token, total) in [(&mine, 1), (&theirs, 0)] {
            assert_eq!(app.get("/v1/articles?count=exact").bearer(token).send().await.expect(200).json()["page"]["total"], total);
        }
        let changed = app.patch(&path, json!({"title": "Still mine"})).if_match(&made.etag()).bearer(&mine).send().await.expect(200);
        app.patch(&path, json!({"title": "Not yours"})).if_match(&changed.etag()).by_role(Role::Rights).await.expect(403);
        app.patch(&path, json!({"title": "Not yours"})).if_match(&changed.etag()).by_role(Role::Viewer).await.expect(403);
        app.patch(&path, json!({"title": "Ours"})).if_match(&changed.etag()).by_role(Role::Editor).await.expect(200);
        app.post(&format!("{path}/publish"), json!({})).bearer(&mine).send().await.expect(403);
        app.publish(&made.id()).await.expect(200);
        // Out it is everybody's to read and the editors' to change.
        for token in [&mine, &theirs] {
            let seen = app.get(&path).bearer(token).send().await.expect(200);
            assert_eq!(seen.json()["attribution"]["usage"]["extent"], "full");
            app.patch(&path, json!({"title": "x"})).if_match(&seen.etag()).bearer(token).send().await.expect(403);
            app.delete(&path).if_match(&seen.etag()).bearer(token).send().await.expect(403);
        }
        app.clock.advance(chrono::TimeDelta::seconds(1));
        app.withdraw(&made.id(), "editorial").await.expect(200);
        app.get(&path).bearer(&theirs).send().await.expect(404);
        app.get(&path).bearer(&mine).send().await.expect(200);
    }

    async fn authors_do_not_see_what_waits_on_others_works(app) {
        let desk = app.newsroom().await;
        let mine = app.token_of(app.user("a@desk.example.org", Role::Author)).await;
        let other = app.token(Role::Author).await;
        let made = app.post("/v1/articles", desk.own_work("Out")).bearer(&mine).send().await.expect(201);
        let path = format!("/v1/articles/{}", made.id());
        app.publish(&made.id()).await.expect(200);
        app.edit(&path, json!({"title": "WAITING", "slug": "waiting", "tags": ["waiting"], "genre": "waiting"})).await.expect(200);
        app.draft(desk.own_work("Another draft")).await;
        for (token, title, slug) in [(&mine, "WAITING", 200), (&other, "Out", 404)] {
            let seen = app.get(&path).bearer(token).send().await.expect(200).json();
            assert_eq!(seen["title"], title);
            app.get("/v1/articles/slug/waiting").bearer(token).send().await.expect(slug);
            let listed = app.get("/v1/articles?count=exact").bearer(token).send().await.expect(200).json();
            assert_eq!((&listed["page"]["total"], &listed["data"][0]["title"]), (&json!(1), &json!(title)));
            for filter in ["tag=waiting", "genre=waiting"] {
                let found = app.get(&format!("/v1/articles?count=exact&{filter}")).bearer(token).send().await.expect(200).json();
                assert_eq!(found["page"]["total"], i32::from(title == "WAITING"), "{filter}");
            }
        }
    }

    async fn viewers_read_all_but_embargoed_and_withdrawn_bodies(app) {
        let desk = app.newsroom().await;
        let work = |title: &str| with(desk.own_work(title), json!({"tags": ["HIDDEN"], "extra": {"k": "HIDDEN"}, "end_mark": "HIDDEN"}));
        let draft = app.draft(work("Draft")).await;
        let (held, gone, kept) = (app.live(work("Held")).await, app.live(work("Gone")).await, app.draft(work("Kept")).await);
        let later = Some(app.clock.now() + TimeDelta::hours(1));
        app.set_times(&held, later, None);
        app.set_times(&kept, later, None);
        app.clock.advance(TimeDelta::seconds(1));
        app.withdraw(&gone, "legal").await.expect(200);
        let full = app.get(&format!("/v1/articles/{draft}")).by_role(Role::Viewer).await.expect(200).json();
        assert_eq!(full["attribution"]["usage"]["extent"], "full");
        for id in [&held, &gone, &kept] {
            let before = app.readings(id);
            for query in ["", "?fields=body,tags,extra,end_mark", "?body_format=text&include=authors,versions"] {
                let seen = app.get(&format!("/v1/articles/{id}{query}")).by_role(Role::Viewer).await.expect(200);
                assert_eq!(seen.json()["attribution"]["usage"]["extent"], "headline");
                assert!(seen.json().get("body").is_none() && seen.json().get("versions").is_none());
                assert!(!seen.text().contains("HIDDEN") && !seen.text().contains("second half"), "{}", seen.text());
            }
            assert_eq!(app.readings(id), before);
        }
        let listed = app.get("/v1/articles?body_format=html&sort=title").by_role(Role::Viewer).await.expect(200).json();
        let bodies: Vec<_> = listed["data"].as_array().unwrap().iter().map(|item| item.get("body").is_some()).collect();
        assert_eq!(bodies, [true, false, false, false]);
        app.post("/v1/articles", work("x")).by_role(Role::Viewer).await.expect(403);
    }

    async fn readings_of_what_is_not_out_any_more_are_on_record(app) {
        let desk = app.newsroom().await;
        let (held, gone) = (app.live(desk.own_work("Held")).await, app.live(desk.own_work("Gone")).await);
        app.clock.advance(TimeDelta::seconds(1));
        app.set_times(&held, Some(app.clock.now() + TimeDelta::hours(1)), None);
        app.withdraw(&gone, "editorial").await.expect(200);
        let mut expected = app.readings(&gone);
        for (n, role) in [Role::Admin, Role::Rights, Role::Editor].into_iter().enumerate() {
            for id in [&held, &gone] {
                let answer = app.get(&format!("/v1/articles/{id}")).by_role(role).await.expect(200);
                assert_eq!(answer.header("cache-control"), "private, no-store");
            }
            assert_eq!(app.readings(&held), n + 1);
            assert_eq!(app.readings(&gone), expected + n + 1);
        }
        expected += 3;
        let last = app.audit(&held).pop().unwrap();
        assert_eq!((last.0.as_str(), last.2.as_str()), ("user", "read"));
        assert!(last.1.unwrap().starts_with("usr_"));
        // Those who could not read leave nothing.
        for ask in [app.get(&format!("/v1/articles/{held}")), app.get(&format!("/v1/articles/{gone}"))] {
            ask.send().await;
        }
        assert_eq!((app.readings(&held), app.readings(&gone)), (3, expected));
        // A list without bodies is no reading of bodies; one with them is, and so is a slug.
        app.get("/v1/articles").by_admin().await.expect(200);
        assert_eq!(app.readings(&held), 3);
        app.get("/v1/articles?fields=title,body").by_admin().await.expect(200);
        app.get("/v1/articles/slug/held").by_admin().await.expect(200);
        assert_eq!((app.readings(&held), app.readings(&gone)), (5, expected + 1));
        // Nor is there a way around it: an edit that changes nothing gives the body as well.
        app.patch(&format!("/v1/articles/{gone}"), json!({})).if_match("*").by_admin().await.expect(200);
        assert_eq!(app.readings(&gone), expected + 2);
        // What everyone can read is read without a record.
        app.clock.advance(TimeDelta::hours(1));
        app.get(&format!("/v1/articles/{held}")).by_admin().await.expect(200);
        assert_eq!(app.readings(&held), 5);
    }

    async fn rights_may_withdraw_and_no_more(app) {
        let desk = app.newsroom().await;
        let id = app.live(desk.own_work("x")).await;
        let path = format!("/v1/articles/{id}");
        app.post("/v1/articles", desk.own_work("y")).by_role(Role::Rights).await.expect(403);
        app.post(&format!("{path}/publish"), json!({})).by_role(Role::Rights).await.expect(403);
        app.post(&format!("{path}/correct"), json!({"public_note": "x"})).by_role(Role::Rights).await.expect(403);
        app.delete(&path).if_match("*").by_role(Role::Rights).await.expect(403);
        let reason = json!({"reason_class": "legal", "reason": "A demand."});
        for role in [Role::Author, Role::Viewer] {
            app.post(&format!("{path}/withdraw"), reason.clone()).by_role(role).await.expect(403);
        }
        app.post(&format!("{path}/withdraw"), reason.clone()).send().await.expect(401);
        app.post(&format!("{path}/withdraw"), reason).by_role(Role::Rights).await.expect(200);
    }

    async fn keys_write_nothing(app) {
        let desk = app.newsroom().await;
        let id = app.live(desk.own_work("x")).await;
        let key = app.first_party_key(masthead::rights::Channel::Web);
        for ask in [
            app.post("/v1/articles", desk.own_work("y")), app.patch(&format!("/v1/articles/{id}"), json!({})).if_match("*"),
            app.delete(&format!("/v1/articles/{id}")).if_match("*"), app.post(&format!("/v1/articles/{id}/publish"), json!({})),
        ] {
            ask.key(&key).send().await.expect(403);
        }
        app.post("/v1/articles", desk.own_work("y")).send().await.expect(401);
    }

    async fn who_has_left_is_not_named_anew(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("Before")).await;
        app.edit(&format!("/v1/authors/{}", desk.reporter), json!({"active": false})).await.expect(200);
        app.edit(&format!("/v1/authors/{}", desk.editor), json!({"active": false})).await.expect(200);
        let refused = app.post("/v1/articles", desk.own_work("After")).by_admin().await.expect(422);
        assert_eq!(refused.faults(), faults(&[("/contributors/0/author_id", "inactive"), ("/editor_id", "inactive")]));
        let path = format!("/v1/articles/{id}");
        app.edit(&path, json!({"title": "Whom it named may stay"})).await.expect(200);
        app.edit(&path, json!({"editor_id": null})).await.expect(200);
        let back = app.edit(&path, json!({"editor_id": desk.editor})).await.expect(422);
        assert_eq!(back.faults(), faults(&[("/editor_id", "inactive")]));
    }
}
