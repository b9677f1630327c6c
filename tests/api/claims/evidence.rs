//! Frozen evidence: what it holds, what it keeps from being deleted, and that it tells tampering.

use diesel::prelude::*;
use masthead::db::schema::{deliveries, versions};
use masthead::rights::Role;
use serde_json::{Value, json};

use crate::support::both_engines;

both_engines! {
    async fn a_hold_writes_down_version_source_and_ledger(app) {
        let newsroom = app.newsroom().await;
        let article = app.live(newsroom.own_work("Quay opens")).await;
        let one = app.licensee("Coast Portal", None);
        app.deliver(vec![one.owed(&article), one.owed(&article)]).await.unwrap();
        let (id, _) = app.claim(app.takedown(&article)).await;
        let case = app.move_claim(&id, "hold", json!({})).await.expect(200).json();
        let hold = &case["holds"][0];
        assert_eq!((&hold["version"], &hold["ledger"]["rows"]), (&json!(1), &json!(2)));
        assert_eq!((&hold["source"]["credit_label"], &hold["source_id"]), (&json!("Harbour Daily"), &json!(newsroom.own)));
        let path = format!("/v1/holds/{}", hold["id"].as_str().unwrap());
        let intact = async || app.get(&path).by_role(Role::Rights).await.expect(200).json()["intact"].clone();
        assert_eq!(intact().await, json!({"version": true, "ledger": true}));
        let covered: Vec<String> = app.change(|conn| deliveries::table.select(deliveries::id).load(conn));
        // What comes later is no evidence of what was before, and no tampering either.
        app.deliver(vec![one.owed(&article)]).await.unwrap();
        app.edit(&format!("/v1/articles/{article}"), json!({"title": "Quay closes"})).await.expect(200);
        assert_eq!(intact().await, json!({"version": true, "ledger": true}));
                app.change(|conn| diesel::update(deliveries::table.find(&covered[0])).set(deliveries::credit_line.eq("Source: me")).execute(conn));
        assert_eq!(intact().await, json!({"version": true, "ledger": false}));
        app.change(|conn| diesel::update(versions::table.find((&article, 1))).set(versions::body.eq("[]")).execute(conn));
        assert_eq!(intact().await, json!({"version": false, "ledger": false}));
    }

    /// A claim about a work that nobody saw yet: once evidence is frozen, it stays.
    async fn a_hold_keeps_article_and_source(app) {
        let newsroom = app.newsroom().await;
        let source = app.source("Delta Wire").await;
        let draft = app.draft(newsroom.reprint_of(&source, "A leak")).await;
        let (id, _) = app.claim(app.complaint(json!({"article_id": draft}))).await;
        let hold = app.move_claim(&id, "hold", json!({})).await.expect(200).json()["holds"][0]["id"].clone();
        for path in [format!("/v1/articles/{draft}"), format!("/v1/sources/{source}")] {
            let answer = app.delete(&path).if_match("*").by_admin().await.expect(409).json();
            let named = answer["referrers"].as_array().unwrap().iter().find(|one| one["resource"] == "holds").cloned();
            assert_eq!(named, Some(json!({"resource": "holds", "ids": [hold], "count": 1})), "{path}: {answer}");
        }
        // Which work it is about stands while it is frozen.
        let path = format!("/v1/claims/{id}");
        app.patch(&path, json!({"article_id": null})).if_match("*").by_role(Role::Rights).await.expect(409);
        let again = app.move_claim(&id, "hold", json!({})).await.expect(409);
        assert!(again.text().contains(hold.as_str().unwrap()));
        app.move_claim(&id, "release", json!({})).await.expect(200);
        app.delete(&format!("/v1/articles/{draft}")).if_match("*").by_admin().await.expect(204);
        app.delete(&format!("/v1/sources/{source}")).if_match("*").by_admin().await.expect(204);
        // The claim and what was frozen for it are there all the same.
        let case = app.case(&id).await;
        assert_eq!((&case["article_id"], &case["holds"][0]["intact"]), (&json!(draft), &Value::Null));
        let read = app.get(&format!("/v1/holds/{}", hold.as_str().unwrap())).by_role(Role::Rights).await.expect(200).json();
        assert_eq!(read["intact"]["version"], false);
        app.move_claim(&id, "hold", json!({})).await.expect(409);
    }
}
