//! Answers that are kept ready: given without asking the database, decided on every time, and
//! never a word longer than they hold. That each is the answer which would be made anew, the
//! whole suite asks (`support/twin.rs`).

use std::io::Read as _;
use std::sync::mpsc::{Sender, channel};
use std::thread::{JoinHandle, spawn};

use chrono::TimeDelta;
use masthead::db::{Db, DbError};
use serde_json::{Value, json};

use crate::support::ledger::TICK;
use crate::support::newsroom::with;
use crate::support::{Engine, TestApp, both_engines};

/// Takes every connection that reads, until it is dropped.
struct Taken {
    back: Vec<Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Taken {
    fn all(db: &Db, how_many: usize) -> Self {
        let (mut back, mut threads) = (Vec::new(), Vec::new());
        for _ in 0..how_many {
            let (give, wait) = channel::<()>();
            let (taken, is_taken) = channel();
            let db = db.clone();
            threads.push(spawn(move || {
                let held = db.read_now(|_| {
                    taken.send(()).expect("somebody waits");
                    let _ended = wait.recv();
                    Ok::<_, DbError>(())
                });
                held.expect("a connection is held");
            }));
            is_taken.recv().expect("a connection is taken");
            back.push(give);
        }
        Self { back, threads }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.back.clear();
        for thread in self.threads.drain(..) {
            thread.join().expect("a connection is given back");
        }
    }
}

async fn impatient(engine: Engine) -> TestApp {
    TestApp::with(engine, |raw| raw.database_wait_seconds = 1).await
}

/// Whether all of it is answered with no connection to be had.
async fn is_ready(app: &TestApp, paths: &[String], key: &str) -> bool {
    for path in paths {
        for ask in [app.get(path), app.get(path).key(key)] {
            if ask.send_unchecked().await.status != 200 {
                return false;
            }
        }
    }
    true
}

/// What is ready is given with no connection to be had; what is not waits for one.
async fn ready_asks_no_database(app: TestApp) {
    let desk = app.newsroom().await;
    let known = app.live(desk.own_work("Known")).await;
    let other = app.live(desk.own_work("Other")).await;
    let key = app.first_party_key(masthead::rights::Channel::Web);
    let paths = [
        format!("/v1/articles/{known}"),
        format!("/v1/articles/{known}?body_format=text"),
        format!("/v1/articles/{known}/representations/html"),
        "/v1/articles/slug/known".to_owned(),
        "/v1/articles?include=section,authors&limit=20".to_owned(),
    ];
    // Nothing is kept while other tests keep the feed from looking at the log: then all is asked for again.
    let (mut tags, mut tries) = (Vec::new(), 0);
    let taken = loop {
        tags.clear();
        for path in &paths {
            app.get(path).send().await.expect(200);
            tags.push(app.get(path).key(&key).send().await.expect(200).etag());
        }
        let taken = Taken::all(&app.db, 2);
        if is_ready(&app, &paths, &key).await {
            break taken;
        }
        tries += 1;
        assert!(tries < 10, "nothing is ready");
    };
    for (path, tag) in paths.iter().zip(&tags) {
        app.get(path).send_unchecked().await.expect(200);
        let given = app.get(path).key(&key).send_unchecked().await.expect(200);
        assert_eq!(given.etag(), *tag);
        let asked = app.get(path).key(&key).header("if-none-match", tag);
        let same = asked.send_unchecked().await.expect(304);
        assert_eq!((same.etag(), same.body.len()), (tag.clone(), 0));
        // What is said of content goes with the content.
        for name in ["x-content-type-options", "content-security-policy"] {
            assert!(!given.header(name).is_empty() && same.header(name).is_empty());
        }
    }
    let cold = app.get(&format!("/v1/articles/{other}")).send_unchecked();
    cold.await.expect(503);
    drop(taken);
    app.get(&format!("/v1/articles/{other}"))
        .send()
        .await
        .expect(200);
}

#[actix_web::test]
async fn ready_asks_no_sqlite() {
    ready_asks_no_database(impatient(Engine::Sqlite).await).await;
}

#[actix_web::test]
async fn ready_asks_no_postgres() {
    if crate::support::engine::postgres_is_there() {
        ready_asks_no_database(impatient(Engine::Postgres).await).await;
    }
}

/// The text of an answer, out of its coding.
fn plain(coding: &str, bytes: &[u8]) -> String {
    let mut text = String::new();
    match coding {
        "br" => brotli::Decompressor::new(bytes, 4_096).read_to_string(&mut text),
        "zstd" => zstd::stream::Decoder::new(bytes)
            .expect("a frame")
            .read_to_string(&mut text),
        "gzip" => flate2::read::GzDecoder::new(bytes).read_to_string(&mut text),
        "deflate" => flate2::read::ZlibDecoder::new(bytes).read_to_string(&mut text),
        "" => return String::from_utf8(bytes.to_vec()).expect("text"),
        other => panic!("{other}"),
    }
    .expect("it can be read");
    text
}

both_engines! {
    async fn each_coding_is_kept_for_itself(app) {
        let desk = app.newsroom().await;
        let path = format!("/v1/articles/{}", app.live(desk.own_work("Coded")).await);
        let whole = app.get(&path).send().await.expect(200);
        let mut tags = vec![whole.etag()];
        for (accepted, coding) in [
            ("br", "br"), ("zstd", "zstd"), ("gzip", "gzip"), ("deflate", "deflate"), ("gzip, br;q=0.9", "gzip"), ("identity", ""), ("*;q=0", ""), ("nonsense", ""),
        ] {
            for round in 0..3 {
                let given = app.get(&path).header("accept-encoding", accepted).send_unchecked().await.expect(200);
                assert_eq!(given.header("content-encoding"), coding, "{accepted} {round}");
                assert_eq!(plain(coding, &given.body), whole.text(), "{accepted} {round}");
                tags.push(given.etag());
                let same = app.get(&path).header("accept-encoding", accepted).header("if-none-match", &given.etag()).send_unchecked().await.expect(304);
                assert_eq!((same.etag(), same.header("content-encoding")), (given.etag(), ""), "{accepted}");
            }
        }
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), 5, "one tag for each coding: {tags:?}");
    }

    /// Whatever an answer is made of: once it changes, the answer that was kept is not given.
    async fn a_change_of_anything_it_is_made_of_ends_it(app) {
        let desk = app.newsroom().await;
        let other = app.live(desk.own_work("Related")).await;
        let id = app.live(with(desk.reprint_of(&desk.wire, "Watched"), json!({"related": [other], "tags": ["quay"]}))).await;
        let key = app.first_party_key(masthead::rights::Channel::Web);
        let paths = [
            format!("/v1/articles/{id}?include=section,authors,source"),
            format!("/v1/articles/{id}/representations/html"),
            "/v1/articles/slug/watched".to_owned(),
            "/v1/articles?include=section,authors,source&body_format=html".to_owned(),
        ];
        let seen = async || {
            let mut all = Vec::new();
            for path in &paths {
                // Three times, and held against the twin: see `support/twin.rs`.
                all.push(app.get(path).key(&key).send().await.text());
                all.push(app.get(path).send().await.text());
            }
            all
        };
        let mut last = seen().await;
        assert_eq!(last, seen().await);
        let author = format!("/v1/authors/{}", desk.reporter);
        let editor = format!("/v1/authors/{}", desk.editor);
        let source = format!("/v1/sources/{}", desk.wire);
        let section = format!("/v1/sections/{}", desk.economy);
        let article = format!("/v1/articles/{id}");
        for (path, change) in [
            (&author, json!({"name": "Lin Yueming"})),
            (&editor, json!({"real_name": "Chen Anni"})),
            (&source, json!({"credit_label": "Coastal Wire Service"})),
            (&section, json!({"name": "Trade and economy"})),
            (&"/v1/settings".to_owned(), json!({"copyright_holder": "Harbour Press Group"})),
            (&"/v1/settings".to_owned(), json!({"public_extent": "full"})),
        ] {
            app.edit(path, change).await.expect(200);
            let now = seen().await;
            assert_ne!(last, now, "{path}");
            last = now;
        }
        let act = async |path: String, body: Value| app.post(&path, body).by_admin().await;
        // A notice that will be in force.
        let notices = app.get("/v1/notices").by_admin().await.expect(200).json();
        let mut notices = notices["data"].as_array().unwrap().iter();
        let notice = notices.find(|it| it["kind"] == "reprint" && it["language"] == "en").unwrap();
        let notice = notice["id"].as_str().unwrap();
        last = seen().await;
        let later = app.clock.now() + TimeDelta::hours(1);
        let revision = json!({"text": "Passed on, unchanged, for information.", "effective_from": later.to_rfc3339()});
        app.edit(&format!("/v1/notices/{notice}"), revision).await.expect(200);
        assert_eq!(last, seen().await);
        app.set_clock(later - TICK);
        assert_eq!(last, seen().await);
        app.set_clock(later);
        seen().await;
        // What another article does shows in what relates to it.
        last = seen().await;
        app.withdraw(&other, "editorial").await.expect(200);
        let now = seen().await;
        assert_ne!(last, now);
        // The right to show it ends, and comes back.
        app.delete(&format!("/v1/grants/{}", desk.wire_grant)).if_match("*").by_admin().await.expect(204);
        let without = seen().await;
        assert_ne!(now, without);
        app.grant(&desk.wire, json!({})).await;
        assert_ne!(without, seen().await);
        // A correction, a withdrawal, a return.
        last = seen().await;
        act(format!("{article}/correct"), json!({"title": "Watched closely", "note": "The title was short."})).await;
        seen().await;
        app.withdraw(&id, "editorial").await.expect(200);
        app.get(&article).send().await.expect(410);
        app.get(&article).key(&key).send().await.expect(410);
        act(format!("{article}/reinstate"), json!({"note": "It was right."})).await.expect(200);
        app.get(&article).send().await.expect(200);
        assert_ne!(last, seen().await);
    }

    /// Times alone begin and end what readers see, to the tick, in lists, too.
    async fn its_own_times_end_it(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("Timed")).await;
        let (out, end) = (app.clock.now() + TimeDelta::hours(1), app.clock.now() + TimeDelta::hours(2));
        let times = json!({"publish_at": out.to_rfc3339(), "unpublish_at": end.to_rfc3339()});
        app.post(&format!("/v1/articles/{id}/schedule"), times).by_admin().await.expect(200);
        let list = "/v1/articles?count=exact";
        for (at, total) in [(app.clock.now(), 0), (out - TICK, 0), (out, 1), (end - TICK, 1), (end, 0), (out, 1), (out - TICK, 0)] {
            app.set_clock(at);
            assert_eq!(app.get(list).send().await.expect(200).json()["page"]["total"], total, "{at}");
            let status = if total == 1 { 200 } else if at < out { 404 } else { 410 };
            app.get(&format!("/v1/articles/{id}")).send().await.expect(status);
        }
    }

    /// A key that ends, or may do less, reads nothing that was ready for it.
    async fn a_key_that_ends_reads_nothing_more(app) {
        let desk = app.newsroom().await;
        let path = format!("/v1/articles/{}", app.live(desk.own_work("Keyed")).await);
        let client = json!({"name": "The site", "kind": "first_party", "channel": "web", "scopes": ["articles:read"]});
        let made = app.post("/v1/clients", client).by_admin().await.expect(201).json();
        let (id, key) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
        for _ in 0..2 {
            app.get(&path).key(key).send().await.expect(200);
        }
        app.edit(&format!("/v1/clients/{id}"), json!({"scopes": ["catalogue:read"]})).await.expect(200);
        app.get(&path).key(key).send().await.expect(403);
        app.edit(&format!("/v1/clients/{id}"), json!({"scopes": ["articles:read"]})).await.expect(200);
        for _ in 0..2 {
            app.get(&path).key(key).send().await.expect(200);
        }
        app.delete(&format!("/v1/clients/{id}")).if_match("*").by_admin().await.expect(204);
        app.get(&path).key(key).send().await.expect(401);
    }

    /// Each body that a partner gets is in the ledger, ready or not, and counts.
    async fn what_partners_get_is_in_the_ledger_each_time(app) {
        let desk = app.newsroom().await;
        let id = app.live(desk.own_work("Licensed")).await;
        let path = format!("/v1/articles/{id}");
        let deal = app.deal("Gulf Post", &[json!({"quota_per_day": 4})]).await;
        let mut first = None;
        for n in 1..=4 {
            let given = app.read(&deal, &path).await.expect(200);
            assert_eq!(app.ledger_rows(), n);
            let text = first.get_or_insert_with(|| given.text());
            assert_eq!(*text, given.text(), "{n}: with the statement given before");
        }
        app.read(&deal, &path).await.expect(429);
        assert_eq!(app.ledger_rows(), 4);
        // What is known already is no delivery.
        let tag = app.get(&path).key(&deal.key).header("if-none-match", "*").send().await.expect(304).etag();
        app.get(&path).key(&deal.key).header("if-none-match", &tag).send().await.expect(304);
        assert_eq!(app.ledger_rows(), 4);
        let licence = format!("/v1/licences/{}", deal.licences[0]);
        app.edit(&licence, json!({"quota_per_day": null})).await.expect(200);
        for _ in 0..2 {
            app.read(&deal, &path).await.expect(200);
        }
        app.edit(&licence, json!({"status": "suspended"})).await.expect(200);
        let stub = app.read(&deal, &path).await.expect(200).json();
        assert_eq!(stub["attribution"]["usage"]["extent"], "stub");
        assert_eq!(app.ledger_rows(), 6);
    }

    /// Two callers who may have different things never get each other's.
    async fn what_is_ready_for_one_is_not_given_to_another(app) {
        let desk = app.newsroom().await;
        let source = app.source("Island Wire").await;
        app.grant(&source, json!({"channels": ["web"], "may_redistribute": false})).await;
        let path = format!("/v1/articles/{}", app.live(desk.reprint_of(&source, "For the site")).await);
        let web = app.first_party_key(masthead::rights::Channel::Web);
        let other = app.first_party_key(masthead::rights::Channel::App);
        let deal = app.deal("Gulf Post", &[json!({})]).await;
        let extent = async |ask: crate::support::Ask<'_>| ask.send().await.expect(200).json()["attribution"]["usage"]["extent"].clone();
        for _ in 0..3 {
            assert_eq!(extent(app.get(&path).key(&web)).await, "full");
            assert_eq!(extent(app.get(&path).key(&other)).await, "stub");
            assert_eq!(extent(app.get(&path)).await, "stub");
            assert_eq!(extent(app.get(&path).header("user-agent", "GPTBot/1.0")).await, "stub");
            assert_eq!(extent(app.get(&path).key(&deal.key)).await, "stub");
        }
    }
}

/// What is kept stays within its bytes.
#[actix_web::test]
async fn what_is_kept_is_bounded() {
    let app = TestApp::with(Engine::Sqlite, |raw| raw.cache_bytes = 200_000).await;
    let desk = app.newsroom().await;
    let id = app.live(desk.own_work("Often")).await;
    let fields = [
        "title", "summary", "body", "tags", "section", "genre", "slug", "language",
    ];
    for n in 1..256_u32 {
        let chosen: Vec<&str> = fields
            .iter()
            .enumerate()
            .filter(|(bit, _)| n & (1 << bit) != 0)
            .map(|(_, name)| *name)
            .collect();
        let path = format!("/v1/articles/{id}?fields={}", chosen.join(","));
        let answer = app.get(&path).send_unchecked().await;
        assert_eq!(answer.status, 200, "{path}");
    }
    let kept = app.parts.shared.ready.bytes();
    assert!((1..=200_000).contains(&kept), "{kept}");
}
