//! Filling an empty database with rows that were whole where they come from: in one transaction,
//! with the references of all of them checked at its end and not row by row.

use diesel::connection::SimpleConnection;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamp};
use diesel::sqlite::Sqlite;
use diesel::{QueryableByName, sql_query};

use super::{Kind, Row, Table, Value, damage, quoted};
use crate::db::writer::{WRITE, begin, ended};
use crate::db::{Conn, Db, DbError, journal};

/// Rows that one statement inserts at most, and about how many bytes.
const ROWS: usize = 1_000;
const BYTES: usize = 2 * 1024 * 1024;

/// Parameters that a statement of SQLite takes.
const PARAMETERS: usize = 32_000;

/// Rows on their way into one table.
#[derive(Debug)]
pub struct Load<'a> {
    table: &'a Table,
    rows: Vec<Row>,
    bytes: usize,
}

impl<'a> Load<'a> {
    pub fn into(table: &'a Table) -> Self {
        Self {
            table,
            rows: Vec::new(),
            bytes: 0,
        }
    }

    /// Takes a row; every now and then all that came are written.
    ///
    /// # Errors
    /// A [`DbError`].
    pub fn push(&mut self, conn: &mut Conn, row: Row) -> Result<(), DbError> {
        self.bytes += row.weight();
        self.rows.push(row);
        let most = ROWS.min(PARAMETERS / self.table.columns.len().max(1));
        match self.rows.len() >= most || self.bytes >= BYTES {
            true => self.write(conn),
            false => Ok(()),
        }
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// A [`DbError`].
    pub fn finish(mut self, conn: &mut Conn) -> Result<(), DbError> {
        self.write(conn)
    }

    fn write(&mut self, conn: &mut Conn) -> Result<(), DbError> {
        if !self.rows.is_empty() {
            match conn {
                Conn::Sqlite(conn) => insert_values(conn, self.table, &self.rows),
                Conn::Postgres(conn) => insert_columns(conn, self.table, &self.rows),
            }
            .map_err(|error| match DbError::from(error) {
                DbError::Query(error) => {
                    DbError::Unavailable(format!("{} takes not all rows: {error}", self.table.name))
                }
                other => other,
            })?;
        }
        self.rows.clear();
        self.bytes = 0;
        Ok(())
    }
}

/// `INSERT … VALUES (…), (…)`.
fn insert_values(conn: &mut SqliteConnection, table: &Table, rows: &[Row]) -> QueryResult<usize> {
    let one = format!("({})", vec!["?"; table.columns.len()].join(","));
    let sql = format!(
        "INSERT INTO {} ({}) VALUES {}",
        table.named(),
        table.columns_named(),
        vec![one; rows.len()].join(",")
    );
    let mut query = sql_query(sql).into_boxed::<Sqlite>();
    for value in rows.iter().flat_map(|row| &row.0) {
        query = match value {
            Value::Null => query.bind::<Nullable<Text>, _>(None::<&str>),
            Value::Text(value) => query.bind::<Text, _>(value),
            Value::Big(value) => query.bind::<BigInt, _>(value),
            Value::Int(value) => query.bind::<Integer, _>(value),
            Value::Flag(value) => query.bind::<Bool, _>(value),
            Value::Time(value) => query.bind::<Timestamp, _>(value),
        };
    }
    query.execute(conn)
}

/// `INSERT … SELECT * FROM unnest(…)`: an array for each column, in the binary protocol.
fn insert_columns(conn: &mut PgConnection, table: &Table, rows: &[Row]) -> QueryResult<usize> {
    /// The values of one column, where they are of its type.
    fn values<'a, T>(
        rows: &'a [Row],
        at: usize,
        take: impl Fn(&'a Value) -> Option<T>,
    ) -> Vec<Option<T>> {
        rows.iter()
            .map(|row| row.0.get(at).and_then(&take))
            .collect()
    }
    let arrays: Vec<String> = (1..=table.columns.len()).map(|n| format!("${n}")).collect();
    let sql = format!(
        "INSERT INTO {} ({}) SELECT * FROM unnest({})",
        table.named(),
        table.columns_named(),
        arrays.join(", ")
    );
    let mut query = sql_query(sql).into_boxed::<Pg>();
    for (at, column) in table.columns.iter().enumerate() {
        query = match column.kind {
            Kind::Text => query.bind::<Array<Nullable<Text>>, _>(values(rows, at, |v| match v {
                Value::Text(value) => Some(value.as_str()),
                _ => None,
            })),
            Kind::Big => query.bind::<Array<Nullable<BigInt>>, _>(values(rows, at, |v| match v {
                Value::Big(value) => Some(*value),
                _ => None,
            })),
            Kind::Int => query.bind::<Array<Nullable<Integer>>, _>(values(rows, at, |v| match v {
                Value::Int(value) => Some(*value),
                _ => None,
            })),
            Kind::Flag => query.bind::<Array<Nullable<Bool>>, _>(values(rows, at, |v| match v {
                Value::Flag(value) => Some(*value),
                _ => None,
            })),
            Kind::Time => {
                query.bind::<Array<Nullable<Timestamp>>, _>(values(rows, at, |v| match v {
                    Value::Time(value) => Some(*value),
                    _ => None,
                }))
            }
        };
    }
    query.execute(conn)
}

/// A foreign key of PostgreSQL, as it can be made anew.
#[derive(QueryableByName)]
struct Reference {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    definition: String,
}

impl Db {
    /// Writes in one transaction in which references may point at what comes later: all of them
    /// are checked before it commits. For a database that nobody else uses; it leaves nothing in
    /// the journal, since it writes the journal too.
    ///
    /// # Errors
    /// Those of `work`, or a [`DbError`]; nothing is kept then.
    pub fn fill<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        self.with_writer(|conn| -> Result<T, E> {
            switch_checks(conn, "OFF")?;
            let filled = begin(conn, WRITE).map_err(E::from).and_then(|()| {
                ended(conn, |conn| {
                    journal::take_turn(conn)?;
                    let references = drop_references(conn)?;
                    let filled = work(conn)?;
                    check_references(conn, &references)?;
                    Ok(filled)
                })
            });
            switch_checks(conn, "ON")?;
            let filled = filled?;
            // The planner is to know what it has before somebody asks; the log is carried over.
            conn.batch_execute(match conn {
                Conn::Sqlite(_) => "PRAGMA wal_checkpoint(TRUNCATE)",
                Conn::Postgres(_) => "ANALYZE",
            })
            .map_err(DbError::from)?;
            Ok(filled)
        })?
    }
}

