//! The settings of the site.

use masthead::rights::Role;
use serde_json::json;

use crate::support::both_engines;
use crate::support::request::faults;

const PATH: &str = "/v1/settings";

both_engines! {
    async fn settings_are_there_and_can_be_changed(app) {
        let seen = app.get(PATH).by_role(Role::Viewer).await.expect(200);
        let before = seen.json();
        assert_eq!(before["site_name"], "Masthead");
        assert_eq!(before["public_extent"], "excerpt");
        assert!(before.get("acquire_licence_url").is_none());

        app.patch(PATH, json!({"site_name": "x"})).by_admin().await.expect(428);
        app.patch(PATH, json!({"site_name": "x"})).if_match("\"9.zz\"").by_admin().await.expect(412);
        let patch = json!({
            "site_name": " 中国新闻网·四川 ", "base_url": "https://sc.news.example.org", "time_zone": "Asia/Shanghai",
            "default_language": "zh-Hans", "copyright_holder": "中国新闻社", "acquire_licence_url": "https://sc.news.example.org/licences",
        });
        let changed = app.patch(PATH, patch).if_match(&seen.etag()).by_admin().await.expect(200);
        let after = changed.json();
        assert_eq!(after["site_name"], "中国新闻网·四川");
        assert_eq!(after["time_zone"], "Asia/Shanghai");
        assert_eq!(after["territory"], before["territory"], "what is left out stays");
        assert_ne!(after["updated_at"], before["updated_at"]);
        assert_eq!(app.get(PATH).by_admin().await.expect(200).json(), after);

        app.patch(PATH, json!({})).if_match(&seen.etag()).by_admin().await.expect(412);
        let cleared = app.patch(PATH, json!({"acquire_licence_url": null})).if_match(&changed.etag()).by_admin().await.expect(200);
        assert!(cleared.json().get("acquire_licence_url").is_none());
        let fresh = app.get(PATH).header("if-none-match", &cleared.etag()).by_admin().await;
        assert_eq!(fresh.status, 304);
    }

    async fn settings_are_for_the_desk_and_its_administrator(app) {
        app.get(PATH).send().await.expect(401);
        app.patch(PATH, json!({})).send().await.expect(401);
        for role in [Role::Rights, Role::Editor, Role::Author, Role::Viewer] {
            app.get(PATH).by_role(role).await.expect(200);
            app.patch(PATH, json!({})).if_match("*").by_role(role).await.expect(403);
        }
        let key = app.first_party_key(masthead::rights::Channel::Web);
        app.get(PATH).key(&key).send().await.expect(403);
        app.delete(PATH).if_match("*").by_admin().await.expect(405);
    }

    async fn checks_come_in_order(app) {
        app.request("PATCH", PATH).raw("text/plain", "{").by_admin().await.expect(415);
        app.request("PATCH", PATH).raw("application/json", "{").by_admin().await.expect(400);
        app.patch(PATH, json!({"colour": 1})).by_admin().await.expect(428);
        app.patch(PATH, json!({"colour": 1})).if_match("\"7.a\"").by_admin().await.expect(412);
        app.patch(PATH, json!({"colour": 1})).if_match("\"1.a\"").by_admin().await.expect(422);
    }

    async fn faults_point_to_their_member(app) {
        let patch = async |body| app.patch(PATH, body).if_match("*").by_admin().await.expect(422).faults();
        let all = patch(json!({
            "site_name": "", "territory": null, "public_extent": "half", "public_excerpt_chars": 2001,
            "public_max_age_seconds": "60", "default_language": "Chinese", "colour": "red",
        })).await;
        assert_eq!(all, faults(&[
            ("/colour", "unknown_field"), ("/default_language", "pattern"), ("/public_excerpt_chars", "range"),
            ("/public_extent", "choice"), ("/public_max_age_seconds", "type"), ("/site_name", "length"), ("/territory", "type"),
        ]));
        for (member, value, code) in [
            ("site_name", json!("  "), "blank"),
            ("copyright_holder", json!("a\u{200b}b"), "unsafe_character"),
            ("base_url", json!("ftp://news.example.org"), "url"),
            ("base_url", json!("https://news.example.org?a=b"), "url"),
            ("acquire_licence_url", json!("/licences"), "url"),
            ("time_zone", json!("Mars/Olympus"), "time_zone"),
            ("territory", json!("ZZ"), "invalid"),
            ("public_excerpt_chars", json!(-1), "range"),
            ("public_max_age_seconds", json!(61), "range"),
        ] {
            let told = patch(json!({member: value})).await;
            assert_eq!(told, faults(&[(&format!("/{member}"), code)]), "{member}");
        }
        let told = patch(json!({"base_url": "x", "time_zone": "x", "copyright_holder": " "})).await;
        assert_eq!(told, faults(&[("/base_url", "url"), ("/copyright_holder", "blank"), ("/time_zone", "time_zone")]));
        assert!(app.get(PATH).by_admin().await.expect(200).etag().starts_with("\"1."), "nothing was written");
    }

    async fn public_answers_follow_their_max_age_at_once(app) {
        let kept = async || app.get("/v1/sections").send().await.expect(200).header("cache-control").to_owned();
        assert_eq!(kept().await, "public, max-age=30, stale-while-revalidate=30");
        app.patch(PATH, json!({"public_max_age_seconds": 10})).if_match("*").by_admin().await.expect(200);
        assert_eq!(kept().await, "public, max-age=5, stale-while-revalidate=5");
        app.patch(PATH, json!({"public_max_age_seconds": 0})).if_match("*").by_admin().await.expect(200);
        assert_eq!(kept().await, "public, max-age=0, stale-while-revalidate=0");
    }

    async fn only_one_of_two_changes_at_the_same_time_is_kept(app) {
        let seen = app.get(PATH).by_admin().await.expect(200);
        let token = app.token(Role::Admin).await;
        let change = |name: &str| app.patch(PATH, json!({"site_name": name})).if_match(&seen.etag()).bearer(&token).send();
        let answers = futures_util::future::join_all([change("One"), change("Two")]).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
    }
}
