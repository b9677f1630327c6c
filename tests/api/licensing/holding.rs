//! What stays of a licence and of its works, and what its holder may know of it.

use chrono::TimeDelta;
use masthead::rights::Role;
use serde_json::{Value, json};

use crate::support::both_engines;
use crate::support::request::faults;

/// The single works that a policy names, by UUID.
fn named(policy: &Value) -> Vec<String> {
    let permissions = policy["permission"].as_array().unwrap();
    let refinements = permissions
        .iter()
        .flat_map(|one| one["target"]["refinement"].as_array().unwrap());
    refinements
        .filter(|one| one["leftOperand"] == "dcterms:identifier")
        .flat_map(|one| one["rightOperand"].as_array().unwrap())
        .map(|one| one["@id"].as_str().unwrap().to_owned())
        .collect()
}

both_engines! {
    async fn nothing_brings_a_suspended_licence_back_unsaid(app) {
        let deal = app.deal("Gazette", &[json!({"status": "suspended"})]).await;
        let path = format!("/v1/licences/{}", deal.licences[0]);
        let refused = app.edit(&path, json!({"status": null, "quota_per_day": 9})).await.expect(422);
        assert_eq!(refused.faults(), faults(&[("/status", "required")]));
        let kept = app.get(&path).by_role(Role::Rights).await.expect(200).json();
        assert_eq!((&kept["status"], &kept["quota_per_day"]), (&json!("suspended"), &json!(null)));
        let changed = app.edit(&path, json!({"quota_per_day": 9})).await.expect(200).json();
        assert_eq!((&changed["status"], &changed["quota_per_day"]), (&json!("suspended"), &json!(9)));
    }

    async fn works_to_come_are_no_news_to_their_partner(app) {
        let desk = app.newsroom().await;
        let live = app.live(desk.own_work("Live")).await;
        let gone = app.live(desk.own_work("Gone")).await;
        let held = app.live(desk.own_work("Held")).await;
        let draft = app.draft(desk.own_work("Draft")).await;
        app.clock.advance(TimeDelta::minutes(1));
        app.withdraw(&gone, "editorial").await.expect(200);
        let out = app.clock.now() + TimeDelta::hours(1);
        app.set_times(&held, Some(out), None);
        let all = json!({"articles": [live, gone, held, draft]});
        let to_come = json!({"articles": [held, draft]});
        let deal = app.deal("Gazette", &[json!({"selector": all}), json!({"selector": to_come, "embargo_privilege": true})]).await;
        let urn = |id: &String| format!("urn:uuid:{}", uuid::Uuid::parse_str(&id[4..]).unwrap());
        let sorted = |mut ids: Vec<String>| {
            ids.sort();
            ids
        };
        let policy = |at: usize| format!("/v1/licences/{}/policy", deal.licences[at]);
        for seen in [vec![live.clone(), gone.clone()], vec![live.clone(), gone.clone(), held.clone()]] {
            let holdings = app.read(&deal, "/v1/me/licences").await.expect(200).json();
            let of = |at: usize| {
                let data = holdings["data"].as_array().unwrap();
                let one = data.iter().find(|one| one["id"] == deal.licences[at].as_str()).unwrap();
                let ids = one["selector"]["articles"].as_array().unwrap();
                sorted(ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect())
            };
            assert_eq!(of(0), sorted(seen.clone()));
            let told = app.read(&deal, &policy(0)).await.expect(200).json();
            assert_eq!(sorted(named(&told)), sorted(seen.iter().map(urn).collect()));
            let out_yet = seen.contains(&held);
            assert_eq!(of(1), if out_yet { vec![held.clone()] } else { vec![] });
            app.read(&deal, &policy(1)).await.expect(if out_yet { 200 } else { 404 });
            // The desk sees what it wrote.
            let whole = app.get(&policy(1)).by_role(Role::Rights).await.expect(200).json();
            assert_eq!(sorted(named(&whole)), sorted([&held, &draft].map(urn).to_vec()));
            app.set_clock(out);
        }
    }

    async fn a_work_that_a_partner_was_given_stays(app) {
        let desk = app.newsroom().await;
        let gazette = app.licensee("Gazette", None);
        let article = app.live(desk.own_work("Held")).await;
        app.deliver(vec![gazette.owed(&article)]).await.unwrap();
        app.set_times(&article, Some(app.clock.now() + TimeDelta::hours(1)), None);
        let path = format!("/v1/articles/{article}");
        let kept = app.delete(&path).if_match("*").by_admin().await.expect(409);
        assert!(kept.text().contains("withdraw"), "{}", kept.text());
        app.withdraw(&article, "editorial").await.expect(200);
        let other = app.live(desk.own_work("Also held")).await;
        app.set_times(&other, Some(app.clock.now() + TimeDelta::hours(1)), None);
        app.delete(&format!("/v1/articles/{other}")).if_match("*").by_admin().await.expect(204);
    }
}
