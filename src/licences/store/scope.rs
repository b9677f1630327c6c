//! Which external sources a licence reaches, and what they allow us: what its warnings are
//! computed from.

use std::collections::{BTreeSet, HashMap};

use diesel::dsl::exists;
use diesel::prelude::*;

use crate::db::error::stored;
use crate::db::schema::{article_listings as listings, article_tags, sections, settings, sources};
use crate::db::{self, Conn, Db, DbError, StoreError, tree};
use crate::kernel::id::{Id, SourceId};
use crate::kernel::language::Language;
use crate::licences::model::Inbound;
use crate::rights::{Grant, Selector, SourceKind};

/// Most sources that are looked at.
const MOST_SOURCES: i64 = 200;

/// The side of an article that readers have.
pub(super) const LIVE: &str = "live";

/// The external sources that a selector reaches with what each allows us, in the order of their
/// ids: those that it names, or those of the live works that it selects; with those of the single
/// works that it names. At most 200, by a bounded number of queries; with the site's usual length
/// of an excerpt, which bounds what grants of one allow.
///
/// # Errors
/// A database error.
pub async fn inbound(db: &Db, selector: Selector) -> Result<(Vec<Inbound>, usize), StoreError> {
    db.read(move |conn| {
        let usual: i64 = settings::table
            .select(settings::public_excerpt_chars)
            .first(conn)?;
        let reached = reached(conn, &selector)?;
        let most = usize::try_from(MOST_SOURCES).unwrap_or(usize::MAX);
        let ids: Vec<String> = reached.into_iter().take(most).collect();
        let rows: Vec<(String, String)> = sources::table
            .filter(sources::id.eq_any(&ids))
            .filter(sources::kind.eq(SourceKind::External.as_str()))
            .order(sources::id.asc())
            .select((sources::id, sources::name))
            .load(conn)?;
        let mut grants = grants_of(conn, &ids)?;
        let sources = rows
            .into_iter()
            .map(|(id, name)| {
                Ok(Inbound {
                    grants: grants.remove(&id).unwrap_or_default(),
                    id: stored(SourceId::parse(&id), "sources.id")?,
                    name,
                })
            })
            .collect::<Result<_, DbError>>()?;
        Ok((sources, usize::try_from(usual).unwrap_or_default()))
    })
    .await
}

fn reached(conn: &mut Conn, selector: &Selector) -> Result<BTreeSet<String>, DbError> {
    let mut found: BTreeSet<String> = selector.sources.iter().map(ToString::to_string).collect();
    if found.is_empty() && selector.is_wide() {
        found.extend(of_works(conn, selector)?);
    }
    if !selector.articles.is_empty() {
        let articles: Vec<String> = selector.articles.iter().map(ToString::to_string).collect();
        let single: Vec<Option<String>> = listings::table
            .filter(listings::side.eq(LIVE))
            .filter(listings::article_id.eq_any(articles))
            .select(listings::source_id)
            .distinct()
            .load(conn)?;
        found.extend(single.into_iter().flatten());
    }
    Ok(found)
}

/// The external sources that some live work has which the selector's lists select.
fn of_works(conn: &mut Conn, selector: &Selector) -> Result<Vec<String>, DbError> {
    let sections = with_those_below(conn, selector)?;
    let any_section = selector.sections.is_empty();
    let any_language = selector.languages.is_empty();
    let any_tag = selector.tags.is_empty();
    let languages = spoken(conn, &selector.languages)?;
    let tagged = exists(
        article_tags::table
            .filter(article_tags::tag.eq_any(selector.tags.clone()))
            .filter(article_tags::side.eq(listings::side))
            .filter(article_tags::article_id.eq(listings::article_id)),
    );
    let in_section = listings::section_id.assume_not_null().eq_any(sections);
    let work = listings::table
        .filter(listings::side.eq(LIVE))
        .filter(listings::source_id.eq(sources::id.nullable()))
        .filter(
            any_section
                .into_sql::<diesel::sql_types::Bool>()
                .or(in_section),
        )
        .filter(
            any_language
                .into_sql::<diesel::sql_types::Bool>()
                .or(listings::language.eq_any(languages)),
        )
        .filter(any_tag.into_sql::<diesel::sql_types::Bool>().or(tagged));
    Ok(sources::table
        .filter(sources::kind.eq(SourceKind::External.as_str()))
        .filter(exists(work))
        .order(sources::id.asc())
        .limit(MOST_SOURCES)
        .select(sources::id)
        .load(conn)?)
}

/// The sections that a selector names, with all below them.
fn with_those_below(conn: &mut Conn, selector: &Selector) -> Result<Vec<String>, DbError> {
    let mut level: Vec<String> = selector.sections.iter().map(ToString::to_string).collect();
    let mut found = level.clone();
    for _ in 0..tree::DEEPEST {
        if level.is_empty() {
            break;
        }
        level = sections::table
            .filter(sections::parent_id.eq_any(level))
            .select(sections::id)
            .load(conn)?;
        found.extend_from_slice(&level);
    }
    Ok(found)
}

/// The languages of live works that lie within these ranges.
fn spoken(conn: &mut Conn, ranges: &[Language]) -> Result<Vec<String>, DbError> {
    if ranges.is_empty() {
        return Ok(Vec::new());
    }
    let languages: Vec<String> = listings::table
        .filter(listings::side.eq(LIVE))
        .select(listings::language)
        .distinct()
        .load(conn)?;
    let within = |tag: &String| {
        Language::parse(tag).is_some_and(|tag| ranges.iter().any(|range| tag.is_within(range)))
    };
    Ok(languages.into_iter().filter(within).collect())
}

fn grants_of(conn: &mut Conn, sources: &[String]) -> Result<HashMap<String, Vec<Grant>>, DbError> {
    let mut found: HashMap<String, Vec<Grant>> = HashMap::new();
    for row in db::inbound::of_sources(conn, sources)? {
        let source = row.source_id.clone();
        found.entry(source).or_default().push(row.try_into()?);
    }
    Ok(found)
}
