//! Advisories: who is told of a correction or a withdrawal, until when, and what comes of it.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use masthead::db::advisories::{Issue, Kind, issue};
use masthead::http::auth::{ClientKind, Scope};
use masthead::http::ledger::Undelivered;
use masthead::rights::{Channel, Role};
use serde_json::{Value, json};

use crate::support::licensing::Deal;
use crate::support::newsroom::Newsroom;
use crate::support::request::faults;
use crate::support::{TestApp, both_engines, start};

/// Reads a work as a partner, which puts it into the ledger.
async fn take(app: &TestApp, deal: &Deal, article: &str) {
    let path = format!("/v1/articles/{article}?body_format=html");
    let seen = app.read(deal, &path).await.expect(200);
    assert!(seen.json()["body"]["value"].is_string(), "{}", seen.text());
}

/// Corrects a work; time goes on by a minute first, as it does between two actions.
async fn correct(app: &TestApp, article: &str, note: &str) {
    app.clock.advance(TimeDelta::minutes(1));
    app.post(
        &format!("/v1/articles/{article}/correct"),
        json!({"public_note": note}),
    )
    .by_admin()
    .await
    .expect(200);
}

async fn withdraw(app: &TestApp, article: &str) {
    app.clock.advance(TimeDelta::minutes(1));
    app.withdraw(article, "editorial").await.expect(200);
}

/// Tells holders of a work that it is back, as the action does.
fn reinstate(app: &TestApp, article: &str, version: i64) {
    app.clock.advance(TimeDelta::minutes(1));
    tell(app, article, version, Kind::Reinstatement);
}

fn tell(app: &TestApp, article: &str, version: i64, kind: Kind) {
    let it = Issue {
        article,
        version,
        kind,
        reason_class: None,
        text: None,
    };
    app.db
        .write_now(&app.write(), |tx| issue(tx, &it))
        .expect("it is issued");
}

/// What a partner sees, the newest first.
async fn seen(app: &TestApp, deal: &Deal, query: &str) -> Vec<Value> {
    let path = format!("/v1/advisories?{query}");
    let page = app.read(deal, &path).await.expect(200).json();
    page["data"].as_array().unwrap().clone()
}

/// What those who manage rights see.
async fn all(app: &TestApp, query: &str) -> Vec<Value> {
    let path = format!("/v1/advisories?{query}");
    let page = app
        .get(&path)
        .by_role(Role::Rights)
        .await
        .expect(200)
        .json();
    page["data"].as_array().unwrap().clone()
}

fn id(advisory: &Value) -> &str {
    advisory["id"].as_str().expect("an id")
}

async fn acknowledge(app: &TestApp, deal: &Deal, advisory: &Value, action: &str) -> Value {
    let path = format!("/v1/advisories/{}/acknowledge", id(advisory));
    let ask = app.post(&path, json!({"action": action})).key(&deal.key);
    ask.send().await.expect(200).json()
}

fn at(value: &Value) -> DateTime<Utc> {
    value.as_str().expect("a time").parse().expect("a time")
}

/// Kinds and statuses, in the order of the list.
fn kinds(advisories: &[Value]) -> Vec<(&str, &str)> {
    advisories
        .iter()
        .map(|one| {
            (
                one["kind"].as_str().unwrap(),
                one["status"].as_str().unwrap(),
            )
        })
        .collect()
}

/// A newsroom, a work that is out, and a partner who took it.
async fn taken(app: &TestApp) -> (Newsroom, String, Deal) {
    let desk = app.newsroom().await;
    let article = app.live(desk.own_work("Quay opens")).await;
    let deal = app.deal("Coastal Gazette", &[json!({})]).await;
    take(app, &deal, &article).await;
    (desk, article, deal)
}

