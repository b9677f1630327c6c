//! Writing licences, each change with its line in the journal.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::rows::{Columns, selections_of};
use super::{NOUN, find};
use crate::db::references;
use crate::db::schema::{
    articles, deliveries, licence_selections as selections, licences, sections, sources,
};
use crate::db::{Change, Conn, Db, DbError, Entry, StoreError, Tx, WriteCx, Written, on_each};
use crate::kernel::fault::Faults;
use crate::kernel::id::{LicenceId, PartnerId};
use crate::kernel::time::to_db;
use crate::licences::model::{Licence, MOST_HELD, Terms};
use crate::rights::{LicenceStatus, Selector};

/// # Errors
/// [`StoreError::Invalid`] for a partner that is not there or has ended and for what the
/// selector names in vain, [`StoreError::State`] where the partner holds as many as one may; a
/// database error, or the idempotency key's.
pub async fn create(
    db: &Db,
    cx: WriteCx,
    partner: PartnerId,
    terms: Terms,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let id: LicenceId = tx.cx.mint.id(tx.now());
        insert(tx, id, partner, &terms)?;
        Ok(Written::created(id))
    })
    .await
}

/// [`create`] within a transaction, for loads of whole newsrooms.
///
/// # Errors
/// As [`create`].
pub fn insert(
    tx: &mut Tx<'_>,
    id: LicenceId,
    partner: PartnerId,
    terms: &Terms,
) -> Result<(), StoreError> {
    named_are_there(tx.conn, Some(partner), &terms.selector)?;
    let held: i64 = licences::table
        .filter(licences::partner_id.eq(partner.to_string()))
        .filter(licences::status.ne(LicenceStatus::Revoked.as_str()))
        .count()
        .get_result(tx.conn)?;
    if held >= MOST_HELD {
        return Err(StoreError::State(format!(
            "The partner holds {held} licences that are not revoked, and {MOST_HELD} are the most. \
             Revoke one, or widen one."
        )));
    }
    diesel::insert_into(licences::table)
        .values((
            licences::id.eq(id.to_string()),
            licences::revision.eq(1),
            licences::partner_id.eq(partner.to_string()),
            Columns::try_from(terms)?,
            licences::created_at.eq(to_db(tx.now())),
            licences::updated_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)?;
    select(tx.conn, id, &terms.selector)?;
    tx.record(Entry::new(Change::Created, NOUN, &id.to_string()).detail(facts(partner, terms)))?;
    Ok(())
}

/// Replaces the terms of a licence that still has this revision.
///
/// # Errors
/// [`StoreError::State`] for a revoked one, [`StoreError::Invalid`] for what the selector names
/// in vain; [`StoreError::NotFound`], [`StoreError::Stale`], or a database error.
pub async fn update(
    db: &Db,
    cx: WriteCx,
    id: LicenceId,
    revision: i64,
    terms: Terms,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        let current = check(tx.conn, id, revision)?;
        if current.terms.status == LicenceStatus::Revoked {
            return Err(StoreError::State(
                "The licence is revoked, which is final. Make a new one.".to_owned(),
            ));
        }
        named_are_there(tx.conn, None, &terms.selector)?;
        diesel::update(licences::table.find(id.to_string()))
            .set((
                licences::revision.eq(revision + 1),
                Columns::try_from(&terms)?,
                licences::updated_at.eq(to_db(tx.now())),
            ))
            .execute(tx.conn)?;
        if current.terms.selector != terms.selector {
            deselect(tx.conn, id)?;
            select(tx.conn, id, &terms.selector)?;
        }
        let change = match terms.status {
            LicenceStatus::Revoked => Change::Revoked,
            LicenceStatus::Active | LicenceStatus::Suspended => Change::Updated,
        };
        let entry = facts(current.partner, &terms);
        tx.record(Entry::new(change, NOUN, &id.to_string()).detail(entry))?;
        Ok(())
    })
    .await
}

