//! Which rows of the listing are at a stage.

use chrono::NaiveDateTime;
use diesel::dsl::not;
use diesel::prelude::*;

use super::list::Boxed;
use crate::articles::model::Event;
use crate::db::schema::{article_agenda as agenda, article_listings as listings};
use crate::rights::Stage;

/// The stage as it is at an instant, whether the agenda has written it down or not: what the rows
/// say, but for what came due and was not reached yet.
pub(super) fn staged(found: Boxed<'_>, stage: Stage, now: NaiveDateTime) -> Boxed<'_> {
    let due = |event: Event| {
        agenda::table
            .filter(agenda::event.eq(event.as_str()))
            .filter(agenda::due_at.le(now))
            .select(agenda::article_id)
    };
    let is = |stage: Stage| listings::stage.eq(stage.as_str());
    let ended = || listings::article_id.eq_any(due(Event::Unpublish));
    let out = || listings::article_id.eq_any(due(Event::Publish));
    match stage {
        Stage::Draft | Stage::Review => found.filter(is(stage)),
        Stage::Scheduled => found.filter(is(stage)).filter(not(out())),
        Stage::Published => found
            .filter(is(stage).or(is(Stage::Scheduled).and(out())))
            .filter(not(ended())),
        Stage::Withdrawn => found.filter(is(stage).or(ended())),
    }
}
