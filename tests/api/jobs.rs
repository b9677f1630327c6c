//! Long work: its progress, its end, and what stops, kills or repeats it.

use chrono::TimeDelta;
use diesel::prelude::*;
use masthead::bulk::work::{PIECE, advance, run_as, run_in};
use masthead::db::StoreError;
use masthead::db::schema::{audit_events, job_items};
use masthead::kernel::id::{Id, JobId};
use masthead::rights::Role;
use serde_json::{Value, json};

use crate::support::request::Answer;
use crate::support::{TestApp, both_engines};

const PIECE_ITEMS: usize = PIECE as usize;

impl TestApp {
    /// A node of this name does a piece of a job; whether there was one to do.
    fn node(&self, owner: &str) -> bool {
        run_as(&self.db, &self.write(), owner).expect("a piece is done")
    }

    async fn job(&self, at: &str) -> Value {
        self.get(at).by_admin().await.expect(200).json()
    }

    /// Ids of what was published, in the order of the change log.
    fn published(&self) -> Vec<String> {
        let changes = self.changes().into_iter();
        changes
            .filter(|change| change.1 == "published")
            .map(|change| change.3)
            .collect()
    }
}

fn location(answer: &Answer) -> String {
    answer.header("location").to_owned()
}

fn counts(job: &Value) -> (&str, i64, i64) {
    let count = |name: &str| job[name].as_i64().unwrap();
    (
        job["state"].as_str().unwrap(),
        count("done"),
        count("failed"),
    )
}

