//! Feeds: what is in them for whom, the credit inside every text, pages, and copies that hold.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use masthead::kernel::text::sha256_hex;
use masthead::rights::Channel;
use serde_json::{Value, json};

use crate::support::newsroom::with;
use crate::support::{TestApp, both_engines};

async fn read(app: &TestApp, path: &str, key: Option<&str>) -> String {
    let ask = app.get(path);
    let ask = match key {
        Some(key) => ask.key(key),
        None => ask,
    };
    ask.send().await.expect(200).text()
}

fn rss(text: &str) -> rss::Channel {
    rss::Channel::read_from(text.as_bytes()).expect(text)
}

fn atom(text: &str) -> atom_syndication::Feed {
    text.parse().expect(text)
}

fn json_feed(text: &str) -> Value {
    serde_json::from_str(text).expect(text)
}

/// Titles of a feed, in its order.
fn titles(form: &str, text: &str) -> Vec<String> {
    match form {
        "rss" => rss(text)
            .items
            .into_iter()
            .filter_map(|item| item.title)
            .collect(),
        "atom" => atom(text)
            .entries
            .into_iter()
            .map(|entry| entry.title.value)
            .collect(),
        _ => {
            let items = json_feed(text)["items"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            items
                .iter()
                .map(|item| item["title"].as_str().unwrap().to_owned())
                .collect()
        }
    }
}

both_engines! {
    async fn each_form_says_the_same_with_its_credit(app) {
        let desk = app.newsroom().await;
        let key = app.first_party_key(Channel::Web);
        let own = app.live(with(desk.own_work("Quay & \"<Sons>\""), json!({"summary": "Ships & ]]> docks."}))).await;
        app.clock.advance(TimeDelta::minutes(1));
        app.live(with(desk.reprint_of(&desk.wire, "The quay"), json!({"slug": "reprint"}))).await;
        let feed = rss(&read(&app, "/v1/feeds/site.rss", Some(&key)).await);
        let [reprint, first] = feed.items.as_slice() else { panic!("{feed:?}") };
        assert_eq!(first.title.as_deref(), Some("Quay & \"<Sons>\""));
        assert_eq!(first.description.as_deref().unwrap().lines().next(), Some("Ships &amp; ]]&gt; docks.<br>"));
        let item = app.get(&format!("/v1/articles/{own}")).key(&key).send().await.expect(200).json();
        let line = item["attribution"]["credit_line"].as_str().unwrap();
        for text in [&first.description, &first.content] {
            assert!(text.as_ref().unwrap().contains(line), "{first:?}");
        }
        assert!(first.content.as_ref().unwrap().contains("Complain within 30 days."));
        let dc = first.dublin_core_ext.as_ref().unwrap();
        assert_eq!((dc.creators[0].as_str(), dc.sources[0].as_str()), ("Lin Yue", line));
        assert!(dc.rights[0].starts_with("© 2026"), "{dc:?}");
        assert_eq!(first.guid.as_ref().map(|guid| guid.permalink), Some(false));
        let via = reprint.atom_ext.as_ref().unwrap().links.iter().find(|link| link.rel == "via").unwrap();
        assert_eq!(via.href, "https://wire.example.com/quay");
        assert!(reprint.description.as_ref().unwrap().contains("(not this site)"));

        let atom = atom(&read(&app, "/v1/feeds/site.atom", Some(&key)).await);
        let json = json_feed(&read(&app, "/v1/feeds/site.json", Some(&key)).await);
        assert_eq!(json["version"], "https://jsonfeed.org/version/1.1");
        for (at, item) in feed.items.iter().enumerate() {
            let (entry, other) = (&atom.entries[at], &json["items"][at]);
            let guid = item.guid.as_ref().unwrap().value.as_str();
            assert_eq!((entry.id.as_str(), other["id"].as_str().unwrap()), (guid, guid));
            let html = entry.content.as_ref().unwrap().value.as_deref();
            assert_eq!((item.content.as_deref(), html), (html, other["content_html"].as_str()));
            assert_eq!(entry.summary.as_ref().map(|text| text.value.as_str()), other["summary"].as_str());
            assert_eq!(item.title.as_deref(), Some(entry.title.value.as_str()));
        }
        assert_eq!(json["items"][0]["_masthead"]["original"]["title"], "Quay to open");
        assert_eq!(atom.entries[0].source.as_ref().unwrap().id, "https://wire.example.com/quay");
        assert!(atom.entries[1].source.is_none());
        app.get("/v1/feeds/site.pdf").send().await.expect(404);
        for odd in ["tags/%00", "tags/%FF", "tags/a%0Bb", "sections/%00", "sections/a%20b"] {
            app.get(&format!("/v1/feeds/{odd}.rss")).send().await.expect(404);
        }
    }

    async fn topics_hold_what_is_theirs(app) {
        let desk = app.newsroom().await;
        let one = app.live(with(desk.own_work("One"), json!({"tags": ["v1.2 port"]}))).await;
        app.live(with(desk.own_work("Two"), json!({"section_id": desk.ports, "contributors": []}))).await;
        let author = &desk.reporter;
        for (topic, expected) in [
            ("site".to_owned(), vec!["Two", "One"]),
            ("sections/economy".to_owned(), vec!["Two", "One"]),
            ("sections/ports".to_owned(), vec!["Two"]),
            (format!("authors/{author}"), vec!["One"]),
            ("tags/v1.2%20port".to_owned(), vec!["One"]),
            ("tags/nothing".to_owned(), vec![]),
        ] {
            for form in ["rss", "atom", "json"] {
                let text = read(&app, &format!("/v1/feeds/{topic}.{form}"), None).await;
                let mut found = titles(form, &text);
                found.sort_by(|a, b| b.cmp(a));
                assert_eq!(found, expected, "{topic} {form}");
            }
        }
        for gone in ["sections/none", "authors/aut_01900000000070008000000000000009", "authors/one"] {
            app.get(&format!("/v1/feeds/{gone}.rss")).send().await.expect(404);
        }
        let named = rss(&read(&app, "/v1/feeds/sections/ports.rss", None).await);
        assert!(named.title.starts_with("Ports - "), "{}", named.title);
        // An author's new name shows, though the feed was ready.
        let path = format!("/v1/feeds/authors/{author}.atom");
        read(&app, &path, None).await;
        app.edit(&format!("/v1/authors/{author}"), json!({"name": "Lin Yu"})).await.expect(200);
        assert!(atom(&read(&app, &path, None).await).title.value.starts_with("Lin Yu - "));
        // What is withdrawn is gone at once.
        app.withdraw(&one, "editorial").await.expect(200);
        assert_eq!(titles("atom", &read(&app, &path, None).await), Vec::<String>::new());
    }

    async fn pages_follow_by_their_own_links(app) {
        let desk = app.newsroom().await;
        for n in 0..7 {
            app.live(with(desk.own_work(&format!("Work {n}")), json!({"slug": format!("work-{n}")}))).await;
        }
        for form in ["rss", "atom", "json"] {
            let mut path = format!("/v1/feeds/site.{form}?limit=3");
            let (mut seen, mut pages) = (BTreeSet::new(), 0);
            loop {
                let text = read(&app, &path, None).await;
                seen.extend(titles(form, &text));
                pages += 1;
                let next = match form {
                    "rss" => rss(&text).atom_ext.unwrap().links.into_iter().find(|link| link.rel == "next").map(|link| link.href),
                    "atom" => atom(&text).links.into_iter().find(|link| link.rel == "next").map(|link| link.href),
                    _ => json_feed(&text)["next_url"].as_str().map(str::to_owned),
                };
                let Some(next) = next else { break };
                path = next.split_once("/v1/").map(|(_, rest)| format!("/v1/{rest}")).unwrap();
                assert!(path.contains("limit=3"), "{path}");
            }
            assert_eq!((seen.len(), pages), (7, 3), "{form}");
        }
        // A cursor is of its own feed.
        let text = read(&app, "/v1/feeds/site.json?limit=3", None).await;
        let next = json_feed(&text)["next_url"].as_str().unwrap().to_owned();
        let cursor = next.split_once("cursor=").unwrap().1;
        app.get(&format!("/v1/feeds/sections/economy.json?limit=3&cursor={cursor}")).send().await.expect(400);
        app.get("/v1/feeds/site.rss?limit=101").send().await.expect(400);
    }

    async fn a_partner_gets_what_it_has_licensed(app) {
        let desk = app.newsroom().await;
        let id = app.live(desk.own_work("Quay")).await;
        app.live(with(desk.own_work("Elsewhere"), json!({"section_id": desk.ports}))).await;
        let deal = app.deal("Portal", &[json!({"extent": "full", "selector": {"articles": [id]}})]).await;
        let answer = app.read(&deal, "/v1/feeds/site.rss").await.expect(200);
        let feed = rss(&answer.text());
        let [item] = feed.items.as_slice() else { panic!("{feed:?}") };
        let html = item.content.as_ref().unwrap();
        assert!(html.contains("It is longer than the first by far."), "{html}");
        assert_eq!(answer.header("cache-control"), "private, no-store");
        // Its terms and the statement that goes with it.
        let said = &item.extensions["licence"];
        let usage: Value = serde_json::from_str(said["usage"][0].value.as_ref().unwrap()).unwrap();
        assert_eq!(usage["licence_id"], deal.licences[0]);
        let given = json!({"attestation": said["attestation"][0].value, "content": html});
        let told = app.post("/v1/attestations/verify", given).send().await.expect(200).json();
        assert_eq!((&told["status"], &told["content_matches"]), (&json!("valid"), &json!(true)), "{told}");
        let policy = item.atom_ext.as_ref().unwrap().links.iter().find(|link| link.rel == "license").unwrap();
        assert!(policy.href.ends_with(&format!("/v1/licences/{}/policy", deal.licences[0])), "{policy:?}");
        // In the ledger, with the digest of what came; what is known already is no delivery.
        let rows = app.get("/v1/deliveries").by_admin().await.expect(200).json();
        let row = &rows["data"][0];
        assert_eq!((&row["surface"], &row["format"], rows["data"].as_array().unwrap().len()), (&json!("feed"), &json!("html"), 1));
        assert_eq!(row["content_digest"], format!("sha-256={}", sha256_hex(html.as_bytes())));
        app.get("/v1/feeds/site.rss").key(&deal.key).header("if-none-match", &answer.etag()).send().await.expect(304);
        assert_eq!(app.ledger_rows(), 1);
        // The public has an excerpt of both.
        let public = rss(&read(&app, "/v1/feeds/site.rss", None).await);
        assert_eq!(public.items.len(), 2);
        assert!(public.items.iter().all(|item| !item.content.as_ref().unwrap().contains("by far")), "{public:?}");
        assert!(public.items.iter().all(|item| item.content.as_ref().unwrap().contains("This is an excerpt")));
    }

    /// For readers of feeds, which send no headers.
    async fn an_address_can_be_signed_for_a_partner(app) {
        let desk = app.newsroom().await;
        app.live(desk.own_work("Quay")).await;
        let deal = app.deal("Portal", &[json!({"extent": "full"})]).await;
        let link = app.read(&deal, "/v1/feeds/link?path=/v1/feeds/site.rss").await.expect(200);
        assert_eq!(link.header("cache-control"), "private, no-store");
        let path = link.json()["path"].as_str().unwrap().to_owned();
        let feed = app.get(&path).send().await.expect(200);
        assert!(rss(&feed.text()).items[0].content.as_ref().unwrap().contains("by far"));
        assert_eq!(app.ledger_rows(), 1);
        // The secret stands in no link but that which needs it.
        let atom = app.read(&deal, "/v1/feeds/link?path=/v1/feeds/site.atom").await.expect(200).json()["path"].as_str().unwrap().to_owned();
        app.live(with(desk.own_work("Two"), json!({"slug": "two", "tags": ["海洋"]}))).await;
        let atom = atom_syndication::Feed::read_from(read(&app, &format!("{atom}&limit=1"), None).await.as_bytes()).unwrap();
        assert!(atom.id.ends_with("/v1/feeds/site.atom"), "{}", atom.id);
        for link in &atom.links {
            assert_eq!(link.href.contains("signature"), link.rel == "next", "{link:?}");
        }
        for tag in ["%E6%B5%B7%E6%B4%8B", "%25E6%25B5%25B7%25E6%25B4%258B"] {
            let link = app.read(&deal, &format!("/v1/feeds/link?path=/v1/feeds/tags/{tag}.rss")).await.expect(200).json();
            assert_eq!(rss(&read(&app, link["path"].as_str().unwrap(), None).await).items.len(), 1, "{tag}");
        }
        read(&app, &format!("{path}&limit=5"), None).await;
        // For this feed alone, for this client alone, and for nothing but feeds.
        let (_, signed) = path.split_once('?').unwrap();
        let other = app.deal("Other", &[json!({"extent": "full"})]).await;
        let mine = deal.client.to_string();
        for wrong in [
            format!("/v1/feeds/site.atom?{signed}"),
            format!("/v1/feeds/site.rss?{}", signed.replace(&mine, &other.client.to_string())),
            format!("/v1/feeds/site.rss?{}", signed.replace(&mine, "cli_01900000000070008000000000000001")),
            format!("/v1/feeds/site.rss?client={mine}"),
            format!("/v1/feeds/site.rss?{signed}A"),
        ] {
            app.get(&wrong).send().await.expect(401);
        }
        app.get(&path).key(&deal.key).send().await.expect(401);
        app.get(&format!("/v1/articles?{signed}")).send().await.expect(400);
        for path in ["/v1/articles", "/v1/feeds/site.rss?limit=5", "/v1/feeds/link", "/v1/feeds/site", "/v1/feeds/a/b.rss", "/v1/feeds/tags/.rss", ""] {
            app.read(&deal, &format!("/v1/feeds/link?path={path}")).await.expect(400);
        }
        app.get("/v1/feeds/link?path=/v1/feeds/site.rss").send().await.expect(401);
        app.get("/v1/feeds/link?path=/v1/feeds/site.rss").by_admin().await.expect(403);
        // It ends with the key.
        let client = format!("/v1/clients/{mine}");
        let etag = app.get(&client).by_admin().await.expect(200).etag();
        app.delete(&client).if_match(&etag).by_admin().await;
        app.get(&path).send().await.expect(401);
    }

    async fn nothing_hidden_is_in_a_feed(app) {
        let desk = app.newsroom().await;
        app.live(desk.own_work("Seen")).await;
        let before = app.get("/v1/feeds/site.atom").send().await.expect(200);
        app.draft(with(desk.own_work("Draft"), json!({"slug": "draft"}))).await;
        let held = app.live(with(desk.own_work("Held"), json!({"slug": "held"}))).await;
        app.set_times(&held, Some(app.clock.now() + TimeDelta::hours(2)), None);
        app.refresh();
        for role in ["public", "desk"] {
            let ask = app.get("/v1/feeds/site.atom");
            let answer = match role {
                "desk" => ask.by_admin().await,
                _ => ask.send().await,
            };
            let text = answer.expect(200).text();
            assert_eq!(titles("atom", &text), ["Seen"], "{role}");
        }
        let after = app.get("/v1/feeds/site.atom").send().await.expect(200);
        assert_eq!((before.text(), before.etag()), (after.text(), after.etag()));
        let crawler = app.get("/v1/feeds/site.json").header("user-agent", "GPTBot/1.2").send().await.expect(200);
        let item = &json_feed(&crawler.text())["items"][0];
        assert!(item.get("content_html").is_none() && item["content_text"].as_str().unwrap().contains("Source: "), "{item}");
        assert_eq!(crawler.header("tdm-reservation"), "1");
    }
}
