//! Frozen evidence: what stood when it was frozen, as digests and numbers, and whether it
//! still stands so.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::claims::model::{Claim, Hold, Intact, Ledger};
use crate::db::error::stored;
use crate::db::schema::articles;
use crate::db::schema::{
    deliveries, legal_hold_deliveries as covered, legal_holds as holds,
    source_registrations as registrations, sources, version_references as refs, versions,
};
use crate::db::{Change, Conn, Db, Entry, StoreError, Tx, on_each};
use crate::kernel::id::{ArticleId, ClaimId, HoldId, Id, SourceId};
use crate::kernel::text::sha256_hex;
use crate::kernel::time::{from_db, to_db};

const NOUN: &str = "hold";

/// Holds of a claim that are shown: the newest. One is active at a time.
const SHOWN: i64 = 20;

/// Rows of the ledger that are read at a time.
const PIECE: i64 = 1_000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = holds)]
struct Row {
    id: String,
    claim_id: String,
    article_id: String,
    source_id: Option<String>,
    frozen_at: NaiveDateTime,
    version: i64,
    digest: String,
    text_digest: String,
    source: Option<String>,
    ledger_count: i64,
    ledger_digest: String,
    is_interim: bool,
    released_at: Option<NaiveDateTime>,
}

impl Row {
    fn read(self) -> Result<Hold, StoreError> {
        let source = self
            .source_id
            .map(|id| stored(SourceId::parse(&id), "legal_holds.source_id"));
        Ok(Hold {
            id: stored(HoldId::parse(&self.id), "legal_holds.id")?,
            claim: stored(ClaimId::parse(&self.claim_id), "legal_holds.claim_id")?,
            article: stored(ArticleId::parse(&self.article_id), "legal_holds.article_id")?,
            source: source.transpose()?,
            frozen_at: from_db(self.frozen_at),
            version: self.version,
            digest: self.digest,
            text_digest: self.text_digest,
            source_snapshot: self.source,
            ledger: Ledger {
                rows: self.ledger_count,
                digest: self.ledger_digest,
            },
            is_interim: self.is_interim,
            released_at: self.released_at.map(from_db),
        })
    }
}

/// A hold, and whether its evidence is still what it was.
///
/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, id: HoldId) -> Result<(Hold, Intact), StoreError> {
    db.read(move |conn| {
        let row: Row = holds::table
            .find(id.to_string())
            .select(Row::as_select())
            .first(conn)?;
        let hold = row.read()?;
        let version = text(conn, hold.article, hold.version)?;
        let ledger = ledger(conn, hold.id)?;
        let intact = Intact {
            version: version == Some((hold.digest.clone(), hold.text_digest.clone())),
            ledger: ledger == hold.ledger,
        };
        Ok((hold, intact))
    })
    .await
}

