//! Licences: their life, what is wrong with them, what they promise in vain, and who sees them.

use chrono::TimeDelta;
use diesel::prelude::*;
use masthead::db::schema::{delivery_counts, licence_selections};
use masthead::db::{Conn, DbError};
use masthead::http::auth::ClientKind;
use masthead::kernel::id::{Id, PartnerId};
use masthead::rights::{Channel, LicenceStatus, Role};
use serde_json::{Value, json};

use crate::support::newsroom::with;
use crate::support::request::faults;
use crate::support::{TestApp, both_engines};

fn licence(app: &TestApp, members: Value) -> Value {
    let least = json!({"partner_id": app.partner(), "selector": {"tags": ["port"]}, "extent": "full",
        "channels": ["syndication"], "territories": ["CN"], "valid_from": "2026-01-01T00:00:00Z"});
    with(least, members)
}

async fn granted(app: &TestApp, members: Value) -> String {
    app.made("/v1/licences", licence(app, members)).await
}

/// The axes of the warnings with the names of the sources, by name.
fn warned(licence: &Value) -> Vec<(String, Vec<String>)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    licence["warnings"]
        .as_array()
        .expect("warnings")
        .iter()
        .map(|one| {
            let sources = one["sources"].as_array().unwrap();
            let mut names: Vec<_> = sources.iter().map(|source| text(&source["name"])).collect();
            names.sort();
            assert!(!text(&one["detail"]).is_empty());
            (text(&one["axis"]), names)
        })
        .collect()
}

