//! Clients in the database.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::model::{Client, ClientStatus, Origin, Terms};
use crate::db::error::{stored, stored_json, to_json};
use crate::db::page::Window;
use crate::db::references;
use crate::db::schema::clients;
use crate::db::{Change, Conn, Db, DbError, Entry, StoreError, Tx, WriteCx, Written};
use crate::kernel::id::{ClientId, Id, PartnerId};
use crate::kernel::language::Territory;
use crate::kernel::time::{from_db, to_db};
use crate::rights::{Channel, ClientKind, Scope};

const NOUN: &str = "client";

#[derive(Queryable, Selectable)]
#[diesel(table_name = clients)]
struct Row {
    id: String,
    revision: i64,
    name: String,
    kind: String,
    channel: String,
    territory: Option<String>,
    scopes: String,
    key_hint: String,
    publishable: bool,
    allowed_origins: String,
    expires_at: Option<NaiveDateTime>,
    revoked_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    partner_id: Option<String>,
}

/// The columns that the terms fill.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = clients, treat_none_as_null = true)]
struct Columns<'a> {
    name: &'a str,
    kind: &'static str,
    channel: &'static str,
    territory: Option<&'a str>,
    scopes: String,
    publishable: bool,
    allowed_origins: String,
    expires_at: Option<NaiveDateTime>,
    partner_id: Option<String>,
}

impl<'a> Columns<'a> {
    fn of(terms: &'a Terms) -> Result<Self, DbError> {
        let origins: Vec<&str> = terms.allowed_origins.iter().map(Origin::as_str).collect();
        Ok(Self {
            name: &terms.name,
            kind: terms.kind.as_str(),
            channel: terms.channel.as_str(),
            territory: terms.territory.as_ref().map(Territory::as_str),
            scopes: to_json(&terms.scopes)?,
            publishable: terms.publishable,
            allowed_origins: to_json(&origins)?,
            expires_at: terms.expires_at.map(to_db),
            partner_id: terms.partner.map(|id| id.to_string()),
        })
    }
}

impl Row {
    fn read(self) -> Result<Client, DbError> {
        let origins: Vec<String> = stored_json(&self.allowed_origins, "clients.allowed_origins")?;
        let scopes: Vec<Scope> = stored_json(&self.scopes, "clients.scopes")?;
        let territory = self
            .territory
            .map(|code| stored(Territory::parse(&code), "clients.territory"))
            .transpose()?;
        let partner = self
            .partner_id
            .map(|id| stored(PartnerId::parse(&id), "clients.partner_id"))
            .transpose()?;
        Ok(Client {
            id: stored(ClientId::parse(&self.id), "clients.id")?,
            revision: self.revision,
            terms: Terms {
                name: self.name,
                kind: stored(ClientKind::parse(&self.kind), "clients.kind")?,
                partner,
                channel: stored(Channel::parse(&self.channel), "clients.channel")?,
                territory,
                scopes,
                publishable: self.publishable,
                allowed_origins: origins
                    .iter()
                    .map(|origin| stored(Origin::parse(origin), "clients.allowed_origins"))
                    .collect::<Result<_, _>>()?,
                expires_at: self.expires_at.map(from_db),
            },
            key_hint: self.key_hint,
            revoked_at: self.revoked_at.map(from_db),
            created_at: from_db(self.created_at),
            updated_at: from_db(self.updated_at),
        })
    }
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, id: ClientId) -> Result<Client, StoreError> {
    db.read(move |conn| find(conn, id)).await
}

/// [`get`] on this connection. Fails as it does.
pub fn find(conn: &mut Conn, id: ClientId) -> Result<Client, StoreError> {
    let found = clients::table.find(id.to_string()).select(Row::as_select());
    Ok(found.first::<Row>(conn)?.read()?)
}

/// The client of a key, by the key's hash: revoked and expired ones too.
///
/// # Errors
/// A database error.
pub fn by_key(conn: &mut Conn, hash: &str) -> Result<Option<Client>, DbError> {
    let row: Option<Row> = clients::table
        .filter(clients::key_hash.eq(hash))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(Row::read).transpose()
}

