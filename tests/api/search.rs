//! Searches: what is found, by whom, in which order; pages, counts and facets; the index kept by
//! every write and made again.

mod levels;

use chrono::TimeDelta;
use diesel::prelude::*;
use masthead::db::Conn;
use masthead::rights::{Channel, Role};
use serde_json::{Value, json};

use crate::support::newsroom::{Newsroom, with};
use crate::support::{TestApp, both_engines};

/// Percent-encodes what a query needs.
pub fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Slugs of what a web client finds, in order.
async fn found(app: &TestApp, q: &str) -> Vec<String> {
    let key = app.first_party_key(Channel::Web);
    let path = format!("/v1/search?limit=100&q={}", encoded(q));
    slugs(&app.get(&path).key(&key).send().await.expect(200).json())
}

/// All pages of a search, whose address has parameters already.
pub async fn pages(app: &TestApp, key: &str, path: &str) -> Vec<Value> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let ask = app.get(&format!("{path}{cursor}")).key(key);
        let page = ask.send().await.expect(200).json();
        let next = page["page"]["next_cursor"].as_str();
        let next = next.map(|next| format!("&cursor={next}"));
        pages.push(page);
        match next {
            Some(next) => cursor = next,
            None => return pages,
        }
    }
}

pub fn slugs(page: &Value) -> Vec<String> {
    let items = page["data"].as_array().unwrap().iter();
    items
        .map(|item| item["slug"].as_str().unwrap().to_owned())
        .collect()
}

/// A work of these words.
pub fn work(desk: &Newsroom, slug: &str, title: &str, summary: &str, body: &str) -> Value {
    with(
        desk.own_work(title),
        json!({
            "slug": slug, "summary": summary, "language": "zh-Hans",
            "body": {"format": "markdown", "value": body},
        }),
    )
}

/// Works an hour apart, the first one the oldest.
async fn port(app: &TestApp) -> Newsroom {
    let desk = app.newsroom().await;
    for (slug, title, summary, body) in [
        (
            "quay",
            "澜港新码头启用",
            "港口货运恢复。",
            "澜港市港口集团周一启用新码头。曹惠君说，首批货轮已经靠泊。\n\nThe 5G cranes work. 全部吊机由本地企业制造。",
        ),
        (
            "rain",
            "大雨之后",
            "天气转晴。",
            "澜江水位下降。港口一度停运。\n\n交通部门说，发展中国家也有类似经验。",
        ),
        (
            "trad",
            "貿易額創新高",
            "經濟數據公布。",
            "本地經濟持續發展，港口吞吐量上升。\n\n裡面的細節明日公布。",
        ),
        (
            "english",
            "Harbours reopen",
            "Trading resumes.",
            "Ships were waiting for days. E-mail from the harbour master said so.\n\nEconomists expected it.",
        ),
    ] {
        app.live(work(&desk, slug, title, summary, body)).await;
        app.clock.advance(TimeDelta::hours(1));
    }
    desk
}