both_engines! {
    async fn a_licence_lives_and_goes(app) {
        let desk = app.newsroom().await;
        let body = licence(&app, json!({
            "selector": {"sections": [desk.economy], "sources": [desk.own], "languages": ["zh", "en"], "tags": ["port", "港口"]},
            "extent": "excerpt", "excerpt_chars": 400, "valid_until": "2027-01-01T00:00:00Z", "contract_ref": "Contract 2026/31",
        }));
        app.post("/v1/licences", body.clone()).by_role(Role::Editor).await.expect(403);
        let once = || app.post("/v1/licences", body.clone()).header("idempotency-key", "k-1");
        let made = once().by_role(Role::Rights).await.expect(201);
        assert_eq!(once().by_role(Role::Rights).await.expect(201).id(), made.id());
        let path = made.header("location").to_owned();
        assert_eq!(path, format!("/v1/licences/{}", made.id()));
        let seen = app.get(&path).by_role(Role::Rights).await.expect(200);
        assert_eq!(seen.json(), made.json());
        app.get(&path).by_role(Role::Viewer).await.expect(403);
        let seen = seen.json();
        assert_eq!(seen["selector"], json!({"sections": [desk.economy], "sources": [desk.own], "languages": ["zh", "en"],
            "tags": ["port", "港口"], "articles": []}));
        for (member, usual) in [("alteration", json!("none")), ("cache_max_age", json!(3600)), ("removal_deadline_hours", json!(24)),
            ("indexing", json!("noindex")), ("ai_input", json!(false)), ("ai_train", json!(false)), ("status", json!("active")),
            ("embargo_privilege", json!(false)), ("archive_days", json!(null)), ("quota_per_day", json!(null))] {
            assert_eq!(seen[member], usual, "{member}");
        }
        app.patch(&path, json!({"quota_per_day": 9})).by_admin().await.expect(428);
        app.patch(&path, json!({"quota_per_day": 9})).if_match("\"9.zz\"").by_admin().await.expect(412);
        let changed = app.patch(&path, json!({"quota_per_day": 9, "selector": {"tags": [], "languages": null}, "extent": "full", "excerpt_chars": null}))
            .if_match(&made.etag()).by_role(Role::Rights).await.expect(200);
        assert!(changed.etag().starts_with("\"2."));
        assert_eq!(changed.json()["quota_per_day"], 9);
        assert_eq!(changed.json()["selector"], json!({"sections": [desk.economy], "sources": [desk.own], "languages": [], "tags": [], "articles": []}));
        // What a licence selects is not taken away under it.
        for (at, list) in [(format!("/v1/sections/{}", desk.ports), "sections"), (format!("/v1/sources/{}", desk.own), "sources")] {
            let id = at.rsplit('/').next().unwrap();
            app.edit(&path, json!({"selector": {list: [id]}})).await.expect(200);
            let kept = app.delete(&at).if_match("*").by_admin().await.expect(409);
            assert_eq!(kept.json()["type"], "/problems/in-use");
            assert!(kept.text().contains("licences") && kept.text().contains(&made.id()), "{}", kept.text());
        }
        let draft = app.draft(desk.own_work("Draft")).await;
        app.edit(&path, json!({"selector": {"articles": [draft]}})).await.expect(200);
        let kept = app.delete(&format!("/v1/articles/{draft}")).if_match("*").by_admin().await.expect(409);
        assert!(kept.text().contains(&made.id()), "{}", kept.text());
        app.delete(&path).if_match("*").by_role(Role::Editor).await.expect(403);
        app.delete(&path).if_match("*").by_role(Role::Rights).await.expect(204);
        app.get(&path).by_admin().await.expect(404);
        app.delete(&format!("/v1/articles/{draft}")).if_match("*").by_admin().await.expect(204);
        let left: i64 = app.db.read_now(|conn: &mut Conn| {
            licence_selections::table.count().get_result(conn).map_err(DbError::from)
        }).unwrap();
        assert_eq!(left, 0);
    }

    async fn what_a_licence_cannot_be(app) {
        let none = |noun: &str| format!("{noun}_01900000000070008000000000000009");
        let tag = "t".repeat(101);
        for (change, at) in [
            (json!({"partner_id": none("ptn")}), vec![("/partner_id", "unknown")]),
            (json!({"partner_id": none("cli")}), vec![("/partner_id", "pattern")]),
            (json!({"selector": {}}), vec![("/selector", "empty")]),
            (json!({"selector": {"sections": []}}), vec![("/selector", "empty")]),
            (json!({"selector": {"sections": [none("sec")], "sources": [none("src")], "articles": [none("art")]}}),
                vec![("/selector/sections/0", "unknown"), ("/selector/sources/0", "unknown"), ("/selector/articles/0", "unknown")]),
            (json!({"selector": {"sections": [none("src")]}}), vec![("/selector/sections/0", "pattern")]),
            (json!({"selector": {"tags": ["a", "b", " a"]}}), vec![("/selector/tags/2", "duplicate")]),
            (json!({"selector": {"tags": ["", tag, "a\u{200b}b"]}}),
                vec![("/selector/tags/0", "blank"), ("/selector/tags/1", "length"), ("/selector/tags/2", "unsafe_character")]),
            (json!({"selector": {"languages": ["zh", "ZH"]}}), vec![("/selector/languages/1", "pattern")]),
            (json!({"selector": {"languages": ["zh", "zh"]}}), vec![("/selector/languages/1", "duplicate")]),
            (json!({"selector": {"tags": (0..501).map(|n| n.to_string()).collect::<Vec<_>>()}}), vec![("/selector/tags", "items")]),
            (json!({"selector": {"authors": []}}), vec![("/selector/authors", "unknown_field")]),
            (json!({"extent": "stub"}), vec![("/extent", "choice")]),
            (json!({"extent": "all"}), vec![("/extent", "choice")]),
            (json!({"extent": "excerpt"}), vec![("/excerpt_chars", "required")]),
            (json!({"extent": "full", "excerpt_chars": 400}), vec![("/excerpt_chars", "choice")]),
            (json!({"extent": "excerpt", "excerpt_chars": 0}), vec![("/excerpt_chars", "range")]),
            (json!({"extent": "excerpt", "excerpt_chars": 10001}), vec![("/excerpt_chars", "range")]),
            (json!({"channels": []}), vec![("/channels", "items")]),
            (json!({"channels": ["web", "web"]}), vec![("/channels", "duplicate")]),
            (json!({"channels": ["web", "print"]}), vec![("/channels/1", "choice")]),
            (json!({"territories": []}), vec![("/territories", "items")]),
            (json!({"territories": ["CN", "CN"]}), vec![("/territories", "duplicate")]),
            (json!({"territories": ["CN", "ZZ", "QQ"]}), vec![("/territories/1", "territory"), ("/territories/2", "territory")]),
            (json!({"valid_until": "2026-01-01T00:00:00Z"}), vec![("/valid_until", "period")]),
            (json!({"valid_until": "2025-12-31T23:59:59Z"}), vec![("/valid_until", "period")]),
            (json!({"valid_from": "0000-01-01T00:00:00Z"}), vec![("/valid_from", "range")]),
            (json!({"valid_from": "tomorrow"}), vec![("/valid_from", "format")]),
            (json!({"archive_days": 0}), vec![("/archive_days", "range")]),
            (json!({"archive_days": 36501}), vec![("/archive_days", "range")]),
            (json!({"quota_per_day": 0}), vec![("/quota_per_day", "range")]),
            (json!({"cache_max_age": -1}), vec![("/cache_max_age", "range")]),
            (json!({"removal_deadline_hours": 8761}), vec![("/removal_deadline_hours", "range")]),
            (json!({"status": "revoked"}), vec![("/status", "choice")]),
            (json!({"indexing": "maybe"}), vec![("/indexing", "choice")]),
            (json!({"contract_ref": "a\u{202e}"}), vec![("/contract_ref", "unsafe_character")]),
            (json!({"extent": "stub", "territories": ["ZZ"], "selector": {}}),
                vec![("/extent", "choice"), ("/selector", "empty"), ("/territories/0", "territory")]),
        ] {
            let answer = app.post("/v1/licences", licence(&app, change.clone())).by_admin().await.expect(422);
            let mut found = answer.faults();
            found.sort();
            let mut expected = faults(&at);
            expected.sort();
            assert_eq!(found, expected, "{change}");
        }
        let path = format!("/v1/licences/{}", granted(&app, json!({})).await);
        let other = app.made("/v1/partners", json!({"name": "Other"})).await;
        let moved = app.edit(&path, json!({"partner_id": other})).await.expect(422);
        assert_eq!(moved.faults(), faults(&[("/partner_id", "immutable")]));
        let emptied = app.edit(&path, json!({"selector": {"tags": []}})).await.expect(422);
        assert_eq!(emptied.faults(), faults(&[("/selector", "empty")]));
        assert_eq!(app.get("/v1/licences?count=exact").by_admin().await.json()["page"]["total"], 1);
    }

    async fn states_and_their_ends(app) {
        let id = granted(&app, json!({"status": "suspended"})).await;
        let path = format!("/v1/licences/{id}");
        for status in ["active", "suspended", "suspended", "revoked"] {
            let now = app.edit(&path, json!({"status": status})).await.expect(200);
            assert_eq!(now.json()["status"], status);
        }
        for change in [json!({"status": "active"}), json!({"quota_per_day": 9}), json!({})] {
            app.edit(&path, change).await.expect(409);
        }
        assert!(app.get(&path).by_admin().await.etag().starts_with("\"5."));
        // The clock stood still: what is of one instant is in no order.
        let mut actions: Vec<String> = app.audit(&id).into_iter().map(|(_, _, action)| action).collect();
        actions.sort();
        assert_eq!(actions, ["created", "revoked", "updated", "updated", "updated"]);
        // Nothing was given out under it.
        app.delete(&path).if_match("*").by_admin().await.expect(204);
    }

    async fn a_licence_that_was_used_stays(app) {
        use masthead::db::schema::{attestations, deliveries};
        let delivered = granted(&app, json!({})).await;
        let attested = granted(&app, json!({})).await;
        let now = app.clock.now().naive_utc();
        app.db.with_writer(|conn| {
            diesel::insert_into(deliveries::table).values((
                deliveries::id.eq("dlv_01900000000070008000000000000001"), deliveries::at.eq(now), deliveries::day.eq("2026-06-01"),
                deliveries::partner_id.eq(app.partner().to_string()), deliveries::client_id.eq("cli_01900000000070008000000000000001"),
                deliveries::licence_id.eq(&delivered), deliveries::licence_revision.eq(1),
                deliveries::article_id.eq("art_01900000000070008000000000000001"), deliveries::version.eq(1), deliveries::digest.eq("d"),
                deliveries::content_digest.eq("c"), deliveries::credit_line.eq("c"), deliveries::extent.eq("full"),
                deliveries::format.eq("blocks"), deliveries::surface.eq("item"),
            )).execute(conn)?;
            diesel::insert_into(attestations::table).values((
                attestations::jti.eq("att_01900000000070008000000000000001"), attestations::subject.eq("s"),
                attestations::partner_id.eq(app.partner().to_string()), attestations::licence_id.eq(&attested),
                attestations::article_id.eq("art_01900000000070008000000000000001"),
                attestations::token.eq("t"), attestations::issued_at.eq(now), attestations::expires_at.eq(now),
            )).execute(conn)
        }).unwrap().unwrap();
        let path = format!("/v1/licences/{delivered}");
        let kept = app.delete(&path).if_match("*").by_admin().await.expect(409);
        assert!(kept.text().contains("revoked"), "{}", kept.text());
        app.edit(&path, json!({"status": "revoked"})).await.expect(200);
        app.delete(&path).if_match("*").by_admin().await.expect(409);
        // What was licensed was not delivered by that: a HEAD has its statement signed, too.
        app.delete(&format!("/v1/licences/{attested}")).if_match("*").by_admin().await.expect(204);
    }

    async fn warnings_by_axis(app) {
        let desk = app.newsroom().await;
        let shut = app.source("Shut Wire").await;
        let bare = app.source("Bare Wire").await;
        let wide = app.source("Wide Wire").await;
        app.grant(&shut, json!({"may_redistribute": false, "channels": ["web", "syndication"]})).await;
        app.grant(&wide, json!({"channels": ["syndication", "ai"], "territories": ["CN", "DE"], "valid_until": "2027-01-01T00:00:00Z",
            "max_extent": "excerpt", "alteration": "none"})).await;
        let warnings = async |members: Value| {
            let path = format!("/v1/licences/{}", granted(&app, members).await);
            warned(&app.get(&path).by_admin().await.expect(200).json())
        };
        let one = |axis: &str, names: &[&str]| (axis.to_owned(), names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let of = |source: &String, members: Value| with(json!({"selector": {"sources": [source]}}), members);
        let until = json!({"valid_until": "2026-12-31T00:00:00Z", "extent": "excerpt", "excerpt_chars": 100});
        assert_eq!(warnings(of(&wide, until.clone())).await, []);
        assert_eq!(warnings(of(&wide, with(until.clone(), json!({"excerpt_chars": 2001})))).await, [one("extent", &["Wide Wire"])]);
        assert_eq!(warnings(of(&desk.own, json!({}))).await, [], "own works have no inbound limit");
        assert_eq!(warnings(of(&bare, json!({}))).await, [one("redistribution", &["Bare Wire"])]);
        assert_eq!(warnings(of(&wide, json!({}))).await, [one("period", &["Wide Wire"]), one("extent", &["Wide Wire"])]);
        assert_eq!(
            warnings(of(&wide, with(until.clone(), json!({"territories": ["CN", "FR"], "alteration": "cut", "ai_input": true, "ai_train": true})))).await,
            ["territory", "alteration", "ai_input", "ai_train"].map(|axis| one(axis, &["Wide Wire"]))
        );
        assert_eq!(
            warnings(json!({"selector": {"sources": [shut, bare, desk.wire, desk.own]}})).await,
            [one("channel", &["Coastal Wire"]), one("redistribution", &["Bare Wire", "Shut Wire"])]
        );
        // Without sources it is the works in scope that tell.
        let by = |source: &str, members: Value| with(desk.reprint_of(source, "A reprint"), members);
        let short = app.grant(&bare, json!({})).await;
        app.live(by(&shut, json!({"section_id": desk.ports, "tags": ["port"]}))).await;
        app.live(by(&bare, json!({"section_id": desk.economy, "language": "zh-Hans", "tags": ["rail"]}))).await;
        app.draft(by(&wide, json!({"section_id": desk.ports, "tags": ["port"]}))).await;
        app.live(desk.own_work("Own")).await;
        let single = app.live(by(&bare, json!({"title": "Another"}))).await;
        app.delete(&format!("/v1/grants/{short}")).if_match("*").by_admin().await.expect(204);
        let both = ["Bare Wire", "Shut Wire"];
        for (selector, names) in [
            (json!({"sections": [desk.economy]}), &both[..]),
            (json!({"sections": [desk.trade]}), &["Shut Wire"]),
            (json!({"languages": ["zh"]}), &["Bare Wire"]),
            (json!({"languages": ["zh-Hant"]}), &[]),
            (json!({"languages": ["en", "zh"]}), &both),
            (json!({"tags": ["rail", "sea"]}), &["Bare Wire"]),
            (json!({"sections": [desk.trade], "tags": ["rail"]}), &[]),
            (json!({"sections": [desk.economy], "languages": ["zh-Hans"], "tags": ["rail"]}), &["Bare Wire"]),
        ] {
            let expected: Vec<_> = (!names.is_empty()).then(|| one("redistribution", names)).into_iter().collect();
            assert_eq!(warnings(json!({"selector": selector})).await, expected, "{selector}");
        }
        assert_eq!(warnings(json!({"selector": {"articles": [single]}})).await, [one("redistribution", &["Bare Wire"])]);
        // Lists do without.
        let list = app.get("/v1/licences?limit=1").by_admin().await.expect(200).json();
        assert!(list["data"][0].get("warnings").is_none());
    }

    async fn licences_are_listed_by_partner_and_state(app) {
        let other = app.made("/v1/partners", json!({"name": "Other"})).await;
        let mut ids = Vec::new();
        for members in [json!({}), json!({"status": "suspended"}), json!({"partner_id": other})] {
            app.clock.advance(TimeDelta::seconds(1));
            ids.push(granted(&app, members).await);
        }
        app.edit(&format!("/v1/licences/{}", ids[0]), json!({"status": "revoked"})).await.expect(200);
        let ours = app.partner();
        for (query, expected) in [
            (String::new(), vec![0, 1, 2]),
            ("sort=-created_at".to_owned(), vec![2, 1, 0]),
            (format!("partner={ours}"), vec![0, 1]),
            (format!("partner={ours}&status=suspended"), vec![1]),
            ("status=active".to_owned(), vec![2]),
            ("status=revoked".to_owned(), vec![0]),
        ] {
            let mut seen = Vec::new();
            let mut next = Some(format!("/v1/licences?limit=1&count=exact&{query}"));
            while let Some(path) = next {
                let page = app.get(&path).by_role(Role::Rights).await.expect(200);
                assert_eq!(page.json()["page"]["total"], expected.len());
                seen.push(page.json()["data"][0]["id"].as_str().unwrap().to_owned());
                next = page.header("link").split(['<', '>']).nth(1).map(str::to_owned);
            }
            let expected: Vec<_> = expected.into_iter().map(|at| ids[at].clone()).collect();
            assert_eq!(seen, expected, "{query}");
        }
        app.get("/v1/licences?status=lost").by_admin().await.expect(400);
        app.get("/v1/licences?partner=x").by_admin().await.expect(400);
    }

    async fn a_key_carries_what_is_not_revoked(app) {
        let kept = granted(&app, json!({})).await;
        let suspended = granted(&app, json!({"status": "suspended", "selector": {"tags": ["a", "b"], "languages": ["zh"]}})).await;
        let past = granted(&app, json!({"valid_until": "2026-02-01T00:00:00Z"})).await;
        let gone = granted(&app, json!({})).await;
        app.edit(&format!("/v1/licences/{gone}"), json!({"status": "revoked"})).await.expect(200);
        let held = |partner: PartnerId| app.db.read_now(move |conn| masthead::licences::store::held_by(conn, partner)).unwrap();
        let found = held(app.partner());
        let ids: Vec<String> = found.iter().map(|one| one.id.to_string()).collect();
        let mut expected = vec![kept, suspended, past];
        expected.sort();
        assert_eq!(ids, expected);
        let one = found.iter().find(|one| one.status == LicenceStatus::Suspended).unwrap();
        assert_eq!((one.selector.tags.clone(), one.selector.languages.len()), (vec!["a".to_owned(), "b".to_owned()], 1));
        assert!(held(PartnerId::parse("ptn_01900000000070008000000000000009").unwrap()).is_empty());

        let (_, key) = app.key(app.terms(ClientKind::Partner, Channel::Syndication));
        let doors = &app.parts.shared.credentials;
        let seen = doors.client(&key, None, app.clock.now()).await.unwrap();
        let (partner, licences) = seen.partner.unwrap();
        assert_eq!((partner, licences.as_ref()), (app.partner(), found.as_slice()));
        let own = doors.client(&app.first_party_key(Channel::Web), None, app.clock.now()).await.unwrap();
        assert!(own.partner.is_none());
    }

    async fn a_partner_holds_a_hundred_at_most(app) {
        let mut last = String::new();
        for _ in 0..100 {
            last = granted(&app, json!({})).await;
        }
        let full = app.post("/v1/licences", licence(&app, json!({}))).by_admin().await.expect(409);
        assert!(full.text().contains("100 licences"), "{}", full.text());
        app.edit(&format!("/v1/licences/{last}"), json!({"status": "revoked"})).await.expect(200);
        granted(&app, json!({})).await;
    }

    async fn partners_see_what_they_hold(app) {
        let (_, key) = app.key(app.terms(ClientKind::Partner, Channel::Syndication));
        let path = "/v1/me/licences";
        assert_eq!(app.get(path).key(&key).send().await.expect(200).json(),
            json!({"partner": {"id": app.partner(), "name": "Gulf Evening Post"}, "data": []}));
        let counted = granted(&app, json!({"quota_per_day": 5, "contract_ref": "Contract 2026/31"})).await;
        let suspended = granted(&app, json!({"status": "suspended"})).await;
        let gone = granted(&app, json!({})).await;
        app.edit(&format!("/v1/licences/{gone}"), json!({"status": "revoked"})).await.expect(200);
        let other = app.made("/v1/partners", json!({"name": "Other"})).await;
        granted(&app, json!({"partner_id": other})).await;
        app.db.with_writer(|conn| {
            for (day, delivered) in [("2026-05-31", 5), ("2026-06-01", 3)] {
                diesel::insert_into(delivery_counts::table).values((delivery_counts::licence_id.eq(&counted),
                    delivery_counts::day.eq(day), delivery_counts::delivered.eq(delivered))).execute(conn)?;
            }
            QueryResult::Ok(())
        }).unwrap().unwrap();
        let seen = app.get(path).key(&key).send().await.expect(200);
        assert_eq!(seen.header("cache-control"), "private, no-store");
        assert!(!seen.text().contains("Contract"), "{}", seen.text());
        let data = seen.json()["data"].as_array().unwrap().clone();
        let of = |id: &str| data.iter().find(|one| one["id"] == id).unwrap_or_else(|| panic!("{id}"));
        assert_eq!(data.len(), 2);
        assert_eq!((&of(&counted)["delivered_today"], &of(&counted)["quota_resets_at"]), (&json!(3), &json!("2026-06-02T00:00:00Z")));
        let quiet = of(&suspended);
        assert_eq!((&quiet["delivered_today"], &quiet["quota_resets_at"], &quiet["status"]), (&json!(0), &json!(null), &json!("suspended")));
        app.clock.advance(TimeDelta::hours(12));
        let tomorrow = app.get(path).key(&key).send().await.expect(200).json();
        assert!(tomorrow["data"].as_array().unwrap().iter().all(|one| one["delivered_today"] == 0));

        // A crawler with a partner is the partner; others are not.
        let mut crawler = app.terms(ClientKind::Partner, Channel::Ai);
        crawler.kind = ClientKind::AiCrawler;
        app.get(path).key(&app.key(crawler).1).send().await.expect(200);
        let lone = app.key(app.terms(ClientKind::AiCrawler, Channel::Ai)).1;
        for key in [lone, app.first_party_key(Channel::Web)] {
            app.get(path).key(&key).send().await.expect(403);
        }
        app.get(path).by_admin().await.expect(403);
        app.get(path).send().await.expect(401);
    }

    async fn a_policy_for_those_whom_it_binds(app) {
        let (_, key) = app.key(app.terms(ClientKind::Partner, Channel::Syndication));
        let own = granted(&app, json!({"extent": "excerpt", "excerpt_chars": 400, "quota_per_day": 5})).await;
        let other = app.made("/v1/partners", json!({"name": "Other"})).await;
        let others = granted(&app, json!({"partner_id": other})).await;
        let path = |id: &str| format!("/v1/licences/{id}/policy");
        let policy = app.get(&path(&own)).key(&key).send().await.expect(200);
        assert_eq!(policy.header("content-type"), "application/ld+json");
        assert_eq!(policy.json()["profile"], "https://iptc.org/std/RightsML/odrl-profile/");
        assert_eq!(policy.json()["assignee"]["vcard:fn"], "Gulf Evening Post");
        assert_eq!(app.get(&path(&own)).by_role(Role::Rights).await.expect(200).json(), policy.json());
        app.get(&path(&others)).key(&key).send().await.expect(404);
        app.get(&path(&others)).by_admin().await.expect(200);
        app.get(&path("lic_01900000000070008000000000000009")).key(&key).send().await.expect(404);
        for role in [Role::Editor, Role::Author, Role::Viewer] {
            app.get(&path(&own)).by_role(role).await.expect(403);
        }
        app.get(&path(&own)).key(&app.first_party_key(Channel::Web)).send().await.expect(403);
    }
}
