//! Partners in the database.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::model::{Partner, PartnerStatus, Profile};
use crate::db::error::{stored, stored_json, to_json};
use crate::db::page::{Catalogue, Sort, Window, catalogue_page};
use crate::db::schema::{clients, licences, partners};
use crate::db::{Change, Conn, Db, DbError, Entry, StoreError, Tx, WriteCx, Written};
use crate::kernel::id::{Id, PartnerId};
use crate::kernel::text::title_key;
use crate::kernel::time::{from_db, to_db};
use crate::rights::LicenceStatus;

const NOUN: &str = "partner";

#[derive(Queryable, Selectable)]
#[diesel(table_name = partners)]
struct Row {
    id: String,
    revision: i64,
    name: String,
    contact: Option<String>,
    homepage_url: Option<String>,
    ended_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// The columns that a profile fills.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = partners, treat_none_as_null = true)]
struct Columns<'a> {
    name: &'a str,
    name_key: String,
    contact: Option<String>,
    homepage_url: Option<&'a str>,
}

impl<'a> TryFrom<&'a Profile> for Columns<'a> {
    type Error = DbError;

    fn try_from(profile: &'a Profile) -> Result<Self, DbError> {
        Ok(Self {
            name: &profile.name,
            name_key: title_key(&profile.name),
            contact: profile.contact.as_ref().map(to_json).transpose()?,
            homepage_url: profile.homepage_url.as_deref(),
        })
    }
}

impl Row {
    fn read(self) -> Result<Partner, StoreError> {
        Ok(Partner {
            id: stored(PartnerId::parse(&self.id), "partners.id")?,
            revision: self.revision,
            profile: Profile {
                name: self.name,
                contact: self
                    .contact
                    .map(|json| stored_json(&json, "partners.contact"))
                    .transpose()?,
                homepage_url: self.homepage_url,
            },
            ended_at: self.ended_at.map(from_db),
            created_at: from_db(self.created_at),
            updated_at: from_db(self.updated_at),
        })
    }
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, id: PartnerId) -> Result<Partner, StoreError> {
    db.read(move |conn| find(conn, id)).await
}

fn find(conn: &mut Conn, id: PartnerId) -> Result<Partner, StoreError> {
    partners::table
        .find(id.to_string())
        .select(Row::as_select())
        .first(conn)
        .map_err(StoreError::from)
        .and_then(Row::read)
}

/// Which partners a list holds.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub status: Option<PartnerStatus>,
}

/// One page, with one partner too many if there are more, and the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    filter: Filter,
    sort: Sort<Catalogue>,
    window: Window,
) -> Result<(Vec<Partner>, Option<i64>), StoreError> {
    db.read(move |conn| {
        let matching = || {
            let query = partners::table.into_boxed();
            match filter.status {
                None => query,
                Some(PartnerStatus::Active) => query.filter(partners::ended_at.is_null()),
                Some(PartnerStatus::Ended) => query.filter(partners::ended_at.is_not_null()),
            }
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let rows: Vec<Row> = catalogue_page!(matching(), window, sort, partners)
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
        let id: PartnerId = tx.cx.mint.id(tx.now());
        insert(tx, id, &profile)?;
        Ok(Written::created(id))
    })
    .await
}

/// Adds a partner within a transaction, for loads of whole newsrooms.
///
/// # Errors
/// A database error.
pub fn insert(tx: &mut Tx<'_>, id: PartnerId, profile: &Profile) -> Result<(), StoreError> {
    diesel::insert_into(partners::table)
        .values((
            partners::id.eq(id.to_string()),
            partners::revision.eq(1),
            Columns::try_from(profile)?,
            partners::created_at.eq(to_db(tx.now())),
            partners::updated_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)?;
    tx.record(Entry::new(Change::Created, NOUN, &id.to_string()))?;
    Ok(())
}

/// Replaces the profile of a partner that still has this revision.
///
/// # Errors
/// [`StoreError::State`] for one that has ended; [`StoreError::NotFound`],
/// [`StoreError::Stale`], or a database error.
pub async fn update(
    db: &Db,
    cx: WriteCx,
    id: PartnerId,
    revision: i64,
    profile: Profile,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        check(tx.conn, id, revision)?;
        diesel::update(partners::table.find(id.to_string()))
            .set((
                partners::revision.eq(revision + 1),
                Columns::try_from(&profile)?,
                partners::updated_at.eq(to_db(tx.now())),
            ))
            .execute(tx.conn)?;
        tx.record(Entry::new(Change::Updated, NOUN, &id.to_string()))?;
        Ok(())
    })
    .await
}

