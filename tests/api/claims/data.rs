//! The end of personal data.

use chrono::TimeDelta;
use diesel::prelude::*;
use masthead::db::schema::{audit_events, claim_messages, claims};
use masthead::rights::Role;
use serde_json::{Value, json};

use crate::support::{Engine, TestApp, both_engines};

/// Everything of a case that the database holds, as text.
fn kept(app: &TestApp, claim: &str) -> String {
    type Personal = (
        Option<String>,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<String>,
    );
    let (row, messages, audit) = app.change(|conn| {
        let row: Personal = claims::table
            .find(claim)
            .select((
                claims::subject,
                claims::claimant,
                claims::grounds,
                claims::fingerprint,
                claims::counter_notice,
                claims::internal_note,
            ))
            .first(conn)?;
        let messages: Vec<Option<String>> = claim_messages::table
            .filter(claim_messages::claim_id.eq(claim))
            .select(claim_messages::text)
            .load(conn)?;
        let audit: Vec<Option<String>> = audit_events::table
            .select(audit_events::detail)
            .load(conn)?;
        Ok((row, messages, audit))
    });
    format!("{row:?} {messages:?} {audit:?}")
}

both_engines! {
    async fn what_is_personal_goes_when_its_time_is_over(app) {
        let newsroom = app.newsroom().await;
        let article = app.live(newsroom.own_work("Quay opens")).await;
        let (id, token) = app.claim(app.takedown(&article)).await;
        let (open, _) = app.claim(app.complaint(json!({"article_id": article}))).await;
        app.reply(&id, &token, "Call Wen Ya.").send().await.expect(200);
        app.patch(&format!("/v1/claims/{id}"), json!({"internal_note": "Wen Ya called."})).if_match("*").by_role(Role::Rights).await.expect(200);
        app.move_claim(&id, "hold", json!({})).await.expect(200);
        let ruling = json!({"decision": "upheld", "action": "withdraw", "reason": "Used without a licence."});
        app.move_claim(&id, "decide", ruling).await.expect(200);
        let objection = json!({"name": "Lin Yue", "email": "lin@news.example.org", "statement": "It is mine.", "declares_good_faith": true});
        app.move_claim(&id, "counter-notice", objection).await.expect(200);
        let case = app.move_claim(&id, "close", json!({})).await.expect(200).json();
        let until = case["personal_data_kept_until"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        assert_eq!(until, "2026-11-29T00:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap());
        // Not a moment before.
        app.clock.advance(until - TimeDelta::microseconds(1) - app.clock.now());
        app.chores().await;
        assert!(kept(&app, &id).contains("Wen Ya"));
        // Not while evidence is frozen for the case.
        app.clock.advance(TimeDelta::days(100));
        app.chores().await;
        assert!(kept(&app, &id).contains("Wen Ya"));
        app.move_claim(&id, "release", json!({})).await.expect(200);
        app.chores().await;
        let rest = kept(&app, &id);
        for word in ["Wen", "Lin", "wire.example", "quay", "Quay", "mine"] {
            assert!(!rest.contains(word), "{word}: {rest}");
        }
        let case = app.case(&id).await;
        for name in ["claimant", "grounds", "counter_notice", "internal_note", "subject"] {
            assert_eq!(case[name], Value::Null, "{name}");
        }
        for (name, value) in [("kind", "copyright"), ("stage", "closed"), ("decision", "upheld"), ("reason", "Used without a licence.")] {
            assert_eq!(case[name], value, "{name}");
        }
        assert!(case["personal_data_erased_at"].is_string() && case["received_at"].is_string());
        assert_eq!(case["messages"][0]["text"], Value::Null);
        // An open case waits, and what is done is not done twice.
        assert!(kept(&app, &open).contains("Wen Ya"));
        let lines = app.audit(&id);
        assert_eq!(lines.iter().filter(|(who, ..)| who == "system").count(), 1);
        app.chores().await;
        assert_eq!(app.audit(&id).len(), lines.len());
        app.follow(&id, &token).await.expect(200);
    }

    /// What the journal keeps for ever holds nothing of a claimant from the first moment on.
    async fn the_journal_is_told_nothing_personal(app) {
        let newsroom = app.newsroom().await;
        let article = app.live(newsroom.own_work("Quay opens")).await;
        let (id, token) = app.claim(app.takedown(&article)).await;
        app.reply(&id, &token, "Call Wen Ya.").send().await.expect(200);
        app.move_claim(&id, "close", json!({"message": "Dear Wen Ya."})).await.expect(200);
        let details: Vec<Option<String>> = app.change(|conn| audit_events::table.select(audit_events::detail).load(conn));
        let details = format!("{details:?}");
        for word in ["Wen", "wire.example", "photograph", &token] {
            assert!(!details.contains(word), "{word}: {details}");
        }
        assert!(!format!("{:?}", app.change(|conn| claims::table.select(claims::token_hash).load::<String>(conn))).contains(&token));
    }
}

#[actix_web::test]
async fn hundreds_go_in_pieces() {
    let app = TestApp::with(Engine::Sqlite, |raw| raw.claim_data_days = 1).await;
    for n in 0..230 {
        let claim = app.complaint(json!({"url": format!("https://x.example/{n}")}));
        let (id, _) = app.claim(claim).await;
        app.move_claim(&id, "close", json!({})).await.expect(200);
    }
    app.clock.advance(TimeDelta::days(3));
    app.chores().await;
    let left: i64 = app.change(|conn| {
        claims::table
            .filter(claims::claimant.is_not_null())
            .count()
            .get_result(conn)
    });
    assert_eq!(left, 0);
}
