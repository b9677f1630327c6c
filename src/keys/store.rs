//! Signing keys in the database, the private halves sealed.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::model::{KeyPurpose, KeyRecord};
use crate::db::error::stored;
use crate::db::schema::signing_keys;
use crate::db::{Change, Conn, DbError, Entry, Tx};
use crate::kernel::time::{from_db, to_db};

/// A key as it is stored.
pub struct Sealed {
    pub kid: String,
    /// The private half under the installation's seal.
    pub private: String,
    /// From when on nothing is taken that it has signed.
    pub retired_at: Option<DateTime<Utc>>,
}

/// The keys of a purpose that are not retired by an instant, newest first.
///
/// # Errors
/// A database error.
pub fn taken(
    conn: &mut Conn,
    purpose: KeyPurpose,
    now: DateTime<Utc>,
) -> Result<Vec<Sealed>, DbError> {
    type Row = (String, String, Option<NaiveDateTime>);
    let rows: Vec<Row> = signing_keys::table
        .filter(signing_keys::purpose.eq(purpose.as_str()))
        .filter(
            signing_keys::retired_at
                .is_null()
                .or(signing_keys::retired_at.gt(to_db(now))),
        )
        .order((signing_keys::created_at.desc(), signing_keys::kid.desc()))
        .select((
            signing_keys::kid,
            signing_keys::sealed_private_key,
            signing_keys::retired_at,
        ))
        .load(conn)?;
    let read = |(kid, private, retired_at): Row| Sealed {
        kid,
        private,
        retired_at: retired_at.map(from_db),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// All keys that there have been, newest first, those of one purpose together.
///
/// # Errors
/// A database error.
pub fn all(conn: &mut Conn) -> Result<Vec<KeyRecord>, DbError> {
    type Row = (String, String, NaiveDateTime, Option<NaiveDateTime>);
    let rows: Vec<Row> = signing_keys::table
        .order((
            signing_keys::purpose,
            signing_keys::created_at.desc(),
            signing_keys::kid.desc(),
        ))
        .select((
            signing_keys::kid,
            signing_keys::purpose,
            signing_keys::created_at,
            signing_keys::retired_at,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(kid, purpose, created_at, retired_at)| {
            Ok(KeyRecord {
                kid,
                purpose: stored(KeyPurpose::parse(&purpose), "signing_keys.purpose")?,
                created_at: from_db(created_at),
                retired_at: retired_at.map(from_db),
            })
        })
        .collect()
}

/// Sets when a key's signatures are no longer taken.
///
/// # Errors
/// A database error.
pub fn retire(tx: &mut Tx<'_>, kid: &str, end: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(signing_keys::table.find(kid))
        .set(signing_keys::retired_at.eq(to_db(end)))
        .execute(tx.conn)?;
    tx.record(Entry::new(Change::Revoked, "signing_key", kid))
}

/// Adds a key: its public half, and the private one under seal.
///
/// # Errors
/// A database error.
pub fn insert(
    tx: &mut Tx<'_>,
    purpose: KeyPurpose,
    (kid, public): (&str, &str),
    sealed: &str,
) -> Result<(), DbError> {
    diesel::insert_into(signing_keys::table)
        .values((
            signing_keys::kid.eq(kid),
            signing_keys::purpose.eq(purpose.as_str()),
            signing_keys::public_key.eq(public),
            signing_keys::sealed_private_key.eq(sealed),
            signing_keys::created_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)?;
    tx.record(Entry::new(Change::Created, "signing_key", kid))
}
