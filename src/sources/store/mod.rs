//! Sources in the database.

mod names;

pub use names::{named, names};

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::db::error::{stored, stored_json, to_json};
use crate::db::page::{Catalogue, Sort, Window, catalogue_page};
use crate::db::references::{self, To};
use crate::db::schema::{
    inbound_grants, source_names, source_registrations as registrations, sources,
};
use crate::db::{
    Change, Conn, Db, DbError, Entry, InUse, StoreError, Tx, WriteCx, Written, on_each,
};
use crate::kernel::fault::Fault;
use crate::kernel::id::{Id, SourceId};
use crate::kernel::text::title_key;
use crate::kernel::time::{from_db, to_db};
use crate::rights::SourceKind;
use crate::sources::model::{Profile, Registration, Source};

const NOUN: &str = "source";

#[derive(Queryable, Selectable)]
#[diesel(table_name = sources)]
struct Row {
    id: String,
    revision: i64,
    name: String,
    credit_label: String,
    aliases: String,
    official_forms: String,
    kind: String,
    homepage_url: Option<String>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// The columns that a profile fills.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = sources, treat_none_as_null = true)]
struct Columns<'a> {
    name: &'a str,
    name_key: String,
    credit_label: &'a str,
    aliases: String,
    official_forms: String,
    kind: &'static str,
    homepage_url: Option<&'a str>,
}

#[derive(Insertable)]
#[diesel(table_name = source_names)]
struct NameRow {
    name_key: String,
    source_id: String,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = registrations)]
struct RegistrationRow {
    source_id: String,
    position: i64,
    list_edition: String,
    valid_from: NaiveDateTime,
    valid_until: Option<NaiveDateTime>,
}

impl<'a> TryFrom<&'a Profile> for Columns<'a> {
    type Error = DbError;

    fn try_from(profile: &'a Profile) -> Result<Self, DbError> {
        Ok(Self {
            name: &profile.name,
            name_key: title_key(&profile.name),
            credit_label: &profile.credit_label,
            aliases: to_json(&profile.aliases)?,
            official_forms: to_json(&profile.official_forms)?,
            kind: profile.kind.as_str(),
            homepage_url: profile.homepage_url.as_deref(),
        })
    }
}

impl Row {
    fn read(self, registry: Vec<Registration>) -> Result<Source, StoreError> {
        Ok(Source {
            id: stored(SourceId::parse(&self.id), "sources.id")?,
            revision: self.revision,
            profile: Profile {
                name: self.name,
                credit_label: self.credit_label,
                aliases: stored_json(&self.aliases, "sources.aliases")?,
                official_forms: stored_json(&self.official_forms, "sources.official_forms")?,
                kind: stored(SourceKind::parse(&self.kind), "sources.kind")?,
                homepage_url: self.homepage_url,
                registry,
            },
            created_at: from_db(self.created_at),
            updated_at: from_db(self.updated_at),
        })
    }
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, id: SourceId) -> Result<Source, StoreError> {
    db.read(move |conn| find(conn, id)).await
}

fn find(conn: &mut Conn, id: SourceId) -> Result<Source, StoreError> {
    let row: Row = sources::table
        .find(id.to_string())
        .select(Row::as_select())
        .first(conn)?;
    let registry = registries(conn, &[&row.id])?.remove(&row.id);
    row.read(registry.unwrap_or_default())
}

/// The registry entries of several sources, by id, each in order.
fn registries(
    conn: &mut Conn,
    ids: &[&str],
) -> Result<HashMap<String, Vec<Registration>>, DbError> {
    let rows: Vec<RegistrationRow> = registrations::table
        .filter(registrations::source_id.eq_any(ids))
        .order((registrations::source_id, registrations::position))
        .select(RegistrationRow::as_select())
        .load(conn)?;
    let mut found: HashMap<String, Vec<Registration>> = HashMap::new();
    for row in rows {
        found.entry(row.source_id).or_default().push(Registration {
            list_edition: row.list_edition,
            valid_from: from_db(row.valid_from),
            valid_until: row.valid_until.map(from_db),
        });
    }
    Ok(found)
}

/// Which sources a list holds.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub kind: Option<SourceKind>,
}

