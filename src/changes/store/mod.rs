//! Clients' logs in the database: reading them. [`look`] reads what they are made from, [`keep`]
//! writes them.

pub mod keep;
pub mod look;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::model::{Entry, EntryKind, Feed, News};
use crate::db::error::stored;
use crate::db::schema::{client_changes as entries, client_feeds as feeds};
use crate::db::{Conn, DbError, StoreError};
use crate::kernel::id::{AdvisoryId, ArticleId, ChangeId, ClientId, Id};
use crate::kernel::time::from_db;
use crate::rights::{Extent, ReasonClass};

#[derive(Queryable, Selectable)]
#[diesel(table_name = entries)]
struct Row {
    n: i64,
    id: String,
    at: NaiveDateTime,
    kind: String,
    article_id: String,
    version: Option<i64>,
    extent: Option<String>,
    reason_class: Option<String>,
    advisory_id: Option<String>,
}

impl Row {
    fn read(self) -> Result<(i64, Entry), DbError> {
        let extent = self.extent.as_deref().map(Extent::parse);
        let class = self.reason_class.as_deref().map(ReasonClass::parse);
        let advisory = self.advisory_id.as_deref().map(AdvisoryId::parse);
        let article = ArticleId::parse(&self.article_id);
        let entry = Entry {
            id: stored(ChangeId::parse(&self.id), "client_changes.id")?,
            article: stored(article, "client_changes.article_id")?,
            news: News {
                kind: stored(EntryKind::parse(&self.kind), "client_changes.kind")?,
                at: from_db(self.at),
                version: self.version,
                extent: extent
                    .map(|it| stored(it, "client_changes.extent"))
                    .transpose()?,
                reason_class: class
                    .map(|it| stored(it, "client_changes.reason_class"))
                    .transpose()?,
                advisory: advisory
                    .map(|it| stored(it, "client_changes.advisory_id"))
                    .transpose()?,
            },
        };
        Ok((self.n, entry))
    }
}

/// The entries of a client's log with a number above `n`, in their order, at most `limit`.
///
/// # Errors
/// A database error.
pub fn after(
    conn: &mut Conn,
    client: ClientId,
    n: i64,
    limit: i64,
) -> Result<Vec<(i64, Entry)>, StoreError> {
    let rows: Vec<Row> = entries::table
        .filter(entries::client_id.eq(client.to_string()))
        .filter(entries::n.gt(n))
        .order(entries::n.asc())
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    let read = rows.into_iter().map(Row::read);
    Ok(read.collect::<Result<_, DbError>>()?)
}

/// The number of an entry; `None` if the client's log has none of this id.
///
/// # Errors
/// A database error.
pub fn number(conn: &mut Conn, client: ClientId, id: ChangeId) -> Result<Option<i64>, StoreError> {
    let of = entries::table
        .filter(entries::client_id.eq(client.to_string()))
        .filter(entries::id.eq(id.to_string()));
    Ok(of.select(entries::n).first(conn).optional()?)
}

/// How far a client's log has come; `None` before it was begun.
///
/// # Errors
/// A database error.
pub fn feed(conn: &mut Conn, client: ClientId) -> Result<Option<Feed>, StoreError> {
    #[derive(Queryable, Selectable)]
    #[diesel(table_name = feeds)]
    struct Row {
        revision: i64,
        last_n: i64,
        seen_seq: i64,
        seen_at: NaiveDateTime,
        sweep_after: Option<String>,
        sweep_again: bool,
    }
    let row: Option<Row> = feeds::table
        .find(client.to_string())
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(|row| Feed {
        revision: row.revision,
        last_n: row.last_n,
        seen_seq: row.seen_seq,
        seen_at: from_db(row.seen_at),
        sweep_after: row.sweep_after,
        sweep_again: row.sweep_again,
    }))
}