/// The hash of a client's key.
///
/// # Errors
/// A database error.
pub fn key_hash(conn: &mut Conn, id: ClientId) -> Result<Option<String>, DbError> {
    let of = clients::table.find(id.to_string());
    Ok(of.select(clients::key_hash).first(conn).optional()?)
}

/// The origins from which browsers come with a publishable key that is taken now.
///
/// # Errors
/// A database error.
pub fn browser_origins(conn: &mut Conn, now: DateTime<Utc>) -> Result<HashSet<String>, StoreError> {
    let now = to_db(now);
    let rows: Vec<String> = clients::table
        .filter(clients::publishable.eq(true))
        .filter(clients::revoked_at.is_null())
        .filter(
            clients::expires_at
                .is_null()
                .or(clients::expires_at.gt(now)),
        )
        .select(clients::allowed_origins)
        .load(conn)?;
    let mut origins = HashSet::new();
    for row in rows {
        let row: Vec<String> = stored_json(&row, "clients.allowed_origins")?;
        origins.extend(row);
    }
    Ok(origins)
}

/// Which clients a list holds.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub kind: Option<ClientKind>,
    pub status: Option<ClientStatus>,
    pub partner: Option<PartnerId>,
}

/// One page in the order in which they were made, with one client too many if there are
/// more, and the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    filter: Filter,
    now: DateTime<Utc>,
    descending: bool,
    window: Window,
) -> Result<(Vec<Client>, Option<i64>), StoreError> {
    db.read(move |conn| {
        let now = to_db(now);
        let matching = || {
            let mut query = clients::table.into_boxed();
            if let Some(kind) = filter.kind {
                query = query.filter(clients::kind.eq(kind.as_str()));
            }
            if let Some(partner) = filter.partner {
                query = query.filter(clients::partner_id.eq(partner.to_string()));
            }
            match filter.status {
                None => query,
                Some(ClientStatus::Revoked) => query.filter(clients::revoked_at.is_not_null()),
                Some(ClientStatus::Expired) => query
                    .filter(clients::revoked_at.is_null())
                    .filter(clients::expires_at.le(now)),
                Some(ClientStatus::Active) => query.filter(clients::revoked_at.is_null()).filter(
                    clients::expires_at
                        .is_null()
                        .or(clients::expires_at.gt(now)),
                ),
            }
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let query = matching().limit(window.fetch());
        let query = match (descending, window.after) {
            (false, None) => query.order(clients::id.asc()),
            (true, None) => query.order(clients::id.desc()),
            (false, Some(mark)) => query
                .filter(clients::id.gt(mark.id))
                .order(clients::id.asc()),
            (true, Some(mark)) => query
                .filter(clients::id.lt(mark.id))
                .order(clients::id.desc()),
        };
        let rows: Vec<Row> = query.select(Row::as_select()).load(conn)?;
        let page = rows.into_iter().map(Row::read).collect::<Result<_, _>>()?;
        Ok((page, total))
    })
    .await
}

/// What is stored of a key: its last characters, and its SHA-256. A key is 256 random bits, so
/// that nobody reverses a fast hash by trying; and by it an index finds the key.
#[derive(Debug, Clone)]
pub struct KeyMark {
    pub hash: String,
    pub hint: String,
}

/// # Errors
/// [`StoreError::Invalid`] for a partner that is not there or has ended; a database error, or
/// the idempotency key's.
pub async fn create(
    db: &Db,
    cx: WriteCx,
    terms: Terms,
    key: KeyMark,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let id: ClientId = tx.cx.mint.id(tx.now());
        insert(tx, id, &terms, &key)?;
        Ok(Written::created(id))
    })
    .await
}

/// [`create`] on this thread, for the command line.
///
/// # Errors
/// [`StoreError::Invalid`] for a partner that is not there or has ended, or a database error.
pub fn create_now(
    db: &Db,
    cx: &WriteCx,
    terms: &Terms,
    key: &KeyMark,
) -> Result<ClientId, StoreError> {
    db.write_now(cx, |tx| {
        let id: ClientId = tx.cx.mint.id(tx.now());
        insert(tx, id, terms, key)?;
        Ok(id)
    })
}

