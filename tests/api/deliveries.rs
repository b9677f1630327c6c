//! The ledger: what it takes, what it refuses, and what is reported of it.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use futures_util::future::join_all;
use masthead::db::schema::{articles, clients, deliveries, licences};
use masthead::db::{Conn, DbError};
use masthead::deliveries::ledger::Writer;
use masthead::http::ledger::{Ledger, Undelivered};
use masthead::rights::{Channel, Delivery, Extent, Role, Surface};
use serde_json::json;

use crate::support::ledger::{Licensee, TICK, section};
use crate::support::{Engine, TestApp, both_engines, start};

const TODAY: &str = "2026-06-01";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn db(at: DateTime<Utc>) -> NaiveDateTime {
    at.naive_utc()
}

fn is_changed(outcome: &Result<(), Undelivered>) -> bool {
    matches!(outcome, Err(Undelivered::Changed))
}

/// A work that is out, and somebody who may have it.
async fn ready(app: &TestApp) -> (Licensee, String) {
    let desk = app.newsroom().await;
    let article = app.live(desk.own_work("Harbour opens")).await;
    (app.licensee("Coastal Gazette", None), article)
}

type Break = fn(&mut Conn, &Delivery) -> QueryResult<usize>;

/// One thing each that stands differently by the time the ledger looks.
fn breaks() -> Vec<(&'static str, Break)> {
    macro_rules! set {
        ($table:ident, $of:ident, $change:expr) => {
            |conn, owed| {
                diesel::update($table::table.find(owed.$of.to_string()))
                    .set($change)
                    .execute(conn)
            }
        };
    }
    let mut breaks: Vec<(&'static str, Break)> = vec![
        (
            "the key has another revision",
            set!(clients, client, clients::revision.eq(2)),
        ),
        (
            "the key is revoked",
            set!(clients, client, clients::revoked_at.eq(db(start()))),
        ),
        (
            "the key is over",
            set!(clients, client, clients::expires_at.eq(db(start()))),
        ),
        (
            "the key is nobody's",
            set!(clients, client, clients::partner_id.eq(None::<String>)),
        ),
        (
            "the key is another's",
            set!(
                clients,
                client,
                clients::partner_id.eq("ptn_01900000000070008000000000000009")
            ),
        ),
        (
            "the licence has another revision",
            set!(licences, licence, licences::revision.eq(2)),
        ),
        (
            "the licence is suspended",
            set!(licences, licence, licences::status.eq("suspended")),
        ),
        (
            "the licence is revoked",
            set!(licences, licence, licences::status.eq("revoked")),
        ),
        (
            "the licence has not begun",
            set!(
                licences,
                licence,
                licences::valid_from.eq(db(start() + TICK))
            ),
        ),
        (
            "the licence is over",
            set!(licences, licence, licences::valid_until.eq(db(start()))),
        ),
        (
            "the article has another version",
            set!(articles, article, articles::live_version.eq(2)),
        ),
        (
            "the article is out no more",
            set!(articles, article, articles::live_version.eq(None::<i64>)),
        ),
        (
            "the article is withdrawn",
            set!(articles, article, articles::withdrawn_at.eq(db(start()))),
        ),
        (
            "the article is withdrawn, and this clock is behind",
            set!(
                articles,
                article,
                articles::withdrawn_at.eq(db(start() + TICK))
            ),
        ),
        (
            "the article's time is over",
            set!(articles, article, articles::unpublish_at.eq(db(start()))),
        ),
        (
            "the article is due later",
            set!(
                articles,
                article,
                articles::publish_at.eq(db(start() + TICK))
            ),
        ),
        (
            "the article is under embargo",
            set!(
                articles,
                article,
                articles::embargoed_until.eq(db(start() + TICK))
            ),
        ),
    ];
    breaks.push(("the licence is not there", |conn, owed| {
        diesel::delete(licences::table.find(owed.licence.to_string())).execute(conn)
    }));
    breaks
}

