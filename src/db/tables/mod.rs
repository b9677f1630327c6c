//! Every table of a database, as the engine itself tells of it: for whoever copies or compares all
//! that there is, whatever it means. A table that is added tomorrow is copied without a line here.
//!
//! Must not know what a row is about. Start with [`describe`], [`each_row`] and [`contents`].

mod damage;
mod digest;
mod fill;
mod row;

use std::collections::BTreeMap;

use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, sql_query};

pub use damage::damage;
pub use digest::{Digest, Summary};
pub use fill::Load;
pub use row::{Row, Value, each_row};

use super::migrate::HISTORY;
use super::schema::changes;
use super::{Conn, DbError};

/// What a column holds. There are no others: migrations keep to types that both engines have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// 64 bits.
    Big,
    /// 32 bits.
    Int,
    Flag,
    Time,
}

impl Kind {
    /// Both engines' names.
    fn parse(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "text" => Self::Text,
            "bigint" => Self::Big,
            "integer" => Self::Int,
            "boolean" => Self::Flag,
            "timestamp" | "timestamp without time zone" => Self::Time,
            _ => return None,
        })
    }

    /// One letter for each.
    fn letter(self) -> char {
        match self {
            Self::Text => 't',
            Self::Big => 'b',
            Self::Int => 'i',
            Self::Flag => 'f',
            Self::Time => 'm',
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}

/// A table; its columns stand in the order of their names, which is that of [`Row`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    /// Columns of the primary key, in its order: rows are read by it.
    pub key: Vec<String>,
}

impl Table {
    fn named(&self) -> String {
        quoted(&self.name)
    }

    /// Whether it has more than so many rows. Reads no more of them than that.
    ///
    /// # Errors
    /// A [`DbError`].
    pub fn has_more_than(&self, conn: &mut Conn, rows: u64) -> Result<bool, DbError> {
        #[derive(QueryableByName)]
        struct Found {
            #[diesel(sql_type = BigInt)]
            n: i64,
        }
        let query = format!(
            "SELECT count(*) AS n FROM (SELECT 1 FROM {} LIMIT {}) AS few",
            self.named(),
            rows.saturating_add(1)
        );
        let found: Found = sql_query(query).get_result(conn)?;
        Ok(u64::try_from(found.n).unwrap_or(0) > rows)
    }

    /// Takes all of its rows away.
    ///
    /// # Errors
    /// A [`DbError`].
    pub fn clear(&self, conn: &mut Conn) -> Result<(), DbError> {
        sql_query(format!("DELETE FROM {}", self.named())).execute(conn)?;
        Ok(())
    }

    fn columns_named(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|c| quoted(&c.name)).collect();
        names.join(", ")
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    /// From 1 on; 0 for what is not in the key.
    #[diesel(sql_type = BigInt)]
    key_at: i64,
}

/// The index of texts, and on SQLite the tables that it is made of: no plain tables.
const TEXT_INDEX: &str = "search_texts";

/// What the names of tables begin with that are made from the others, and are made again after these
/// were copied.
const DERIVED: &str = "search_";

impl Table {
    /// Whether it is made from others.
    pub fn is_derived(&self) -> bool {
        self.name.starts_with(DERIVED)
    }
}

/// All tables but the history of migrations and the index of texts, by name.
///
/// # Errors
/// [`DbError::Corrupt`] for a table without a key or a type that is not ours.
pub fn describe(conn: &mut Conn) -> Result<Vec<Table>, DbError> {
    let query = match conn {
        Conn::Sqlite(_) => {
            "SELECT m.name AS table_name, c.name AS name, c.type AS kind, c.pk AS key_at
             FROM sqlite_master m, pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        }
        Conn::Postgres(_) => {
            "SELECT t.relname::text AS table_name, a.attname::text AS name,
                    format_type(a.atttypid, a.atttypmod) AS kind,
                    coalesce(array_position(x.indkey::smallint[], a.attnum) + 1, 0)::bigint AS key_at
             FROM pg_class t
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
             LEFT JOIN pg_index x ON x.indrelid = t.oid AND x.indisprimary
             WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition
               AND t.relnamespace = current_schema()::regnamespace"
        }
    };
    let mut told: Vec<Told> = sql_query(query).load(conn)?;
    // Here and not in the engines, which sort differently.
    told.sort_by(|a, b| (&a.table_name, &a.name).cmp(&(&b.table_name, &b.name)));
    let mut tables: Vec<Table> = Vec::new();
    let mut keys: BTreeMap<i64, String> = BTreeMap::new();
    let plain = |name: &str| name != HISTORY && !name.starts_with(TEXT_INDEX);
    for column in told.into_iter().filter(|c| plain(&c.table_name)) {
        let kind = Kind::parse(&column.kind).ok_or_else(|| {
            let Told {
                table_name,
                name,
                kind,
                ..
            } = &column;
            DbError::Corrupt(format!("{table_name}.{name} is of the unknown type {kind}"))
        })?;
        if tables
            .last()
            .is_none_or(|last| last.name != column.table_name)
        {
            close(tables.last_mut(), &mut keys)?;
            tables.push(Table {
                name: column.table_name,
                columns: Vec::new(),
                key: Vec::new(),
            });
        }
        if column.key_at > 0 {
            keys.insert(column.key_at, column.name.clone());
        }
        if let Some(table) = tables.last_mut() {
            table.columns.push(Column {
                name: column.name,
                kind,
            });
        }
    }
    close(tables.last_mut(), &mut keys)?;
    Ok(tables)
}

/// Gives a table its key once all of its columns are known.
fn close(table: Option<&mut Table>, keys: &mut BTreeMap<i64, String>) -> Result<(), DbError> {
    let Some(table) = table else {
        return Ok(());
    };
    table.key = std::mem::take(keys).into_values().collect();
    match table.key.is_empty() {
        true => Err(DbError::Corrupt(format!(
            "{} has no primary key",
            table.name
        ))),
        false => Ok(()),
    }
}

/// What a database holds: how many rows, and a digest over all of them, for each table.
pub type Contents = BTreeMap<String, Summary>;

/// Reads all of it.
///
/// # Errors
/// A [`DbError`].
pub fn contents(conn: &mut Conn) -> Result<Contents, DbError> {
    let tables = describe(conn)?
        .into_iter()
        .filter(|table| !table.is_derived());
    let summed = tables
        .into_iter()
        .map(|table| Ok((table.name.clone(), summary(conn, &table)?)));
    summed.collect()
}

/// Reads all of one table.
///
/// # Errors
/// A [`DbError`].
pub fn summary(conn: &mut Conn, table: &Table) -> Result<Summary, DbError> {
    let mut digest = Digest::of(table);
    each_row(conn, table, |row| {
        digest.add(&row);
        Ok::<(), DbError>(())
    })?;
    Ok(digest.finish())
}

/// The last number of the change log.
///
/// # Errors
/// A [`DbError`].
pub fn last_change(conn: &mut Conn) -> Result<Option<i64>, DbError> {
    Ok(changes::table.select(max(changes::seq)).first(conn)?)
}
