//! What crawlers look for: the files agree with the headers of each answer, and nothing hidden is on a map.

use chrono::TimeDelta;
use masthead::rights::Channel;
use serde_json::{Value, json};

use crate::support::both_engines;
use crate::support::newsroom::with;

/// The addresses on a sitemap.
fn places(text: &str) -> Vec<String> {
    let parts = text.split("<loc>").skip(1);
    parts
        .map(|part| part.split("</loc>").next().unwrap().to_owned())
        .collect()
}

/// The uses that a licence file prohibits.
fn prohibited(rsl: &str) -> &str {
    let from = rsl.split_once("<prohibits type=\"usage\">").unwrap().1;
    from.split_once('<').unwrap().0
}

both_engines! {
    async fn what_is_reserved_is_said_everywhere_alike(app) {
        let desk = app.newsroom().await;
        app.edit("/v1/settings", json!({"acquire_licence_url": "https://news.example.org/licensing"})).await.expect(200);
        let id = app.live(desk.own_work("Quay")).await;
        let robots = app.get("/robots.txt").send().await.expect(200);
        let tdmrep: Value = app.get("/.well-known/tdmrep.json").send().await.expect(200).json();
        let rsl = app.get("/rsl.xml").send().await.expect(200);
        assert_eq!(rsl.header("content-type"), "application/rsl+xml");
        for agent in ["GPTBot/1.2", "Mozilla/5.0"] {
            for path in [format!("/v1/articles/{id}"), "/v1/articles".to_owned(), "/v1/search?q=quay".to_owned(), "/v1/feeds/site.rss".to_owned(),
                "/v1/articles?tag=none".to_owned(), "/v1/search?q=none".to_owned(), "/v1/feeds/tags/none.rss".to_owned(), "/sitemaps/news.xml".to_owned(), "/robots.txt".to_owned(), "/sitemap.xml".to_owned(),
                "/v1/articles/slug/quay".to_owned(), "/rsl.xml".to_owned(), "/sitemaps/articles.xml".to_owned()] {
                let answer = app.get(&path).header("user-agent", agent).send().await.expect(200);
                assert_eq!(answer.header("tdm-reservation"), tdmrep[0]["tdm-reservation"].to_string(), "{agent} {path}");
                assert_eq!(answer.header("tdm-policy"), tdmrep[0]["tdm-policy"].as_str().unwrap(), "{agent} {path}");
                let usage = answer.header("content-usage");
                assert!(robots.text().contains(&format!("Content-Usage: {usage}\n")), "{agent} {path}: {usage}");
                assert_eq!(usage.ends_with('n'), prohibited(&rsl.text()).contains("ai-train"), "{agent} {path}");
                let license = format!("<{}>; rel=\"license\"", tdmrep[0]["tdm-policy"].as_str().unwrap());
                let links: Vec<&str> = answer.headers.get_all("link").filter_map(|link| link.to_str().ok()).collect();
                assert!(links.contains(&license.as_str()), "{agent} {path}: {links:?}");
            }
        }
        // Own frontends mine nothing.
        let own = app.get(&format!("/v1/articles/{id}")).key(&app.first_party_key(Channel::Web)).send().await.expect(200);
        assert_eq!(own.header("tdm-reservation"), "");
    }

    async fn maps_hold_what_readers_can_see(app) {
        let desk = app.newsroom().await;
        let old = app.live(with(desk.own_work("Old & dear"), json!({"slug": "old"}))).await;
        app.clock.advance(TimeDelta::days(3));
        app.live(with(desk.reprint_of(&desk.wire, "New <one>"), json!({"slug": "new"}))).await;
        app.draft(with(desk.own_work("Draft"), json!({"slug": "draft"}))).await;
        let held = app.live(with(desk.own_work("Held"), json!({"slug": "held"}))).await;
        app.set_times(&held, Some(app.clock.now() + TimeDelta::hours(2)), None);
        app.refresh();
        let base = app.get("/v1/settings").by_admin().await.expect(200).json()["base_url"].as_str().unwrap().to_owned();
        let index = places(&app.get("/sitemap.xml").send().await.expect(200).text());
        assert_eq!(index, [format!("{base}/sitemaps/articles.xml")]);
        let map = async || places(&app.get("/sitemaps/articles.xml").send().await.expect(200).text());
        assert_eq!(map().await, ["old", "new"].map(|slug| format!("{base}/articles/{slug}")));
        let news = app.get("/sitemaps/news.xml").send().await.expect(200).text();
        assert_eq!(places(&news), [format!("{base}/articles/new")]);
        assert!(news.contains("<news:title>New &lt;one&gt;</news:title>"), "{news}");
        assert!(news.contains("<dcterms:source>Source: Coastal Wire (not this site)\n"), "{news}");
        app.withdraw(&old, "editorial").await.expect(200);
        assert_eq!(map().await, [format!("{base}/articles/new")]);
        for after in ["1", "x", "-", "99999999999999999999-art_01900000000070008000000000000001",
            "253402300800000000-art_01900000000070008000000000000001", "-62198755200000000-art_01900000000070008000000000000001", ""] {
            app.get(&format!("/sitemaps/articles.xml?after={after}")).send().await.expect(400);
        }
        let far = "4102444800000000-art_01900000000070008000000000000001";
        let part = async |query: String| places(&app.get(&format!("/sitemaps/articles.xml?{query}")).send().await.expect(200).text());
        assert_eq!(part(format!("after={far}")).await, Vec::<String>::new());
        assert_eq!(part(format!("until={far}")).await, [format!("{base}/articles/new")]);
        let near = format!("{}-{}", app.clock.now().timestamp_micros(), "art_00000000000000000000000000000001");
        assert_eq!((part(format!("after={near}")).await.len(), part(format!("until={near}")).await.len()), (1, 0));
    }
}
