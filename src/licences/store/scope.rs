//! Which external sources a licence reaches, and what they allow us: what its warnings are
//! computed from.

use std::collections::{BTreeSet, HashMap};

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::db::error::stored;
use crate::db::schema::{article_listings as listings, settings, sources};
use crate::db::{self, Conn, Db, DbError, StoreError, selections};
use crate::kernel::id::{Id, LicenceId, SourceId};
use crate::licences::model::Inbound;
use crate::rights::{Grant, Selector, SourceKind};

/// Most sources that are looked at.
const MOST_SOURCES: i64 = 200;

/// The side of an article that readers have.
pub(super) const LIVE: &str = "live";

/// The external sources that a licence reaches with what each allows us, in the order of their
/// ids: those that it names, or those of the live works that it selects; with those of the single
/// works that it names. At most 200, by a bounded number of queries; with the site's usual length
/// of an excerpt, which bounds what grants of one allow.
///
/// # Errors
/// A database error.
pub async fn inbound(
    db: &Db,
    id: LicenceId,
    selector: Selector,
) -> Result<(Vec<Inbound>, usize), StoreError> {
    db.read(move |conn| {
        let usual: i64 = settings::table
            .select(settings::public_excerpt_chars)
            .first(conn)?;
        let reached = reached(conn, id, &selector)?;
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

fn reached(
    conn: &mut Conn,
    id: LicenceId,
    selector: &Selector,
) -> Result<BTreeSet<String>, DbError> {
    let mut found: BTreeSet<String> = selector.sources.iter().map(ToString::to_string).collect();
    if found.is_empty() && selector.is_wide() {
        found.extend(of_works(conn, id, selector)?);
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
fn of_works(conn: &mut Conn, id: LicenceId, selector: &Selector) -> Result<Vec<String>, DbError> {
    let id = || id.to_string();
    // A list that names nothing asks for nothing.
    let open = |is_empty: bool| is_empty.into_sql::<Bool>();
    let work = listings::table
        .filter(listings::side.eq(LIVE))
        .filter(listings::source_id.eq(sources::id.nullable()))
        .filter(open(selector.sections.is_empty()).or(selections::by_section(id())))
        .filter(open(selector.languages.is_empty()).or(selections::by_language(id())))
        .filter(open(selector.tags.is_empty()).or(selections::by_tag(id())));
    Ok(sources::table
        .filter(sources::kind.eq(SourceKind::External.as_str()))
        .filter(exists(work))
        .order(sources::id.asc())
        .limit(MOST_SOURCES)
        .select(sources::id)
        .load(conn)?)
}

fn grants_of(conn: &mut Conn, sources: &[String]) -> Result<HashMap<String, Vec<Grant>>, DbError> {
    let mut found: HashMap<String, Vec<Grant>> = HashMap::new();
    for row in db::inbound::of_sources(conn, sources)? {
        let source = row.source_id.clone();
        found.entry(source).or_default().push(row.try_into()?);
    }
    Ok(found)
}
