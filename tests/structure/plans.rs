//! What the engine does with the queries that lists make: it seeks by an index, reads no
//! table from end to end, and sorts nothing by hand where the order is an index's own.

mod advisories;
mod agenda;
mod audit;
mod claims;
mod count;
mod desk;
mod postgres;
mod registry;
mod webhooks;

use std::sync::Mutex;

use chrono::{DateTime, Utc};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use masthead::articles::store::list::{By, Filter, Query, Reader};
use masthead::articles::store::works::Works;
use masthead::db::page::{Mark, Sort, Window};
use masthead::db::{Actor, DbError, WriteCx, migrate};
use masthead::deliveries::model::{Filter as Rows, UsageGroup, UsageQuery};
use masthead::deliveries::store as ledger;
use masthead::jobs::model::{ItemState, JobKind};
use masthead::jobs::store as jobs;
use masthead::kernel::id::{Id, JobId, Mint};
use masthead::kernel::language::{Language, Territory};
use masthead::rights::licence::Reach;
use masthead::rights::{
    Alteration, Channel, Extent, Indexing, Licence, LicenceStatus, Origin, Selector, Stage,
};

use crate::databases;

/// Every query that this process made while it was recorded, with what it is about.
static RECORDED: Mutex<Vec<(&str, String)>> = Mutex::new(Vec::new());

/// What queries are about, by the first of these words that stands in them.
const SUBJECTS: [&str; 15] = [
    count::SUBJECT,
    postgres::SUBJECT,
    "webhook",
    "advisories",
    "audit_",
    "registry_",
    "claims",
    "job",
    "article_listings",
    "article_agenda",
    "deliveries",
    "FROM `versions`",
    "article_comments",
    "article_assignments",
    "article_previews",
];

/// The queries about a subject since the last look.
fn recorded(subject: &str) -> Vec<String> {
    let mut recorded = RECORDED.lock().unwrap();
    let about = recorded.extract_if(.., |(about, _)| *about == subject);
    about.map(|(_, text)| text).collect()
}

/// What the engine does with the queries about a subject since the last look.
fn plans_of(db: &masthead::db::Db, subject: &str) -> Vec<String> {
    let seen = recorded(subject);
    assert!(
        !seen.is_empty(),
        "the recorder sees the queries about {subject}"
    );
    seen.iter().flat_map(|text| plan(db, text)).collect()
}

/// A section's own way to the root, which is walked from its end.
const WALK: [&str; 2] = ["SCAN CONSTANT ROW", "SCAN above"];

struct Recorder;

impl Instrumentation for Recorder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            let reads = text.starts_with("SELECT") || text.starts_with("WITH");
            // What a thread asks that is named after a subject, belongs to it.
            let thread = std::thread::current();
            let by_name = SUBJECTS.iter().find(|word| thread.name() == Some(**word));
            let by_word = || SUBJECTS.iter().find(|word| text.contains(**word));
            let about = by_name.or_else(by_word);
            if let Some(about) = about.filter(|_| reads) {
                RECORDED.lock().unwrap().push((about, text));
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
    let works = Works::new(db.clone());
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
                    recorded("article_listings");
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
                        looked: None,
                    };
                    works.list(query, now()).await.unwrap();
                    let seen = recorded("article_listings");
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
            recorded("deliveries");
            ledger::list(db, filter.clone(), descending, window)
                .await
                .unwrap();
            let plans = plans_of(db, "deliveries");
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
            recorded("deliveries");
            ledger::usage::usage(db, asked).await.unwrap();
            let plans = plans_of(db, "deliveries");
            let scans = plans.iter().any(|step| step.starts_with("SCAN"));
            let by_day = plans.iter().filter(|step| step.contains("deliveries_day"));
            if scans || (partner.is_none() && by_day.count() != 2) {
                complaints.push(format!("usage by {group_by:?}: {}", plans.join(" | ")));
            }
        }
    }
    crate::none(&complaints);
}

#[actix_web::test]
async fn jobs_are_sought_and_not_sorted() {
    set_default_instrumentation(|| Some(Box::new(Recorder))).unwrap();
    let home = databases::sqlite();
    let db = home.db();
    migrate::up(db).unwrap();
    let job: JobId = Id::parse("job_01900000000070008000000000000001").unwrap();
    let window = |after: bool| Window {
        limit: 20,
        after: after.then(|| Mark {
            key: String::new(),
            id: job.to_string(),
        }),
        count: true,
    };
    recorded("job");
    for after in [false, true] {
        let user = Id::parse("usr_01900000000070008000000000000001");
        for descending in [false, true] {
            jobs::list(db, user, descending, window(after))
                .await
                .unwrap();
            // Everybody's: read in the order of ids, from where the page begins.
            let uncounted = Window {
                count: false,
                ..window(after)
            };
            jobs::list(db, None, descending, uncounted).await.unwrap();
        }
        for state in [None, Some(ItemState::Failed)] {
            jobs::list_items(db, job, state, 7, window(after))
                .await
                .unwrap();
        }
    }
    jobs::work::is_there(db, JobKind::ArticlesBulk, "a", now()).unwrap();
    let cx = WriteCx {
        actor: Actor::System,
        now: now(),
        mint: Mint::seeded(1),
        request_id: None,
        once: None,
    };
    jobs::sweep(db, &cx).unwrap();
    let seen = recorded("job");
    assert!(seen.len() > 15, "{}", seen.len());
    let mut complaints = Vec::new();
    for text in seen {
        let plan = plan(db, &text);
        let in_order = "SCAN jobs USING INDEX sqlite_autoindex_jobs_1";
        let scans = |step: &String| step.starts_with("SCAN") && step != in_order;
        if plan
            .iter()
            .any(|step| scans(step) || step.contains("TEMP B-TREE"))
        {
            complaints.push(format!("{}\n    {text}", plan.join(" | ")));
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
