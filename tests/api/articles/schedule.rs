//! Submitting, returning, scheduling, ending, reinstating: exact by the times alone.

use chrono::{DateTime, TimeDelta, Utc};
use masthead::rights::Role;
use serde_json::{Value, json};

use crate::support::ledger::TICK;
use crate::support::newsroom::with;
use crate::support::request::faults;
use crate::support::{Answer, TestApp, both_engines};

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

async fn act(app: &TestApp, id: &str, action: &str, body: Value) -> Answer {
    app.post(&format!("/v1/articles/{id}/{action}"), body)
        .by_admin()
        .await
}

/// The kinds of an article's changes, in their order.
fn kinds(app: &TestApp, id: &str) -> Vec<String> {
    app.changes()
        .into_iter()
        .filter(|change| change.3 == id)
        .map(|change| change.1)
        .collect()
}

async fn total(app: &TestApp, query: &str) -> Value {
    let path = format!("/v1/articles?count=exact&{query}");
    app.get(&path).by_admin().await.expect(200).json()["page"]["total"].clone()
}

both_engines! {
    async fn times_hold_without_any_job(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("Timed")).await;
        let path = format!("/v1/articles/{id}");
        let (out, end) = (app.clock.now() + TimeDelta::hours(1), app.clock.now() + TimeDelta::hours(2));
        let scheduled = act(&app, &id, "schedule", json!({"publish_at": text(out), "unpublish_at": text(end)})).await.expect(200).json();
        assert_eq!((&scheduled["stage"], &scheduled["desk"]["publish_at"], &scheduled["published_at"]), (&json!("scheduled"), &json!(text(out)), &json!(text(out))));
        for (at, status, stage) in [
            (app.clock.now(), 404, "scheduled"), (out - TICK, 404, "scheduled"), (out, 200, "published"), (end - TICK, 200, "published"), (end, 410, "withdrawn"),
        ] {
            app.set_clock(at);
            let seen = app.get(&path).send().await.expect(status);
            if status == 200 {
                assert_eq!((&seen.json()["stage"], &seen.json()["published_at"]), (&json!("published"), &json!(text(out))));
                assert_eq!(seen.json()["attribution"]["usage"]["valid_until"], text(end));
            }
            let listed = app.get("/v1/articles?count=exact").send().await.expect(200).json()["page"]["total"].clone();
            assert_eq!(listed, u8::from(status == 200), "{at}");
            let known = app.get(&path).by_admin().await.expect(200).json();
            assert_eq!(known["stage"], stage, "{at}");
            for any in ["draft", "review", "scheduled", "published", "withdrawn"] {
                assert_eq!(total(&app, &format!("stage={any}")).await, u8::from(any == stage), "{any} at {at}");
            }
        }
        assert_eq!(kinds(&app, &id), ["created", "scheduled"], "nobody has written it down yet");
        app.chores().await;
        assert_eq!(kinds(&app, &id), ["created", "scheduled", "published", "withdrawn"]);
        app.chores().await;
        assert_eq!(kinds(&app, &id).len(), 4, "and once");
        let known = app.get(&path).by_admin().await.expect(200).json();
        assert_eq!((&known["stage"], &known["desk"]["withdrawal"]["reason_class"], &known["desk"]["withdrawal"]["at"]), (&json!("withdrawn"), &json!("rights_expired"), &json!(text(end))));
        app.get(&path).send().await.expect(410);
        // A clock that steps back does nothing twice, and what follows it neither.
        app.set_clock(out);
        app.chores().await;
        app.set_clock(end + TICK);
        app.chores().await;
        assert_eq!(kinds(&app, &id).len(), 4);
    }

    async fn an_action_finds_written_down_what_came_about(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("Timed")).await;
        let path = format!("/v1/articles/{id}");
        let out = app.clock.now() + TimeDelta::hours(1);
        act(&app, &id, "schedule", json!({"publish_at": text(out)})).await.expect(200);
        let seen = app.get(&path).by_admin().await.expect(200);
        app.set_clock(out);
        // The tag of before the instant still fits: nobody changed it.
        app.patch(&path, json!({"title": "Timed anew"})).if_match(&seen.etag()).by_admin().await.expect(200);
        assert_eq!(kinds(&app, &id), ["created", "scheduled", "published", "updated"]);
        assert_eq!(app.get(&path).send().await.expect(200).json()["title"], "Timed");
        app.delete(&path).if_match("*").by_admin().await.expect(409);
        act(&app, &id, "return", json!({})).await.expect(409);
        act(&app, &id, "correct", json!({"public_note": "A word."})).await.expect(200);
        app.clock.advance(TimeDelta::hours(1));
        act(&app, &id, "withdraw", json!({"reason_class": "legal", "reason": "x"})).await.expect(200);
        app.chores().await;
        assert_eq!(kinds(&app, &id), ["created", "scheduled", "published", "updated", "corrected", "withdrawn"]);
    }

    async fn stages_by_hand(app) {
        let desk = app.newsroom().await;
        let author = app.token(Role::Author).await;
        let mine = app.post("/v1/articles", desk.own_work("Mine")).bearer(&author).send().await.expect(201);
        let path = format!("/v1/articles/{}", mine.id());
        let submit = |token: &str| app.post(&format!("{path}/submit"), json!({})).header("idempotency-key", "s").bearer(token);
        submit(&app.token(Role::Viewer).await).send().await.expect(403);
        let handed = submit(&author).send().await.expect(200).json();
        assert_eq!(handed["stage"], "review");
        assert_eq!(submit(&author).send().await.expect(200).json(), handed, "a repetition is no second one");
        app.patch(&path, json!({"title": "Again"})).if_match("*").bearer(&author).send().await.expect(403);
        app.post(&format!("{path}/submit"), json!({})).by_role(Role::Editor).await.expect(409);
        app.post(&format!("{path}/return"), json!({})).bearer(&author).send().await.expect(403);
        let back = app.post(&format!("{path}/return"), json!({})).by_role(Role::Editor).await.expect(200).json();
        assert_eq!(back["stage"], "draft");
        app.patch(&path, json!({"title": "Again"})).if_match("*").bearer(&author).send().await.expect(200);
        // Whose draft it is not, does not know of it.
        let theirs = app.draft(desk.own_work("Theirs")).await;
        app.post(&format!("/v1/articles/{theirs}/submit"), json!({})).bearer(&author).send().await.expect(404);
        app.post(&format!("{path}/submit"), json!({"reason": "x"})).bearer(&author).send().await.expect(422);
        assert_eq!(kinds(&app, &mine.id()), ["created", "submitted", "returned", "updated"]);
    }

    async fn times_that_cannot_be(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("Timed")).await;
        for (body, expected) in [
            (json!({}), vec![("/publish_at", "required")]),
            (json!({"publish_at": "2026-05-01T00:00:00Z", "embargoed_until": "2026-04-01T00:00:00Z", "unpublish_at": "2026-03-01T00:00:00Z"}),
                vec![("/embargoed_until", "past"), ("/publish_at", "past"), ("/unpublish_at", "past")]),
            (json!({"publish_at": "2026-07-01T00:00:00Z", "embargoed_until": "2026-08-01T00:00:00Z", "unpublish_at": "2026-07-15T00:00:00Z"}), vec![("/unpublish_at", "order")]),
            (json!({"publish_at": "2026-07-01T00:00:00Mars"}), vec![("/publish_at", "format")]),
            (json!({"publish_at": "2026-07-01T00:00:00+25:00"}), vec![("/publish_at", "format")]),
            (json!({"publish_at": "2026-07-01T00:00:00"}), vec![("/publish_at", "format")]),
            (json!({"publish_at": "2026-02-30T00:00:00Z"}), vec![("/publish_at", "format")]),
            (json!({"publish_at": 7, "when": "soon"}), vec![("/publish_at", "type"), ("/when", "unknown_field")]),
            (json!({"publish_at": "9999-07-01T00:00:00Z"}), vec![("/publish_at", "range")]),
        ] {
            let refused = act(&app, &id, "schedule", body.clone()).await.expect(422);
            let mut seen = refused.faults();
            seen.sort();
            assert_eq!(seen, faults(&expected), "{body}");
        }
        assert_eq!(kinds(&app, &id), ["created"]);
        // What is not complete is not scheduled either, and told as for publishing.
        let bare = app.draft(json!({"title": "Bare", "language": "en"})).await;
        let refused = act(&app, &bare, "schedule", json!({"publish_at": "2026-07-01T00:00:00Z"})).await.expect(422);
        assert_eq!(refused.json()["type"], "/problems/not-publishable");
        assert_eq!(app.get(&format!("/v1/articles/{bare}")).by_admin().await.expect(200).json()["stage"], "draft");
    }

    /// A reprint is held against the grant of its day, not of today.
    async fn a_reprint_is_scheduled_while_its_grant_lasts(app) {
        let desk = app.newsroom().await;
        let source = app.source("Ending Wire").await;
        app.grant(&source, json!({"valid_until": "2026-07-01T00:00:00Z"})).await;
        let id = app.draft(desk.reprint_of(&source, "Reprint")).await;
        let late = act(&app, &id, "schedule", json!({"publish_at": "2026-07-01T00:00:00Z"})).await.expect(422);
        assert_eq!(late.faults(), faults(&[("/source_id", "no_inbound_grant")]));
        act(&app, &id, "schedule", json!({"publish_at": "2026-06-30T23:59:59.999999Z"})).await.expect(200);
    }

    async fn what_is_scheduled_waits_for_what_was_approved(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("Approved")).await;
        let path = format!("/v1/articles/{id}");
        let out = app.clock.now() + TimeDelta::hours(1);
        act(&app, &id, "schedule", json!({"publish_at": text(out)})).await.expect(200);
        let edited = app.edit(&path, json!({"title": "Not approved"})).await.expect(200).json();
        assert_eq!((&edited["desk"]["head_version"], &edited["desk"]["live_version"]), (&json!(2), &json!(1)));
        app.set_clock(out);
        assert_eq!(app.get(&path).send().await.expect(200).json()["title"], "Approved");
        // Scheduled anew, the newest goes out; taken back, none.
        let other = app.draft(desk.own_work("One")).await;
        let later = json!({"publish_at": text(out + TimeDelta::hours(1))});
        act(&app, &other, "schedule", later.clone()).await.expect(200);
        app.edit(&format!("/v1/articles/{other}"), json!({"title": "Two"})).await.expect(200);
        act(&app, &other, "schedule", later).await.expect(200);
        app.clock.advance(TimeDelta::hours(1));
        assert_eq!(app.get(&format!("/v1/articles/{other}")).send().await.expect(200).json()["title"], "Two");
        let third = app.draft(desk.own_work("Third")).await;
        act(&app, &third, "schedule", json!({"publish_at": text(app.clock.now() + TICK)})).await.expect(200);
        act(&app, &third, "return", json!({})).await.expect(200);
        app.clock.advance(TimeDelta::hours(1));
        app.get(&format!("/v1/articles/{third}")).send().await.expect(404);
        app.chores().await;
        assert_eq!(kinds(&app, &third), ["created", "scheduled", "returned"]);
        app.delete(&format!("/v1/articles/{third}")).if_match("*").by_admin().await.expect(204);
    }

    async fn an_end_is_given_and_taken_back(app) {
        let desk = app.newsroom().await;
        let id = app.live(desk.own_work("Out")).await;
        let path = format!("/v1/articles/{id}");
        let end = app.clock.now() + TimeDelta::hours(1);
        let wrong = act(&app, &id, "schedule", json!({"publish_at": text(end), "embargoed_until": text(end)})).await.expect(422);
        assert_eq!(wrong.faults(), faults(&[("/embargoed_until", "published"), ("/publish_at", "published")]));
        act(&app, &id, "schedule", json!({"unpublish_at": text(end)})).await.expect(200);
        act(&app, &id, "schedule", json!({})).await.expect(200);
        app.set_clock(end);
        app.get(&path).send().await.expect(200);
        act(&app, &id, "schedule", json!({"unpublish_at": text(end + TICK)})).await.expect(200);
        app.clock.advance(TICK);
        app.get(&path).send().await.expect(410);
        // A legal demand says more than an end; then it stays.
        act(&app, &id, "withdraw", json!({"reason_class": "legal", "reason": "A court says so."})).await.expect(200);
        app.get(&path).send().await.expect(451);
        act(&app, &id, "withdraw", json!({"reason_class": "legal", "reason": "Twice."})).await.expect(409);
        let back = act(&app, &id, "reinstate", json!({"note": "The court changed its mind."})).await.expect(200).json();
        assert_eq!((&back["stage"], &back["desk"].get("unpublish_at"), &back["desk"]["live_version"]), (&json!("published"), &None, &json!(1)));
        assert_eq!(app.get(&path).send().await.expect(200).json()["title"], "Out");
        act(&app, &id, "reinstate", json!({})).await.expect(409);
        let versions = app.get(&format!("{path}?include=versions")).by_admin().await.expect(200).json();
        let made: Vec<&str> = versions["versions"].as_array().unwrap().iter().map(|line| line["change_kind"].as_str().unwrap()).collect();
        assert_eq!(made, ["reinstatement", "withdrawal", "withdrawal", "initial"]);
        assert_eq!(kinds(&app, &id), ["created", "published", "scheduled", "scheduled", "scheduled", "withdrawn", "withdrawn", "reinstated"]);
    }

    async fn a_withdrawal_holds_whatever_a_clock_says(app) {
        let desk = app.newsroom().await;
        let id = app.live(desk.own_work("Gone")).await;
        let (path, from) = (format!("/v1/articles/{id}"), app.clock.now());
        app.clock.advance(TimeDelta::hours(1));
        app.withdraw(&id, "legal").await.expect(200);
        for back in [1, 30, 59] {
            app.set_clock(from + TimeDelta::hours(1) - TimeDelta::minutes(back));
            app.get(&path).send().await.expect(451);
            assert_eq!(app.get("/v1/articles?count=exact").send().await.expect(200).json()["page"]["total"], 0);
            app.delete(&path).if_match("*").by_admin().await.expect(409);
        }
        let back = act(&app, &id, "reinstate", json!({})).await.expect(200).json();
        assert_eq!(back["stage"], "published", "what was seen does not become a draft");
    }

    /// What has been written down does not come about again, whatever happens under a clock that was set back.
    async fn nothing_is_told_twice_under_a_clock_that_steps(app) {
        let desk = app.newsroom().await;
        let start = app.clock.now();
        let out = start + TimeDelta::hours(1);
        let scheduled = app.draft(desk.own_work("Scheduled")).await;
        act(&app, &scheduled, "schedule", json!({"publish_at": text(out)})).await.expect(200);
        app.set_clock(out);
        app.chores().await;
        let published = app.live(desk.own_work("Published")).await;
        let gone = app.live(desk.own_work("Gone")).await;
        app.clock.advance(TICK);
        act(&app, &gone, "withdraw", json!({"reason_class": "editorial", "reason": "x"})).await.expect(200);
        app.set_clock(out - TimeDelta::seconds(30));
        for id in [&scheduled, &published] {
            app.edit(&format!("/v1/articles/{id}"), json!({"title": "Edited"})).await.expect(200);
            act(&app, id, "return", json!({})).await.expect(409);
        }
        act(&app, &gone, "reinstate", json!({})).await.expect(200);
        app.set_clock(out + TimeDelta::hours(1));
        app.chores().await;
        assert_eq!(kinds(&app, &scheduled), ["created", "scheduled", "published", "updated"]);
        assert_eq!(kinds(&app, &published), ["created", "published", "updated"]);
        assert_eq!(kinds(&app, &gone), ["created", "published", "withdrawn", "reinstated"]);
    }

    /// A correction's note travels with the text, in every form of it.
    async fn a_correction_travels_with_the_text(app) {
        let desk = app.newsroom().await;
        let id = app.live(desk.own_work("Out")).await;
        let path = format!("/v1/articles/{id}");
        let note = "The date was <wrong>.";
        act(&app, &id, "correct", json!({"public_note": note})).await.expect(200);
        let key = app.first_party_key(masthead::rights::Channel::Web);
        for query in ["", "?fields=title,body", "?fields=title", "?fields=corrections"] {
            let seen = app.get(&format!("{path}{query}")).key(&key).send().await.expect(200).json();
            assert_eq!(seen["corrections"][0]["note"], note, "{query}");
        }
        for (format, said) in [("text", "Correction: The date was <wrong>."), ("html", "<p>Correction: The date was &lt;wrong&gt;.</p>"), ("markdown", "Correction: The date was")] {
            let seen = app.get(&format!("{path}/representations/{format}")).key(&key).send().await.expect(200).text();
            assert!(seen.contains(said), "{format}: {seen}");
            assert!(seen.find(said) < seen.rfind("Source: Harbour Daily"), "{format}: before the credit");
        }
        let list = app.get("/v1/articles?fields=title").key(&key).send().await.expect(200).json();
        assert_eq!(list["data"][0]["corrections"][0]["note"], note);
    }

    /// The chore tells each once, in the order in which they came about, whoever runs it.
    async fn two_nodes_write_each_event_down_once(app) {
        let desk = app.newsroom().await;
        let from = app.clock.now();
        let mut expected = Vec::new();
        for n in 0..30 {
            // Made in another order than they come about.
            let at = from + TimeDelta::minutes(1 + (n * 7) % 30);
            let id = app.draft(with(desk.own_work("x"), json!({"title": format!("Work {n}")}))).await;
            act(&app, &id, "schedule", json!({"publish_at": text(at), "unpublish_at": text(at + TimeDelta::minutes(10))})).await.expect(200);
            expected.push((at, id.clone(), "published"));
            expected.push((at + TimeDelta::minutes(10), id, "withdrawn"));
        }
        expected.sort();
        let before = app.changes().len();
        app.clock.advance(TimeDelta::hours(1));
        let nodes: Vec<_> = (0..2).map(|_| {
            let (db, cx) = (app.db.clone(), app.write());
            std::thread::spawn(move || while masthead::articles::store::agenda::run(&db, &cx).unwrap() {})
        }).collect();
        for node in nodes {
            node.join().unwrap();
        }
        let told: Vec<_> = app.changes()[before..].iter().map(|change| (change.3.clone(), change.1.clone())).collect();
        let expected: Vec<_> = expected.into_iter().map(|(_, id, kind)| (id, kind.to_owned())).collect();
        assert_eq!(told, expected);
    }

    async fn lateness_is_told(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("Timed")).await;
        act(&app, &id, "schedule", json!({"publish_at": text(app.clock.now() + TimeDelta::seconds(5))})).await.expect(200);
        let late = || async { app.get("/readyz").send().await.expect(200).json()["agenda_lateness_seconds"].clone() };
        assert_eq!(late().await, 0.0);
        app.clock.advance(TimeDelta::milliseconds(12_500));
        assert_eq!(late().await, 7.5);
        assert!(app.get("/metrics").send().await.text().contains("agenda_lateness_seconds 7.5"));
        app.chores().await;
        assert_eq!(late().await, 0.0);
    }
}
