//! Following a claim with the token of its receipt.

use masthead::rights::Role;
use serde_json::json;

use crate::support::both_engines;

both_engines! {
    async fn only_its_own_token_opens_a_claim(app) {
        let claim = |n: u32| app.claim(app.complaint(json!({"url": format!("https://x.example/{n}")})));
        let (one, token) = claim(1).await;
        let (two, other) = claim(2).await;
        app.follow(&one, &token).await.expect(200);
        let nowhere = "clm_01900000000070008000000000000999";
        let mut told = Vec::new();
        for (id, token) in [(one.as_str(), other.as_str()), (&two, &token), (nowhere, &token), (&one, ""), (&one, "mhc_x"), (&one, "' OR 1=1 --")] {
            let answer = app.follow(id, token).await.expect(404);
            told.push((answer.json()["title"].clone(), answer.json()["detail"].clone()));
            app.reply(id, token, "Hello?").send().await.expect(404);
        }
        assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
        app.get(&format!("/v1/claims/{one}/status")).send().await.expect(404);
        // The token opens nothing else, and a sign-in does not stand for it.
        app.get(&format!("/v1/claims/{one}")).header("x-claim-token", &token).send().await.expect(401);
        app.get(&format!("/v1/claims/{one}")).bearer(&token).send().await.expect(401);
        app.get(&format!("/v1/claims/{one}/status")).by_role(Role::Rights).await.expect(404);
    }

    async fn a_claimant_sees_the_case_and_nobody_in_it(app) {
        let newsroom = app.newsroom().await;
        let article = app.live(newsroom.own_work("Quay opens")).await;
        let (id, token) = app.claim(app.takedown(&article)).await;
        let path = format!("/v1/claims/{id}");
        app.patch(&path, json!({"internal_note": "Wen Ya writes often."})).if_match("*").by_role(Role::Rights).await.expect(200);
        app.move_claim(&id, "acknowledge", json!({"message": "We look into it."})).await.expect(200);
        app.move_claim(&id, "hold", json!({})).await.expect(200);
        app.move_claim(&id, "decide", json!({"decision": "rejected", "action": "none", "reason": "The photograph is ours."})).await.expect(200);
        let answer = app.follow(&id, &token).await.expect(200);
        assert_eq!(answer.header("cache-control"), "private, no-store");
        assert!(!answer.etag().is_empty());
        let status = answer.json();
        for (name, value) in [("stage", "decided"), ("decision", "rejected"), ("action", "none"), ("reason", "The photograph is ours."), ("subject", &article)] {
            assert_eq!(status[name], value, "{name}");
        }
        assert_eq!(status["messages"][0]["text"], "We look into it.");
        let text = answer.text();
        for hidden in ["usr_", "hld_", "writes often", "user_id", "holds", "claimant", "digest"] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
        assert!(app.case(&id).await["messages"][0]["user_id"].as_str().unwrap().starts_with("usr_"));
    }

    async fn messages_go_both_ways_until_the_end(app) {
        let (id, token) = app.claim(app.complaint(json!({"url": "https://x.example/"}))).await;
        let reply = app.reply(&id, &token, "The file is attached.").header("idempotency-key", "r-1");
        reply.send().await.expect(200);
        let again = app.reply(&id, &token, "The file is attached.").header("idempotency-key", "r-1");
        let messages = again.send().await.expect(200).json()["messages"].clone();
        assert_eq!(messages.as_array().unwrap().len(), 1);
        app.move_claim(&id, "messages", json!({"text": "Which file?"})).await.expect(200);
        let messages = app.follow(&id, &token).await.expect(200).json()["messages"].clone();
        let told: Vec<_> = messages.as_array().unwrap().iter().map(|one| (one["n"].as_i64().unwrap(), one["from"].as_str().unwrap())).collect();
        assert_eq!(told, [(1, "claimant"), (2, "desk")]);
        app.reply(&id, &token, " ").send().await.expect(422);
        app.reply(&id, &token, &"x".repeat(5_001)).send().await.expect(422);
        for n in 3..=50 {
            app.reply(&id, &token, &n.to_string()).send().await.expect(200);
        }
        app.reply(&id, &token, "51").send().await.expect(409);
        app.move_claim(&id, "messages", json!({"text": "51"})).await.expect(409);
        // A move whose message does not fit is not made.
        app.move_claim(&id, "acknowledge", json!({"message": "51"})).await.expect(409);
        assert_eq!(app.case(&id).await["stage"], "received");
        app.move_claim(&id, "close", json!({})).await.expect(200);
        let (id, token) = app.claim(app.complaint(json!({"url": "https://y.example/"}))).await;
        app.move_claim(&id, "close", json!({"message": "This is not our site."})).await.expect(200);
        app.reply(&id, &token, "It is.").send().await.expect(409);
        app.follow(&id, &token).await.expect(200);
    }
}
