//! The actions of the desk that change what readers have: publish, correct, withdraw.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::state::{by_now, check_publishable, current, save, show};
use super::{ActionError, NOUN};
use crate::articles::model::{ChangeKind, Correction, Side, State};
use crate::articles::store::holders::{Kind, tell};
use crate::articles::store::index::{index, reindex};
use crate::articles::store::load::content;
use crate::articles::store::versions::add_version;
use crate::articles::workflow;
use crate::db::{Change, Db, Entry, StoreError, Tx, WriteCx, Written};
use crate::kernel::id::ArticleId;
use crate::rights::ReasonClass;

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
    workflow::correct(&before, by_now(tx, &before))?;
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
