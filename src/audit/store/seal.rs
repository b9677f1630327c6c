//! The sealer: a chore that extends the chain over what is committed. Never part of the write
//! that an event belongs to, so that hashing holds up nobody's commit but its own.

use diesel::prelude::*;

use super::{Row, last_seal};
use crate::audit::chain::{self, START};
use crate::db::schema::{audit_events as events, audit_seals as seals};
use crate::db::{Conn, Db, DbError, StoreError, WriteCx, on_each};
use crate::kernel::time::to_db;

/// Events that one transaction seals.
pub const BATCH: i64 = 1_000;

#[derive(Insertable)]
#[diesel(table_name = seals)]
struct SealRow {
    seq: i64,
    hash: String,
    sealed_at: chrono::NaiveDateTime,
}

/// Seals the next events; whether there may be more. A seal is no event: it leaves nothing in
/// the log.
///
/// It looks for the last seal inside its transaction, and writers follow each other: two nodes
/// that seal at the same time seal each event once. A gap does not stop it, since the numbers
/// are under the seals: it stays to be seen.
///
/// # Errors
/// A database error; then nothing is sealed.
pub fn seal(db: &Db, cx: &WriteCx) -> Result<bool, StoreError> {
    // Most often there is nothing to do, and nobody's turn is taken for that.
    if !db.read_now(is_due)? {
        return Ok(false);
    }
    db.write_now(cx, |tx| {
        let (last, mut hash) = last(tx.conn)?;
        let rows: Vec<Row> = events::table
            .filter(events::seq.gt(last))
            .order(events::seq.asc())
            .limit(BATCH)
            .select(Row::as_select())
            .load(tx.conn)?;
        let sealed_at = to_db(tx.now());
        let mut made = Vec::with_capacity(rows.len());
        for row in rows {
            let event = row.read();
            hash = chain::seal(&hash, &event.document())
                .map_err(|error| DbError::Corrupt(format!("audit_events: {error}")))?;
            made.push(SealRow {
                seq: event.seq,
                hash: hash.clone(),
                sealed_at,
            });
        }
        let count = i64::try_from(made.len()).unwrap_or(0);
        if count > 0 {
            on_each!(&mut *tx.conn, |conn| diesel::insert_into(seals::table)
                .values(&made)
                .execute(conn))?;
        }
        Ok(count == BATCH)
    })
}

fn is_due(conn: &mut Conn) -> Result<bool, StoreError> {
    let last = last_seal(conn)?;
    let next: Option<i64> = events::table
        .filter(events::seq.gt(last))
        .order(events::seq.asc())
        .select(events::seq)
        .first(conn)
        .optional()?;
    Ok(next.is_some())
}

/// The last seal, and its number.
fn last(conn: &mut Conn) -> Result<(i64, String), StoreError> {
    let last = seals::table
        .order(seals::seq.desc())
        .select((seals::seq, seals::hash))
        .first(conn)
        .optional()?;
    Ok(last.unwrap_or((0, START.to_owned())))
}
