//! The window of the contact notice.

use chrono::{DateTime, TimeDelta, Utc};
use masthead::rights::Role;
use serde_json::{Value, json};

use crate::support::{TestApp, both_engines};

/// Files a claim at an instant; within the window or not, and its end.
async fn at(app: &TestApp, article: &str, instant: &str) -> (Value, Value) {
    let instant: DateTime<Utc> = instant.parse().unwrap();
    app.clock.advance(instant - app.clock.now());
    let claim = app.complaint(json!({"article_id": article, "statement": instant.to_string()}));
    let answer = app.post("/v1/claims", claim).send().await.expect(201);
    let id = answer.id();
    let case = app.case(&id).await;
    let receipt = answer.json();
    assert_eq!(case["window"]["within"], receipt["within_window"]);
    (
        receipt["within_window"].clone(),
        receipt["window_ends_at"].clone(),
    )
}

both_engines! {
    async fn late_claims_are_taken_and_marked(app) {
        let newsroom = app.newsroom().await;
        app.edit("/v1/settings", json!({"time_zone": "Asia/Shanghai"})).await.expect(200);
        // Published on 1 June at 12:00 UTC, which is 20:00 in Shanghai: 30 days are all of 1 July.
        let article = app.live(newsroom.own_work("Quay opens")).await;
        let end = json!("2026-07-01T16:00:00Z");
        for (instant, within) in [
            ("2026-06-01T12:00:01Z", true),
            ("2026-07-01T15:59:59.999999Z", true),
            ("2026-07-01T16:00:00Z", false),
            ("2031-01-01T00:00:00Z", false),
        ] {
            assert_eq!(at(&app, &article, instant).await, (json!(within), end.clone()), "{instant}");
        }
        let late = app.get("/v1/claims?within_window=false&count=exact").by_role(Role::Rights).await.expect(200).json();
        assert_eq!(late["page"]["total"], 2);
    }

    /// The notice that was in force when the work came out counts, not the one of today.
    async fn the_notice_of_the_day_of_publication_counts(app) {
        let newsroom = app.newsroom().await;
        let article = app.live(newsroom.own_work("Quay opens")).await;
        let notices = app.get("/v1/notices?kind=contact").send().await.expect(200).json();
        app.clock.advance(TimeDelta::days(1));
        for notice in notices["data"].as_array().unwrap() {
            let path = format!("/v1/notices/{}", notice["id"].as_str().unwrap());
            app.edit(&path, json!({"claim_window_days": 5})).await.expect(200);
        }
        let later = app.live(newsroom.own_work("Quay closes")).await;
        let now = app.clock.now().to_rfc3339();
        assert_eq!(at(&app, &article, &now).await.1, "2026-07-02T00:00:00Z");
        assert_eq!(at(&app, &later, &now).await.1, "2026-06-08T00:00:00Z");
    }

    /// A work that is gone has its window all the same; one that nobody could see has none.
    async fn withdrawn_works_have_their_window(app) {
        let newsroom = app.newsroom().await;
        let article = app.live(newsroom.own_work("Quay opens")).await;
        app.clock.advance(TimeDelta::hours(1));
        app.withdraw(&article, "editorial").await.expect(200);
        let now = app.clock.now().to_rfc3339();
        assert_eq!(at(&app, &article, &now).await, (json!(true), json!("2026-07-02T00:00:00Z")));
        let draft = app.draft(newsroom.own_work("A draft")).await;
        assert_eq!(at(&app, &draft, &now).await, (Value::Null, Value::Null));
    }
}
