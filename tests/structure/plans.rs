//! What the engine does with the queries that lists make: it seeks by an index, reads no
//! table from end to end, and sorts nothing by hand where the order is an index's own.

use std::sync::Mutex;

use chrono::{DateTime, Utc};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{QueryableByName, sql_query};
use masthead::advisories::model::{AdvisoryKind, AdvisoryStanding, Filter as Told};
use masthead::advisories::store as told;
use masthead::articles::store::list::{By, Filter, Query, Reader, list};
use masthead::claims::model::{ClaimKind, ClaimStage};
use masthead::claims::store::{self as claims, Filter as Claims};
use masthead::db::advisories::{self, Issue};
use masthead::db::page::{Mark, Sort, Window};
use masthead::db::schema::{advisories as rows, articles, partners};
use masthead::db::{Actor, DbError, WriteCx, migrate};
use masthead::deliveries::model::{Filter as Rows, UsageGroup, UsageQuery};
use masthead::deliveries::store as ledger;
use masthead::kernel::id::{Id, Mint};
use masthead::kernel::language::{Language, Territory};
use masthead::rights::licence::Reach;
use masthead::rights::{
    Alteration, Channel, Extent, Indexing, Licence, LicenceStatus, Origin, Selector, Stage,
};

use crate::databases;

/// Every query that this process made while it was recorded.
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Those of the ledger.
static LEDGER: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Those of advisories.
static ADVISORIES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Those of claims.
static CLAIMS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A section's own way to the root, which is walked from its end.
const WALK: [&str; 2] = ["SCAN CONSTANT ROW", "SCAN above"];

struct Recorder;

impl Instrumentation for Recorder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            let reads = text.starts_with("SELECT") || text.starts_with("WITH");
            if text.contains("advisories") && reads {
                ADVISORIES.lock().unwrap().push(text);
            } else if text.contains("article_listings") && text.starts_with("SELECT") {
                SEEN.lock().unwrap().push(text);
            } else if text.contains("claims") && text.starts_with("SELECT") {
                CLAIMS.lock().unwrap().push(text);
            } else if text.contains("deliveries") && text.starts_with("SELECT") {
                LEDGER.lock().unwrap().push(text);
            }
        }
    }
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

fn now() -> DateTime<Utc> {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

/// Filters that lists are most often asked with, by name.
fn filters() -> Vec<(&'static str, Filter)> {
    let all = Filter::default;
    vec![
        ("all", all()),
        (
            "section",
            Filter {
                section: Some("sec_01900000000070008000000000000001".into()),
                ..all()
            },
        ),
        (
            "source",
            Filter {
                source: Id::parse("src_01900000000070008000000000000001"),
                ..all()
            },
        ),
        (
            "editor",
            Filter {
                editor: Id::parse("aut_01900000000070008000000000000001"),
                ..all()
            },
        ),
        (
            "author",
            Filter {
                author: Id::parse("aut_01900000000070008000000000000001"),
                ..all()
            },
        ),
        (
            "tag",
            Filter {
                tags: vec!["port".into()],
                ..all()
            },
        ),
        (
            "origin",
            Filter {
                origin: Some(Origin::Own),
                ..all()
            },
        ),
        (
            "stage",
            Filter {
                stage: Some(Stage::Draft),
                ..all()
            },
        ),
        (
            "since",
            Filter {
                published_from: Some(now()),
                ..all()
            },
        ),
    ]
}

fn whose(reader: &Reader) -> &'static str {
    match reader {
        Reader::Outside => "outside",
        Reader::Desk => "desk",
        Reader::Author(_) => "author",
        Reader::Partner { .. } => "partner",
    }
}

/// Partners with one licence by sources that reaches back so far, and one by all else that
/// holds under embargo; with and without the works of which they get a stub.
fn partners() -> impl Iterator<Item = Reader> {
    let licence = |n: &str| Licence {
        id: Id::parse(&format!("lic_0190000000007000800000000000000{n}")).unwrap(),
        revision: 1,
        selector: Selector {
            sources: vec![Id::parse("src_01900000000070008000000000000001").unwrap()],
            ..Selector::default()
        },
        extent: Extent::Full,
        excerpt_chars: None,
        channels: vec![Channel::Syndication],
        territories: vec![Territory::parse("CN").unwrap()],
        valid_from: DateTime::UNIX_EPOCH,
        valid_until: None,
        alteration: Alteration::None,
        embargo_privilege: false,
        archive_days: Some(30),
        cache_max_age_seconds: 60,
        removal_deadline_hours: 24,
        indexing: Indexing::Noindex,
        ai_input: false,
        ai_train: false,
        status: LicenceStatus::Active,
    };
    let early = Licence {
        selector: Selector {
            sections: vec![Id::parse("sec_01900000000070008000000000000001").unwrap()],
            languages: vec![Language::parse("zh").unwrap()],
            tags: vec!["port".to_owned()],
            articles: vec![Id::parse("art_01900000000070008000000000000001").unwrap()],
            ..Selector::default()
        },
        embargo_privilege: true,
        archive_days: None,
        ..licence("2")
    };
    let inbound = Some((Channel::Syndication, Territory::parse("CN").unwrap()));
    [vec![licence("1")], vec![licence("1"), early]]
        .into_iter()
        .flat_map(move |licences| {
            let reach = Reach {
                licences,
                inbound: inbound.clone(),
            };
            [false, true].map(|stubs| Reader::Partner {
                reach: reach.clone(),
                stubs,
            })
        })
}

