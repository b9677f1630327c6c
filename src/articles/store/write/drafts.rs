//! Drafts: written, changed, removed.

use diesel::prelude::*;
use serde_json::json;

use super::NOUN;
use super::state::{current, save};
use crate::articles::model::{ChangeKind, Content, Draft, Side, State};
use crate::articles::store::check::check_references;
use crate::articles::store::holders;
use crate::articles::store::index::{self, index};
use crate::articles::store::load::content;
use crate::articles::store::slugs;
use crate::articles::store::versions::{add_version, author_of};
use crate::articles::workflow;
use crate::db::references::{self, To};
use crate::db::schema::{articles, version_references as refs};
use crate::db::{Change, Db, Entry, StoreError, Tx, WriteCx, Written};
use crate::kernel::id::ArticleId;
use crate::kernel::time::to_db;
use crate::rights::Stage;

/// # Errors
/// [`StoreError::Invalid`] for references to what is not there, [`StoreError::Taken`] for
/// the slug, or a database error.
pub async fn create(db: &Db, cx: WriteCx, draft: Draft) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let id = tx.cx.mint.id(tx.now());
        create_in(tx, id, draft)?;
        Ok(Written::created(id))
    })
    .await
}

/// [`create`] within a transaction, for loads of whole newsrooms.
///
/// # Errors
/// As [`create`].
pub fn create_in(tx: &mut Tx<'_>, id: ArticleId, draft: Draft) -> Result<(), StoreError> {
    let mut content = draft.content;
    check_references(tx.conn, id, None, &content)?;
    let state = State {
        id,
        revision: 1,
        stage: Stage::Draft,
        head_version: 1,
        live_version: None,
        publish_at: None,
        embargoed_until: draft.embargoed_until,
        unpublish_at: None,
        withdrawal: None,
        created_by: author_of(tx),
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    diesel::insert_into(articles::table)
        .values((
            articles::id.eq(id.to_string()),
            articles::revision.eq(1),
            articles::stage.eq(state.stage.as_str()),
            articles::head_version.eq(1),
            articles::embargoed_until.eq(state.embargoed_until.map(to_db)),
            articles::created_by.eq(state.created_by.map(|user| user.to_string())),
            articles::created_at.eq(to_db(tx.now())),
            articles::updated_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)?;
    let given = draft.slug_given.then_some(content.slug.as_str());
    content.slug = slugs::take(tx.conn, id, given, &content.title)?;
    add_version(tx, id, 1, ChangeKind::Initial, draft.change_note, &content)?;
    index::begin(tx.conn, &state, &content)?;
    tx.record(Entry::new(Change::Created, NOUN, &id.to_string()).version(1))?;
    Ok(())
}

/// Makes a new head version. What readers see stays until it is published or corrected.
///
/// # Errors
/// [`StoreError::Stale`] if somebody else was first; else as [`create`].
pub async fn update(
    db: &Db,
    cx: WriteCx,
    id: ArticleId,
    revision: i64,
    draft: Draft,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        change_in(tx, id, Some(revision), |_| Ok(draft)).map(|_| ())
    })
    .await
}

/// [`update`] within a transaction, by what stands.
///
/// # Errors
/// As [`update`], and those of `change`.
pub fn change_in(
    tx: &mut Tx<'_>,
    id: ArticleId,
    revision: Option<i64>,
    change: impl FnOnce(&Content) -> Result<Draft, StoreError>,
) -> Result<Written, StoreError> {
    let state = current(tx, id, revision)?;
    let before = content(tx.conn, id, state.head_version)?;
    let draft = change(&before)?;
    let mut after = draft.content;
    after.corrections.clone_from(&before.corrections);
    check_references(tx.conn, id, Some(&before), &after)?;
    let reason = draft.ai_label_reason.as_deref();
    if let Some(fault) = workflow::lowering_needs_reason(before.ai_label, after.ai_label, reason) {
        return Err(StoreError::Invalid(vec![fault]));
    }
    let given = draft.slug_given.then_some(after.slug.as_str());
    after.slug = slugs::take(tx.conn, id, given, &after.title)?;
    if after == before {
        return Ok(Written::changed(id, state.revision));
    }
    slugs::release(tx.conn, id, &after.slug)?;
    let n = state.head_version + 1;
    add_version(tx, id, n, ChangeKind::Update, draft.change_note, &after)?;
    let state = save(
        tx,
        State {
            head_version: n,
            ..state
        },
    )?;
    index(tx.conn, Side::Head, &state, n, &after, tx.cx.now)?;
    let lowered = (after.ai_label < before.ai_label)
        .then(|| json!({"ai_label": [before.ai_label, after.ai_label], "reason": reason}));
    let name = id.to_string();
    let entry = Entry::new(Change::Updated, NOUN, &name).version(n);
    tx.record(match lowered {
        Some(detail) => entry.detail(detail),
        None => entry,
    })?;
    Ok(Written::changed(id, state.revision))
}

/// Removes an article that nobody outside the desk could ever see.
///
/// # Errors
/// [`StoreError::State`] if it was ever visible, [`StoreError::InUse`] while others refer
/// to it, or a database error.
pub async fn delete(db: &Db, cx: WriteCx, id: ArticleId, revision: i64) -> Result<(), StoreError> {
    db.write(cx, move |tx| delete_in(tx, id, Some(revision)).map(|_| ()))
        .await
}

/// [`delete`] within a transaction.
///
/// # Errors
/// As [`delete`].
pub fn delete_in(
    tx: &mut Tx<'_>,
    id: ArticleId,
    revision: Option<i64>,
) -> Result<Written, StoreError> {
    let state = current(tx, id, revision)?;
    let now = tx.now().max(state.updated_at);
    if state.stage == Stage::Published || state.lifecycle().was_ever_visible(now) {
        return Err(StoreError::State(
            "Readers could see it: it is not deleted but withdrawn, by POST …/withdraw.".to_owned(),
        ));
    }
    let name = id.to_string();
    if holders::was_delivered(tx, &name)? {
        return Err(StoreError::State(
            "A partner was given it: it is not deleted but withdrawn, by POST …/withdraw."
                .to_owned(),
        ));
    }
    let users = references::all(tx.conn, To::Article(&name))?;
    if !users.is_empty() {
        return Err(StoreError::InUse(users));
    }
    // Its own references go first: an article may name itself nowhere, but its
    // versions name each other's article.
    diesel::delete(refs::table.filter(refs::article_id.eq(&name))).execute(tx.conn)?;
    for side in Side::ALL {
        index::remove(tx.conn, *side, id)?;
    }
    diesel::delete(articles::table.find(&name)).execute(tx.conn)?;
    tx.record(Entry::new(Change::Deleted, NOUN, &name))?;
    Ok(Written::removed(id))
}
