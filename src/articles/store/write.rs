//! Writing: drafts, edits and the actions of the desk, each in one transaction with its
//! lines in the journal.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use serde_json::json;

use super::check::{self, check_references};
use super::index::{index, reindex};
use super::load::{content, held, lifecycle, state};
use super::slugs;
use super::versions::{add_version, author_of};
use crate::articles::model::{ChangeKind, Content, Correction, Draft, Side, State};
use crate::articles::workflow::{self, Unfit};
use crate::db::references::{self, To};
use crate::db::schema::{articles, deliveries, version_references as refs};
use crate::db::{Change, Db, DbError, Entry, StoreError, Tx, WriteCx, Written};
use crate::kernel::id::ArticleId;
use crate::kernel::time::to_db;
use crate::rights::publish::obstacles;
use crate::rights::{Purpose, ReasonClass, Stage};

const NOUN: &str = "article";

/// Why an action on an article was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the rules ask for before publication is missing.
    #[error("the work cannot be published")]
    NotPublishable(Vec<crate::kernel::fault::Fault>),
}

impl From<crate::db::DbError> for ActionError {
    fn from(error: crate::db::DbError) -> Self {
        Self::Store(error.into())
    }
}

impl From<Unfit> for StoreError {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::State(detail) => Self::State(detail),
            Unfit::Invalid(faults) => Self::Invalid(faults),
        }
    }
}

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
        embargoed_until: None,
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
            articles::created_by.eq(state.created_by.map(|user| user.to_string())),
            articles::created_at.eq(to_db(tx.now())),
            articles::updated_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)?;
    let given = draft.slug_given.then_some(content.slug.as_str());
    content.slug = slugs::take(tx.conn, id, given, &content.title)?;
    add_version(tx, id, 1, ChangeKind::Initial, draft.change_note, &content)?;
    index(tx.conn, Side::Head, &state, 1, &content, tx.cx.now)?;
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
pub(super) fn change_in(
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

/// Gives the head version to readers.
///
/// # Errors
/// [`ActionError::NotPublishable`] with one fault per missing item, or a [`StoreError`].
pub async fn publish(
    db: &Db,
    cx: WriteCx,
    id: ArticleId,
    revision: Option<i64>,
    publish_at: Option<DateTime<Utc>>,
) -> Result<Written, ActionError> {
    db.write_once(cx, move |tx| publish_in(tx, id, revision, publish_at))
        .await
}

/// [`publish`] within a transaction.
///
/// # Errors
/// As [`publish`].
pub fn publish_in(
    tx: &mut Tx<'_>,
    id: ArticleId,
    revision: Option<i64>,
    publish_at: Option<DateTime<Utc>>,
) -> Result<Written, ActionError> {
    let before = current(tx, id, revision)?;
    let after = workflow::publish(&before, publish_at, tx.now()).map_err(StoreError::from)?;
    if after == before {
        return Ok(Written::changed(id, before.revision));
    }
    check_publishable(tx, &after)?;
    let after = save(tx, after)?;
    show(tx, &after)?;
    let entry = id.to_string();
    tx.record(Entry::new(Change::Published, NOUN, &entry).version(after.head_version))?;
    Ok(Written::changed(id, after.revision))
}

/// Gives readers a corrected version, with a public note that travels with the article.
///
/// # Errors
/// As [`publish`].
pub async fn correct(
    db: &Db,
    cx: WriteCx,
    id: ArticleId,
    revision: Option<i64>,
    note: String,
) -> Result<Written, ActionError> {
    db.write_once(cx, move |tx| correct_in(tx, id, revision, note))
        .await
}

/// [`correct`] within a transaction.
///
/// # Errors
/// As [`publish`].
pub fn correct_in(
    tx: &mut Tx<'_>,
    id: ArticleId,
    revision: Option<i64>,
    note: String,
) -> Result<Written, ActionError> {
    let before = current(tx, id, revision)?;
    workflow::correct(&before).map_err(StoreError::from)?;
    let n = before.head_version + 1;
    let mut text = content(tx.conn, id, before.head_version)?;
    text.corrections.push(Correction {
        at: tx.now(),
        note: note.clone(),
        version: n,
    });
    add_version(tx, id, n, ChangeKind::Correction, Some(note), &text)?;
    let after = State {
        head_version: n,
        live_version: Some(n),
        ..before
    };
    index(tx.conn, Side::Head, &after, n, &text, tx.cx.now)?;
    check_publishable(tx, &after)?;
    let after = save(tx, after)?;
    show(tx, &after)?;
    let entry = id.to_string();
    tx.record(Entry::new(Change::Corrected, NOUN, &entry).version(n))?;
    Ok(Written::changed(id, after.revision))
}

/// Takes an article back from readers.
///
/// # Errors
/// [`StoreError::State`] for what is not published, or a database error.
pub async fn withdraw(
    db: &Db,
    cx: WriteCx,
    id: ArticleId,
    revision: Option<i64>,
    reason_class: ReasonClass,
    reason: String,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        withdraw_in(tx, id, revision, reason_class, reason)
    })
    .await
}