#[actix_web::test]
async fn lists_seek_and_do_not_sort() {
    set_default_instrumentation(|| Some(Box::new(Recorder))).unwrap();
    let home = databases::sqlite();
    let db = home.db();
    migrate::up(db).unwrap();
    let mut complaints = Vec::new();
    for (by, key) in [
        (By::PublishedAt, "1700000000000000"),
        (By::UpdatedAt, "1700000000000000"),
        (By::Title, "gang 港"),
    ] {
        for after in [false, true] {
            // A filter with an index of its own and another order are sorted by hand: an index
            // for each pair would cost every write more than such lists are worth.
            let apart = ["section", "source", "editor", "stage", "since"];
            for (name, filter) in filters() {
                if by != By::PublishedAt && apart.contains(&name) {
                    continue;
                }
                let readers = [Reader::Outside, Reader::Desk];
                for reader in readers.into_iter().chain(partners()) {
                    SEEN.lock().unwrap().clear();
                    let window = Window {
                        limit: 20,
                        after: after.then(|| Mark {
                            key: key.to_owned(),
                            id: "art_01900000000070008000000000000001".to_owned(),
                        }),
                        count: false,
                    };
                    let sort = Sort {
                        by,
                        descending: true,
                    };
                    let query = Query {
                        reader: reader.clone(),
                        filter: filter.clone(),
                        sort,
                        window,
                        with_body: false,
                    };
                    list(db, query, now()).await.unwrap();
                    let seen = SEEN.lock().unwrap().clone();
                    assert!(!seen.is_empty(), "the recorder sees the list's queries");
                    for text in seen {
                        let plan = plan(db, &text);

                        let scans = plan
                            .iter()
                            .any(|step| step.starts_with("SCAN") && !WALK.contains(&step.as_str()));
                        let sorts = plan
                            .iter()
                            .any(|step| step.contains("TEMP B-TREE FOR ORDER BY"));
                        if scans || sorts {
                            complaints.push(format!(
                                "{by:?} {name} {} after={after}: {}\n    {text}",
                                whose(&reader),
                                plan.join(" | ")
                            ));
                        }
                    }
                }
            }
        }
    }
    crate::none(&complaints);
}

/// What lists of the ledger are asked with, by name. Those by extent, or by nothing, read in
/// the order of ids from where the page begins: no index is worth three words.
fn ledger_filters() -> Vec<(&'static str, Rows)> {
    let all = Rows::default;
    vec![
        (
            "partner",
            Rows {
                partner: Id::parse("ptn_01900000000070008000000000000001"),
                ..all()
            },
        ),
        (
            "client",
            Rows {
                client: Id::parse("cli_01900000000070008000000000000001"),
                ..all()
            },
        ),
        (
            "licence",
            Rows {
                licence: Id::parse("lic_01900000000070008000000000000001"),
                ..all()
            },
        ),
        (
            "article",
            Rows {
                article: Id::parse("art_01900000000070008000000000000001"),
                ..all()
            },
        ),
        (
            "section",
            Rows {
                section: Id::parse("sec_01900000000070008000000000000001"),
                ..all()
            },
        ),
        (
            "period",
            Rows {
                from: Some(now()),
                until: Some(now()),
                ..all()
            },
        ),
        (
            "partner and period",
            Rows {
                partner: Id::parse("ptn_01900000000070008000000000000001"),
                from: Some(now()),
                ..all()
            },
        ),
    ]
}

/// What the engine does with the ledger's queries since the last look.
fn ledger_plans(db: &masthead::db::Db) -> Vec<String> {
    let seen = std::mem::take(&mut *LEDGER.lock().unwrap());
    assert!(!seen.is_empty(), "the recorder sees the ledger's queries");
    seen.iter().flat_map(|text| plan(db, text)).collect()
}

