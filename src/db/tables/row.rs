//! Rows of any table, read one by one in the order of the primary key.

use chrono::NaiveDateTime;
use diesel::backend::Backend;
use diesel::connection::DefaultLoadingMode;
use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::pg::{Pg, PgRowByRowLoadingMode};
use diesel::prelude::*;
use diesel::row::{Field, NamedRow, Row as RawRow};
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Integer, Text, Timestamp};
use diesel::sqlite::Sqlite;

use super::{Table, quoted};
use crate::db::{Conn, DbError};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Null,
    Text(String),
    Big(i64),
    Int(i32),
    Flag(bool),
    Time(NaiveDateTime),
}

/// The values of a row, in the order of [`Table::columns`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(pub Vec<Value>);

impl Row {
    /// About how many bytes it takes.
    pub(super) fn weight(&self) -> usize {
        let of = |value: &Value| match value {
            Value::Text(text) => 16 + text.len(),
            _ => 16,
        };
        self.0.iter().map(of).sum()
    }
}

/// Hands each row of a table to `each`, in the order of the primary key. Rows come one by one:
/// no more than one is held, however many there are.
///
/// # Errors
/// Those of `each`, or a [`DbError`].
pub fn each_row<E: From<DbError>>(
    conn: &mut Conn,
    table: &Table,
    mut each: impl FnMut(Row) -> Result<(), E>,
) -> Result<(), E> {
    // The letter before each name says how its value is read.
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|column| {
            let name = format!("{}{}", column.kind.letter(), column.name);
            format!("{} AS {}", quoted(&column.name), quoted(&name))
        })
        .collect();
    let key: Vec<String> = table.key.iter().map(|name| quoted(name)).collect();
    let query = sql_query(format!(
        "SELECT {} FROM {} ORDER BY {}",
        columns.join(", "),
        table.named(),
        key.join(", ")
    ));
    let mut take = |row: QueryResult<Row>| each(row.map_err(|error| unreadable(table, error))?);
    match conn {
        Conn::Sqlite(conn) => query
            .load_iter::<Row, DefaultLoadingMode>(conn)
            .map_err(DbError::from)?
            .try_for_each(&mut take),
        Conn::Postgres(conn) => query
            .load_iter::<Row, PgRowByRowLoadingMode>(conn)
            .map_err(DbError::from)?
            .try_for_each(&mut take),
    }
}

fn unreadable(table: &Table, error: diesel::result::Error) -> DbError {
    match error {
        diesel::result::Error::DeserializationError(error) => {
            DbError::Corrupt(format!("{}: {error}", table.name))
        }
        error => error.into(),
    }
}

impl QueryableByName<Sqlite> for Row {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        read(row)
    }
}

impl QueryableByName<Pg> for Row {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        read(row)
    }
}

fn read<'a, DB>(row: &impl NamedRow<'a, DB>) -> deserialize::Result<Row>
where
    DB: Backend,
    String: FromSql<Text, DB>,
    i64: FromSql<BigInt, DB>,
    i32: FromSql<Integer, DB>,
    bool: FromSql<Bool, DB>,
    NaiveDateTime: FromSql<Timestamp, DB>,
{
    let mut values = Vec::with_capacity(row.field_count());
    for at in 0..row.field_count() {
        let field = RawRow::get(row, at).ok_or("a field is missing")?;
        let name = field.field_name().unwrap_or_default();
        let Some(raw) = field.value() else {
            values.push(Value::Null);
            continue;
        };
        let value = match name.bytes().next() {
            Some(b't') => String::from_sql(raw).map(Value::Text),
            Some(b'b') => i64::from_sql(raw).map(Value::Big),
            Some(b'i') => i32::from_sql(raw).map(Value::Int),
            Some(b'f') => bool::from_sql(raw).map(Value::Flag),
            Some(b'm') => NaiveDateTime::from_sql(raw).map(Value::Time),
            _ => Err("it has no type".into()),
        };
        values.push(
            value.map_err(|error| format!("{}: {error}", name.get(1..).unwrap_or_default()))?,
        );
    }
    Ok(Row(values))
}