/// The holds of a claim, newest first.
pub(super) fn of(conn: &mut Conn, claim: ClaimId) -> Result<Vec<Hold>, StoreError> {
    let rows: Vec<Row> = holds::table
        .filter(holds::claim_id.eq(claim.to_string()))
        .order(holds::id.desc())
        .limit(SHOWN)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// The hold of a claim that is not released.
pub(super) fn active(conn: &mut Conn, claim: ClaimId) -> Result<Option<Hold>, StoreError> {
    let row: Option<Row> = holds::table
        .filter(holds::claim_id.eq(claim.to_string()))
        .filter(holds::released_at.is_null())
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(Row::read).transpose()
}

/// Freezes the evidence for a claim about this work.
pub(super) fn freeze(
    tx: &mut Tx<'_>,
    claim: &Claim,
    article: ArticleId,
    is_interim: bool,
) -> Result<(), StoreError> {
    let id: HoldId = tx.cx.mint.id(tx.now());
    let (live, head): (Option<i64>, i64) = articles::table
        .find(article.to_string())
        .select((articles::live_version, articles::head_version))
        .first(tx.conn)?;
    let version = live.unwrap_or(head);
    let (digest, text_digest) = text(tx.conn, article, version)?.ok_or(StoreError::NotFound)?;
    let source: Option<String> = refs::table
        .filter(refs::article_id.eq(article.to_string()))
        .filter(refs::n.eq(version))
        .filter(refs::source_id.is_not_null())
        .select(refs::source_id)
        .first::<Option<String>>(tx.conn)
        .optional()?
        .flatten();
    let snapshot = match &source {
        Some(source) => Some(snapshot(tx.conn, source)?),
        None => None,
    };
    diesel::insert_into(holds::table)
        .values((
            holds::id.eq(id.to_string()),
            holds::claim_id.eq(claim.id.to_string()),
            holds::article_id.eq(article.to_string()),
            holds::source_id.eq(source),
            holds::frozen_at.eq(to_db(tx.now())),
            holds::version.eq(version),
            holds::digest.eq(digest),
            holds::text_digest.eq(text_digest),
            holds::source.eq(snapshot),
            holds::ledger_count.eq(0),
            holds::ledger_digest.eq(""),
            holds::is_interim.eq(is_interim),
        ))
        .execute(tx.conn)?;
    cover(tx.conn, id, article)?;
    let ledger = ledger(tx.conn, id)?;
    diesel::update(holds::table.find(id.to_string()))
        .set((
            holds::ledger_count.eq(ledger.rows),
            holds::ledger_digest.eq(ledger.digest),
        ))
        .execute(tx.conn)?;
    let name = id.to_string();
    let detail = json!({"claim": claim.id, "article": article, "interim": is_interim});
    tx.record(
        Entry::new(Change::Created, NOUN, &name)
            .version(version)
            .detail(detail),
    )?;
    Ok(())
}

/// Ends a hold. What it froze stays written down.
pub(super) fn release(tx: &mut Tx<'_>, hold: &Hold) -> Result<(), StoreError> {
    let name = hold.id.to_string();
    diesel::update(holds::table.find(&name))
        .set(holds::released_at.eq(Some(to_db(tx.now()))))
        .execute(tx.conn)?;
    tx.record(Entry::new(Change::Updated, NOUN, &name).detail(json!({"released": true})))?;
    Ok(())
}

/// The digest that a version has, and one over its text as it is stored: a text that is changed
/// beside its digest shows.
fn text(
    conn: &mut Conn,
    article: ArticleId,
    n: i64,
) -> Result<Option<(String, String)>, StoreError> {
    let found: Option<(String, String, String)> = versions::table
        .find((article.to_string(), n))
        .select((versions::digest, versions::content, versions::body))
        .first(conn)
        .optional()?;
    // NUL stands in no JSON text.
    Ok(found.map(|(digest, content, body)| {
        let whole = format!("{content}\0{body}");
        (digest, sha256_hex(whole.as_bytes()))
    }))
}

/// A source's entry in the register as it stands.
fn snapshot(conn: &mut Conn, id: &str) -> Result<String, StoreError> {
    type Entry = (String, String, String, String, Option<String>, i64);
    type Listed = (String, NaiveDateTime, Option<NaiveDateTime>);
    let (name, credit_label, aliases, kind, homepage_url, revision): Entry = sources::table
        .find(id)
        .select((
            sources::name,
            sources::credit_label,
            sources::aliases,
            sources::kind,
            sources::homepage_url,
            sources::revision,
        ))
        .first(conn)?;
    let listed: Vec<Listed> = registrations::table
        .filter(registrations::source_id.eq(id))
        .order(registrations::position.asc())
        .select((
            registrations::list_edition,
            registrations::valid_from,
            registrations::valid_until,
        ))
        .load(conn)?;
    let registry: Vec<_> = listed
        .into_iter()
        .map(|(edition, from, until)| {
            json!({"list_edition": edition, "valid_from": from_db(from), "valid_until": until.map(from_db)})
        })
        .collect();
    let aliases: serde_json::Value = serde_json::from_str(&aliases).unwrap_or_default();
    Ok(json!({
        "id": id, "revision": revision, "name": name, "credit_label": credit_label,
        "aliases": aliases, "kind": kind, "homepage_url": homepage_url, "registry": registry,
    })
    .to_string())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = deliveries)]
struct Delivered {
    id: String,
    at: NaiveDateTime,
    partner_id: String,
    client_id: String,
    licence_id: String,
    licence_revision: i64,
    version: i64,
    digest: String,
    content_digest: String,
    credit_line: String,
    extent: String,
    format: String,
    surface: String,
    attestation_id: Option<String>,
}

/// Writes down which rows of the ledger a hold covers: all that there are of the work.
fn cover(conn: &mut Conn, hold: HoldId, article: ArticleId) -> Result<(), StoreError> {
    let (hold, article) = (hold.to_string(), article.to_string());
    on_each!(conn, |conn| deliveries::table
        .filter(deliveries::article_id.eq(&article))
        .select((hold.clone().into_sql::<Text>(), deliveries::id))
        .insert_into(covered::table)
        .into_columns((covered::hold_id, covered::delivery_id))
        .execute(conn))?;
    Ok(())
}

/// What the ledger holds of the rows that a hold covers.
fn ledger(conn: &mut Conn, hold: HoldId) -> Result<Ledger, StoreError> {
    let mut digest = Sha256::new();
    let (mut rows, mut last) = (0, String::new());
    loop {
        let piece: Vec<Delivered> = covered::table
            .inner_join(deliveries::table.on(deliveries::id.eq(covered::delivery_id)))
            .filter(covered::hold_id.eq(hold.to_string()))
            .filter(covered::delivery_id.gt(&last))
            .order(covered::delivery_id.asc())
            .limit(PIECE)
            .select(Delivered::as_select())
            .load(conn)?;
        let Some(end) = piece.last() else {
            break;
        };
        last.clone_from(&end.id);
        for row in &piece {
            rows += 1;
            digest.update(line(row).as_bytes());
        }
    }
    Ok(Ledger {
        rows,
        digest: hex::encode(digest.finalize()),
    })
}

/// A row of the ledger as one line of JSON: no two rows make the same one.
fn line(row: &Delivered) -> String {
    let at = from_db(row.at).timestamp_micros();
    let mut line = json!([
        row.id,
        at,
        row.partner_id,
        row.client_id,
        row.licence_id,
        row.licence_revision,
        row.version,
        row.digest,
        row.content_digest,
        row.credit_line,
        row.extent,
        row.format,
        row.surface,
        row.attestation_id
    ])
    .to_string();
    line.push('\n');
    line
}
