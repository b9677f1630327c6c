//! Sections in the database.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::model::{Crumb, Draft, Leaf, Node, Section, free_slug, grow};
use crate::db::error::stored;
use crate::db::page::{Catalogue, Sort, Window, catalogue_page};
use crate::db::references::{self, To};
use crate::db::schema::sections;
use crate::db::tree::{self, DEEPEST, MOST_SECTIONS};
use crate::db::{Change, Conn, Db, Entry, InUse, StoreError, Tx, WriteCx, Written};
use crate::kernel::fault::Fault;
use crate::kernel::id::{Id, SectionId};
use crate::kernel::text::{slugify, title_key};
use crate::kernel::time::{from_db, to_db};

const NOUN: &str = "section";

#[derive(Queryable, Selectable)]
#[diesel(table_name = sections)]
struct Row {
    id: String,
    revision: i64,
    slug: String,
    name: String,
    parent_id: Option<String>,
    position: i64,
    description: String,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// The columns that a draft fills.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = sections, treat_none_as_null = true)]
struct Columns<'a> {
    slug: String,
    name: &'a str,
    name_key: String,
    parent_id: Option<String>,
    position: i64,
    description: &'a str,
}

impl<'a> Columns<'a> {
    fn of(draft: &'a Draft, slug: String) -> Self {
        Self {
            slug,
            name: &draft.name,
            name_key: title_key(&draft.name),
            parent_id: draft.parent_id.map(|parent| parent.to_string()),
            position: draft.position,
            description: &draft.description,
        }
    }
}

impl Row {
    fn read(self, breadcrumb: Vec<Crumb>) -> Result<Section, StoreError> {
        Ok(Section {
            id: stored(SectionId::parse(&self.id), "sections.id")?,
            revision: self.revision,
            slug: self.slug,
            name: self.name,
            parent_id: parent(self.parent_id.as_deref())?,
            position: self.position,
            description: self.description,
            breadcrumb,
            created_at: from_db(self.created_at),
            updated_at: from_db(self.updated_at),
        })
    }
}

fn parent(id: Option<&str>) -> Result<Option<SectionId>, StoreError> {
    let read = |id| stored(SectionId::parse(id), "sections.parent_id");
    Ok(id.map(read).transpose()?)
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, id: SectionId) -> Result<Section, StoreError> {
    db.read(move |conn| {
        let row: Row = sections::table
            .find(id.to_string())
            .select(Row::as_select())
            .first(conn)?;
        let breadcrumb = paths(conn, &[id])?.remove(&id).unwrap_or_default();
        row.read(breadcrumb)
    })
    .await
}

/// The breadcrumbs of sections, by id, in a bounded number of queries.
///
/// # Errors
/// A database error.
pub fn paths(
    conn: &mut Conn,
    ids: &[SectionId],
) -> Result<HashMap<SectionId, Vec<Crumb>>, StoreError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    tree::paths(conn, &ids)?
        .into_iter()
        .map(|(id, way)| {
            let crumbs = way.into_iter().map(|step| {
                Ok(Crumb {
                    id: stored(SectionId::parse(&step.id), "sections.id")?,
                    slug: step.slug,
                    name: step.name,
                })
            });
            let id = stored(SectionId::parse(&id), "sections.id")?;
            Ok((id, crumbs.collect::<Result<_, StoreError>>()?))
        })
        .collect()
}

/// All sections below one, without itself.
///
/// # Errors
/// A database error.
pub fn descendants(conn: &mut Conn, id: SectionId) -> Result<Vec<SectionId>, StoreError> {
    tree::descendants(conn, &id.to_string())?
        .iter()
        .map(|id| Ok(stored(SectionId::parse(id), "sections.id")?))
        .collect()
}

/// Where in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parent {
    Root,
    Section(SectionId),
}

/// Which sections a list holds.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub parent: Option<Parent>,
}