both_engines! {
    async fn many_become_a_job(app) {
        let desk = app.newsroom().await;
        let mut ids = app.drafts(&desk, 149).await;
        ids.insert(70, app.unfinished().await);
        let begun = app.bulk("publish", &ids, json!({})).by_role(Role::Editor).await.expect(202);
        let at = location(&begun);
        let job = &begun.json()["job"];
        assert_eq!(at, format!("/v1/jobs/{}", job["id"].as_str().unwrap()));
        assert_eq!((counts(job), &job["total"], &job["started_at"]), (("queued", 0, 0), &json!(150), &Value::Null));
        assert_eq!(app.published(), Vec::<String>::new(), "nothing was done yet");
        app.clock.advance(TimeDelta::seconds(5));
        assert!(app.node("a"));
        let job = app.job(&at).await;
        assert_eq!(counts(&job), ("running", 50, 0));
        assert_eq!((&job["started_at"], &job["finished_at"]), (&json!("2026-06-01T12:00:05Z"), &Value::Null));
        app.clock.advance(TimeDelta::seconds(31));
        app.chores().await;
        let job = app.job(&at).await;
        assert_eq!(counts(&job), ("done", 149, 1));
        assert_eq!((&job["finished_at"], &job["items_kept_until"]), (&json!("2026-06-01T12:00:36Z"), &json!("2026-07-01T12:00:36Z")));
        // The faulty one touched no other, and says what it lacks as the single operation does.
        let failed = app.job(&format!("{at}/items?state=failed")).await;
        let [item] = failed["data"].as_array().unwrap().as_slice() else { panic!("{failed}") };
        assert_eq!((&item["n"], &item["id"], &item["status"]), (&json!(71), &json!(ids[70]), &json!(422)));
        let single = app.publish(&ids[70]).await.expect(422);
        assert_eq!((&item["problem"]["errors"], &item["problem"]["instance"]), (&single.json()["errors"], &single.json()["instance"]));
        // All others once, in the order given, in the name of whoever asked and under their request.
        ids.remove(70);
        assert_eq!(app.published(), ids);
        let editor = app.user_of(Role::Editor).to_string();
        let by: Vec<(Option<String>, Option<String>)> = app.change(|conn| audit_events::table
            .filter(audit_events::action.eq("published"))
            .select((audit_events::actor_id, audit_events::request_id))
            .distinct()
            .load(conn));
        assert_eq!(by, [(Some(editor), Some(begun.header("x-request-id").to_owned()))]);
        assert!(!app.node("b"), "nothing is left");
    }

    async fn items_come_in_pages_in_their_order(app) {
        let many: Vec<String> = (0..130).map(|n| format!("art_019000000000700080000000{n:08}")).collect();
        let at = location(&app.bulk("delete", &many, Value::Null).by_admin().await.expect(202));
        app.node("a");
        let mut seen = Vec::new();
        let mut next = format!("{at}/items?limit=40&count=exact");
        loop {
            let page = app.job(&next).await;
            assert_eq!(page["page"]["total"], 130);
            for item in page["data"].as_array().unwrap() {
                let tried = seen.len() < PIECE_ITEMS;
                assert_eq!(item["state"], if tried { "failed" } else { "pending" });
                assert_eq!(item.get("status").is_some(), tried);
                seen.push(item["id"].as_str().unwrap().to_owned());
            }
            match page["page"]["next_cursor"].as_str() {
                Some(cursor) => next = format!("{at}/items?limit=40&count=exact&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(seen, many);
        // A cursor fits the list that it came from.
        let cursor = app.job(&format!("{at}/items?limit=1&state=failed")).await["page"]["next_cursor"].as_str().unwrap().to_owned();
        let page = app.job(&format!("{at}/items?state=failed&cursor={cursor}")).await;
        assert_eq!(page["data"][0]["n"], 2);
        for bad in [format!("cursor={cursor}"), format!("state=pending&cursor={cursor}"), "cursor=x".to_owned(), "state=lost".to_owned(),
            "limit=0".to_owned(), "limit=101".to_owned(), "sort=n".to_owned()] {
            app.get(&format!("{at}/items?{bad}")).by_admin().await.expect(400);
        }
        let first = app.job("/v1/jobs?limit=1").await;
        assert_eq!(first["page"]["has_more"], false);
        app.get("/v1/jobs/job_01900000000070008000000000000009").by_admin().await.expect(404);
        app.get("/v1/jobs/art_01900000000070008000000000000009/items").by_admin().await.expect(404);
    }

    async fn a_job_is_stopped_midway(app) {
        let desk = app.newsroom().await;
        let ids = app.drafts(&desk, 120).await;
        let at = location(&app.bulk("publish", &ids, json!({})).by_role(Role::Editor).await.expect(202));
        app.node("a");
        let stop = async |role| app.post(&format!("{at}/cancel"), json!({})).by_role(role).await;
        stop(Role::Author).await.expect(404);
        let stopped = stop(Role::Editor).await.expect(200).json();
        assert_eq!(counts(&stopped), ("cancelled", 50, 0));
        // Once that is answered nothing more is done, by whomever, and what was done stays done.
        assert!(!app.node("a"));
        app.clock.advance(TimeDelta::hours(1));
        app.chores().await;
        assert_eq!(app.published(), ids[..PIECE_ITEMS]);
        assert_eq!(stop(Role::Editor).await.expect(200).json(), stopped, "again changes nothing");
        let left = app.job(&format!("{at}/items?state=pending&count=exact")).await;
        assert_eq!((&left["page"]["total"], &left["data"][0]["n"]), (&json!(70), &json!(51)));
        // One that nobody has begun, and one that is over.
        let at = location(&app.bulk("publish", &ids, json!({})).by_admin().await.expect(202));
        let path = format!("{at}/cancel");
        let stopped = app.request("POST", &path).by_admin().await.expect(200).json();
        assert_eq!((counts(&stopped), &stopped["started_at"]), (("cancelled", 0, 0), &Value::Null));
        let at = location(&app.bulk("publish", &ids, json!({})).by_admin().await.expect(202));
        app.chores().await;
        let done = app.job(&at).await;
        assert_eq!(counts(&done), ("done", 120, 0));
        assert_eq!(app.request("POST", &format!("{at}/cancel")).by_admin().await.expect(200).json(), done);
    }

    async fn who_is_killed_loses_nothing_and_repeats_nothing(app) {
        let desk = app.newsroom().await;
        let ids = app.drafts(&desk, 110).await;
        let at = location(&app.bulk("publish", &ids, json!({})).by_admin().await.expect(202));
        // Killed at the very end of a piece, before it is committed: nothing of it has happened.
        let killed = app.db.write_now(&app.write(), |tx| -> Result<(), StoreError> {
            assert!(run_in(tx, "a")?);
            Err(StoreError::State("killed".to_owned()))
        });
        killed.unwrap_err();
        assert_eq!(counts(&app.job(&at).await), ("queued", 0, 0));
        assert_eq!(app.published(), Vec::<String>::new());
        // Killed between two pieces: another node goes on once the lease is over.
        assert!(app.node("a"));
        for (seconds, goes_on) in [(0, false), (29, false), (1, true)] {
            app.clock.advance(TimeDelta::seconds(seconds));
            assert_eq!(app.node("b"), goes_on, "after {seconds} seconds");
        }
        assert_eq!(counts(&app.job(&at).await), ("running", 100, 0));
        assert!(!app.node("a"), "it comes back, and the job is another node's");
        assert!(app.node("b") && !app.node("b"));
        assert_eq!(counts(&app.job(&at).await), ("done", 110, 0));
        assert_eq!(app.published(), ids);
    }

    async fn a_request_that_is_cut_off_is_finished_by_the_next_who_looks(app) {
        let desk = app.newsroom().await;
        let ids = app.drafts(&desk, 60).await;
        let key = |ids: &[String]| app.bulk("publish", ids, json!({})).header("idempotency-key", "k");
        let whole = key(&ids).by_admin().await.expect(200).json();
        let job = JobId::parse(whole["job_id"].as_str().unwrap()).unwrap();
        // As it stood when the request was cut off after its first piece, ten items before its end.
        app.change(|conn| {
            diesel::update(job_items::table.filter(job_items::job_id.eq(job.to_string())).filter(job_items::n.gt(50)))
                .set((job_items::state.eq("pending"), job_items::status.eq(None::<i32>)))
                .execute(conn)?;
            use masthead::db::schema::jobs;
            diesel::update(jobs::table.find(job.to_string()))
                .set((jobs::state.eq("running"), jobs::done.eq(50), jobs::lease_owner.eq("cut off"),
                    jobs::lease_until.eq((app.clock.now() + TimeDelta::seconds(30)).naive_utc())))
                .execute(conn)
        });
        assert!(!app.node("a"), "the request may still be at it");
        // Asked again with its key, it goes on where it was, whoever has the lease.
        assert_eq!(key(&ids).by_admin().await.expect(200).json(), whole);
        assert_eq!(app.published(), ids, "each once");
    }

    async fn two_nodes_at_the_same_job_do_nothing_twice(app) {
        let desk = app.newsroom().await;
        let ids = app.drafts(&desk, 160).await;
        let at = location(&app.bulk("publish", &ids, json!({})).by_admin().await.expect(202));
        // Each believes that the other's lease is over.
        for owner in ["a", "b"] {
            assert!(app.node(owner));
            app.clock.advance(TimeDelta::seconds(31));
        }
        assert_eq!(counts(&app.job(&at).await), ("running", 100, 0));
        // And at the same instant, without a look at the lease.
        let job = JobId::parse(at.rsplit('/').next().unwrap()).unwrap();
        let piece = |owner: &str| advance(&app.db, app.write(), job, owner.to_owned());
        let (a, b, c) = tokio::join!(piece("a"), piece("b"), piece("c"));
        let mut tried = [a, b, c].map(|job| job.unwrap().done);
        tried.sort();
        assert_eq!(tried, [150, 160, 160]);
        assert_eq!(counts(&app.job(&at).await), ("done", 160, 0));
        assert_eq!(app.published(), ids, "each once");
    }

    async fn a_clock_that_is_set_back_stops_no_job(app) {
        let desk = app.newsroom().await;
        let ids = app.drafts(&desk, 110).await;
        // So that the registers were there already at the times that the clock is set back to.
        app.clock.advance(TimeDelta::hours(2));
        let at = location(&app.bulk("publish", &ids, json!({})).by_admin().await.expect(202));
        assert!(app.node("a"));
        // The node is gone, and its lease ends in an hour by this clock.
        app.clock.advance(-TimeDelta::hours(1));
        assert!(app.node("b"));
        app.clock.advance(-TimeDelta::minutes(30));
        app.chores().await;
        let job = app.job(&at).await;
        assert_eq!(counts(&job), ("done", 110, 0));
        assert_eq!(job["started_at"], job["finished_at"], "it did not end before it began");
        assert_eq!(app.published(), ids);
    }

    async fn jobs_take_turns(app) {
        let many: Vec<String> = (0..400).map(|n| format!("art_019000000000700080000000{n:08}")).collect();
        let long = location(&app.bulk("delete", &many, Value::Null).by_admin().await.expect(202));
        let short = location(&app.bulk("delete", &many[..101], Value::Null).by_admin().await.expect(202));
        for _ in 0..6 {
            app.clock.advance(TimeDelta::seconds(1));
            assert!(app.node("a"));
        }
        assert_eq!(counts(&app.job(&short).await), ("done", 0, 101), "it did not wait for the long one");
        assert_eq!(counts(&app.job(&long).await), ("running", 0, 150));
        app.chores().await;
        assert_eq!(counts(&app.job(&long).await).0, "running", "it is the other node's");
        while app.node("a") {}
        assert_eq!(counts(&app.job(&long).await), ("done", 0, 400));
    }

    async fn items_are_done_with_the_rights_of_their_hour(app) {
        let desk = app.newsroom().await;
        let ids = app.drafts(&desk, 120).await;
        let editor = format!("/v1/users/{}", app.user_of(Role::Editor));
        let begin = async || location(&app.bulk("tag", &ids, json!({"tags": ["port"]})).by_role(Role::Editor).await.expect(202));
        let first = begin().await;
        app.node("a");
        // No editor any more: what is left is refused, item by item.
        app.patch(&editor, json!({"role": "viewer"})).if_match("*").by_admin().await.expect(200);
        while app.node("a") {}
        assert_eq!(counts(&app.job(&first).await), ("done", 50, 70));
        let refused = app.job(&format!("{first}/items?state=failed&limit=1")).await;
        assert_eq!((&refused["data"][0]["status"], &refused["data"][0]["n"]), (&json!(403), &json!(51)));
        assert_eq!(refused["data"][0]["problem"]["type"], "/problems/forbidden");
        // Nobody any more: it is given up, and says why.
        app.patch(&editor, json!({"role": "editor"})).if_match("*").by_admin().await.expect(200);
        let second = begin().await;
        app.node("a");
        app.patch(&editor, json!({"active": false})).if_match("*").by_admin().await.expect(200);
        while app.node("a") {}
        let job = app.job(&second).await;
        assert_eq!(counts(&job), ("failed", 50, 0));
        assert_eq!(job["error"], "The account of whoever asked for it is disabled or gone.");
    }

    async fn everybody_sees_their_own(app) {
        let many: Vec<String> = (0..101).map(|n| format!("art_019000000000700080000000{n:08}")).collect();
        let by = async |role| location(&app.bulk("delete", &many, Value::Null).by_role(role).await.expect(202));
        let (admin, editor) = (by(Role::Admin).await, by(Role::Editor).await);
        let list = async |role| -> Vec<String> {
            let page = app.get("/v1/jobs?sort=-created_at").by_role(role).await.expect(200).json();
            page["data"].as_array().unwrap().iter().map(|job| format!("/v1/jobs/{}", job["id"].as_str().unwrap())).collect()
        };
        let mut all = vec![admin.clone(), editor.clone()];
        all.sort();
        all.reverse();
        assert_eq!(list(Role::Admin).await, all);
        assert_eq!(list(Role::Editor).await, [editor.as_str()]);
        assert_eq!(list(Role::Viewer).await, Vec::<String>::new());
        for (role, at, status) in [(Role::Admin, &editor, 200), (Role::Editor, &editor, 200), (Role::Editor, &admin, 404), (Role::Rights, &editor, 404)] {
            app.get(at).by_role(role).await.expect(status);
            app.get(&format!("{at}/items")).by_role(role).await.expect(status);
        }
        app.post(&format!("{editor}/cancel"), json!({})).by_role(Role::Rights).await.expect(404);
        app.post(&format!("{editor}/cancel"), json!({})).by_admin().await.expect(200);
        app.get(&admin).send().await.expect(401);
    }

    async fn items_go_a_month_after_the_end(app) {
        let many: Vec<String> = (0..101).map(|n| format!("art_019000000000700080000000{n:08}")).collect();
        let begin = async || location(&app.bulk("delete", &many, Value::Null).by_admin().await.expect(202));
        let done = begin().await;
        app.chores().await;
        let job = app.job(&done).await;
        app.clock.advance(TimeDelta::days(30) - TimeDelta::microseconds(1));
        let stopped = begin().await;
        app.post(&format!("{stopped}/cancel"), json!({})).by_admin().await.expect(200);
        app.chores().await;
        assert_eq!(app.job(&format!("{done}/items?count=exact")).await["page"]["total"], 101);
        app.clock.advance(TimeDelta::microseconds(1));
        app.chores().await;
        assert_eq!(app.job(&format!("{done}/items?count=exact")).await["page"]["total"], 0);
        assert_eq!(app.job(&done).await, job, "the job itself stays");
        assert_eq!(app.job(&format!("{stopped}/items?count=exact")).await["page"]["total"], 101);
    }
}
