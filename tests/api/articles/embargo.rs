//! What waits leaves no trace (rule 19): until its instant, every whole answer, with its headers,
//! counts, entity tags and cursors, is byte for byte that of a database in which it never was.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use masthead::http::auth::ClientKind;
use masthead::rights::Channel;
use serde_json::{Value, json};

use crate::support::described::document;
use crate::support::ledger::TICK;
use crate::support::newsroom::with;
use crate::support::twin::whole;
use crate::support::{TestApp, both_engines};

/// Who asks, besides the public.
struct Reader {
    name: &'static str,
    header: Option<(&'static str, String)>,
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// What can be asked: every reading operation of the document, with what it can be asked for.
fn questions(
    document: &Value,
    ids: &[String],
    slugs: &[&str],
    of: &dyn Fn(&str) -> Vec<String>,
) -> Vec<String> {
    let shapes = [
        "",
        "?body_format=html",
        "?body_format=text&fields=title,body,related",
        "?include=section,authors,source",
    ];
    let mut asked = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        if operations.get("get").is_none() || ["/metrics", "/openapi.json"].contains(&path.as_str())
        {
            continue;
        }
        if path == "/v1/articles" {
            for sort in [
                "published_at",
                "-published_at",
                "updated_at",
                "-updated_at",
                "title",
                "-title",
            ] {
                for rest in [
                    "",
                    "&limit=1",
                    "&limit=2&count=exact",
                    "&include_stubs=true&limit=3&count=exact",
                    "&tag=quay&body_format=text",
                    "&section=economy&section_descendants=true&count=exact",
                    "&fields=related,title",
                    "&published_from=2026-06-01T12:00:00Z&count=exact",
                    "&updated_from=2026-06-01T12:00:00Z",
                    "&origin=reprint",
                    "&language=en&genre=news",
                ] {
                    asked.push(format!("{path}?sort={sort}{rest}"));
                }
            }
        } else if path.starts_with("/v1/articles/slug/") {
            asked.extend(
                slugs.iter().flat_map(|slug| {
                    shapes.map(|shape| format!("/v1/articles/slug/{slug}{shape}"))
                }),
            );
        } else if path.starts_with("/v1/articles/{id}") {
            let formats: &[&str] = if path.contains("{format}") {
                &["html", "text", "markdown"]
            } else {
                &[""]
            };
            for id in ids {
                for format in formats {
                    let path = path
                        .replace("{id}", id)
                        .replace("{format}", format)
                        .replace("{n}", "1");
                    asked.extend(
                        shapes[..if path.ends_with(id) { 4 } else { 1 }]
                            .iter()
                            .map(|shape| format!("{path}{shape}")),
                    );
                }
            }
        } else if path.contains('{') {
            asked.extend(of(path));
        } else {
            asked.push(path.clone());
            if path.starts_with("/v1/") {
                asked.push(format!("{path}?count=exact&limit=2"));
            }
        }
    }
    asked
}

/// Every answer to every question, with the pages behind, to every reader.
async fn answers(
    app: &TestApp,
    readers: &[Reader],
    questions: &[String],
) -> Vec<(String, (u16, Vec<(String, String)>, String))> {
    let mut all = Vec::new();
    for reader in readers {
        let mut asked = questions.to_vec();
        let mut at = 0;
        while at < asked.len() {
            let question = asked[at].clone();
            at += 1;
            let mut ask = app.get(&question);
            if let Some((name, value)) = &reader.header {
                ask = ask.header(name, value);
            }
            let answer = ask.send_unchecked().await;
            let next = answer
                .header("link")
                .split(['<', '>'])
                .nth(1)
                .filter(|next| next.contains("cursor="));
            if let Some(next) = next
                && !asked.iter().any(|known| known == next)
            {
                asked.push(next.to_owned());
            }
            all.push((format!("{} asks {question}", reader.name), whole(&answer)));
        }
    }
    all
}

/// What reading left behind, so that the next reading finds the database as this one did.
fn forget_readings(app: &TestApp) {
    app.change(|conn| {
        for table in [
            "deliveries",
            "delivery_counts",
            "attestations",
            "client_changes",
            "client_holdings",
            "client_feeds",
        ] {
            sql_query(format!("DELETE FROM {table}")).execute(conn)?;
        }
        Ok(())
    });
}

/// Takes works out of the database as though they had never been in it.
fn never_was(app: &TestApp, ids: &[String]) {
    app.change(|conn| {
        for id in ids {
            for statement in [
                "DELETE FROM licence_selections WHERE article_id = '{}'",
                "DELETE FROM version_references WHERE article_id = '{}' OR target_id = '{}'",
                "DELETE FROM articles WHERE id = '{}'",
                "DELETE FROM changes WHERE resource_id = '{}'",
                "DELETE FROM audit_events WHERE resource_id = '{}'",
            ] {
                sql_query(statement.replace("{}", id)).execute(conn)?;
            }
        }
        Ok(())
    });
}

both_engines! {
    async fn what_waits_leaves_no_trace(app) {
        let desk = app.newsroom().await;
        let syndicated = app.source("Passing Wire").await;
        app.grant(&syndicated, json!({"channels": ["web", "app", "syndication"]})).await;
        app.edit("/v1/settings", json!({"acquire_licence_url": "https://news.example.org/licences"})).await.expect(200);
        let start = app.clock.now();
        // Made with what waits already there, so that its number shows nowhere in theirs.
        let tagged = |work: Value, slug: &str| with(work, json!({"tags": ["quay"], "slug": slug}));
        let act = |id: String, action: &'static str, body: Value| {
            let ask = app.post(&format!("/v1/articles/{id}/{action}"), body);
            async move { ask.by_admin().await.expect(200) }
        };
        let due = start + TimeDelta::hours(1);
        let waits = [
            ("embargoed", json!({"embargoed_until": text(due)})),
            ("due-and-embargoed", json!({"publish_at": text(start + TimeDelta::minutes(20)), "embargoed_until": text(due)})),
            ("scheduled", json!({"publish_at": text(due), "unpublish_at": text(due + TimeDelta::hours(1))})),
        ];
        let mut hidden = Vec::new();
        for (slug, times) in &waits {
            let own = app.draft(tagged(desk.own_work("Waits"), slug)).await;
            act(own.clone(), "schedule", times.clone()).await;
            hidden.push(own);
        }
        let reprint = app.draft(tagged(desk.reprint_of(&syndicated, "Waits too"), "waiting-reprint")).await;
        act(reprint.clone(), "schedule", json!({"embargoed_until": text(due)})).await;
        let draft = app.draft(tagged(desk.own_work("Draft"), "draft")).await;
        let review = app.draft(tagged(desk.own_work("Review"), "review")).await;
        act(review.clone(), "submit", json!({})).await;
        let unseen = app.draft(tagged(desk.own_work("Unseen"), "unseen")).await;
        act(unseen.clone(), "schedule", json!({"embargoed_until": text(due)})).await;
        act(unseen.clone(), "withdraw", json!({"reason_class": "legal", "reason": "Nobody is to know."})).await;
        hidden.extend([reprint, draft, review, unseen]);

        let mut seen = Vec::new();
        for n in 0..5 {
            app.clock.advance(TimeDelta::seconds(1));
            let work = if n == 3 { desk.reprint_of(&syndicated, "Seen") } else { desk.own_work("Seen") };
            seen.push(app.live(with(tagged(work, &format!("seen-{n}")), json!({"related": hidden, "translation_of": hidden[0]}))).await);
        }
        act(seen[4].clone(), "withdraw", json!({"reason_class": "editorial", "reason": "A test."})).await;
        let deal = app.deal("Gazette", &[
            json!({"selector": {"articles": [seen[0], hidden[0], hidden[1], hidden[3]]}}),
            json!({"selector": {"tags": ["quay"]}, "extent": "excerpt", "excerpt_chars": 40}),
        ]).await;
        let bare = app.deal("Bare", &[]).await;
        let key = |kind, channel| app.key(app.terms(kind, channel)).1;
        let api_key = |name, key: String| Reader { name, header: Some(("x-api-key", key)) };
        let readers = [
            Reader { name: "public", header: None },
            Reader { name: "declared crawler", header: Some(("user-agent", "GPTBot/1.0".to_owned())) },
            api_key("web", key(ClientKind::FirstParty, Channel::Web)),
            api_key("app", key(ClientKind::FirstParty, Channel::App)),
            api_key("crawler", key(ClientKind::AiCrawler, Channel::Ai)),
            api_key("unlicensed", bare.key.clone()),
            api_key("licensed", deal.key.clone()),
        ];
        let ids: Vec<String> = hidden.iter().chain(&seen).cloned().collect();
        let slugs = ["embargoed", "due-and-embargoed", "scheduled", "waiting-reprint", "draft", "unseen", "seen-0", "seen-4"];
        let of = |path: &str| -> Vec<String> {
            let noun = path.split('/').nth(2).unwrap_or_default();
            let known: Vec<&String> = match noun {
                "sections" => vec![&desk.economy, &desk.trade],
                "authors" => vec![&desk.reporter, &desk.editor],
                "sources" => vec![&desk.own, &syndicated],
                "licences" => deal.licences.iter().collect(),
                "partners" => vec![&deal.partner],
                _ => Vec::new(),
            };
            known.into_iter().map(|id| path.replace("{id}", id)).filter(|path| !path.contains('{')).collect()
        };
        let questions = questions(document(), &ids, &slugs, &of);
        assert!(questions.len() > 200, "{}", questions.len());

        let clocks = [app.clock.now(), start + TimeDelta::minutes(20), due - TimeDelta::seconds(30), due - TICK];
        let mut there = app.restarted(9).await;
        let mut with_them = Vec::new();
        for at in clocks {
            there.set_clock(at);
            with_them.push(answers(&there, &readers, &questions).await);
        }
        // And at the instant they are there.
        there.set_clock(due);
        let out = there.get("/v1/articles?count=exact").send().await.expect(200).json();
        assert_eq!(out["page"]["total"], 8, "four seen, three of our own and one reprint come out");
        forget_readings(&there);
        never_was(&there, &hidden);
        there = there.restarted(9).await;
        for (at, expected) in clocks.into_iter().zip(with_them) {
            there.set_clock(at);
            let without = answers(&there, &readers, &questions).await;
            assert_eq!(without.len(), expected.len(), "as many pages at {at}");
            for (without, with) in without.iter().zip(&expected) {
                assert_eq!(without, with, "at {at}");
            }
        }
    }

