//! What SQLite itself takes for the same work: prepared statements on one thread, with the settings that the server
//! gives its connections. `benches/run.py` runs it beside the server; under `cargo bench` it does nothing.
//!
//! Prints one line of JSON: how many operations, in how many seconds, with how many seconds of CPU.
//! What it writes into the index of texts are the words that the server gave it, read from there.

#![expect(
    clippy::print_stdout,
    reason = "its answer is a line on standard output"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "its ids are those of this moment, as the server's are, and nothing of the server's is linked"
)]

mod index;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use serde::Deserialize;
use serde_json::Value as Json;

use index::Index;

#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn Error>;

#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// What `cargo bench` says to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Asks `sql` over and over with one set of parameters after another.
    Read {
        #[arg(long)]
        database: PathBuf,
        #[arg(long)]
        sql: String,
        /// A second question about the values of the first column, which stand where it says `{ids}`.
        #[arg(long)]
        then: Option<String>,
        /// JSON: a list of lists of parameters.
        #[arg(long)]
        params: PathBuf,
        #[arg(long)]
        seconds: f64,
    },
    /// Writes the rows of a template over and over with new ids, so many sets to a commit.
    Insert {
        #[arg(long)]
        database: PathBuf,
        /// JSON: a list of [`Row`].
        #[arg(long)]
        template: PathBuf,
        #[arg(long, default_value_t = 32)]
        batch: usize,
        #[arg(long)]
        seconds: f64,
    },
    /// Prints the words of a text as the index was given them, by column.
    Words {
        #[arg(long)]
        database: PathBuf,
        #[arg(long)]
        doc: i64,
    },
    /// Copies every row of one database into another of the same schema, in so many transactions. An operation is an
    /// article, with all that belongs to it.
    Copy {
        #[arg(long)]
        from: PathBuf,
        #[arg(long)]
        into: PathBuf,
        #[arg(long)]
        transactions: i64,
    },
}

/// A row to write. A value that is an object is made anew for each set: `{"id": "a"}` is an id, the same one wherever
/// the set says `a`; `{"next": 7}` counts on from 7.
#[derive(Deserialize)]
struct Row {
    table: String,
    /// All, in their order, if none are named.
    #[serde(default)]
    columns: Vec<String>,
    values: Vec<Json>,
}

#[derive(Clone, Copy)]
struct Clock {
    wall: Instant,
    cpu: f64,
}

impl Clock {
    fn start() -> Result<Self, Failure> {
        Ok(Self {
            wall: Instant::now(),
            cpu: cpu_seconds()?,
        })
    }

    /// Seconds and CPU seconds since.
    fn read(self) -> Result<(f64, f64), Failure> {
        Ok((self.wall.elapsed().as_secs_f64(), cpu_seconds()? - self.cpu))
    }
}

/// What this thread has had of the processor, to the nanosecond.
fn cpu_seconds() -> Result<f64, Failure> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = text.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanoseconds / 1e9)
}

fn main() -> Result<(), Failure> {
    let (operations, (seconds, cpu)) = match Args::parse().command {
        None => return Ok(()),
        Some(Command::Read {
            database,
            sql,
            then,
            params,
            seconds,
        }) => read(&database, &sql, then.as_deref(), &params, seconds)?,
        Some(Command::Insert {
            database,
            template,
            batch,
            seconds,
        }) => insert(&database, &template, batch, seconds)?,
        Some(Command::Words { database, doc }) => {
            let words = Index::of(&database, Some(doc))?.words(doc);
            println!("{}", serde_json::to_string(&words.unwrap_or_default())?);
            return Ok(());
        }
        Some(Command::Copy {
            from,
            into,
            transactions,
        }) => copy(&from, &into, transactions)?,
    };
    println!(
        "{}",
        serde_json::json!({"operations": operations, "seconds": seconds, "cpu": cpu})
    );
    Ok(())
}

type Measured = (u64, (f64, f64));