/// One page, with one section too many if there are more, and the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    filter: Filter,
    sort: Sort<Catalogue>,
    window: Window,
) -> Result<(Vec<Section>, Option<i64>), StoreError> {
    db.read_scaled(move |conn| {
        let matching = || {
            let query = sections::table.into_boxed();
            match filter.parent {
                None => query,
                Some(Parent::Root) => query.filter(sections::parent_id.is_null()),
                Some(Parent::Section(id)) => query.filter(sections::parent_id.eq(id.to_string())),
            }
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let rows: Vec<Row> = catalogue_page!(matching(), window, sort, sections)
            .select(Row::as_select())
            .load(conn)?;
        let ids = rows
            .iter()
            .map(|row| stored(SectionId::parse(&row.id), "sections.id"))
            .collect::<Result<Vec<_>, _>>()?;
        let mut paths = paths(conn, &ids)?;
        let page = ids
            .iter()
            .zip(rows)
            .map(|(id, row)| row.read(paths.remove(id).unwrap_or_default()))
            .collect::<Result<_, _>>()?;
        Ok((page, total))
    })
    .await
}

/// All sections, nested; siblings by position, then by id.
///
/// # Errors
/// A database error.
pub async fn whole_tree(db: &Db) -> Result<Vec<Node>, StoreError> {
    db.read_scaled(|conn| {
        let rows: Vec<Row> = sections::table
            .order((sections::position.asc(), sections::id.asc()))
            .select(Row::as_select())
            .load(conn)?;
        let leaves = rows.into_iter().map(|row| {
            Ok(Leaf {
                id: stored(SectionId::parse(&row.id), "sections.id")?,
                slug: row.slug,
                name: row.name,
                parent_id: parent(row.parent_id.as_deref())?,
                position: row.position,
                description: row.description,
            })
        });
        Ok(grow(leaves.collect::<Result<_, StoreError>>()?))
    })
    .await
}

/// # Errors
/// [`StoreError::Taken`] for a slug in use, [`StoreError::State`] where the tree is full,
/// [`StoreError::Invalid`] for a parent that cannot be one, the idempotency key's errors,
/// or a database error.
pub async fn create(db: &Db, cx: WriteCx, draft: Draft) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let id: SectionId = tx.cx.mint.id(tx.now());
        insert(tx, id, &draft)?;
        Ok(Written::created(id))
    })
    .await
}

/// Adds a section within a transaction, for loads of whole newsrooms.
///
/// # Errors
/// Those of [`create`], but the idempotency key's.
pub fn insert(tx: &mut Tx<'_>, id: SectionId, draft: &Draft) -> Result<(), StoreError> {
    let count: i64 = sections::table.count().get_result(tx.conn)?;
    if count >= MOST_SECTIONS {
        return Err(StoreError::State(format!(
            "There are {count} sections, as many as a site may have."
        )));
    }
    place(tx.conn, id, draft.parent_id, 1)?;
    let slug = slug(tx.conn, id, draft)?;
    diesel::insert_into(sections::table)
        .values((
            sections::id.eq(id.to_string()),
            sections::revision.eq(1),
            Columns::of(draft, slug),
            sections::created_at.eq(to_db(tx.now())),
            sections::updated_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)
        .map_err(slug_taken)?;
    tx.record(Entry::new(Change::Created, NOUN, &id.to_string()))?;
    Ok(())
}

/// Replaces what is said of a section that still has this revision. What stands below it
/// moves along unchanged.
///
/// # Errors
/// [`StoreError::NotFound`], [`StoreError::Stale`], [`StoreError::Taken`] for a slug in
/// use, [`StoreError::Invalid`] for a parent that cannot be one, or a database error.
pub async fn update(
    db: &Db,
    cx: WriteCx,
    id: SectionId,
    revision: i64,
    draft: Draft,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        let before = check(tx.conn, id, revision)?;
        if before != draft.parent_id {
            let levels = 1 + tree::levels_below(tx.conn, &id.to_string())?.len();
            place(tx.conn, id, draft.parent_id, levels)?;
        }
        let slug = slug(tx.conn, id, &draft)?;
        diesel::update(sections::table.find(id.to_string()))
            .set((
                sections::revision.eq(revision + 1),
                Columns::of(&draft, slug),
                sections::updated_at.eq(to_db(tx.now())),
            ))
            .execute(tx.conn)
            .map_err(slug_taken)?;
        tx.record(Entry::new(Change::Updated, NOUN, &id.to_string()))?;
        Ok(())
    })
    .await
}