/// Ends a partner that still has this revision, for good: its keys and licences are revoked
/// with it. The record stays.
///
/// # Errors
/// [`StoreError::State`] if it has ended already; [`StoreError::NotFound`],
/// [`StoreError::Stale`], or a database error.
pub async fn end(db: &Db, cx: WriteCx, id: PartnerId, revision: i64) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        check(tx.conn, id, revision)?;
        let (name, now) = (id.to_string(), to_db(tx.now()));
        diesel::update(partners::table.find(&name))
            .set((
                partners::revision.eq(revision + 1),
                partners::ended_at.eq(now),
                partners::updated_at.eq(now),
            ))
            .execute(tx.conn)?;
        let keys = revoke_clients(tx, &name)?;
        let held = revoke_licences(tx, &name)?;
        let revoked = |noun| move |id| Entry::new(Change::Revoked, noun, id);
        let mut entries = vec![revoked(NOUN)(&name)];
        entries.extend(keys.iter().map(String::as_str).map(revoked("client")));
        entries.extend(held.iter().map(String::as_str).map(revoked("licence")));
        tx.record_all(entries)?;
        Ok(())
    })
    .await
}

/// Revokes the keys of a partner that are not revoked yet; gives their ids.
fn revoke_clients(tx: &mut Tx<'_>, partner: &str) -> Result<Vec<String>, DbError> {
    let now = to_db(tx.now());
    let ids: Vec<String> = clients::table
        .filter(clients::partner_id.eq(partner))
        .filter(clients::revoked_at.is_null())
        .order(clients::id.asc())
        .select(clients::id)
        .load(tx.conn)?;
    diesel::update(
        clients::table
            .filter(clients::partner_id.eq(partner))
            .filter(clients::revoked_at.is_null()),
    )
    .set((
        clients::revision.eq(clients::revision + 1),
        clients::revoked_at.eq(now),
        clients::updated_at.eq(now),
    ))
    .execute(tx.conn)?;
    Ok(ids)
}

/// Revokes the licences of a partner that are not revoked yet; gives their ids.
fn revoke_licences(tx: &mut Tx<'_>, partner: &str) -> Result<Vec<String>, DbError> {
    let revoked = LicenceStatus::Revoked.as_str();
    let ids: Vec<String> = licences::table
        .filter(licences::partner_id.eq(partner))
        .filter(licences::status.ne(revoked))
        .order(licences::id.asc())
        .select(licences::id)
        .load(tx.conn)?;
    diesel::update(
        licences::table
            .filter(licences::partner_id.eq(partner))
            .filter(licences::status.ne(revoked)),
    )
    .set((
        licences::revision.eq(licences::revision + 1),
        licences::status.eq(revoked),
        licences::updated_at.eq(to_db(tx.now())),
    ))
    .execute(tx.conn)?;
    Ok(ids)
}

/// That the partner still has this revision and has not ended.
fn check(conn: &mut Conn, id: PartnerId, revision: i64) -> Result<(), StoreError> {
    let (current, ended_at): (i64, Option<NaiveDateTime>) = partners::table
        .find(id.to_string())
        .select((partners::revision, partners::ended_at))
        .first(conn)?;
    if current != revision {
        return Err(StoreError::Stale { current });
    }
    match ended_at {
        None => Ok(()),
        Some(_) => Err(StoreError::State(
            "The partner has ended, which is final. Add a new partner.".to_owned(),
        )),
    }
}
