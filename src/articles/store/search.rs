//! Searches: the works that match, newest or best first.
//!
//! What is best rests on the work alone: its time, moved forward where the words stand in its title
//! or its lead. So nothing that a reader cannot see bears on an order (rule 19), and a page needs
//! only the newest of each kind. Start with [`search`].

use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::levels::{Looked, Looker};
use super::list::{Boxed, Query, Reader, matching, sections_of};
use super::memory::{Look, Memory};
use super::pages;
use super::texts::{self, Span, first_at, span};
use crate::articles::model::{Article, Side};
use crate::articles::search::facets::{Facet, Value};
use crate::articles::search::{Dialect, Level};
use crate::db::page::Mark;
use crate::db::schema::{article_listings as listings, search_docs as docs};
use crate::db::{Conn, StoreError};
use crate::rights::{Held, Site};

/// Texts that are looked at first; with few of them fit, more at once. With still too few among the
/// most, the list is asked instead, once for all.
const FIRST: i64 = 64;
const MOST: i64 = 4_096;

/// How much later a work counts as published if its title has all that was asked for.
const TITLE_DAYS: i64 = 365;
/// The same for summary and lead.
const LEAD_DAYS: i64 = 60;

/// In which order hits come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Relevance,
    Newest,
    Oldest,
}

/// A search.
#[derive(Debug, Clone)]
pub struct Search {
    /// Reader, filter and window; its order is not looked at.
    pub list: Query,
    pub looked: Looked,
    pub order: Order,
    pub facets: Vec<Facet>,
}

/// A page of hits.
pub struct Hits {
    pub works: Vec<(Mark, Held<Article>)>,
    pub total: Option<i64>,
    pub facets: Vec<(Facet, Vec<Value>)>,
    /// Where a licence for more can be had.
    pub acquire_licence_url: Option<String>,
}

/// Place of a hit: what it is sorted by, and its text.
type Place = (i64, i64);

/// A page of hits, as they are in this snapshot.
pub(super) fn search(
    look: &mut Look<'_>,
    memory: &Memory,
    search: &Search,
) -> Result<Hits, StoreError> {
    let sections = sections_of(look.conn, &search.list.filter)?;
    let (site, _) = memory.site(look)?;
    let Some(sections) = sections.filter(|_| !search.list.reader.has_nothing()) else {
        return Ok(Hits::nothing(search, &site));
    };
    let dialect = texts::dialect(look.db.engine());
    let asked = Asked {
        search,
        sections: sections.as_deref(),
        looker: Looker {
            use_: &search.looked.use_,
            reader: &search.list.reader,
            site: &site,
            now: look.now,
        },
        dialect,
    };
    let found = asked.page(look.conn)?;
    let ids: Vec<String> = found.iter().map(|(_, id)| id.clone()).collect();
    let (works, _) = pages::works(look, memory, &search.list.reader, &ids, true)?;
    let mut works: HashMap<String, Held<Article>> = works
        .into_iter()
        .map(|work| (work.rights().article.to_string(), work))
        .collect();
    let (total, facets) = asked.told(look.conn)?;
    Ok(Hits {
        works: found
            .into_iter()
            .filter_map(|(place, id)| Some((mark(place), works.remove(&id)?)))
            .collect(),
        total,
        facets,
        acquire_licence_url: site.acquire_licence_url.clone(),
    })
}

impl Hits {
    fn nothing(search: &Search, site: &Site) -> Self {
        Self {
            works: Vec::new(),
            acquire_licence_url: site.acquire_licence_url.clone(),
            total: search.list.window.count.then_some(0),
            facets: search
                .facets
                .iter()
                .map(|facet| (*facet, Vec::new()))
                .collect(),
        }
    }
}

fn mark((score, doc): Place) -> Mark {
    Mark {
        key: score.to_string(),
        id: doc.to_string(),
    }
}

/// A cursor's place.
pub fn place(mark: &Mark) -> Option<Place> {
    Some((mark.key.parse().ok()?, mark.id.parse().ok()?))
}