    /// Those with the privilege have it from its due time on, marked; the others at the embargo's end.
    async fn the_privilege_sees_it_marked(app) {
        let desk = app.newsroom().await;
        let start = app.clock.now();
        let (due, out) = (start + TimeDelta::hours(1), start + TimeDelta::hours(2));
        let id = app.draft(desk.own_work("Held back")).await;
        let times = json!({"publish_at": text(due), "embargoed_until": text(out)});
        app.post(&format!("/v1/articles/{id}/schedule"), times).by_admin().await.expect(200);
        let privileged = app.deal("First", &[json!({"embargo_privilege": true})]).await;
        let other = app.deal("Second", &[json!({})]).await;
        let path = format!("/v1/articles/{id}?body_format=html");
        for (at, first, second) in [(due - TICK, 404, 404), (due, 200, 404), (out - TICK, 200, 404), (out, 200, 200)] {
            app.set_clock(at);
            let seen = app.read(&privileged, &path).await.expect(first);
            if first == 200 {
                let item = seen.json();
                let embargoed = at < out;
                assert_eq!(item["attribution"]["usage"].get("embargoed").is_some_and(|it| it == true), embargoed, "{at}");
                assert_eq!(item["stage"], if embargoed { "scheduled" } else { "published" });
                assert_eq!(item["published_at"], text(out));
                assert_eq!(seen.header("cache-control"), "private, no-store");
            }
            app.read(&other, &path).await.expect(second);
            app.get(&path).send().await.expect(second);
        }
        // Being due under an embargo is nobody else's to know (rule 19): the probe does not tell of it.
        app.set_clock(due + TimeDelta::minutes(1));
        assert_eq!(app.get("/readyz").send().await.expect(200).json()["agenda_lateness_seconds"], 0.0);
        app.set_clock(out);
        let told: Vec<_> = {
            app.chores().await;
            app.changes().into_iter().filter(|change| change.3 == id).map(|change| change.1).collect()
        };
        assert_eq!(told, ["created", "scheduled", "embargoed", "published"]);
    }

