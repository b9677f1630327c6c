//! Whoever has a right to an excerpt gets no more than the excerpt, however it is asked for.
//! All that was ever received is put together and held against the whole text.

use diesel::prelude::*;
use flate2::read::{GzDecoder, ZlibDecoder};
use masthead::db::schema::deliveries;
use serde_json::{Value, json};
use std::collections::HashSet;

use crate::support::licensing::Deal;
use crate::support::newsroom::{Newsroom, with};
use crate::support::{Answer, Ask, TestApp, both_engines};

/// Longest excerpt of the licence; the first two sentences fit, and no third.
const CHARS: usize = 70;
const FIRST: &str = "Pilots brought the ferry in at dawn. Nobody aboard was hurt.";
/// Everything that is behind the excerpt, part by part.
const BEHIND: [&str; 12] = [
    "Divers found the hull unbroken beneath the waterline.",
    "Why the engines failed",
    "Mechanics blame a clogged intake, owners suspect sabotage.",
    "“We shall unveil the inquiry’s findings,” the minister vowed.",
    "Thursday brings the insurers’ verdict",
    "Friday sees repairs begin",
    "Captain Okonkwo saluting the tugboat crews",
    "Salvage bill",
    "four million yuan",
    "Timetables remain suspended until the harbourmaster signs a certificate.",
    "https://example.com/confidential-annex",
    "Passengers may claim refunds at every kiosk along the waterfront.",
];
const EXTRA: [&str; 6] = [
    "undisclosed-budget-line",
    "searchable headline variant",
    "ferrydisaster",
    "Quarantine Wharf",
    "End of bulletin",
    "mishap-bulletin",
];

const FIELDS: [&str; 27] = [
    "id",
    "stage",
    "attribution",
    "slug",
    "title",
    "subtitle",
    "summary",
    "language",
    "origin",
    "published_at",
    "updated_at",
    "version",
    "section",
    "genre",
    "dateline",
    "body",
    "tags",
    "contributors",
    "source",
    "end_mark",
    "seo",
    "related",
    "translation_of",
    "corrections",
    "extra",
    "versions",
    "desk",
];
const FORMATS: [&str; 4] = ["blocks", "html", "markdown", "text"];

fn work(desk: &Newsroom) -> Value {
    let [
        divers,
        why,
        mechanics,
        quote,
        thursday,
        friday,
        captain,
        salvage,
        million,
        timetables,
        link,
        passengers,
    ] = BEHIND;
    let [extra, seo, tag, place, end, genre] = EXTRA;
    with(
        desk.own_work("Ferry adrift"),
        json!({
            "subtitle": "All safe", "summary": "A ferry lost power and was towed to port.", "slug": "ferry-adrift",
            "tags": [tag], "extra": {"note": extra}, "seo": {"title": seo}, "end_mark": end, "genre": genre, "dateline": {"place": place},
            "body": {"format": "blocks", "value": [
                {"type": "paragraph", "text": format!("{FIRST} {divers}")},
                {"type": "heading", "level": 2, "text": why},
                {"type": "paragraph", "text": mechanics},
                {"type": "quote", "text": quote},
                {"type": "list", "ordered": false, "items": [thursday, friday]},
                {"type": "image", "url": "/ferry.jpg", "alt": "A ferry", "caption": captain},
                {"type": "table", "rows": [[salvage, million], ["When", "Now"]]},
                {"type": "paragraph", "text": format!("{timetables} <a href=\"{link}\">More</a>")},
                {"type": "paragraph", "text": passengers},
            ]},
        }),
    )
}

/// Everything that was received, each string once.
#[derive(Default)]
struct Received {
    strings: HashSet<String>,
    answers: usize,
    bodies: usize,
}

