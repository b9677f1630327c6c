//! Filling a database that is empty: without the indexes, which are made at the end from sorted
//! rows, and without waiting for the disk. What is cut off in between leaves a database without
//! indexes, to be thrown away: this is for content that can be made again.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;

use super::pool::WRITER_CACHE;
use super::{Conn, Db, DbError};

/// A database that is being filled.
pub struct Filling<'a> {
    db: &'a Db,
    indexes: Vec<Index>,
}

/// An index, and how it is made.
#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    definition: String,
}

/// Indexes that are no part of a table's own definition.
const SQLITE: &str = "SELECT name, sql AS definition FROM sqlite_master \
     WHERE type = 'index' AND sql IS NOT NULL AND instr($1, ' ' || tbl_name || ' ') > 0";
const POSTGRES: &str = "SELECT indexname::text AS name, indexdef AS definition FROM pg_indexes \
     WHERE schemaname = current_schema() AND strpos($1, ' ' || tablename || ' ') > 0 \
     AND indexname NOT IN (SELECT conname FROM pg_constraint)";

impl<'a> Filling<'a> {
    /// Takes the indexes of these tables away.
    ///
    /// # Errors
    /// A [`DbError`].
    pub fn begin(db: &'a Db, tables: &[&str]) -> Result<Self, DbError> {
        let tables = format!(" {} ", tables.join(" "));
        let indexes = db.with_writer(|conn| -> Result<_, DbError> {
            let query = match conn {
                Conn::Sqlite(_) => SQLITE,
                Conn::Postgres(_) => POSTGRES,
            };
            let found: Vec<Index> = sql_query(query).bind::<Text, _>(tables).load(conn)?;
            if let Conn::Sqlite(conn) = conn {
                conn.batch_execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -131072;")?;
            }
            for index in &found {
                conn.batch_execute(&format!("DROP INDEX \"{}\"", index.name))?;
            }
            Ok(found)
        })??;
        Ok(Self { db, indexes })
    }

    /// Makes the indexes, and sees that all is on the disk.
    ///
    /// # Errors
    /// A [`DbError`]: then the database is to be thrown away.
    pub fn finish(self) -> Result<(), DbError> {
        self.db.with_writer(|conn| -> Result<_, DbError> {
            for index in &self.indexes {
                conn.batch_execute(&index.definition)?;
            }
            if let Conn::Sqlite(conn) = conn {
                conn.batch_execute(&format!(
                    "PRAGMA synchronous = FULL;
                     PRAGMA wal_checkpoint(TRUNCATE);
                     PRAGMA cache_size = -{WRITER_CACHE};"
                ))?;
            }
            Ok(())
        })?
    }
}
