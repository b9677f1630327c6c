//! Filing a claim, and what the desk changes of one besides its stage.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::messages::still_known;
use super::{NOUN, find, holds, rows, works};
use crate::claims::model::window::Window;
use crate::claims::model::{ClaimStage, Desk, Filing, Terms};
use crate::claims::workflow;
use crate::db::schema::claims;
use crate::db::{Change, Conn, Db, Entry, StoreError, Tx, WriteCx, Written};
use crate::kernel::fault::Fault;
use crate::kernel::id::{ArticleId, ClaimId};
use crate::kernel::time::{never, to_db};

/// For how long the same claim makes no second case.
const SAME_FOR: TimeDelta = TimeDelta::hours(24);

/// Takes a claim, whatever it is about and however late it comes. The same one within a day
/// finds the first: then the status is 200.
///
/// # Errors
/// A database error, or the idempotency key's.
pub async fn file(
    db: &Db,
    cx: WriteCx,
    filing: Filing,
    token_hash: String,
    terms: Terms,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let fingerprint = filing.fingerprint();
        if let Some(first) = earlier(tx.conn, &fingerprint, tx.cx.now)? {
            return Ok(Written {
                status: 200,
                ..Written::created(first)
            });
        }
        let id: ClaimId = tx.cx.mint.id(tx.now());
        let kind = filing.kind;
        insert(tx, id, filing, &fingerprint, &token_hash, terms)?;
        let name = id.to_string();
        tx.record(Entry::new(Change::Created, NOUN, &name).detail(json!({"kind": kind.as_str()})))?;
        Ok::<_, StoreError>(Written::created(id))
    })
    .await
}

fn earlier(
    conn: &mut Conn,
    fingerprint: &str,
    now: DateTime<Utc>,
) -> Result<Option<String>, StoreError> {
    Ok(claims::table
        .filter(claims::fingerprint.eq(fingerprint))
        .filter(claims::received_at.gt(to_db(now - SAME_FOR)))
        .order(claims::id.asc())
        .select(claims::id)
        .first(conn)
        .optional()?)
}

fn insert(
    tx: &mut Tx<'_>,
    id: ClaimId,
    filing: Filing,
    fingerprint: &str,
    token_hash: &str,
    terms: Terms,
) -> Result<(), StoreError> {
    let now = tx.now();
    let article = works::resolve(tx.conn, &filing.subject)?;
    let window = match article {
        Some(article) => works::window(tx.conn, article, now)?,
        None => None,
    };
    let zone = works::zone(tx.conn)?;
    let stage = ClaimStage::Received;
    let due = workflow::due(stage, now, None, terms, zone).unwrap_or_else(never);
    diesel::insert_into(claims::table)
        .values((
            claims::id.eq(id.to_string()),
            claims::revision.eq(1),
            claims::kind.eq(filing.kind.as_str()),
            claims::stage.eq(stage.as_str()),
            claims::requested_action.eq(filing.requested_action.as_str()),
            claims::subject.eq(filing.subject.as_text()),
            claims::claimant.eq(rows::claimant(filing.claimant)?),
            claims::grounds.eq(rows::grounds(filing.grounds)?),
            claims::fingerprint.eq(fingerprint),
            claims::token_hash.eq(token_hash),
            claims::received_at.eq(to_db(now)),
            claims::due_at.eq(to_db(due)),
            claims::erase_at.eq(to_db(never())),
            claims::updated_at.eq(to_db(now)),
        ))
        .execute(tx.conn)?;
    name_work(tx, id, article, window)
}

/// Writes down which work a claim is about, and its window.
fn name_work(
    tx: &mut Tx<'_>,
    id: ClaimId,
    article: Option<ArticleId>,
    window: Option<Window>,
) -> Result<(), StoreError> {
    diesel::update(claims::table.find(id.to_string()))
        .set((
            claims::article_id.eq(article.map(|article| article.to_string())),
            claims::published_at.eq(window.map(|window| to_db(window.published_at))),
            claims::window_days.eq(window.map(|window| window.days)),
            claims::window_ends_at.eq(window.map(|window| to_db(window.ends_at))),
            claims::within_window.eq(window.map(|window| window.within)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Changes the desk's part of a claim, if it still has this revision.
///
/// # Errors
/// [`StoreError::Stale`]; [`StoreError::Invalid`] for a work that is not there;
/// [`StoreError::State`] where the work is settled; or a database error.
pub async fn update(
    db: &Db,
    cx: WriteCx,
    id: ClaimId,
    revision: i64,
    desk: Desk,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        let claim = find(tx.conn, id)?;
        if claim.revision != revision {
            return Err(StoreError::Stale {
                current: claim.revision,
            });
        }
        still_known(&claim)?;
        let renamed = desk.article != claim.article;
        if renamed {
            let is_held = holds::active(tx.conn, id)?.is_some();
            workflow::may_name_work(&claim, is_held).map_err(StoreError::State)?;
            let window = match desk.article {
                Some(article) if works::is_there(tx.conn, article)? => {
                    works::window(tx.conn, article, claim.received_at)?
                }
                Some(_) => return Err(StoreError::Invalid(vec![no_such_article()])),
                None => None,
            };
            name_work(tx, id, desk.article, window)?;
        }
        diesel::update(claims::table.find(id.to_string()))
            .set((
                claims::revision.eq(revision + 1),
                claims::internal_note.eq(desk.internal_note),
                claims::updated_at.eq(to_db(tx.now())),
            ))
            .execute(tx.conn)?;
        let name = id.to_string();
        let article = desk.article.map(|article| article.to_string());
        let entry = Entry::new(Change::Updated, NOUN, &name);
        tx.record(match renamed {
            true => entry.detail(json!({"article": article})),
            false => entry,
        })?;
        Ok(())
    })
    .await
}

fn no_such_article() -> Fault {
    Fault::new("/article_id", "unknown", "there is no such article")
}