/// One page, with one source too many if there are more, and the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    filter: Filter,
    sort: Sort<Catalogue>,
    window: Window,
) -> Result<(Vec<Source>, Option<i64>), StoreError> {
    db.read_scaled(move |conn| {
        let matching = || {
            let mut query = sources::table.into_boxed();
            if let Some(kind) = filter.kind {
                query = query.filter(sources::kind.eq(kind.as_str()));
            }
            query
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let rows: Vec<Row> = catalogue_page!(matching(), window, sort, sources)
            .select(Row::as_select())
            .load(conn)?;
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let mut registries = registries(conn, &ids)?;
        let page = rows
            .into_iter()
            .map(|row| {
                let registry = registries.remove(&row.id).unwrap_or_default();
                row.read(registry)
            })
            .collect::<Result<_, _>>()?;
        Ok((page, total))
    })
    .await
}

/// # Errors
/// [`StoreError::Clashes`] where names belong to another source; a database error, or the
/// idempotency key's.
pub async fn create(db: &Db, cx: WriteCx, profile: Profile) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let id: SourceId = tx.cx.mint.id(tx.now());
        insert(tx, id, &profile)?;
        Ok(Written::created(id))
    })
    .await
}

/// Adds a source within a transaction, for loads of whole newsrooms.
///
/// # Errors
/// [`StoreError::Clashes`], or a database error.
pub fn insert(tx: &mut Tx<'_>, id: SourceId, profile: &Profile) -> Result<(), StoreError> {
    unclaimed(tx.conn, id, profile)?;
    diesel::insert_into(sources::table)
        .values((
            sources::id.eq(id.to_string()),
            sources::revision.eq(1),
            Columns::try_from(profile)?,
            sources::created_at.eq(to_db(tx.now())),
            sources::updated_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)?;
    attach(tx.conn, id, profile)?;
    tx.record(Entry::new(Change::Created, NOUN, &id.to_string()))?;
    Ok(())
}

/// Replaces the profile of a source that still has this revision.
///
/// # Errors
/// [`StoreError::Clashes`] where names belong to another source, [`StoreError::State`] for
/// another kind while articles or grants depend on it; [`StoreError::NotFound`],
/// [`StoreError::Stale`], or a database error.
pub async fn update(
    db: &Db,
    cx: WriteCx,
    id: SourceId,
    revision: i64,
    profile: Profile,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        let kind = check(tx.conn, id, revision)?;
        if kind != profile.kind {
            kind_is_free(tx.conn, id)?;
        }
        unclaimed(tx.conn, id, &profile)?;
        diesel::update(sources::table.find(id.to_string()))
            .set((
                sources::revision.eq(revision + 1),
                Columns::try_from(&profile)?,
                sources::updated_at.eq(to_db(tx.now())),
            ))
            .execute(tx.conn)?;
        detach(tx.conn, id)?;
        attach(tx.conn, id, &profile)?;
        tx.record(Entry::new(Change::Updated, NOUN, &id.to_string()))?;
        Ok(())
    })
    .await
}

/// # Errors
/// [`StoreError::InUse`] while a version of an article names the source, grants hang on it or a
/// licence selects it;
/// [`StoreError::NotFound`], [`StoreError::Stale`], or a database error.
pub async fn delete(db: &Db, cx: WriteCx, id: SourceId, revision: i64) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        check(tx.conn, id, revision)?;
        let articles = references::articles(tx.conn, To::Source(&id.to_string()))?;
        // A grant is evidence, and not everyone who edits sources may end one.
        let mut users: Vec<InUse> = articles.into_iter().chain(grants(tx.conn, id)?).collect();
        users.extend(references::licences(tx.conn, To::Source(&id.to_string()))?);
        users.extend(references::holds(tx.conn, To::Source(&id.to_string()))?);
        if !users.is_empty() {
            return Err(StoreError::InUse(users));
        }
        detach(tx.conn, id)?;
        diesel::delete(sources::table.find(id.to_string())).execute(tx.conn)?;
        tx.record(Entry::new(Change::Deleted, NOUN, &id.to_string()))?;
        Ok(())
    })
    .await
}

