//! What PostgreSQL does with the lists of articles, on rows enough and with its statistics taken:
//! it chooses by cost, so an empty table would show nothing.

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::deserialize::{self, FromSql};
use diesel::row::NamedRow;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use masthead::articles::store::list::{By, Filter, Query, Reader};
use masthead::articles::store::works::Works;
use masthead::db::page::{Mark, Sort, Window};
use masthead::db::{Db, DbError, migrate};
use masthead::kernel::id::Id;

use super::{Recorder, now, partners, recorded, whose};
use crate::databases;

/// Rows of each side.
const ROWS: usize = 4_000;

/// As recorded queries to PostgreSQL name the table.
pub const SUBJECT: &str = "FROM \"article_listings\"";

struct Line {
    text: String,
}

// By hand, since the column's name has a space in it.
impl<DB: Backend> QueryableByName<DB> for Line
where
    String: FromSql<Text, DB>,
{
    fn build<'a>(row: &impl NamedRow<'a, DB>) -> deserialize::Result<Self> {
        let text = NamedRow::get::<Text, String>(row, "QUERY PLAN")?;
        Ok(Self { text })
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    id: String,
}

/// The first id of a table.
fn one(db: &Db, table: &str) -> String {
    let query = format!("SELECT id FROM {table} ORDER BY id LIMIT 1");
    let found: Vec<Found> = db
        .read_now(|conn| sql_query(query).load(conn).map_err(DbError::from))
        .unwrap();
    found.into_iter().next().unwrap().id
}

/// Filters that have an index of their own beside the order of publication.
fn filters(db: &Db) -> Vec<(&'static str, Filter)> {
    let all = Filter::default;
    vec![
        ("all", all()),
        (
            "section",
            Filter {
                section: Some(one(db, "sections")),
                ..all()
            },
        ),
        (
            "source",
            Filter {
                source: Id::parse(&one(db, "sources")),
                ..all()
            },
        ),
        (
            "editor",
            Filter {
                editor: Id::parse(&one(db, "authors")),
                ..all()
            },
        ),
        (
            "since",
            Filter {
                published_from: Some("2020-01-01T06:00:00Z".parse().unwrap()),
                ..all()
            },
        ),
    ]
}

/// The bound values as a recording shows them, as literals.
fn literals(binds: &str) -> Vec<String> {
    let (mut literals, mut word, mut quoted, mut escaped) =
        (Vec::new(), String::new(), false, false);
    let inner = binds.trim().trim_start_matches('[').trim_end_matches(']');
    for letter in inner.chars() {
        match letter {
            _ if escaped => {
                word.push(letter);
                escaped = false;
            }
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => literals.push(std::mem::take(&mut word)),
            ' ' if !quoted => {}
            letter => word.push(letter),
        }
    }
    literals.push(word);
    let quote = |word: String| format!("'{}'", word.replace('\'', "''"));
    literals.into_iter().map(quote).collect()
}

fn plan(db: &Db, recorded: &str) -> Vec<String> {
    let (text, binds) = recorded.split_once(" -- binds:").unwrap();
    let values = literals(binds).join(", ");
    let lines: Vec<Line> = db
        .read_now(|conn| {
            conn.batch_execute(&format!("PREPARE asked AS {text}"))?;
            let lines = sql_query(format!("EXPLAIN EXECUTE asked({values})")).load(conn)?;
            conn.batch_execute("DEALLOCATE asked")?;
            Ok::<_, DbError>(lines)
        })
        .unwrap();
    lines.into_iter().map(|line| line.text).collect()
}

/// Whether a plan reads a great table from end to end, or sorts by hand.
fn is_bad(plan: &[String]) -> bool {
    plan.iter().any(|step| {
        let step = step.trim().trim_start_matches("-> ").trim();
        let scans = ["article_", "articles", "versions"]
            .iter()
            .any(|table| step.starts_with(&format!("Seq Scan on {table}")));
        scans || step.starts_with("Sort ") || step.starts_with("Incremental Sort")
    })
}

#[actix_web::test]
async fn lists_seek_and_do_not_sort_on_postgres() {
    diesel::connection::set_default_instrumentation(|| Some(Box::new(Recorder))).unwrap();
    let Some(home) = databases::postgres() else {
        return;
    };
    let db = home.db();
    migrate::up(db).unwrap();
    masthead::seed::fill(db, ROWS, 1, |_| {}).unwrap();
    db.with_writer(|conn| conn.batch_execute("ANALYZE"))
        .unwrap()
        .unwrap();
    let works = Works::new(db.clone());
    let mut complaints = Vec::new();
    let mut asked = 0;
    for (by, key) in [
        (By::PublishedAt, "1578052800000000"),
        (By::UpdatedAt, "1578052800000000"),
        (By::Title, "gang 港"),
    ] {
        for after in [false, true] {
            for (name, filter) in filters(db) {
                if by != By::PublishedAt && name != "all" {
                    continue;
                }
                let readers = [Reader::Outside, Reader::Desk];
                for reader in readers.into_iter().chain(partners()) {
                    recorded(SUBJECT);
                    let query = Query {
                        reader: reader.clone(),
                        filter: filter.clone(),
                        sort: Sort {
                            by,
                            descending: true,
                        },
                        window: Window {
                            limit: 20,
                            after: after.then(|| Mark {
                                key: key.to_owned(),
                                id: "art_01900000000070008000000000000001".to_owned(),
                            }),
                            count: false,
                        },
                        with_body: false,
                        looked: None,
                    };
                    works.list(query, now()).await.unwrap();
                    // The list itself, not what is loaded of what it finds.
                    for text in recorded(SUBJECT)
                        .iter()
                        .filter(|text| text.contains("LIMIT"))
                    {
                        asked += 1;
                        let plan = plan(db, text);
                        // What a partner's licence names decides how its list is found: the
                        // engine weighs it. The table is not read through all the same.
                        let is_partner = matches!(reader, Reader::Partner { .. });
                        let bad = match is_partner {
                            true => plan
                                .iter()
                                .any(|step| step.contains("Seq Scan on article_listings")),
                            false => is_bad(&plan),
                        };
                        if bad {
                            complaints.push(format!(
                                "{by:?} {name} {} after={after}:\n{}\n    {text}",
                                whose(&reader),
                                plan.join("\n")
                            ));
                        }
                    }
                }
            }
        }
    }
    assert!(asked > 20, "{asked}");
    crate::none(&complaints);
}

#[test]
fn plans_that_read_through_or_sort_are_seen() {
    let step = |text: &str| vec!["Limit  (cost=0.28..1)".to_owned(), format!("  ->  {text}")];
    assert!(is_bad(&step(
        "Seq Scan on article_listings  (cost=0.00..1)"
    )));
    assert!(is_bad(&step("Sort  (cost=0.00..1)")));
    assert!(!is_bad(&step(
        "Index Scan Backward using article_listings_published on article_listings"
    )));
    assert!(!is_bad(&step("Seq Scan on sections  (cost=0.00..1)")));
    assert_eq!(
        literals(r#" ["live", 2026-06-01T12:00:00, 21, "a \"b\", c"]"#),
        ["'live'", "'2026-06-01T12:00:00'", "'21'", "'a \"b\", c'"]
    );
}
