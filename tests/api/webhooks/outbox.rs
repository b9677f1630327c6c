//! The outbox: order, leases, pauses, and the end of patience. What came of an attempt is told by hand; what is
//! sent for real is in `sending`.

use std::collections::HashMap;

use chrono::TimeDelta;
use masthead::http::auth::ClientKind;
use masthead::kernel::id::WebhookId;
use masthead::rights::Channel;
use masthead::webhooks::model::{Answered, AttemptOutcome, MessageType};
use masthead::webhooks::store::outbox::{Claim, Patience, Room, claim, settle};
use serde_json::{Value, json};

use super::{Tape, are, change, hook, hook_of, outcomes, seen, states, wait_out};
use crate::support::{TestApp, both_engines};

const URL: &str = "https://hooks.example.org/in";

/// What a node of its own takes on.
fn taken(app: &TestApp) -> Vec<Claim> {
    let room = Room {
        busy: &HashMap::new(),
        free: 32,
        lease: TimeDelta::seconds(30),
    };
    claim(&app.db, &app.write(), room).unwrap()
}

/// The number of the entry that a message tells of.
fn n(claim: &Claim) -> i64 {
    let body: Value = serde_json::from_str(&claim.body).unwrap();
    body["data"]["n"].as_i64().unwrap()
}

fn numbers(claims: &[Claim]) -> Vec<i64> {
    let mut all: Vec<i64> = claims.iter().map(n).collect();
    all.sort_unstable();
    all
}

async fn ends(app: &TestApp, claim: Claim, outcome: AttemptOutcome) {
    ends_so(app, claim, outcome, None).await;
}

async fn ends_so(app: &TestApp, claim: Claim, outcome: AttemptOutcome, pause: Option<TimeDelta>) {
    let answered = Answered {
        outcome,
        status: None,
        took_ms: 1,
        asked: pause.map(|pause| app.clock.now() + pause),
    };
    let patience = Patience {
        first: TimeDelta::seconds(5),
        chance: 1.0,
    };
    settle(&app.db, app.write(), claim, answered, patience)
        .await
        .unwrap();
}

/// Delivers all that there is.
async fn deliver_all(app: &TestApp) -> Vec<i64> {
    let mut all = Vec::new();
    loop {
        let claims = taken(app);
        if claims.is_empty() {
            return all;
        }
        all.extend(claims.iter().map(n));
        for claim in claims {
            ends(app, claim, AttemptOutcome::Delivered).await;
        }
    }
}

/// Three entries about the first article, and one about the second between them.
fn four(app: &TestApp) -> Tape {
    let tape = Tape::default();
    tape.tell(app, MessageType::Created, 1);
    tape.tell(app, MessageType::Corrected, 1);
    tape.tell(app, MessageType::Created, 2);
    tape.tell(app, MessageType::Withdrawn, 1);
    tape
}

async fn begun(app: &TestApp) -> (WebhookId, Tape) {
    let (id, _) = hook(app, URL).await;
    let tape = four(app);
    tape.pump(app);
    (id, tape)
}

