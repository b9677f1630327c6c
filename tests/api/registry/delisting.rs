//! What an edition drops: reviews for the desk, and no change of any article.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use masthead::db::schema::{article_listings as listings, articles};
use masthead::kernel::id::ArticleId;
use masthead::registry::model::{Draft, Listed};
use masthead::registry::store::import::{import_now, rehearse};
use masthead::registry::store::reviews::open_due;
use masthead::rights::Role;
use serde_json::{Value, json};

use super::{edition, imported, reviewed, sorted};
use crate::support::request::faults;
use crate::support::{TestApp, both_engines};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Publishes a reprint as of a date.
async fn published(app: &TestApp, work: Value, publish_at: &str) -> String {
    let id = app.draft(work).await;
    app.post(
        &format!("/v1/articles/{id}/publish"),
        json!({"publish_at": publish_at}),
    )
    .by_admin()
    .await
    .expect(200);
    id
}

fn draft(name: &str, valid_from: &str, names: &[&str]) -> Draft {
    let listed = |name: &&str| Listed {
        name: (*name).to_owned(),
        category: None,
        region: None,
        homepage_url: None,
    };
    Draft {
        name: name.to_owned(),
        valid_from: at(valid_from),
        valid_until: None,
        entries: names.iter().map(listed).collect(),
    }
}

/// Published reprints of a source, without their texts: as many as a pass has to take in pieces.
fn many(app: &TestApp, source: &str, count: i64) {
    let never = masthead::kernel::time::never().naive_utc();
    app.change(|conn| {
        for n in 0..count {
            let id: ArticleId = app.parts.shared.mint.id(app.clock.now());
            // Some came out at one instant.
            let out = (at("2026-02-01T00:00:00Z") + TimeDelta::seconds(n / 7)).naive_utc();
            diesel::insert_into(articles::table)
                .values((
                    (
                        articles::id.eq(id.to_string()),
                        articles::revision.eq(1),
                        articles::stage.eq("published"),
                        articles::head_version.eq(1),
                    ),
                    (
                        articles::live_version.eq(1),
                        articles::publish_at.eq(out),
                        articles::created_at.eq(out),
                        articles::updated_at.eq(out),
                    ),
                ))
                .execute(conn)?;
            diesel::insert_into(listings::table)
                .values((
                    (
                        listings::article_id.eq(id.to_string()),
                        listings::side.eq("live"),
                        listings::version.eq(1),
                        listings::stage.eq("published"),
                    ),
                    (
                        listings::visible_from.eq(out),
                        listings::visible_until.eq(never),
                        listings::updated_at.eq(out),
                        listings::title_key.eq(""),
                    ),
                    (
                        listings::slug.eq(id.to_string()),
                        listings::source_id.eq(source),
                        listings::origin.eq("reprint"),
                    ),
                    (listings::language.eq("en"), listings::genre.eq("news")),
                ))
                .execute(conn)?;
        }
        Ok(())
    });
}

async fn total(app: &TestApp, query: &str) -> i64 {
    let page = app
        .get(&format!("/v1/registry/reviews?limit=1&count=exact&{query}"))
        .by_admin()
        .await
        .expect(200)
        .json();
    page["page"]["total"].as_i64().unwrap()
}

