//! Reading one article: its tag, its caches, its shape.

use chrono::TimeDelta;
use masthead::http::auth::ClientKind;
use masthead::rights::{Channel, Role};
use serde_json::{Value, json};

use crate::support::both_engines;
use crate::support::newsroom::with;

/// Names of the members of an object.
fn members(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect()
}

both_engines! {
    async fn a_tag_stands_for_all_that_is_answered(app) {
        let desk = app.newsroom().await;
        let key = app.first_party_key(Channel::Web);
        let id = app.live(desk.reprint_of(&desk.wire, "Reprint")).await;
        let path = format!("/v1/articles/{id}");
        let mut seen: Vec<String> = Vec::new();
        let notice = app.get("/v1/notices?kind=reprint&language=en").by_admin().await.expect(200).json()["data"][0]["id"].clone();
        let notice = format!("/v1/notices/{}", notice.as_str().unwrap());
        let source = format!("/v1/sources/{}", desk.wire);
        let grant = format!("/v1/grants/{}", desk.wire_grant);
        let section = format!("/v1/sections/{}", desk.economy);
        let (reporter, editor) = (format!("/v1/authors/{}", desk.reporter), format!("/v1/authors/{}", desk.editor));
        for (what, change) in [
            ("", json!(null)),
            (reporter.as_str(), json!({"name": "Lin Yue Jr"})),
            (&editor, json!({"real_name": "Chen Ann"})),
            (&source, json!({"credit_label": "Coastal Wire Co"})),
            (&source, json!({"homepage_url": "https://wire.example.org"})),
            (&notice, json!({"text": "Another wording."})),
            (&section, json!({"name": "Money"})),
            ("/v1/settings", json!({"acquire_licence_url": "https://news.example.org/licences"})),
            ("/v1/settings", json!({"base_url": "https://news.example.com"})),
            (&grant, json!({"valid_until": "2027-01-01T00:00:00Z"})),
            (&grant, json!({"max_extent": "headline"})),
        ] {
            if !what.is_empty() {
                app.edit(what, change).await.expect(200);
            }
            let answer = app.get(&path).key(&key).send().await.expect(200);
            if let Some(before) = seen.last() {
                let fresh = app.get(&path).key(&key).header("if-none-match", before).send().await;
                assert_eq!(fresh.status, 200, "{what} changed the answer");
            }
            assert!(!seen.contains(&answer.etag()), "{what}");
            let same = app.get(&path).key(&key).header("if-none-match", &answer.etag()).send().await;
            assert_eq!((same.status, same.body.len(), same.etag()), (304, 0, answer.etag()));
            assert_eq!(same.header("cache-control"), "private, no-cache");
            seen.push(answer.etag());
        }
        // One for each form and coding; a weak or listed tag is as good.
        let mut forms: Vec<String> = Vec::new();
        for query in ["", "?fields=title", "?body_format=html", "?body_format=markdown", "?body_format=text", "?include=section"] {
            let own = app.live(with(desk.own_work("Own"), json!({"slug": format!("own-{}", forms.len())}))).await;
            let path = format!("/v1/articles/{own}{query}");
            for coding in ["identity", "gzip", "br", "zstd"] {
                let answer = app.get(&path).key(&key).header("accept-encoding", coding).send().await.expect(200);
                if coding != "identity" {
                    assert_eq!(answer.header("content-encoding"), coding);
                }
                assert!(!forms.contains(&answer.etag()));
                for told in [format!("W/{}", answer.etag()), format!("\"x\", {}", answer.etag()), "*".to_owned()] {
                    let same = app.get(&path).key(&key).header("accept-encoding", coding).header("if-none-match", &told).send().await;
                    assert_eq!(same.status, 304, "{told}");
                }
                let other = app.get(&path).key(&key).header("if-none-match", &answer.etag()).header("accept-encoding", if coding == "br" { "gzip" } else { "br" }).send().await;
                assert_eq!(other.status, 200, "a tag of {coding} is of no other coding");
                forms.push(answer.etag());
            }
        }
    }

    async fn no_304_after_a_right_has_ended(app) {
        let desk = app.newsroom().await;
        let (web, until) = (app.first_party_key(Channel::Web), app.clock.now() + TimeDelta::hours(1));
        app.edit(&format!("/v1/grants/{}", desk.wire_grant), json!({"valid_until": until})).await.expect(200);
        let id = app.live(desk.reprint_of(&desk.wire, "Reprint")).await;
        let path = format!("/v1/articles/{id}");
        let before = app.get(&path).key(&web).send().await.expect(200);
        app.clock.advance(TimeDelta::hours(1) - TimeDelta::microseconds(1));
        app.get(&path).key(&web).header("if-none-match", &before.etag()).send().await.expect(304);
        app.clock.advance(TimeDelta::microseconds(1));
        let after = app.get(&path).key(&web).header("if-none-match", &before.etag()).send().await.expect(200);
        assert_eq!(after.json()["attribution"]["usage"]["extent"], "stub");
        assert!(after.json().get("body").is_none());
        // A grant that is taken away takes effect at once.
        let renewed = app.grant(&desk.wire, json!({})).await;
        let full = app.get(&path).key(&web).send().await.expect(200);
        assert_eq!(full.json()["attribution"]["usage"]["extent"], "full");
        app.delete(&format!("/v1/grants/{renewed}")).if_match("*").by_admin().await.expect(204);
        let stub = app.get(&path).key(&web).header("if-none-match", &full.etag()).send().await.expect(200);
        assert_eq!(stub.json()["attribution"]["usage"]["extent"], "stub");
    }

    async fn caches_by_audience(app) {
        let desk = app.newsroom().await;
        let id = app.live(desk.own_work("Cached")).await;
        let path = format!("/v1/articles/{id}");
        let key = |kind, channel| app.key(app.terms(kind, channel)).1;
        let keys = [
            (key(ClientKind::FirstParty, Channel::Web), "private, no-cache"),
            (key(ClientKind::Partner, Channel::Syndication), "private, no-store"),
            (key(ClientKind::AiCrawler, Channel::Ai), "private, no-store"),
        ];
        for at in [path.as_str(), "/v1/articles", "/v1/articles/slug/cached"] {
            for (key, kept) in &keys {
                let answer = app.get(at).key(key).send().await.expect(200);
                assert_eq!(answer.header("cache-control"), *kept, "{at}");
                let bearer = app.get(at).bearer(key).send().await.expect(200);
                assert_eq!((bearer.body, bearer.headers.get("etag")), (answer.body, answer.headers.get("etag")), "one key, two headers");
            }
            assert_eq!(app.get(at).by_role(Role::Viewer).await.expect(200).header("cache-control"), "private, no-store");
            let crawler = app.get(at).header("user-agent", "Mozilla/5.0 (compatible; GPTBot/1.2)").send().await.expect(200);
            assert_eq!(crawler.header("cache-control"), "private, no-store");
            let public = app.get(at).send().await.expect(200);
            assert_eq!(public.header("cache-control"), "public, max-age=30, stale-while-revalidate=30");
            let vary: Vec<_> = public.headers.get_all("vary").filter_map(|value| value.to_str().ok()).collect();
            for name in ["Authorization", "X-Api-Key", "Accept-Encoding"] {
                assert!(vary.iter().any(|value| value.contains(name)), "{vary:?}");
            }
        }
        let keys = app.get(&path).send().await.header("surrogate-key").to_owned();
        for made_of in [&id, &desk.own, &desk.editor, &desk.reporter, &desk.economy] {
            assert!(keys.split(' ').any(|key| key == made_of), "{made_of} in {keys}");
        }
        for missing in ["/v1/articles/art_01900000000070008000000000000009", "/v1/articles/nothing", "/v1/articles/slug/nothing"] {
            assert_eq!(app.get(missing).send().await.expect(404).header("cache-control"), "no-store");
        }
        // Never longer than the work: on its own, and in every list that shows it.
        for (left, kept) in [
            (TimeDelta::hours(1), "public, max-age=30, stale-while-revalidate=30"),
            (TimeDelta::seconds(60), "public, max-age=30, stale-while-revalidate=30"),
            (TimeDelta::milliseconds(59_900), "public, max-age=59, stale-while-revalidate=0"),
            (TimeDelta::seconds(10), "public, max-age=10, stale-while-revalidate=0"),
            (TimeDelta::milliseconds(900), "public, max-age=0, stale-while-revalidate=0"),
        ] {
            app.set_times(&id, None, Some(app.clock.now() + left));
            for at in [path.as_str(), "/v1/articles", "/v1/articles?fields=id"] {
                assert_eq!(app.get(at).send().await.expect(200).header("cache-control"), kept, "{at}, {left}");
            }
        }
        app.set_times(&id, None, None);
        // The coming of a hidden work shortens nothing.
        let hidden = app.live(desk.own_work("Hidden")).await;
        app.set_times(&hidden, Some(app.clock.now() + TimeDelta::seconds(5)), None);
        assert_eq!(app.get("/v1/articles").send().await.header("cache-control"), "public, max-age=30, stale-while-revalidate=30");
        app.edit("/v1/settings", json!({"public_max_age_seconds": 0})).await.expect(200);
        assert_eq!(app.get(&path).send().await.header("cache-control"), "public, max-age=0, stale-while-revalidate=0");
    }

    async fn the_end_of_a_grant_bounds_what_it_gave(app) {
        let desk = app.newsroom().await;
        app.edit(&format!("/v1/grants/{}", desk.wire_grant), json!({"valid_until": "2026-06-01T12:00:20Z"})).await.expect(200);
        let id = app.live(desk.reprint_of(&desk.wire, "Reprint")).await;
        for at in [format!("/v1/articles/{id}"), "/v1/articles".to_owned()] {
            assert_eq!(app.get(&at).send().await.expect(200).header("cache-control"), "public, max-age=20, stale-while-revalidate=0");
        }
        let partner = app.key(app.terms(ClientKind::Partner, Channel::Web)).1;
        let stub = app.get(&format!("/v1/articles/{id}")).key(&partner).send().await.expect(200);
        assert_eq!(stub.json()["attribution"]["usage"]["valid_until"], json!(null), "what sources allow us is the desk's to know");
    }

    async fn attribution_survives_every_shape(app) {
        let desk = app.newsroom().await;
        let key = app.first_party_key(Channel::Web);
        let id = app.live(with(desk.reprint_of(&desk.wire, "Changed title"), json!({"ai_label": "assisted", "tags": ["a"]}))).await;
        let path = format!("/v1/articles/{id}");
        let whole = app.get(&path).key(&key).send().await.expect(200).json();
        assert_eq!(whole["attribution"]["original"]["title"], "Quay to open");
        for (query, expected) in [
            ("fields=", vec!["attribution", "id", "stage"]),
            ("fields=title", vec!["attribution", "id", "stage", "title"]),
            ("fields=id", vec!["attribution", "id", "stage"]),
            ("fields=body,%20tags", vec!["attribution", "body", "id", "stage", "tags"]),
            ("fields=source", vec!["attribution", "id", "stage"]),
            ("fields=source&include=source", vec!["attribution", "id", "source", "stage"]),
            ("fields=desk,versions", vec!["attribution", "id", "stage"]),
        ] {
            for format in ["blocks", "html", "markdown", "text"] {
                let seen = app.get(&format!("{path}?{query}&body_format={format}")).key(&key).send().await.expect(200).json();
                let mut names = members(&seen);
                names.sort_unstable();
                assert_eq!(names, expected, "{query}");
                assert_eq!(seen["attribution"], whole["attribution"], "{query}");
                assert_eq!(seen["stage"], "published");
            }
        }
        let listed = app.get("/v1/articles?fields=title").key(&key).send().await.expect(200).json();
        assert_eq!(listed["data"][0]["attribution"], whole["attribution"]);
        for query in ["fields=secret", "include=everything", "include=media", "body_format=", "script=latn", "q=x", "fields=a&fields=b", "limit=5"] {
            let refused = app.get(&format!("{path}?{query}")).key(&key).send().await.expect(400);
            assert!(!refused.text().contains("Changed title"));
        }
    }

    async fn plain_text_carries_its_credit(app) {
        let desk = app.newsroom().await;
        let key = app.first_party_key(Channel::Web);
        let id = app.live(with(desk.reprint_of(&desk.wire, "码头"), json!({"language": "zh-Hans", "body": {"format": "html", "value": "<p>码头周一开放。</p><p>船只中午停靠。</p>"}}))).await;
        let path = format!("/v1/articles/{id}?body_format=text");
        let credit = "来源：Coastal Wire（非本网）\n作者：Wen Ya\n编辑：Chen An\n原标题：Quay to open\n原文：https://wire.example.com/quay";
        assert_eq!(app.get(&path).key(&key).send().await.json()["body"]["value"], json!(format!("码头周一开放。\n\n船只中午停靠。\n\n{credit}")));
        assert_eq!(app.get(&path).send().await.json()["body"]["value"], json!(format!("码头周一开放。\n\n{credit}")));
        assert_eq!(app.get(&path).by_role(Role::Editor).await.json()["body"]["value"], json!(format!("码头周一开放。\n\n船只中午停靠。\n\n{credit}")));
    }

    async fn relations_do_not_betray_what_is_hidden(app) {
        let desk = app.newsroom().await;
        let key = app.first_party_key(Channel::Web);
        let (draft, held, gone, out) = (
            app.draft(desk.own_work("Draft")).await, app.live(desk.own_work("Held")).await,
            app.live(desk.own_work("Gone")).await, app.live(desk.own_work("Out")).await,
        );
        app.clock.advance(TimeDelta::seconds(1));
        app.withdraw(&gone, "legal").await.expect(200);
        app.set_times(&held, Some(app.clock.now() + TimeDelta::hours(1)), None);
        let id = app.live(with(desk.own_work("Hub"), json!({"related": [draft, held, gone, out], "translation_of": held}))).await;
        let path = format!("/v1/articles/{id}");
        let seen = app.get(&path).key(&key).send().await.expect(200).json();
        assert_eq!((&seen["related"], seen.get("translation_of")), (&json!([out]), None));
        let listed = app.get("/v1/articles?fields=related,translation_of&sort=title").key(&key).send().await.expect(200);
        assert!(!listed.text().contains(&held) && !listed.text().contains(&draft), "{}", listed.text());
        let desk_view = app.get(&path).by_role(Role::Editor).await.json();
        assert_eq!((&desk_view["related"], &desk_view["translation_of"]), (&json!([draft, held, gone, out]), &json!(held)));
        app.clock.advance(TimeDelta::hours(1));
        let later = app.get(&path).key(&key).send().await.expect(200).json();
        assert_eq!((&later["related"], &later["translation_of"]), (&json!([held, out]), &json!(held)));
        // Nothing is lost by an edit.
        app.edit(&path, json!({"title": "Hub 2"})).await.expect(200);
        assert_eq!(app.get(&path).by_admin().await.json()["related"], json!([draft, held, gone, out]));
    }

    async fn heads_have_no_body(app) {
        let desk = app.newsroom().await;
        let id = app.live(desk.own_work("x")).await;
        let path = format!("/v1/articles/{id}");
        let get = app.get(&path).send().await.expect(200);
        let head = app.request("HEAD", &path).send().await.expect(200);
        assert_eq!(head.etag(), get.etag());
    }
}
