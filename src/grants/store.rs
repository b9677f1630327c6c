//! Grants in the database.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::model::{Grant, Terms};
use crate::db::error::{stored, stored_json, to_json};
use crate::db::inbound::InboundRow;
use crate::db::page::{Window, id_page};
use crate::db::schema::{inbound_grants as grants, sources};
use crate::db::{Change, Conn, Db, DbError, Entry, StoreError, Tx, WriteCx, Written};
use crate::kernel::id::{GrantId, Id, SourceId};
use crate::kernel::time::{from_db, to_db};
use crate::rights::{self, Alteration, Extent, SourceKind};

const NOUN: &str = "grant";

#[derive(Queryable, Selectable)]
#[diesel(table_name = grants)]
struct Row {
    #[diesel(embed)]
    inbound: InboundRow,
    revision: i64,
    evidence_ref: Option<String>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// The columns that terms fill.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = grants, treat_none_as_null = true)]
struct Columns<'a> {
    channels: String,
    territories: String,
    valid_from: NaiveDateTime,
    valid_until: Option<NaiveDateTime>,
    max_extent: &'static str,
    may_redistribute: bool,
    alteration: &'static str,
    ai_input: bool,
    ai_train: bool,
    evidence_ref: Option<&'a str>,
}

impl<'a> TryFrom<&'a Terms> for Columns<'a> {
    type Error = DbError;

    fn try_from(terms: &'a Terms) -> Result<Self, DbError> {
        Ok(Self {
            channels: to_json(&terms.channels)?,
            territories: to_json(&terms.territories)?,
            valid_from: to_db(terms.valid_from),
            valid_until: terms.valid_until.map(to_db),
            max_extent: terms.max_extent.as_str(),
            may_redistribute: terms.may_redistribute,
            alteration: terms.alteration.as_str(),
            ai_input: terms.ai_input,
            ai_train: terms.ai_train,
            evidence_ref: terms.evidence_ref.as_deref(),
        })
    }
}

/// What a stored grant means to the rules.
impl TryFrom<InboundRow> for rights::Grant {
    type Error = DbError;

    fn try_from(row: InboundRow) -> Result<Self, DbError> {
        Ok(Self {
            id: stored(GrantId::parse(&row.id), "inbound_grants.id")?,
            channels: stored_json(&row.channels, "inbound_grants.channels")?,
            territories: stored_json(&row.territories, "inbound_grants.territories")?,
            valid_from: from_db(row.valid_from),
            valid_until: row.valid_until.map(from_db),
            max_extent: stored(Extent::parse(&row.max_extent), "inbound_grants.max_extent")?,
            may_redistribute: row.may_redistribute,
            alteration: stored(
                Alteration::parse(&row.alteration),
                "inbound_grants.alteration",
            )?,
            ai_input: row.ai_input,
            ai_train: row.ai_train,
        })
    }
}

impl Row {
    fn read(self) -> Result<Grant, StoreError> {
        let source = SourceId::parse(&self.inbound.source_id);
        let allowed = rights::Grant::try_from(self.inbound)?;
        Ok(Grant {
            id: allowed.id,
            revision: self.revision,
            source: stored(source, "inbound_grants.source_id")?,
            terms: Terms {
                channels: allowed.channels,
                territories: allowed.territories,
                valid_from: allowed.valid_from,
                valid_until: allowed.valid_until,
                max_extent: allowed.max_extent,
                may_redistribute: allowed.may_redistribute,
                alteration: allowed.alteration,
                ai_input: allowed.ai_input,
                ai_train: allowed.ai_train,
                evidence_ref: self.evidence_ref,
            },
            created_at: from_db(self.created_at),
            updated_at: from_db(self.updated_at),
        })
    }
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, id: GrantId) -> Result<Grant, StoreError> {
    db.read(move |conn| find(conn, id)).await
}

fn find(conn: &mut Conn, id: GrantId) -> Result<Grant, StoreError> {
    grants::table
        .find(id.to_string())
        .select(Row::as_select())
        .first(conn)
        .map_err(StoreError::from)
        .and_then(Row::read)
}

