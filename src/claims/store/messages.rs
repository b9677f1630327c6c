//! Messages between claimant and desk, a bounded number for each case.

use diesel::dsl::max;
use diesel::prelude::*;
use serde_json::json;

use super::rows::MessageRow;
use super::{NOUN, find};
use crate::claims::model::{Claim, MOST_MESSAGES, Message, MessageFrom};
use crate::claims::workflow;
use crate::db::schema::{claim_messages as messages, claims};
use crate::db::{Actor, Change, Conn, Db, Entry, StoreError, Tx, WriteCx, Written};
use crate::kernel::id::ClaimId;
use crate::kernel::time::to_db;

/// The messages of a case, in their order.
pub(super) fn of(conn: &mut Conn, id: ClaimId) -> Result<Vec<Message>, StoreError> {
    let rows: Vec<MessageRow> = messages::table
        .filter(messages::claim_id.eq(id.to_string()))
        .order(messages::n.asc())
        .limit(MOST_MESSAGES)
        .select(MessageRow::as_select())
        .load(conn)?;
    rows.into_iter().map(MessageRow::read).collect()
}

/// Adds a message of the desk.
///
/// # Errors
/// [`StoreError::NotFound`]; [`StoreError::State`] for a closed case and for one with as many
/// messages as it holds; or a database error.
pub async fn write(db: &Db, cx: WriteCx, id: ClaimId, text: String) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| add(tx, id, MessageFrom::Desk, text))
        .await
}

/// Adds a message of whoever has the token of the receipt.
///
/// # Errors
/// As [`write`]; another claim's token finds nothing.
pub async fn reply(
    db: &Db,
    cx: WriteCx,
    id: ClaimId,
    token_hash: String,
    text: String,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        claims::table
            .find(id.to_string())
            .filter(claims::token_hash.eq(&token_hash))
            .select(claims::revision)
            .first::<i64>(tx.conn)?;
        add(tx, id, MessageFrom::Claimant, text)
    })
    .await
}

/// What has been erased stays so: nothing new is kept that nobody would erase again.
///
/// # Errors
/// [`StoreError::State`] once the claimant's data are erased.
pub(super) fn still_known(claim: &Claim) -> Result<(), StoreError> {
    match claim.erased_at {
        None => Ok(()),
        Some(_) => Err(StoreError::State(
            "The claimant's data have been erased: file a new claim.".to_owned(),
        )),
    }
}

fn add(
    tx: &mut Tx<'_>,
    id: ClaimId,
    from: MessageFrom,
    text: String,
) -> Result<Written, StoreError> {
    let claim = find(tx.conn, id)?;
    workflow::may_write(claim.stage).map_err(StoreError::State)?;
    still_known(&claim)?;
    let n = insert(tx, id, from, &text)?;
    let name = id.to_string();
    tx.record(
        Entry::new(Change::Updated, NOUN, &name)
            .detail(json!({"message": n, "from": from.as_str()})),
    )?;
    Ok(Written::changed(id, claim.revision))
}

/// Writes a message of the desk that goes with a move, if there is one.
pub(super) fn say(tx: &mut Tx<'_>, id: ClaimId, text: Option<&str>) -> Result<(), StoreError> {
    match text {
        Some(text) => insert(tx, id, MessageFrom::Desk, text).map(|_| ()),
        None => Ok(()),
    }
}

fn insert(tx: &mut Tx<'_>, id: ClaimId, from: MessageFrom, text: &str) -> Result<i64, StoreError> {
    let last: Option<i64> = messages::table
        .filter(messages::claim_id.eq(id.to_string()))
        .select(max(messages::n))
        .first(tx.conn)?;
    let n = last.unwrap_or_default() + 1;
    if n > MOST_MESSAGES {
        return Err(StoreError::State(format!(
            "The case holds {MOST_MESSAGES} messages, which is all that it may hold."
        )));
    }
    let by = match (&tx.cx.actor, from) {
        (Actor::User(user), MessageFrom::Desk) => Some(user.as_str()),
        _ => None,
    };
    diesel::insert_into(messages::table)
        .values((
            messages::claim_id.eq(id.to_string()),
            messages::n.eq(n),
            messages::author.eq(from.as_str()),
            messages::user_id.eq(by),
            messages::text.eq(Some(text)),
            messages::at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)?;
    Ok(n)
}
