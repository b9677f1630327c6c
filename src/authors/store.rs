//! Authors in the database.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::model::{Author, AuthorKind, Profile};
use crate::db::error::stored;
use crate::db::page::{Catalogue, Sort, Window, catalogue_page};
use crate::db::references::{self, To};
use crate::db::schema::{article_listings as listings, authors};
use crate::db::{Change, Conn, Db, Entry, StoreError, Tx, WriteCx, Written};
use crate::kernel::id::{AuthorId, Id};
use crate::kernel::text::title_key;
use crate::kernel::time::{from_db, to_db};
use crate::rights::Origin;

const NOUN: &str = "author";

#[derive(Queryable, Selectable)]
#[diesel(table_name = authors)]
struct Row {
    id: String,
    revision: i64,
    name: String,
    real_name: Option<String>,
    kind: String,
    bio: String,
    contact: Option<String>,
    active: bool,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// The columns that a profile fills.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = authors, treat_none_as_null = true)]
struct Columns<'a> {
    name: &'a str,
    name_key: String,
    real_name: Option<&'a str>,
    kind: &'static str,
    bio: &'a str,
    contact: Option<&'a str>,
    active: bool,
}

impl<'a> From<&'a Profile> for Columns<'a> {
    fn from(profile: &'a Profile) -> Self {
        Self {
            name: &profile.name,
            name_key: title_key(&profile.name),
            real_name: profile.real_name.as_deref(),
            kind: profile.kind.as_str(),
            bio: &profile.bio,
            contact: profile.contact.as_deref(),
            active: profile.active,
        }
    }
}

impl Row {
    fn read(self) -> Result<Author, StoreError> {
        Ok(Author {
            id: stored(AuthorId::parse(&self.id), "authors.id")?,
            revision: self.revision,
            profile: Profile {
                name: self.name,
                real_name: self.real_name,
                kind: stored(AuthorKind::parse(&self.kind), "authors.kind")?,
                bio: self.bio,
                contact: self.contact,
                active: self.active,
            },
            created_at: from_db(self.created_at),
            updated_at: from_db(self.updated_at),
        })
    }
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, id: AuthorId) -> Result<Author, StoreError> {
    db.read(move |conn| find(conn, id)).await
}

fn find(conn: &mut Conn, id: AuthorId) -> Result<Author, StoreError> {
    authors::table
        .find(id.to_string())
        .select(Row::as_select())
        .first(conn)
        .map_err(StoreError::from)
        .and_then(Row::read)
}

/// Which authors a list holds.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub kind: Option<AuthorKind>,
    pub active: Option<bool>,
}

/// One page, with one author too many if there are more, and the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    filter: Filter,
    sort: Sort<Catalogue>,
    window: Window,
) -> Result<(Vec<Author>, Option<i64>), StoreError> {
    db.read_scaled(move |conn| {
        let matching = || {
            let mut query = authors::table.into_boxed();
            if let Some(kind) = filter.kind {
                query = query.filter(authors::kind.eq(kind.as_str()));
            }
            if let Some(active) = filter.active {
                query = query.filter(authors::active.eq(active));
            }
            query
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let rows: Vec<Row> = catalogue_page!(matching(), window, sort, authors)
            .select(Row::as_select())
            .load(conn)?;
        let page = rows.into_iter().map(Row::read).collect::<Result<_, _>>()?;
        Ok((page, total))
    })
    .await
}

/// # Errors
/// A database error, or the idempotency key's.
pub async fn create(db: &Db, cx: WriteCx, profile: Profile) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let id: AuthorId = tx.cx.mint.id(tx.now());
        insert(tx, id, &profile)?;
        Ok(Written::created(id))
    })
    .await
}

/// Adds an author within a transaction, for loads of whole newsrooms.
///
/// # Errors
/// A database error.
pub fn insert(tx: &mut Tx<'_>, id: AuthorId, profile: &Profile) -> Result<(), StoreError> {
    diesel::insert_into(authors::table)
        .values((
            authors::id.eq(id.to_string()),
            authors::revision.eq(1),
            Columns::from(profile),
            authors::created_at.eq(to_db(tx.now())),
            authors::updated_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)?;
    tx.record(Entry::new(Change::Created, NOUN, &id.to_string()))?;
    Ok(())
}

/// Replaces the profile of an author who still has this revision; gives the new one.
///
/// # Errors
/// [`StoreError::NotFound`], [`StoreError::Stale`], or a database error.
pub async fn update(
    db: &Db,
    cx: WriteCx,
    id: AuthorId,
    revision: i64,
    profile: Profile,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        check(tx.conn, id, revision)?;
        if profile.real_name.is_none() && edits_live_reprints(tx.conn, id)? {
            return Err(StoreError::State(
                "Published reprints name this editor by real name; it cannot be taken away."
                    .to_owned(),
            ));
        }
        diesel::update(authors::table.find(id.to_string()))
            .set((
                authors::revision.eq(revision + 1),
                Columns::from(&profile),
                authors::updated_at.eq(to_db(tx.now())),
            ))
            .execute(tx.conn)?;
        tx.record(Entry::new(Change::Updated, NOUN, &id.to_string()))?;
        Ok(())
    })
    .await
}

/// # Errors
/// [`StoreError::InUse`] while a version of an article names the author;
/// [`StoreError::NotFound`], [`StoreError::Stale`], or a database error.
pub async fn delete(db: &Db, cx: WriteCx, id: AuthorId, revision: i64) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        check(tx.conn, id, revision)?;
        if let Some(users) = references::articles(tx.conn, To::Author(&id.to_string()))? {
            return Err(StoreError::InUse(vec![users]));
        }
        diesel::delete(authors::table.find(id.to_string())).execute(tx.conn)?;
        tx.record(Entry::new(Change::Deleted, NOUN, &id.to_string()))?;
        Ok(())
    })
    .await
}

/// Whether a reprint that readers have names this person as its editor (rule 14).
fn edits_live_reprints(conn: &mut Conn, id: AuthorId) -> Result<bool, StoreError> {
    Ok(listings::table
        .filter(listings::side.eq("live"))
        .filter(listings::editor_id.eq(id.to_string()))
        .filter(listings::origin.eq(Origin::Reprint.as_str()))
        .select(listings::article_id)
        .first::<String>(conn)
        .optional()?
        .is_some())
}

fn check(conn: &mut Conn, id: AuthorId, revision: i64) -> Result<(), StoreError> {
    let current: i64 = authors::table
        .find(id.to_string())
        .select(authors::revision)
        .first(conn)?;
    if current == revision {
        Ok(())
    } else {
        Err(StoreError::Stale { current })
    }
}

/// People in the register who are printed by these names: the name and who it is.
///
/// # Errors
/// A database error.
pub fn named(conn: &mut Conn, names: &[String]) -> Result<Vec<(String, AuthorId)>, StoreError> {
    let keys: Vec<String> = names.iter().map(|name| title_key(name)).collect();
    let rows: Vec<(String, String)> = authors::table
        .filter(authors::name_key.eq_any(keys))
        .filter(authors::active.eq(true))
        .order(authors::id)
        .select((authors::name, authors::id))
        .load(conn)?;
    rows.into_iter()
        .map(|(name, id)| Ok((name, stored(AuthorId::parse(&id), "authors.id")?)))
        .collect()
}