/// SQLite checks references or does not, by connection and outside of transactions.
fn switch_checks(conn: &mut Conn, on: &str) -> Result<(), DbError> {
    if let Conn::Sqlite(conn) = conn {
        conn.batch_execute(&format!("PRAGMA foreign_keys = {on}"))?;
    }
    Ok(())
}

/// PostgreSQL's references are taken away within the transaction, and made anew at its end.
fn drop_references(conn: &mut Conn) -> Result<Vec<Reference>, DbError> {
    let Conn::Postgres(conn) = conn else {
        return Ok(Vec::new());
    };
    let references: Vec<Reference> = sql_query(
        "SELECT t.relname::text AS table_name, c.conname::text AS name, pg_get_constraintdef(c.oid) AS definition
         FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
         WHERE c.contype = 'f' AND c.conparentid = 0 AND c.connamespace = current_schema()::regnamespace
         ORDER BY 1, 2",
    )
    .load(conn)?;
    for reference in &references {
        conn.batch_execute(&format!(
            "ALTER TABLE {} DROP CONSTRAINT {}",
            quoted(&reference.table_name),
            quoted(&reference.name)
        ))?;
    }
    Ok(references)
}

fn check_references(conn: &mut Conn, references: &[Reference]) -> Result<(), DbError> {
    match conn {
        Conn::Sqlite(_) => match damage::dangling(conn)? {
            None => Ok(()),
            Some(told) => Err(DbError::Corrupt(told)),
        },
        Conn::Postgres(conn) => {
            for reference in references {
                conn.batch_execute(&format!(
                    "ALTER TABLE {} ADD CONSTRAINT {} {}",
                    quoted(&reference.table_name),
                    quoted(&reference.name),
                    reference.definition
                ))?;
            }
            Ok(())
        }
    }
}
