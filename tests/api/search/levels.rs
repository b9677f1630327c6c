//! Nobody finds, counts or parts by a text that they may not have, and everybody finds what they may.

use masthead::rights::{Channel, ClientKind, Role};
use serde_json::{Value, json};

use super::{encoded, pages, slugs};
use crate::support::newsroom::{Newsroom, with};
use crate::support::{Answer, Ask, TestApp, both_engines};

/// Words that stand in one part of a work each, from what the least may have to what only few may.
const PARTS: [(&str, &str); 4] = [
    ("题内词", "stub"),
    ("摘要词", "headline"),
    ("开头词", "excerpt"),
    ("深处词", "full"),
];

const EXTENTS: [&str; 4] = ["stub", "headline", "excerpt", "full"];

/// A work that has each of these words where it belongs.
fn work(mut of: Value, slug: &str) -> Value {
    let rest = "这一段在后面，公众读不到。".repeat(30);
    of = with(
        of,
        json!({
            "slug": slug, "title": "有题内词的标题", "summary": "这里有摘要词。", "language": "zh-Hans",
            "body": {"format": "markdown", "value": format!("第一句有开头词。\n\n{rest}\n\n最后才有深处词。")},
        }),
    );
    of
}

async fn works(app: &TestApp) -> (Newsroom, Vec<(String, String)>) {
    let desk = app.newsroom().await;
    let closed = app.source("Closed Wire").await;
    app.grant(&closed, json!({"may_redistribute": false})).await;
    let short = app.source("Short Wire").await;
    app.grant(
        &short,
        json!({"max_extent": "excerpt", "channels": ["web", "app", "syndication"]}),
    )
    .await;
    let app_only = app.source("App Wire").await;
    app.grant(&app_only, json!({"channels": ["app"]})).await;
    let open = app.source("Open Wire").await;
    app.grant(&open, json!({"channels": ["web", "app", "syndication"]}))
        .await;
    let none = app.source("Old Wire").await;
    app.grant(
        &none,
        json!({"channels": ["web", "app", "syndication"], "valid_until": "2026-06-02T00:00:00Z"}),
    )
    .await;
    let mut ids = Vec::new();
    for (slug, of) in [
        ("own", desk.own_work("")),
        ("open", desk.reprint_of(&open, "")),
        ("closed", desk.reprint_of(&closed, "")),
        ("short", desk.reprint_of(&short, "")),
        ("apponly", desk.reprint_of(&app_only, "")),
        ("old", desk.reprint_of(&none, "")),
        (
            "elsewhere",
            with(desk.own_work(""), json!({"section_id": desk.ports})),
        ),
    ] {
        let id = app.live(work(of, slug)).await;
        ids.push((slug.to_owned(), id));
    }
    let gone = app.live(work(desk.own_work(""), "gone")).await;
    app.clock.advance(chrono::TimeDelta::days(2));
    app.withdraw(&gone, "editorial").await.expect(200);
    ids.push(("gone".to_owned(), gone));
    (desk, ids)
}

/// What a reader has of a work: its extent, or nothing.
async fn extent(ask: Ask<'_>) -> Option<usize> {
    let answer: Answer = ask.send().await;
    (answer.status == 200).then(|| {
        let told = answer.json()["attribution"]["usage"]["extent"]
            .as_str()
            .unwrap()
            .to_owned();
        EXTENTS.iter().position(|known| *known == told).unwrap()
    })
}

/// Holds a reader's searches against what it has of each work.
async fn check<'a>(
    app: &'a TestApp,
    who: &str,
    ids: &[(String, String)],
    sign: impl Fn(Ask<'a>) -> Ask<'a>,
    lists_stubs: bool,
) {
    for (at, (word, _)) in PARTS.iter().enumerate() {
        let mut expected = Vec::new();
        for (slug, id) in ids {
            if let Some(extent) =
                extent(sign(app.get(&format!("/v1/articles/{id}?fields=id")))).await
                && extent >= at
                && (extent > 0 || lists_stubs)
            {
                expected.push(slug.clone());
            }
        }
        expected.sort();
        for (form, query) in [
            ("word", word.to_string()),
            ("phrase", format!("\"{word}\"")),
            (
                "beginning",
                format!("{}*", word.chars().take(2).collect::<String>()),
            ),
        ] {
            for stubs in ["", "&include_stubs=true"] {
                let path = format!(
                    "/v1/search?limit=100&count=exact&facets=source&q={}{stubs}",
                    encoded(&query)
                );
                let page = sign(app.get(&path)).send().await.expect(200).json();
                let mut found = slugs(&page);
                found.sort();
                let mut expected = expected.clone();
                if at == 0 && !stubs.is_empty() && !lists_stubs {
                    expected = ids
                        .iter()
                        .map(|(slug, _)| slug.clone())
                        .filter(|slug| slug != "gone")
                        .collect();
                    expected.sort();
                }
                assert_eq!(found, expected, "{who}: {form} {query}{stubs}");
                assert_eq!(
                    page["page"]["total"],
                    expected.len(),
                    "{who}: count of {query}"
                );
                let parted: i64 = page["facets"]["source"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|v| v["count"].as_i64().unwrap())
                    .sum();
                assert_eq!(
                    parted,
                    i64::try_from(expected.len()).unwrap(),
                    "{who}: facets of {query}"
                );
                let list = format!(
                    "/v1/articles?limit=100&count=exact&q={}{stubs}",
                    encoded(&query)
                );
                let page = sign(app.get(&list)).send().await.expect(200).json();
                assert_eq!(
                    page["page"]["total"],
                    expected.len(),
                    "{who}: list of {query}"
                );
            }
        }
        // What is excluded is looked for in what the reader has, too.
        let path = format!(
            "/v1/search?limit=100&include_stubs=true&q={}",
            encoded(&format!("题内词 -{word}"))
        );
        let left = slugs(&sign(app.get(&path)).send().await.expect(200).json());
        for slug in &left {
            assert!(!expected.contains(slug), "{who}: -{word} leaves {slug}");
        }
    }
}