/// That no other source has one of these names.
fn unclaimed(conn: &mut Conn, id: SourceId, profile: &Profile) -> Result<(), StoreError> {
    let names = profile.names();
    let keys: BTreeSet<&str> = names.iter().map(|(_, key)| key.as_str()).collect();
    let taken: Vec<(String, String)> = source_names::table
        .filter(source_names::name_key.eq_any(keys))
        .filter(source_names::source_id.ne(id.to_string()))
        .select((source_names::name_key, source_names::source_id))
        .load(conn)?;
    if taken.is_empty() {
        return Ok(());
    }
    let owners: BTreeMap<String, String> = taken.into_iter().collect();
    let clashes = names.into_iter().filter_map(|(pointer, key)| {
        let owner = owners.get(&key)?;
        let detail = format!("means the source {owner}; a name means one source");
        Some(Fault::new(pointer, "taken", detail))
    });
    Err(StoreError::Clashes(clashes.collect()))
}

/// That neither articles nor grants depend on what kind the source is.
fn kind_is_free(conn: &mut Conn, id: SourceId) -> Result<(), StoreError> {
    if let Some(users) = references::articles(conn, To::Source(&id.to_string()))? {
        let count = users.count;
        return Err(StoreError::State(format!(
            "The kind stays while articles use the source ({count} do): their origin follows from it, \
             and published reprints would become own works unchecked. Add another source instead."
        )));
    }
    if let Some(users) = grants(conn, id)? {
        let count = users.count;
        return Err(StoreError::State(format!(
            "The kind stays while the source has grants ({count}): own works need none. Remove them first."
        )));
    }
    Ok(())
}

/// The grants that hang on a source.
fn grants(conn: &mut Conn, id: SourceId) -> Result<Option<InUse>, DbError> {
    const NAMED: i64 = 10;
    let found = || inbound_grants::table.filter(inbound_grants::source_id.eq(id.to_string()));
    let ids: Vec<String> = found()
        .select(inbound_grants::id)
        .order(inbound_grants::id)
        .limit(NAMED)
        .load(conn)?;
    if ids.is_empty() {
        return Ok(None);
    }
    let count = found().count().get_result(conn)?;
    Ok(Some(InUse {
        by: "grants",
        ids,
        count,
    }))
}

/// Writes what hangs on a source: its names and its registry entries.
fn attach(conn: &mut Conn, id: SourceId, profile: &Profile) -> Result<(), DbError> {
    let keys: BTreeSet<String> = profile.names().into_iter().map(|(_, key)| key).collect();
    let names: Vec<NameRow> = keys
        .into_iter()
        .map(|name_key| NameRow {
            name_key,
            source_id: id.to_string(),
        })
        .collect();
    on_each!(conn, |conn| diesel::insert_into(source_names::table)
        .values(&names)
        .execute(conn))?;
    let entries: Vec<RegistrationRow> = (0..)
        .zip(&profile.registry)
        .map(|(position, entry)| RegistrationRow {
            source_id: id.to_string(),
            position,
            list_edition: entry.list_edition.clone(),
            valid_from: to_db(entry.valid_from),
            valid_until: entry.valid_until.map(to_db),
        })
        .collect();
    on_each!(conn, |conn| diesel::insert_into(registrations::table)
        .values(&entries)
        .execute(conn))?;
    Ok(())
}

fn detach(conn: &mut Conn, id: SourceId) -> Result<(), DbError> {
    diesel::delete(source_names::table.filter(source_names::source_id.eq(id.to_string())))
        .execute(conn)?;
    diesel::delete(registrations::table.filter(registrations::source_id.eq(id.to_string())))
        .execute(conn)?;
    Ok(())
}

/// That the source still has this revision; gives its kind.
fn check(conn: &mut Conn, id: SourceId, revision: i64) -> Result<SourceKind, StoreError> {
    let (current, kind): (i64, String) = sources::table
        .find(id.to_string())
        .select((sources::revision, sources::kind))
        .first(conn)?;
    if current == revision {
        Ok(stored(SourceKind::parse(&kind), "sources.kind")?)
    } else {
        Err(StoreError::Stale { current })
    }
}