#[actix_web::test]
async fn the_ledger_is_sought_and_not_read_through() {
    set_default_instrumentation(|| Some(Box::new(Recorder))).unwrap();
    let home = databases::sqlite();
    let db = home.db();
    migrate::up(db).unwrap();
    let mut complaints = Vec::new();
    for (name, filter) in ledger_filters() {
        for (after, descending) in [(false, false), (false, true), (true, false), (true, true)] {
            let window = Window {
                limit: 20,
                after: after.then(|| Mark {
                    key: String::new(),
                    id: "dlv_01900000000070008000000000000001".to_owned(),
                }),
                count: true,
            };
            LEDGER.lock().unwrap().clear();
            ledger::list(db, filter.clone(), descending, window)
                .await
                .unwrap();
            let plans = ledger_plans(db);
            let bad = |step: &&String| step.starts_with("SCAN") || step.contains("TEMP B-TREE");
            if plans.iter().any(|step| bad(&step)) {
                complaints.push(format!("{name} after={after}: {}", plans.join(" | ")));
            }
        }
    }
    for group_by in [vec![UsageGroup::Partner], UsageGroup::ALL.to_vec()] {
        for partner in [None, Id::parse("ptn_01900000000070008000000000000001")] {
            let asked = UsageQuery {
                from: now().date_naive(),
                until: now().date_naive(),
                group_by: group_by.clone(),
                partner,
                licence: None,
                article: None,
                section: None,
                most: 10,
            };
            LEDGER.lock().unwrap().clear();
            ledger::usage::usage(db, asked).await.unwrap();
            let plans = ledger_plans(db);
            let scans = plans.iter().any(|step| step.starts_with("SCAN"));
            let by_day = plans.iter().filter(|step| step.contains("deliveries_day"));
            if scans || (partner.is_none() && by_day.count() != 2) {
                complaints.push(format!("usage by {group_by:?}: {}", plans.join(" | ")));
            }
        }
    }
    crate::none(&complaints);
}

/// What lists of advisories are asked with, by name.
fn advisory_filters() -> Vec<(&'static str, Told)> {
    let all = Told::default;
    let mine = Id::parse("ptn_01900000000070008000000000000001");
    let article = Id::parse("art_01900000000070008000000000000001");
    let kind = Some(AdvisoryKind::Withdrawal);
    let mut filters = vec![
        ("own", Told { own: mine, ..all() }),
        (
            "partner",
            Told {
                partner: mine,
                ..all()
            },
        ),
        ("article", Told { article, ..all() }),
        ("kind", Told { kind, ..all() }),
    ];
    for standing in AdvisoryStanding::ALL.iter().copied().map(Some) {
        filters.push(("standing", Told { standing, ..all() }));
        filters.push((
            "own by standing",
            Told {
                own: mine,
                standing,
                ..all()
            },
        ));
    }
    filters
}

/// One that every list by partner or article holds, so that its holding is asked for.
fn one_advisory(db: &masthead::db::Db) {
    let at = now().naive_utc();
    let (partner, article) = (
        "ptn_01900000000070008000000000000001",
        "art_01900000000070008000000000000001",
    );
    let added = db.with_writer(|conn| -> QueryResult<()> {
        diesel::insert_into(partners::table)
            .values((
                partners::id.eq(partner),
                partners::revision.eq(1),
                partners::name.eq("x"),
                partners::name_key.eq("x"),
                partners::created_at.eq(at),
                partners::updated_at.eq(at),
            ))
            .execute(conn)?;
        diesel::insert_into(articles::table)
            .values((
                articles::id.eq(article),
                articles::revision.eq(1),
                articles::stage.eq("draft"),
                articles::head_version.eq(1),
                articles::created_at.eq(at),
                articles::updated_at.eq(at),
            ))
            .execute(conn)?;
        diesel::insert_into(rows::table)
            .values((
                rows::id.eq("adv_01900000000070008000000000000000"),
                rows::revision.eq(1),
                rows::partner_id.eq(partner),
                rows::article_id.eq(article),
                rows::version.eq(1),
                rows::kind.eq("withdrawal"),
                rows::issued_at.eq(at),
                rows::due_at.eq(at),
                rows::status.eq("open"),
                rows::reminders.eq(0),
            ))
            .execute(conn)?;
        Ok(())
    });
    added.unwrap().unwrap();
}

/// What the engine does with the queries about advisories since the last look.
fn advisory_plans(db: &masthead::db::Db) -> Vec<String> {
    let seen = std::mem::take(&mut *ADVISORIES.lock().unwrap());
    assert!(!seen.is_empty(), "the recorder sees the queries");
    seen.iter().flat_map(|text| plan(db, text)).collect()
}