/// What is near an end, but not past it.
fn edges() -> Vec<(&'static str, Break)> {
    macro_rules! set {
        ($table:ident, $of:ident, $change:expr) => {
            |conn, owed| {
                diesel::update($table::table.find(owed.$of.to_string()))
                    .set($change)
                    .execute(conn)
            }
        };
    }
    vec![
        (
            "the key ends",
            set!(clients, client, clients::expires_at.eq(db(start() + TICK))),
        ),
        (
            "the licence begins",
            set!(licences, licence, licences::valid_from.eq(db(start()))),
        ),
        (
            "the licence ends",
            set!(
                licences,
                licence,
                licences::valid_until.eq(db(start() + TICK))
            ),
        ),
        (
            "the article ends",
            set!(
                articles,
                article,
                articles::unpublish_at.eq(db(start() + TICK))
            ),
        ),
        (
            "the article begins",
            set!(articles, article, articles::publish_at.eq(db(start()))),
        ),
        (
            "the embargo ends",
            set!(articles, article, articles::embargoed_until.eq(db(start()))),
        ),
    ]
}

both_engines! {
    async fn what_changed_meanwhile_is_not_given(app) {
        let desk = app.newsroom().await;
        for (what, change) in breaks() {
            let article = app.live(desk.own_work(what)).await;
            let other = app.live(desk.own_work(&format!("{what}, another"))).await;
            let (mine, theirs) = (app.licensee(what, None), app.licensee("another", None));
            let owed = mine.owed(&article);
            app.deliver(vec![owed.clone()]).await.unwrap();
            app.change(|conn| change(conn, &owed));
            let rows = app.ledger_rows();
            assert!(is_changed(&app.deliver(vec![owed.clone()]).await), "{what}");
            // All or none, and nobody else is kept from anything.
            assert!(is_changed(&app.deliver(vec![theirs.owed(&other), owed]).await), "{what}");
            assert_eq!(app.ledger_rows(), rows, "{what}");
            assert_eq!(app.given(theirs.licence, TODAY), 0, "{what}");
            app.deliver(vec![theirs.owed(&other)]).await.unwrap();
        }
        for (what, change) in edges() {
            let article = app.live(desk.own_work(what)).await;
            let owed = app.licensee(what, None).owed(&article);
            app.change(|conn| change(conn, &owed));
            assert!(app.deliver(vec![owed]).await.is_ok(), "{what}");
        }
    }

    async fn what_the_decision_said_is_held_to(app) {
        let (mine, article) = ready(&app).await;
        let other = app.licensee("another", None);
        let now = app.clock.now();
        let cases: Vec<(&str, Delivery, bool)> = vec![
            ("as it is", mine.owed(&article), true),
            ("the right ends now", Delivery { valid_until: Some(now), ..mine.owed(&article) }, false),
            ("the right ends next", Delivery { valid_until: Some(now + TICK), ..mine.owed(&article) }, true),
            ("another version", Delivery { version: 2, ..mine.owed(&article) }, false),
            ("another's licence", Delivery { licence: other.licence, ..mine.owed(&article) }, false),
            ("another's key", Delivery { client: other.client, ..mine.owed(&article) }, false),
            ("another partner", Delivery { partner: other.partner, ..mine.owed(&article) }, false),
            ("an article that is not there", mine.owed("art_01900000000070008000000000000009"), false),
        ];
        for (what, owed, given) in cases {
            let outcome = app.deliver(vec![owed]).await;
            assert_eq!((outcome.is_ok(), is_changed(&outcome)), (given, !given), "{what}");
        }
        // Under embargo only what was decided as such, and only once it is due.
        app.set_times(&article, Some(now + TimeDelta::hours(1)), None);
        let embargoed = Delivery { embargoed: true, ..mine.owed(&article) };
        assert!(is_changed(&app.deliver(vec![mine.owed(&article)]).await));
        app.deliver(vec![embargoed.clone()]).await.unwrap();
        app.change(|conn| {
            diesel::update(articles::table.find(&article)).set(articles::publish_at.eq(db(now + TICK))).execute(conn)
        });
        assert!(is_changed(&app.deliver(vec![embargoed.clone()]).await));
        app.clock.advance(TICK);
        app.deliver(vec![embargoed]).await.unwrap();
        app.deliver(Vec::new()).await.unwrap();
    }

    async fn quotas_are_exact_whoever_asks(app) {
        let (other, article) = ready(&app).await;
        let mine = app.licensee("Quota Post", Some(40));
        // Two nodes over one database, and 64 requests at once, among those of others.
        let parts = &app.parts.shared;
        let second = Writer::start(app.db.clone(), app.clock.clone(), parts.mint.clone()).unwrap();
        let ways: [&dyn Ledger; 2] = [&*parts.ledger, &second];
        let asked = (0..64).flat_map(|n| [(n, mine), (n, other)]).map(|(n, who)| {
            ways[n % 2].record(vec![who.owed(&article)], Surface::Item, format!("request {n}"))
        });
        let outcomes = join_all(asked).await;
        let refused: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
        assert_eq!(refused.len(), 24);
        for refusal in refused {
            let Undelivered::Quota { licence, quota, delivered, resets_at } = refusal else { panic!("{refusal:?}") };
            assert_eq!((*licence, *quota, *delivered, *resets_at), (mine.licence, 40, 40, at("2026-06-02T00:00:00Z")));
        }
        assert_eq!((app.given(mine.licence, TODAY), app.given(other.licence, TODAY)), (40, 64));
        assert_eq!(app.ledger_rows(), 104);
        // What is counted is what there is.
        let rows: i64 = app.change(|conn| {
            deliveries::table.filter(deliveries::licence_id.eq(mine.licence.to_string())).count().get_result(conn)
        });
        assert_eq!(rows, 40);
    }

    async fn a_batch_goes_whole_or_not_at_all(app) {
        let (_, article) = ready(&app).await;
        let mine = app.licensee("Quota Post", Some(3));
        let free = app.another_licence(mine, None);
        let tight = app.another_licence(mine, Some(1));
        let [a, b, c] = [mine, free, tight].map(|who| who.owed(&article));
        app.deliver(vec![a.clone(), b.clone(), a.clone()]).await.unwrap();
        let counts = || [mine, free, tight].map(|who| app.given(who.licence, TODAY));
        assert_eq!(counts(), [2, 1, 0]);
        let refused = app.deliver(vec![b.clone(), a.clone(), a.clone()]).await.unwrap_err();
        assert!(matches!(refused, Undelivered::Quota { licence, quota: 3, delivered: 2, .. } if licence == mine.licence), "{refused:?}");
        let refused = app.deliver(vec![a.clone(), c.clone(), c.clone()]).await.unwrap_err();
        assert!(matches!(refused, Undelivered::Quota { licence, quota: 1, delivered: 0, .. } if licence == tight.licence), "{refused:?}");
        assert_eq!((counts(), app.ledger_rows()), ([2, 1, 0], 3));
        app.deliver(vec![a.clone(), b, c]).await.unwrap();
        assert_eq!((counts(), app.ledger_rows()), ([3, 2, 1], 6));
        // The quota is the licence's as it stands.
        app.change(|conn| {
            diesel::update(licences::table.find(mine.licence.to_string())).set(licences::quota_per_day.eq(4)).execute(conn)
        });
        app.deliver(vec![a.clone()]).await.unwrap();
        app.change(|conn| {
            diesel::update(licences::table.find(mine.licence.to_string())).set(licences::quota_per_day.eq(0)).execute(conn)
        });
        let refused = app.deliver(vec![a]).await.unwrap_err();
        assert!(matches!(refused, Undelivered::Quota { quota: 0, delivered: 4, .. }), "{refused:?}");
    }

    async fn a_day_begins_at_midnight(app) {
        let (_, article) = ready(&app).await;
        let mine = app.licensee("Quota Post", Some(1));
        let owed = || vec![mine.owed(&article)];
        app.set_clock(at("2026-06-01T23:59:59.999999Z"));
        app.deliver(owed()).await.unwrap();
        let refused = app.deliver(owed()).await.unwrap_err();
        let Undelivered::Quota { resets_at, .. } = refused else { panic!("{refused:?}") };
        assert_eq!(resets_at, at("2026-06-02T00:00:00Z"));
        app.clock.advance(TICK);
        app.deliver(owed()).await.unwrap();
        let refused = app.deliver(owed()).await.unwrap_err();
        assert!(matches!(refused, Undelivered::Quota { resets_at, .. } if resets_at == at("2026-06-03T00:00:00Z")), "{refused:?}");
        assert_eq!((app.given(mine.licence, TODAY), app.given(mine.licence, "2026-06-02")), (1, 1));
        let usage = app.get("/v1/usage?group_by=day").by_role(Role::Rights).await.expect(200).json();
        assert_eq!(usage["data"], json!([{"day": TODAY, "bodies": 1, "articles": 1}, {"day": "2026-06-02", "bodies": 1, "articles": 1}]));
    }

    async fn without_a_commit_nothing_is_given(app) {
        let (mine, article) = ready(&app).await;
        app.change(|conn| diesel::sql_query("ALTER TABLE delivery_counts RENAME TO counts_away").execute(conn));
        let outcomes = join_all((0..8).map(|_| app.deliver(vec![mine.owed(&article)]))).await;
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Err(Undelivered::Db(DbError::Unavailable(_))))), "{outcomes:?}");
        assert_eq!(app.ledger_rows(), 0);
        app.change(|conn| diesel::sql_query("ALTER TABLE counts_away RENAME TO delivery_counts").execute(conn));
        app.deliver(vec![mine.owed(&article)]).await.unwrap();
        // No line in the journal: the ledger is the record.
        assert!(app.changes().iter().all(|(_, _, noun, _, _)| noun != "delivery"));
    }

    async fn the_ledger_is_listed(app) {
        let desk = app.newsroom().await;
        let one = app.live(desk.own_work("Harbour opens")).await;
        let two = app.live(desk.own_work("Quay closes")).await;
        let (mine, theirs) = (app.licensee("Coastal Gazette", None), app.licensee("Inland Post", None));
        let mut given = Vec::new();
        for (who, article, part, extent) in [
            (mine, &one, &desk.economy, Extent::Full), (mine, &two, &desk.ports, Extent::Excerpt),
            (theirs, &one, &desk.economy, Extent::Full), (theirs, &two, &desk.ports, Extent::Full),
        ] {
            app.deliver(vec![Delivery { section: section(part), extent, ..who.owed(article) }]).await.unwrap();
            given.push(app.clock.now());
            app.clock.advance(TimeDelta::microseconds(400));
        }
        let list = async |query: &str| {
            let answer = app.get(&format!("/v1/deliveries?{query}")).by_role(Role::Rights).await.expect(200).json();
            answer["data"].as_array().unwrap().clone()
        };
        let all = list("count=exact").await;
        let first = &all.iter().find(|row| row["at"] == json!("2026-06-01T12:00:00Z")).unwrap();
        assert_eq!(**first, json!({
            "id": first["id"], "at": "2026-06-01T12:00:00Z", "partner_id": mine.partner, "client_id": mine.client,
            "licence_id": mine.licence, "licence_revision": 1, "article_id": one, "section_id": desk.economy, "version": 1,
            "digest": format!("sha-256={}", "a".repeat(64)), "content_digest": format!("sha-256={}", "b".repeat(64)),
            "credit_line": "Source: Harbour Daily", "extent": "full", "format": "html", "surface": "item",
            "attestation_id": null, "request_id": "a request",
        }));
        let path = format!("/v1/deliveries/{}", first["id"].as_str().unwrap());
        assert_eq!(app.get(&path).by_role(Role::Rights).await.expect(200).json(), **first);
        app.get("/v1/deliveries/dlv_01900000000070008000000000000009").by_role(Role::Rights).await.expect(404);
        let time = |n: usize| given[n].to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        for (query, count) in [
            (String::new(), 4), (format!("partner={}", mine.partner), 2), (format!("client={}", theirs.client), 2),
            (format!("licence={}", mine.licence), 2), (format!("article={one}"), 2), (format!("section={}", desk.ports), 2),
            ("extent=excerpt".to_owned(), 1), (format!("partner={}&article={two}&extent=full", mine.partner), 0),
            // Within one millisecond, and half-open.
            (format!("from={}", time(1)), 3), (format!("until={}", time(1)), 1),
            (format!("from={}&until={}", time(1), time(3)), 2), (format!("from={0}&until={0}", time(1)), 0),
            (format!("from={}", time(3)), 1), (format!("until={}", time(3)), 3),
        ] {
            assert_eq!(list(&query).await.len(), count, "{query}");
        }
        for sort in ["created_at", "-created_at"] {
            let whole = list(&format!("sort={sort}")).await;
            let page = app.get(&format!("/v1/deliveries?sort={sort}&limit=3&count=exact")).by_admin().await.expect(200).json();
            assert_eq!(page["page"]["total"], 4);
            let cursor = page["page"]["next_cursor"].as_str().unwrap();
            let rest = list(&format!("sort={sort}&limit=3&cursor={cursor}")).await;
            assert_eq!([page["data"].as_array().unwrap().as_slice(), &rest].concat(), whole, "{sort}");
        }
        for wrong in ["partner=lic_1", "extent=all", "from=2026-06-01", "sort=name", "version=1"] {
            app.get(&format!("/v1/deliveries?{wrong}")).by_admin().await.expect(400);
        }
        for path in ["/v1/deliveries", &path, "/v1/usage"] {
            app.get(path).send().await.expect(401);
            app.get(path).key(&app.first_party_key(Channel::Web)).send().await.expect(403);
            app.get(path).by_role(Role::Editor).await.expect(403);
        }
    }

    async fn usage_is_summed_up(app) {
        let desk = app.newsroom().await;
        let one = app.live(desk.own_work("Harbour opens")).await;
        let two = app.live(desk.own_work("Quay closes")).await;
        let (mine, theirs) = (app.licensee("=2+3, \"Gazette\"", None), app.licensee("Inland Post", None));
        let economy = section(&desk.economy);
        app.deliver(vec![
            Delivery { section: economy, ..mine.owed(&one) }, Delivery { section: economy, ..mine.owed(&one) },
            Delivery { extent: Extent::Excerpt, ..mine.owed(&two) },
        ]).await.unwrap();
        app.set_clock(at("2026-06-02T00:00:00Z"));
        app.deliver(vec![Delivery { section: economy, ..mine.owed(&one) }, Delivery { section: economy, ..theirs.owed(&one) }]).await.unwrap();
        let ask = async |query: &str| app.get(&format!("/v1/usage?{query}")).by_role(Role::Rights).await.expect(200);
        let usage = ask("").await.json();
        let mut data = vec![
            json!({"partner_id": mine.partner, "partner_name": "=2+3, \"Gazette\"", "bodies": 4, "articles": 2}),
            json!({"partner_id": theirs.partner, "partner_name": "Inland Post", "bodies": 1, "articles": 1}),
        ];
        data.sort_by_key(|row| row["partner_id"].to_string());
        assert_eq!(usage, json!({"from": "2026-05-04", "until": "2026-06-03", "group_by": ["partner"], "data": data,
            "total": {"bodies": 5, "articles": 2}}));
        let usage = ask("group_by=section,day,section&from=2026-06-01&until=2026-06-03").await.json();
        assert_eq!(usage["group_by"], json!(["section", "day"]));
        assert_eq!(usage["data"], json!([
            {"day": TODAY, "bodies": 1, "articles": 1},
            {"section_id": desk.economy, "day": TODAY, "bodies": 2, "articles": 1},
            {"section_id": desk.economy, "day": "2026-06-02", "bodies": 2, "articles": 1},
        ]));
        let usage = ask("group_by=partner,article,section,day,extent").await.json();
        assert_eq!(usage["data"].as_array().unwrap().len(), 4);
        for (query, bodies) in [
            ("from=2026-06-02".to_owned(), 2), ("until=2026-06-02".to_owned(), 3), ("until=2026-06-01".to_owned(), 0),
            (format!("partner={}", mine.partner), 4), (format!("licence={}", theirs.licence), 1), (format!("article={two}"), 1),
            (format!("section={}", desk.economy), 4), (format!("partner={}&article={one}&from=2026-06-02", mine.partner), 1),
            ("from=2025-06-03&until=2026-06-04".to_owned(), 5),
        ] {
            assert_eq!(ask(&query).await.json()["total"]["bodies"], bodies, "{query}");
        }
        for wrong in [
            "group_by=author", "group_by=", "from=2026-6-1", "from=2026-06-31", "from=yesterday", "from=2026-06-01T00:00:00Z",
            "from=0000-01-01", "from=2026-06-01&until=2026-06-01", "from=2026-06-05", "from=2025-06-02&until=2026-06-04",
            "format=xml", "partner=x", "client=x", "limit=3",
        ] {
            let refused = app.get(&format!("/v1/usage?{wrong}")).by_role(Role::Rights).await.expect(400).json();
            assert_eq!(refused["type"], "/problems/bad-parameter", "{wrong}");
        }
        let csv = ask(&format!("format=csv&partner={}", mine.partner)).await;
        assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(csv.text(), format!("partner_id,partner_name,bodies,articles\r\n{},\"'=2+3, \"\"Gazette\"\"\",4,2\r\n", mine.partner));
        let csv = ask("format=csv&group_by=day,section,extent&until=2026-06-02").await;
        assert_eq!(csv.text(), format!(
            "day,section_id,extent,bodies,articles\r\n{TODAY},,excerpt,1,1\r\n{TODAY},{},full,2,1\r\n", desk.economy));
        let again = app.get("/v1/usage?format=csv&group_by=day,section,extent&until=2026-06-02").header("if-none-match", &csv.etag());
        again.by_role(Role::Rights).await.expect(304);
    }

    async fn a_report_is_never_cut(app) {
        let fill = |from: usize, until: usize| {
            let rows: Vec<String> = (from..until).map(|n| format!(
                "('dlv_0190000000007000800000000000{n:04x}', '2026-06-01 00:00:00', '2026-06-01', 'ptn_01900000000070008000000000000001', \
                 'cli_01900000000070008000000000000001', 'lic_01900000000070008000000000000001', 1, \
                 'art_0190000000007000800000000000{n:04x}', 1, '', '', '', 'full', 'html', 'item')")).collect();
            let insert = format!(
                "INSERT INTO deliveries (id, at, day, partner_id, client_id, licence_id, licence_revision, article_id, version, \
                 digest, content_digest, credit_line, extent, format, surface) VALUES {}", rows.join(", "));
            app.change(|conn| diesel::sql_query(insert).execute(conn));
        };
        let ask = || app.get("/v1/usage?group_by=article").by_role(Role::Rights);
        fill(0, 10_000);
        assert_eq!(ask().await.expect(200).json()["data"].as_array().unwrap().len(), 10_000);
        fill(10_000, 10_001);
        let refused = ask().await.expect(400).json();
        assert_eq!((&refused["type"], refused.to_string().contains("narrow")), (&json!("/problems/bad-parameter"), true));
        let by_partner = app.get("/v1/usage").by_role(Role::Rights).await.expect(200).json();
        assert_eq!(by_partner["data"], json!([{"partner_id": "ptn_01900000000070008000000000000001", "bodies": 10_001, "articles": 10_001}]));
    }
}

#[actix_web::test]
async fn a_full_queue_turns_away_at_once() {
    let app = TestApp::new(Engine::Sqlite).await;
    let (mine, article) = ready(&app).await;
    let ledger = &app.parts.shared.ledger;
    let ask = || ledger.record(vec![mine.owed(&article)], Surface::Item, String::new());
    // Nobody writes while somebody else does.
    let asked: Vec<_> = app
        .db
        .with_writer(|_| (0..5_000).map(|_| ask()).collect())
        .unwrap();
    let outcomes = join_all(asked).await;
    let taken = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert!((4_096..4_400).contains(&taken), "{taken}");
    let turned = |outcome: &Result<(), Undelivered>| {
        matches!(outcome, Err(Undelivered::Db(DbError::Saturated)))
    };
    assert_eq!(
        outcomes.iter().filter(|it| turned(it)).count(),
        5_000 - taken
    );
    assert_eq!(app.ledger_rows(), i64::try_from(taken).unwrap());
    assert_eq!(app.given(mine.licence, TODAY), app.ledger_rows());
    app.deliver(vec![mine.owed(&article)]).await.unwrap();
}
