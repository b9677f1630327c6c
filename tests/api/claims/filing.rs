//! Filing: what is taken, what is refused, and what nobody learns by it.

use chrono::TimeDelta;
use masthead::rights::Role;
use serde_json::{Value, json};

use crate::support::newsroom::with;
use crate::support::request::faults;
use crate::support::{Answer, Engine, TestApp, both_engines};

/// A receipt without what differs from one claim to the next.
fn shape(receipt: &Answer) -> Value {
    let mut receipt = receipt.json();
    for name in ["id", "token", "follow_url"] {
        assert!(receipt[name].is_string(), "{name}: {receipt}");
        receipt[name] = json!("…");
    }
    receipt
}

both_engines! {
    async fn anyone_files_a_claim(app) {
        let newsroom = app.newsroom().await;
        let article = app.live(newsroom.own_work("Quay opens")).await;
        let answer = app.post("/v1/claims", app.takedown(&article)).send().await.expect(201);
        let receipt = answer.json();
        let id = answer.id();
        assert_eq!(answer.header("location"), format!("/v1/claims/{id}/status"));
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(receipt["follow_url"], format!("/v1/claims/{id}/status"));
        assert!(receipt["token"].as_str().unwrap().starts_with("mhc_"));
        assert_eq!(receipt["within_window"], true);
        // 1 June in UTC is 1 June in the zone of the settings; three days follow it.
        assert_eq!(receipt["next_step_due_at"], "2026-06-05T00:00:00Z");
        let case = app.case(&id).await;
        assert_eq!((&case["article_id"], &case["stage"]), (&json!(article), &json!("received")));
        assert_eq!(case["claimant"]["organisation"], "Coastal Wire");
        assert_eq!(case["grounds"]["evidence"][0]["url"], "https://wire.example.org/quay");
        assert_eq!(case["grounds"]["declares_good_faith"], true);
        let audit: Vec<_> = app.audit(&id).into_iter().map(|(who, _, what)| (who, what)).collect();
        assert_eq!(audit, [("anonymous".to_owned(), "created".to_owned())]);
    }

    async fn everything_missing_is_told_at_once(app) {
        let bare = json!({"kind": "copyright"});
        let answer = app.post("/v1/claims", bare).send().await.expect(422);
        assert_eq!(answer.faults(), faults(&[("/claimant", "required"), ("/requested_action", "required"), ("/statement", "required")]));
        let short = app.complaint(json!({"kind": "copyright"}));
        let answer = app.post("/v1/claims", short).send().await.expect(422);
        assert_eq!(answer.faults(), faults(&[
            ("/claimant/postal_address", "required"), ("/declares_accuracy", "required"), ("/declares_good_faith", "required"),
            ("/ownership_statement", "required"), ("/url", "required"), ("/work_description", "required"),
        ]));
        let wrong = app.complaint(json!({"article_id": "art_1", "colour": 1, "evidence": [{"url": "x"}], "kind": "envy"}));
        let answer = app.post("/v1/claims", wrong).send().await.expect(422);
        assert_eq!(answer.faults(), faults(&[("/article_id", "pattern"), ("/colour", "unknown_field"), ("/evidence/0/description", "required"), ("/kind", "choice")]));
        let many: Vec<Value> = (0..21).map(|n| json!({"description": n.to_string()})).collect();
        let many = app.complaint(json!({"url": "https://x.example/", "evidence": many}));
        assert_eq!(app.post("/v1/claims", many).send().await.expect(422).faults(), faults(&[("/evidence", "items")]));
    }

    /// Scripts are texts: they are kept as they came and given as they are kept, as JSON.
    async fn scripts_are_texts(app) {
        let script = "<script>alert(1)</script> <img src=x onerror=alert(1)> '; DROP TABLE claims; --\n{{7*7}} ${7*7}";
        let claim = app.complaint(json!({"url": "https://elsewhere.example.org/<b>", "statement": script,
            "claimant": {"name": "<b>Wen</b>", "email": "\"<wen>\"@wire.example.org"}, "evidence": [{"description": script}]}));
        let (id, token) = app.claim(claim).await;
        app.reply(&id, &token, script).send().await.expect(200);
        let answer = app.get(&format!("/v1/claims/{id}")).by_role(Role::Rights).await.expect(200);
        assert_eq!((answer.header("content-type"), answer.header("x-content-type-options")), ("application/json", "nosniff"));
        let case = answer.json();
        assert_eq!(case["grounds"]["statement"], script);
        assert_eq!(case["grounds"]["evidence"][0]["description"], script);
        assert_eq!(case["claimant"]["name"], "<b>Wen</b>");
        assert_eq!(case["messages"][0]["text"], script);
        // Controls are refused, and in names what turns the line around.
        for (members, pointer) in [
            (json!({"statement": "a\u{8}b"}), "/statement"),
            (json!({"statement": "a\u{0}b"}), "/statement"),
            (json!({"claimant": {"name": "a\u{202e}b", "email": "a@b"}}), "/claimant/name"),
            (json!({"claimant": {"name": "a", "email": "a\u{200b}@b"}}), "/claimant/email"),
            (json!({"claimant": {"name": "a", "email": "a@b", "phone": "1\n2"}}), "/claimant/phone"),
        ] {
            let claim = app.complaint(with(json!({"url": "https://x.example/"}), members));
            let answer = app.post("/v1/claims", claim).send().await.expect(422);
            assert_eq!(answer.faults(), faults(&[(pointer, "unsafe_character")]));
        }
    }

    async fn texts_without_end_are_refused(app) {
        let url = json!({"url": "https://x.example/"});
        let long = |chars: usize| app.complaint(with(url.clone(), json!({"statement": "长".repeat(chars)})));
        let answer = app.post("/v1/claims", long(20_001)).send().await.expect(422);
        assert_eq!(answer.faults(), faults(&[("/statement", "length")]));
        app.post("/v1/claims", long(20_000)).send().await.expect(201);
        // 10 MB are more than any body may have.
        app.post("/v1/claims", long(10 * 1024 * 1024 / 3)).send().await.expect(413);
    }

    /// The same answer for a work that is not there, one that readers may not know of, and an
    /// address of somebody else: nobody finds out what is waiting.
    async fn hidden_works_are_no_oracle(app) {
        let newsroom = app.newsroom().await;
        let draft = app.draft(with(newsroom.own_work("A draft"), json!({"slug": "a-draft"}))).await;
        let waiting = app.live(with(newsroom.own_work("Waiting"), json!({"slug": "waiting"}))).await;
        app.set_times(&waiting, Some(app.clock.now() + TimeDelta::hours(1)), None);
        let mut shapes = Vec::new();
        for subject in [
            json!({"article_id": "art_01900000000070008000000000000999"}),
            json!({"article_id": draft}),
            json!({"article_id": waiting}),
            json!({"url": "http://localhost:8080/no-such-thing"}),
            json!({"url": "http://localhost:8080/a-draft"}),
            json!({"url": "http://localhost:8080/waiting"}),
            json!({"url": format!("http://localhost:8080/v1/articles/{waiting}")}),
            json!({"url": "https://elsewhere.example.org/waiting"}),
        ] {
            let answer = app.post("/v1/claims", app.complaint(subject.clone())).send().await.expect(201);
            let (id, token) = (answer.id(), answer.json()["token"].as_str().unwrap().to_owned());
            let mut status = app.follow(&id, &token).await.expect(200).json();
            for name in ["id", "subject"] {
                status[name] = json!("…");
            }
            shapes.push((subject, shape(&answer), status));
        }
        for (subject, receipt, status) in &shapes {
            assert_eq!((receipt, status), (&shapes[0].1, &shapes[0].2), "{subject}");
            assert_eq!(receipt["within_window"], Value::Null);
        }
    }

    async fn the_desk_sees_which_work_was_found(app) {
        let newsroom = app.newsroom().await;
        app.edit("/v1/settings", json!({"base_url": "https://news.example.org"})).await.expect(200);
        let article = app.live(with(newsroom.own_work("Quay opens"), json!({"slug": "quay-opens"}))).await;
        let draft = app.draft(newsroom.own_work("A draft")).await;
        for (subject, found) in [
            (json!({"url": "https://news.example.org/port/quay-opens.html?from=home#top"}), Some(&article)),
            (json!({"url": format!("https://news.example.org/{article}")}), Some(&article)),
            (json!({"url": "https://elsewhere.example.org/quay-opens"}), None),
            (json!({"article_id": draft}), Some(&draft)),
            (json!({"article_id": "art_01900000000070008000000000000999"}), None),
        ] {
            let (id, _) = app.claim(app.complaint(subject.clone())).await;
            assert_eq!(app.case(&id).await["article_id"], json!(found), "{subject}");
        }
        // What was not found can be found by hand; then there is a window.
        let (id, _) = app.claim(app.complaint(json!({"url": "https://elsewhere.example.org/copy"}))).await;
        let path = format!("/v1/claims/{id}");
        let seen = app.get(&path).by_role(Role::Rights).await.expect(200);
        let change = |body: Value, etag: &str| app.patch(&path, body).if_match(etag).by_role(Role::Rights);
        app.patch(&path, json!({"article_id": article})).by_role(Role::Rights).await.expect(428);
        let unknown = change(json!({"article_id": "art_01900000000070008000000000000999"}), &seen.etag()).await.expect(422);
        assert_eq!(unknown.faults(), faults(&[("/article_id", "unknown")]));
        let set = change(json!({"article_id": article, "internal_note": "A copy."}), &seen.etag()).await.expect(200).json();
        assert_eq!((&set["window"]["within"], &set["internal_note"]), (&json!(true), &json!("A copy.")));
        change(json!({"internal_note": "Late."}), &seen.etag()).await.expect(412);
    }

    async fn the_same_claim_is_one_case(app) {
        let newsroom = app.newsroom().await;
        let article = app.live(newsroom.own_work("Quay opens")).await;
        let claim = || app.complaint(json!({"article_id": article}));
        let first = app.post("/v1/claims", claim()).send().await.expect(201);
        app.clock.advance(TimeDelta::hours(23));
        let again = app.post("/v1/claims", claim()).send().await.expect(200);
        assert_eq!((again.id(), &again.json()["token"]), (first.id(), &Value::Null));
        assert_eq!(again.json()["received_at"], first.json()["received_at"]);
        let other = app.complaint(json!({"article_id": article, "statement": "And the crane is newer."}));
        assert_ne!(app.post("/v1/claims", other).send().await.expect(201).id(), first.id());
        app.clock.advance(TimeDelta::hours(1));
        assert_ne!(app.post("/v1/claims", claim()).send().await.expect(201).id(), first.id());
        let listed = app.get("/v1/claims?count=exact").by_role(Role::Rights).await.expect(200).json();
        assert_eq!(listed["page"]["total"], 3);
    }

    async fn a_key_makes_it_once(app) {
        let claim = || app.post("/v1/claims", app.complaint(json!({"url": "https://x.example/"}))).header("idempotency-key", "k-1");
        let first = claim().send().await.expect(201);
        let again = claim().send().await.expect(201);
        assert_eq!((again.id(), &again.json()["token"]), (first.id(), &Value::Null));
        let other = app.complaint(json!({"url": "https://y.example/"}));
        app.post("/v1/claims", other).header("idempotency-key", "k-1").send().await.expect(422);
        let case = app.case(&first.id()).await;
        assert_eq!(case["stage"], "received");
    }

    async fn what_fills_in_every_field_is_no_person(app) {
        let claim = |website: &str| app.complaint(json!({"url": "https://x.example/", "website": website}));
        let answer = app.post("/v1/claims", claim("https://pills.example")).send().await.expect(422);
        assert_eq!(answer.faults(), faults(&[("/website", "must_be_empty")]));
        let listed = app.get("/v1/claims?count=exact").by_role(Role::Rights).await.expect(200).json();
        assert_eq!(listed["page"]["total"], 0);
        app.post("/v1/claims", claim("")).send().await.expect(201);
    }
}

