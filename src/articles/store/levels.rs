//! How much of each text a search looks at: as much as its reader may have of it (rule 24 of the
//! rule book), as conditions on the listing rows.
//!
//! Says in SQL what [`crate::rights::decide`] says of one work; the rule book's tests hold the two
//! against each other. Where it cannot say it exactly it says less, never more.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::list::Reader;
use super::reach::{Condition, granted, licensed, own};
use super::texts::matches;
use crate::articles::search::{Dialect, Level, Query, tokens};
use crate::db::schema::{article_listings as listings, articles};
use crate::kernel::time::to_db;
use crate::rights::licence::Reach;
use crate::rights::{Audience, Extent, Role, Site, Stage, Use};

/// A search, and by whom.
#[derive(Debug, Clone)]
pub struct Looked {
    pub query: Query,
    pub use_: Use,
}

/// Whom a search is answered, at which instant.
pub(super) struct Looker<'a> {
    pub use_: &'a Use,
    pub reader: &'a Reader,
    pub site: &'a Site,
    pub now: DateTime<Utc>,
}

/// Of which works a reader may have at least so much.
enum Works {
    None,
    All,
    Those(Condition),
}

/// From the widest to the narrowest.
const LEVELS: [(Level, Extent); 4] = [
    (Level::Whole, Extent::Full),
    (Level::Lead, Extent::Excerpt),
    (Level::Summary, Extent::Headline),
    (Level::Titles, Extent::Stub),
];

impl Looker<'_> {
    /// How much is searched of some works or others, from the most on.
    pub fn levels(&self) -> Vec<Level> {
        let mut levels = Vec::new();
        for (level, extent) in LEVELS {
            match self.at_least(extent) {
                Works::None => {}
                Works::Those(_) => levels.push(level),
                Works::All => {
                    levels.push(level);
                    break;
                }
            }
        }
        levels
    }

    /// Of which works so much is searched and not more; all without a condition.
    ///
    /// Who may have more may have less: what each extent gives holds what the wider ones give.
    pub fn only(&self, level: Level) -> Option<Condition> {
        let mut more = None;
        for (of, extent) in LEVELS {
            let works = self.at_least(extent);
            if of == level {
                return match (works, more) {
                    (Works::Those(some), None) => Some(some),
                    (Works::Those(some), Some(more)) => Some(Box::new(some.and(not(more)))),
                    (_, Some(more)) => Some(Box::new(not::<Condition>(more))),
                    (_, None) => None,
                };
            }
            if let Works::Those(some) = works {
                more = Some(some);
            }
        }
        None
    }

    /// Whether the text of a row matches, as far as this reader may have it.
    pub fn found(&self, dialect: Dialect, query: &Query) -> Condition {
        let parts = self.levels().into_iter().map(|level| -> Condition {
            let matches = matches(dialect, query.expression(dialect, level));
            match self.only(level) {
                None => matches,
                Some(only) => Box::new(only.and(matches)),
            }
        });
        let any = parts.reduce(|one, other| Box::new(one.or(other)));
        any.unwrap_or_else(|| Box::new(false.into_sql::<Bool>()))
    }

    fn at_least(&self, extent: Extent) -> Works {
        if extent == Extent::Stub {
            return match self.reader {
                // The list has nothing of which there is a stub only.
                Reader::Partner { stubs: false, .. } => Works::None,
                _ => Works::All,
            };
        }
        match self.use_.audience {
            Audience::Desk {
                role: Role::Viewer, ..
            } => self.viewer(extent),
            Audience::Desk { .. } => Works::All,
            Audience::FirstParty => self.inbound(extent, false),
            Audience::Public if extent > Extent::from(self.site.public_extent) => Works::None,
            Audience::Public => self.inbound(extent, true),
            Audience::Partner => match self.reader {
                Reader::Partner { reach, .. } => self.licensed(reach, extent),
                Reader::Outside | Reader::Desk | Reader::Author(_) => Works::None,
            },
            // What a crawler may have of a work is looked up by its address.
            Audience::AiCrawler | Audience::Preview { .. } => Works::None,
        }
    }

    /// Whether excerpts are shorter than the lead that is searched.
    fn is_short(&self, extent: Extent, chars: Option<usize>) -> bool {
        let chars = chars.unwrap_or(self.site.public_excerpt_chars);
        extent == Extent::Excerpt && chars.min(self.site.public_excerpt_chars) < tokens::LEAD_CHARS
    }

    /// Own works, and reprints as their sources allow.
    fn inbound(&self, extent: Extent, passed_on: bool) -> Works {
        if self.is_short(extent, None) {
            return Works::None;
        }
        let territory = self.use_.territory.as_ref().unwrap_or(&self.site.territory);
        let reprints = granted(self.use_.channel, territory, passed_on, extent, self.now);
        Works::Those(Box::new(own().or(reprints)))
    }

    fn licensed(&self, reach: &Reach, extent: Extent) -> Works {
        let mut reach = reach.clone();
        reach.licences.retain(|licence| {
            let is_cut = licence.extent == Extent::Excerpt;
            !is_cut || !self.is_short(extent, licence.excerpt_chars)
        });
        if self.is_short(extent, None) {
            return Works::None;
        }
        match licensed(&reach, extent, self.now) {
            Some(condition) => Works::Those(condition),
            None => Works::None,
        }
    }

    /// Viewers have the headlines of what is withdrawn or under embargo.
    fn viewer(&self, extent: Extent) -> Works {
        match extent {
            Extent::Headline => return Works::All,
            // They have all of a work or its headline.
            Extent::Excerpt => return Works::None,
            Extent::Full | Extent::Stub => {}
        }
        let now = to_db(self.now);
        let held_back = exists(
            articles::table
                .filter(articles::id.eq(listings::article_id))
                .filter(articles::embargoed_until.gt(now).assume_not_null()),
        );
        let gone = listings::stage
            .eq(Stage::Withdrawn.as_str())
            .or(listings::visible_until.le(now));
        Works::Those(Box::new(not(held_back.or(gone))))
    }
}
