//! Sending for real, to a receiver on this machine: what arrives, what it is signed by, and what its answers lead to.

use chrono::TimeDelta;
use masthead::kernel::id::WebhookId;
use masthead::webhooks::model::MessageType;
use serde_json::{Value, json};
use standardwebhooks::Webhook as Verifier;

use super::receiver::{Got, Manner, Receiver};
use super::{Tape, are, change, hook, hook_of, outcomes, seen, states};
use crate::support::{TestApp, both_engines};

/// Whether the reference library makes the same signature, or one of those that were sent.
fn is_signed(got: &Got, secret: &str) -> bool {
    let seconds = got.header("webhook-timestamp").parse().unwrap();
    let verifier = Verifier::new(secret).unwrap();
    let made = verifier
        .sign(got.header("webhook-id"), seconds, got.body.as_bytes())
        .unwrap();
    let mut sent = got.header("webhook-signature").split(' ');
    sent.any(|one| one == made)
}

/// Sends until nothing is due.
async fn send_all(app: &TestApp) {
    while app.parts.sender.round().await.unwrap() > 0 {}
}

async fn ping(app: &TestApp, id: WebhookId) {
    let path = format!("/v1/webhooks/{id}/ping");
    app.request("POST", &path).by_admin().await.expect(202);
}

