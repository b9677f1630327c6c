//! The state of an article in a write: read as it is by now, and saved under a new revision.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::ActionError;
use crate::articles::model::{Side, State};
use crate::articles::store::agenda;
use crate::articles::store::check;
use crate::articles::store::index::{index, reindex, remove};
use crate::articles::store::load::{content, held, state as stored};
use crate::articles::store::slugs;
use crate::articles::workflow::coming;
use crate::db::schema::articles;
use crate::db::{StoreError, Tx};
use crate::kernel::id::ArticleId;
use crate::kernel::time::to_db;
use crate::rights::publish::obstacles;
use crate::rights::{Purpose, Stage};

/// The state as it is by now, if it still has the revision that the caller saw. What was due by
/// now is written down first, so that it stands in the journal before what follows.
///
/// It is looked at no earlier than its last change, and what was written down as published has
/// been out: a slow request or a clock that was set back must not find what was before.
pub(in crate::articles::store) fn current(
    tx: &mut Tx<'_>,
    id: ArticleId,
    revision: Option<i64>,
) -> Result<State, StoreError> {
    agenda::settle(tx, id)?;
    let state = stored(tx.conn, id)?;
    match revision {
        Some(revision) if revision != state.revision => Err(StoreError::Stale {
            current: state.revision,
        }),
        _ => {
            let seen = state
                .lifecycle()
                .visible_from()
                .filter(|_| state.stage == Stage::Published);
            let now = tx.now().max(state.updated_at);
            Ok(state.at(seen.map_or(now, |seen| now.max(seen))))
        }
    }
}

/// The stage of an article by now.
///
/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub fn stage_of(tx: &mut Tx<'_>, id: ArticleId) -> Result<Stage, StoreError> {
    Ok(current(tx, id, None)?.stage)
}

/// Writes the state back under a new revision, with what is to come of it.
pub(in crate::articles::store) fn save(tx: &mut Tx<'_>, state: State) -> Result<State, StoreError> {
    let state = State {
        revision: state.revision + 1,
        updated_at: tx.now().max(state.updated_at),
        ..state
    };
    let withdrawal = state.withdrawal.as_ref();
    let stood = stored(tx.conn, state.id)?;
    diesel::update(articles::table.find(state.id.to_string()))
        .set((
            articles::revision.eq(state.revision),
            articles::stage.eq(state.stage.as_str()),
            articles::head_version.eq(state.head_version),
            articles::live_version.eq(state.live_version),
            articles::publish_at.eq(state.publish_at.map(to_db)),
            articles::embargoed_until.eq(state.embargoed_until.map(to_db)),
            articles::unpublish_at.eq(state.unpublish_at.map(to_db)),
            articles::withdrawn_at.eq(withdrawal.map(|w| to_db(w.at))),
            articles::withdrawal_class.eq(withdrawal.map(|w| w.reason_class.as_str())),
            articles::withdrawal_reason.eq(withdrawal.map(|w| w.reason.as_str())),
            articles::updated_at.eq(to_db(state.updated_at)),
        ))
        .execute(tx.conn)?;
    // What did not change is not planned anew: a clock that was set back would find to come what
    // has been written down.
    if timed(&stood) != timed(&state) {
        agenda::plan(tx.conn, state.id, &coming(&state, tx.now()))?;
    }
    Ok(state)
}

/// What an agenda follows from.
fn timed(state: &State) -> (Stage, [Option<DateTime<Utc>>; 3]) {
    let times = [state.publish_at, state.embargoed_until, state.unpublish_at];
    (state.stage, times)
}

/// The instant of a write, never before what it follows.
pub(super) fn by_now(tx: &Tx<'_>, state: &State) -> DateTime<Utc> {
    tx.now().max(state.updated_at)
}

/// Puts the live version where readers' lists look, or takes it away from there.
pub(super) fn show(tx: &mut Tx<'_>, state: &State) -> Result<(), StoreError> {
    match state.live_version {
        Some(n) => {
            let text = content(tx.conn, state.id, n)?;
            index(tx.conn, Side::Live, state, n, &text, tx.cx.now)?;
            slugs::show(tx.conn, &text.slug)?;
        }
        None => remove(tx.conn, Side::Live, state.id)?,
    }
    reindex(tx.conn, state, tx.cx.now)
}

/// Rule 14: everything that a work needs before readers may see it.
pub(super) fn check_publishable(tx: &mut Tx<'_>, state: &State) -> Result<(), ActionError> {
    let now = tx.now();
    let visible_from = state.lifecycle().visible_from().unwrap_or(now);
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