/// # Errors
/// [`StoreError::InUse`] while sections stand below it, a version of an article names it or a
/// licence selects it; [`StoreError::NotFound`], [`StoreError::Stale`], or a database error.
pub async fn delete(db: &Db, cx: WriteCx, id: SectionId, revision: i64) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        check(tx.conn, id, revision)?;
        let mut users: Vec<InUse> = children(tx.conn, id)?.into_iter().collect();
        users.extend(references::articles(tx.conn, To::Section(&id.to_string()))?);
        users.extend(references::licences(tx.conn, To::Section(&id.to_string()))?);
        if !users.is_empty() {
            return Err(StoreError::InUse(users));
        }
        diesel::delete(sections::table.find(id.to_string())).execute(tx.conn)?;
        tx.record(Entry::new(Change::Deleted, NOUN, &id.to_string()))?;
        Ok(())
    })
    .await
}

/// The sections right below one, if there are any.
fn children(conn: &mut Conn, id: SectionId) -> Result<Option<InUse>, StoreError> {
    const NAMED: i64 = 10;
    let found = || sections::table.filter(sections::parent_id.eq(id.to_string()));
    let ids: Vec<String> = found()
        .order((sections::position.asc(), sections::id.asc()))
        .select(sections::id)
        .limit(NAMED)
        .load(conn)?;
    if ids.is_empty() {
        return Ok(None);
    }
    Ok(Some(InUse {
        by: "sections",
        ids,
        count: found().count().get_result(conn)?,
    }))
}

/// Whether a section with so many levels, its own included, may stand below a parent.
fn place(
    conn: &mut Conn,
    id: SectionId,
    parent: Option<SectionId>,
    levels: usize,
) -> Result<(), StoreError> {
    let Some(parent) = parent else {
        return Ok(());
    };
    let refuse =
        |code, detail: String| StoreError::Invalid(vec![Fault::new("/parent_id", code, detail)]);
    let above = tree::paths(conn, &[parent.to_string()])?
        .remove(&parent.to_string())
        .ok_or_else(|| refuse("unknown", "is no section".to_owned()))?;
    if above.iter().any(|step| step.id == id.to_string()) {
        let detail = "is the section itself or stands below it".to_owned();
        return Err(refuse("cycle", detail));
    }
    if above.len() + levels > DEEPEST {
        let detail = format!("would make a tree of more than {DEEPEST} levels");
        return Err(refuse("depth", detail));
    }
    Ok(())
}

/// The slug that was chosen, or a free one made from the name.
fn slug(conn: &mut Conn, id: SectionId, draft: &Draft) -> Result<String, StoreError> {
    if let Some(slug) = &draft.slug {
        return Ok(slug.clone());
    }
    let base = slugify(&draft.name);
    // A slug has no character that LIKE reads as a wildcard.
    let taken: Vec<String> = sections::table
        .filter(sections::slug.like(format!("{base}%")))
        .filter(sections::id.ne(id.to_string()))
        .select(sections::slug)
        .load(conn)?;
    Ok(free_slug(&base, &taken.into_iter().collect::<HashSet<_>>()))
}

fn slug_taken(error: diesel::result::Error) -> StoreError {
    StoreError::from(error).taken("slug", "/slug", "another section has this slug")
}

/// Checks the revision; gives the parent that stands.
fn check(conn: &mut Conn, id: SectionId, revision: i64) -> Result<Option<SectionId>, StoreError> {
    let (current, before): (i64, Option<String>) = sections::table
        .find(id.to_string())
        .select((sections::revision, sections::parent_id))
        .first(conn)?;
    if current == revision {
        parent(before.as_deref())
    } else {
        Err(StoreError::Stale { current })
    }
}

/// Sections of these names: the name and which one it is.
///
/// # Errors
/// A database error.
pub fn named(conn: &mut Conn, names: &[String]) -> Result<Vec<(String, SectionId)>, StoreError> {
    let keys: Vec<String> = names.iter().map(|name| title_key(name)).collect();
    let rows: Vec<(String, String)> = sections::table
        .filter(sections::name_key.eq_any(keys))
        .order(sections::id)
        .select((sections::name, sections::id))
        .load(conn)?;
    rows.into_iter()
        .map(|(name, id)| Ok((name, stored(SectionId::parse(&id), "sections.id")?)))
        .collect()
}
