//! Moves from one stage to another, or to other times, that give readers no new text: submit, return,
//! schedule, hold, reinstate.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::state::{by_now, check_publishable, current, save, show};
use super::{ActionError, NOUN};
use crate::articles::model::{ChangeKind, Remark, Side, State, Timetable};
use crate::articles::store::comments;
use crate::articles::store::holders::{Kind, tell, was_delivered};
use crate::articles::store::index::index;
use crate::articles::store::load::content;
use crate::articles::store::versions::add_version;
use crate::articles::workflow;
use crate::db::takedowns::keepers;
use crate::db::{Change, Db, Entry, StoreError, Tx, WriteCx, Written};
use crate::kernel::id::ArticleId;
use crate::rights::Stage;

/// Hands a draft in for review.
///
/// # Errors
/// [`StoreError::State`] for what is no draft, or a database error.
pub async fn submit(
    db: &Db,
    cx: WriteCx,
    id: ArticleId,
    revision: Option<i64>,
    note: Option<String>,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| submit_in(tx, id, revision, note))
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
    note: Option<String>,
) -> Result<Written, StoreError> {
    let before = current(tx, id, revision)?;
    let after = workflow::submit(&before)?;
    remark(tx, id, note)?;
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
    note: Option<String>,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| send_back_in(tx, id, revision, note))
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
    note: Option<String>,
) -> Result<Written, StoreError> {
    let before = current(tx, id, revision)?;
    let after = workflow::send_back(&before)?;
    remark(tx, id, note)?;
    if was_delivered(tx, &id.to_string())? {
        return Err(StoreError::State(
            "A partner was given it under an embargo: it is not returned but withdrawn.".to_owned(),
        ));
    }
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
    let after = told_of_times(tx, &before, after)?;
    let is_due =
        after.stage == Stage::Scheduled && after.publish_at.is_some_and(|at| at <= tx.now());
    let was_due = before.publish_at == after.publish_at && before.stage == Stage::Scheduled;
    let given = after.head_version;
    let written = moved(tx, after, Change::Scheduled, Some(detail))?;
    if is_due && !was_due {
        // Due with this write, and held back: nothing is to come that would say so.
        let entry = id.to_string();
        tx.record(Entry::new(Change::Embargoed, NOUN, &entry).version(given))?;
    }
    Ok(written)
}

/// Where a partner holds what is due under an embargo and is to be seen at another time now, it
/// is told: whoever keeps to the old time would come out too early. The note stands in a version
/// of its own, of the text that they hold; what the desk has written since stays ahead of it.
fn told_of_times(tx: &mut Tx<'_>, before: &State, after: State) -> Result<State, StoreError> {
    let (was, is) = (
        before.lifecycle().visible_from(),
        after.lifecycle().visible_from(),
    );
    let waits = before.stage == Stage::Scheduled && after.stage == Stage::Scheduled;
    let (true, Some(until)) = (waits && was != is, is) else {
        return Ok(after);
    };
    if !was_delivered(tx, &after.id.to_string())? {
        return Ok(after);
    }
    let until = until.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let note = format!("It is held back until {until} now.");
    let n = after.head_version + 1;
    let shown = after.live_version.unwrap_or(after.head_version);
    let text = content(tx.conn, after.id, shown)?;
    let said = Some(note.clone());
    add_version(tx, after.id, n, ChangeKind::Update, said, &text)?;
    let (head, text) = match shown == after.head_version {
        true => (n, text),
        false => {
            let text = content(tx.conn, after.id, after.head_version)?;
            add_version(tx, after.id, n + 1, ChangeKind::Update, None, &text)?;
            (n + 1, text)
        }
    };
    let after = State {
        head_version: head,
        live_version: Some(n),
        ..after
    };
    index(tx.conn, Side::Head, &after, head, &text, tx.cx.now)?;
    tell(tx, after.id, n, Kind::Correction, None, Some(&note))?;
    Ok(after)
}

/// Holds a work back until then, because whoever sent it says so; tells whether it is. A work that is
/// not fit to be published is held back, too.
///
/// # Errors
/// A database error.
pub fn hold_in(tx: &mut Tx<'_>, id: ArticleId, until: DateTime<Utc>) -> Result<bool, StoreError> {
    let before = current(tx, id, None)?;
    if before.embargoed_until == Some(until) {
        return Ok(true);
    }
    let Some(after) = workflow::hold(&before, until) else {
        return Ok(false);
    };
    let change = match before.stage {
        Stage::Scheduled => Change::Scheduled,
        Stage::Draft | Stage::Review | Stage::Published | Stage::Withdrawn => Change::Updated,
    };
    let after = told_of_times(tx, &before, after)?;
    moved(tx, after, change, Some(json!({"embargoed_until": until})))?;
    Ok(true)
}

/// Undoes a withdrawal by hand, an end that has passed included. What nobody could see becomes a
/// draft again.
///
/// # Errors
/// [`StoreError::State`] for what is not withdrawn, or withdrawn on a claim; or a database error.
pub async fn reinstate(
    db: &Db,
    cx: WriteCx,
    id: ArticleId,
    revision: Option<i64>,
    note: Option<String>,
) -> Result<Written, StoreError> {
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
) -> Result<Written, StoreError> {
    let before = current(tx, id, revision)?;
    if let Some(claim) = claimed(tx, &before)? {
        return Err(StoreError::State(format!(
            "It is withdrawn on claim {claim}, which gives it back: by release, or by restore."
        )));
    }
    undo(tx, &before, true, note)
}

/// Undoes the withdrawal that a claim has made: the work is what it would be without it, at its
/// end if that has passed meanwhile.
///
/// # Errors
/// [`StoreError::State`] for what is not withdrawn, or a database error.
pub fn give_back_in(
    tx: &mut Tx<'_>,
    id: ArticleId,
    note: Option<String>,
) -> Result<Written, StoreError> {
    let before = current(tx, id, None)?;
    undo(tx, &before, false, note)
}

/// The claim on which an article is withdrawn, if it is on one.
fn claimed(tx: &mut Tx<'_>, state: &State) -> Result<Option<String>, StoreError> {
    let Some(gone) = &state.withdrawal else {
        return Ok(None);
    };
    let keepers = keepers(tx.conn, &state.id.to_string(), gone.at)?;
    Ok(keepers.into_iter().next())
}

fn undo(
    tx: &mut Tx<'_>,
    before: &State,
    clears_end: bool,
    note: Option<String>,
) -> Result<Written, StoreError> {
    let id = before.id;
    let after = workflow::reinstate(before, clears_end, by_now(tx, before))?;
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
    let is_out = after.stage == Stage::Published;
    // What readers see is the version that they saw; what has come to its end stays away.
    let change = match after.stage {
        Stage::Withdrawn => Change::Withdrawn,
        _ => Change::Reinstated,
    };
    let shown = after.live_version.filter(|_| is_out).unwrap_or(n);
    tx.record(Entry::new(change, NOUN, &entry).version(shown))?;
    if is_out {
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

/// Keeps a note as a comment on the newest version.
fn remark(tx: &mut Tx<'_>, id: ArticleId, note: Option<String>) -> Result<(), StoreError> {
    if let Some(text) = note {
        let remark = Remark {
            version: None,
            block: None,
            parent: None,
            text,
        };
        comments::create_in(tx, id, &remark)?;
    }
    Ok(())
}