    /// Who was given a work under its embargo hears of everything that becomes of it.
    async fn who_holds_it_early_is_told(app) {
        let desk = app.newsroom().await;
        let start = app.clock.now();
        let id = app.draft(desk.own_work("Held back")).await;
        let path = format!("/v1/articles/{id}");
        let until = |hours| text(start + TimeDelta::hours(hours));
        let schedule = |hours| app.post(&format!("{path}/schedule"), json!({"embargoed_until": until(hours)}));
        schedule(2).by_admin().await.expect(200);
        schedule(3).by_admin().await.expect(200);
        let early = app.deal("Early", &[json!({"embargo_privilege": true})]).await;
        app.read(&early, &format!("{path}?body_format=html")).await.expect(200);
        schedule(4).by_admin().await.expect(200);
        app.edit(&path, json!({"title": "Corrected"})).await.expect(200);
        app.post(&format!("{path}/correct"), json!({"public_note": "The name was wrong."})).by_admin().await.expect(200);
        assert_eq!(app.read(&early, &path).await.expect(200).json()["title"], "Corrected");
        app.get(&path).send().await.expect(404);
        app.post(&format!("{path}/return"), json!({})).by_admin().await.expect(409);
        app.post(&format!("{path}/withdraw"), json!({"reason_class": "editorial", "reason": "It was untrue."})).by_admin().await.expect(200);
        app.read(&early, &path).await.expect(404);
        let told = app.read(&early, "/v1/advisories").await.expect(200).json();
        let told: Vec<_> = told["data"].as_array().unwrap().iter().map(|one| (one["kind"].as_str().unwrap(), one["text"].as_str().unwrap())).collect();
        let held = format!("It is held back until {} now.", until(4));
        let mut expected = vec![("withdrawal", "It was untrue."), ("correction", "The name was wrong."), ("correction", held.as_str())];
        expected.sort_unstable();
        let mut told = told;
        told.sort_unstable();
        assert_eq!(told, expected);
        app.delete(&path).if_match("*").by_admin().await.expect(409);
    }

    async fn an_embargo_is_lifted_by_name(app) {
        let desk = app.newsroom().await;
        let id = app.draft(desk.own_work("Held back")).await;
        let path = format!("/v1/articles/{id}");
        let until = text(app.clock.now() + TimeDelta::hours(2));
        app.post(&format!("{path}/schedule"), json!({"embargoed_until": until})).by_admin().await.expect(200);
        let refused = app.publish(&id).await.expect(409);
        assert!(refused.json()["detail"].as_str().unwrap().contains(&until), "{}", refused.text());
        app.get(&path).send().await.expect(404);
        app.post(&format!("{path}/publish"), json!({"lift_embargo": true})).by_admin().await.expect(200);
        app.get(&path).send().await.expect(200);
        let told: Vec<_> = app.changes().into_iter().filter(|change| change.3 == id).map(|change| change.1).collect();
        assert_eq!(told, ["created", "scheduled", "embargoed", "published"]);
    }
}
