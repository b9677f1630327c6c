//! The end of personal data: what was promised to claimants, done without being asked.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde_json::json;

use super::NOUN;
use crate::db::schema::{claim_messages as messages, claims, legal_holds as holds};
use crate::db::{Change, Db, Entry, StoreError, WriteCx};
use crate::kernel::time::{never, to_db};

/// Claims that one transaction blanks.
const PIECE: i64 = 100;

/// A chore: blanks what is personal of the cases whose time is over, and says so. Kind, dates
/// and decision stay. While evidence is frozen for a case, all of it stays.
///
/// # Errors
/// A database error.
pub fn erase(db: &Db, cx: &WriteCx) -> Result<bool, StoreError> {
    db.write_now(cx, |tx| {
        let now = to_db(tx.now());
        let held = holds::table
            .filter(holds::claim_id.eq(claims::id))
            .filter(holds::released_at.is_null());
        let ids: Vec<String> = claims::table
            .filter(claims::erase_at.le(now))
            .filter(not(exists(held)))
            .order(claims::erase_at.asc())
            .limit(PIECE)
            .select(claims::id)
            .load(tx.conn)?;
        if ids.is_empty() {
            return Ok(false);
        }
        let none = None::<String>;
        diesel::update(claims::table.filter(claims::id.eq_any(&ids)))
            .set((
                claims::subject.eq(&none),
                claims::claimant.eq(&none),
                claims::grounds.eq(&none),
                claims::fingerprint.eq(&none),
                claims::counter_notice.eq(&none),
                claims::internal_note.eq(&none),
                claims::erase_at.eq(to_db(never())),
                claims::personal_data_erased_at.eq(Some(now)),
                claims::revision.eq(claims::revision + 1),
                claims::updated_at.eq(now),
            ))
            .execute(tx.conn)?;
        diesel::update(messages::table.filter(messages::claim_id.eq_any(&ids)))
            .set(messages::text.eq(&none))
            .execute(tx.conn)?;
        let entries = ids.iter().map(|id| {
            Entry::new(Change::Updated, NOUN, id).detail(json!({"personal_data": "erased"}))
        });
        tx.record_all(entries.collect())?;
        Ok(true)
    })
}
