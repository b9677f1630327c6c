//! What a partner's lists hold: the works above a stub, as a condition on the listing rows.
//!
//! Says in SQL what [`crate::rights::licence`] says of one work; the rule book's tests hold the
//! two against each other.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::BoxableExpression;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::db::schema::{
    article_listings as listings, article_tags, articles, inbound_grants as grants,
};
use crate::db::{Conn, DbError, MultiBackend, tree};
use crate::kernel::time::to_db;
use crate::rights::licence::{Licence, Reach};
use crate::rights::{Extent, Origin};

/// A condition on a row of the listing.
pub(super) type Condition =
    Box<dyn BoxableExpression<listings::table, MultiBackend, SqlType = Bool>>;

/// Sections with all below them, by id.
pub(super) type Sections = HashMap<String, Vec<String>>;

/// The sections that the licences name, with all below them.
pub(super) fn sections(conn: &mut Conn, reach: &Reach) -> Result<Sections, DbError> {
    let named: HashSet<String> = reach
        .licences
        .iter()
        .flat_map(|licence| &licence.selector.sections)
        .map(ToString::to_string)
        .collect();
    if named.is_empty() {
        return Ok(Sections::new());
    }
    tree::with_descendants(conn, &named)
}

/// Whether a row is within reach; `None` where nothing is.
pub(super) fn within(reach: &Reach, sections: &Sections, now: DateTime<Utc>) -> Option<Condition> {
    let mut licences = reach
        .licences
        .iter()
        .map(|licence| covered(licence, sections, now));
    let first = licences.next()?;
    let any = licences.fold(first, |any, next| Box::new(any.or(next)));
    Some(Box::new(any.and(passed_on(reach, now))))
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

fn covered(licence: &Licence, sections: &Sections, now: DateTime<Utc>) -> Condition {
    let mut covered = selected(licence, sections);
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

fn selected(licence: &Licence, sections: &Sections) -> Condition {
    let selector = &licence.selector;
    let named: Vec<String> = selector.articles.iter().map(ToString::to_string).collect();
    let single: Condition = Box::new(listings::article_id.eq_any(named));
    if !selector.is_wide() {
        return single;
    }
    let mut wide: Condition = Box::new(listings::side.eq(listings::side));
    if !selector.sections.is_empty() {
        let ids: Vec<String> = selector
            .sections
            .iter()
            .filter_map(|id| sections.get(&id.to_string()))
            .flatten()
            .cloned()
            .collect();
        wide = Box::new(
            wide.and(
                listings::section_id
                    .is_not_null()
                    .and(listings::section_id.assume_not_null().eq_any(ids)),
            ),
        );
    }
    if !selector.sources.is_empty() {
        let ids: Vec<String> = selector.sources.iter().map(ToString::to_string).collect();
        wide = Box::new(
            wide.and(
                listings::source_id
                    .is_not_null()
                    .and(listings::source_id.assume_not_null().eq_any(ids)),
            ),
        );
    }
    let mut languages = selector.languages.iter().map(|range| -> Condition {
        let range = range.as_str();
        Box::new(
            listings::language
                .eq(range.to_owned())
                .or(listings::language.like(format!("{range}-%"))),
        )
    });
    if let Some(first) = languages.next() {
        let any = languages.fold(first, |any, next| Box::new(any.or(next)));
        wide = Box::new(wide.and(any));
    }
    if !selector.tags.is_empty() {
        wide = Box::new(
            wide.and(exists(
                article_tags::table
                    .filter(article_tags::tag.eq_any(selector.tags.clone()))
                    .filter(article_tags::side.eq(listings::side))
                    .filter(article_tags::article_id.eq(listings::article_id)),
            )),
        );
    }
    Box::new(single.or(wide))
}

/// Own works, and reprints with a grant that lets us pass them on (rule 16). Channels and
/// territories are stored as JSON lists of words from closed sets: a quoted word is in the text
/// if and only if it is in the list.
fn passed_on(reach: &Reach, now: DateTime<Utc>) -> Condition {
    let own = listings::origin
        .is_not_null()
        .and(listings::origin.assume_not_null().eq(Origin::Own.as_str()));
    let Some((channel, territory)) = &reach.inbound else {
        return Box::new(own);
    };
    let now = to_db(now);
    let granted = exists(
        grants::table
            .filter(grants::source_id.nullable().eq(listings::source_id))
            .filter(grants::may_redistribute.eq(true))
            .filter(grants::max_extent.ne(Extent::Stub.as_str()))
            .filter(grants::channels.like(format!("%\"{}\"%", channel.as_str())))
            .filter(grants::territories.like(format!("%\"{}\"%", territory.as_str())))
            .filter(grants::valid_from.le(now))
            .filter(
                grants::valid_until
                    .is_null()
                    .or(grants::valid_until.assume_not_null().gt(now)),
            ),
    );
    Box::new(own.or(granted))
}