/// Adds a client within a transaction.
///
/// # Errors
/// [`StoreError::Invalid`] for a partner that is not there or has ended, or a database error.
pub fn insert(
    tx: &mut Tx<'_>,
    id: ClientId,
    terms: &Terms,
    key: &KeyMark,
) -> Result<(), StoreError> {
    if let Some(partner) = terms.partner {
        references::partner(tx.conn, partner)?;
    }
    diesel::insert_into(clients::table)
        .values((
            clients::id.eq(id.to_string()),
            clients::revision.eq(1),
            Columns::of(terms)?,
            clients::key_hash.eq(&key.hash),
            clients::key_hint.eq(&key.hint),
            clients::created_at.eq(to_db(tx.now())),
            clients::updated_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)?;
    tx.record(Entry::new(Change::Created, NOUN, &id.to_string()).detail(facts(terms)))?;
    Ok(())
}

/// What the audit log says of a key: what it is good for.
fn facts(terms: &Terms) -> serde_json::Value {
    json!({"kind": terms.kind, "partner_id": terms.partner, "channel": terms.channel, "territory": terms.territory, "scopes": terms.scopes, "publishable": terms.publishable})
}

/// Replaces the terms of a client that still has this revision. The key stays.
///
/// # Errors
/// [`StoreError::State`] for a revoked one, [`StoreError::Invalid`] for a partner that is not
/// there or has ended; [`StoreError::NotFound`], [`StoreError::Stale`], or a database error.
pub async fn update(
    db: &Db,
    cx: WriteCx,
    id: ClientId,
    revision: i64,
    terms: Terms,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        let current = find(tx.conn, id)?;
        check(&current, revision)?;
        refuse_revoked(&current)?;
        if let Some(partner) = terms.partner {
            references::partner(tx.conn, partner)?;
        }
        diesel::update(clients::table.find(id.to_string()))
            .set((
                clients::revision.eq(revision + 1),
                Columns::of(&terms)?,
                clients::updated_at.eq(to_db(tx.now())),
            ))
            .execute(tx.conn)?;
        tx.record(Entry::new(Change::Updated, NOUN, &id.to_string()).detail(facts(&terms)))?;
        Ok(())
    })
    .await
}

/// Revokes a client that still has this revision, for good. The record stays.
///
/// # Errors
/// [`StoreError::State`] if it is revoked already; [`StoreError::NotFound`],
/// [`StoreError::Stale`], or a database error.
pub async fn revoke(db: &Db, cx: WriteCx, id: ClientId, revision: i64) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        let current = find(tx.conn, id)?;
        check(&current, revision)?;
        end(tx, &current)
    })
    .await
}

/// [`revoke`] on this thread, whatever the revision, for the command line.
///
/// # Errors
/// [`StoreError::State`] if it is revoked already; [`StoreError::NotFound`], or a database
/// error.
pub fn revoke_now(db: &Db, cx: &WriteCx, id: ClientId) -> Result<(), StoreError> {
    db.write_now(cx, |tx| {
        let current = find(tx.conn, id)?;
        end(tx, &current)
    })
}

fn end(tx: &mut Tx<'_>, current: &Client) -> Result<(), StoreError> {
    refuse_revoked(current)?;
    let id = current.id.to_string();
    diesel::update(clients::table.find(&id))
        .set((
            clients::revision.eq(current.revision + 1),
            clients::revoked_at.eq(to_db(tx.now())),
            clients::updated_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)?;
    tx.record(Entry::new(Change::Revoked, NOUN, &id))?;
    Ok(())
}

fn refuse_revoked(client: &Client) -> Result<(), StoreError> {
    match client.revoked_at {
        None => Ok(()),
        Some(_) => Err(StoreError::State(
            "The key is revoked, which is final. Make a new client.".to_owned(),
        )),
    }
}

fn check(client: &Client, revision: i64) -> Result<(), StoreError> {
    if client.revision == revision {
        Ok(())
    } else {
        Err(StoreError::Stale {
            current: client.revision,
        })
    }
}