both_engines! {
    async fn the_public_and_own_readers(app) {
        let (_, ids) = works(&app).await;
        check(&app, "public", &ids, |ask| ask, true).await;
        for channel in [Channel::Web, Channel::App] {
            let key = app.first_party_key(channel);
            check(&app, channel.as_str(), &ids, |ask| ask.key(&key), true).await;
        }
        let crawler = app.key(app.terms(ClientKind::AiCrawler, Channel::Ai)).1;
        check(&app, "crawler", &ids, |ask| ask.key(&crawler), true).await;
        let token = app.token(Role::Editor).await;
        check(&app, "editor", &ids, |ask| ask.bearer(&token), true).await;
        let token = app.token(Role::Viewer).await;
        check(&app, "viewer", &ids, |ask| ask.bearer(&token), true).await;
        for extent in ["full", "excerpt", "stub"] {
            app.edit("/v1/settings", json!({"public_extent": extent})).await.expect(200);
            check(&app, extent, &ids, |ask| ask, true).await;
        }
    }

    async fn partners(app) {
        let (desk, ids) = works(&app).await;
        for licences in [
            vec![],
            vec![json!({"selector": {"sections": [desk.economy]}, "extent": "full"})],
            vec![json!({"selector": {"sections": [desk.economy]}, "extent": "headline"})],
            vec![json!({"selector": {"sections": [desk.economy]}, "extent": "excerpt", "excerpt_chars": 300})],
            vec![
                json!({"selector": {"sections": [desk.economy]}, "extent": "headline"}),
                json!({"selector": {"sections": [desk.ports]}, "extent": "full"}),
            ],
        ] {
            let deal = app.deal(&format!("Gazette {}", ids.len()), &licences).await;
            check(&app, &format!("{licences:?}"), &ids, |ask| ask.key(&deal.key), false).await;
        }
    }

    async fn short_excerpts_are_not_searched(app) {
        let (_, ids) = works(&app).await;
        app.edit("/v1/settings", json!({"public_excerpt_chars": 100})).await.expect(200);
        let key = app.first_party_key(Channel::App);
        for (at, (word, _)) in PARTS.iter().enumerate() {
            let mut expected = Vec::new();
            for (slug, id) in &ids {
                let has = extent(app.get(&format!("/v1/articles/{id}?fields=id")).key(&key)).await;
                // The lead that is searched is longer than such an excerpt.
                if has.is_some_and(|has| has >= at && (at != 2 || has == 3)) {
                    expected.push(slug.clone());
                }
            }
            expected.sort();
            let mut found = Vec::new();
            for page in pages(&app, &key, &format!("/v1/search?limit=2&count=exact&q={}", encoded(word))).await {
                assert_eq!(page["page"]["total"], expected.len(), "{word}");
                found.extend(slugs(&page));
            }
            found.sort();
            assert_eq!(found, expected, "{word}");
        }
    }

    async fn the_parts_of_a_reader_are_one_list(app) {
        let desk = app.newsroom().await;
        let closed = app.source("App Wire").await;
        app.grant(&closed, json!({"channels": ["app"]})).await;
        let short = app.source("Short Wire").await;
        app.grant(&short, json!({"max_extent": "excerpt", "channels": ["web", "app"]})).await;
        // Of the last ones the reader has titles alone, of the first all.
        let of = |n: usize| match n {
            0..4 => desk.own_work(""),
            4..12 => [desk.own_work(""), desk.reprint_of(&short, ""), desk.reprint_of(&closed, "")][n % 3].clone(),
            _ => desk.reprint_of(&closed, ""),
        };
        for n in 0..16 {
            app.live(work(of(n), &format!("w{n}"))).await;
            app.clock.advance(chrono::TimeDelta::days(30));
        }
        let key = app.first_party_key(Channel::Web);
        let q = encoded("题内词");
        let by = async |sort: &str, limit: usize| {
            let path = format!("/v1/search?q={q}&sort={sort}&limit={limit}&fields=slug");
            pages(&app, &key, &path).await.iter().flat_map(slugs).collect::<Vec<_>>()
        };
        let eldest: Vec<String> = (0..16).map(|n| format!("w{n}")).collect();
        let newest: Vec<String> = eldest.iter().rev().cloned().collect();
        for limit in [1, 3, 5, 100] {
            assert_eq!(by("published_at", limit).await, eldest, "{limit}");
            assert_eq!(by("-published_at", limit).await, newest, "{limit}");
            assert_eq!(by("relevance", limit).await, newest, "{limit}");
        }
    }

    async fn a_phrase_does_not_rebuild_a_body(app) {
        let desk = app.newsroom().await;
        app.live(work(desk.own_work(""), "own")).await;
        for probe in ["\"后面没有\"", "\"最后才有\"", "才有", "深处*", "body:深处", "题内词 深处"] {
            let page = app.get(&format!("/v1/search?q={}&count=exact&facets=source", encoded(probe))).send().await.expect(200).json();
            assert_eq!((page["page"]["total"].as_i64(), page["data"].as_array().unwrap().len()), (Some(0), 0), "{probe}");
        }
    }
}
