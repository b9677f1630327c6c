//! Databases of one test each, and what an engine says of its own tables.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::sql_types::{Bool, Nullable, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use masthead::db::{Conn, DatabaseUrl, Db, PoolOptions};

/// A database that is gone after the test.
pub struct Temporary {
    db: Option<Db>,
    /// Administrator's URL and the name to drop.
    server: Option<(String, String)>,
    _folder: tempfile::TempDir,
}

/// A new SQLite database.
pub fn sqlite() -> Temporary {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("test.db").display());
    Temporary {
        db: Some(open(&url)),
        server: None,
        _folder: folder,
    }
}

/// A new database on the PostgreSQL server that the environment names, if it does.
pub fn postgres() -> Option<Temporary> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    static SAID: Once = Once::new();
    #[expect(clippy::disallowed_methods, reason = "tests are told their server so")]
    let server = std::env::var("MASTHEAD_TEST_POSTGRES_URL").unwrap_or_default();
    if server.is_empty() {
        // Past the capture of test output: who runs the tests is to see it.
        SAID.call_once(|| {
            let line = "SKIPPED (PostgreSQL): set MASTHEAD_TEST_POSTGRES_URL";
            writeln!(std::io::stderr(), "\n*** {line} ***\n").expect("stderr takes a line");
        });
        return None;
    }
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("masthead_t_{}_{count}", std::process::id());
    administer(&server, &format!("CREATE DATABASE {name}"));
    let mut url = url::Url::parse(&server).expect("a URL");
    url.set_path(&name);
    Some(Temporary {
        db: Some(open(url.as_str())),
        server: Some((server, name)),
        _folder: tempfile::tempdir().expect("a folder"),
    })
}

fn open(url: &str) -> Db {
    let url = DatabaseUrl::parse(url).expect("a database URL");
    let options = PoolOptions {
        readers: 1,
        ..PoolOptions::default()
    };
    Db::open(&url, options).expect("the database opens")
}

fn administer(server: &str, statement: &str) {
    PgConnection::establish(server)
        .expect("the PostgreSQL server answers")
        .batch_execute(statement)
        .unwrap_or_else(|error| panic!("{statement}: {error}"));
}

impl Temporary {
    pub fn db(&self) -> &Db {
        self.db.as_ref().expect("open until dropped")
    }

    /// What the engine says of its tables.
    pub fn tables(&self) -> Tables {
        self.db()
            .with_writer(|conn| match conn {
                Conn::Sqlite(_) => sqlite_tables(conn),
                Conn::Postgres(_) => postgres_tables(conn),
            })
            .expect("a connection")
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        self.db = None;
        if let Some((server, name)) = &self.server {
            administer(server, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

pub type Tables = BTreeMap<String, Table>;

/// A table in words that both engines share.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    pub columns: Vec<Column>,
    pub key: Vec<String>,
    /// By name: whether unique, and the columns.
    pub indexes: BTreeMap<String, (bool, Vec<String>)>,
    /// Columns, the table they refer to, and what its deletion does.
    pub references: BTreeSet<(String, String, String)>,
    /// Text columns that do not sort by bytes. Only PostgreSQL has any.
    pub localised: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: String,
    pub nullable: bool,
}

/// The migration tool's own table.
const TOOL: &str = "__diesel_schema_migrations";

/// The index of texts, and what SQLite makes it of: the one thing that is not the same on both engines.
const TEXT_INDEX: &str = "search_texts";

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
    #[diesel(sql_type = Nullable<Text>)]
    collation: Option<String>,
}

#[derive(QueryableByName)]
struct IndexRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    index_name: String,
    #[diesel(sql_type = Bool)]
    is_unique: bool,
    #[diesel(sql_type = Bool)]
    is_primary: bool,
    #[diesel(sql_type = Text)]
    column_name: String,
}

#[derive(QueryableByName)]
struct ReferenceRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    columns: String,
    #[diesel(sql_type = Text)]
    target: String,
    #[diesel(sql_type = Text)]
    on_delete: String,
}

