//! Pages and wire items that came in, in the database.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;

use crate::db::error::{stored, stored_json, to_json};
use crate::db::schema::{ingests, wire_items};
use crate::db::{Conn, DbError, StoreError, Tx};
use crate::kernel::id::{ArticleId, Id, IngestId};
use crate::kernel::text::sha256_hex;
use crate::kernel::time::{from_db, to_db};

/// How hard raw bytes are compressed: pages are small, and kept for long.
const LEVEL: i32 = 9;

/// A page that was taken in.
pub struct Kept {
    pub article: ArticleId,
    /// What was read of it, as it was told then.
    pub report: Value,
}

/// The page of these bytes, if it was taken in before.
///
/// # Errors
/// A database error.
pub fn by_digest(conn: &mut Conn, sha256: &str) -> Result<Option<Kept>, StoreError> {
    let found = ingests::table
        .filter(ingests::digest.eq(sha256))
        .select((ingests::article_id, ingests::report))
        .first::<(String, String)>(conn)
        .optional()?;
    found.map(kept).transpose()
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub fn get(conn: &mut Conn, id: IngestId) -> Result<Kept, StoreError> {
    kept(
        ingests::table
            .find(id.to_string())
            .select((ingests::article_id, ingests::report))
            .first(conn)?,
    )
}

fn kept((article, report): (String, String)) -> Result<Kept, StoreError> {
    Ok(Kept {
        article: stored(ArticleId::parse(&article), "ingests.article_id")?,
        report: stored_json(&report, "ingests.report")?,
    })
}

/// The bytes as they came.
///
/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub fn raw(conn: &mut Conn, id: IngestId) -> Result<Vec<u8>, StoreError> {
    let raw: String = ingests::table
        .find(id.to_string())
        .select(ingests::raw)
        .first(conn)?;
    let corrupt = |error: String| DbError::Corrupt(format!("ingests.raw: {error}"));
    let packed = STANDARD
        .decode(raw)
        .map_err(|error| corrupt(error.to_string()))?;
    Ok(zstd::decode_all(packed.as_slice()).map_err(|error| corrupt(error.to_string()))?)
}

/// Packs bytes for their column.
///
/// # Errors
/// [`DbError::Corrupt`] if they cannot be.
pub fn packed(bytes: &[u8]) -> Result<String, DbError> {
    let packed = zstd::encode_all(bytes, LEVEL);
    let packed = packed.map_err(|error| DbError::Corrupt(error.to_string()))?;
    Ok(STANDARD.encode(packed))
}

/// Keeps a page.
///
/// # Errors
/// A database error.
pub fn keep(
    tx: &mut Tx<'_>,
    id: IngestId,
    sha256: &str,
    article: ArticleId,
    media_type: &str,
    report: &Value,
    raw: &str,
) -> Result<(), StoreError> {
    diesel::insert_into(ingests::table)
        .values((
            ingests::id.eq(id.to_string()),
            ingests::digest.eq(sha256),
            ingests::article_id.eq(article.to_string()),
            ingests::media_type.eq(media_type),
            ingests::report.eq(to_json(report)?),
            ingests::raw.eq(raw),
            ingests::created_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// An item of a wire as it stands.
#[derive(Debug, Clone)]
pub struct Item {
    pub version: Option<String>,
    pub version_created_at: Option<DateTime<Utc>>,
    pub digest: String,
    pub status: String,
    pub article: Option<ArticleId>,
}

type Row = (
    Option<String>,
    Option<NaiveDateTime>,
    String,
    String,
    Option<String>,
);

/// What is there of an item.
///
/// # Errors
/// A database error.
pub fn item(conn: &mut Conn, guid: &str) -> Result<Option<Item>, StoreError> {
    let row: Option<Row> = wire_items::table
        .find(sha256_hex(guid.as_bytes()))
        .select((
            wire_items::version,
            wire_items::version_created_at,
            wire_items::digest,
            wire_items::status,
            wire_items::article_id,
        ))
        .first(conn)
        .optional()?;
    Ok(row.map(|(version, at, digest, status, article)| Item {
        version,
        version_created_at: at.map(from_db),
        digest,
        status,
        article: article.as_deref().and_then(ArticleId::parse),
    }))
}

/// Puts down how an item stands now.
///
/// # Errors
/// A database error.
pub fn keep_item(tx: &mut Tx<'_>, guid: &str, item: &Item) -> Result<(), StoreError> {
    let key = sha256_hex(guid.as_bytes());
    diesel::delete(wire_items::table.find(&key)).execute(tx.conn)?;
    diesel::insert_into(wire_items::table)
        .values((
            wire_items::guid_key.eq(key),
            wire_items::guid.eq(guid),
            wire_items::version.eq(&item.version),
            wire_items::version_created_at.eq(item.version_created_at.map(to_db)),
            wire_items::digest.eq(&item.digest),
            wire_items::status.eq(&item.status),
            wire_items::article_id.eq(item.article.map(|id| id.to_string())),
            wire_items::updated_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)?;
    Ok(())
}