both_engines! {
    async fn of_each_article_the_eldest_goes_first(app) {
        let (id, tape) = begun(&app).await;
        assert_eq!(states(&app, id).await, are(&[("1", "due"), ("2", "waiting"), ("3", "due"), ("4", "waiting")]));
        let first = taken(&app);
        assert_eq!(numbers(&first), [1, 3]);
        assert_eq!(numbers(&taken(&app)), [0; 0], "what is under way is taken by nobody else");
        for claim in first {
            let outcome = if n(&claim) == 1 { AttemptOutcome::Rejected } else { AttemptOutcome::Delivered };
            ends(&app, claim, outcome).await;
        }
        // The second article has come to its end; the first waits for its eldest.
        assert_eq!(states(&app, id).await, are(&[("1", "due"), ("2", "waiting"), ("3", "delivered"), ("4", "waiting")]));
        tape.tell(&app, MessageType::Updated, 2);
        tape.pump(&app);
        assert_eq!(numbers(&taken(&app)), [5]);
        app.clock.advance(TimeDelta::seconds(5));
        let again = taken(&app);
        assert_eq!(numbers(&again), [1]);
        assert_eq!(again[0].n, 2);
        ends(&app, again.into_iter().next().unwrap(), AttemptOutcome::Delivered).await;
        assert_eq!(deliver_all(&app).await, [2, 4]);
        assert_eq!(outcomes(&app, id).await, ["rejected", "delivered"]);
        app.clock.advance(TimeDelta::seconds(40));
        assert_eq!(deliver_all(&app).await, [5], "its sender was not heard of");
    }

    async fn a_message_keeps_its_id_and_an_unheard_sender_changes_nothing(app) {
        let (id, _tape) = begun(&app).await;
        let lost = taken(&app).into_iter().find(|claim| n(claim) == 1).unwrap();
        app.clock.advance(TimeDelta::seconds(29));
        assert!(taken(&app).is_empty());
        app.clock.advance(TimeDelta::seconds(1));
        let next = taken(&app).into_iter().find(|claim| n(claim) == 1).unwrap();
        assert_eq!((next.message, next.n), (lost.message, 2));
        // The first comes back late: what it has to say is put down, and nothing follows.
        ends(&app, lost, AttemptOutcome::Rejected).await;
        assert_eq!(states(&app, id).await[0].1, "due");
        ends(&app, next, AttemptOutcome::Delivered).await;
        assert_eq!(states(&app, id).await[..2], are(&[("1", "delivered"), ("2", "due")]));
        assert_eq!(outcomes(&app, id).await, ["rejected", "delivered"]);
    }

    async fn what_is_left_by_the_dead_is_told_so(app) {
        let (id, _tape) = begun(&app).await;
        taken(&app);
        app.clock.advance(TimeDelta::seconds(30));
        taken(&app);
        assert_eq!(outcomes(&app, id).await, ["interrupted", "sending"]);
    }

    async fn after_three_days_the_webhook_is_disabled_and_nothing_is_lost(app) {
        let (id, tape) = begun(&app).await;
        let (mut attempts, began) = (0, app.clock.now());
        while seen(&app, id).await["enabled"] == true {
            for claim in taken(&app) {
                attempts += 1;
                ends(&app, claim, AttemptOutcome::TimedOut).await;
            }
            app.clock.advance(TimeDelta::minutes(30));
        }
        let took = app.clock.now() - began;
        assert!(took >= TimeDelta::hours(72) && took < TimeDelta::hours(80), "{took}");
        assert!(attempts > 20, "{attempts}");
        let webhook = seen(&app, id).await;
        assert_eq!(webhook["disabled_reason"], "exhausted");
        assert!(webhook["disabled_at"].is_string());
        let list = app.get("/v1/webhooks?reason=exhausted").by_admin().await.expect(200).json();
        assert_eq!(list["data"][0]["id"], json!(id));
        let told = app.audit(&id.to_string());
        assert!(told.iter().any(|(_, _, action)| action == "disabled"), "{told:?}");
        let metrics = app.get("/metrics").send().await.expect(200).text();
        assert!(metrics.contains("webhooks_disabled{reason=\"exhausted\"} 1"));
        // While it is, nothing is taken, and its place in the log stays.
        tape.tell(&app, MessageType::Updated, 3);
        tape.pump(&app);
        wait_out(&app);
        assert!(taken(&app).is_empty());
        assert_eq!(states(&app, id).await.len(), 4);
        // Enabled, it goes on from there: what failed is first, and has another three days.
        change(&app, id, json!({"enabled": true})).await;
        let webhook = seen(&app, id).await;
        assert_eq!((&webhook["disabled_reason"], &webhook["failures"]), (&Value::Null, &json!(0)));
        tape.pump(&app);
        // Its pauses begin anew: a receiver that warms up is not left alone for hours.
        for claim in taken(&app) {
            ends(&app, claim, AttemptOutcome::Rejected).await;
        }
        app.clock.advance(TimeDelta::seconds(5));
        let again = taken(&app);
        assert!(!again.is_empty());
        let mut all: Vec<i64> = again.iter().map(n).collect();
        for claim in again {
            ends(&app, claim, AttemptOutcome::Delivered).await;
        }
        all.extend(deliver_all(&app).await);
        let ones: Vec<i64> = all.iter().copied().filter(|n| [1, 2, 4].contains(n)).collect();
        assert_eq!(ones, [1, 2, 4], "in their order");
        all.sort_unstable();
        assert_eq!(all, [1, 2, 3, 4, 5]);
    }

    async fn gone_disables_at_once(app) {
        let (id, _tape) = begun(&app).await;
        let one = taken(&app).into_iter().next().unwrap();
        ends(&app, one, AttemptOutcome::Gone).await;
        assert_eq!(seen(&app, id).await["disabled_reason"], "gone");
        wait_out(&app);
        assert!(taken(&app).is_empty());
        change(&app, id, json!({"enabled": true})).await;
        assert_eq!(deliver_all(&app).await.len(), 4);
    }

    async fn a_pause_that_is_asked_for_holds_for_all(app) {
        let (id, tape) = begun(&app).await;
        let mut both = taken(&app);
        let other = both.pop().unwrap();
        ends_so(&app, both.pop().unwrap(), AttemptOutcome::Throttled, Some(TimeDelta::seconds(90))).await;
        ends(&app, other, AttemptOutcome::Delivered).await;
        assert!(seen(&app, id).await["held_until"].is_string());
        tape.tell(&app, MessageType::Created, 7);
        tape.pump(&app);
        app.clock.advance(TimeDelta::seconds(89));
        assert!(taken(&app).is_empty());
        app.clock.advance(TimeDelta::seconds(1));
        assert_eq!(deliver_all(&app).await.len(), 4);
        assert_eq!(seen(&app, id).await["held_until"], Value::Null);
    }

    async fn who_fails_again_and_again_gets_one_at_a_time(app) {
        let (id, _) = hook(&app, URL).await;
        let (healthy, _) = hook(&app, URL).await;
        let tape = Tape::default();
        for about in 1..=20 {
            tape.tell(&app, MessageType::Created, about);
        }
        tape.pump(&app);
        let of = |claims: &[Claim], id| claims.iter().filter(|claim| claim.webhook == id).count();
        let claims = taken(&app);
        assert_eq!((of(&claims, id), of(&claims, healthy)), (8, 8));
        for claim in claims {
            let outcome = if claim.webhook == id { AttemptOutcome::TimedOut } else { AttemptOutcome::Delivered };
            ends(&app, claim, outcome).await;
        }
        wait_out(&app);
        let claims = taken(&app);
        assert_eq!((of(&claims, id), of(&claims, healthy)), (1, 8));
        // One success, and all is as before.
        for claim in claims {
            ends(&app, claim, AttemptOutcome::Delivered).await;
        }
        assert_eq!(of(&taken(&app), id), 8);
    }

    async fn what_a_node_is_busy_with_counts(app) {
        let (id, _) = hook(&app, URL).await;
        let tape = Tape::default();
        for about in 1..=20 {
            tape.tell(&app, MessageType::Created, about);
        }
        tape.pump(&app);
        for (busy, free, fits) in [(6, 32, 2), (8, 32, 0), (0, 3, 3), (0, 0, 0)] {
            let busy = HashMap::from([(id, busy)]);
            let room = Room { busy: &busy, free, lease: TimeDelta::seconds(1) };
            assert_eq!(claim(&app.db, &app.write(), room).unwrap().len(), fits);
        }
    }

    async fn types_and_the_time_before_are_left_out(app) {
        let tape = Tape::default();
        tape.tell(&app, MessageType::Entered, 1);
        app.clock.advance(TimeDelta::seconds(1));
        let (client, _) = app.key(app.terms(ClientKind::FirstParty, Channel::App));
        let (all, _) = hook_of(&app, client, json!({"url": URL})).await;
        let (some, _) = hook_of(&app, client, json!({"url": URL, "types": ["article.withdrawn"]})).await;
        // A log that could not be caught up with at once: what is there already is found afterwards.
        app.change(|conn| {
            use diesel::prelude::*;
            use masthead::db::schema::webhooks;
            diesel::update(webhooks::table).set(webhooks::begins.eq(true)).execute(conn)
        });
        tape.tell(&app, MessageType::Entered, 2);
        tape.tell(&app, MessageType::Created, 3);
        tape.pump(&app);
        tape.tell(&app, MessageType::Entered, 4);
        tape.tell(&app, MessageType::Withdrawn, 4);
        tape.pump(&app);
        assert_eq!(states(&app, all).await, are(&[("3", "due"), ("4", "due"), ("5", "waiting")]));
        assert_eq!(states(&app, some).await, are(&[("5", "due")]));
    }

    async fn the_outbox_does_not_grow_without_end(app) {
        let (id, _) = hook(&app, URL).await;
        let tape = Tape::default();
        for _ in 0..10_150 {
            tape.tell(&app, MessageType::Updated, 1);
        }
        tape.pump(&app);
        let count = async |state: &str| {
            let path = format!("/v1/webhooks/{id}/messages?state={state}&count=exact&limit=1");
            app.get(&path).by_admin().await.expect(200).json()["page"]["total"].clone()
        };
        assert_eq!((count("due").await, count("waiting").await), (json!(1), json!(9_999)));
        for claim in taken(&app) {
            ends(&app, claim, AttemptOutcome::Delivered).await;
        }
        tape.pump(&app);
        assert_eq!((count("due").await, count("waiting").await), (json!(1), json!(9_999)));
    }

    async fn delivered_messages_are_kept_for_thirty_days(app) {
        let (id, _tape) = begun(&app).await;
        for claim in taken(&app) {
            ends(&app, claim, AttemptOutcome::Delivered).await;
        }
        app.clock.advance(TimeDelta::days(30) - TimeDelta::seconds(1));
        app.chores().await;
        assert_eq!(states(&app, id).await.len(), 4);
        app.clock.advance(TimeDelta::seconds(1));
        app.chores().await;
        assert_eq!(states(&app, id).await, are(&[("2", "due"), ("4", "waiting")]), "what is unfinished stays");
    }

    async fn when_a_key_is_over_nothing_more_is_sent(app) {
        let (client, _) = app.key(app.terms(ClientKind::FirstParty, Channel::App));
        let (id, _) = hook_of(&app, client, json!({"url": URL})).await;
        let tape = four(&app);
        tape.pump(&app);
        app.delete(&format!("/v1/clients/{client}")).if_match("*").by_admin().await.expect(204);
        assert!(taken(&app).is_empty());
        assert_eq!(seen(&app, id).await["disabled_reason"], "client_ended");
        let path = format!("/v1/webhooks/{id}");
        let refused = app.patch(&path, json!({"enabled": true})).if_match("*").by_admin().await.expect(422);
        assert_eq!(refused.faults()[0].0, "/enabled");
        // The end of its partner is the end of a key, too; nobody needs to have anything to send.
        let deal = app.deal("Coastal Gazette", &[]).await;
        let (theirs, _) = hook_of(&app, deal.client, json!({"url": URL})).await;
        app.delete(&format!("/v1/partners/{}", deal.partner)).if_match("*").by_admin().await.expect(204);
        tape.pump(&app);
        assert_eq!(seen(&app, theirs).await["disabled_reason"], "client_ended");
    }

    async fn a_replay_makes_new_messages_and_passes_over_nothing(app) {
        let (id, tape) = begun(&app).await;
        deliver_all(&app).await;
        let replay = async |body: Value| {
            app.post(&format!("/v1/webhooks/{id}/replay"), body).by_admin().await.expect(200);
        };
        app.clock.advance(TimeDelta::seconds(1));
        let since = app.clock.now();
        tape.tell(&app, MessageType::Updated, 2);
        tape.tell(&app, MessageType::Updated, 1);
        tape.pump(&app);
        assert_eq!(deliver_all(&app).await.len(), 2);
        tape.tell(&app, MessageType::Created, 9);
        replay(json!({"since": since})).await;
        tape.pump(&app);
        let mut told = deliver_all(&app).await;
        told.sort_unstable();
        assert_eq!(told, [5, 6, 7]);
        replay(json!({"since": "2020-01-01T00:00:00Z"})).await;
        tape.pump(&app);
        assert_eq!(deliver_all(&app).await.len(), 7);
        let ids = states(&app, id).await;
        assert_eq!(ids.len(), 4 + 2 + 3 + 7);
        // What lies ahead is not skipped by a replay of later things.
        tape.tell(&app, MessageType::Created, 10);
        app.clock.advance(TimeDelta::seconds(1));
        replay(json!({"since": app.clock.now()})).await;
        tape.pump(&app);
        assert_eq!(deliver_all(&app).await, [8]);
    }
}
