//! Slugs: made by pinyin, unique, and remembered once readers could have met them.

use masthead::rights::Channel;
use serde_json::json;

use crate::support::both_engines;
use crate::support::newsroom::with;
use crate::support::request::faults;

both_engines! {
    async fn slugs_are_made_from_titles_and_differ(app) {
        let desk = app.newsroom().await;
        let mut seen = Vec::new();
        for _ in 0..5 {
            let made = app.post("/v1/articles", with(desk.own_work("四川绵阳"), json!({"language": "zh-Hans"}))).by_admin().await.expect(201);
            seen.push(made.json()["slug"].as_str().unwrap().to_owned());
        }
        assert_eq!(seen, ["si-chuan-mian-yang", "si-chuan-mian-yang-2", "si-chuan-mian-yang-3", "si-chuan-mian-yang-4", "si-chuan-mian-yang-5"]);
        for (title, slug) in [("Ça va: 100 % Über!", "ca-va-100-uber"), ("——", "untitled"), ("——", "untitled-2")] {
            let made = app.post("/v1/articles", desk.own_work(title)).by_admin().await.expect(201);
            assert_eq!(made.json()["slug"], slug, "{title}");
        }
        let taken = app.post("/v1/articles", with(desk.own_work("x"), json!({"slug": "untitled"}))).by_admin().await.expect(409);
        assert_eq!(taken.faults(), faults(&[("/slug", "taken")]));
        for slug in ["Upper", "a--b", "-a", "a_b", "ä", ""] {
            let bad = app.post("/v1/articles", with(desk.own_work("x"), json!({"slug": slug}))).by_admin().await.expect(422);
            assert_eq!(bad.faults(), faults(&[("/slug", "pattern")]), "{slug}");
        }
    }

    async fn an_old_slug_leads_on(app) {
        let desk = app.newsroom().await;
        let key = app.first_party_key(Channel::Web);
        let id = app.live(with(desk.own_work("Quay"), json!({"slug": "first"}))).await;
        let path = format!("/v1/articles/{id}");
        let at = |slug: &str| format!("/v1/articles/slug/{slug}");
        let by_slug = app.get(&at("first")).send().await.expect(200);
        let by_id = app.get(&path).send().await.expect(200);
        assert_eq!((by_slug.body, by_slug.headers.get("etag").cloned()), (by_id.body.clone(), by_id.headers.get("etag").cloned()));
        // A new slug that waits is the desk's alone.
        app.edit(&path, json!({"slug": "second"})).await.expect(200);
        app.get(&at("first")).send().await.expect(200);
        app.get(&at("second")).send().await.expect(404);
        app.get(&at("second")).by_admin().await.expect(200);
        let desk_moved = app.get(&at("first")).by_admin().await.expect(308);
        assert_eq!(desk_moved.header("location"), at("second"));
        // Another one in between, which nobody met.
        app.edit(&path, json!({"slug": "third"})).await.expect(200);
        app.get(&at("second")).by_admin().await.expect(404);
        app.publish(&id).await.expect(200);
        for (slug, status) in [("first", 308), ("second", 404), ("third", 200), ("fourth", 404), ("First", 404), ("a b", 404)] {
            app.get(&at(&slug.replace(' ', "%20"))).send().await.expect(status);
            app.get(&at(&slug.replace(' ', "%20"))).key(&key).send().await.expect(status);
        }
        let moved = app.get(&format!("{}?fields=title&body_format=html&include=section%2Cauthors", at("first"))).send().await.expect(308);
        assert_eq!(moved.header("location"), format!("{}?fields=title&body_format=html&include=section%2Cauthors", at("third")));
        assert!(moved.body.is_empty());
        // What an article had, no other takes; it may have it back.
        let taken = app.post("/v1/articles", with(desk.own_work("x"), json!({"slug": "first"}))).by_admin().await.expect(409);
        assert_eq!(taken.faults(), faults(&[("/slug", "taken")]));
        app.draft(with(desk.own_work("x"), json!({"slug": "second"}))).await;
        app.edit(&path, json!({"slug": "first"})).await.expect(200);
        app.publish(&id).await.expect(200);
        app.get(&at("first")).send().await.expect(200);
        assert_eq!(app.get(&at("third")).send().await.expect(308).header("location"), at("first"));
        // A tombstone answers under all its names, and leads nowhere.
        app.clock.advance(chrono::TimeDelta::seconds(1));
        app.withdraw(&id, "editorial").await.expect(200);
        for slug in ["first", "third"] {
            app.get(&at(slug)).send().await.expect(410);
        }
    }

    async fn a_move_is_kept_no_longer_than_the_work(app) {
        let desk = app.newsroom().await;
        let id = app.live(with(desk.own_work("Quay"), json!({"slug": "first"}))).await;
        app.edit(&format!("/v1/articles/{id}"), json!({"slug": "second"})).await.expect(200);
        app.publish(&id).await.expect(200);
        app.set_times(&id, None, Some(app.clock.now() + chrono::TimeDelta::seconds(7)));
        let moved = app.get("/v1/articles/slug/first").send().await.expect(308);
        assert_eq!(moved.header("cache-control"), "public, max-age=7, stale-while-revalidate=0");
    }

    async fn a_draft_s_slug_is_known_to_the_desk_only(app) {
        let desk = app.newsroom().await;
        let id = app.draft(with(desk.own_work("Quay"), json!({"slug": "quay"}))).await;
        app.get("/v1/articles/slug/quay").send().await.expect(404);
        app.get("/v1/articles/slug/quay").by_admin().await.expect(200);
        app.publish(&id).await.expect(200);
        app.set_times(&id, Some(app.clock.now() + chrono::TimeDelta::hours(1)), None);
        app.get("/v1/articles/slug/quay").send().await.expect(404);
        app.clock.advance(chrono::TimeDelta::hours(1));
        app.get("/v1/articles/slug/quay").send().await.expect(200);
    }
}