both_engines! {
    async fn each_reprint_that_readers_see_is_reviewed(app) {
        let desk = app.newsroom().await;
        let gulf = app.source("Gulf Post").await;
        app.grant(&gulf, json!({})).await;
        imported(&app, edition("2026-1", "2026-01-01T00:00:00Z", &["Coastal Wire", "Gulf Post"])).await;
        let reprint = |title: &str| desk.reprint_of(&desk.wire, title);
        let old = published(&app, reprint("Old"), "2025-06-01T00:00:00Z").await;
        let seen = published(&app, reprint("Seen"), "2026-04-30T23:59:59.999999Z").await;
        // Published by the edition before, for a time at which the new one holds: it was not there yet.
        let between = published(&app, reprint("Between"), "2026-05-01T00:00:00Z").await;
        let embargoed = published(&app, reprint("Embargoed"), "2026-04-01T00:00:00Z").await;
        app.set_times(&embargoed, Some(at("2026-08-01T00:00:00Z")), None);
        // Over exactly when the edition begins, and just not.
        let over = published(&app, reprint("Over"), "2026-04-01T00:00:00Z").await;
        app.set_times(&over, None, Some(at("2026-05-01T00:00:00Z")));
        let ending = published(&app, reprint("Ending"), "2026-04-01T00:00:00Z").await;
        app.set_times(&ending, None, Some(at("2026-05-01T00:00:00.000001Z")));
        app.draft(reprint("A draft")).await;
        published(&app, desk.reprint_of(&gulf, "Of another source"), "2026-04-01T00:00:00Z").await;
        published(&app, desk.own_work("Own"), "2026-04-01T00:00:00Z").await;
        assert_eq!(reviewed(&app, "").await, Vec::<String>::new());

        let before = app.get(&format!("/v1/articles/{old}")).by_admin().await.expect(200);
        let changes = app.changes().len();
        let dropping = edition("2026-2", "2026-05-01T00:00:00Z", &["gulf post"]);
        let new = imported(&app, dropping.clone()).await;
        let all = sorted([&old, &seen, &between, &embargoed, &ending]);
        assert_eq!(reviewed(&app, "status=open").await, all);
        assert_eq!(reviewed(&app, &format!("edition={new}&source={}", desk.wire)).await, all);
        assert_eq!(reviewed(&app, &format!("source={gulf}")).await, Vec::<String>::new());
        assert_eq!(reviewed(&app, "status=resolved").await, Vec::<String>::new());
        for (article, was_permitted) in [(&old, true), (&seen, true), (&ending, true), (&between, false), (&embargoed, false)] {
            let page = app.get(&format!("/v1/registry/reviews?article={article}")).by_admin().await.expect(200).json();
            let review = &page["data"][0];
            assert_eq!(review["was_permitted"], was_permitted, "{review}");
            assert_eq!((&review["due_at"], &review["source_id"]), (&json!("2026-05-01T00:00:00Z"), &json!(desk.wire)));
        }
        // It changes no article, and takes none away.
        let after = app.get(&format!("/v1/articles/{old}")).by_admin().await.expect(200);
        assert_eq!((before.etag(), before.json()), (after.etag(), after.json()));
        app.get(&format!("/v1/articles/{old}")).send().await.expect(200);
        let written = app.changes().split_off(changes);
        assert!(written.iter().all(|(_, _, noun, ..)| noun == "registry_edition"), "{written:?}");
        // The edition once more makes no review twice, nor does the chore.
        app.post("/v1/registry/editions", dropping).by_admin().await.expect(200);
        app.chores().await;
        app.clock.advance(TimeDelta::days(1));
        app.chores().await;
        assert_eq!(reviewed(&app, "").await, all);
    }

    async fn who_is_still_permitted_is_not_reviewed(app) {
        let desk = app.newsroom().await;
        let aliased = app.made("/v1/sources", json!({"name": "Bay", "credit_label": "Bay", "kind": "external", "aliases": ["Bay News"]})).await;
        let registered = app.made("/v1/sources", json!({"name": "Kept", "credit_label": "Kept", "kind": "external",
            "registry": [{"list_edition": "by hand", "valid_from": "2026-05-01T00:00:00Z"}]})).await;
        let unlisted = app.source("Never Listed").await;
        for source in [&aliased, &registered, &unlisted] {
            app.grant(source, json!({})).await;
        }
        // Before any list is kept, anything may be reprinted.
        published(&app, desk.reprint_of(&unlisted, "Never listed"), "2025-01-01T00:00:00Z").await;
        imported(&app, edition("2026-1", "2026-01-01T00:00:00Z", &["Bay", "Kept", "Coastal Wire"])).await;
        for source in [&aliased, &registered, &desk.wire] {
            published(&app, desk.reprint_of(source, "A reprint"), "2026-04-01T00:00:00Z").await;
        }
        // Renamed on the list, registered by hand, never on it: none of them was dropped.
        imported(&app, edition("2026-2", "2026-05-01T00:00:00Z", &["bay  news", "Coastal Wire"])).await;
        assert_eq!(total(&app, "").await, 0);
        // The next edition drops what this one held, under whatever name.
        imported(&app, edition("2026-3", "2026-05-10T00:00:00Z", &["Coastal Wire"])).await;
        assert_eq!(total(&app, &format!("source={aliased}")).await, 1);
        assert_eq!(total(&app, "").await, 1);
    }

    async fn an_edition_to_come_is_looked_at_again_when_it_begins(app) {
        let desk = app.newsroom().await;
        imported(&app, edition("2026-1", "2026-01-01T00:00:00Z", &["Coastal Wire"])).await;
        let old = app.live(desk.reprint_of(&desk.wire, "Old")).await;
        // In ten minutes.
        imported(&app, edition("2026-2", "2026-06-01T12:10:00Z", &["Nobody"])).await;
        assert_eq!(reviewed(&app, "").await, sorted([&old]));
        // Until then the list before it holds; what comes out by it is reviewed, too.
        let later = app.live(desk.reprint_of(&desk.wire, "Later")).await;
        app.chores().await;
        assert_eq!(reviewed(&app, "").await, sorted([&old]));
        app.clock.advance(TimeDelta::minutes(10));
        let refused = app.draft(desk.reprint_of(&desk.wire, "Too late")).await;
        assert_eq!(app.publish(&refused).await.expect(422).faults(), faults(&[("/source_id", "source_not_listed")]));
        // With a minute for requests that began before.
        app.clock.advance(TimeDelta::minutes(1));
        app.chores().await;
        assert_eq!(reviewed(&app, "").await, sorted([&old, &later]));
        app.get(&format!("/v1/articles/{later}")).send().await.expect(200);
        assert!(!open_due(&app.db, &app.write()).unwrap(), "nothing is left to do");
    }

    async fn an_edition_in_between_makes_the_next_one_drop_what_it_held(app) {
        let desk = app.newsroom().await;
        imported(&app, edition("1", "2026-01-01T00:00:00Z", &["Somebody"])).await;
        imported(&app, edition("3", "2026-05-01T00:00:00Z", &["Somebody"])).await;
        let draft = app.draft(desk.reprint_of(&desk.wire, "By the list in between")).await;
        let publish = || app.post(&format!("/v1/articles/{draft}/publish"), json!({"publish_at": "2026-04-01T00:00:00Z"}));
        publish().by_admin().await.expect(422);
        imported(&app, edition("2", "2026-03-01T00:00:00Z", &["Coastal Wire"])).await;
        publish().by_admin().await.expect(200);
        // It was published after the pass: one that comes in later still finds it.
        assert_eq!(total(&app, "").await, 0);
        imported(&app, edition("2a", "2026-04-15T00:00:00Z", &["coastal wire"])).await;
        assert_eq!(reviewed(&app, "").await, [draft]);
    }

    async fn large_sets_are_gone_through_in_pieces(app) {
        let sources = [app.source("First Wire").await, app.source("Second Wire").await];
        // Sources without a reprint, more than one piece looks at.
        let mut names = vec!["First Wire".to_owned(), "Second Wire".to_owned()];
        for n in 0..55 {
            let name = format!("Wire {n}");
            app.source(&name).await;
            names.push(name);
        }
        many(&app, &sources[0], 500);
        many(&app, &sources[1], 613);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        import_now(&app.db, &app.write(), &draft("1", "2026-01-01T00:00:00Z", &names)).unwrap();
        let dropping = draft("2", "2026-05-01T00:00:00Z", &["Nobody"]);
        let preview = rehearse(&app.db, &app.write(), &dropping).unwrap();
        assert_eq!((preview.dropped.count, preview.dropped.sources.len(), preview.dropped.reprints), (57, 57, 1_113));
        assert_eq!(preview.ends.as_deref(), Some("1"));
        let known = app.get("/v1/registry/editions?count=exact").by_admin().await.expect(200).json();
        assert_eq!(known["page"]["total"], 1, "a rehearsal leaves nothing behind");
        let kept = import_now(&app.db, &app.write(), &dropping).unwrap();
        // Killed after each piece, as it were: each one stands by itself, and is bounded.
        let mut seen = vec![0];
        while open_due(&app.db, &app.write()).unwrap() {
            let now = total(&app, "").await;
            assert!(now - seen.last().unwrap() <= 500, "{seen:?}");
            seen.push(now);
            assert!(seen.len() < 20, "it comes to an end: {seen:?}");
        }
        assert!(seen.len() > 4, "{seen:?}");
        assert_eq!(total(&app, &format!("edition={}", kept.id)).await, 1_113);
        assert_eq!(total(&app, &format!("source={}", sources[0])).await, 500);
        let again = import_now(&app.db, &app.write(), &dropping).unwrap();
        assert!(again.was_there && !open_due(&app.db, &app.write()).unwrap());
    }

    async fn a_review_is_decided_once(app) {
        let desk = app.newsroom().await;
        imported(&app, edition("1", "2026-01-01T00:00:00Z", &["Coastal Wire"])).await;
        let article = app.live(desk.reprint_of(&desk.wire, "Old")).await;
        imported(&app, edition("2", "2026-05-01T00:00:00Z", &["Nobody"])).await;
        let page = app.get("/v1/registry/reviews?status=open").by_role(Role::Viewer).await.expect(200).json();
        let path = format!("/v1/registry/reviews/{}", page["data"][0]["id"].as_str().unwrap());
        let resolve = |body: Value| app.post(&format!("{path}/resolve"), body);
        assert_eq!(resolve(json!({"decision": "burn", "why": 1})).by_admin().await.expect(422).faults(),
            faults(&[("/decision", "choice"), ("/why", "unknown_field")]));
        for note in [json!({"decision": "other"}), json!({"decision": "other", "note": " \n"})] {
            assert_eq!(resolve(note).by_admin().await.expect(422).faults(), faults(&[("/note", "required")]));
        }
        assert_eq!(resolve(json!({"decision": "keep", "note": "a\u{7}"})).by_admin().await.expect(422).faults(),
            faults(&[("/note", "unsafe_character")]));
        resolve(json!({"decision": "keep"})).by_role(Role::Author).await.expect(403);
        let decided = || resolve(json!({"decision": "withdraw_planned", "note": "With the next review."})).header("idempotency-key", "k");
        let seen = decided().by_role(Role::Rights).await.expect(200);
        assert_eq!(decided().by_role(Role::Rights).await.expect(200).json(), seen.json());
        assert_eq!((&seen.json()["status"], &seen.json()["decision"]), (&json!("resolved"), &json!("withdraw_planned")));
        assert_eq!(seen.json()["resolved_by"], json!(app.user_of(Role::Rights).to_string()));
        assert_eq!(seen.json()["note"], "With the next review.");
        let twice = resolve(json!({"decision": "keep"})).by_admin().await.expect(409);
        assert!(twice.json()["detail"].as_str().unwrap().contains("withdraw_planned"));
        assert_eq!(app.get(&path).by_admin().await.expect(200).json(), seen.json());
        assert_eq!((total(&app, "status=open").await, total(&app, "status=resolved").await), (0, 1));
        // Planned is not done.
        app.get(&format!("/v1/articles/{article}")).send().await.expect(200);
        let id = page["data"][0]["id"].as_str().unwrap();
        assert_eq!(app.audit(id).iter().filter(|(.., action)| action == "updated").count(), 1);
        for (query, parameter) in [("status=done", "status"), ("source=art_1", "source"), ("edition=1", "edition"), ("article=", "article")] {
            let wrong = app.get(&format!("/v1/registry/reviews?{query}")).by_admin().await.expect(400);
            assert_eq!(wrong.faults()[0].0, parameter, "{query}");
        }
        let nowhere = "/v1/registry/reviews/rrv_01900000000070008000000000000009";
        app.get(nowhere).by_admin().await.expect(404);
        app.post(&format!("{nowhere}/resolve"), json!({"decision": "keep"})).by_admin().await.expect(404);
    }
}
