//! The life of licences as their readers meet it: several at once, an end, a list's pages, and
//! what is said to machines and to those who manage rights.

use std::collections::BTreeSet;

use masthead::http::auth::ClientKind;
use masthead::rights::{Channel, Role};
use serde_json::{Value, json};

use crate::support::licensing::Deal;
use crate::support::newsroom::with;
use crate::support::request::faults;
use crate::support::{Answer, TestApp, both_engines};

async fn licence_of(app: &TestApp, deal: &Deal, article: &str) -> Value {
    let seen = app
        .read(deal, &format!("/v1/articles/{article}"))
        .await
        .expect(200);
    seen.json()["attribution"]["usage"]["licence_id"].clone()
}

/// Each link of an answer.
fn links(answer: &Answer) -> Vec<String> {
    let links = answer.headers.get_all("link");
    links
        .map(|link| link.to_str().unwrap().to_owned())
        .collect()
}

both_engines! {
    /// Widest extent, then longest excerpt, then latest end, then lowest id.
    async fn the_best_of_several_is_chosen(app) {
        let desk = app.newsroom().await;
        let article = app.live(desk.own_work("Quay")).await;
        let until = |at: &str| json!({"valid_until": at});
        let cut = |chars: usize| json!({"extent": "excerpt", "excerpt_chars": chars});
        let mut deal = app.deal("Many", &[]).await;
        assert_eq!(licence_of(&app, &deal, &article).await, json!(null));
        let headline = app.license(&mut deal, json!({"extent": "headline"})).await;
        assert_eq!(licence_of(&app, &deal, &article).await, headline.as_str());
        let short = app.license(&mut deal, with(cut(30), until("2027-01-01T00:00:00Z"))).await;
        assert_eq!(licence_of(&app, &deal, &article).await, short.as_str());
        let long = app.license(&mut deal, with(cut(60), until("2026-12-01T00:00:00Z"))).await;
        assert_eq!(licence_of(&app, &deal, &article).await, long.as_str(), "a longer excerpt is wider");
        let full = app.license(&mut deal, until("2026-07-01T00:00:00Z")).await;
        assert_eq!(licence_of(&app, &deal, &article).await, full.as_str());
        let later = app.license(&mut deal, until("2026-08-01T00:00:00Z")).await;
        assert_eq!(licence_of(&app, &deal, &article).await, later.as_str());
        let (one, two) = (app.license(&mut deal, json!({})).await, app.license(&mut deal, json!({})).await);
        let lowest = one.clone().min(two.clone());
        assert_eq!(licence_of(&app, &deal, &article).await, lowest.as_str());
        // What is better in one thing and no good in another lends nothing.
        app.license(&mut deal, json!({"channels": ["web"]})).await;
        app.license(&mut deal, json!({"territories": ["US"]})).await;
        app.license(&mut deal, json!({"status": "suspended"})).await;
        assert_eq!(licence_of(&app, &deal, &article).await, lowest.as_str());
        for (ended, next) in [(&lowest, one.clone().max(two.clone())), (&one.max(two), later.clone()), (&later, full.clone()), (&full, long.clone()), (&long, short), (&headline, deal.licences[1].clone())] {
            app.edit(&format!("/v1/licences/{ended}"), json!({"status": "revoked"})).await.expect(200);
            assert_eq!(licence_of(&app, &deal, &article).await, next.as_str());
        }
    }

    async fn an_end_binds_the_next_request(app) {
        let desk = app.newsroom().await;
        let article = app.live(desk.own_work("Quay")).await;
        let item = format!("/v1/articles/{article}");
        let deal = app.deal("Ending", &[json!({})]).await;
        let paths = [item.clone(), format!("{item}?body_format=text"), "/v1/articles?fields=body".to_owned(), format!("{item}/representations/text")];
        let mut tags = Vec::new();
        for path in &paths {
            tags.push(app.read(&deal, path).await.expect(200).etag());
        }
        let again = async |n: usize| app.get(&paths[n]).key(&deal.key).header("if-none-match", &tags[n]).send().await;
        for (n, path) in paths.iter().enumerate() {
            assert_eq!(again(n).await.status, 304, "{path}");
        }
        let licence = format!("/v1/licences/{}", deal.licences[0]);
        app.edit(&licence, json!({"status": "suspended"})).await.expect(200);
        for (n, path) in paths.iter().enumerate() {
            let answer = again(n).await;
            assert_eq!(answer.status, if n == 3 { 403 } else { 200 }, "{path}");
            assert!(!answer.text().contains("Ships dock"), "{path}");
        }
        assert_eq!(app.read(&deal, &paths[3]).await.json()["missing"], json!(["status"]));
        app.edit(&licence, json!({"status": "active"})).await.expect(200);
        assert_eq!(app.extent(&deal, &article).await, "full");
        let seen = app.read(&deal, &item).await.etag();
        app.edit(&licence, json!({"status": "revoked"})).await.expect(200);
        let after = app.get(&item).key(&deal.key).header("if-none-match", &seen).send().await.expect(200);
        assert_eq!(after.json()["attribution"]["usage"]["extent"], "stub");
        assert_eq!(app.read(&deal, &paths[3]).await.expect(403).json()["missing"], json!(["licence"]));
        assert_eq!(app.read(&deal, "/v1/me/licences").await.json()["data"], json!([]));
        // And with the partner its keys, known answers or not.
        let (_, crawler) = app.key_of(&deal.partner, ClientKind::AiCrawler, Channel::Ai);
        app.delete(&format!("/v1/partners/{}", deal.partner)).if_match("*").by_admin().await.expect(204);
        for path in paths.iter().map(String::as_str).chain(["/v1/me/licences", &format!("{licence}/policy")]) {
            for key in [&deal.key, &crawler] {
                app.get(path).key(key).header("if-none-match", "*").send().await.expect(401);
            }
        }
    }

    /// Pages hold each work once, whether stubs are asked for or not.
    async fn pages_hold_each_work_once(app) {
        let desk = app.newsroom().await;
        let (mut all, mut licensed) = (BTreeSet::new(), BTreeSet::new());
        for n in 0..11 {
            if n % 3 != 0 {
                app.clock.advance(chrono::TimeDelta::seconds(1));
            }
            let tags: &[&str] = if n % 2 == 0 { &["port", "ship"] } else { &[] };
            let id = app.live(with(desk.own_work(&format!("Work {}", n % 4)), json!({"tags": tags}))).await;
            if n % 2 == 0 {
                licensed.insert(id.clone());
            }
            all.insert(id);
        }
        // Selected three times over, and still one work.
        let deal = app.deal("Pages", &[
            json!({"selector": {"tags": ["port", "ship"]}}), json!({"selector": {"tags": ["ship"]}, "extent": "headline"}),
            json!({"selector": {"articles": [licensed.first()]}}),
        ]).await;
        for sort in ["published_at", "-published_at", "updated_at", "-updated_at", "title", "-title"] {
            for limit in [1, 2, 3, 100] {
                for (stubs, expected) in [("", &licensed), ("&include_stubs=false", &licensed), ("&include_stubs=true", &all)] {
                    let mut next = Some(format!("/v1/articles?count=exact&sort={sort}&limit={limit}{stubs}"));
                    let mut seen: Vec<String> = Vec::new();
                    while let Some(path) = next {
                        let answer = app.read(&deal, &path).await.expect(200);
                        let json = answer.json();
                        assert_eq!(json["page"]["total"], expected.len(), "{path}");
                        for item in json["data"].as_array().unwrap() {
                            let id = item["id"].as_str().unwrap().to_owned();
                            let extent = if licensed.contains(&id) { "full" } else { "stub" };
                            assert_eq!(item["attribution"]["usage"]["extent"], extent, "{path}");
                            seen.push(id);
                        }
                        next = links(&answer).iter().find(|link| link.ends_with("rel=\"next\"")).and_then(|link| link.split(['<', '>']).nth(1).map(str::to_owned));
                        assert_eq!(next.is_some(), json["page"]["has_more"] == true, "{path}");
                    }
                    assert_eq!(seen.len(), expected.len(), "{sort} {limit} {stubs}");
                    assert_eq!(&seen.into_iter().collect::<BTreeSet<_>>(), expected, "{sort} {limit} {stubs}");
                }
            }
        }
        // Others see the stubs anyway.
        let (_, other) = app.key(app.terms(ClientKind::AiCrawler, Channel::Ai));
        for stubs in ["", "&include_stubs=false", "&include_stubs=true"] {
            let seen = app.get(&format!("/v1/articles?limit=100{stubs}")).key(&other).send().await.expect(200);
            assert_eq!(seen.json()["data"].as_array().unwrap().len(), all.len());
        }
    }

    async fn machines_are_told_the_terms(app) {
        let desk = app.newsroom().await;
        let url = "https://news.example.org/licensing";
        app.edit("/v1/settings", json!({"acquire_licence_url": url})).await.expect(200);
        let article = app.live(desk.own_work("Quay")).await;
        let item = format!("/v1/articles/{article}");
        let mut deal = app.deal("Machines", &[json!({})]).await;
        let (_, crawler) = app.key_of(&deal.partner, ClientKind::AiCrawler, Channel::Ai);
        let named = |path: &str| app.get(path).header("user-agent", "GPTBot/1.2").send();
        let keyed = |path: &str| app.get(path).key(&crawler).send();
        let terms = |licence: &str| format!("/v1/licences/{licence}/policy");
        let has = |answer: &Answer, url: &str| links(answer).contains(&format!("<{url}>; rel=\"license\""));
        // To a partner the terms of its licence, and no reservation.
        let seen = app.read(&deal, &item).await.expect(200);
        assert!(has(&seen, &terms(&deal.licences[0])) && links(&seen).iter().any(|link| link.ends_with("rel=\"canonical\"")));
        assert_eq!((seen.header("tdm-reservation"), seen.header("content-usage")), ("", ""));
        app.read(&deal, &terms(&deal.licences[0])).await.expect(200);
        // To machines without a licence the reservation, and where to get one.
        for answer in [named(&item).await, keyed(&item).await] {
            assert_eq!(answer.json()["attribution"]["usage"]["extent"], "stub");
            assert_eq!((answer.header("tdm-reservation"), answer.header("content-usage"), answer.header("tdm-policy")), ("1", "train-ai=n", url));
            assert!(has(&answer, url));
            assert_eq!(answer.header("cache-control"), "private, no-store");
        }
        for path in ["/v1/articles", "/v1/articles?fields=body&include_stubs=true"] {
            for answer in [named(path).await, keyed(path).await] {
                assert_eq!((answer.header("tdm-reservation"), answer.header("content-usage")), ("1", "train-ai=n"));
                assert!(!answer.text().contains("Ships dock"));
            }
        }
        for answer in [named(&format!("{item}/representations/text")).await, keyed(&format!("{item}/representations/text")).await] {
            let problem = answer.expect(403).json();
            assert_eq!((&problem["type"], &problem["acquire_licence_url"]), (&json!("/problems/licence-required"), &json!(url)));
        }
        // With one, its terms; training is another matter than input.
        let input = app.license(&mut deal, json!({"channels": ["ai"], "ai_input": true})).await;
        let seen = keyed(&item).await.expect(200);
        assert_eq!(seen.json()["attribution"]["usage"]["extent"], "full");
        assert_eq!((seen.header("tdm-reservation"), seen.header("content-usage"), seen.header("tdm-policy")), ("1", "train-ai=n", terms(&input).as_str()));
        assert!(has(&seen, &terms(&input)));
        assert_eq!(app.given_today(&input), 1);
        app.edit(&format!("/v1/licences/{input}"), json!({"ai_train": true})).await.expect(200);
        assert_eq!(keyed(&item).await.header("content-usage"), "train-ai=y");
        assert_eq!(named(&item).await.header("content-usage"), "train-ai=n");
    }

    async fn every_outcome_is_explained(app) {
        let desk = app.newsroom().await;
        let own = app.live(desk.own_work("Own")).await;
        let kept = app.source("Kept").await;
        app.grant(&kept, json!({"may_redistribute": false, "channels": ["web", "syndication"]})).await;
        let kept = app.live(desk.reprint_of(&kept, "Kept")).await;
        let draft = app.draft(desk.own_work("Draft")).await;
        let gone = app.live(desk.own_work("Gone")).await;
        let legal = app.live(desk.own_work("Legal")).await;
        let held = app.live(desk.own_work("Held")).await;
        app.clock.advance(chrono::TimeDelta::minutes(1));
        app.withdraw(&gone, "editorial").await.expect(200);
        app.withdraw(&legal, "legal").await.expect(200);
        app.set_times(&held, Some(app.clock.now() + chrono::TimeDelta::hours(1)), None);
        let headlines = app.deal("Headlines", &[json!({"extent": "headline"})]).await;
        let full = app.deal("Full", &[json!({"embargo_privilege": true})]).await;
        let abroad = app.deal("Abroad", &[json!({"territories": ["US"]})]).await;
        let of = |deal: &Deal| json!({"audience": "partner", "partner_id": deal.partner, "territory": "CN"});
        let desk_as = |role: &str| json!({"audience": "desk", "role": role});
        let works = [&own, &kept, &draft, &gone, &legal, &held];
        let table = [
            (json!({"audience": "public"}), ["excerpt", "stub", "not_found", "gone", "unavailable_for_legal_reasons", "not_found"]),
            (json!({"audience": "first_party"}), ["full", "full", "not_found", "gone", "unavailable_for_legal_reasons", "not_found"]),
            (json!({"audience": "first_party", "channel": "app"}), ["full", "stub", "not_found", "gone", "unavailable_for_legal_reasons", "not_found"]),
            (json!({"audience": "partner"}), ["stub", "stub", "not_found", "gone", "unavailable_for_legal_reasons", "not_found"]),
            (of(&headlines), ["headline", "stub", "not_found", "gone", "unavailable_for_legal_reasons", "not_found"]),
            (of(&full), ["full", "stub", "not_found", "gone", "unavailable_for_legal_reasons", "full"]),
            (of(&abroad), ["stub", "stub", "not_found", "gone", "unavailable_for_legal_reasons", "not_found"]),
            (json!({"client_id": full.client}), ["full", "stub", "not_found", "gone", "unavailable_for_legal_reasons", "full"]),
            (json!({"audience": "ai_crawler"}), ["stub", "stub", "not_found", "gone", "unavailable_for_legal_reasons", "not_found"]),
            (with(of(&full), json!({"audience": "ai_crawler"})), ["stub", "stub", "not_found", "gone", "unavailable_for_legal_reasons", "not_found"]),
            (desk_as("editor"), ["full"; 6]),
            (desk_as("viewer"), ["full", "full", "full", "headline", "headline", "headline"]),
            (desk_as("author"), ["full", "full", "not_found", "not_found", "not_found", "not_found"]),
        ];
        let explain = async |reader: &Value, article: &String| {
            let asked = json!({"reader": reader, "article_id": article});
            app.post("/v1/decisions/explain", asked).by_role(Role::Rights).await.expect(200).json()
        };
        for (reader, outcomes) in &table {
            for (article, outcome) in works.iter().zip(outcomes) {
                let seen = explain(reader, article).await;
                assert_eq!(seen["outcome"], *outcome, "{reader}: {seen}");
                let given = ["stub", "headline", "excerpt", "full"].contains(outcome);
                assert_eq!((seen.get("granted").is_some(), seen.get("credit_line").is_some()), (given, given), "{reader}: {seen}");
                let steps = seen["steps"].as_array().unwrap();
                assert!(steps.iter().any(|step| step["fact"] == "visibility"), "{seen}");
            }
        }
        let seen = explain(&of(&abroad), &own).await;
        let failed = seen["steps"].as_array().unwrap().iter().find(|step| step["licence_id"] == abroad.licences[0].as_str()).unwrap().clone();
        assert_eq!((&failed["axis"], &failed["holds"]), (&json!("territory"), &json!(false)));
        app.delete(&format!("/v1/partners/{}", full.partner)).if_match("*").by_admin().await.expect(204);
        assert_eq!(explain(&json!({"client_id": full.client}), &own).await["outcome"], "unauthorized");
        assert_eq!(app.ledger_rows(), 0, "nothing is delivered by it");
        assert!(explain(&of(&headlines), &own).await.to_string().find("Ships dock").is_none());
    }

    async fn readers_that_cannot_be_and_those_that_are_no_more(app) {
        let desk = app.newsroom().await;
        let own = app.live(desk.own_work("Own")).await;
        let deal = app.deal("Gazette", &[json!({})]).await;
        let explain = |reader: Value| app.post("/v1/decisions/explain", json!({"reader": reader, "article_id": own})).by_role(Role::Rights);
        let none = "ptn_01900000000070008000000000000009";
        for (reader, fault) in [
            (json!({"audience": "partner", "partner_id": none}), ("/reader/partner_id", "unknown")),
            (json!({"audience": "ai_crawler", "partner_id": none}), ("/reader/partner_id", "unknown")),
            (json!({"client_id": "cli_01900000000070008000000000000009"}), ("/reader/client_id", "unknown")),
            (json!({"audience": "first_party", "channel": "syndication"}), ("/reader/channel", "choice")),
            (json!({"audience": "partner", "channel": "ai"}), ("/reader/channel", "choice")),
            (json!({"audience": "ai_crawler", "channel": "web"}), ("/reader/channel", "choice")),
        ] {
            assert_eq!(explain(reader.clone()).await.expect(422).faults(), faults(&[fault]), "{reader}");
        }
        let viewer = explain(json!({"audience": "desk", "role": "viewer"})).await.expect(200).json();
        assert_eq!(viewer["reader"], json!({"audience": "desk", "role": "viewer", "channel": "web"}));
        let described = json!({"audience": "partner", "partner_id": deal.partner, "channel": "web", "territory": "CN"});
        assert_eq!(explain(described.clone()).await.expect(200).json()["outcome"], "stub");
        app.delete(&format!("/v1/partners/{}", deal.partner)).if_match("*").by_admin().await.expect(204);
        for reader in [described, json!({"client_id": deal.client})] {
            let seen = explain(reader.clone()).await.expect(200).json();
            assert_eq!(seen["outcome"], "unauthorized", "{reader}");
            let steps = seen["steps"].as_array().unwrap();
            let over = steps.iter().find(|step| step["fact"] == "partner").unwrap();
            assert_eq!((&over["rule"], &over["holds"]), (&json!(6), &json!(false)));
            assert_eq!(steps.iter().any(|step| step["fact"] == "key"), reader["client_id"].is_string());
        }
    }
}
