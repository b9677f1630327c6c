//! The log over the API: lists, filters, one event, lines.

use chrono::TimeDelta;
use masthead::audit::chain::{START, seal};
use masthead::rights::Role;
use serde_json::{Value, json};

use super::events;
use crate::support::request::faults;
use crate::support::{TestApp, both_engines};

/// The numbers on a page.
async fn numbers(app: &TestApp, query: &str) -> Vec<i64> {
    let page = app
        .get(&format!("/v1/audit-events?limit=100&{query}"))
        .by_admin()
        .await
        .expect(200)
        .json();
    let data = page["data"].as_array().unwrap();
    data.iter()
        .map(|event| event["seq"].as_i64().unwrap())
        .collect()
}

/// Those of all events that fit, newest first.
fn fitting(app: &TestApp, fits: impl Fn(&Value) -> bool) -> Vec<i64> {
    let mut all: Vec<Value> = events(app)
        .iter()
        .map(|one| one.event.document())
        .filter(|event| fits(event))
        .collect();
    all.sort_by_key(|event| {
        std::cmp::Reverse((
            event["at"].as_str().unwrap().to_owned(),
            event["seq"].as_i64().unwrap(),
        ))
    });
    all.iter()
        .map(|event| event["seq"].as_i64().unwrap())
        .take(100)
        .collect()
}