fn reader(database: &Path) -> Result<Connection, Failure> {
    let conn = Connection::open(database)?;
    conn.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -4096;")?;
    Ok(conn)
}

fn writer(database: &Path) -> Result<Connection, Failure> {
    let conn = Connection::open(database)?;
    conn.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA wal_autocheckpoint = 4000;
         PRAGMA cache_size = -32768;",
    )?;
    Ok(conn)
}

fn read(
    database: &Path,
    sql: &str,
    then: Option<&str>,
    params: &Path,
    seconds: f64,
) -> Result<Measured, Failure> {
    let conn = reader(database)?;
    let params: Vec<Vec<Json>> = serde_json::from_slice(&std::fs::read(params)?)?;
    let params: Vec<Vec<Value>> = params
        .into_iter()
        .map(|values| values.into_iter().map(bound).collect())
        .collect();
    let (clock, mut operations, mut rows) = (Clock::start()?, 0, 0);
    let until = clock.wall + Duration::from_secs_f64(seconds);
    'time: loop {
        for values in &params {
            if Instant::now() >= until {
                break 'time;
            }
            conn.execute_batch("BEGIN")?;
            let ids = ask(&conn, sql, values)?;
            rows += ids.len();
            if let Some(then) = then {
                let marks = vec!["?"; ids.len()].join(",");
                rows += ask(&conn, &then.replace("{ids}", &marks), &ids)?.len();
            }
            conn.execute_batch("COMMIT")?;
            operations += 1;
        }
    }
    if rows == 0 {
        return Err("not one row was found".into());
    }
    Ok((operations, clock.read()?))
}

/// Asks, looks at every value, and gives the first of each row.
fn ask(conn: &Connection, sql: &str, params: &[Value]) -> Result<Vec<Value>, Failure> {
    let mut statement = conn.prepare_cached(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query(params_from_iter(params))?;
    let (mut first, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        first.push(row.get(0)?);
        for column in 0..columns {
            bytes += row.get_ref(column)?.as_str().map_or(8, str::len);
        }
    }
    std::hint::black_box(bytes);
    Ok(first)
}

fn bound(value: Json) -> Value {
    match value {
        Json::Null | Json::Object(_) | Json::Array(_) => Value::Null,
        Json::Bool(value) => Value::Integer(value.into()),
        Json::Number(number) => number.as_i64().map_or_else(
            || Value::Real(number.as_f64().unwrap_or_default()),
            Value::Integer,
        ),
        Json::String(text) => Value::Text(text),
    }
}

/// A value of a template.
enum Part {
    Fixed(Value),
    Id(usize),
    Next(i64),
}

fn insert(
    database: &Path,
    template: &Path,
    batch: usize,
    seconds: f64,
) -> Result<Measured, Failure> {
    let conn = writer(database)?;
    let rows: Vec<Row> = serde_json::from_slice(&std::fs::read(template)?)?;
    let mut names: Vec<String> = Vec::new();
    let mut template = Vec::new();
    for row in rows {
        let marks = vec!["?"; row.values.len()].join(",");
        let columns = match row.columns.as_slice() {
            [] => String::new(),
            columns => format!(" ({})", columns.join(", ")),
        };
        let sql = format!("INSERT INTO \"{}\"{columns} VALUES ({marks})", row.table);
        let parts = row.values.into_iter().map(|value| part(value, &mut names));
        template.push((sql, parts.collect::<Vec<_>>()));
    }
    let (clock, mut sets) = (Clock::start()?, 0);
    let until = clock.wall + Duration::from_secs_f64(seconds);
    while Instant::now() < until {
        conn.execute_batch("BEGIN IMMEDIATE")?;
        for _ in 0..batch {
            let ids: Vec<String> = names
                .iter()
                .map(|_| uuid::Uuid::now_v7().to_string())
                .collect();
            for (sql, parts) in &template {
                let values = parts.iter().map(|part| match part {
                    Part::Fixed(value) => value.clone(),
                    Part::Id(name) => Value::Text(ids[*name].clone()),
                    Part::Next(first) => Value::Integer(first.saturating_add_unsigned(sets)),
                });
                conn.prepare_cached(sql)?
                    .execute(params_from_iter(values))?;
            }
            sets += 1;
        }
        conn.execute_batch("COMMIT")?;
    }
    Ok((sets, clock.read()?))
}

fn part(value: Json, names: &mut Vec<String>) -> Part {
    if let Some(first) = value.get("next").and_then(Json::as_i64) {
        return Part::Next(first);
    }
    let Some(name) = value.get("id").and_then(Json::as_str) else {
        return Part::Fixed(bound(value));
    };
    let known = names.iter().position(|known| known == name);
    Part::Id(known.unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    }))
}