fn sqlite_tables(conn: &mut Conn) -> Tables {
    gather(
        conn,
        "SELECT m.name AS table_name, c.name AS name, c.type AS kind, c.\"notnull\" = 0 AS nullable, NULL AS collation
         FROM sqlite_master m, pragma_table_info(m.name) c
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid",
        "SELECT m.name AS table_name, i.name AS index_name, i.\"unique\" = 1 AS is_unique, i.origin = 'pk' AS is_primary, c.name AS column_name
         FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) c
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, i.name, c.seqno",
        "SELECT m.name AS table_name, group_concat(f.\"from\", ',') AS columns, f.\"table\" AS target, lower(f.on_delete) AS on_delete
         FROM sqlite_master m, pragma_foreign_key_list(m.name) f
         WHERE m.type = 'table' GROUP BY m.name, f.id ORDER BY m.name, f.id",
    )
}

fn postgres_tables(conn: &mut Conn) -> Tables {
    gather(
        conn,
        "SELECT table_name::text, column_name::text AS name,
                upper(replace(data_type, ' without time zone', '')) AS kind,
                is_nullable = 'YES' AS nullable, collation_name::text AS collation
         FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position",
        "SELECT t.relname::text AS table_name, i.relname::text AS index_name, x.indisunique AS is_unique,
                x.indisprimary AS is_primary, a.attname::text AS column_name
         FROM pg_index x
         JOIN pg_class t ON t.oid = x.indrelid
         JOIN pg_class i ON i.oid = x.indexrelid
         JOIN pg_namespace s ON s.oid = t.relnamespace
         CROSS JOIN LATERAL unnest(x.indkey::smallint[]) WITH ORDINALITY AS k(attnum, n)
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
         WHERE s.nspname = 'public' ORDER BY 1, 2, k.n",
        "SELECT t.relname::text AS table_name,
                (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY AS k(attnum, n)
                 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum)::text AS columns,
                r.relname::text AS target,
                CASE c.confdeltype WHEN 'a' THEN 'no action' WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' ELSE c.confdeltype::text END AS on_delete
         FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid
         WHERE c.contype = 'f' ORDER BY 1, 3",
    )
}

fn gather(conn: &mut Conn, columns: &str, indexes: &str, references: &str) -> Tables {
    let columns: Vec<ColumnRow> = sql_query(columns).load(conn).expect("columns are told");
    let indexes: Vec<IndexRow> = sql_query(indexes).load(conn).expect("indexes are told");
    let references: Vec<ReferenceRow> = sql_query(references).load(conn).expect("keys are told");
    let mut tables = Tables::new();
    for row in columns {
        let table = tables.entry(row.table_name).or_default();
        if row.kind == "TEXT" && row.collation.as_deref().is_none_or(|name| name != "C") {
            table.localised.insert(row.name.clone());
        }
        table.columns.push(Column {
            name: row.name,
            kind: row.kind,
            nullable: row.nullable,
        });
    }
    for row in indexes {
        let table = tables.entry(row.table_name).or_default();
        if row.is_primary {
            table.key.push(row.column_name);
        } else {
            let index = table.indexes.entry(row.index_name).or_default();
            index.0 = row.is_unique;
            index.1.push(row.column_name);
        }
    }
    for row in references {
        let table = tables.entry(row.table_name).or_default();
        table
            .references
            .insert((row.columns, row.target, row.on_delete));
    }
    tables.remove(TOOL);
    tables.retain(|name, _| !name.starts_with(TEXT_INDEX));
    tables
}

/// Where two descriptions part.
pub fn differences(left: (&str, &Tables), right: (&str, &Tables)) -> Vec<String> {
    let names: BTreeSet<&String> = left.1.keys().chain(right.1.keys()).collect();
    let mut complaints = Vec::new();
    for name in names {
        match (left.1.get(name), right.1.get(name)) {
            (Some(_), None) => {
                complaints.push(format!("{name}: {} has it, {} has not", left.0, right.0));
            }
            (None, Some(_)) => {
                complaints.push(format!("{name}: {} has it, {} has not", right.0, left.0));
            }
            (Some(one), Some(other)) => {
                let mut differ = |what: &str, one: String, other: String| {
                    if one != other {
                        complaints.push(format!(
                            "{name}: {what} differ:\n  {}: {one}\n  {}: {other}",
                            left.0, right.0
                        ));
                    }
                };
                differ(
                    "columns",
                    format!("{:?}", one.columns),
                    format!("{:?}", other.columns),
                );
                differ("keys", format!("{:?}", one.key), format!("{:?}", other.key));
                differ(
                    "indexes",
                    format!("{:?}", one.indexes),
                    format!("{:?}", other.indexes),
                );
                differ(
                    "references",
                    format!("{:?}", one.references),
                    format!("{:?}", other.references),
                );
            }
            (None, None) => {}
        }
    }
    complaints
}