/// Takes away a licence under which nothing was ever given out.
///
/// # Errors
/// [`StoreError::State`] once something was delivered under it;
/// [`StoreError::NotFound`], [`StoreError::Stale`], or a database error.
pub async fn delete(db: &Db, cx: WriteCx, id: LicenceId, revision: i64) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        check(tx.conn, id, revision)?;
        if was_used(tx.conn, id)? {
            return Err(StoreError::State(
                "Works were given out under the licence, and the ledger names it: it is not deleted \
                 but revoked, by PATCH with status revoked."
                    .to_owned(),
            ));
        }
        deselect(tx.conn, id)?;
        diesel::delete(licences::table.find(id.to_string())).execute(tx.conn)?;
        tx.record(Entry::new(Change::Deleted, NOUN, &id.to_string()))?;
        Ok(())
    })
    .await
}

/// What the audit log says of a licence: to whom, how much, where and until when.
fn facts(partner: PartnerId, terms: &Terms) -> Value {
    json!({
        "partner_id": partner, "status": terms.status, "extent": terms.extent,
        "channels": terms.channels, "valid_from": terms.valid_from, "valid_until": terms.valid_until,
    })
}

fn check(conn: &mut Conn, id: LicenceId, revision: i64) -> Result<Licence, StoreError> {
    let current = find(conn, id)?;
    if current.revision == revision {
        Ok(current)
    } else {
        Err(StoreError::Stale {
            current: current.revision,
        })
    }
}

/// Whether the ledger names it. An attestation alone says what was licensed, not that it was
/// delivered: a HEAD makes one too.
fn was_used(conn: &mut Conn, id: LicenceId) -> Result<bool, DbError> {
    let id = id.to_string();
    let delivered: Option<String> = deliveries::table
        .filter(deliveries::licence_id.eq(&id))
        .select(deliveries::id)
        .first(conn)
        .optional()?;
    Ok(delivered.is_some())
}

fn select(conn: &mut Conn, id: LicenceId, selector: &Selector) -> Result<(), DbError> {
    let rows = selections_of(id, selector);
    // The engines bound how many values one statement may bring along.
    for rows in rows.chunks(500) {
        on_each!(conn, |conn| diesel::insert_into(selections::table)
            .values(rows)
            .execute(conn))?;
    }
    Ok(())
}

fn deselect(conn: &mut Conn, id: LicenceId) -> Result<(), DbError> {
    diesel::delete(selections::table.filter(selections::licence_id.eq(id.to_string())))
        .execute(conn)?;
    Ok(())
}

/// That the partner of a new licence, and all that the selector names by id, are there.
fn named_are_there(
    conn: &mut Conn,
    partner: Option<PartnerId>,
    selector: &Selector,
) -> Result<(), StoreError> {
    let mut faults = Faults::default();
    match partner.map_or(Ok(()), |partner| references::partner(conn, partner)) {
        Err(StoreError::Invalid(found)) => faults.extend(found),
        other => other?,
    }
    let wanted: Vec<String> = selector.sections.iter().map(ToString::to_string).collect();
    let known = sections::table
        .filter(sections::id.eq_any(&wanted))
        .select(sections::id)
        .load(conn)?;
    absent(&mut faults, "sections", "section", &wanted, &known);
    let wanted: Vec<String> = selector.sources.iter().map(ToString::to_string).collect();
    let known = sources::table
        .filter(sources::id.eq_any(&wanted))
        .select(sources::id)
        .load(conn)?;
    absent(&mut faults, "sources", "source", &wanted, &known);
    let wanted: Vec<String> = selector.articles.iter().map(ToString::to_string).collect();
    let known = articles::table
        .filter(articles::id.eq_any(&wanted))
        .select(articles::id)
        .load(conn)?;
    absent(&mut faults, "articles", "article", &wanted, &known);
    faults.finish(()).map_err(StoreError::Invalid)
}

fn absent(faults: &mut Faults, list: &str, noun: &str, wanted: &[String], known: &[String]) {
    for (at, id) in wanted.iter().enumerate() {
        if !known.contains(id) {
            faults.push(
                format!("/selector/{list}/{at}"),
                "unknown",
                format!("there is no such {noun}"),
            );
        }
    }
}
