//! Lists and reports.

use chrono::TimeDelta;
use masthead::rights::Role;
use serde_json::{Value, json};

use crate::support::both_engines;

both_engines! {
    async fn claims_are_found_by_what_they_are(app) {
        let newsroom = app.newsroom().await;
        let article = app.live(newsroom.own_work("Quay opens")).await;
        let (copyright, _) = app.claim(app.takedown(&article)).await;
        // Ids are in order from one millisecond to the next.
        app.clock.advance(TimeDelta::milliseconds(1));
        let (accuracy, _) = app.claim(app.complaint(json!({"article_id": article}))).await;
        app.clock.advance(TimeDelta::milliseconds(1));
        let (lost, _) = app.claim(app.complaint(json!({"url": "https://x.example/"}))).await;
        app.move_claim(&accuracy, "acknowledge", json!({})).await.expect(200);
        let found = async |query: &str| -> Vec<String> {
            let answer = app.get(&format!("/v1/claims?{query}")).by_role(Role::Rights).await.expect(200);
            assert!(!answer.text().contains("Wen Ya"), "nothing personal stands in a list");
            answer.json()["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(found("").await, [copyright.clone(), accuracy.clone(), lost.clone()]);
        assert_eq!(found("sort=-created_at&limit=2").await, [lost.clone(), accuracy.clone()]);
        assert_eq!(found("kind=copyright").await, std::slice::from_ref(&copyright));
        assert_eq!(found("stage=acknowledged").await, std::slice::from_ref(&accuracy));
        assert_eq!(found(&format!("article={article}")).await, [copyright.clone(), accuracy.clone()]);
        assert_eq!(found("within_window=true").await, [copyright.clone(), accuracy.clone()]);
        assert_eq!(found("overdue=true").await, Vec::<String>::new());
        // Three days on, what nobody acknowledged is overdue; the rest has more time.
        app.clock.advance(TimeDelta::days(4));
        assert_eq!(found("overdue=true").await, [copyright.clone(), lost.clone()]);
        assert_eq!(found("overdue=false").await, std::slice::from_ref(&accuracy));
        app.clock.advance(TimeDelta::days(12));
        assert_eq!(found("overdue=true&kind=accuracy").await, [accuracy.clone(), lost.clone()]);
        app.move_claim(&lost, "close", json!({})).await.expect(200);
        assert_eq!(found("overdue=true&kind=accuracy").await, [accuracy]);
    }

    async fn a_report_counts_what_was_received(app) {
        let newsroom = app.newsroom().await;
        let article = app.live(newsroom.own_work("Quay opens")).await;
        let report = async |query: &str| app.get(&format!("/v1/reports/claims{query}")).by_role(Role::Rights).await;
        let empty = report("").await.expect(200).json();
        assert_eq!((&empty["claims"], &empty["acknowledged"]["median_seconds"], &empty["oldest_due_at"]), (&json!(0), &Value::Null, &Value::Null));
        let (one, _) = app.claim(app.takedown(&article)).await;
        let (two, _) = app.claim(app.complaint(json!({"article_id": article}))).await;
        app.claim(app.complaint(json!({"url": "https://x.example/"}))).await;
        app.clock.advance(TimeDelta::hours(1));
        app.move_claim(&one, "acknowledge", json!({})).await.expect(200);
        app.clock.advance(TimeDelta::hours(2));
        app.move_claim(&two, "acknowledge", json!({})).await.expect(200);
        app.clock.advance(TimeDelta::days(5));
        let ruling = json!({"decision": "rejected", "action": "none", "reason": "It is right."});
        app.move_claim(&two, "decide", ruling).await.expect(200);
        let seen = report("").await.expect(200).json();
        assert_eq!((&seen["claims"], &seen["by_kind"]["accuracy"], &seen["by_stage"]["decided"]), (&json!(3), &json!(2), &json!(1)));
        assert_eq!((&seen["within_window"], &seen["outside_window"], &seen["without_window"]), (&json!(2), &json!(0), &json!(1)));
        assert_eq!(seen["acknowledged"], json!({"count": 2, "median_seconds": 7200, "longest_seconds": 10800}));
        assert_eq!((&seen["decided"]["count"], &seen["by_decision"]["rejected"]), (&json!(1), &json!(1)));
        assert_eq!((&seen["overdue"], &seen["oldest_due_at"]), (&json!(1), &json!("2026-06-05T00:00:00Z")));
        // Half-open: what was received at the end is not in it.
        let none = report("?from=2026-05-01T00:00:00Z&until=2026-06-01T12:00:00Z").await.expect(200).json();
        assert_eq!((&none["claims"], &none["overdue"]), (&json!(0), &json!(1)));
        let all = report("?from=2026-06-01T12:00:00Z&until=2026-06-01T12:00:00.000001Z").await.expect(200).json();
        assert_eq!(all["claims"], 3);
        for query in ["?from=2026-06-02T00:00:00Z&until=2026-06-01T00:00:00Z", "?from=2024-01-01T00:00:00Z", "?until=yesterday"] {
            report(query).await.expect(400);
        }
    }
}