#[actix_web::test]
async fn advisories_are_sought_and_holders_are_stepped_through() {
    set_default_instrumentation(|| Some(Box::new(Recorder))).unwrap();
    let home = databases::sqlite();
    let db = home.db();
    migrate::up(db).unwrap();
    one_advisory(db);
    let mut complaints = Vec::new();
    for (name, filter) in advisory_filters() {
        for after in [false, true] {
            let window = Window {
                limit: 20,
                after: after.then(|| Mark {
                    key: String::new(),
                    id: "adv_01900000000070008000000000000001".to_owned(),
                }),
                count: true,
            };
            ADVISORIES.lock().unwrap().clear();
            let listed = told::list(db, filter.clone(), window, now()).await;
            listed.unwrap();
            let plans = advisory_plans(db);
            let has_holding = plans.iter().any(|step| step.contains("deliveries_held"));
            let is_empty = filter.standing == Some(AdvisoryStanding::Acknowledged);
            assert_eq!(has_holding, !is_empty, "{name}");
            let sorts = |step: &&String| step.contains("TEMP B-TREE FOR ORDER BY");
            if plans
                .iter()
                .any(|step| step.starts_with("SCAN") || sorts(&step))
            {
                complaints.push(format!("{name} after={after}: {}", plans.join(" | ")));
            }
        }
    }
    let cx = WriteCx {
        actor: Actor::System,
        now: now(),
        mint: Mint::seeded(1),
        request_id: None,
        once: None,
    };
    let issue = Issue {
        article: "art_01900000000070008000000000000001",
        version: 2,
        kind: advisories::Kind::Correction,
        reason_class: None,
        text: None,
    };
    ADVISORIES.lock().unwrap().clear();
    db.write_now(&cx, |tx| advisories::issue(tx, &issue))
        .unwrap();
    told::write::remind_overdue(db, &cx).unwrap();
    let plans = advisory_plans(db);
    let along = "INDEX deliveries_held (article_id=? AND partner_id";
    let steps = plans.iter().filter(|step| step.contains(along));
    let scans = |step: &&String| step.starts_with("SCAN") && !step.ends_with("holders");
    if steps.count() != 3 || plans.iter().any(|step| scans(&step)) {
        complaints.push(format!("issuing and reminding: {}", plans.join(" | ")));
    }
    crate::none(&complaints);
}

#[actix_web::test]
async fn claims_are_sought_and_not_read_through() {
    set_default_instrumentation(|| Some(Box::new(Recorder))).unwrap();
    let home = databases::sqlite();
    let db = home.db();
    migrate::up(db).unwrap();
    let all = Claims::default;
    let mut complaints = Vec::new();
    for (name, filter) in [
        (
            "stage",
            Claims {
                stage: Some(ClaimStage::Received),
                ..all()
            },
        ),
        (
            "kind",
            Claims {
                kind: Some(ClaimKind::Privacy),
                ..all()
            },
        ),
        (
            "article",
            Claims {
                article: Id::parse("art_01900000000070008000000000000001"),
                ..all()
            },
        ),
        (
            "window",
            Claims {
                within_window: Some(false),
                ..all()
            },
        ),
        (
            "overdue",
            Claims {
                overdue: Some((true, now())),
                ..all()
            },
        ),
    ] {
        CLAIMS.lock().unwrap().clear();
        let window = Window {
            limit: 20,
            after: None,
            count: true,
        };
        claims::list(db, filter, true, window).await.unwrap();
        claims::report::facts(db, now(), now(), now(), 10)
            .await
            .unwrap();
        let seen = std::mem::take(&mut *CLAIMS.lock().unwrap());
        assert!(seen.len() >= 4, "the recorder sees the queries: {seen:?}");
        for text in seen {
            let plan = plan(db, &text);
            let scans = plan.iter().any(|step| step.starts_with("SCAN"));
            // What is overdue is little: it is sought by its time and sorted by hand.
            let sorts = name != "overdue" && plan.iter().any(|step| step.contains("TEMP B-TREE"));
            if scans || sorts {
                complaints.push(format!("{name}: {}\n    {text}", plan.join(" | ")));
            }
        }
    }
    crate::none(&complaints);
}

fn plan(db: &masthead::db::Db, recorded: &str) -> Vec<String> {
    // The recording ends with the bound values, which a plan does not need.
    let text = recorded.split(" -- binds:").next().unwrap_or_default();
    db.read_now(|conn| {
        sql_query(format!("EXPLAIN QUERY PLAN {text}"))
            .load::<Step>(conn)
            .map(|steps| steps.into_iter().map(|step| step.detail).collect())
            .map_err(DbError::from)
    })
    .unwrap()
}