/// Texts that are found by one expression, in the order of their numbers, moved by a constant.
struct Stream {
    expression: String,
    moved: i64,
}

/// A search as it is made of this database.
pub(super) struct Asked<'a> {
    pub search: &'a Search,
    sections: Option<&'a [String]>,
    pub looker: Looker<'a>,
    pub dialect: Dialect,
}

impl Asked<'_> {
    /// Places and articles of the page, with one too many if there are more.
    fn page(&self, conn: &mut Conn) -> Result<Vec<(Place, String)>, StoreError> {
        let descending = self.search.order != Order::Oldest;
        let wanted = self.wanted();
        let mut all: Vec<(Place, String)> = Vec::new();
        // The parts of a reader, and of each the kinds of hits: a dozen at most. Once the page is full,
        // only what goes before its last hit is looked for: where most works are of the first part, the
        // others, of which few may be there, need not be gone through.
        for level in self.looker.levels() {
            for stream in self.streams(level) {
                let last = all.get(wanted.saturating_sub(1)).map(|(place, _)| *place);
                all.extend(self.first_of(conn, level, &stream, last)?);
                match descending {
                    true => all.sort_unstable_by(|a, b| b.cmp(a)),
                    false => all.sort_unstable(),
                }
                all.truncate(wanted);
            }
        }
        Ok(all)
    }

    /// Hits of a page, and one more.
    fn wanted(&self) -> usize {
        usize::try_from(self.search.list.window.fetch()).unwrap_or(usize::MAX)
    }

    /// The kinds of hits of one level.
    fn streams(&self, level: Level) -> Vec<Stream> {
        let query = &self.search.looked.query;
        let (dialect, days) = (self.dialect, |days| span(TimeDelta::days(days)));
        let kind = |of: Level, lower: Option<Level>, moved| Stream {
            expression: query.ranked(dialect, of, lower, level),
            moved,
        };
        match (self.search.order, level) {
            (Order::Newest | Order::Oldest, _) => vec![Stream {
                expression: query.expression(dialect, level),
                moved: 0,
            }],
            (Order::Relevance, Level::Titles) => vec![kind(level, None, days(TITLE_DAYS))],
            (Order::Relevance, Level::Summary | Level::Lead) => vec![
                kind(Level::Titles, None, days(TITLE_DAYS)),
                kind(level, Some(Level::Titles), days(LEAD_DAYS)),
            ],
            (Order::Relevance, Level::Whole) => vec![
                kind(Level::Titles, None, days(TITLE_DAYS)),
                kind(Level::Lead, Some(Level::Titles), days(LEAD_DAYS)),
                kind(Level::Whole, Some(Level::Lead), 0),
            ],
        }
    }

    /// The first hits of a stream behind the cursor that the list's other conditions let through, as far
    /// as the place that is the last one to count.
    fn first_of(
        &self,
        conn: &mut Conn,
        level: Level,
        stream: &Stream,
        last: Option<Place>,
    ) -> Result<Vec<(Place, String)>, StoreError> {
        let window = &self.search.list.window;
        let descending = self.search.order != Order::Oldest;
        let cursor = window.after.as_ref().and_then(place);
        let mut span = Span {
            after: self.beginning(stream, cursor),
            until: last.map(|(score, _)| score.saturating_sub(stream.moved)),
            descending,
            most: FIRST,
        };
        let mut found = Vec::new();
        let behind = |(doc, id): (i64, String)| {
            let place = (doc.saturating_add(stream.moved), doc);
            let is_behind = cursor.is_none_or(|cursor| match descending {
                true => place < cursor,
                false => place > cursor,
            });
            is_behind.then_some((place, id))
        };
        while span.most <= MOST {
            let numbers = texts::matching(conn, &stream.expression, span)?;
            span.after = numbers.last().copied().or(span.after);
            let is_last = i64::try_from(numbers.len()).unwrap_or(i64::MAX) < span.most;
            let fit = self.let_through(conn, level, numbers)?;
            found.extend(fit.into_iter().filter_map(behind));
            if is_last || found.len() >= self.wanted() {
                return Ok(found);
            }
            span.most *= 8;
        }
        // One of them can be the cursor's own.
        span.most = window.fetch().saturating_add(1);
        let fit = self.listed_first(conn, level, &stream.expression, span)?;
        found.extend(fit.into_iter().filter_map(behind));
        Ok(found)
    }

    /// The texts of the list's own rows that match, where most that match are not in the list.
    fn listed_first(
        &self,
        conn: &mut Conn,
        level: Level,
        expression: &str,
        span: Span,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        let number = || {
            sql::<BigInt>(
                "(SELECT n.doc FROM search_docs n WHERE n.article_id = article_listings.article_id \
                 AND n.side = article_listings.side)",
            )
        };
        let mut listed = self
            .matching()
            .filter(texts::matches(self.dialect, expression.to_owned()));
        if let Some(only) = self.looker.only(level) {
            listed = listed.filter(only);
        }
        let (after, until) = span.bounds();
        listed = match span.descending {
            true => listed
                .filter(number().lt(after))
                .filter(number().ge(until))
                .order(number().desc()),
            false => listed
                .filter(number().gt(after))
                .filter(number().le(until))
                .order(number().asc()),
        };
        let found = listed
            .limit(span.most)
            .select((number(), listings::article_id))
            .load::<(i64, String)>(conn)?;
        Ok(found)
    }

    /// From where on a stream is read: from the cursor, or from what can be seen by now.
    fn beginning(&self, stream: &Stream, cursor: Option<Place>) -> Option<i64> {
        let cursor = cursor.map(|(score, _)| score.saturating_sub(stream.moved));
        if self.search.order == Order::Oldest {
            return cursor.map(|number| number.saturating_sub(1));
        }
        let seen = match &self.search.list.reader {
            Reader::Outside => Some(first_at(self.looker.now + TimeDelta::milliseconds(1))),
            Reader::Partner { .. } | Reader::Desk | Reader::Author(_) => None,
        };
        let cursor = cursor.map(|number| number.saturating_add(1));
        match (cursor, seen) {
            (Some(cursor), Some(seen)) => Some(cursor.min(seen)),
            (one, other) => one.or(other),
        }
    }

    /// Of these texts those whose article is in the list, in their order.
    fn let_through(
        &self,
        conn: &mut Conn,
        level: Level,
        numbers: Vec<i64>,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = docs::table
            .filter(docs::doc.eq_any(numbers))
            .select((docs::doc, docs::article_id, docs::side))
            .into_boxed();
        match &self.search.list.reader {
            Reader::Outside | Reader::Partner { .. } => {
                query = query.filter(docs::side.eq(Side::Live.as_str()));
            }
            Reader::Desk => query = query.filter(docs::side.eq(Side::Head.as_str())),
            Reader::Author(_) => {}
        }
        let mut texts: Vec<(i64, String, String)> = query.load(conn)?;
        let ids: Vec<String> = texts.iter().map(|(_, id, _)| id.clone()).collect();
        let mut listed = self.matching().filter(listings::article_id.eq_any(ids));
        if let Some(only) = self.looker.only(level) {
            listed = listed.filter(only);
        }
        let listed: HashSet<(String, String)> = listed
            .select((listings::article_id, listings::side))
            .load::<(String, String)>(conn)?
            .into_iter()
            .collect();
        match self.search.order {
            Order::Oldest => texts.sort_unstable_by_key(|(doc, ..)| *doc),
            Order::Relevance | Order::Newest => {
                texts.sort_unstable_by_key(|(doc, ..)| std::cmp::Reverse(*doc));
            }
        }
        Ok(texts
            .into_iter()
            .filter_map(|(doc, id, side)| {
                let key = (id, side);
                listed.contains(&key).then_some((doc, key.0))
            })
            .collect())
    }

    /// The rows of the list, whatever their texts.
    pub(super) fn matching(&self) -> Boxed<'static> {
        let rows = listings::table.into_boxed();
        matching(rows, &self.search.list, self.sections, self.looker.now)
    }
}
