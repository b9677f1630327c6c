//! What an engine itself finds wrong with a database.

use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{QueryableByName, sql_query};

use crate::db::{Conn, DbError};

/// A reference that leads nowhere.
#[derive(QueryableByName)]
struct Dangling {
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = Text)]
    parent: String,
}

/// A line of `PRAGMA integrity_check`.
#[derive(QueryableByName)]
struct Checked {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

/// The first thing that SQLite finds wrong: pages, indexes, constraints, references. PostgreSQL has
/// no such question; what it lets in has passed its constraints.
///
/// # Errors
/// A [`DbError`]; a file that is no database is one.
pub fn damage(conn: &mut Conn) -> Result<Option<String>, DbError> {
    if let Conn::Postgres(_) = conn {
        return Ok(None);
    }
    let lines: Vec<Checked> = sql_query("PRAGMA integrity_check(1)").load(conn)?;
    match lines.into_iter().find(|line| line.integrity_check != "ok") {
        Some(line) => Ok(Some(line.integrity_check)),
        None => dangling(conn),
    }
}

pub(super) fn dangling(conn: &mut Conn) -> Result<Option<String>, DbError> {
    let faults: Vec<Dangling> =
        sql_query("SELECT \"table\" AS child, parent FROM pragma_foreign_key_check LIMIT 1")
            .load(conn)?;
    Ok(faults.first().map(|fault| {
        let Dangling { child, parent } = fault;
        format!("a row of {child} refers to one of {parent} that is not there")
    }))
}
