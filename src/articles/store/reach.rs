//! What a partner's lists hold: the works above a stub, as a condition on the listing rows.
//!
//! Says in SQL what [`crate::rights::licence`] says of one work; the rule book's tests hold the
//! two against each other.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::BoxableExpression;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::db::schema::{article_listings as listings, articles, inbound_grants as grants};
use crate::db::{MultiBackend, selections};
use crate::kernel::language::Territory;
use crate::kernel::time::to_db;
use crate::rights::licence::{Licence, Reach};
use crate::rights::{Channel, Extent, Origin};

/// A condition on a row of the listing.
pub(super) type Condition =
    Box<dyn BoxableExpression<listings::table, MultiBackend, SqlType = Bool>>;

/// Whether a row is within reach; `None` where nothing is.
pub(super) fn within(reach: &Reach, now: DateTime<Utc>) -> Option<Condition> {
    licensed(reach, Extent::Headline, now)
}

/// Works that a licence of at least this extent selects, and whose source lets us pass on as much.
pub(super) fn licensed(reach: &Reach, least: Extent, now: DateTime<Utc>) -> Option<Condition> {
    let mut licences = reach
        .licences
        .iter()
        .filter(|licence| licence.extent >= least)
        .map(|licence| covered(licence, now));
    let first = licences.next()?;
    let any = licences.fold(first, |any, next| Box::new(any.or(next)) as Condition);
    // Without a territory of the key no grant fits, and own works need none.
    let inbound: Condition = match &reach.inbound {
        None => own(),
        Some((channel, territory)) => {
            Box::new(own().or(granted(*channel, territory, true, least, now)))
        }
    };
    Some(Box::new(any.and(inbound)))
}

/// The first and last times of publication that are within reach, where there are such: said
/// apart, because an index can seek to them.
pub(super) fn bounds(
    reach: &Reach,
    now: DateTime<Utc>,
) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let eldest = reach
        .licences
        .iter()
        .map(|licence| archive_from(licence, now))
        .collect::<Option<Vec<_>>>()
        .and_then(|from| from.into_iter().min());
    let privileged = reach
        .licences
        .iter()
        .any(|licence| licence.embargo_privilege);
    (eldest, (!privileged).then_some(now))
}

/// A work is in the archive while its publication is later than this.
fn archive_from(licence: &Licence, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    now.checked_sub_signed(TimeDelta::try_days(licence.archive_days?)?)
}

fn covered(licence: &Licence, now: DateTime<Utc>) -> Condition {
    let mut covered = selected(licence);
    if let Some(from) = archive_from(licence, now) {
        covered = Box::new(covered.and(not(listings::visible_from.le(to_db(from)))));
    }
    // Said so that no index of times is chosen over that of the sort order; see `bounds`.
    let visible = not(listings::visible_from.gt(to_db(now)));
    if licence.embargo_privilege {
        // Due, and held back: what is not due yet is no partner's.
        let due = exists(
            articles::table
                .filter(articles::id.eq(listings::article_id))
                .filter(articles::publish_at.le(to_db(now)).assume_not_null()),
        );
        Box::new(covered.and(visible.or(due)))
    } else {
        Box::new(covered.and(visible))
    }
}

fn selected(licence: &Licence) -> Condition {
    let selector = &licence.selector;
    let id = || licence.id.to_string();
    let single: Condition = Box::new(selections::single(id()));
    if !selector.is_wide() {
        return single;
    }
    let mut wide: Condition = Box::new(listings::side.eq(listings::side));
    if !selector.sections.is_empty() {
        wide = Box::new(wide.and(selections::by_section(id())));
    }
    if !selector.sources.is_empty() {
        wide = Box::new(wide.and(selections::by_source(id())));
    }
    if !selector.languages.is_empty() {
        wide = Box::new(wide.and(selections::by_language(id())));
    }
    if !selector.tags.is_empty() {
        wide = Box::new(wide.and(selections::by_tag(id())));
    }
    Box::new(single.or(wide))
}

/// Works of the newsroom's own.
pub(super) fn own() -> Condition {
    let own = listings::origin
        .is_not_null()
        .and(listings::origin.assume_not_null().eq(Origin::Own.as_str()));
    Box::new(own)
}

/// Works whose source has granted at least this much for a channel and a territory, and, if they are
/// to be passed on, that too (rule 16). Channels and territories are stored as JSON lists of words
/// from closed sets: a quoted word is in the text if and only if it is in the list.
pub(super) fn granted(
    channel: Channel,
    territory: &Territory,
    passed_on: bool,
    least: Extent,
    now: DateTime<Utc>,
) -> Condition {
    let now = to_db(now);
    // Each as a value of its own: a list would be another statement for every length.
    let mut below = Extent::ALL.iter().filter(|extent| **extent < least);
    let mut less = || below.next().map_or("", |extent| extent.as_str());
    let [first, second, third] = [less(), less(), less()];
    let whichever = (!passed_on).into_sql::<Bool>();
    Box::new(exists(
        grants::table
            .filter(grants::source_id.nullable().eq(listings::source_id))
            .filter(grants::may_redistribute.or(whichever))
            .filter(grants::max_extent.ne(first))
            .filter(grants::max_extent.ne(second))
            .filter(grants::max_extent.ne(third))
            .filter(grants::channels.like(format!("%\"{}\"%", channel.as_str())))
            .filter(grants::territories.like(format!("%\"{}\"%", territory.as_str())))
            .filter(grants::valid_from.le(now))
            .filter(
                grants::valid_until
                    .is_null()
                    .or(grants::valid_until.assume_not_null().gt(now)),
            ),
    ))
}
