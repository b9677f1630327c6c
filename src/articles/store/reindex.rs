//! Making the index of texts again: of what was there before it, and of everything on request.
//! Searches find what they found meanwhile: each article's texts are changed in one transaction.

use diesel::prelude::*;

use super::{load, texts};
use crate::articles::model::Side;
use crate::db::schema::{article_listings as listings, articles, search_progress as progress};
use crate::db::{Conn, Db, StoreError, Tx, WriteCx};
use crate::kernel::id::{ArticleId, Id};

/// Articles of one piece: while it is done, other writers wait.
const PIECE: i64 = 50;

/// The only row.
const ROW: i64 = 1;

/// The chore: puts articles into the index that were there before it; whether there may be more.
///
/// # Errors
/// A database error: then nothing of the piece was done.
pub fn fill(db: &Db, cx: &WriteCx) -> Result<bool, StoreError> {
    let is_complete = |conn: &mut Conn| -> Result<bool, StoreError> {
        Ok(progress::table
            .find(ROW)
            .select(progress::is_complete)
            .first(conn)?)
    };
    if db.read_now(is_complete)? {
        return Ok(false);
    }
    db.write_now(cx, |tx| {
        let done: String = progress::table
            .find(ROW)
            .select(progress::done_until)
            .first(tx.conn)?;
        let ids: Vec<String> = articles::table
            .filter(articles::id.gt(&done))
            .order(articles::id.asc())
            .limit(PIECE)
            .select(articles::id)
            .load(tx.conn)?;
        for id in &ids {
            keep(tx.conn, id)?;
        }
        let until = ids.last().cloned().unwrap_or(done);
        diesel::update(progress::table.find(ROW))
            .set((
                progress::done_until.eq(until),
                progress::is_complete.eq(ids.is_empty()),
            ))
            .execute(tx.conn)?;
        Ok(!ids.is_empty())
    })
}

/// The articles in pieces, each named by its first and last one.
///
/// # Errors
/// A database error.
pub fn pieces(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    let mut pieces = Vec::new();
    let mut after = String::new();
    loop {
        let ids: Vec<String> = articles::table
            .filter(articles::id.gt(&after))
            .order(articles::id.asc())
            .limit(PIECE)
            .select(articles::id)
            .load(conn)?;
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
            return Ok(pieces);
        };
        pieces.push(format!("{first}..{last}"));
        after.clone_from(last);
    }
}

/// Makes a piece again; nothing of what is gone by now.
///
/// # Errors
/// A database error.
pub fn renew_in(tx: &mut Tx<'_>, piece: &str) -> Result<(), StoreError> {
    let (first, last) = piece.split_once("..").unwrap_or((piece, piece));
    let ids: Vec<String> = articles::table
        .filter(articles::id.between(first, last))
        .order(articles::id.asc())
        .select(articles::id)
        .load(tx.conn)?;
    for id in ids {
        if let Some(id) = ArticleId::parse(&id) {
            for side in Side::ALL {
                texts::forget(tx.conn, *side, id)?;
            }
        }
        keep(tx.conn, &id)?;
    }
    Ok(())
}

/// Puts both sides of an article into the index, where they are not there.
fn keep(conn: &mut Conn, id: &str) -> Result<(), StoreError> {
    let Some(id) = ArticleId::parse(id) else {
        return Ok(());
    };
    let state = load::state(conn, id)?;
    let sides: Vec<(String, i64)> = listings::table
        .filter(listings::article_id.eq(id.to_string()))
        .select((listings::side, listings::version))
        .load(conn)?;
    for (side, version) in sides {
        if let Some(side) = Side::parse(&side) {
            let text = load::content(conn, id, version)?;
            texts::keep(conn, side, &state, version, &text)?;
        }
    }
    Ok(())
}
