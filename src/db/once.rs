//! Writes that happen once per `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header).
//! The row is written in the write's own transaction, so a key is never kept for a write
//! that did not happen, nor lost for one that did.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::schema::idempotency_keys as keys;
use super::{Conn, DbError, StoreError, Tx};
use crate::kernel::time::to_db;

/// How long a key is kept.
pub const KEPT: TimeDelta = TimeDelta::hours(24);

/// A request that is to be carried out once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Whose key it is: keys of different callers never meet.
    pub principal: String,
    pub key: String,
    /// Method and path.
    pub route: String,
    /// SHA-256 of the request's body.
    pub request_hash: String,
}

/// What a write left behind, enough to answer a repetition by reading anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub status: u16,
    pub resource_id: String,
    pub revision: i64,
    /// Whether this is the outcome of an earlier request.
    pub replayed: bool,
}

impl Written {
    pub fn created(resource_id: impl ToString) -> Self {
        Self {
            status: 201,
            resource_id: resource_id.to_string(),
            revision: 1,
            replayed: false,
        }
    }

    /// What is gone.
    pub fn removed(resource_id: impl ToString) -> Self {
        Self {
            status: 204,
            resource_id: resource_id.to_string(),
            revision: 0,
            replayed: false,
        }
    }

    pub fn changed(resource_id: impl ToString, revision: i64) -> Self {
        Self {
            status: 200,
            resource_id: resource_id.to_string(),
            revision,
            replayed: false,
        }
    }
}

pub(super) fn earlier(tx: &mut Tx<'_>) -> Result<Option<Written>, StoreError> {
    let Some(once) = &tx.cx.once else {
        return Ok(None);
    };
    let cutoff = to_db(tx.cx.now - KEPT);
    diesel::delete(keys::table.filter(keys::created_at.lt(cutoff))).execute(tx.conn)?;
    find(tx.conn, once)
}

/// The outcome under a key, if it was used; the same key for another request is an error.
pub(super) fn find(conn: &mut Conn, once: &Once) -> Result<Option<Written>, StoreError> {
    let found: Option<(String, String, i32, String, i64)> = keys::table
        .find((&once.principal, &once.key))
        .select((
            keys::route,
            keys::request_hash,
            keys::status,
            keys::resource_id,
            keys::revision,
        ))
        .first(conn)
        .optional()?;
    match found {
        None => Ok(None),
        Some((route, hash, ..)) if route != once.route || hash != once.request_hash => {
            Err(StoreError::KeyReused)
        }
        Some((_, _, status, resource_id, revision)) => Ok(Some(Written {
            status: u16::try_from(status).unwrap_or(200),
            resource_id,
            revision,
            replayed: true,
        })),
    }
}

pub(super) fn remember(tx: &mut Tx<'_>, written: &Written) -> Result<(), DbError> {
    if let Some(once) = &tx.cx.once {
        diesel::insert_into(keys::table)
            .values((
                keys::principal.eq(&once.principal),
                keys::idempotency_key.eq(&once.key),
                keys::route.eq(&once.route),
                keys::request_hash.eq(&once.request_hash),
                keys::status.eq(i32::from(written.status)),
                keys::resource_id.eq(&written.resource_id),
                keys::revision.eq(written.revision),
                keys::created_at.eq(to_db(tx.cx.now)),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}