both_engines! {
    async fn every_filter_and_their_combinations(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("x")).await;
        app.clock.advance(TimeDelta::seconds(10));
        app.publish(&id).await.expect(200);
        app.clock.advance(TimeDelta::seconds(10));
        app.withdraw(&id, "legal").await.expect(200);
        let author = app.token(Role::Author).await;
        app.post("/v1/articles", json!({"title": "Mine", "language": "en"})).bearer(&author).send().await.expect(201);
        // Reads the log once, so that its own record is there.
        app.get("/v1/audit-events").by_admin().await.expect(200);
        let admin = app.user_of(Role::Admin).to_string();
        let writer = app.user_of(Role::Author).to_string();
        let mid = "2026-06-01T12:00:10Z";
        for (query, expected) in [
            (String::new(), fitting(&app, |_| true)),
            (format!("resource_id={id}"), fitting(&app, |event| event["resource_id"] == id.as_str())),
            ("resource=article".to_owned(), fitting(&app, |event| event["resource"] == "article")),
            ("action=withdrawn".to_owned(), fitting(&app, |event| event["action"] == "withdrawn")),
            ("action=created&resource=article".to_owned(), fitting(&app, |event| event["action"] == "created" && event["resource"] == "article")),
            (format!("actor={writer}"), fitting(&app, |event| event["actor_id"] == writer.as_str())),
            (format!("actor={admin}&action=created&resource=notice"), fitting(&app, |event| event["actor_id"] == admin.as_str() && event["action"] == "created" && event["resource"] == "notice")),
            ("actor_kind=operator".to_owned(), fitting(&app, |event| event["actor_kind"] == "operator")),
            ("actor_kind=client".to_owned(), vec![]),
            (format!("from={mid}"), fitting(&app, |event| event["at"].as_str().unwrap() >= mid)),
            (format!("until={mid}"), fitting(&app, |event| event["at"].as_str().unwrap() < mid)),
            (format!("from={mid}&until=2026-06-01T12:00:20Z&resource_id={id}"), fitting(&app, |event| event["at"] == mid && event["resource_id"] == id.as_str())),
            ("resource=nothing".to_owned(), vec![]),
        ] {
            assert_eq!(numbers(&app, &query).await, expected, "{query}");
        }
        assert_eq!(fitting(&app, |event| event["resource_id"] == id.as_str() && event["at"] == mid).len(), 1);
        for (query, at) in [
            ("action=nothing", "action"), ("actor_kind=robot", "actor_kind"), ("actor=art_01900000000070008000000000000001", "actor"),
            ("from=yesterday", "from"), ("limit=101", "limit"), ("resource=", "resource"), ("sort=created_at", "sort"),
        ] {
            let refused = app.get(&format!("/v1/audit-events?{query}")).by_admin().await.expect(400);
            assert_eq!(refused.faults()[0].0, at, "{query}");
        }
        let long = format!("/v1/audit-events?resource_id={}", "x".repeat(101));
        assert_eq!(app.get(&long).by_admin().await.expect(400).faults(), faults(&[("resource_id", "length")]));
    }

    async fn pages_hold_each_event_once(app) {
        app.newsroom().await;
        app.get("/v1/audit-events").by_admin().await.expect(200);
        let whole = numbers(&app, "").await;
        let counted = app.get("/v1/audit-events?limit=3&count=exact").by_admin().await.expect(200).json();
        assert_eq!(counted["page"]["total"], whole.len());
        let mut path = "/v1/audit-events?limit=3".to_owned();
        let mut seen = Vec::new();
        loop {
            let answer = app.get(&path).by_admin().await.expect(200);
            let page = answer.json();
            seen.extend(page["data"].as_array().unwrap().iter().map(|event| event["seq"].as_i64().unwrap()));
            // Events that come meanwhile stand before the first page.
            app.patch("/v1/settings", json!({"site_name": "Harbour"})).if_match("*").by_admin().await.expect(200);
            let Some(cursor) = page["page"]["next_cursor"].as_str() else { break };
            assert!(answer.header("link").contains("rel=\"next\""));
            if seen.len() >= 9 {
                break;
            }
            path = format!("/v1/audit-events?limit=3&cursor={cursor}");
        }
        assert_eq!(seen, whole[..9]);
        for cursor in ["x", "eyJ2IjoxfQ"] {
            app.get(&format!("/v1/audit-events?cursor={cursor}")).by_admin().await.expect(400);
        }
    }

    async fn an_event_is_read_with_its_seal(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("A title that nobody is to find")).await;
        let event = events(&app).into_iter().find(|one| one.event.resource_id == id).unwrap().event;
        let path = format!("/v1/audit-events/{}", event.id);
        let before = app.get(&path).by_admin().await.expect(200).json();
        assert_eq!((&before["seq"], &before["action"], &before["seal"]), (&event.seq.into(), &"created".into(), &Value::Null));
        app.clock.advance(TimeDelta::seconds(5));
        app.chores().await;
        let answer = app.get(&path).by_admin().await.expect(200);
        let seal = &answer.json()["seal"];
        assert_eq!((seal["hash"].as_str().unwrap().len(), seal["sealed_at"].as_str()), (64, Some("2026-06-01T12:00:05Z")));
        assert_eq!(answer.header("cache-control"), "private, no-store");
        app.get("/v1/audit-events/aud_01900000000070008000000000000009").by_admin().await.expect(404);
        app.get("/v1/audit-events/nonsense").by_admin().await.expect(404);
        for role in [Role::Rights, Role::Editor, Role::Author, Role::Viewer] {
            app.get(&path).by_role(role).await.expect(403);
        }
        app.get(&path).send().await.expect(401);
        // No text of a work stands in it.
        let all = app.get("/v1/audit-events/export").by_admin().await.expect(200).text();
        assert!(!all.contains("nobody is to find"), "{all}");
    }

    async fn lines_are_enough_to_recompute_the_chain(app) {
        app.newsroom().await;
        app.chores().await;
        let sealed = events(&app).len();
        let mut path = "/v1/audit-events/export?limit=7".to_owned();
        let (mut previous, mut seq) = (START.to_owned(), 0);
        loop {
            let answer = app.get(&path).by_admin().await.expect(200);
            assert_eq!(answer.header("content-type"), "application/x-ndjson");
            for line in answer.text().lines() {
                let mut event: Value = serde_json::from_str(line).unwrap();
                let told = event.as_object_mut().unwrap().remove("seal").unwrap();
                seq += 1;
                assert_eq!(event["seq"], seq);
                if told.is_null() {
                    assert!(usize::try_from(seq).unwrap() > sealed);
                    continue;
                }
                previous = seal(&previous, &event).unwrap();
                assert_eq!(told["hash"], previous.as_str());
            }
            match answer.header("link").strip_prefix('<').and_then(|link| link.split_once('>')) {
                Some((next, rel)) => {
                    assert_eq!(rel, "; rel=\"next\"");
                    path = next.to_owned();
                }
                None => break,
            }
        }
        // The reading itself came after the sealing.
        assert_eq!(usize::try_from(seq).unwrap(), sealed + 1);
        let only = app.get("/v1/audit-events/export?sealed=true&limit=10000").by_admin().await.expect(200);
        assert_eq!((only.text().lines().count(), only.header("link")), (sealed, ""));
        let none = app.get("/v1/audit-events/export?after=9223372036854775807").by_admin().await.expect(200);
        assert_eq!(none.text(), "");
        for query in ["limit=10001", "limit=0", "after=-1", "after=%2B1", "after=9223372036854775808", "sealed=yes", "cursor=x"] {
            app.get(&format!("/v1/audit-events/export?{query}")).by_admin().await.expect(400);
        }
    }

    async fn reading_the_log_is_on_record_once_a_day(app) {
        let admin = app.user_of(Role::Admin).to_string();
        let other = app.token_of(app.user("second@desk.example.org", Role::Admin)).await;
        let read = || {
            let reads = events(&app).into_iter().filter(|one| one.event.resource == "audit_log");
            reads.map(|one| (one.event.resource_id, one.event.actor_id.unwrap() == admin)).collect::<Vec<_>>()
        };
        app.get("/v1/audit-events?limit=0").by_admin().await.expect(400);
        app.get("/v1/audit-events/aud_01900000000070008000000000000009").by_admin().await.expect(404);
        app.get("/v1/audit-events").by_role(Role::Editor).await.expect(403);
        assert_eq!(read(), []);
        for path in ["/v1/audit-events", "/v1/audit-events/export", "/v1/audit-events"] {
            app.get(path).by_admin().await.expect(200);
        }
        assert_eq!(read(), [("2026-06-01".to_owned(), true)]);
        app.get("/v1/audit-events/export").bearer(&other).send().await.expect(200);
        assert_eq!(read(), [("2026-06-01".to_owned(), true), ("2026-06-01".to_owned(), false)]);
        app.clock.advance(TimeDelta::days(1));
        app.get("/v1/audit-events").by_admin().await.expect(200);
        assert_eq!(read().pop(), Some(("2026-06-02".to_owned(), true)));
    }
}