both_engines! {
    async fn a_message_arrives_as_the_specification_says(app) {
        let receiver = Receiver::new().await;
        let (id, secret) = hook(&app, &receiver.url).await;
        let tape = Tape::default();
        tape.tell(&app, MessageType::Corrected, 1);
        tape.pump(&app);
        send_all(&app).await;
        let all = receiver.got();
        assert_eq!(all.len(), 1);
        let got = &all[0];
        assert_eq!(got.line, "POST /in?from=desk HTTP/1.1");
        assert_eq!(got.header("content-type"), "application/json");
        assert!(got.header("user-agent").starts_with("Masthead/"));
        assert_eq!(got.header("webhook-timestamp"), app.clock.now().timestamp().to_string());
        let page = app.get(&format!("/v1/webhooks/{id}/messages")).by_admin().await.expect(200).json();
        assert_eq!(page["data"][0]["id"], got.header("webhook-id"));
        assert_eq!(page["data"][0]["payload"], got.json());
        let body = got.json();
        assert_eq!((&body["type"], &body["timestamp"]), (&json!("article.corrected"), &json!(app.clock.now())));
        assert_eq!(body.as_object().unwrap().len(), 3);
        assert!(is_signed(got, &secret));
        let mut tampered = got.clone();
        tampered.body.push(' ');
        assert!(!is_signed(&tampered, &secret));
        assert!(seen(&app, id).await["last_delivered_at"].is_string());
        let metrics = app.get("/metrics").send().await.expect(200).text();
        assert!(metrics.contains("webhook_attempts_total{outcome=\"delivered\"} 1"));
    }

    async fn both_secrets_sign_while_they_overlap(app) {
        let receiver = Receiver::new().await;
        let (id, first) = hook(&app, &receiver.url).await;
        let rotated = app.post(&format!("/v1/webhooks/{id}/rotate-secret"), json!({"overlap_hours": 2}));
        let second = rotated.by_admin().await.expect(200).json()["secret"].as_str().unwrap().to_owned();
        for (pause, old_signs) in [(TimeDelta::zero(), true), (TimeDelta::minutes(119), true), (TimeDelta::minutes(1), false)] {
            app.clock.advance(pause);
            ping(&app, id).await;
            send_all(&app).await;
            let got = receiver.got();
            assert_eq!(got.len(), 1);
            assert_eq!((is_signed(&got[0], &first), is_signed(&got[0], &second)), (old_signs, true));
            assert_eq!(got[0].header("webhook-signature").split(' ').count(), if old_signs { 2 } else { 1 });
        }
    }

    async fn every_way_to_fail_is_told_and_tried_again(app) {
        let receiver = Receiver::new().await;
        let (id, _) = hook(&app, &receiver.url).await;
        let tape = Tape::default();
        tape.tell(&app, MessageType::Created, 1);
        tape.tell(&app, MessageType::Updated, 1);
        tape.pump(&app);
        let elsewhere = Receiver::new().await;
        let ways = [
            (Manner::Status(500), "rejected"), (Manner::Status(404), "rejected"), (Manner::Status(503), "rejected"),
            (Manner::With(302, "location", elsewhere.url.clone()), "rejected"), (Manner::With(307, "location", elsewhere.url.clone()), "rejected"),
            (Manner::Hangs, "timed_out"), (Manner::Drops, "unreachable"), (Manner::Status(429), "throttled"),
            (Manner::With(503, "retry-after", "3".to_owned()), "throttled"), (Manner::With(200, "x", "y".to_owned()), "delivered"),
        ];
        for (manner, _) in &ways {
            receiver.becomes(manner.clone());
            assert_eq!(app.parts.sender.round().await.unwrap(), 1, "{manner:?}");
            app.clock.advance(TimeDelta::hours(5));
        }
        let expected: Vec<&str> = ways.iter().map(|(_, outcome)| *outcome).collect();
        assert_eq!(outcomes(&app, id).await, expected);
        let all = receiver.got();
        assert_eq!(all.len(), ways.len());
        assert!(all.iter().all(|got| got.header("webhook-id") == all[0].header("webhook-id")));
        assert_eq!(elsewhere.got().len(), 0, "no redirect is followed");
        send_all(&app).await;
        assert_eq!(receiver.numbers(), [2], "and what waited follows");
    }

    async fn a_receiver_says_how_long_to_wait(app) {
        let receiver = Receiver::new().await;
        let (id, _) = hook(&app, &receiver.url).await;
        let tape = Tape::default();
        tape.tell(&app, MessageType::Created, 1);
        tape.tell(&app, MessageType::Created, 2);
        tape.pump(&app);
        receiver.becomes(Manner::With(429, "retry-after", "600".to_owned()));
        send_all(&app).await;
        assert_eq!(seen(&app, id).await["held_until"], json!(app.clock.now() + TimeDelta::seconds(600)));
        receiver.becomes(Manner::Status(204));
        receiver.got();
        app.clock.advance(TimeDelta::seconds(599));
        send_all(&app).await;
        assert_eq!(receiver.got().len(), 0);
        app.clock.advance(TimeDelta::seconds(1));
        send_all(&app).await;
        assert_eq!(receiver.got().len(), 2);
    }

    async fn gone_is_believed_at_once(app) {
        let receiver = Receiver::new().await;
        let (id, _) = hook(&app, &receiver.url).await;
        receiver.becomes(Manner::Status(410));
        ping(&app, id).await;
        send_all(&app).await;
        assert_eq!(seen(&app, id).await["disabled_reason"], "gone");
    }

    async fn a_ping_is_tried_once_and_disables_nothing(app) {
        let receiver = Receiver::new().await;
        let (id, _) = hook(&app, &receiver.url).await;
        receiver.becomes(Manner::Status(500));
        ping(&app, id).await;
        for _ in 0..3 {
            send_all(&app).await;
            app.clock.advance(TimeDelta::hours(9));
        }
        let got = receiver.got();
        assert_eq!(got.len(), 1);
        assert_eq!(got[0].json()["type"], "webhook.ping");
        assert_eq!(got[0].json()["data"]["webhook_id"], json!(id));
        assert_eq!(states(&app, id).await, are(&[("webhook.ping", "failed")]));
        assert_eq!(seen(&app, id).await["enabled"], true);
    }

    async fn a_new_address_is_tried_at_once(app) {
        let (away, here) = (Receiver::new().await, Receiver::new().await);
        let (id, _) = hook(&app, &away.url).await;
        let tape = Tape::default();
        tape.tell(&app, MessageType::Created, 1);
        tape.pump(&app);
        away.becomes(Manner::With(429, "retry-after", "3600".to_owned()));
        send_all(&app).await;
        change(&app, id, json!({"url": here.url})).await;
        send_all(&app).await;
        assert_eq!(here.numbers(), [1]);
    }

    async fn what_another_secret_has_sealed_is_not_sent(app) {
        let receiver = Receiver::new().await;
        let (id, _) = hook(&app, &receiver.url).await;
        let (other, _) = hook(&app, &receiver.url).await;
        // Moved from another webhook, it opens as little as one of another installation.
        app.change(move |conn| {
            use diesel::prelude::*;
            use masthead::db::schema::webhooks;
            let theirs: String = webhooks::table.find(other.to_string()).select(webhooks::secret).first(conn)?;
            diesel::update(webhooks::table.find(id.to_string())).set(webhooks::secret.eq(theirs)).execute(conn)
        });
        ping(&app, id).await;
        assert_eq!(app.parts.sender.round().await.unwrap(), 1);
        assert_eq!(receiver.got().len(), 0);
        assert_eq!(seen(&app, id).await["disabled_reason"], "secret_lost");
        let path = format!("/v1/webhooks/{id}");
        app.post(&format!("{path}/rotate-secret"), json!({"overlap_hours": 0})).by_admin().await.expect(200);
        change(&app, id, json!({"enabled": true})).await;
        app.clock.advance(TimeDelta::hours(1));
        send_all(&app).await;
        assert_eq!(receiver.got().len(), 1);
    }

    async fn a_partner_hears_of_its_works(app) {
        let desk = app.newsroom().await;
        let early = app.live(desk.own_work("Quay opens")).await;
        let deal = app.deal("Coastal Gazette", &[json!({})]).await;
        let receiver = Receiver::new().await;
        let (id, secret) = hook_of(&app, deal.client, json!({"url": receiver.url})).await;
        // What comes before anybody has looked at the log is news.
        let next = app.live(desk.own_work("Crane stands")).await;
        app.chores().await;
        send_all(&app).await;
        let first = receiver.got();
        assert_eq!(first.len(), 1, "what it has already is no news");
        assert_eq!(first[0].json()["type"], "article.created");
        assert_eq!(first[0].json()["data"]["article"]["id"], json!(next));
        app.clock.advance(TimeDelta::seconds(1));
        let work = app.live(desk.own_work("Ferry sails")).await;
        // Each step is looked at: who has a work is told of all that becomes of it.
        app.chores().await;
        app.read(&deal, &format!("/v1/articles/{work}")).await.expect(200);
        let note = json!({"public_note": "An earlier version gave a wrong date."});
        app.post(&format!("/v1/articles/{work}/correct"), note).by_admin().await.expect(200);
        app.chores().await;
        app.withdraw(&work, "legal").await.expect(200);
        app.chores().await;
        send_all(&app).await;
        let got = receiver.got();
        assert!(got.iter().all(|one| is_signed(one, &secret)));
        assert!(got.iter().all(|one| !one.body.contains("Ferry") && !one.body.contains("noon")), "no text of a work");
        let bodies: Vec<Value> = got.iter().map(Got::json).collect();
        // They are what the key reads itself, in the same order.
        let own = app.get("/v1/changes?limit=100").key(&deal.key).send().await.expect(200).json();
        let own: Vec<Value> = own["data"].as_array().unwrap()[2..].to_vec();
        let sent: Vec<Value> = bodies.iter().map(|body| body["data"].clone()).collect();
        assert_eq!(sent, own);
        for body in &bodies {
            let kind = body["data"]["kind"].as_str().unwrap();
            let expected = if kind == "advisory" { "advisory.issued".to_owned() } else { format!("article.{kind}") };
            assert_eq!(body["type"], expected);
        }
        let kinds: Vec<&str> = bodies.iter().map(|body| body["type"].as_str().unwrap()).collect();
        for kind in ["article.created", "article.corrected", "article.withdrawn", "advisory.issued"] {
            assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
        }
        // A receiver that has lost everything gets all of it again, from an entry or from the beginning.
        let first = own[0]["id"].clone();
        app.post(&format!("/v1/webhooks/{id}/replay"), json!({"after": first})).by_admin().await.expect(200);
        app.chores().await;
        send_all(&app).await;
        let again = receiver.got();
        assert_eq!(again.len(), own.len() - 1);
        let known: Vec<&str> = got.iter().map(|one| one.header("webhook-id")).collect();
        assert!(again.iter().all(|one| !known.contains(&one.header("webhook-id"))), "as new messages");
        let all = json!({"since": "2020-01-01T00:00:00Z"});
        app.post(&format!("/v1/webhooks/{id}/replay"), all).by_admin().await.expect(200);
        app.chores().await;
        send_all(&app).await;
        let all: Vec<Value> = receiver.got().iter().map(Got::json).collect();
        assert_eq!(all.len(), own.len() + 2);
        assert!(all.iter().any(|body| body["data"]["article"]["id"] == json!(early)));
    }
}