/// That there is such a source.
///
/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn source_exists(db: &Db, source: SourceId) -> Result<(), StoreError> {
    db.read(move |conn| kind_of(conn, source).map(|_| ())).await
}

fn kind_of(conn: &mut Conn, source: SourceId) -> Result<SourceKind, StoreError> {
    let kind: String = sources::table
        .find(source.to_string())
        .select(sources::kind)
        .first(conn)?;
    Ok(stored(SourceKind::parse(&kind), "sources.kind")?)
}

/// One page of a source's grants, with one too many if there are more, and the total if asked for.
///
/// # Errors
/// [`StoreError::NotFound`] without such a source, or a database error.
pub async fn list(
    db: &Db,
    source: SourceId,
    descending: bool,
    window: Window,
) -> Result<(Vec<Grant>, Option<i64>), StoreError> {
    db.read(move |conn| {
        kind_of(conn, source)?;
        let matching = || {
            grants::table
                .filter(grants::source_id.eq(source.to_string()))
                .into_boxed()
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let after = window.after.clone().map(|mark| mark.id).unwrap_or_default();
        let rows: Vec<Row> = id_page!(matching(), window, descending, grants::id, after)
            .select(Row::as_select())
            .load(conn)?;
        let page = rows.into_iter().map(Row::read).collect::<Result<_, _>>()?;
        Ok((page, total))
    })
    .await
}

/// # Errors
/// [`StoreError::State`] for an own source; [`StoreError::NotFound`] without such a source; a
/// database error, or the idempotency key's.
pub async fn create(
    db: &Db,
    cx: WriteCx,
    source: SourceId,
    terms: Terms,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let id: GrantId = tx.cx.mint.id(tx.now());
        insert(tx, id, source, &terms)?;
        Ok(Written::created(id))
    })
    .await
}

/// Adds a grant within a transaction, for loads of whole newsrooms.
///
/// # Errors
/// [`StoreError::State`] for an own source; [`StoreError::NotFound`] without such a source, or
/// a database error.
pub fn insert(
    tx: &mut Tx<'_>,
    id: GrantId,
    source: SourceId,
    terms: &Terms,
) -> Result<(), StoreError> {
    if kind_of(tx.conn, source)? == SourceKind::Own {
        return Err(StoreError::State(
            "The source is the site's own: own works have no inbound limit, so it takes no grants."
                .to_owned(),
        ));
    }
    diesel::insert_into(grants::table)
        .values((
            grants::id.eq(id.to_string()),
            grants::revision.eq(1),
            grants::source_id.eq(source.to_string()),
            Columns::try_from(terms)?,
            grants::created_at.eq(to_db(tx.now())),
            grants::updated_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)?;
    tx.record(Entry::new(Change::Created, NOUN, &id.to_string()))?;
    Ok(())
}

/// Replaces the terms of a grant that still has this revision.
///
/// # Errors
/// [`StoreError::NotFound`], [`StoreError::Stale`], or a database error.
pub async fn update(
    db: &Db,
    cx: WriteCx,
    id: GrantId,
    revision: i64,
    terms: Terms,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        check(tx.conn, id, revision)?;
        diesel::update(grants::table.find(id.to_string()))
            .set((
                grants::revision.eq(revision + 1),
                Columns::try_from(&terms)?,
                grants::updated_at.eq(to_db(tx.now())),
            ))
            .execute(tx.conn)?;
        tx.record(Entry::new(Change::Updated, NOUN, &id.to_string()))?;
        Ok(())
    })
    .await
}

/// # Errors
/// [`StoreError::NotFound`], [`StoreError::Stale`], or a database error.
pub async fn delete(db: &Db, cx: WriteCx, id: GrantId, revision: i64) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        check(tx.conn, id, revision)?;
        diesel::delete(grants::table.find(id.to_string())).execute(tx.conn)?;
        tx.record(Entry::new(Change::Deleted, NOUN, &id.to_string()))?;
        Ok(())
    })
    .await
}

fn check(conn: &mut Conn, id: GrantId, revision: i64) -> Result<(), StoreError> {
    let current: i64 = grants::table
        .find(id.to_string())
        .select(grants::revision)
        .first(conn)?;
    if current == revision {
        Ok(())
    } else {
        Err(StoreError::Stale { current })
    }
}
