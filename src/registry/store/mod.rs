//! Editions in the database: reading them. [`import`] brings them in, [`reviews`] is what a
//! delisting leaves behind.

pub mod import;
pub mod reviews;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::model::{Edition, Listed};
use crate::db::error::stored;
use crate::db::page::{Window, id_page};
use crate::db::schema::{registry_editions as editions, registry_entries as entries};
use crate::db::{Conn, Db, StoreError};
use crate::kernel::id::{EditionId, Id, UserId};
use crate::kernel::text::name_key;
use crate::kernel::time::from_db;

#[derive(Queryable, Selectable)]
#[diesel(table_name = editions)]
struct Row {
    id: String,
    name: String,
    valid_from: NaiveDateTime,
    valid_until: Option<NaiveDateTime>,
    digest: String,
    entries: i64,
    imported_at: NaiveDateTime,
    imported_by: Option<String>,
}

impl Row {
    fn read(self) -> Result<Edition, StoreError> {
        let by = self.imported_by.as_deref();
        Ok(Edition {
            id: stored(EditionId::parse(&self.id), "registry_editions.id")?,
            name: self.name,
            valid_from: from_db(self.valid_from),
            valid_until: self.valid_until.map(from_db),
            digest: self.digest,
            entries: self.entries,
            imported_at: from_db(self.imported_at),
            imported_by: by
                .map(|id| stored(UserId::parse(id), "registry_editions.imported_by"))
                .transpose()?,
        })
    }
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, id: EditionId) -> Result<Edition, StoreError> {
    db.read(move |conn| find(conn, id)).await
}

fn find(conn: &mut Conn, id: EditionId) -> Result<Edition, StoreError> {
    editions::table
        .find(id.to_string())
        .select(Row::as_select())
        .first(conn)
        .map_err(StoreError::from)
        .and_then(Row::read)
}

/// One page in the order in which they were imported, with one edition too many if there are
/// more, and the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    descending: bool,
    window: Window,
) -> Result<(Vec<Edition>, Option<i64>), StoreError> {
    db.read(move |conn| page(conn, descending, &window)).await
}

/// [`list`] on this thread.
///
/// # Errors
/// A database error.
pub fn list_now(db: &Db, window: &Window) -> Result<Vec<Edition>, StoreError> {
    Ok(db.read_now(|conn| page(conn, false, window))?.0)
}

fn page(
    conn: &mut Conn,
    descending: bool,
    window: &Window,
) -> Result<(Vec<Edition>, Option<i64>), StoreError> {
    let total = match window.count {
        true => Some(editions::table.count().get_result(conn)?),
        false => None,
    };
    let after = window.after.clone().map(|mark| mark.id).unwrap_or_default();
    let all = editions::table.into_boxed();
    let rows: Vec<Row> = id_page!(all, window, descending, editions::id, after)
        .select(Row::as_select())
        .load(conn)?;
    let page = rows.into_iter().map(Row::read).collect::<Result<_, _>>()?;
    Ok((page, total))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = entries)]
struct EntryRow {
    name: String,
    category: Option<String>,
    region: Option<String>,
    homepage_url: Option<String>,
}

impl From<EntryRow> for Listed {
    fn from(row: EntryRow) -> Self {
        Self {
            name: row.name,
            category: row.category,
            region: row.region,
            homepage_url: row.homepage_url,
        }
    }
}

/// One page of what stands on an edition, in the order of the folded names, which are what a
/// mark holds as its id; of those alone that begin with `prefix`. With one entry too many if there
/// are more, and the total if asked for.
///
/// # Errors
/// [`StoreError::NotFound`] for an edition that is not there, or a database error.
pub async fn entries(
    db: &Db,
    edition: EditionId,
    prefix: Option<String>,
    window: Window,
) -> Result<(Vec<Listed>, Option<i64>), StoreError> {
    db.read(move |conn| {
        find(conn, edition)?;
        // Both engines compare bytes here: what begins so lies between it and its last successor.
        let range = prefix
            .map(|prefix| name_key(&prefix))
            .filter(|prefix| !prefix.is_empty())
            .map(|prefix| (format!("{prefix}\u{10FFFF}"), prefix));
        let matching = || {
            let query = entries::table
                .filter(entries::edition_id.eq(edition.to_string()))
                .into_boxed();
            match range.clone() {
                None => query,
                Some((end, from)) => query
                    .filter(entries::name_key.ge(from))
                    .filter(entries::name_key.lt(end)),
            }
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let after = window.after.clone().map(|mark| mark.id).unwrap_or_default();
        let query = matching();
        let rows: Vec<EntryRow> = id_page!(query, window, false, entries::name_key, after)
            .select(EntryRow::as_select())
            .load(conn)?;
        Ok((rows.into_iter().map(Listed::from).collect(), total))
    })
    .await
}
