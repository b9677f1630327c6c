//! Lists: every filter, every order, pages that lose nothing and tell nothing.

use chrono::TimeDelta;
use masthead::rights::{Channel, Role};
use serde_json::{Value, json};

use crate::support::newsroom::with;
use crate::support::{TestApp, both_engines};

/// Slugs of all items that a query finds, in order.
async fn found(app: &TestApp, query: &str, key: Option<&str>) -> Vec<String> {
    let mut ask = app.get(&format!("/v1/articles?limit=100&fields=slug&{query}"));
    if let Some(key) = key {
        ask = ask.key(key);
    }
    slugs(&ask.send().await.expect(200).json())
}

fn slugs(page: &Value) -> Vec<String> {
    page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["slug"].as_str().unwrap().to_owned())
        .collect()
}

both_engines! {
    async fn every_filter(app) {
        let desk = app.newsroom().await;
        let other = app.made("/v1/authors", json!({"name": "Bo Hai", "real_name": "Bo Hai", "kind": "editor"})).await;
        let hour = || app.clock.advance(TimeDelta::hours(1));
        app.live(with(desk.own_work("a"), json!({"tags": ["port", "rain"], "genre": "analysis"}))).await;
        hour();
        app.live(with(desk.own_work("b"), json!({"tags": ["port"], "section_id": desk.trade, "language": "zh-Hans"}))).await;
        hour();
        let c = app.live(with(desk.reprint_of(&desk.wire, "c"), json!({"section_id": desk.ports, "editor_id": other, "language": "zh-Hant"}))).await;
        hour();
        app.live(with(desk.own_work("d"), json!({
            "section_id": null, "contributors": [{"author_id": other, "role": "reporter"}, {"author_id": desk.reporter, "role": "translator"}, {"author_id": other, "role": "photographer"}],
            "tags": ["Port", "%_x"],
        }))).await;
        hour();
        app.edit(&format!("/v1/articles/{c}"), json!({"summary": "New."})).await.expect(200);
        app.publish(&c).await.expect(200);
        for (query, expected) in [
            ("", "a b c d"),
            ("section=economy", "a"),
            ("section=economy&section_descendants=true", "a b c"),
            ("section=trade&section_descendants=true", "b c"),
            ("section=ports&section_descendants=true", "c"),
            ("section=ports&section_descendants=false", "c"),
            (&format!("section={}", desk.trade), "b"),
            (&format!("section={}&section_descendants=true", desk.trade), "b c"),
            ("section=nowhere", ""),
            ("section=sec_01900000000070008000000000000009", ""),
            (&format!("author={}", desk.reporter), "a b c d"),
            (&format!("author={other}"), "d"),
            ("author=aut_01900000000070008000000000000009", ""),
            (&format!("editor={}", desk.editor), "a b d"),
            (&format!("editor={other}"), "c"),
            (&format!("source={}", desk.wire), "c"),
            (&format!("source={}", desk.own), "a b d"),
            ("origin=reprint", "c"),
            ("origin=own", "a b d"),
            ("language=en", "a d"),
            ("language=zh-Hans", "b"),
            ("language=zh", ""),
            ("genre=analysis", "a"),
            ("tag=port", "a b"),
            ("tag=port&tag=Port", "a b d"),
            ("tag=port&tag=rain", "a b"),
            ("tag=port&tag=rain&tag_match=any", "a b"),
            ("tag=port&tag=rain&tag_match=all", "a"),
            ("tag=port&tag=%25_x&tag_match=all", ""),
            ("tag=%25", ""),
            ("published_from=2026-06-01T13:00:00Z", "b c d"),
            ("published_until=2026-06-01T13:00:00Z", "a"),
            ("published_from=2026-06-01T13:00:00Z&published_until=2026-06-01T14:00:00.000001Z", "b c"),
            ("published_from=2026-06-01T21:00:00%2B08:00&published_until=2026-06-01T13:00:01Z", "b"),
            ("updated_from=2026-06-01T15:00:00Z", "c d"),
            ("updated_until=2026-06-01T16:00:00Z", "a b d"),
            ("tag=port&section=trade&language=zh-Hans&origin=own", "b"),
            ("tag=port&origin=reprint", ""),
        ] {
            let expected: Vec<&str> = expected.split_whitespace().collect();
            assert_eq!(found(&app, &format!("sort=title&{query}"), None).await, expected, "{query}");
            let total = app.get(&format!("/v1/articles?count=exact&limit=1&{query}")).send().await.expect(200).json();
            assert_eq!(total["page"]["total"], expected.len(), "{query}");
        }
        for query in [
            "author=x", "editor=src_1", "origin=mine", "language=EN", "tag_match=some", "published_from=today", "section_descendants=yes",
            "stage=draft", "sort=size", "sort=--title", "limit=0", "limit=101", "limit=x", "count=about", "colour=red", "section=a&section=b",
            "tag=%00", "tag=%ff", "cursor=x", "cursor=", "q=-", "include_stubs=yes", "updated_from=0000-01-01T00:00:00Z",
        ] {
            app.get(&format!("/v1/articles?{query}")).send().await.expect(400);
        }
        let twenty_one = vec!["tag=a"; 21].join("&");
        app.get(&format!("/v1/articles?{twenty_one}")).send().await.expect(400);
        let known = app.get("/v1/articles?colour=red").send().await.expect(400).json();
        let told = known["errors"][0]["detail"].as_str().unwrap();
        assert!(told.contains("section_descendants") && told.contains("tag_match"), "{told}");
    }

    async fn the_desk_lists_all_stages(app) {
        let desk = app.newsroom().await;
        app.draft(desk.own_work("draft")).await;
        app.live(desk.own_work("out")).await;
        let gone = app.live(desk.own_work("gone")).await;
        app.clock.advance(TimeDelta::seconds(1));
        app.withdraw(&gone, "editorial").await.expect(200);
        for (query, expected) in [
            ("", "draft gone out"), ("stage=draft", "draft"), ("stage=published", "out"), ("stage=withdrawn", "gone"), ("stage=review", ""),
            // A draft was published at no time.
            ("published_from=2026-01-01T00:00:00Z", "gone out"), ("published_until=9998-01-01T00:00:00Z", "gone out"),
            ("published_from=2026-06-01T12:00:01Z", ""),
        ] {
            let page = app.get(&format!("/v1/articles?sort=title&{query}")).by_role(Role::Viewer).await.expect(200);
            assert_eq!(slugs(&page.json()), expected.split_whitespace().collect::<Vec<_>>(), "{query}");
        }
        let sorted = app.get("/v1/articles?sort=published_at").by_admin().await.expect(200).json();
        assert_eq!(slugs(&sorted)[2], "draft", "not yet is after all that was");
    }

    async fn pages_follow_each_other_on_every_order(app) {
        let desk = app.newsroom().await;
        let key = app.first_party_key(Channel::Web);
        let titles = ["绵阳", "成都", "Zebra", "apple", "Apple", "一二", "éclair", "～", "Ärger", "重庆"];
        for n in 0..50_usize {
            // Groups of five share their times, groups of ten their titles: ties are the rule.
            if n % 5 == 0 {
                app.clock.advance(TimeDelta::microseconds(1));
            }
            let id = app.live(with(desk.own_work(titles[n % 10]), json!({"tags": [if n % 2 == 0 { "even" } else { "odd" }]}))).await;
            if n % 7 == 0 {
                app.edit(&format!("/v1/articles/{id}"), json!({"summary": "Edited."})).await.expect(200);
                app.publish(&id).await.expect(200);
            }
        }
        for n in 0..5 {
            app.draft(desk.own_work(&format!("draft {n}"))).await;
        }
        for sort in ["published_at", "-published_at", "updated_at", "-updated_at", "title", "-title"] {
            for (filter, total) in [("", 50), ("&tag=odd", 25)] {
                let whole = app.get(&format!("/v1/articles?sort={sort}&limit=100&count=exact{filter}")).key(&key).send().await.expect(200).json();
                assert_eq!((&whole["page"]["total"], &whole["page"]["has_more"]), (&json!(total), &json!(false)));
                let whole = whole["data"].as_array().unwrap().clone();
                for limit in [1, 7, 25, 49] {
                    let mut seen: Vec<Value> = Vec::new();
                    let mut next = Some(format!("/v1/articles?sort={sort}&limit={limit}{filter}"));
                    while let Some(path) = next {
                        let page = app.get(&path).key(&key).send().await.expect(200);
                        let link = page.header("link").to_owned();
                        let json = page.json();
                        seen.extend(json["data"].as_array().unwrap().clone());
                        next = link.split(['<', '>']).nth(1).map(str::to_owned);
                        assert_eq!((json["page"]["has_more"] == true, json["page"]["next_cursor"].is_string()), (next.is_some(), next.is_some()));
                        if limit == 1 && seen.len() > 12 {
                            break;
                        }
                    }
                    assert_eq!(seen[..], whole[..seen.len()], "{sort} by {limit}");
                    assert!(limit == 1 || seen.len() == whole.len());
                }
            }
        }
        let titles: Vec<String> = app.get("/v1/articles?sort=title&limit=100&fields=title").key(&key).send().await.json()["data"]
            .as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect();
        let mut heads: Vec<&str> = titles.iter().map(String::as_str).filter(|title| title.chars().all(|c| c > '\u{2fff}' && c < '\u{ff00}')).collect();
        heads.dedup();
        assert_eq!(heads, ["成都", "绵阳", "一二", "重庆"], "by pinyin");
    }

    async fn a_cursor_fits_its_own_list_only(app) {
        let desk = app.newsroom().await;
        for n in 0..4 {
            app.live(desk.own_work(&format!("n {n}"))).await;
        }
        let cursor = app.get("/v1/articles?limit=2&sort=title&language=en").send().await.json()["page"]["next_cursor"].as_str().unwrap().to_owned();
        for (query, status) in [
            ("sort=title&language=en", 200), ("language=en&sort=title&limit=1", 200), ("sort=title&language=en&count=exact&fields=title&include=section&body_format=html", 200),
            ("sort=-title&language=en", 400), ("language=en", 400), ("sort=title", 400), ("sort=title&language=zh", 400), ("sort=title&language=en&tag=a", 400),
        ] {
            app.get(&format!("/v1/articles?{query}&cursor={cursor}")).send().await.expect(status);
        }
        app.get(&format!("/v1/authors?cursor={cursor}")).send().await.expect(400);
        let timed = app.get("/v1/articles?limit=2").send().await.json()["page"]["next_cursor"].as_str().unwrap().to_owned();
        app.get(&format!("/v1/articles?cursor={timed}")).send().await.expect(200);
        let mut broken = timed.clone();
        broken.insert(5, '!');
        for cursor in [broken, timed[..timed.len() - 3].to_owned(), "e30".to_owned(), "bnVsbA".to_owned(), "%F0%9F%99%82".to_owned()] {
            let refused = app.get(&format!("/v1/articles?cursor={cursor}")).send().await.expect(400);
            assert_eq!(refused.json()["type"], "/problems/bad-cursor", "{cursor}");
        }
    }

    async fn pages_hold_while_the_list_moves(app) {
        let desk = app.newsroom().await;
        for n in 0..6 {
            app.clock.advance(TimeDelta::seconds(1));
            app.live(desk.own_work(&format!("n{n}"))).await;
        }
        let first = app.get("/v1/articles?limit=3").send().await.expect(200).json();
        app.clock.advance(TimeDelta::seconds(1));
        app.live(desk.own_work("new")).await;
        let gone = first["data"][2]["id"].as_str().unwrap();
        app.withdraw(gone, "legal").await.expect(200);
        let cursor = first["page"]["next_cursor"].as_str().unwrap();
        let second = app.get(&format!("/v1/articles?limit=3&cursor={cursor}")).send().await.expect(200).json();
        assert_eq!(slugs(&second), ["n2", "n1", "n0"], "neither what came nor what went moves the rest");
    }

    async fn each_item_says_how_much_of_it_there_is(app) {
        let desk = app.newsroom().await;
        let key = app.first_party_key(Channel::App);
        let kept = app.source("Kept Post").await;
        app.grant(&kept, json!({"may_redistribute": false})).await;
        let web_only = app.source("Web Post").await;
        app.grant(&web_only, json!({"channels": ["web"]})).await;
        app.live(desk.own_work("a own")).await;
        app.live(desk.reprint_of(&desk.wire, "b passed on")).await;
        app.live(desk.reprint_of(&kept, "c kept")).await;
        app.live(desk.reprint_of(&web_only, "d web only")).await;
        let extents = |page: Value| -> Vec<String> {
            page["data"].as_array().unwrap().iter().map(|item| {
                assert!(item["attribution"]["credit_line"].as_str().is_some_and(|line| line.starts_with("Source: ")));
                item["attribution"]["usage"]["extent"].as_str().unwrap().to_owned()
            }).collect()
        };
        for query in ["", "&fields=id", "&body_format=html"] {
            let path = format!("/v1/articles?sort=title{query}");
            assert_eq!(extents(app.get(&path).send().await.expect(200).json()), ["excerpt", "excerpt", "stub", "excerpt"]);
            assert_eq!(extents(app.get(&path).key(&key).send().await.expect(200).json()), ["full", "full", "full", "stub"]);
            assert_eq!(extents(app.get(&path).by_admin().await.expect(200).json()), ["full"; 4]);
        }
        // Bodies come where they are asked for, and never for a stub.
        for (query, bodies) in [("", [false; 4]), ("&fields=title", [false; 4]), ("&fields=body", [true, true, false, true]), ("&body_format=text", [true, true, false, true]), ("&include=section", [false; 4])] {
            let page = app.get(&format!("/v1/articles?sort=title{query}")).send().await.expect(200).json();
            let there: Vec<bool> = page["data"].as_array().unwrap().iter().map(|item| item.get("body").is_some()).collect();
            assert_eq!(there, bodies, "{query}");
        }
        // An item of a list is what the item alone is.
        let page = app.get("/v1/articles?sort=title&body_format=html&include=section,authors,source").send().await.expect(200).json();
        for item in page["data"].as_array().unwrap() {
            let alone = app.get(&format!("/v1/articles/{}?include=section,authors,source", item["id"].as_str().unwrap())).send().await.expect(200).json();
            assert_eq!(*item, alone);
        }
    }
}