both_engines! {
    async fn words_names_phrases_and_scripts(app) {
        port(&app).await;
        for (q, expected) in [
            ("港口", "trad rain quay"),
            ("經濟", "trad"),
            ("经济", "trad"),
            ("里面", "trad"),
            ("曹惠君", "quay"),
            ("曹惠君说", "quay"),
            ("惠君", "quay"),
            ("中国", "rain"),
            ("国家", "rain"),
            ("曹", "quay"),
            ("晴", "rain"),
            ("5g", "quay"),
            ("5G cranes", "quay"),
            ("澜港码头", "quay"),
            ("\"新码头启用\"", "quay"),
            ("\"码头新\"", ""),
            ("“首批货轮”", "quay"),
            ("\"5G cranes\"", "quay"),
            ("\"cranes 5G\"", ""),
            // No phrase goes from one paragraph into the next.
            ("\"靠泊 the\"", ""),
            ("harbour", "english"),
            ("Harbours", "english"),
            ("trade", "english"),
            ("\"trade\"", ""),
            ("wait", "english"),
            ("econom*", "english"),
            ("e-mail", "english"),
            ("email", ""),
            ("ｈａｒｂｏｕｒ", "english"),
            ("港口 -经济", "rain quay"),
            ("港口 -经济 -码头", "rain"),
            // What is excluded is excluded as a whole: one of its words is no reason.
            ("港口 -经济码头", "trad rain quay"),
            ("港口 -经济持续", "rain quay"),
            ("title:港口", ""),
            ("title:貿易", "trad"),
            ("summary:港口", "quay"),
            ("body:harbour", "english"),
            ("body:reopen", ""),
            ("title:码头 body:吊机", "quay"),
            ("(港口)", "trad rain quay"),
            ("港口 AND 经济", ""),
            ("没有这个词", ""),
        ] {
            let expected: Vec<&str> = expected.split_whitespace().collect();
            let mut found = found(&app, q).await;
            found.sort_by_key(|slug| expected.iter().position(|known| known == slug));
            assert_eq!(found, expected, "{q}");
        }
    }

    async fn nothing_to_look_for_is_told(app) {
        for (q, code) in [("", "no_words"), ("-", "no_words"), ("\"", "no_words"), ("-港口", "no_words"), ("*", "no_words"), ("() & | ! <-> :*", "no_words")] {
            let answer = app.get(&format!("/v1/search?q={}", encoded(q))).send().await.expect(400);
            assert_eq!(answer.json()["errors"][0]["code"], code, "{q}");
        }
        app.get("/v1/search").send().await.expect(400);
        app.get(&format!("/v1/search?q={}", encoded(&"港".repeat(301)))).send().await.expect(400);
        app.get(&format!("/v1/search?q={}", "a+".repeat(60))).send().await.expect(400);
        for path in ["search", "articles"] {
            // Ideographs take nine bytes each, and an address has 64 kB.
            for (long, times) in [("港", 7_000), ("-", 10_000), ("a", 10_000), ("a ", 10_000), ("\"", 10_000), ("-a*", 10_000)] {
                let answer = app.get(&format!("/v1/{path}?q={}", encoded(&long.repeat(times)))).send_unchecked().await;
                assert_eq!(answer.status, 400, "{path}: {}", answer.text());
            }
        }
        for hostile in ["NEAR(a b, 2)", "a'b", "a\\b", "\u{0}a", "^a", "title : a", "{title}:a", "a:*ABCD", "'a' <-> 'b'", "𠮷野", "🚢", "a\u{301}"] {
            let answer = app.get(&format!("/v1/search?q={}", encoded(hostile))).send_unchecked().await;
            assert!(answer.status < 500, "{hostile}: {}", answer.text());
        }
    }

    async fn titles_and_leads_come_first_and_pages_lose_nothing(app) {
        let desk = app.newsroom().await;
        for n in 0..30 {
            let (title, summary) = match n % 3 {
                0 => ("港口", "无"),
                1 => ("题", "港口"),
                _ => ("题", "无"),
            };
            app.live(work(&desk, &format!("w{n}"), title, summary, "前面很长的一段文字没有它。\n\n后面写到港口。")).await;
            app.clock.advance(TimeDelta::days(40));
        }
        let key = app.first_party_key(Channel::Web);
        let by = async |sort: &str, limit: usize| {
            let path = format!("/v1/search?q={}&sort={sort}&limit={limit}&fields=slug", encoded("港口"));
            pages(&app, &key, &path).await.iter().flat_map(slugs).collect::<Vec<_>>()
        };
        let newest: Vec<String> = (0..30).rev().map(|n| format!("w{n}")).collect();
        assert_eq!(by("-published_at", 7).await, newest);
        assert_eq!(by("published_at", 7).await, newest.iter().rev().cloned().collect::<Vec<_>>());
        let best = by("relevance", 100).await;
        // A year for a title, sixty days for a lead: every third work, and forty days between two.
        let place = |n: usize| best.iter().position(|slug| *slug == format!("w{n}")).unwrap();
        assert!(place(21) < place(29) && place(18) > place(29), "{best:?}");
        assert!(place(28) < place(29) && place(25) < place(26), "{best:?}");
        for limit in [1, 2, 7, 29] {
            assert_eq!(by("relevance", limit).await, best, "{limit}");
        }
    }

    async fn writes_keep_the_index(app) {
        let desk = app.newsroom().await;
        let id = app.draft(work(&desk, "one", "初稿标题", "摘要", "正文第一版。\n\n后半部分。")).await;
        let at_desk = async |q: &str| {
            let page = app.get(&format!("/v1/search?q={}", encoded(q))).by_role(Role::Editor).await.expect(200).json();
            page["data"].as_array().unwrap().len()
        };
        assert_eq!((at_desk("初稿").await, found(&app, "初稿").await.len()), (1, 0), "a draft is the desk's");
        app.publish(&id).await.expect(200);
        assert_eq!(found(&app, "初稿").await, ["one"]);
        app.edit(&format!("/v1/articles/{id}"), json!({"title": "改后标题"})).await.expect(200);
        assert_eq!((at_desk("初稿").await, at_desk("改后").await), (0, 1));
        assert_eq!((found(&app, "初稿").await.len(), found(&app, "改后").await.len()), (1, 0), "readers see what is live");
        app.publish(&id).await.expect(200);
        assert_eq!((found(&app, "初稿").await.len(), found(&app, "改后").await.len()), (0, 1));
        app.withdraw(&id, "editorial").await.expect(200);
        assert_eq!((found(&app, "改后").await.len(), at_desk("改后").await), (0, 1));
        let draft = app.draft(work(&desk, "two", "要删的稿", "摘要", "正文。")).await;
        assert_eq!(at_desk("要删的稿").await, 1);
        let etag = app.get(&format!("/v1/articles/{draft}")).by_admin().await.etag();
        app.delete(&format!("/v1/articles/{draft}")).if_match(&etag).by_admin().await.expect(204);
        assert_eq!(at_desk("要删的稿").await, 0);
    }

    async fn lists_take_words_too(app) {
        port(&app).await;
        let key = app.first_party_key(Channel::Web);
        for (query, expected) in [
            ("", vec!["trad", "rain", "quay"]),
            ("&sort=published_at", vec!["quay", "rain", "trad"]),
            ("&sort=title&limit=2", vec!["rain", "quay"]),
            ("&section=trade", vec![]),
        ] {
            let page = app.get(&format!("/v1/articles?q={}&count=exact{query}", encoded("港口"))).key(&key).send().await.expect(200).json();
            let mut found = slugs(&page);
            if query.contains("title") { found.sort(); }
            let mut sorted = expected.clone();
            if query.contains("title") { sorted.sort(); }
            assert_eq!(found.len(), expected.len(), "{query}");
            if !query.contains("title") { assert_eq!(found, sorted, "{query}"); }
            assert_eq!(page["page"]["total"], if query.contains("section") { 0 } else { 3 });
        }
        app.get("/v1/articles?q=-").key(&key).send().await.expect(400);
    }

    async fn hits_are_counted_and_parted(app) {
        let desk = port(&app).await;
        app.live(with(work(&desk, "ports", "港口专栏", "", "一句。\n\n两句。"), json!({"section_id": desk.ports}))).await;
        let key = app.first_party_key(Channel::Web);
        let path = format!("/v1/search?q={}&count=exact&facets=section,source,year&limit=1", encoded("港口"));
        let page = app.get(&path).key(&key).send().await.expect(200).json();
        assert_eq!(page["page"]["total"], 4);
        let sections = page["facets"]["section"].as_array().unwrap();
        let told: Vec<_> = sections.iter().map(|v| (v["slug"].as_str().unwrap(), v["count"].as_i64().unwrap())).collect();
        assert_eq!(told, [("economy", 3), ("ports", 1)]);
        assert_eq!(page["facets"]["source"], json!([{"value": desk.own, "name": "Harbour Daily", "count": 4}]));
        assert_eq!(page["facets"]["year"], json!([{"value": "2026", "count": 4}]));
        app.get("/v1/search?q=a&facets=mood").send().await.expect(400);
    }

    async fn what_was_found_is_shown(app) {
        port(&app).await;
        let key = app.first_party_key(Channel::Web);
        let page = app.get(&format!("/v1/search?q={}", encoded("经济"))).key(&key).send().await.expect(200).json();
        let found = &page["data"][0]["found"];
        assert_eq!(found[0], json!({"field": "summary", "text": "經濟數據公布。", "highlights": [[0, 2]]}));
        assert_eq!(found[1]["field"], "body");
        assert!(page["data"][0]["body"].is_null() && page["data"][0]["attribution"]["credit_line"].is_string());
        let page = app.get(&format!("/v1/search?q={}&body_format=text&fields=title,body", encoded("经济"))).key(&key).send().await.expect(200).json();
        assert!(page["data"][0]["body"]["value"].as_str().unwrap().contains("吞吐量"));
    }

    async fn partners_are_quoted_no_body(app) {
        let desk = port(&app).await;
        let deal = app.deal("Gazette", &[json!({"selector": {"sections": [desk.economy]}, "extent": "full"})]).await;
        let page = app.get(&format!("/v1/search?q={}", encoded("经济"))).key(&deal.key).send().await.expect(200).json();
        assert_eq!(slugs(&page), ["trad"]);
        assert_eq!(page["data"][0]["found"], json!([{"field": "summary", "text": "經濟數據公布。", "highlights": [[0, 2]]}]));
        // In the body alone: found, and not shown.
        let page = app.get(&format!("/v1/search?q={}", encoded("吊机"))).key(&deal.key).send().await.expect(200).json();
        assert_eq!((slugs(&page), &page["data"][0]["found"]), (vec!["quay".to_owned()], &json!([])));
    }

    async fn few_of_many_are_found(app) {
        port(&app).await;
        let now = app.clock.now();
        // Texts that are no work's: as if all the others were in other sections.
        app.change(|conn| {
            let insert = match conn {
                Conn::Sqlite(_) => "INSERT INTO search_texts (rowid, title, summary, lead, body) \
                    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) \
                    SELECT i + $1, '港口 口', '', '', '港口 口' FROM n",
                Conn::Postgres(_) => "INSERT INTO search_texts (doc, words) \
                    SELECT i + $1, '''港口'':1A,9D ''口'':2A,10D'::tsvector FROM generate_series(1, 5000) i",
            };
            // Before the first and after the last.
            for from in [now - TimeDelta::days(1), now] {
                let from = from.timestamp_millis() << 20;
                diesel::sql_query(insert).bind::<diesel::sql_types::BigInt, _>(from).execute(conn)?;
            }
            Ok(5000)
        });
        let key = app.first_party_key(Channel::Web);
        for (sort, expected) in [("relevance", ["rain", "quay", "trad"]), ("-published_at", ["trad", "rain", "quay"]), ("published_at", ["quay", "rain", "trad"])] {
            let path = format!("/v1/search?q={}&sort={sort}&limit=1", encoded("港口"));
            let all: Vec<String> = pages(&app, &key, &path).await.iter().flat_map(slugs).collect();
            assert_eq!(all, expected, "{sort}");
        }
    }

    async fn the_newsrooms_words_are_not_parted(app) {
        let desk = app.newsroom().await;
        app.live(work(&desk, "name", "营商环境", "", "绵阳营商环境一流。\n\n后半。")).await;
        app.live(work(&desk, "parts", "环境与营商", "", "营商要看环境。\n\n后半。")).await;
        assert_eq!(found(&app, "营商环境").await.len(), 2);
        let word = app.made("/v1/dictionary", json!({"word": "營商環境"})).await;
        app.post("/v1/dictionary", json!({"word": "营商环境"})).by_admin().await.expect(409);
        app.post("/v1/dictionary", json!({"word": "abc"})).by_admin().await.expect(422);
        app.refresh();
        assert_eq!(found(&app, "营商环境").await, ["name"]);
        app.delete(&format!("/v1/dictionary/{word}")).if_match("\"1.x\"").by_admin().await.expect(204);
        app.refresh();
        assert_eq!(found(&app, "营商环境").await.len(), 2);
    }

    async fn the_index_is_made_again(app) {
        port(&app).await;
        let job = app.post("/v1/search/reindex", json!(null)).by_admin().await.expect(202).json();
        assert_eq!((job["kind"].as_str(), job["total"].as_i64()), (Some("search_reindex"), Some(1)));
        app.chores().await;
        let path = format!("/v1/jobs/{}", job["id"].as_str().unwrap());
        let job = app.get(&path).by_admin().await.expect(200).json();
        assert_eq!((job["state"].as_str(), job["done"].as_i64()), (Some("done"), Some(1)));
        assert_eq!(found(&app, "港口").await, ["rain", "quay", "trad"]);
    }
}