/// [`withdraw`] within a transaction.
///
/// # Errors
/// As [`withdraw`].
pub fn withdraw_in(
    tx: &mut Tx<'_>,
    id: ArticleId,
    revision: Option<i64>,
    reason_class: ReasonClass,
    reason: String,
) -> Result<Written, StoreError> {
    let before = current(tx, id, revision)?;
    let after = workflow::withdraw(&before, reason_class, reason.clone(), tx.now())?;
    let n = before.head_version + 1;
    let text = content(tx.conn, id, before.head_version)?;
    add_version(tx, id, n, ChangeKind::Withdrawal, Some(reason), &text)?;
    let after = save(
        tx,
        State {
            head_version: n,
            ..after
        },
    )?;
    index(tx.conn, Side::Head, &after, n, &text, tx.cx.now)?;
    reindex(tx.conn, &after, tx.cx.now)?;
    let entry = id.to_string();
    tx.record(
        Entry::new(Change::Withdrawn, NOUN, &entry)
            .version(n)
            .detail(json!({"reason_class": reason_class})),
    )?;
    Ok(Written::changed(id, after.revision))
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
    // No earlier than the last change: a slow request must not look at times before it.
    if lifecycle(&state).was_ever_visible(tx.now().max(state.updated_at)) {
        return Err(StoreError::State(
            "Readers could see it: it is not deleted but withdrawn, by POST …/withdraw.".to_owned(),
        ));
    }
    let name = id.to_string();
    if was_delivered(tx, &name)? {
        return Err(StoreError::State(
            "A partner was given it: it is not deleted but withdrawn, by POST …/withdraw."
                .to_owned(),
        ));
    }
    let mut users = Vec::from_iter(references::articles(tx.conn, To::Article(&name))?);
    users.extend(references::licences(tx.conn, To::Article(&name))?);
    if !users.is_empty() {
        return Err(StoreError::InUse(users));
    }
    // Its own references go first: an article may name itself nowhere, but its
    // versions name each other's article.
    diesel::delete(refs::table.filter(refs::article_id.eq(&name))).execute(tx.conn)?;
    diesel::delete(articles::table.find(&name)).execute(tx.conn)?;
    tx.record(Entry::new(Change::Deleted, NOUN, &name))?;
    Ok(Written::removed(id))
}

/// Whether a partner was ever given it, under an embargo for one.
fn was_delivered(tx: &mut Tx<'_>, article: &str) -> Result<bool, DbError> {
    let given = deliveries::table.filter(deliveries::article_id.eq(article));
    Ok(diesel::select(exists(given)).get_result(tx.conn)?)
}

/// The state as it stands, if it still has the revision that the caller saw.
fn current(tx: &mut Tx<'_>, id: ArticleId, revision: Option<i64>) -> Result<State, StoreError> {
    let state = state(tx.conn, id)?;
    match revision {
        Some(revision) if revision != state.revision => Err(StoreError::Stale {
            current: state.revision,
        }),
        _ => Ok(state),
    }
}

/// Writes the state back under a new revision.
fn save(tx: &mut Tx<'_>, state: State) -> Result<State, StoreError> {
    let state = State {
        revision: state.revision + 1,
        updated_at: tx.now(),
        ..state
    };
    let withdrawal = state.withdrawal.as_ref();
    diesel::update(articles::table.find(state.id.to_string()))
        .set((
            articles::revision.eq(state.revision),
            articles::stage.eq(state.stage.as_str()),
            articles::head_version.eq(state.head_version),
            articles::live_version.eq(state.live_version),
            articles::publish_at.eq(state.publish_at.map(to_db)),
            articles::withdrawn_at.eq(withdrawal.map(|w| to_db(w.at))),
            articles::withdrawal_class.eq(withdrawal.map(|w| w.reason_class.as_str())),
            articles::withdrawal_reason.eq(withdrawal.map(|w| w.reason.as_str())),
            articles::updated_at.eq(to_db(state.updated_at)),
        ))
        .execute(tx.conn)?;
    Ok(state)
}

/// Puts the live version where readers' lists look.
fn show(tx: &mut Tx<'_>, state: &State) -> Result<(), StoreError> {
    let Some(n) = state.live_version else {
        return Ok(());
    };
    let text = content(tx.conn, state.id, n)?;
    index(tx.conn, Side::Live, state, n, &text, tx.cx.now)?;
    slugs::show(tx.conn, &text.slug)?;
    reindex(tx.conn, state, tx.cx.now)
}

/// Rule 14: everything that a work needs before readers may see it.
fn check_publishable(tx: &mut Tx<'_>, state: &State) -> Result<(), ActionError> {
    let now = tx.now();
    let visible_from = lifecycle(state).visible_from().unwrap_or(now);
    let work = held(tx.conn, &[state.id.to_string()], Side::Head, true, now)?
        .pop()
        .ok_or(StoreError::NotFound)?;
    let source = work.inspect(Purpose::Publish, |article| article.content.source_id);
    let listing = check::listing(tx.conn, source, visible_from)?;
    // The list is asked for the date of the reprint, the grant for when it takes effect: an
    // old date does not bring an expired grant back.
    let faults = obstacles(work.rights(), listing, visible_from.max(now));
    if faults.is_empty() {
        Ok(())
    } else {
        Err(ActionError::NotPublishable(faults))
    }
}
