//! One action on many articles: what came of each, as if it had been asked for alone.

use masthead::http::auth::ClientKind;
use masthead::rights::{Channel, Role};
use serde_json::{Value, json};

use crate::support::newsroom::{Newsroom, with};
use crate::support::request::faults;
use crate::support::{Answer, Ask, TestApp, both_engines};

const NOBODY: &str = "art_01900000000070008000000000000009";

impl TestApp {
    /// A bulk action, to be sent.
    pub fn bulk(&self, action: &str, ids: &[String], params: Value) -> Ask<'_> {
        let mut body = json!({"action": action, "ids": ids});
        if !params.is_null() {
            body["params"] = params;
        }
        self.post("/v1/articles/bulk", body)
    }

    /// So many drafts that could be published, in the order in which they were made.
    pub async fn drafts(&self, desk: &Newsroom, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for n in 0..count {
            ids.push(self.draft(desk.own_work(&format!("Number {n}"))).await);
        }
        ids
    }

    /// A draft that lacks what a publication needs.
    pub async fn unfinished(&self) -> String {
        self.draft(json!({"title": "Unfinished", "language": "en"}))
            .await
    }
}

/// Statuses of the results, in their order.
fn statuses(answer: &Answer) -> Vec<u64> {
    results(answer)
        .iter()
        .map(|one| one["status"].as_u64().unwrap())
        .collect()
}

fn results(answer: &Answer) -> Vec<Value> {
    answer.json()["results"].as_array().unwrap().clone()
}

/// A problem document without what names its request.
fn nameless(mut problem: Value) -> Value {
    problem.as_object_mut().unwrap().remove("request_id");
    problem
}

