//! The desk's moves: what fits which stage, and what each does to the work.

use chrono::TimeDelta;
use masthead::rights::Role;
use serde_json::{Value, json};

use crate::support::claims::objection;
use crate::support::request::faults;
use crate::support::{TestApp, both_engines};

/// What readers get of a work.
async fn seen(app: &TestApp, article: &str) -> u16 {
    app.get(&format!("/v1/articles/{article}"))
        .send()
        .await
        .status
}

fn decision(decision: &str, action: &str) -> Value {
    json!({"decision": decision, "action": action, "reason": "The photograph was used without a licence."})
}

fn interim() -> Value {
    json!({"interim": true, "public_reason": "A claim about this work is being looked into."})
}

/// A work that readers could see for a minute.
async fn out(app: &TestApp, title: &str) -> String {
    let newsroom = app.newsroom().await;
    let article = app.live(newsroom.own_work(title)).await;
    app.clock.advance(TimeDelta::minutes(1));
    article
}

both_engines! {
    async fn from_the_claim_to_the_restoration(app) {
        let article = out(&app, "Quay opens").await;
        let (id, token) = app.claim(app.takedown(&article)).await;
        app.clock.advance(TimeDelta::days(1));
        let case = app.move_claim(&id, "acknowledge", json!({})).await.expect(200).json();
        assert_eq!((&case["stage"], &case["due_at"]), (&json!("acknowledged"), &json!("2026-06-17T00:00:00Z")));
        let case = app.move_claim(&id, "hold", interim()).await.expect(200).json();
        assert_eq!((&case["stage"], &case["holds"][0]["interim"]), (&json!("under_review"), &json!(true)));
        assert!(case["work_withdrawn_at"].is_string());
        let gone = app.get(&format!("/v1/articles/{article}")).send().await.expect(451).json();
        assert_eq!((&gone["reason_class"], &gone["reason"]), (&json!("legal"), &interim()["public_reason"]));
        app.clock.advance(TimeDelta::days(1));
        let case = app.move_claim(&id, "decide", decision("upheld", "withdraw")).await.expect(200).json();
        assert_eq!((&case["stage"], &case["due_at"], &case["decision"]), (&json!("decided"), &Value::Null, &json!("upheld")));
        assert_eq!(seen(&app, &article).await, 451);
        let case = app.move_claim(&id, "counter-notice", objection()).await.expect(200).json();
        assert_eq!((&case["counter_notice"]["name"], &case["due_at"]), (&json!("Lin Yue"), &json!("2026-06-07T00:00:00Z")));
        assert_eq!(seen(&app, &article).await, 451);
        let case = app.move_claim(&id, "restore", json!({"message": "It is shown again."})).await.expect(200).json();
        assert_eq!((&case["stage"], &case["work_withdrawn_at"]), (&json!("restored"), &Value::Null));
        assert_eq!(seen(&app, &article).await, 200);
        // The decision stays on record, and so does the evidence.
        assert_eq!((&case["decision"], &case["holds"][0]["released_at"]), (&json!("upheld"), &Value::Null));
        app.move_claim(&id, "release", json!({})).await.expect(200);
        let case = app.move_claim(&id, "close", json!({})).await.expect(200).json();
        assert_eq!(case["stage"], "closed");
        let status = app.follow(&id, &token).await.expect(200).json();
        assert!(status["restored_at"].is_string() && status["closed_at"].is_string());
        // Each move is on record under the name of whoever made it, and nothing personal with it.
        let who = app.user_of(Role::Rights).to_string();
        let audit = app.audit(&id);
        assert_eq!(audit.len(), 8, "{audit:?}");
        assert!(audit[1..].iter().all(|(kind, id, _)| kind == "user" && id.as_deref() == Some(&who)), "{audit:?}");
        let changes: Vec<_> = app.changes().into_iter().filter(|change| change.3 == article).map(|change| change.1).collect();
        assert_eq!(changes, ["created", "published", "withdrawn", "reinstated"]);
    }

    /// The table of `workflow` once more, over the API: what does not fit says what does, and
    /// changes nothing.
    async fn every_move_in_every_stage(app) {
        let newsroom = app.newsroom().await;
        let bodies = [
            ("acknowledge", json!({})), ("hold", json!({})), ("decide", decision("partly_upheld", "none")),
            ("counter-notice", objection()), ("restore", json!({})), ("close", json!({})),
        ];
        for (stage, fits) in [
            ("received", vec!["acknowledge", "hold", "close"]),
            ("acknowledged", vec!["hold", "decide", "close"]),
            ("under_review", vec!["decide", "close"]),
            ("decided", vec!["counter-notice", "close"]),
            ("countered", vec!["restore", "close"]),
            ("restored", vec!["close"]),
            ("closed", vec![]),
        ] {
            for (made, body) in &bodies {
                let article = app.live(newsroom.own_work(&format!("{stage} {made}"))).await;
                let (id, _) = app.claim_in(&article, stage, made).await;
                let answer = app.move_claim(&id, made, body.clone()).await;
                let expected = if fits.contains(made) { 200 } else { 409 };
                assert_eq!(answer.status, expected, "{made} in {stage}: {}", answer.text());
                if expected == 409 {
                    let case = app.case(&id).await;
                    assert_eq!(case["stage"], stage, "{made}");
                    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
                    let named = fits.iter().all(|fit| detail.contains(fit)) || detail.contains("frozen already");
                    assert!(named, "{made} in {stage}: {detail}");
                }
            }
        }
    }

    async fn an_interim_withdrawal_ends_with_its_hold(app) {
        let article = out(&app, "Quay opens").await;
        let (id, _) = app.claim(app.takedown(&article)).await;
        app.move_claim(&id, "hold", interim()).await.expect(200);
        assert_eq!(seen(&app, &article).await, 451);
        app.move_claim(&id, "close", json!({})).await.expect(409);
        app.move_claim(&id, "release", json!({})).await.expect(200);
        assert_eq!(seen(&app, &article).await, 200);
        app.move_claim(&id, "release", json!({})).await.expect(409);
        // And with a decision that nothing follows.
        app.move_claim(&id, "hold", interim()).await.expect(200);
        let case = app.move_claim(&id, "decide", decision("rejected", "none")).await.expect(200).json();
        assert_eq!(seen(&app, &article).await, 200);
        // The evidence is frozen all the same.
        assert_eq!(case["holds"][0]["released_at"], Value::Null);
        assert!(case["holds"][1]["released_at"].is_string());
        app.move_claim(&id, "counter-notice", objection()).await.expect(409);
    }

    /// What is to be corrected stays away until somebody releases it.
    async fn a_correction_is_the_newsrooms(app) {
        let article = out(&app, "Quay opens").await;
        let (id, _) = app.claim(app.takedown(&article)).await;
        app.move_claim(&id, "hold", interim()).await.expect(200);
        app.move_claim(&id, "decide", decision("partly_upheld", "correct")).await.expect(200);
        assert_eq!(seen(&app, &article).await, 451);
        app.move_claim(&id, "close", json!({})).await.expect(409);
        app.move_claim(&id, "release", json!({})).await.expect(200);
        assert_eq!(seen(&app, &article).await, 200);
        app.move_claim(&id, "close", json!({})).await.expect(200);
    }

    /// What a claim withdrew, the claim gives back; what somebody withdrew by hand, it does not.
    async fn what_was_changed_by_hand_stays(app) {
        let article = out(&app, "Quay opens").await;
        let (id, _) = app.claim(app.takedown(&article)).await;
        app.move_claim(&id, "hold", interim()).await.expect(200);
        app.clock.advance(TimeDelta::minutes(1));
        let by_hand = app.post(&format!("/v1/articles/{article}/reinstate"), json!({})).by_admin().await.expect(409);
        assert!(by_hand.text().contains(&id), "{}", by_hand.text());
        app.move_claim(&id, "release", json!({})).await.expect(200);
        assert_eq!(seen(&app, &article).await, 200);
        app.clock.advance(TimeDelta::minutes(1));
        app.withdraw(&article, "editorial").await.expect(200);
        assert_eq!(seen(&app, &article).await, 410);
        // A work that somebody withdrew is not withdrawn once more, and not given back.
        app.move_claim(&id, "decide", decision("upheld", "withdraw")).await.expect(200);
        assert_eq!(seen(&app, &article).await, 410);
        app.move_claim(&id, "counter-notice", objection()).await.expect(409);
    }

    /// One claim's end does not give back what another one keeps away.
    async fn two_claims_keep_a_work_away(app) {
        let article = out(&app, "Quay opens").await;
        let (first, _) = app.claim(app.takedown(&article)).await;
        let (second, _) = app.claim(app.complaint(json!({"article_id": article}))).await;
        app.move_claim(&first, "hold", interim()).await.expect(200);
        app.move_claim(&second, "acknowledge", json!({})).await.expect(200);
        app.move_claim(&second, "decide", decision("upheld", "withdraw")).await.expect(200);
        app.move_claim(&first, "release", json!({})).await.expect(200);
        assert_eq!(seen(&app, &article).await, 451);
        app.post(&format!("/v1/articles/{article}/reinstate"), json!({})).by_admin().await.expect(409);
        app.move_claim(&second, "counter-notice", objection()).await.expect(200);
        app.move_claim(&second, "restore", json!({})).await.expect(200);
        assert_eq!(seen(&app, &article).await, 200);
    }

    /// What has come to its end while it was held back, has ended.
    async fn an_end_that_came_meanwhile_holds(app) {
        let article = out(&app, "Quay opens").await;
        let end = app.clock.now() + TimeDelta::hours(1);
        app.post(&format!("/v1/articles/{article}/schedule"), json!({"unpublish_at": end})).by_admin().await.expect(200);
        let (id, _) = app.claim(app.takedown(&article)).await;
        app.move_claim(&id, "hold", interim()).await.expect(200);
        app.clock.advance(TimeDelta::hours(2));
        app.chores().await;
        assert_eq!(seen(&app, &article).await, 451);
        app.move_claim(&id, "release", json!({})).await.expect(200);
        assert_eq!(seen(&app, &article).await, 410);
        // Nor is what has ended withdrawn by a claim, to be given back by it.
        let (late, _) = app.claim(app.complaint(json!({"article_id": article}))).await;
        app.move_claim(&late, "hold", interim()).await.expect(409);
    }

    async fn nothing_is_done_by_halves(app) {
        let newsroom = app.newsroom().await;
        let draft = app.draft(newsroom.own_work("A draft")).await;
        let (id, _) = app.claim(app.takedown(&draft)).await;
        // What readers cannot see is not taken back from them; neither is the evidence frozen.
        app.move_claim(&id, "hold", interim()).await.expect(409);
        let case = app.case(&id).await;
        assert_eq!((&case["stage"], &case["holds"]), (&json!("received"), &json!([])));
        // Nor is there anything to freeze for a work that nobody found.
        let (lost, _) = app.claim(app.complaint(json!({"url": "https://x.example/"}))).await;
        let answer = app.move_claim(&lost, "hold", json!({})).await.expect(409);
        assert!(answer.text().contains("article_id"), "{}", answer.text());
        app.move_claim(&lost, "acknowledge", json!({})).await.expect(200);
        app.move_claim(&lost, "decide", decision("upheld", "withdraw")).await.expect(409);
        app.move_claim(&lost, "decide", decision("rejected", "none")).await.expect(200);
    }

    async fn a_move_is_made_once_for_its_key(app) {
        let article = out(&app, "Quay opens").await;
        let (id, _) = app.claim(app.takedown(&article)).await;
        let hold = || app.post(&format!("/v1/claims/{id}/hold"), interim()).header("idempotency-key", "h-1").by_role(Role::Rights);
        hold().await.expect(200);
        let again = hold().await.expect(200).json();
        assert_eq!(again["holds"].as_array().unwrap().len(), 1);
    }

    async fn what_a_move_needs(app) {
        let article = out(&app, "Quay opens").await;
        let (id, _) = app.claim(app.takedown(&article)).await;
        for (made, body, expected) in [
            ("hold", json!({"interim": true}), vec![("/public_reason", "required")]),
            ("hold", json!({"public_reason": "x"}), vec![("/public_reason", "choice")]),
            ("decide", json!({}), vec![("/action", "required"), ("/decision", "required"), ("/reason", "required")]),
            ("decide", decision("rejected", "withdraw"), vec![("/action", "contradiction")]),
            ("decide", json!({"decision": "maybe", "action": "burn", "reason": ""}), vec![("/action", "choice"), ("/decision", "choice"), ("/reason", "length")]),
            ("counter-notice", json!({"name": " ", "email": "x@", "statement": "x", "declares_good_faith": false}),
                vec![("/declares_good_faith", "required"), ("/email", "format"), ("/email", "length"), ("/name", "blank")]),
            ("acknowledge", json!({"note": "x"}), vec![("/note", "unknown_field")]),
        ] {
            let answer = app.move_claim(&id, made, body.clone()).await.expect(422);
            let found = answer.faults();
            // Length and form of an address are two stages; either tells it.
            if made == "counter-notice" {
                assert!(found.iter().any(|(at, _)| at == "/email"), "{found:?}");
                continue;
            }
            assert_eq!(found, faults(&expected), "{made} {body}");
        }
        assert_eq!(app.case(&id).await["stage"], "received");
    }
}
