//! The journal: every write leaves a change and an audit row, and nothing else does.

use serde_json::json;

use crate::support::both_engines;

both_engines! {
    async fn every_write_is_in_the_journal(app) {
        let desk = app.newsroom().await;
        let before = app.changes().len();
        let id = app.draft(desk.own_work("x")).await;
        let path = format!("/v1/articles/{id}");
        app.edit(&path, json!({"title": "y"})).await.expect(200);
        app.publish(&id).await.expect(200);
        app.edit(&path, json!({"summary": "z"})).await.expect(200);
        app.post(&format!("{path}/correct"), json!({"public_note": "n"})).by_admin().await.expect(200);
        app.clock.advance(chrono::TimeDelta::seconds(1));
        app.withdraw(&id, "legal").await.expect(200);
        let gone = app.draft(desk.own_work("short-lived")).await;
        app.delete(&format!("/v1/articles/{gone}")).if_match("*").by_admin().await.expect(204);
        let changes = app.changes();
        let seqs: Vec<i64> = changes.iter().map(|change| change.0).collect();
        assert_eq!(seqs, (1..=i64::try_from(changes.len()).unwrap()).collect::<Vec<_>>(), "without a gap");
        let told: Vec<_> = changes[before..].iter().map(|(_, kind, noun, who, version)| {
            assert_eq!(noun, "article");
            (kind.as_str(), who.as_str(), *version)
        }).collect();
        assert_eq!(told, [
            ("created", id.as_str(), Some(1)), ("updated", &id, Some(2)), ("published", &id, Some(2)), ("updated", &id, Some(3)),
            ("corrected", &id, Some(4)), ("withdrawn", &id, Some(5)), ("created", &gone, Some(1)), ("deleted", &gone, None),
        ]);
        for one in [&id, &gone] {
            let written: Vec<&str> = told.iter().filter(|(_, who, _)| who == one).map(|(kind, ..)| *kind).collect();
            let audit = app.audit(one);
            let audited: Vec<&str> = audit.iter().map(|(_, _, action)| action.as_str()).filter(|action| *action != "read").collect();
            assert_eq!(audited, written);
            assert!(audit.iter().all(|(kind, who, _)| kind == "user" && who.as_ref().is_some_and(|who| who.starts_with("usr_"))));
        }
    }

    async fn what_was_refused_leaves_nothing(app) {
        let desk = app.newsroom().await;
        let id = app.draft(json!({"title": "x", "language": "en"})).await;
        let path = format!("/v1/articles/{id}");
        let before = app.changes();
        app.publish(&id).await.expect(422);
        app.withdraw(&id, "legal").await.expect(409);
        app.edit(&path, json!({"source_id": "src_01900000000070008000000000000009"})).await.expect(422);
        app.edit(&path, json!({"title": "x"})).await.expect(200);
        app.patch(&path, json!({"title": "y"})).if_match("\"9.a\"").by_admin().await.expect(412);
        app.post("/v1/articles", json!({"title": ""})).by_admin().await.expect(422);
        app.delete(&format!("/v1/sources/{}", desk.wire)).if_match("*").by_admin().await.expect(409);
        for ask in [app.get(&path), app.get("/v1/articles?count=exact")] {
            ask.by_admin().await.expect(200);
        }
        assert_eq!(app.changes(), before);
    }
}