both_engines! {
    async fn a_few_are_done_at_once_in_their_order(app) {
        let desk = app.newsroom().await;
        let drafts = app.drafts(&desk, 3).await;
        let unfinished = app.unfinished().await;
        let ids = [drafts[2].clone(), unfinished.clone(), drafts[0].clone(), NOBODY.to_owned(), drafts[1].clone()];
        let answer = app.bulk("publish", &ids, Value::Null).by_admin().await.expect(200);
        let all = results(&answer);
        assert_eq!(all.iter().map(|one| one["id"].as_str().unwrap()).collect::<Vec<_>>(), ids);
        assert_eq!(statuses(&answer), [200, 422, 200, 404, 200]);
        for at in [0, 2, 4] {
            let seen = app.get(&format!("/v1/articles/{}", ids[at])).by_admin().await.expect(200);
            assert_eq!(seen.json()["stage"], "published");
            assert!(seen.etag().starts_with(&format!("\"{}.", all[at]["revision"])), "{}", seen.etag());
            assert!(all[at].get("problem").is_none());
        }
        // What was refused is told as the single operation tells it, and left nothing behind.
        for at in [1, 3] {
            let single = app.publish(&ids[at]).await;
            assert_eq!(u64::from(single.status), all[at]["status"].as_u64().unwrap());
            assert_eq!(nameless(all[at]["problem"].clone()), nameless(single.json()));
            assert_eq!(all[at]["problem"]["request_id"], answer.header("x-request-id"));
            assert!(all[at].get("revision").is_none());
        }
        let published: Vec<String> = app.changes().into_iter().filter(|change| change.1 == "published").map(|change| change.3).collect();
        assert_eq!(published, [ids[0].as_str(), &ids[2], &ids[4]]);
        // In the name of whoever asked.
        let admin = app.user_of(Role::Admin).to_string();
        assert_eq!(app.audit(&ids[0]).pop(), Some(("user".to_owned(), Some(admin), "published".to_owned())));
        // It is on record as a job that is over.
        let job = answer.json()["job_id"].as_str().unwrap().to_owned();
        let job = app.get(&format!("/v1/jobs/{job}")).by_admin().await.expect(200).json();
        assert_eq!((&job["state"], &job["total"], &job["done"], &job["failed"]), (&json!("done"), &json!(5), &json!(3), &json!(2)));
        assert_eq!(job["params"]["action"], "publish");
    }

    async fn each_action_is_the_single_one(app) {
        let desk = app.newsroom().await;
        let ids = app.drafts(&desk, 2).await;
        let stage = async |expected: &str| {
            for id in &ids {
                let seen = app.get(&format!("/v1/articles/{id}")).by_admin().await.expect(200).json();
                assert_eq!(seen["stage"], expected, "{seen}");
            }
        };
        let later = "2026-06-02T12:00:00Z";
        let reason = json!({"reason_class": "editorial", "reason": "The figures could not be confirmed."});
        for (action, params, then) in [
            ("submit", Value::Null, "review"),
            ("return", json!({"note": "The second paragraph needs a source."}), "draft"),
            ("schedule", json!({"publish_at": later}), "scheduled"),
            ("return", Value::Null, "draft"),
            ("publish", json!({"publish_at": "2026-05-01T00:00:00Z"}), "published"),
            ("withdraw", reason, "withdrawn"),
            ("reinstate", json!({"note": "They were confirmed."}), "published"),
            ("tag", json!({"tags": ["port", "ships"]}), "published"),
            ("untag", json!({"tags": ["ships", "never there"]}), "published"),
            ("move", json!({"section_id": desk.ports}), "published"),
        ] {
            let answer = app.bulk(action, &ids, params).by_admin().await.expect(200);
            assert_eq!(statuses(&answer), [200, 200], "{action}: {}", answer.text());
            stage(then).await;
        }
        let seen = app.get(&format!("/v1/articles/{}", ids[0])).by_admin().await.expect(200).json();
        assert_eq!((&seen["tags"], &seen["section"]["id"]), (&json!(["port"]), &json!(desk.ports)));
        assert_eq!(seen["published_at"], "2026-05-01T00:00:00Z");
        // Readers saw them: they stay. A draft goes.
        let draft = app.unfinished().await;
        let answer = app.bulk("delete", &[ids[0].clone(), draft.clone()], Value::Null).by_admin().await.expect(200);
        assert_eq!(statuses(&answer), [409, 204]);
        assert_eq!(results(&answer)[0]["problem"]["type"], "/problems/conflict");
        assert!(results(&answer)[1].get("revision").is_none());
        app.get(&format!("/v1/articles/{draft}")).by_admin().await.expect(404);
    }

    async fn filing_makes_a_version_only_where_something_changes(app) {
        let desk = app.newsroom().await;
        let full: Vec<String> = (0..50).map(|n| format!("tag {n}")).collect();
        let ids = [app.draft(desk.own_work("One")).await, app.draft(with(desk.own_work("Two"), json!({"tags": full}))).await];
        let tag = async || app.bulk("tag", &ids, json!({"tags": [" tag 7 "]})).by_admin().await.expect(200);
        let answer = tag().await;
        assert_eq!(statuses(&answer), [200, 200]);
        assert_eq!((&results(&answer)[0]["revision"], &results(&answer)[1]["revision"]), (&json!(2), &json!(1)));
        assert_eq!(results(&tag().await)[0]["revision"], 2, "it has it already");
        let answer = app.bulk("tag", &ids, json!({"tags": ["one too many"]})).by_admin().await.expect(200);
        assert_eq!(statuses(&answer), [200, 422]);
        assert_eq!(results(&answer)[1]["problem"]["errors"][0]["pointer"], "/tags");
        let answer = app.bulk("move", &ids, json!({"section_id": "sec_01900000000070008000000000000009"})).by_admin().await.expect(200);
        assert_eq!(statuses(&answer), [422, 422]);
        assert_eq!(results(&answer)[0]["problem"]["errors"][0], json!({"pointer": "/section_id", "code": "unknown", "detail": "there is no such section"}));
    }

    async fn what_is_wrong_is_told_precisely(app) {
        let ids: Vec<String> = (0..3).map(|n| format!("art_0190000000007000800000000000000{n}")).collect();
        let same = json!([ids[0], ids[1], ids[0], ids[2], ids[1]]);
        let many: Vec<String> = (0..10_001).map(|n| format!("art_019000000000700080000000{n:08}")).collect();
        let reason = json!({"reason_class": "legal", "reason": "x"});
        for (body, expected) in [
            (json!({}), vec![("/action", "required"), ("/ids", "required")]),
            (json!({"action": "burn", "ids": ids}), vec![("/action", "choice")]),
            (json!({"action": "publish", "ids": []}), vec![("/ids", "items")]),
            (json!({"action": "publish", "ids": many}), vec![("/ids", "items")]),
            (json!({"action": "publish", "ids": ["sec_01900000000070008000000000000001"]}), vec![("/ids/0", "pattern")]),
            (json!({"action": "publish", "ids": same}), vec![("/ids/2", "duplicate"), ("/ids/4", "duplicate")]),
            (json!({"action": "withdraw", "ids": same, "params": {"reason_class": "legal", "reason": " "}}),
                vec![("/ids/2", "duplicate"), ("/ids/4", "duplicate"), ("/params/reason", "blank")]),
            // What goes with another action.
            (json!({"action": "publish", "ids": ids, "params": reason}), vec![("/params/reason", "unknown_field"), ("/params/reason_class", "unknown_field")]),
            (json!({"action": "withdraw", "ids": ids, "params": {"publish_at": "2026-01-01T00:00:00Z"}}),
                vec![("/params/publish_at", "unknown_field"), ("/params/reason", "required"), ("/params/reason_class", "required")]),
            (json!({"action": "withdraw", "ids": ids}), vec![("/params", "required")]),
            (json!({"action": "withdraw", "ids": ids, "params": {"reason_class": "whim", "reason": "x"}}), vec![("/params/reason_class", "choice")]),
            (json!({"action": "burn", "ids": ids, "params": {"reason_class": "whim"}}), vec![("/action", "choice")]),
            (json!({"action": "delete", "ids": ids, "params": {}}), vec![("/params", "unknown_field")]),
            (json!({"action": "tag", "ids": ids, "params": {"tags": ["a", "a", "\u{202e}b"]}}),
                vec![("/params/tags/1", "duplicate"), ("/params/tags/2", "unsafe_character")]),
            (json!({"action": "untag", "ids": ids, "params": {"tags": []}}), vec![("/params/tags", "items")]),
            (json!({"action": "move", "ids": ids, "params": {"section_id": null}}), vec![("/params/section_id", "type")]),
            (json!({"action": "submit", "ids": ids, "if_match": "*"}), vec![("/if_match", "unknown_field")]),
        ] {
            let shown: String = body.to_string().chars().take(200).collect();
            let answer = app.post("/v1/articles/bulk", body).by_admin().await;
            assert_eq!(answer.status, 422, "{shown}: {}", answer.text());
            assert_eq!(answer.faults(), faults(&expected), "{shown}");
        }
        app.get("/v1/articles/bulk").by_admin().await.expect(405);
        assert_eq!(app.get("/v1/jobs").by_admin().await.expect(200).json()["data"], json!([]));
    }

    async fn each_is_asked_for_by_the_rights_of_whoever_asks(app) {
        let desk = app.newsroom().await;
        let mine = app.post("/v1/articles", desk.own_work("Mine")).by_role(Role::Author).await.expect(201).id();
        let handed_in = app.post("/v1/articles", desk.own_work("Handed in")).by_role(Role::Author).await.expect(201).id();
        app.post(&format!("/v1/articles/{handed_in}/submit"), json!({})).by_role(Role::Author).await.expect(200);
        let theirs = app.draft(desk.own_work("Theirs")).await;
        let out = app.live(desk.own_work("Out")).await;
        let ids = [mine.clone(), handed_in, theirs.clone(), out.clone()];
        // Of what an author may not know, there is nothing; what is not theirs any more, they may read.
        for (action, params) in [("tag", json!({"tags": ["port"]})), ("submit", Value::Null), ("delete", Value::Null)] {
            let answer = app.bulk(action, &ids, params.clone()).by_role(Role::Author).await.expect(200);
            let first = match action { "tag" | "submit" => 200, _ => 403 };
            assert_eq!(statuses(&answer), [first, 403, 404, 403], "{action}: {}", answer.text());
            let single = app.patch(&format!("/v1/articles/{out}"), json!({})).if_match("*").by_role(Role::Author).await.expect(403);
            assert_eq!(results(&answer)[3]["problem"]["detail"], single.json()["detail"]);
        }
        let reason = json!({"reason_class": "editorial", "reason": "x"});
        for (role, action, params, status) in [
            (Role::Author, "publish", Value::Null, 403),
            (Role::Author, "return", Value::Null, 403),
            (Role::Author, "withdraw", reason.clone(), 403),
            (Role::Rights, "publish", Value::Null, 403),
            (Role::Rights, "tag", json!({"tags": ["x"]}), 403),
            (Role::Rights, "withdraw", reason.clone(), 200),
            (Role::Viewer, "delete", Value::Null, 403),
            (Role::Editor, "reinstate", Value::Null, 200),
            (Role::Editor, "publish", Value::Null, 200),
        ] {
            let answer = app.bulk(action, std::slice::from_ref(&out), params).by_role(role).await;
            assert_eq!(answer.status, status, "{role:?} {action}: {}", answer.text());
            if status == 403 {
                assert!(answer.json()["detail"].as_str().unwrap().starts_with("This needs one of: "));
            }
        }
        let key = app.key(app.terms(ClientKind::Partner, Channel::Syndication)).1;
        app.bulk("delete", std::slice::from_ref(&out), Value::Null).key(&key).send().await.expect(403);
        app.bulk("delete", &[out], Value::Null).send().await.expect(401);
        app.get(&format!("/v1/articles/{theirs}")).by_admin().await.expect(200);
    }

    async fn the_whole_happens_once_per_key(app) {
        let desk = app.newsroom().await;
        let ids = app.drafts(&desk, 2).await;
        let once = |tag: &str| app.bulk("tag", &ids, json!({"tags": [tag]})).header("idempotency-key", "b");
        let first = once("port").by_admin().await.expect(200);
        // Meanwhile the tag is taken away: the repetition tells what came of the first, and does nothing.
        app.bulk("untag", &ids, json!({"tags": ["port"]})).by_admin().await.expect(200);
        let again = once("port").by_admin().await.expect(200);
        assert_eq!(first.json(), again.json());
        let seen = app.get(&format!("/v1/articles/{}", ids[0])).by_admin().await.expect(200).json();
        assert_eq!(seen["tags"], json!([]));
        assert_eq!(once("ships").by_admin().await.expect(422).json()["type"], "/problems/key-reused");
        // The same where it becomes a job.
        let many: Vec<String> = (0..101).map(|n| format!("art_019000000000700080000000{n:08}")).collect();
        let long = || app.bulk("delete", &many, Value::Null).header("idempotency-key", "l");
        let first = long().by_admin().await.expect(202);
        let again = long().by_admin().await.expect(202);
        assert_eq!(first.header("location"), again.header("location"));
        app.chores().await;
        let over = long().by_admin().await.expect(202);
        assert_eq!(over.json()["job"]["failed"], 101);
        assert_eq!(app.get("/v1/jobs?count=exact").by_admin().await.expect(200).json()["page"]["total"], 3);
    }
}
