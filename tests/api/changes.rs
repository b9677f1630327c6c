//! What each client is told: everything that it has to know, in one order, and nothing else.

mod model;
mod waiting;
mod world;

use chrono::TimeDelta;
use masthead::http::auth::ClientKind;
use masthead::rights::{Channel, Role};
use serde_json::{Value, json};

use crate::support::licensing::Deal;
use crate::support::{Answer, TestApp, both_engines};

/// Where a page of changes ends.
fn next(page: &Value) -> &str {
    page["page"]["next"].as_str().unwrap()
}

/// A page after an entry, as a key gets it.
async fn page(app: &TestApp, key: &str, query: &str) -> Answer {
    app.get(&format!("/v1/changes?{query}"))
        .key(key)
        .send()
        .await
}

/// All that a key is told after an entry, or from the beginning, and where it ends.
async fn told(app: &TestApp, key: &str, after: &mut Option<String>) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let query = after
            .as_ref()
            .map_or("limit=3".to_owned(), |id| format!("limit=3&after={id}"));
        let page = page(app, key, &query).await.expect(200).json();
        all.extend(page["data"].as_array().unwrap().iter().cloned());
        *after = page["page"]["next"].as_str().map(str::to_owned);
        if page["page"]["is_caught_up"] == true {
            return all;
        }
    }
}

/// Kinds, articles, versions and extents.
fn brief(told: &[Value]) -> Vec<(&str, &str, Option<i64>, Option<&str>)> {
    told.iter()
        .map(|one| {
            let article = &one["article"];
            (
                one["kind"].as_str().unwrap(),
                article["id"].as_str().unwrap(),
                article["version"].as_i64(),
                article["extent"].as_str(),
            )
        })
        .collect()
}

async fn act(app: &TestApp, article: &str, action: &str, body: Value) {
    app.post(&format!("/v1/articles/{article}/{action}"), body)
        .by_admin()
        .await
        .expect(200);
}

async fn correct(app: &TestApp, article: &str) {
    let note = json!({"public_note": "An earlier version gave a wrong date."});
    act(app, article, "correct", note).await;
}

/// A partner with a licence for everything in English, in `terms` otherwise.
async fn deal(app: &TestApp, terms: Value) -> Deal {
    app.deal("Coastal Gazette", &[terms]).await
}

