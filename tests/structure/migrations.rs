//! The migrations: twins on both engines, up, down and up again.

use std::fs;
use std::path::Path;

use masthead::db::{Engine, migrate};

use crate::databases::{Column, Table, Tables, Temporary, differences, postgres, sqlite};
use crate::none;

/// Migrations whose twins may differ beyond the collation.
const UNLIKE_TWINS: &[&str] = &["20261129000002_search_texts"];

fn read(engine: &str, name: &str, file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("migrations")
        .join(engine)
        .join(name)
        .join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A statement without comments, layout and what only one engine needs to be told.
fn plain(sql: &str) -> String {
    let lines = sql
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default());
    let words = lines
        .flat_map(str::split_whitespace)
        .collect::<Vec<_>>()
        .join(" ");
    words.replace(" COLLATE \"C\"", "")
}

/// The first place where twins part.
fn unlike(sqlite: &str, postgres: &str) -> Option<String> {
    let (left, right) = (plain(sqlite), plain(postgres));
    if left == right {
        return None;
    }
    let at = left
        .char_indices()
        .zip(right.chars())
        .find(|((_, one), other)| one != other)
        .map_or(left.len().min(right.len()), |((at, _), _)| at);
    let from = at.saturating_sub(30);
    let show = |text: &str| text.chars().skip(from).take(70).collect::<String>();
    Some(format!(
        "\n  SQLite:     …{}…\n  PostgreSQL: …{}…",
        show(&left),
        show(&right)
    ))
}

/// Up, down, up: what the second way up makes is what the first one made, and between
/// them there is nothing.
fn there_and_back(database: &Temporary) -> Tables {
    let db = database.db();
    let applied = migrate::up(db).expect("the way up");
    assert_eq!(
        applied.len(),
        migrate::names(db.engine()).expect("names").len()
    );
    let first = database.tables();
    assert!(first.len() > 20, "{:?}", first.keys());
    assert_eq!(migrate::pending(db).expect("pending"), Vec::<String>::new());
    assert_eq!(
        migrate::up(db).expect("nothing to do"),
        Vec::<String>::new()
    );
    migrate::down(db).expect("the way down");
    assert_eq!(
        database.tables().keys().collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "left behind"
    );
    migrate::up(db).expect("the way up again");
    none(&differences(
        ("the first time", &first),
        ("the second time", &database.tables()),
    ));
    first
}

#[test]
fn migrations_have_twins() {
    let names = migrate::names(Engine::Sqlite).expect("names");
    assert_eq!(names, migrate::names(Engine::Postgres).expect("names"));
    assert!(names.len() > 5, "{names:?}");
    let mut complaints = Vec::new();
    for name in names
        .iter()
        .filter(|name| !UNLIKE_TWINS.contains(&name.as_str()))
    {
        for file in ["up.sql", "down.sql"] {
            let unlike = unlike(&read("sqlite", name, file), &read("postgres", name, file));
            complaints
                .extend(unlike.map(|unlike| format!("{name}/{file}: the twins differ:{unlike}")));
        }
    }
    none(&complaints);
}

#[test]
fn migrations_go_up_down_and_up_on_sqlite() {
    there_and_back(&sqlite());
}

#[test]
fn migrations_go_up_down_and_up_on_postgres() {
    if let Some(database) = postgres() {
        there_and_back(&database);
    }
}

#[test]
fn migrations_make_the_same_tables_on_both_engines() {
    let Some(postgres) = postgres() else { return };
    let sqlite = sqlite();
    migrate::up(sqlite.db()).expect("the way up");
    migrate::up(postgres.db()).expect("the way up");
    none(&differences(
        ("SQLite", &sqlite.tables()),
        ("PostgreSQL", &postgres.tables()),
    ));
}

/// Indexed text that sorts by a locale: pages and look-ups would follow the server's.
fn indexed_by_locale(tables: &Tables) -> Vec<String> {
    let mut complaints = Vec::new();
    for (name, table) in tables {
        let indexed = table
            .indexes
            .values()
            .flat_map(|(_, columns)| columns)
            .chain(&table.key);
        for column in indexed.filter(|column| table.localised.contains(*column)) {
            complaints.push(format!("{name}.{column}: is indexed without COLLATE \"C\""));
        }
    }
    complaints
}

#[test]
fn migrations_sort_by_bytes_on_postgres() {
    let Some(postgres) = postgres() else { return };
    migrate::up(postgres.db()).expect("the way up");
    none(&indexed_by_locale(&postgres.tables()));
}

#[test]
fn migrations_that_differ_are_caught() {
    assert_eq!(
        unlike(
            "CREATE TABLE a (\n b TEXT);",
            "CREATE TABLE a ( b TEXT COLLATE \"C\");"
        ),
        None
    );
    let told = unlike(
        "CREATE TABLE a (b TEXT NOT NULL);",
        "CREATE TABLE a (b TEXT);",
    )
    .expect("unlike");
    assert!(
        told.contains("b TEXT NOT NULL") && told.contains("b TEXT)"),
        "{told}"
    );

    let table = |nullable, index: &str| {
        let column = Column {
            name: "b".to_owned(),
            kind: "TEXT".to_owned(),
            nullable,
        };
        let indexes = [(index.to_owned(), (false, vec!["b".to_owned()]))].into();
        let localised = ["b".to_owned()].into();
        Table {
            columns: vec![column],
            indexes,
            localised,
            ..Table::default()
        }
    };
    let one = |table: Table| Tables::from([("a".to_owned(), table)]);
    let left = one(table(false, "a_b"));
    for (right, complaint) in [
        (one(table(true, "a_b")), "a: columns differ"),
        (one(table(false, "a_c")), "a: indexes differ"),
        (Tables::new(), "a: left has it, right has not"),
    ] {
        let told = differences(("left", &left), ("right", &right));
        assert!(told.len() == 1 && told[0].contains(complaint), "{told:?}");
    }
    none(&differences(("left", &left), ("right", &left)));
    assert_eq!(
        indexed_by_locale(&left),
        ["a.b: is indexed without COLLATE \"C\""]
    );
}
