//! Rotation: the next key signs from now on, and the one before is taken for a while yet.
//! Nodes that run notice it within a minute.

use chrono::TimeDelta;

use super::model::{Foreign, KeyPurpose, KeyRecord};
use super::ring::{KeysError, add, load, replace};
use super::seal::Seal;
use super::store;
use crate::db::{Db, WriteCx};

/// Makes a new key of a purpose; its id. What the keys before it have signed is taken for
/// `overlap_hours` more, or less where their end was set already; with 0 hours it is not
/// taken any more, as befits a stolen key. Blocks.
///
/// # Errors
/// [`KeysError::Foreign`] for keys of another secret, if they are to be refused; or a
/// database error. Nothing has changed then.
pub fn rotate(
    db: &Db,
    secret: &str,
    cx: &WriteCx,
    purpose: KeyPurpose,
    overlap_hours: u32,
    foreign: Foreign,
) -> Result<String, KeysError> {
    let seal = Seal::of(secret);
    let end = cx.now + TimeDelta::hours(overlap_hours.into());
    db.write_now(cx, |tx| {
        let found = load(tx.conn, &seal, purpose, tx.now())?;
        replace(tx, &found, foreign)?;
        for held in &found.ring {
            if held.until.is_none_or(|until| end < until) {
                store::retire(tx, held.key.kid(), end)?;
            }
        }
        Ok(add(tx, &seal, purpose)?.kid)
    })
}

/// All keys that there have been, newest first, those of one purpose together. Blocks.
///
/// # Errors
/// A database error.
pub fn list(db: &Db) -> Result<Vec<KeyRecord>, KeysError> {
    db.read_now(store::all).map_err(KeysError::from)
}