both_engines! {
    async fn holders_are_told_of_a_correction_and_nobody_else(app) {
        let (desk, article, deal) = taken(&app).await;
        let other = app.deal("Took another", &[json!({})]).await;
        let idle = app.deal("Took nothing", &[json!({})]).await;
        let another = app.live(desk.own_work("Ferry sails")).await;
        take(&app, &other, &another).await;
        app.clock.advance(TimeDelta::minutes(5));
        take(&app, &deal, &article).await;
        app.get(&format!("/v1/articles/{article}")).key(&idle.key).header("if-none-match", "*").send().await;
        correct(&app, &article, "An earlier version gave a wrong date.").await;
        let now = app.clock.now();
        let told = seen(&app, &deal, "count=exact").await;
        assert_eq!(told.len(), 1);
        let advisory = &told[0];
        assert_eq!(*advisory, json!({
            "id": id(advisory), "partner_id": deal.partner, "article_id": article, "version": 2, "kind": "correction",
            "reason_class": null, "text": "An earlier version gave a wrong date.",
            "issued_at": advisory["issued_at"], "due_at": advisory["due_at"], "status": "open", "overdue": false, "superseded_by": null,
            "acknowledged_at": null, "acknowledged_by": null, "acknowledged_by_id": null, "acknowledged_with": null,
            "action": null, "note": null, "reminders": 0, "last_reminded_at": null,
            "holding": {"versions": [1], "deliveries": 2, "first_at": "2026-06-01T12:00:00Z", "last_at": "2026-06-01T12:05:00Z"},
        }));
        assert_eq!((at(&advisory["issued_at"]), at(&advisory["due_at"])), (now, now + TimeDelta::hours(24)));
        // No word of the work is in it.
        for word in ["Quay", "quay", "Ships dock", "second half"] {
            assert!(!advisory.to_string().contains(word), "{advisory}");
        }
        let one = format!("/v1/advisories/{}", id(advisory));
        assert_eq!(app.read(&deal, &one).await.expect(200).json(), *advisory);
        for nobody in [&other, &idle] {
            assert_eq!(seen(&app, nobody, "").await, Vec::<Value>::new());
            app.read(nobody, &one).await.expect(404);
            app.post(&format!("{one}/acknowledge"), json!({"action": "none"})).key(&nobody.key).send().await.expect(404);
        }
        assert_eq!(all(&app, "").await, told);
        // The correction is in the holding once the partner has it.
        take(&app, &deal, &article).await;
        let after = app.read(&deal, &one).await.expect(200).json();
        assert_eq!((&after["holding"]["versions"], &after["holding"]["deliveries"]), (&json!([1, 2]), &json!(3)));
    }

    async fn the_deadline_is_the_shortest_of_the_licences_it_was_given_under(app) {
        let desk = app.newsroom().await;
        let article = app.live(desk.own_work("Quay opens")).await;
        let mut deal = app.deal("Several", &[json!({"removal_deadline_hours": 48})]).await;
        take(&app, &deal, &article).await;
        app.edit(&format!("/v1/licences/{}", deal.licences[0]), json!({"status": "revoked"})).await.expect(200);
        app.license(&mut deal, json!({"removal_deadline_hours": 12})).await;
        take(&app, &deal, &article).await;
        // It holds this one too, and got nothing under it.
        app.license(&mut deal, json!({"removal_deadline_hours": 1, "extent": "headline"})).await;
        let slow = app.deal("Slow", &[json!({"removal_deadline_hours": 8760})]).await;
        take(&app, &slow, &article).await;
        withdraw(&app, &article).await;
        for (deal, hours) in [(&deal, 12), (&slow, 8760)] {
            let told = seen(&app, deal, "").await;
            assert_eq!(at(&told[0]["due_at"]), app.clock.now() + TimeDelta::hours(hours));
        }
    }

    async fn a_withdrawal_says_why(app) {
        let (_, article, deal) = taken(&app).await;
        app.clock.advance(TimeDelta::minutes(1));
        app.withdraw(&article, "legal").await.expect(200);
        app.read(&deal, &format!("/v1/articles/{article}")).await.expect(451);
        let told = seen(&app, &deal, "").await;
        assert_eq!(kinds(&told), [("withdrawal", "open")]);
        assert_eq!((&told[0]["reason_class"], &told[0]["text"], &told[0]["version"]), (&json!("legal"), &json!("The figures could not be confirmed."), &json!(2)));
        // A refused withdrawal tells nobody.
        app.withdraw(&article, "legal").await.expect(409);
        assert_eq!(seen(&app, &deal, "").await.len(), 1);
    }

    async fn who_got_it_under_embargo_is_told_too(app) {
        let desk = app.newsroom().await;
        let article = app.live(desk.own_work("Quay opens")).await;
        app.set_times(&article, Some(app.clock.now() + TimeDelta::days(2)), None);
        let early = app.deal("Early", &[json!({"embargo_privilege": true, "removal_deadline_hours": 2})]).await;
        let late = app.deal("Late", &[json!({})]).await;
        take(&app, &early, &article).await;
        app.read(&late, &format!("/v1/articles/{article}")).await.expect(404);
        correct(&app, &article, "A name was wrong.").await;
        withdraw(&app, &article).await;
        app.read(&early, &format!("/v1/articles/{article}")).await.expect(404);
        let told = seen(&app, &early, "").await;
        assert_eq!(kinds(&told), [("withdrawal", "open"), ("correction", "open")]);
        assert_eq!(at(&told[0]["due_at"]), app.clock.now() + TimeDelta::hours(2));
        assert_eq!(seen(&app, &late, "count=exact").await, Vec::<Value>::new());
    }

    /// The ledger takes nothing of a work once its withdrawal is committed, and who was in time is
    /// told.
    async fn nothing_slips_between_the_ledger_and_the_withdrawal(app) {
        let desk = app.newsroom().await;
        let article = app.live(desk.own_work("Quay opens")).await;
        let (early, late) = (app.licensee("Early", None), app.licensee("Late", None));
        app.deliver(vec![early.owed(&article)]).await.expect("it is in time");
        withdraw(&app, &article).await;
        // Both were decided before, and come to the ledger after it.
        for owed in [early.owed(&article), late.owed(&article)] {
            let outcome = app.deliver(vec![owed]).await;
            assert!(matches!(outcome, Err(Undelivered::Changed)), "{outcome:?}");
        }
        let told = all(&app, "count=exact").await;
        assert_eq!(told.len(), 1);
        assert_eq!((&told[0]["partner_id"], &told[0]["holding"]["deliveries"]), (&json!(early.partner.to_string()), &json!(1)));
        // A version that is not the live one any more is not given either; the next holder is told of what comes.
        let article = app.live(desk.own_work("Ferry sails")).await;
        app.deliver(vec![early.owed(&article)]).await.expect("it is in time");
        correct(&app, &article, "A date was wrong.").await;
        let outcome = app.deliver(vec![late.owed(&article)]).await;
        assert!(matches!(outcome, Err(Undelivered::Changed)), "{outcome:?}");
        assert_eq!(all(&app, &format!("article={article}")).await.len(), 1);
        let mut owed = late.owed(&article);
        owed.version = 2;
        app.deliver(vec![owed]).await.expect("this is the live one");
        withdraw(&app, &article).await;
        let told = all(&app, &format!("article={article}")).await;
        assert_eq!(kinds(&told), [("withdrawal", "open"), ("withdrawal", "open"), ("correction", "open")]);
    }

    async fn two_hundred_partners_in_one_go(app) {
        let desk = app.newsroom().await;
        let article = app.live(desk.own_work("Quay opens")).await;
        let mut holders = BTreeSet::new();
        let mut owed = Vec::new();
        for n in 0..200 {
            let licensee = app.licensee(&format!("Partner {n}"), None);
            owed.extend([licensee.owed(&article), licensee.owed(&article)]);
            holders.insert(licensee.partner.to_string());
        }
        app.deliver(owed).await.expect("the ledger takes it");
        let before = app.changes().len();
        withdraw(&app, &article).await;
        let written: Vec<_> = app.changes().split_off(before);
        assert_eq!(written.len(), 201);
        assert_eq!(written.iter().filter(|(_, kind, noun, ..)| kind == "created" && noun == "advisory").count(), 200);
        let (mut told, mut ids) = (BTreeSet::new(), Vec::new());
        let mut path = "/v1/advisories?count=exact&limit=70&kind=withdrawal".to_owned();
        loop {
            let page = app.get(&path).by_role(Role::Rights).await.expect(200).json();
            assert_eq!(page["page"]["total"], 200);
            for one in page["data"].as_array().unwrap() {
                assert_eq!(one["holding"]["deliveries"], 2);
                told.insert(one["partner_id"].as_str().unwrap().to_owned());
                ids.push(id(one).to_owned());
            }
            let Some(cursor) = page["page"]["next_cursor"].as_str() else { break };
            path = format!("/v1/advisories?count=exact&limit=70&kind=withdrawal&cursor={cursor}");
        }
        assert_eq!(told, holders, "each once, and nobody else");
        assert_eq!(ids.len(), 200);
        assert!(ids.is_sorted_by(|one, next| one > next), "the newest first");
        // All of them are reminded, in bounded pieces, and once.
        app.clock.advance(TimeDelta::hours(24));
        let before = app.changes().len();
        app.chores().await;
        app.chores().await;
        assert_eq!(app.changes().split_off(before).iter().filter(|(_, kind, ..)| kind == "reminded").count(), 200);
    }

    async fn the_same_is_issued_once(app) {
        let (_, article, deal) = taken(&app).await;
        correct(&app, &article, "A date was wrong.").await;
        let before = (app.changes(), seen(&app, &deal, "").await);
        tell(&app, &article, 2, Kind::Correction);
        assert_eq!((app.changes(), seen(&app, &deal, "").await), before);
        // Who came to hold it since is told then.
        let later = app.deal("Later", &[json!({})]).await;
        take(&app, &later, &article).await;
        tell(&app, &article, 2, Kind::Correction);
        assert_eq!(seen(&app, &deal, "").await, before.1);
        assert_eq!(seen(&app, &later, "").await.len(), 1);
        // Another event of the same version is another advisory.
        tell(&app, &article, 2, Kind::Withdrawal);
        assert_eq!(seen(&app, &deal, "").await.len(), 2);
    }

    async fn the_first_acknowledgement_stands(app) {
        let (_, article, deal) = taken(&app).await;
        withdraw(&app, &article).await;
        let told = seen(&app, &deal, "").await;
        let path = format!("/v1/advisories/{}/acknowledge", id(&told[0]));
        app.clock.advance(TimeDelta::minutes(3));
        let first = app.post(&path, json!({"action": "removed", "note": "  Taken down.\nFrom both sites. "})).key(&deal.key).send().await.expect(200).json();
        assert_eq!((&first["status"], &first["action"], &first["note"]), (&json!("acknowledged"), &json!("removed"), &json!("Taken down.\nFrom both sites.")));
        assert_eq!(at(&first["acknowledged_at"]), app.clock.now());
        assert_eq!((&first["acknowledged_by"], &first["acknowledged_by_id"]), (&json!("partner"), &json!(deal.client)));
        let changes = || {
            let of_advisories = app.changes().into_iter().filter(|(_, _, noun, ..)| noun == "advisory");
            of_advisories.collect::<Vec<_>>()
        };
        let trail = changes();
        app.clock.advance(TimeDelta::minutes(3));
        for body in [json!({"action": "none"}), json!({"action": "restored"}), json!({"action": "removed", "note": null})] {
            assert_eq!(app.post(&path, body.clone()).key(&deal.key).send().await.expect(200).json(), first);
            let by_desk = app.post(&path, body).by_role(Role::Rights).await.expect(200).json();
            assert_eq!(by_desk, first);
        }
        assert_eq!(changes(), trail, "nothing is written twice");
        assert_eq!(trail.last().map(|(_, kind, noun, who, version)| (kind.as_str(), noun.as_str(), who.as_str(), *version)), Some(("acknowledged", "advisory", id(&told[0]), Some(2))));
        assert_eq!(app.audit(id(&told[0])).last().unwrap(), &("client".to_owned(), Some(deal.client.to_string()), "acknowledged".to_owned()));
    }

    async fn rights_may_act_on_behalf_and_that_is_on_record(app) {
        let (_, article, deal) = taken(&app).await;
        correct(&app, &article, "A date was wrong.").await;
        let one = format!("/v1/advisories/{}", id(&seen(&app, &deal, "").await[0]));
        let path = format!("{one}/acknowledge");
        // Whoever else is on the staff has no say.
        for role in [Role::Editor, Role::Author, Role::Viewer] {
            app.post(&path, json!({"action": "none"})).by_role(role).await.expect(403);
            app.get("/v1/advisories").by_role(role).await.expect(403);
        }
        // A partner that has ended keeps what it was told; its keys are gone.
        app.delete(&format!("/v1/partners/{}", deal.partner)).if_match("*").by_admin().await.expect(204);
        app.get("/v1/advisories").key(&deal.key).send().await.expect(401);
        app.clock.advance(TimeDelta::minutes(1));
        let done = app.post(&path, json!({"action": "corrected", "note": "By telephone."})).by_role(Role::Rights).await.expect(200).json();
        let who = app.user_of(Role::Rights).to_string();
        assert_eq!((&done["acknowledged_by"], &done["acknowledged_by_id"]), (&json!("desk"), &json!(who)));
        assert_eq!(app.audit(id(&done)).last().unwrap(), &("user".to_owned(), Some(who), "acknowledged".to_owned()));
        // And it is told of what comes.
        withdraw(&app, &article).await;
        assert_eq!(all(&app, &format!("partner={}&status=open", deal.partner)).await.len(), 1);
    }

    /// The partner is not told which member of the staff it was.
    async fn a_partner_is_not_told_who_of_the_staff(app) {
        let (_, article, deal) = taken(&app).await;
        correct(&app, &article, "A date was wrong.").await;
        let one = format!("/v1/advisories/{}", id(&seen(&app, &deal, "").await[0]));
        app.post(&format!("{one}/acknowledge"), json!({"action": "none"})).by_role(Role::Rights).await.expect(200);
        for answer in [app.read(&deal, &one).await, app.read(&deal, "/v1/advisories").await] {
            assert!(answer.text().contains("\"acknowledged_by\":\"desk\"") && !answer.text().contains("usr_"), "{}", answer.text());
        }
    }

    async fn what_does_not_fit_is_refused(app) {
        let (_, article, deal) = taken(&app).await;
        correct(&app, &article, "A date was wrong.").await;
        withdraw(&app, &article).await;
        reinstate(&app, &article, 4);
        let told = seen(&app, &deal, "").await;
        assert_eq!(kinds(&told), [("reinstatement", "open"), ("withdrawal", "open"), ("correction", "open")]);
        let trail = app.changes();
        let say = |one: &Value, body: Value| app.post(&format!("/v1/advisories/{}/acknowledge", id(one)), body).key(&deal.key).send();
        for (one, actions) in [(&told[0], ["removed", "corrected"]), (&told[1], ["corrected", "restored"]), (&told[2], ["restored", "restored"])] {
            for action in actions {
                assert_eq!(say(one, json!({"action": action})).await.expect(422).faults(), faults(&[("/action", "unfit")]), "{one}");
            }
        }
        let one = &told[0];
        for (body, found) in [
            (json!({}), &[("/action", "required")][..]),
            (json!({"action": "deleted"}), &[("/action", "choice")]),
            (json!({"action": 1, "note": 2, "more": 3}), &[("/action", "type"), ("/action", "choice"), ("/more", "unknown_field"), ("/note", "type")]),
            (json!({"action": "none", "note": "x".repeat(1001)}), &[("/note", "length")]),
            (json!({"action": "none", "note": "a\u{7}b"}), &[("/note", "unsafe_character")]),
        ] {
            let answer = say(one, body.clone()).await.expect(422);
            assert_eq!(answer.faults(), faults(found), "{body}");
        }
        assert_eq!(app.changes(), trail);
        assert_eq!(seen(&app, &deal, "status=open").await, told);
        let done = say(one, json!({"action": "restored", "note": "   "})).await.expect(200).json();
        assert_eq!(done["note"], json!(null));
    }

    /// Acknowledging the newest settles the older ones, but for a withdrawal.
    async fn what_is_older_is_settled_with_the_newest(app) {
        let (_, article, deal) = taken(&app).await;
        let other = app.deal("Another", &[json!({})]).await;
        take(&app, &other, &article).await;
        correct(&app, &article, "A date was wrong.").await;
        correct(&app, &article, "A name was wrong.").await;
        withdraw(&app, &article).await;
        reinstate(&app, &article, 5);
        let told = seen(&app, &deal, "").await;
        assert_eq!(kinds(&told), [("reinstatement", "open"), ("withdrawal", "open"), ("correction", "open"), ("correction", "open")]);
        assert_eq!(told[0]["superseded_by"], json!(null));
        for older in &told[1..] {
            assert_eq!(older["superseded_by"], told[0]["id"], "what the newest says is how the work stands");
        }
        // The one in the middle settles what is before it and not what is after.
        acknowledge(&app, &deal, &told[2], "corrected").await;
        let now = seen(&app, &deal, "").await;
        assert_eq!(kinds(&now), [("reinstatement", "open"), ("withdrawal", "open"), ("correction", "acknowledged"), ("correction", "acknowledged")]);
        assert_eq!((&now[3]["acknowledged_with"], &now[3]["action"], &now[3]["acknowledged_by"]), (&told[2]["id"], &json!(null), &json!("partner")));
        assert_eq!(now[2]["acknowledged_with"], json!(null));
        acknowledge(&app, &deal, &told[0], "restored").await;
        let open = seen(&app, &deal, "status=open").await;
        assert_eq!(kinds(&open), [("withdrawal", "open")], "a withdrawal stays until it is acknowledged itself");
        acknowledge(&app, &deal, &told[1], "removed").await;
        assert_eq!(seen(&app, &deal, "status=open").await, Vec::<Value>::new());
        // Another partner's are its own.
        assert_eq!(seen(&app, &other, "status=open").await.len(), 4);
        let trail = app.audit(id(&told[3]));
        assert_eq!(trail.iter().map(|(_, _, action)| action.as_str()).collect::<Vec<_>>(), ["created", "acknowledged"]);
    }

    async fn lists_are_filtered(app) {
        let (desk, article, deal) = taken(&app).await;
        let other = app.deal("Another", &[json!({"removal_deadline_hours": 1})]).await;
        take(&app, &other, &article).await;
        let second = app.live(desk.own_work("Ferry sails")).await;
        take(&app, &deal, &second).await;
        correct(&app, &article, "A date was wrong.").await;
        withdraw(&app, &article).await;
        withdraw(&app, &second).await;
        app.clock.advance(TimeDelta::hours(2));
        let first = seen(&app, &deal, &format!("article={second}")).await;
        acknowledge(&app, &deal, &first[0], "removed").await;
        let none = "art_01900000000070008000000000000009";
        for (query, by_deal, by_other, by_rights) in [
            (String::new(), 3, 2, 5),
            (format!("article={article}"), 2, 2, 4),
            (format!("article={second}"), 1, 0, 1),
            (format!("article={none}"), 0, 0, 0),
            (format!("partner={}", deal.partner), 3, 0, 3),
            (format!("partner={}", other.partner), 0, 2, 2),
            ("kind=correction".to_owned(), 1, 1, 2),
            ("kind=withdrawal".to_owned(), 2, 1, 3),
            ("kind=reinstatement".to_owned(), 0, 0, 0),
            ("status=open".to_owned(), 2, 2, 4),
            ("status=overdue".to_owned(), 0, 2, 2),
            ("status=acknowledged".to_owned(), 1, 0, 1),
            ("status=acknowledged&kind=withdrawal".to_owned(), 1, 0, 1),
            (format!("status=open&kind=withdrawal&article={article}&partner={}", other.partner), 0, 1, 1),
        ] {
            let path = format!("/v1/advisories?count=exact&limit=1&{query}");
            let answers = [app.read(&deal, &path).await, app.read(&other, &path).await, app.get(&path).by_role(Role::Rights).await];
            for (answer, total) in answers.into_iter().zip([by_deal, by_other, by_rights]) {
                let page = answer.expect(200).json();
                assert_eq!(page["page"]["total"], total, "{query}");
                assert_eq!(page["page"]["has_more"], total > 1, "{query}");
            }
        }
        for (query, fault) in [("status=late", ("status", "choice")), ("kind=kill", ("kind", "choice")), ("partner=x", ("partner", "choice")),
            ("article=ptn_01900000000070008000000000000009", ("article", "choice")), ("sort=due_at", ("sort", "unknown_parameter")), ("limit=101", ("limit", "range"))] {
            assert_eq!(app.read(&deal, &format!("/v1/advisories?{query}")).await.expect(400).faults(), faults(&[fault]), "{query}");
        }
        // A cursor belongs to its list.
        let page = app.read(&deal, "/v1/advisories?limit=1").await.expect(200).json();
        let cursor = page["page"]["next_cursor"].as_str().unwrap();
        app.read(&deal, &format!("/v1/advisories?limit=1&kind=withdrawal&cursor={cursor}")).await.expect(400);
        // Another partner with that cursor sees its own all the same.
        let page = app.read(&other, &format!("/v1/advisories?cursor={cursor}")).await.expect(200).json();
        assert!(page["data"].as_array().unwrap().iter().all(|one| one["partner_id"] == other.partner.as_str()));
    }

    async fn what_is_overdue_is_reminded_of_once_a_day(app) {
        let (_, article, deal) = taken(&app).await;
        withdraw(&app, &article).await;
        let told = seen(&app, &deal, "").await;
        let due = at(&told[0]["due_at"]);
        let now = async || {
            let one = app.read(&deal, &format!("/v1/advisories/{}", id(&told[0]))).await.expect(200).json();
            (one["overdue"] == true, one["reminders"].as_i64().unwrap(), one["last_reminded_at"].as_str().map(|_| at(&one["last_reminded_at"])))
        };
        let overdue = async || seen(&app, &deal, "status=overdue").await.len();
        let tick = TimeDelta::microseconds(1);
        app.set_clock(due - tick);
        app.chores().await;
        assert_eq!((now().await, overdue().await), ((false, 0, None), 0));
        app.set_clock(due);
        assert_eq!((now().await, overdue().await), ((true, 0, None), 1), "no chore is needed to see it");
        for _ in 0..3 {
            app.chores().await;
        }
        assert_eq!(now().await, (true, 1, Some(due)));
        app.set_clock(due + TimeDelta::days(1) - tick);
        app.chores().await;
        assert_eq!(now().await, (true, 1, Some(due)));
        app.set_clock(due + TimeDelta::days(1));
        app.chores().await;
        assert_eq!(now().await, (true, 2, Some(due + TimeDelta::days(1))));
        // A clock that steps back does nothing twice; a long pause is not made up for.
        app.set_clock(due + TimeDelta::hours(3));
        app.chores().await;
        assert_eq!(now().await.1, 2);
        let later = due + TimeDelta::days(40);
        app.set_clock(later);
        app.chores().await;
        app.chores().await;
        assert_eq!(now().await, (true, 3, Some(later)));
        let reminded: Vec<_> = app.changes().into_iter().filter(|(_, kind, ..)| kind == "reminded").collect();
        assert_eq!(reminded.len(), 3, "each is in the change log");
        assert!(reminded.iter().all(|(_, _, noun, who, version)| noun == "advisory" && who == id(&told[0]) && *version == Some(2)));
        assert_eq!(app.audit(id(&told[0])).into_iter().filter(|(actor, _, action)| actor == "system" && action == "reminded").count(), 3);
        acknowledge(&app, &deal, &told[0], "removed").await;
        app.set_clock(later + TimeDelta::days(40));
        app.chores().await;
        assert_eq!((now().await, overdue().await), ((false, 3, Some(later)), 0));
    }

    async fn a_reminder_by_hand_takes_the_place_of_the_days(app) {
        let (_, article, deal) = taken(&app).await;
        withdraw(&app, &article).await;
        let told = seen(&app, &deal, "").await;
        let path = format!("/v1/advisories/{}/remind", id(&told[0]));
        app.request("POST", &path).key(&deal.key).send().await.expect(403);
        app.request("POST", "/v1/advisories/adv_01900000000070008000000000000009/remind").by_role(Role::Rights).await.expect(404);
        let due = at(&told[0]["due_at"]);
        app.set_clock(due - TimeDelta::hours(1));
        let remind = || app.request("POST", &path).header("idempotency-key", "once");
        let first = remind().by_role(Role::Rights).await.expect(200).json();
        assert_eq!((&first["reminders"], &first["overdue"], at(&first["last_reminded_at"])), (&json!(1), &json!(false), app.clock.now()));
        assert_eq!(remind().by_role(Role::Rights).await.expect(200).json(), first, "the same request has the same outcome");
        app.set_clock(due);
        app.chores().await;
        assert_eq!(seen(&app, &deal, "").await[0]["reminders"], 1);
        app.set_clock(due + TimeDelta::hours(23));
        app.chores().await;
        assert_eq!(seen(&app, &deal, "").await[0]["reminders"], 2);
        acknowledge(&app, &deal, &told[0], "removed").await;
        let answer = app.request("POST", &path).by_role(Role::Rights).await.expect(409);
        assert_eq!(answer.json()["type"], "/problems/conflict");
        assert_eq!(seen(&app, &deal, "").await[0]["reminders"], 2);
    }

    /// Keys that stand for no partner have nothing to follow; a partner's key is let in whatever
    /// has become of its licences.
    async fn whose_keys_may(app) {
        let (_, article, deal) = taken(&app).await;
        correct(&app, &article, "A date was wrong.").await;
        let told = seen(&app, &deal, "").await;
        let paths = ["/v1/advisories".to_owned(), format!("/v1/advisories/{}", id(&told[0]))];
        let mut narrow = app.terms(ClientKind::Partner, Channel::Syndication);
        narrow.scopes = vec![Scope::Catalogue];
        let strangers = [app.first_party_key(Channel::Web), app.key(app.terms(ClientKind::AiCrawler, Channel::Ai)).1, app.key(narrow).1];
        for path in &paths {
            for key in &strangers {
                app.get(path).key(key).send().await.expect(403);
            }
            app.get(path).send().await.expect(401);
        }
        let path = format!("{}/acknowledge", paths[1]);
        for key in &strangers {
            app.post(&path, json!({"action": "none"})).key(key).send().await.expect(403);
        }
        app.edit(&format!("/v1/licences/{}", deal.licences[0]), json!({"status": "revoked"})).await.expect(200);
        assert_eq!(app.extent(&deal, &article).await, "stub");
        assert_eq!(seen(&app, &deal, "").await.len(), 1);
        // A crawler's key that stands for the partner sees what the partner sees.
        let (_, crawler) = app.key_of(&deal.partner, ClientKind::AiCrawler, Channel::Ai);
        for path in &paths {
            app.get(path).key(&crawler).send().await.expect(200);
        }
        acknowledge(&app, &deal, &told[0], "corrected").await;
    }

    async fn a_key_makes_it_happen_once(app) {
        let (_, article, deal) = taken(&app).await;
        correct(&app, &article, "A date was wrong.").await;
        let told = seen(&app, &deal, "").await;
        let path = format!("/v1/advisories/{}/acknowledge", id(&told[0]));
        let ask = |body: Value| app.post(&path, body).key(&deal.key).header("idempotency-key", "k").send();
        let first = ask(json!({"action": "corrected"})).await.expect(200).json();
        assert_eq!(ask(json!({"action": "corrected"})).await.expect(200).json(), first);
        ask(json!({"action": "removed"})).await.expect(422);
        assert_eq!(app.clock.now(), start() + TimeDelta::minutes(1));
    }

    async fn entity_tags_follow_what_is_shown(app) {
        let (_, article, deal) = taken(&app).await;
        withdraw(&app, &article).await;
        let told = seen(&app, &deal, "").await;
        let one = format!("/v1/advisories/{}", id(&told[0]));
        let answer = app.read(&deal, &one).await.expect(200);
        assert_eq!(answer.header("cache-control"), "private, no-store");
        let again = async || app.get(&one).key(&deal.key).header("if-none-match", &answer.etag()).send().await.status;
        assert_eq!(again().await, 304);
        app.set_clock(at(&told[0]["due_at"]));
        assert_eq!(again().await, 200, "it is overdue by now");
    }
}
