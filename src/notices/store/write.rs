//! Writing notices: a change is a new revision, and never touches an old one.

use diesel::prelude::*;

use crate::db::error::to_json;
use crate::db::schema::{article_listings as listings, notice_revisions as revisions, notices};
use crate::db::{
    Actor, Change, Conn, Db, DbError, Entry, InUse, StoreError, Tx, WriteCx, Written,
    notices_in_force,
};
use crate::kernel::id::NoticeId;
use crate::kernel::time::to_db;
use crate::notices::model::{Draft, Wording};
use crate::rights::{NoticeKind, Origin};

const NOUN: &str = "notice";

/// # Errors
/// [`StoreError::Taken`] where there is a notice of that kind and language; a database error, or
/// the idempotency key's.
pub async fn create(db: &Db, cx: WriteCx, draft: Draft) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let id: NoticeId = tx.cx.mint.id(tx.now());
        insert(tx, id, &draft)?;
        Ok(Written::created(id))
    })
    .await
}

/// Adds a notice within a transaction, for loads of whole newsrooms.
///
/// # Errors
/// [`StoreError::Taken`], or a database error.
pub fn insert(tx: &mut Tx<'_>, id: NoticeId, draft: &Draft) -> Result<(), StoreError> {
    let (kind, language) = (draft.kind.as_str(), draft.language.as_str());
    diesel::insert_into(notices::table)
        .values((
            notices::id.eq(id.to_string()),
            notices::revision.eq(1),
            notices::kind.eq(kind),
            notices::language.eq(language),
            notices::created_at.eq(to_db(tx.now())),
            notices::updated_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)
        .map_err(|error| {
            let detail = format!("there is a notice of kind {kind} in {language}; change that one");
            StoreError::from(error).taken("kind", "/language", &detail)
        })?;
    add(tx, id, 1, &draft.wording)?;
    tx.record(Entry::new(Change::Created, NOUN, &id.to_string()).version(1))?;
    Ok(())
}

/// Adds a revision to a notice that still has this newest one.
///
/// # Errors
/// [`StoreError::NotFound`], [`StoreError::Stale`], or a database error.
pub async fn revise(
    db: &Db,
    cx: WriteCx,
    id: NoticeId,
    revision: i64,
    wording: Wording,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        check(tx.conn, id, revision)?;
        let next = revision + 1;
        diesel::update(notices::table.find(id.to_string()))
            .set((
                notices::revision.eq(next),
                notices::updated_at.eq(to_db(tx.now())),
            ))
            .execute(tx.conn)?;
        add(tx, id, next, &wording)?;
        tx.record(Entry::new(Change::Updated, NOUN, &id.to_string()).version(next))?;
        Ok(())
    })
    .await
}

fn add(tx: &mut Tx<'_>, id: NoticeId, n: i64, wording: &Wording) -> Result<(), DbError> {
    let contact = wording.contact.as_ref().map(to_json).transpose()?;
    let created_by = match &tx.cx.actor {
        Actor::User(id) => Some(id.as_str()),
        Actor::Client(_) | Actor::Anonymous | Actor::Operator | Actor::System => None,
    };
    diesel::insert_into(revisions::table)
        .values((
            revisions::notice_id.eq(id.to_string()),
            revisions::n.eq(n),
            revisions::text.eq(&wording.text),
            revisions::contact.eq(contact),
            revisions::claim_window_days.eq(wording.claim_window_days),
            revisions::effective_from.eq(to_db(wording.effective_from)),
            revisions::created_at.eq(to_db(tx.cx.now)),
            revisions::created_by.eq(created_by),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// # Errors
/// [`StoreError::InUse`] for the last notice of its kind in force while an article has a live
/// version; [`StoreError::NotFound`], [`StoreError::Stale`], or a database error.
pub async fn delete(db: &Db, cx: WriteCx, id: NoticeId, revision: i64) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        check(tx.conn, id, revision)?;
        if last_in_force(tx, id)? {
            // Rule 1: without its notice no text could be served.
            if let Some(users) = live_articles(tx.conn, id)? {
                return Err(StoreError::InUse(vec![users]));
            }
        }
        let own = revisions::notice_id.eq(id.to_string());
        diesel::delete(revisions::table.filter(own)).execute(tx.conn)?;
        diesel::delete(notices::table.find(id.to_string())).execute(tx.conn)?;
        tx.record(Entry::new(Change::Deleted, NOUN, &id.to_string()))?;
        Ok(())
    })
    .await
}

/// Whether this notice is in force and no other one of its kind is.
fn last_in_force(tx: &mut Tx<'_>, id: NoticeId) -> Result<bool, DbError> {
    let id = id.to_string();
    let standing = notices_in_force::at(tx.conn, tx.cx.now)?;
    let Some(kind) = standing
        .iter()
        .find(|notice| notice.notice_id == id)
        .map(|notice| &notice.kind)
    else {
        return Ok(false);
    };
    let mut others = standing.iter().filter(|notice| notice.notice_id != id);
    Ok(!others.any(|other| other.kind == *kind))
}

/// The articles with something for readers to which this notice applies; `None` if there
/// is none.
fn live_articles(conn: &mut Conn, id: NoticeId) -> Result<Option<InUse>, DbError> {
    const NAMED: i64 = 10;
    let kind: String = notices::table
        .find(id.to_string())
        .select(notices::kind)
        .first(conn)?;
    let found = || {
        let live = listings::table
            .filter(listings::side.eq("live"))
            .into_boxed();
        match NoticeKind::parse(&kind) {
            Some(NoticeKind::OwnWork) => live.filter(listings::origin.eq(Origin::Own.as_str())),
            Some(NoticeKind::Reprint) => live.filter(listings::origin.eq(Origin::Reprint.as_str())),
            Some(NoticeKind::Contact) | None => live,
        }
    };
    let ids: Vec<String> = found()
        .select(listings::article_id)
        .order(listings::article_id)
        .limit(NAMED)
        .load(conn)?;
    if ids.is_empty() {
        return Ok(None);
    }
    let count = found().count().get_result(conn)?;
    Ok(Some(InUse {
        by: "articles",
        ids,
        count,
    }))
}

fn check(conn: &mut Conn, id: NoticeId, revision: i64) -> Result<(), StoreError> {
    let current: i64 = notices::table
        .find(id.to_string())
        .select(notices::revision)
        .first(conn)?;
    if current == revision {
        Ok(())
    } else {
        Err(StoreError::Stale { current })
    }
}
