//! Quotas: exactly as many bodies as were granted, whoever asks at once.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::licensing::Deal;
use crate::support::{Answer, TestApp, both_engines};

fn used_up(answer: &Answer, place: &str) {
    assert_eq!(answer.status, 429, "{place}: {}", answer.text());
    let problem = answer.json();
    assert_eq!(problem["type"], "/problems/quota-exhausted", "{place}");
    assert_eq!(problem["resets_at"], "2026-06-02T00:00:00Z", "{place}");
    // Twelve hours from noon, and then it is past.
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    assert!((43_200..=43_201).contains(&wait), "{place}: {wait}");
    assert!(
        !answer.text().contains("quay") && answer.etag().is_empty(),
        "{place}"
    );
}

async fn delivered_today(app: &TestApp, deal: &Deal) -> Vec<(Value, Value)> {
    let held = app.read(deal, "/v1/me/licences").await.expect(200).json();
    let held = held["data"].as_array().unwrap().clone();
    held.into_iter()
        .map(|licence| (licence["id"].clone(), licence["delivered_today"].clone()))
        .collect()
}

both_engines! {
    async fn a_race_ends_with_the_quota(app) {
        let desk = app.newsroom().await;
        let mut paths = Vec::new();
        for n in 0..4 {
            let id = app.live(desk.own_work(&format!("Work {n}"))).await;
            paths.push(format!("/v1/articles/{id}"));
            paths.push(format!("/v1/articles/{id}/representations/text"));
            paths.push(format!("/v1/articles/{id}?body_format=text"));
        }
        let deal = app.deal("Racer", &[json!({"quota_per_day": 17})]).await;
        let (_, other) = app.key_of(&deal.partner, masthead::http::auth::ClientKind::Partner, masthead::rights::Channel::Syndication);
        let asks = (0..64).map(|n| {
            let key = if n % 2 == 0 { &deal.key } else { &other };
            app.get(&paths[n % paths.len()]).key(key).send()
        });
        let answers = join_all(asks).await;
        let given = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(given, 17);
        for (n, answer) in answers.iter().enumerate().filter(|(_, answer)| answer.status != 200) {
            used_up(answer, &format!("request {n}"));
        }
        assert_eq!((app.ledger_rows(), app.given_today(&deal.licences[0])), (17, 17));
        assert_eq!(delivered_today(&app, &deal).await, [(json!(deal.licences[0]), json!(17))]);
    }

    async fn what_does_not_fit_takes_nothing(app) {
        let desk = app.newsroom().await;
        let mut ids = Vec::new();
        for n in 0..5 {
            ids.push(app.live(desk.own_work(&format!("Work {n}"))).await);
        }
        let deal = app.deal("Reader", &[json!({"quota_per_day": 4})]).await;
        let item = format!("/v1/articles/{}", ids[0]);
        for query in ["fields=body", "body_format=text", "body_format=blocks&limit=5&sort=title", "fields=body&include_stubs=true"] {
            used_up(&app.read(&deal, &format!("/v1/articles?{query}")).await, query);
            assert_eq!((app.ledger_rows(), app.given_today(&deal.licences[0])), (0, 0), "{query}");
        }
        let page = "/v1/articles?fields=body&limit=3";
        let listed = app.read(&deal, page).await.expect(200);
        assert_eq!(listed.json()["data"].as_array().unwrap().len(), 3);
        assert_eq!(app.given_today(&deal.licences[0]), 3);
        // What gives no body costs nothing, and the same again neither.
        let again = |path: &str, etag: &str| app.get(path).key(&deal.key).header("if-none-match", etag).send();
        assert_eq!(again(page, &listed.etag()).await.status, 304);
        let seen = app.read(&deal, &item).await.expect(200);
        assert_eq!(app.given_today(&deal.licences[0]), 4);
        for _ in 0..3 {
            assert_eq!(again(&item, &seen.etag()).await.status, 304);
        }
        used_up(&app.read(&deal, &item).await, "the same anew");
        used_up(&app.read(&deal, &format!("{item}?fields=body")).await, "less of it");
        used_up(&app.read(&deal, &format!("{item}/representations/markdown")).await, "a document");
        for free in ["/v1/articles", "/v1/articles?include_stubs=true&count=exact", &format!("{item}?fields=title,summary"), "/v1/me/licences"] {
            app.read(&deal, free).await.expect(200);
        }
        app.request("HEAD", &item).key(&deal.key).send().await;
        assert_eq!((app.ledger_rows(), app.given_today(&deal.licences[0])), (4, 4));
        assert_eq!(delivered_today(&app, &deal).await, [(json!(deal.licences[0]), json!(4))]);
        // A tag of another is worth nothing.
        used_up(&again(&item, "\"1.0000\"").await, "another tag");
        let midnight: DateTime<Utc> = "2026-06-02T00:00:00Z".parse().unwrap();
        app.set_clock(midnight - TimeDelta::microseconds(1));
        assert_eq!(app.read(&deal, &item).await.status, 429);
        app.set_clock(midnight);
        app.read(&deal, &item).await.expect(200);
        assert_eq!(delivered_today(&app, &deal).await, [(json!(deal.licences[0]), json!(1))]);
    }

    /// Each licence has its own quota; one that is used up does not hand over to another.
    async fn each_licence_counts_for_itself(app) {
        let desk = app.newsroom().await;
        let tagged = app.live(crate::support::newsroom::with(desk.own_work("Tagged"), json!({"tags": ["port"]}))).await;
        let plain = app.live(desk.own_work("Plain")).await;
        let deal = app.deal("Both", &[
            json!({"quota_per_day": 2, "selector": {"tags": ["port"]}}),
            json!({"quota_per_day": 2, "extent": "excerpt", "excerpt_chars": 100}),
        ]).await;
        for (id, licence) in [(&tagged, 0), (&plain, 1)] {
            for _ in 0..2 {
                let seen = app.read(&deal, &format!("/v1/articles/{id}")).await.expect(200).json();
                assert_eq!(seen["attribution"]["usage"]["licence_id"], deal.licences[licence]);
            }
            used_up(&app.read(&deal, &format!("/v1/articles/{id}")).await, "used up");
        }
        let mut counts = delivered_today(&app, &deal).await;
        counts.sort_by_key(|(id, _)| id.to_string());
        let mut expected: Vec<_> = deal.licences.iter().map(|id| (json!(id), json!(2))).collect();
        expected.sort_by_key(|(id, _)| id.to_string());
        assert_eq!(counts, expected);
    }
}
