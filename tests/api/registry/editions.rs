//! Editions: how they come in, how they follow each other, and how a reprint is held against them.

use masthead::rights::Role;
use serde_json::{Value, json};

use super::{edition, imported};
use crate::support::newsroom::{Newsroom, with};
use crate::support::request::faults;
use crate::support::{TestApp, both_engines};

/// What publishing a reprint of a source comes to, as of a date.
async fn reprint_at(
    app: &TestApp,
    desk: &Newsroom,
    source: &str,
    at: &str,
) -> Result<(), Vec<(String, String)>> {
    let id = app
        .draft(desk.reprint_of(source, "Quay to open soon"))
        .await;
    let answer = app
        .post(
            &format!("/v1/articles/{id}/publish"),
            json!({"publish_at": at}),
        )
        .by_admin()
        .await;
    match answer.status {
        200 => Ok(()),
        _ => Err(answer.expect(422).faults()),
    }
}

both_engines! {
    async fn a_reprint_is_held_against_the_edition_of_its_date(app) {
        let desk = app.newsroom().await;
        let gulf = app.made("/v1/sources", json!({"name": "Gulf Post", "credit_label": "Gulf Post", "kind": "external"})).await;
        app.grant(&gulf, json!({})).await;
        imported(&app, edition("2026-1", "2026-03-01T00:00:00Z", &["Gulf Post", "Somebody Else"])).await;
        imported(&app, edition("2026-2", "2026-05-01T00:00:00Z", &["coastal\u{3000}ＷＩＲＥ"])).await;
        // A closed one, and nothing after it.
        let closed = with(edition("2026-3", "2026-05-20T00:00:00Z", &["Nobody"]), json!({"valid_until": "2026-05-25T00:00:00Z"}));
        imported(&app, closed).await;
        for (at, wire, gulf_post) in [
            ("2026-02-28T23:59:59.999999Z", true, true),
            ("2026-03-01T00:00:00Z", false, true),
            ("2026-04-30T23:59:59.999999Z", false, true),
            ("2026-05-01T00:00:00Z", true, false),
            ("2026-05-19T23:59:59.999999Z", true, false),
            ("2026-05-20T00:00:00Z", false, false),
            ("2026-05-24T23:59:59.999999Z", false, false),
            ("2026-05-25T00:00:00Z", true, true),
        ] {
            for (source, listed) in [(&desk.wire, wire), (&gulf, gulf_post)] {
                let expected = if listed { Ok(()) } else { Err(faults(&[("/source_id", "source_not_listed")])) };
                assert_eq!(reprint_at(&app, &desk, source, at).await, expected, "{at}");
            }
        }
        // Own works are on no list.
        let own = app.draft(desk.own_work("Own")).await;
        app.post(&format!("/v1/articles/{own}/publish"), json!({"publish_at": "2026-05-21T00:00:00Z"})).by_admin().await.expect(200);
        // What was published stays so, and so does a correction of it: its date is what counts.
        let old = app.draft(desk.reprint_of(&gulf, "Old")).await;
        app.post(&format!("/v1/articles/{old}/publish"), json!({"publish_at": "2026-04-01T00:00:00Z"})).by_admin().await.expect(200);
        app.post(&format!("/v1/articles/{old}/correct"), json!({"public_note": "A name was wrong."})).by_admin().await.expect(200);
        app.get(&format!("/v1/articles/{old}")).send().await.expect(200);
    }

    async fn every_name_of_a_source_is_looked_for(app) {
        let desk = app.newsroom().await;
        for (n, (source, listed)) in [
            (json!({"name": "A1", "credit_label": "A2", "kind": "external"}), "a1"),
            (json!({"name": "B1", "credit_label": "B2", "kind": "external"}), "Ｂ2"),
            (json!({"name": "C1", "credit_label": "C2", "kind": "external", "aliases": ["x", "新聞 網"]}), " 新聞\u{3000}網 "),
            (json!({"name": "D1", "credit_label": "D2", "kind": "external", "official_forms": {"zh-Hant": "海岸社"}}), "海岸社"),
        ].into_iter().enumerate() {
            let source = app.made("/v1/sources", source).await;
            app.grant(&source, json!({})).await;
            let from = format!("2026-05-{:02}T00:00:00Z", n + 1);
            assert!(reprint_at(&app, &desk, &source, &from).await.is_err() || n == 0);
            imported(&app, edition(&format!("e{n}"), &from, &[listed])).await;
            assert_eq!(reprint_at(&app, &desk, &source, &from).await, Ok(()), "{listed}");
            assert!(reprint_at(&app, &desk, &desk.wire, &from).await.is_err(), "another source is not listed by it");
        }
    }

    async fn a_registration_of_its_own_still_counts(app) {
        let desk = app.newsroom().await;
        let at = "2026-05-02T00:00:00Z";
        let registry = json!([{"list_edition": "by hand", "valid_from": "2026-05-02T00:00:00Z", "valid_until": "2026-05-03T00:00:00Z"}]);
        let kept = app.made("/v1/sources", json!({"name": "Kept", "credit_label": "Kept", "kind": "external", "registry": registry})).await;
        app.grant(&kept, json!({})).await;
        imported(&app, edition("2026", "2026-05-01T00:00:00Z", &["Coastal Wire"])).await;
        assert_eq!(reprint_at(&app, &desk, &kept, at).await, Ok(()));
        assert_eq!(reprint_at(&app, &desk, &desk.wire, at).await, Ok(()));
        for out in ["2026-05-01T23:59:59Z", "2026-05-03T00:00:00Z"] {
            assert!(reprint_at(&app, &desk, &kept, out).await.is_err(), "{out}");
        }
    }

    async fn an_edition_comes_in_once(app) {
        let first = with(edition("List of 2026", "2026-05-01T00:00:00Z", &["Wire"]), json!({"entries": [
            {"name": " Wire ", "category": "agency", "region": " ", "homepage_url": "https://wire.example.org"}, {"name": "海岸社"}]}));
        let made = app.post("/v1/registry/editions", first.clone()).by_role(Role::Editor).await.expect(201);
        let path = made.header("location").to_owned();
        assert_eq!(path, format!("/v1/registry/editions/{}", made.id()));
        assert_eq!(made.json()["entries"], 2);
        assert_eq!(made.json()["valid_until"], Value::Null);
        assert_eq!(made.json()["imported_by"], json!(app.user_of(Role::Editor).to_string()));
        assert!(made.json()["digest"].as_str().unwrap().starts_with("sha-256="));
        // Signing in for the first time stands in the log, too.
        app.token(Role::Admin).await;
        let before = app.changes().len();
        // The same edition once more, under a name that is folded the same: nothing happens.
        for name in ["List of 2026", "LIST  of ２０２６"] {
            let again = app.post("/v1/registry/editions", with(first.clone(), json!({"name": name}))).by_admin().await.expect(200);
            assert_eq!(again.json(), made.json());
        }
        // Another list, or another period, is another edition.
        for (change, pointer) in [
            (json!({"entries": [{"name": "Wire"}, {"name": "海岸社"}]}), "/name"),
            (json!({"entries": [{"name": "海岸社"}, {"name": "Wire", "category": "agency", "homepage_url": "https://wire.example.org"}]}), "/name"),
            (json!({"valid_from": "2026-05-02T00:00:00Z"}), "/name"),
            (json!({"valid_until": "2027-01-01T00:00:00Z"}), "/name"),
            (json!({"name": "Another name"}), "/valid_from"),
        ] {
            let clash = app.post("/v1/registry/editions", with(first.clone(), change)).by_admin().await.expect(409);
            assert_eq!(clash.faults(), faults(&[(pointer, "taken")]));
        }
        assert_eq!(app.changes().len(), before);
        // A later one ends it. The end is not its own, and importing it again finds it unchanged.
        imported(&app, edition("Next", "2026-07-01T00:00:00Z", &["Wire"])).await;
        let ended = app.post("/v1/registry/editions", first).by_admin().await.expect(200);
        assert_eq!(ended.json()["valid_until"], "2026-07-01T00:00:00Z");
        let all = app.get("/v1/registry/editions?count=exact&sort=-created_at&limit=1").by_role(Role::Viewer).await.expect(200).json();
        assert_eq!((&all["page"]["total"], all["data"].as_array().unwrap().len()), (&json!(2), 1));
        let once = || app.post("/v1/registry/editions", edition("Keyed", "2026-08-01T00:00:00Z", &["Wire"])).header("idempotency-key", "k");
        let (one, two) = (once().by_admin().await.expect(201), once().by_admin().await.expect(201));
        assert_eq!(one.id(), two.id());
    }

    async fn no_two_editions_hold_at_one_instant(app) {
        let period = |name: &str, from: &str, until: Option<&str>| {
            let day = |day: &str| format!("2026-{day}T00:00:00Z");
            let mut body = edition(name, &day(from), &["Wire"]);
            if let Some(until) = until {
                body["valid_until"] = json!(day(until));
            }
            app.post("/v1/registry/editions", body)
        };
        period("a", "01-01", Some("03-01")).by_admin().await.expect(201);
        period("b", "06-01", None).by_admin().await.expect(201);
        for (from, until, found) in [
            ("02-01", None, vec!["/valid_from"]),
            ("02-01", Some("07-01"), vec!["/valid_from", "/valid_until"]),
            ("04-01", Some("06-02"), vec!["/valid_until"]),
            ("01-01", Some("02-01"), vec!["/valid_from"]),
            ("06-01", None, vec!["/valid_from"]),
        ] {
            let clash = period("x", from, until).by_admin().await.expect(409);
            let expected: Vec<_> = found.into_iter().map(|at| (at, "taken")).collect();
            assert_eq!(clash.faults(), faults(&expected), "{from} {until:?}");
        }
        // Between two: it ends where the next one begins, unless it says when.
        let until = |answer: crate::support::Answer| answer.expect(201).json()["valid_until"].clone();
        assert_eq!(until(period("c", "04-01", None).by_admin().await), "2026-06-01T00:00:00Z");
        // It gives way to one in between again, as an open one would.
        assert_eq!(until(period("d", "05-01", Some("05-02")).by_admin().await), "2026-05-02T00:00:00Z");
        assert_eq!(until(period("e", "03-01", Some("04-01")).by_admin().await), "2026-04-01T00:00:00Z");
        let all = app.get("/v1/registry/editions").by_admin().await.expect(200).json();
        let mut periods: Vec<(String, String)> = all["data"].as_array().unwrap().iter()
            .map(|one| (one["valid_from"].to_string(), one["valid_until"].to_string())).collect();
        periods.sort();
        assert_eq!(periods.len(), 5);
        for next in periods.windows(2) {
            assert!(next[0].1 <= next[1].0, "{next:?}");
        }
    }

    async fn what_stands_on_an_edition_is_paged_and_found(app) {
        let names: Vec<String> = (0..23).map(|n| format!("Wire {n:02}")).collect();
        let mut all: Vec<&str> = names.iter().map(String::as_str).collect();
        all.extend(["海岸社", "海岸日报", "ＷＩＲＥ 0", "100% News", "A_B"]);
        let id = imported(&app, edition("2026", "2026-05-01T00:00:00Z", &all)).await;
        let path = format!("/v1/registry/editions/{id}/entries");
        for (q, count) in [("", 28), ("wire", 24), ("ＷＩＲＥ\u{3000}1", 10), ("WIRE 0", 11), ("海岸", 2), ("100%", 1), ("%", 0), ("a_", 1), ("x", 0)] {
            let q: String = url::form_urlencoded::byte_serialize(q.as_bytes()).collect();
            let whole = app.get(&format!("{path}?q={q}&limit=100&count=exact")).by_role(Role::Viewer).await.expect(200).json();
            assert_eq!(whole["page"]["total"], count, "{q}");
            let mut seen = Vec::new();
            let mut next = Some(format!("{path}?q={q}&limit=7"));
            while let Some(at) = next {
                let page = app.get(&at).by_admin().await.expect(200);
                seen.extend(page.json()["data"].as_array().unwrap().clone());
                next = page.header("link").split(['<', '>']).nth(1).map(str::to_owned);
            }
            assert_eq!(&seen, whole["data"].as_array().unwrap(), "{q}");
            assert_eq!(seen.len(), count);
        }
        app.get(&format!("{path}?q={}", "x".repeat(201))).by_admin().await.expect(400);
        app.get(&format!("{path}?q=a%00")).by_admin().await.expect(400);
        let nowhere = "/v1/registry/editions/reg_01900000000070008000000000000009";
        app.get(nowhere).by_admin().await.expect(404);
        app.get(&format!("{nowhere}/entries")).by_admin().await.expect(404);
    }

    async fn faults_of_an_edition_are_told_all_at_once(app) {
        let wrong = json!({"name": 1, "valid_from": "2026-05-01", "entries": [{"name": "a", "city": "b"}, {}], "digest": "x"});
        let answer = app.post("/v1/registry/editions", wrong).by_admin().await.expect(422);
        assert_eq!(answer.faults(), faults(&[("/name", "type"), ("/valid_from", "format"), ("/entries/0/city", "unknown_field"),
            ("/entries/1/name", "required"), ("/digest", "unknown_field")]));
        let wrong = json!({"name": "a\u{202e}", "valid_from": "2026-05-01T00:00:00Z", "valid_until": "2026-05-01T00:00:00Z", "entries": [
            {"name": "Wire"}, {"name": "ＷＩＲＥ", "homepage_url": "ftp://x"}, {"name": " ", "category": "a\u{200b}b"}, {"name": "b\n", "region": "c\u{7}d"}]});
        let answer = app.post("/v1/registry/editions", wrong).by_admin().await.expect(422);
        assert_eq!(answer.faults(), faults(&[("/name", "unsafe_character"), ("/valid_until", "period"), ("/entries/1/name", "duplicate"),
            ("/entries/1/homepage_url", "url"), ("/entries/2/name", "blank"), ("/entries/2/category", "unsafe_character"),
            ("/entries/3/region", "unsafe_character")]));
        let many: Vec<Value> = (0..5_001).map(|n| json!({"name": format!("n{n}")})).collect();
        for (entries, codes) in [(json!([]), vec![("/entries", "items")]), (json!(many), vec![("/entries", "items")])] {
            let answer = app.post("/v1/registry/editions", with(edition("x", "2026-05-01T00:00:00Z", &[]), json!({"entries": entries}))).by_admin().await.expect(422);
            assert_eq!(answer.faults(), faults(&codes));
        }
        let same: Vec<Value> = (0..5_000).map(|_| json!({"name": "the same"})).collect();
        let answer = app.post("/v1/registry/editions", with(edition("x", "2026-05-01T00:00:00Z", &[]), json!({"entries": same}))).by_admin().await.expect(422);
        assert_eq!(answer.faults().len(), 100, "an answer does not grow without end");
        let most: Vec<Value> = (0..5_000).map(|n| json!({"name": format!("来源 {n}")})).collect();
        let made = app.post("/v1/registry/editions", with(edition("x", "2026-05-01T00:00:00Z", &[]), json!({"entries": most}))).by_admin().await.expect(201);
        assert_eq!(made.json()["entries"], 5_000);
    }
}