both_engines! {
    async fn a_work_is_told_of_from_its_beginning_to_its_end(app) {
        let desk = app.newsroom().await;
        let early = app.live(desk.own_work("Quay opens")).await;
        let deal = deal(&app, json!({})).await;
        let mut at = None;
        // What is out already has come into the licence.
        assert_eq!(brief(&told(&app, &deal.key, &mut at).await), [("entered", early.as_str(), Some(1), Some("full"))]);
        assert_eq!(told(&app, &deal.key, &mut at).await, Vec::<Value>::new());

        let draft = app.draft(desk.own_work("Ferry sails")).await;
        assert_eq!(told(&app, &deal.key, &mut at).await, Vec::<Value>::new());
        app.publish(&draft).await.expect(200);
        let work = draft.as_str();
        assert_eq!(brief(&told(&app, &deal.key, &mut at).await), [("created", work, Some(1), Some("full"))]);
        // An edit is the desk's own until it is out.
        let path = format!("/v1/articles/{work}");
        app.edit(&path, json!({"subtitle": "At noon"})).await.expect(200);
        assert_eq!(told(&app, &deal.key, &mut at).await, Vec::<Value>::new());
        app.publish(work).await.expect(200);
        assert_eq!(brief(&told(&app, &deal.key, &mut at).await), [("updated", work, Some(2), Some("full"))]);
        // Everything that happened since is told, not what comes of it alone.
        correct(&app, work).await;
        app.clock.advance(TimeDelta::seconds(1));
        correct(&app, work).await;
        app.withdraw(work, "legal").await.expect(200);
        act(&app, work, "reinstate", json!({})).await;
        app.withdraw(work, "editorial").await.expect(200);
        let found = told(&app, &deal.key, &mut at).await;
        assert_eq!(brief(&found), [
            ("corrected", work, Some(3), Some("full")), ("corrected", work, Some(4), Some("full")), ("withdrawn", work, None, None),
            ("reinstated", work, Some(4), Some("full")), ("withdrawn", work, None, None),
        ].map(|(kind, work, version, extent)| {
            // Of what is gone again nothing may be had.
            (kind, work, version, extent.filter(|_| false))
        }));
        assert_eq!(found.last().unwrap()["reason_class"], "editorial");
        act(&app, work, "reinstate", json!({})).await;
        let back = told(&app, &deal.key, &mut at).await;
        assert_eq!((back.len(), back[0]["kind"].as_str(), back[0]["article"]["extent"].as_str()), (1, Some("reinstated"), Some("full")));
        // From the beginning everything is told again, the same.
        let whole = told(&app, &deal.key, &mut None).await;
        assert_eq!(whole.len(), 1 + 1 + 1 + 5 + 1);
        assert_eq!(whole[3..8], found);
        assert!(!json!(whole).to_string().contains("Quay"));
    }

    async fn licences_and_grants_bring_works_in_and_take_them_out(app) {
        let desk = app.newsroom().await;
        let own = app.live(desk.own_work("Quay opens")).await;
        let reprint = app.live(desk.reprint_of(&desk.wire, "Quay to open")).await;
        let until = app.clock.now() + TimeDelta::hours(1);
        let deal = deal(&app, json!({"valid_until": until})).await;
        let mut at = None;
        // The grant of the source does not reach this channel.
        assert_eq!(brief(&told(&app, &deal.key, &mut at).await), [("entered", own.as_str(), Some(1), Some("full"))]);
        let grant = format!("/v1/grants/{}", desk.wire_grant);
        app.edit(&grant, json!({"channels": ["web", "app", "syndication"]})).await.expect(200);
        assert_eq!(brief(&told(&app, &deal.key, &mut at).await), [("entered", reprint.as_str(), Some(1), Some("full"))]);
        let licence = format!("/v1/licences/{}", deal.licences[0]);
        app.edit(&licence, json!({"status": "suspended"})).await.expect(200);
        let left = told(&app, &deal.key, &mut at).await;
        assert_eq!(brief(&left), [("exited", own.as_str(), None, None), ("exited", reprint.as_str(), None, None)]);
        app.edit(&licence, json!({"status": "active", "extent": "headline"})).await.expect(200);
        let back = told(&app, &deal.key, &mut at).await;
        assert_eq!(brief(&back), [("entered", own.as_str(), Some(1), Some("headline")), ("entered", reprint.as_str(), Some(1), Some("headline"))]);
        app.edit(&licence, json!({"extent": "full"})).await.expect(200);
        let more = told(&app, &deal.key, &mut at).await;
        assert_eq!(brief(&more), [("updated", own.as_str(), Some(1), Some("full")), ("updated", reprint.as_str(), Some(1), Some("full"))]);
        // At the very end of it, and not before.
        app.set_clock(until - TimeDelta::microseconds(1));
        assert_eq!(told(&app, &deal.key, &mut at).await, Vec::<Value>::new());
        app.set_clock(until);
        let over = told(&app, &deal.key, &mut at).await;
        assert_eq!(brief(&over), [("exited", own.as_str(), None, None), ("exited", reprint.as_str(), None, None)]);
    }

    async fn a_licence_begins_and_an_archive_ends_by_the_clock_alone(app) {
        let desk = app.newsroom().await;
        let own = app.live(desk.own_work("Quay opens")).await;
        let from = app.clock.now() + TimeDelta::hours(1);
        let deal = deal(&app, json!({"valid_from": from, "archive_days": 1})).await;
        let mut at = None;
        assert_eq!(told(&app, &deal.key, &mut at).await, Vec::<Value>::new());
        app.set_clock(from);
        assert_eq!(brief(&told(&app, &deal.key, &mut at).await), [("entered", own.as_str(), Some(1), Some("full"))]);
        app.clock.advance(TimeDelta::days(2));
        assert_eq!(brief(&told(&app, &deal.key, &mut at).await), [("exited", own.as_str(), None, None)]);
    }

    async fn an_embargo_is_told_to_who_has_the_privilege_alone(app) {
        let desk = app.newsroom().await;
        let with = deal(&app, json!({"embargo_privilege": true})).await;
        let without = app.deal("Late Gazette", &[json!({})]).await;
        let (mut at, mut late) = (None, None);
        for (key, at) in [(&with.key, &mut at), (&without.key, &mut late)] {
            assert_eq!(told(&app, key, at).await, Vec::<Value>::new());
        }
        let work = app.draft(desk.own_work("Quay opens")).await;
        let out = app.clock.now() + TimeDelta::hours(2);
        act(&app, &work, "schedule", json!({"publish_at": app.clock.now() + TimeDelta::hours(1), "embargoed_until": out})).await;
        app.clock.advance(TimeDelta::hours(1));
        assert_eq!(brief(&told(&app, &with.key, &mut at).await), [("created", work.as_str(), Some(1), Some("full"))]);
        assert_eq!(told(&app, &without.key, &mut late).await, Vec::<Value>::new());
        app.set_clock(out);
        assert_eq!(brief(&told(&app, &with.key, &mut at).await), [("published", work.as_str(), Some(1), Some("full"))]);
        assert_eq!(brief(&told(&app, &without.key, &mut late).await), [("created", work.as_str(), Some(1), Some("full"))]);
    }

    async fn what_a_work_refers_to_changes_it(app) {
        let desk = app.newsroom().await;
        let work = app.live(desk.own_work("Quay opens")).await;
        let other = json!({"section_id": desk.trade, "contributors": []});
        let other = app.live(crate::support::newsroom::with(desk.own_work("Ferry sails"), other)).await;
        let deal = deal(&app, json!({})).await;
        let mut at = None;
        told(&app, &deal.key, &mut at).await;
        app.edit(&format!("/v1/authors/{}", desk.reporter), json!({"name": "Lin Y."})).await.expect(200);
        assert_eq!(brief(&told(&app, &deal.key, &mut at).await), [("updated", work.as_str(), Some(1), Some("full"))]);
        app.edit(&format!("/v1/sections/{}", desk.trade), json!({"name": "Commerce"})).await.expect(200);
        assert_eq!(brief(&told(&app, &deal.key, &mut at).await), [("updated", other.as_str(), Some(1), Some("full"))]);
        // What no reader sees is told to nobody.
        app.edit(&format!("/v1/authors/{}", desk.reporter), json!({"bio": "Covers ferries."})).await.expect(200);
        assert_eq!(told(&app, &deal.key, &mut at).await, Vec::<Value>::new());
    }

    async fn advisories_are_told_in_their_place(app) {
        let desk = app.newsroom().await;
        let work = app.live(desk.own_work("Quay opens")).await;
        let deal = deal(&app, json!({})).await;
        let other = app.deal("Took nothing", &[json!({})]).await;
        let (mut at, mut others) = (None, None);
        told(&app, &deal.key, &mut at).await;
        told(&app, &other.key, &mut others).await;
        app.read(&deal, &format!("/v1/articles/{work}")).await.expect(200);
        app.clock.advance(TimeDelta::seconds(1));
        app.withdraw(&work, "legal").await.expect(200);
        let found = told(&app, &deal.key, &mut at).await;
        assert_eq!(brief(&found), [("withdrawn", work.as_str(), None, None), ("advisory", work.as_str(), Some(2), None)]);
        let advisory = found[1]["advisory"]["href"].as_str().unwrap();
        assert_eq!(app.read(&deal, advisory).await.expect(200).json()["kind"], "withdrawal");
        assert_eq!(brief(&told(&app, &other.key, &mut others).await), [("withdrawn", work.as_str(), None, None)]);
        app.post(&format!("{advisory}/remind"), json!({})).by_admin().await.expect(200);
        let reminded = told(&app, &deal.key, &mut at).await;
        assert_eq!(reminded.len(), 1);
        assert_eq!(reminded[0]["advisory"], found[1]["advisory"]);
        assert_eq!(told(&app, &other.key, &mut others).await, Vec::<Value>::new());
    }

    async fn a_place_is_one_clients_own(app) {
        let desk = app.newsroom().await;
        for title in ["One", "Two", "Three"] {
            app.live(desk.own_work(title)).await;
        }
        let deal = deal(&app, json!({})).await;
        let (_, second) = app.key_of(&deal.partner, ClientKind::Partner, Channel::Syndication);
        let first = page(&app, &deal.key, "limit=2").await.expect(200).json();
        assert_eq!((first["data"].as_array().unwrap().len(), &first["page"]["is_caught_up"]), (2, &json!(false)));
        let rest = page(&app, &deal.key, &format!("limit=2&after={}", next(&first))).await.expect(200).json();
        assert_eq!((rest["data"].as_array().unwrap().len(), &rest["page"]["is_caught_up"]), (1, &json!(true)));
        let none = page(&app, &deal.key, &format!("after={}", next(&rest))).await.expect(200).json();
        assert_eq!((&none["data"], &none["page"]["next"]), (&json!([]), &rest["page"]["next"]));
        // Another key's, none at all, and none that can be.
        for (key, after, status) in [
            (&second, next(&rest), 410), (&deal.key, "chg_01900000000070008000000000000000", 410), (&deal.key, "art_1", 400), (&deal.key, "", 400),
        ] {
            let answer = page(&app, key, &format!("after={after}")).await;
            assert_eq!(answer.status, status, "{after}: {}", answer.text());
        }
        let answer = page(&app, &second, &format!("after={}", next(&rest))).await.json();
        assert_eq!(answer["type"], "/problems/cursor-lost");
        for query in ["limit=0", "limit=101", "wait=31", "wait=-1", "wait=x", "cursor=1"] {
            assert_eq!(page(&app, &deal.key, query).await.status, 400, "{query}");
        }
        page(&app, &deal.key, "wait=0&limit=1").await.expect(200);
        app.get("/v1/changes").send().await.expect(401);
        app.get("/v1/changes").by_role(Role::Admin).await.expect(403);
    }

    async fn two_nodes_write_one_log(app) {
        let desk = app.newsroom().await;
        for n in 0..30 {
            app.live(desk.own_work(&format!("Work {n}"))).await;
        }
        let deal = deal(&app, json!({})).await;
        let other = app.beside(2).await;
        let (mut at, mut there) = (None, None);
        let (here, there) = futures_util::future::join(told(&app, &deal.key, &mut at), told(&other, &deal.key, &mut there)).await;
        assert_eq!(here.len(), 30);
        assert_eq!(here, there);
    }
}
