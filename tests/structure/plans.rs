//! What the engine does with the queries that lists make: it seeks by an index, reads no
//! table from end to end, and sorts nothing by hand where the order is an index's own.

use std::sync::Mutex;

use chrono::{DateTime, Utc};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use masthead::articles::store::list::{By, Filter, Query, Reader, list};
use masthead::db::page::{Mark, Sort, Window};
use masthead::db::{DbError, migrate};
use masthead::kernel::id::Id;
use masthead::rights::{Origin, Stage};

use crate::databases;

/// Every query that this process made while it was recorded.
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Recorder;

impl Instrumentation for Recorder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            if text.contains("article_listings") && text.starts_with("SELECT") {
                SEEN.lock().unwrap().push(text);
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
                for reader in [Reader::Outside, Reader::Desk] {
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
                        let scans = plan.iter().any(|step| step.starts_with("SCAN"));
                        let sorts = plan
                            .iter()
                            .any(|step| step.contains("TEMP B-TREE FOR ORDER BY"));
                        if scans || sorts {
                            complaints.push(format!(
                                "{by:?} {name} {reader:?} after={after}: {}\n    {text}",
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