impl Received {
    fn take(&mut self, answer: &Answer) {
        self.answers += 1;
        for (name, value) in &answer.headers {
            // Names of the moment, not text.
            if !["x-request-id", "etag"].contains(&name.as_str()) {
                self.strings
                    .insert(String::from_utf8_lossy(value.as_bytes()).into_owned());
            }
        }
        let body = match answer.header("content-encoding") {
            "gzip" => unpacked(GzDecoder::new(answer.body.as_ref())),
            "deflate" => unpacked(ZlibDecoder::new(answer.body.as_ref())),
            // Known by its digest in the ledger.
            "br" | "zstd" => return,
            _ => answer.text(),
        };
        match serde_json::from_str(&body) {
            Ok(json) => self.json(&json),
            Err(_) => drop(self.strings.insert(body)),
        }
    }

    fn json(&mut self, value: &Value) {
        match value {
            Value::String(text) => drop(self.strings.insert(text.clone())),
            Value::Array(items) => items.iter().for_each(|item| self.json(item)),
            Value::Object(members) => {
                self.bodies += usize::from(members.contains_key("attestation"));
                for (name, value) in members {
                    // Statements are new each time; what they say is asked of them elsewhere.
                    if name != "attestation" && name != "request_id" {
                        self.strings.insert(name.clone());
                        self.json(value);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// All runs of eight characters, as they stand and with markup taken off.
    fn runs(&self) -> HashSet<String> {
        let mut runs = HashSet::new();
        for text in &self.strings {
            runs_of(text, &mut runs);
            runs_of(&bare(text), &mut runs);
        }
        runs
    }
}

fn unpacked(mut from: impl std::io::Read) -> String {
    let mut text = String::new();
    from.read_to_string(&mut text).unwrap();
    text
}

fn runs_of(text: &str, runs: &mut HashSet<String>) {
    let chars: Vec<char> = text.chars().collect();
    runs.extend(chars.windows(8).map(|run| run.iter().collect::<String>()));
}

/// A text without tags, entities and escapes.
fn bare(text: &str) -> String {
    let mut bare = String::new();
    let mut tag = false;
    for c in text.chars().filter(|c| *c != '\\') {
        match c {
            '<' => tag = true,
            '>' => tag = false,
            c if !tag => bare.push(c),
            _ => {}
        }
    }
    bare.replace("&amp;", "&")
        .replace("&#39;", "'")
        .replace("&quot;", "\"")
}

/// What no answer may hold: the runs of what is behind, but for those that stand before it too.
fn protected(allowed: &[&str]) -> HashSet<String> {
    let (mut protected, mut open) = (HashSet::new(), HashSet::new());
    for text in BEHIND.iter().chain(&EXTRA) {
        runs_of(text, &mut protected);
    }
    for text in allowed {
        runs_of(text, &mut open);
    }
    protected.retain(|run| !open.contains(run));
    protected
}

fn nothing_behind(received: &Received) {
    let runs = received.runs();
    let mut leaked: Vec<&String> = runs.iter().collect();
    let protected = protected(&[FIRST, "https://example.com", "Ferry adrift", "headline"]);
    leaked.retain(|run| protected.contains(*run));
    assert!(
        leaked.is_empty(),
        "after {} answers: {leaked:?}",
        received.answers
    );
    // A test that receives nothing proves nothing.
    let mut excerpt = HashSet::new();
    runs_of(FIRST, &mut excerpt);
    assert!(excerpt.iter().all(|run| runs.contains(run)));
    assert!(
        protected.len() > 300 && received.bodies > 50,
        "{} bodies",
        received.bodies
    );
}

async fn ready(app: &TestApp) -> (Deal, String) {
    let desk = app.newsroom().await;
    let id = app.live(work(&desk)).await;
    app.live(desk.own_work("Another")).await;
    // An edit that waits is the desk's.
    app.edit(
        &format!("/v1/articles/{id}"),
        json!({"seo": {"title": EXTRA[1], "description": "undisclosed-budget-line"}}),
    )
    .await
    .expect(200);
    let deal = app
        .deal(
            "Digest",
            &[json!({"extent": "excerpt", "excerpt_chars": CHARS})],
        )
        .await;
    (deal, id)
}

fn ask<'a>(app: &'a TestApp, deal: &Deal, path: &str) -> Ask<'a> {
    app.get(path).key(&deal.key)
}

/// The plain text of the excerpt that an item gives.
async fn excerpt(app: &TestApp, deal: &Deal, id: &str) -> String {
    let seen = ask(app, deal, &format!("/v1/articles/{id}?body_format=blocks"))
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(seen["attribution"]["usage"]["extent"], "excerpt");
    assert_eq!(seen["body"]["derived"], "excerpt");
    let blocks = seen["body"]["value"].as_array().unwrap();
    let texts = blocks.iter().map(|block| block["text"].as_str().unwrap());
    texts.collect::<Vec<_>>().join("\n")
}

both_engines! {
    async fn no_projection_and_no_surface_gives_more(app) {
        let (deal, id) = ready(&app).await;
        let mut received = Received::default();
        let mut shapes: Vec<String> = vec![String::new()];
        shapes.extend(FIELDS.map(|field| format!("fields={field}")));
        shapes.push(format!("fields={}", FIELDS.join(",")));
        shapes.push("fields=title,body,extra,tags,seo,end_mark,dateline".to_owned());
        let includes = ["", "include=section", "include=authors", "include=source", "include=section,authors,source"];
        let surfaces = [
            format!("/v1/articles/{id}"),
            "/v1/articles/slug/ferry-adrift".to_owned(),
            "/v1/articles?count=exact".to_owned(),
        ];
        let sorts = ["published_at", "-published_at", "updated_at", "-updated_at", "title", "-title"];
        let mut turn = 0;
        for shape in &shapes {
            for include in includes {
                for format in [""].into_iter().chain(FORMATS) {
                    let format = if format.is_empty() { String::new() } else { format!("body_format={format}") };
                    turn += 1;
                    // Which surface and order, takes turns: three and six share no rhythm with five formats.
                    let surface = &surfaces[turn % 3];
                    let sort = if turn % 3 == 2 { format!("sort={}&include_stubs={}", sorts[turn % 6], turn % 2 == 0) } else { String::new() };
                    let query = [shape.as_str(), include, &format, &sort].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("&");
                    let joint = if surface.contains('?') { "&" } else { "?" };
                    let answer = ask(&app, &deal, &format!("{surface}{joint}{query}")).send().await;
                    assert_eq!(answer.status, 200, "{surface}{joint}{query}: {}", answer.text());
                    received.take(&answer);
                }
            }
        }
        for format in FORMATS {
            for sort in sorts {
                for more in ["fields=body", "fields=body,summary&include=authors", "include_stubs=true", "limit=1"] {
                    let mut next = Some(format!("/v1/articles?body_format={format}&sort={sort}&{more}"));
                    while let Some(path) = next {
                        let answer = ask(&app, &deal, &path).send().await.expect(200);
                        received.take(&answer);
                        next = answer.header("link").split(['<', '>']).nth(1).map(str::to_owned).filter(|_| answer.json()["page"]["has_more"] == true);
                    }
                }
            }
            let document = ask(&app, &deal, &format!("/v1/articles/{id}/representations/{format}")).send().await;
            assert_eq!(document.status, if format == "blocks" { 404 } else { 200 });
            received.take(&document);
        }
        nothing_behind(&received);
    }

    async fn no_header_and_no_query_gives_more(app) {
        let (deal, id) = ready(&app).await;
        let mut received = Received::default();
        let item = format!("/v1/articles/{id}");
        let paths = [
            item.clone(),
            format!("{item}?body_format=text"),
            format!("{item}?fields=body&body_format=blocks"),
            "/v1/articles/slug/ferry-adrift".to_owned(),
            "/v1/articles?fields=body".to_owned(),
            format!("{item}/representations/html"),
            format!("{item}/representations/markdown"),
            format!("{item}/representations/text"),
        ];
        for path in &paths {
            let seen = ask(&app, &deal, path).send().await.expect(200);
            let etag = seen.etag();
            let many = "bytes=0-49,50-99,100-9999";
            let headers: [&[(&str, &str)]; 34] = [
                &[("range", "bytes=0-")],
                &[("range", "bytes=-9999")],
                &[("range", "bytes=100-9999")],
                &[("range", many)],
                &[("range", "chars=70-")],
                &[("range", "bytes=0-"), ("if-range", &etag)],
                &[("range", "bytes=60-"), ("if-range", "\"1.0\"")],
                &[("range", "bytes=60-"), ("if-range", "Mon, 01 Jun 2026 12:00:00 GMT")],
                &[("if-none-match", &etag)],
                &[("if-none-match", "*")],
                &[("if-none-match", "W/\"1.0\", \"2.0\"")],
                &[("if-none-match", "\"1.0\""), ("range", "bytes=50-")],
                &[("if-match", "\"9.9\"")],
                &[("if-modified-since", "Thu, 01 Jan 1970 00:00:00 GMT")],
                &[("if-modified-since", "Thu, 01 Jan 2099 00:00:00 GMT")],
                &[("if-unmodified-since", "Thu, 01 Jan 1970 00:00:00 GMT")],
                &[("accept", "text/html")],
                &[("accept", "text/plain;q=1, */*;q=0")],
                &[("accept", "application/xml")],
                &[("accept", "application/ld+json")],
                &[("accept-encoding", "gzip")],
                &[("accept-encoding", "deflate")],
                &[("accept-encoding", "br")],
                &[("accept-encoding", "zstd")],
                &[("accept-encoding", "identity;q=0")],
                &[("accept-encoding", "gzip"), ("range", "bytes=40-")],
                &[("accept-language", "zh-Hant, zh;q=0.8")],
                &[("x-http-method-override", "POST")],
                &[("x-http-method", "PATCH"), ("x-method-override", "PUT")],
                &[("x-original-url", "/v1/articles?stage=draft"), ("x-rewrite-url", "/v1/me")],
                &[("x-forwarded-for", "127.0.0.1"), ("x-forwarded-host", "localhost"), ("forwarded", "for=127.0.0.1")],
                &[("user-agent", "GPTBot/1.2")],
                &[("te", "trailers"), ("prefer", "return=representation"), ("cache-control", "no-cache, only-if-cached")],
                &[("a-im", "vcdiff"), ("want-digest", "sha-256"), ("origin", "https://desk.example.org")],
            ];
            for set in headers {
                for method in ["GET", "HEAD"] {
                    let mut asked = app.request(method, path).key(&deal.key);
                    for (name, value) in set {
                        asked = asked.header(name, value);
                    }
                    let answer = asked.send_unchecked().await;
                    assert!([200, 304, 400, 406, 412].contains(&answer.status), "{path} × {set:?}: {} {}", answer.status, answer.text());
                    assert!(answer.status != 200 || answer.header("content-range").is_empty(), "{path} × {set:?}");
                    received.take(&answer);
                }
            }
            for method in ["OPTIONS", "TRACE", "PROPFIND", "SEARCH", "REPORT", "POST", "PUT", "PATCH", "DELETE", "get"] {
                let answer = app.request(method, path).key(&deal.key).send_unchecked().await;
                assert!(answer.status >= 400 || answer.body.is_empty(), "{method} {path}: {}", answer.text());
                received.take(&answer);
            }
        }
        let odd = [
            "fields=body&fields=extra", "fields=", "fields=body,body", "fields=body%00", "fields=*", "fields=content", "fields=original", "fields=body.value",
            "body_format=HTML", "body_format=raw", "body_format=", "body_format=text&body_format=blocks", "extent=full", "excerpt_chars=9999",
            "public_excerpt_chars=2000", "version=1", "versions=1", "include=versions", "include=media", "include=desk", "include=body", "preview=1",
            "licence_id=x", "stage=draft", "side=head", "q=engines", "script=hant", "at=2027-01-01T00:00:00Z", "_method=POST", "callback=f", "as=admin",
            "offset=70", "page=2", "cursor=e30", "limit=0", "limit=1000000", "&&&", "%", "%ff", "fields=%62ody", "FIELDS=body", "fields[]=body",
        ];
        for query in odd {
            for path in [item.as_str(), "/v1/articles/slug/ferry-adrift", "/v1/articles", &paths[5], &paths[7]] {
                received.take(&ask(&app, &deal, &format!("{path}?{query}")).send_unchecked().await);
            }
        }
        for path in [
            "/v1/me/licences", "/v1/sections", "/v1/authors", "/v1/sources", "/v1/notices", "/v1/deliveries", "/v1/search?q=engines", "/v1/changes",
            "/v1/settings", &format!("{item}/versions"), &format!("{item}/versions/1"), &format!("{item}/preview"), &format!("{item}.json"), &format!("{item}/"),
            &format!("{item}/representations"), &format!("{item}/representations/ninjs"), &format!("{item}/representations/jsonld"), &format!("{item}/representations/embed"),
            &format!("{item}/representations/blocks"), "/v1/feeds/site.rss", "/v1/feeds/site.atom", "/v1/feeds/site.json", "/sitemaps/news.xml",
            &format!("{item}/representations/TEXT"), &format!("/v1/licences/{}/policy", deal.licences[0]), &format!("//v1/articles/{id}"),
            &format!("/v1/articles/slug/../{id}"), "/v1/articles/slug/FERRY-ADRIFT", "/v1/articles/slug/ferry-adrift%20",
        ] {
            received.take(&ask(&app, &deal, path).send_unchecked().await);
        }
        // What was packed in ways that are not unpacked here has the digest of what was not packed.
        let known: Vec<(String, String)> = app.change(|conn| deliveries::table.select((deliveries::format, deliveries::content_digest)).distinct().load(conn));
        let formats: HashSet<&String> = known.iter().map(|(format, _)| format).collect();
        // A body of each of the two works in html, text and blocks, six documents, and the two works in feeds.
        assert!(formats.len() == 7 && known.len() <= 2 * 4 + 6 + 2, "{known:?}");
        nothing_behind(&received);
    }

    /// Corrections of what is behind an excerpt do not move it, so that none can be pieced together of several.
    async fn an_excerpt_stays_the_same_over_time(app) {
        let (deal, id) = ready(&app).await;
        let path = format!("/v1/articles/{id}");
        let mut received = Received::default();
        let first = excerpt(&app, &deal, &id).await;
        assert_eq!(first, FIRST);
        let whole = app.get(&format!("{path}?body_format=blocks")).by_admin().await.json()["body"]["value"].clone();
        for n in 1..9 {
            app.clock.advance(chrono::TimeDelta::minutes(1));
            let mut blocks = whole.as_array().unwrap().clone();
            match n % 4 {
                // The order of what is behind, or more of it.
                0 => blocks[1..].rotate_left(n / 4),
                1 => blocks.push(json!({"type": "paragraph", "text": format!("Short note {n}.")})),
                2 => blocks[2] = json!({"type": "paragraph", "text": "An engineer has since retracted this."}),
                _ => drop(blocks.remove(3)),
            }
            let change = json!({"body": {"format": "blocks", "value": blocks}, "extra": {"turn": n}});
            app.edit(&path, change).await.expect(200);
            assert_eq!(excerpt(&app, &deal, &id).await, FIRST, "an edit waits");
            app.post(&format!("{path}/correct"), json!({"public_note": "A detail was wrong."})).by_admin().await.expect(200);
            assert_eq!(excerpt(&app, &deal, &id).await, FIRST, "correction {n}");
            for format in FORMATS {
                received.take(&ask(&app, &deal, &format!("{path}?body_format={format}")).send().await.expect(200));
                received.take(&ask(&app, &deal, &format!("/v1/articles?fields=body&sort=-updated_at&body_format={format}")).send().await.expect(200));
            }
        }
        nothing_behind(&received);
    }
}
