//! Restoring: an earlier version's text as a new version.

use serde_json::json;

use super::check::check_references;
use super::index::index;
use super::load::content;
use super::slugs;
use super::versions::add_version;
use super::write::{current, save};
use crate::articles::model::{ChangeKind, Restoration, Side, State};
use crate::articles::workflow;
use crate::db::{Change, Db, Entry, StoreError, WriteCx, Written};
use crate::kernel::id::ArticleId;

/// Makes a new head version of an earlier one's text. Corrections stay as they are: they were
/// made, whatever the text says. Whom the version named stays named, also who has left since.
///
/// # Errors
/// [`StoreError::Invalid`] where it refers to what is gone, or lowers the AI label without a
/// reason; [`StoreError::Stale`], [`StoreError::NotFound`], or a database error.
pub async fn restore(
    db: &Db,
    cx: WriteCx,
    id: ArticleId,
    revision: i64,
    asked: Restoration,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let state = current(tx, id, Some(revision))?;
        let before = content(tx.conn, id, state.head_version)?;
        let mut after = content(tx.conn, id, asked.n)?;
        after.corrections.clone_from(&before.corrections);
        let named = after.clone();
        check_references(tx.conn, id, Some(&named), &after)?;
        let reason = asked.ai_label_reason.as_deref();
        if let Some(fault) =
            workflow::lowering_needs_reason(before.ai_label, after.ai_label, reason)
        {
            return Err(StoreError::Invalid(vec![fault]));
        }
        // Its address may be another article's by now; then the present one stays.
        after.slug = match slugs::take(tx.conn, id, Some(&after.slug), &after.title) {
            Err(StoreError::Taken { .. }) => before.slug.clone(),
            taken => taken?,
        };
        if after == before {
            return Ok(Written::changed(id, state.revision));
        }
        slugs::release(tx.conn, id, &after.slug)?;
        let n = state.head_version + 1;
        let note = match &asked.note {
            Some(note) => format!("Restores version {}: {note}", asked.n),
            None => format!("Restores version {}.", asked.n),
        };
        add_version(tx, id, n, ChangeKind::Update, Some(note), &after)?;
        let state = save(
            tx,
            State {
                head_version: n,
                ..state
            },
        )?;
        index(tx.conn, Side::Head, &state, n, &after, tx.cx.now)?;
        let mut detail = json!({"restores": asked.n});
        if after.ai_label < before.ai_label {
            detail["ai_label"] = json!([before.ai_label, after.ai_label]);
            detail["reason"] = json!(reason);
        }
        let name = id.to_string();
        tx.record(
            Entry::new(Change::Updated, "article", &name)
                .version(n)
                .detail(detail),
        )?;
        Ok(Written::changed(id, state.revision))
    })
    .await
}