fn copy(from: &Path, into: &Path, transactions: i64) -> Result<Measured, Failure> {
    let source = reader(from)?;
    let target = writer(into)?;
    let mut index = Index::of(from, None)?;
    // In the order in which they were made: what is referred to comes first. The index of texts is no table of rows.
    let tables: Vec<String> = source
        .prepare(
            "SELECT name FROM sqlite_master
             WHERE type = 'table' AND sql NOT LIKE '%WITHOUT ROWID%' AND name NOT LIKE 'sqlite_%'
               AND name NOT LIKE '\\_\\_%' ESCAPE '\\' AND name NOT LIKE 'search\\_texts%' ESCAPE '\\' ORDER BY rowid",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    // Slices of two tables need not end at the same article, so that references are not checked on this side; and
    // what the migrations put there comes from the other database.
    target.execute_batch("PRAGMA foreign_keys = OFF")?;
    for table in tables.iter().rev() {
        target.execute_batch(&format!("DELETE FROM \"{table}\""))?;
    }
    let (mut seconds, mut cpu) = (0.0, 0.0);
    for at in 0..transactions {
        let mut slices = tables
            .iter()
            .map(|table| Ok((table.as_str(), slice(&source, table, at, transactions)?)))
            .collect::<Result<Vec<_>, Failure>>()?;
        let docs = slices.iter().find(|(table, _)| *table == "search_docs");
        let (texts, prints) = index.take(docs.map_or(&[], |(_, rows)| rows));
        slices.push(("search_texts (rowid, title, summary, lead, body)", texts));
        slices.push(("search_prints", prints));
        let clock = Clock::start()?;
        target.execute_batch("BEGIN IMMEDIATE")?;
        for (table, found) in slices {
            let marks = found.first().map_or(0, Vec::len);
            if marks == 0 {
                continue;
            }
            let marks = vec!["?"; marks].join(",");
            let mut statement =
                target.prepare_cached(&format!("INSERT INTO {table} VALUES ({marks})"))?;
            for values in found {
                statement.execute(params_from_iter(values))?;
            }
        }
        target.execute_batch("COMMIT")?;
        let (wall, used) = clock.read()?;
        (seconds, cpu) = (seconds + wall, cpu + used);
    }
    let articles: u32 = target.query_row("SELECT count(*) FROM articles", [], |row| row.get(0))?;
    Ok((articles.into(), (seconds, cpu)))
}

/// The part of a table that a transaction takes, in the order of its rows. Small tables are one part.
fn slice(
    source: &Connection,
    table: &str,
    at: i64,
    parts: i64,
) -> Result<Vec<Vec<Value>>, Failure> {
    let last: i64 = source
        .prepare_cached(&format!("SELECT coalesce(max(rowid), 0) FROM \"{table}\""))?
        .query_row([], |row| row.get(0))?;
    let small = last < 1_000;
    if small && at > 0 {
        return Ok(Vec::new());
    }
    let bound = |at: i64| if small { at * last } else { at * last / parts };
    let sql = format!("SELECT * FROM \"{table}\" WHERE rowid > ? AND rowid <= ?");
    let mut statement = source.prepare_cached(&sql)?;
    let columns = statement.column_count();
    let rows = statement
        .query_map([bound(at), bound(at + 1)], |row| {
            (0..columns).map(|column| row.get(column)).collect()
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}
