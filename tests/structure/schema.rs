//! `src/db/schema.rs` against the tables that the migrations make.

use masthead::db::migrate;
use masthead::db::tables::describe;

use crate::databases::{Column, Table, Tables, Temporary, differences, postgres, sqlite};
use crate::none;
use crate::source::{Source, all};

/// Reads the `table!` declarations of a file.
fn declared(source: &Source) -> Tables {
    let tokens = &source.tokens;
    let text = |at: usize| tokens[at].text.as_str();
    let mut tables = Tables::new();
    for start in 0..tokens.len() {
        if !source.starts_with(start, &["table", "!", "{"]) {
            continue;
        }
        let name = text(start + 3).to_owned();
        let mut table = Table::default();
        let mut at = start + 5;
        while text(at) != ")" {
            if text(at) != "," {
                table.key.push(text(at).to_owned());
            }
            at += 1;
        }
        at += 2;
        while text(at) != "}" {
            let column = text(at).to_owned();
            assert!(
                source.starts_with(at + 1, &["-", ">"]),
                "{name}.{column} cannot be read"
            );
            let nullable = text(at + 3) == "Nullable";
            let kind = if nullable { text(at + 5) } else { text(at + 3) };
            table.columns.push(Column {
                name: column,
                kind: engine_kind(kind).to_owned(),
                nullable,
            });
            while text(at) != "," {
                at += 1;
            }
            at += 1;
        }
        tables.insert(name, table);
    }
    tables
}

fn engine_kind(kind: &str) -> &str {
    match kind {
        "Text" => "TEXT",
        "BigInt" => "BIGINT",
        "Integer" => "INTEGER",
        "Bool" => "BOOLEAN",
        "Timestamp" => "TIMESTAMP",
        other => other,
    }
}

/// The engine's tables without what a schema file does not tell.
fn told(database: &Temporary) -> Tables {
    migrate::up(database.db()).expect("the way up");
    let mut tables = database.tables();
    for table in tables.values_mut() {
        table.indexes.clear();
        table.references.clear();
        table.localised.clear();
    }
    tables
}

fn schema() -> Tables {
    let sources = all();
    let file = sources
        .iter()
        .find(|source| source.name == "src/db/schema.rs");
    let tables = declared(file.expect("there is a schema file"));
    assert!(tables.len() > 20, "{:?}", tables.keys());
    tables
}

#[test]
fn migrations_make_what_the_schema_declares_on_sqlite() {
    none(&differences(
        ("schema.rs", &schema()),
        ("SQLite", &told(&sqlite())),
    ));
}

#[test]
fn migrations_make_what_the_schema_declares_on_postgres() {
    if let Some(database) = postgres() {
        none(&differences(
            ("schema.rs", &schema()),
            ("PostgreSQL", &told(&database)),
        ));
    }
}

/// What copies everything (backups, transfers) reads the tables from the engine: none is left out.
fn copied(database: &Temporary) -> Tables {
    migrate::up(database.db()).expect("the way up");
    let described = database.db().with_writer(describe).expect("a connection");
    let tables = described.expect("all kinds of columns are known");
    let of = |table: masthead::db::tables::Table| {
        let columns = table.columns.into_iter().map(|column| Column {
            name: column.name,
            kind: String::new(),
            nullable: false,
        });
        let told = Table {
            columns: columns.collect(),
            key: table.key,
            ..Table::default()
        };
        (table.name, told)
    };
    tables.into_iter().map(of).collect()
}

#[test]
fn every_table_and_column_of_the_schema_is_copied() {
    let mut schema = schema();
    for table in schema.values_mut() {
        table.columns.sort_by(|a, b| a.name.cmp(&b.name));
        for column in &mut table.columns {
            column.kind.clear();
            column.nullable = false;
        }
    }
    let mut databases = vec![("SQLite", sqlite())];
    databases.extend(postgres().map(|database| ("PostgreSQL", database)));
    for (engine, database) in databases {
        none(&differences(
            ("schema.rs", &schema),
            (engine, &copied(&database)),
        ));
    }
}

#[test]
fn a_schema_that_differs_from_the_migrations_is_caught() {
    let read = |columns: &str| {
        let file = format!("diesel::table! {{ a (b) {{ {columns} }} }}");
        declared(&Source::of("src/db/schema.rs", &file))
    };
    let right = read("b -> Text, c -> Nullable<BigInt>,");
    assert_eq!(right["a"].key, ["b"]);
    for wrong in [
        "b -> Text,",
        "b -> Text, c -> BigInt,",
        "b -> Text, c -> Nullable<Integer>,",
        "c -> Nullable<BigInt>, b -> Text,",
    ] {
        assert_eq!(
            differences(("one", &right), ("other", &read(wrong))).len(),
            1,
            "{wrong}"
        );
    }
}