#[actix_web::test]
async fn an_address_may_try_so_often() {
    let app = TestApp::with(Engine::Sqlite, |raw| raw.claims_limit_per_minute = 3).await;
    for _ in 0..3 {
        app.post("/v1/claims", json!({})).send().await.expect(422);
    }
    let answer = app.post("/v1/claims", json!({})).send().await.expect(429);
    assert!(answer.header("retry-after").parse::<u64>().unwrap() <= 60);
    assert!(answer.header("ratelimit-policy").ends_with("q=3;w=60"));
    // Other things are not claims.
    app.get("/v1/articles").send().await.expect(200);
}

#[actix_web::test]
async fn an_address_may_file_so_many_in_a_day() {
    let app = TestApp::with(Engine::Sqlite, |raw| raw.claims_limit_per_day = 2).await;
    let claim = |n: u32| app.complaint(json!({"url": format!("https://x.example/{n}")}));
    for n in 0..2 {
        // What is refused for its content is none.
        app.post("/v1/claims", json!({})).send().await.expect(422);
        let ask = app.post("/v1/claims", claim(n));
        ask.header("idempotency-key", &n.to_string())
            .send()
            .await
            .expect(201);
    }
    let answer = app.post("/v1/claims", claim(3)).send().await.expect(429);
    assert!(answer.header("ratelimit-policy").ends_with("q=2;w=86400"));
    // A repetition is none either.
    let again = app
        .post("/v1/claims", claim(1))
        .header("idempotency-key", "1");
    again.send().await.expect(201);
}
