//! The actions of the desk, each in one transaction with its lines in the journal.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::state::{check_publishable, current, save, show};
use super::{ActionError, NOUN};
use crate::articles::model::{ChangeKind, Correction, Side, State, Timetable};
use crate::articles::store::holders::{Kind, tell};
use crate::articles::store::index::{index, reindex};
use crate::articles::store::load::content;
use crate::articles::store::versions::add_version;
use crate::articles::workflow;
use crate::db::{Change, Db, Entry, StoreError, Tx, WriteCx, Written};
use crate::kernel::id::ArticleId;
use crate::rights::{ReasonClass, Stage};

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
    lift_embargo: bool,
) -> Result<Written, ActionError> {
    db.write_once(cx, move |tx| {
        publish_in(tx, id, revision, publish_at, lift_embargo)
    })
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
    lift_embargo: bool,
) -> Result<Written, ActionError> {
    let before = current(tx, id, revision)?;
    let after = workflow::publish(&before, publish_at, lift_embargo, tx.now())?;
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
    workflow::correct(&before)?;
    let n = before.head_version + 1;
    let mut text = content(tx.conn, id, before.head_version)?;
    text.corrections.push(Correction {
        at: tx.now(),
        note: note.clone(),
        version: n,
    });
    add_version(tx, id, n, ChangeKind::Correction, Some(note.clone()), &text)?;
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
    tell(tx, id, n, Kind::Correction, None, Some(&note))?;
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
    let after = workflow::withdraw(&before, reason_class, reason.clone(), by_now(tx, &before))?;
    let n = before.head_version + 1;
    let text = content(tx.conn, id, before.head_version)?;
    add_version(
        tx,
        id,
        n,
        ChangeKind::Withdrawal,
        Some(reason.clone()),
        &text,
    )?;
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
    let class = Some(reason_class);
    tell(tx, id, n, Kind::Withdrawal, class, Some(&reason))?;
    Ok(Written::changed(id, after.revision))
}

/// Hands a draft in for review.
///
/// # Errors
/// [`StoreError::State`] for what is no draft, or a database error.
pub async fn submit(
    db: &Db,
    cx: WriteCx,
    id: ArticleId,
    revision: Option<i64>,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| submit_in(tx, id, revision))
        .await
}

/// [`submit`] within a transaction.
///
/// # Errors
/// As [`submit`].
pub fn submit_in(
    tx: &mut Tx<'_>,
    id: ArticleId,
    revision: Option<i64>,
) -> Result<Written, StoreError> {
    let before = current(tx, id, revision)?;
    let after = workflow::submit(&before)?;
    moved(tx, after, Change::Submitted, None)
}

/// Takes an article back to be worked on, from review or from the schedule.
///
/// # Errors
/// [`StoreError::State`] for what readers see or saw, or a database error.
pub async fn send_back(
    db: &Db,
    cx: WriteCx,
    id: ArticleId,
    revision: Option<i64>,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| send_back_in(tx, id, revision))
        .await
}

/// [`send_back`] within a transaction.
///
/// # Errors
/// As [`send_back`].
pub fn send_back_in(
    tx: &mut Tx<'_>,
    id: ArticleId,
    revision: Option<i64>,
) -> Result<Written, StoreError> {
    let before = current(tx, id, revision)?;
    let after = workflow::send_back(&before)?;
    moved(tx, after, Change::Returned, None)
}

/// Gives an article its times; the head version is the one that readers will see.
///
/// # Errors
/// [`ActionError::NotPublishable`] with one fault per missing item, [`StoreError::Invalid`] for
/// times that cannot be, or a [`StoreError`].
pub async fn schedule(
    db: &Db,
    cx: WriteCx,
    id: ArticleId,
    revision: Option<i64>,
    times: Timetable,
) -> Result<Written, ActionError> {
    db.write_once(cx, move |tx| schedule_in(tx, id, revision, times))
        .await
}

/// [`schedule`] within a transaction.
///
/// # Errors
/// As [`schedule`].
pub fn schedule_in(
    tx: &mut Tx<'_>,
    id: ArticleId,
    revision: Option<i64>,
    times: Timetable,
) -> Result<Written, ActionError> {
    let before = current(tx, id, revision)?;
    let after = workflow::schedule(&before, times, tx.now())?;
    if after == before {
        return Ok(Written::changed(id, before.revision));
    }
    if after.stage == Stage::Scheduled {
        check_publishable(tx, &after)?;
    }
    let detail = json!({
        "publish_at": after.publish_at,
        "embargoed_until": after.embargoed_until,
        "unpublish_at": after.unpublish_at,
    });
    let is_due =
        after.stage == Stage::Scheduled && after.publish_at.is_some_and(|at| at <= tx.now());
    let was_due = before.publish_at == after.publish_at && before.stage == Stage::Scheduled;
    let written = moved(tx, after, Change::Scheduled, Some(detail))?;
    if is_due && !was_due {
        // Due with this write, and held back: nothing is to come that would say so.
        let entry = id.to_string();
        tx.record(Entry::new(Change::Embargoed, NOUN, &entry).version(before.head_version))?;
    }
    Ok(written)
}

/// Undoes a withdrawal. What nobody could see becomes a draft again.
///
/// # Errors
/// [`ActionError::NotPublishable`] if what readers would see is no longer complete, or a
/// [`StoreError`].
pub async fn reinstate(
    db: &Db,
    cx: WriteCx,
    id: ArticleId,
    revision: Option<i64>,
    note: Option<String>,
) -> Result<Written, ActionError> {
    db.write_once(cx, move |tx| reinstate_in(tx, id, revision, note))
        .await
}

/// [`reinstate`] within a transaction.
///
/// # Errors
/// As [`reinstate`].
pub fn reinstate_in(
    tx: &mut Tx<'_>,
    id: ArticleId,
    revision: Option<i64>,
    note: Option<String>,
) -> Result<Written, ActionError> {
    let before = current(tx, id, revision)?;
    let after = workflow::reinstate(&before, by_now(tx, &before))?;
    let n = before.head_version + 1;
    let text = content(tx.conn, id, before.head_version)?;
    add_version(tx, id, n, ChangeKind::Reinstatement, note, &text)?;
    let after = State {
        head_version: n,
        ..after
    };
    index(tx.conn, Side::Head, &after, n, &text, tx.cx.now)?;
    let after = save(tx, after)?;
    show(tx, &after)?;
    let entry = id.to_string();
    tx.record(Entry::new(Change::Reinstated, NOUN, &entry).version(n))?;
    if after.stage == Stage::Published {
        // What nobody could see is a draft again: there is nothing that a holder may give back.
        tell(tx, id, n, Kind::Reinstatement, None, None)?;
    }
    Ok(Written::changed(id, after.revision))
}

/// Saves a move from one stage to another that makes no new version.
fn moved(
    tx: &mut Tx<'_>,
    after: State,
    change: Change,
    detail: Option<Value>,
) -> Result<Written, StoreError> {
    let after = save(tx, after)?;
    show(tx, &after)?;
    let id = after.id.to_string();
    let entry = Entry::new(change, NOUN, &id).version(after.head_version);
    tx.record(match detail {
        Some(detail) => entry.detail(detail),
        None => entry,
    })?;
    Ok(Written::changed(after.id, after.revision))
}

/// The instant of a write, never before what it follows.
fn by_now(tx: &Tx<'_>, state: &State) -> DateTime<Utc> {
    tx.now().max(state.updated_at)
}
