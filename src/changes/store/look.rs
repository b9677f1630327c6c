//! What a client's log is made from: the change log since it was last looked at, what began or
//! ended by itself meanwhile, and what the client was told so far.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;

use crate::changes::model::{Happening, Told, What};
use crate::db::error::stored;
use crate::db::schema::{
    advisories, article_authors, article_listings as listings, changes,
    client_holdings as holdings, inbound_grants, licences, notice_revisions,
};
use crate::db::{Conn, DbError, StoreError};
use crate::kernel::id::{AdvisoryId, ArticleId, ClientId, Id, PartnerId};
use crate::kernel::time::{from_db, to_db};

/// The side of the listings that readers see.
const LIVE: &str = "live";

/// What becomes of all works with one of these.
const OF_ALL: [&str; 4] = ["settings", "notice", "section", "grant"];

/// Works of one person or source that are looked at one by one; with more of them all works are
/// gone through.
const MOST_OF_ONE: i64 = 1_000;

/// So it is with more works of several.
const MOST: usize = 2_000;

/// A line of the change log.
#[derive(Debug, Clone, Queryable)]
pub struct Line {
    pub seq: i64,
    at: NaiveDateTime,
    kind: String,
    resource: String,
    resource_id: String,
}

impl Line {
    pub fn at(&self) -> DateTime<Utc> {
        from_db(self.at)
    }
}

/// An advisory that a line tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub advisory: AdvisoryId,
    pub article: ArticleId,
    pub version: i64,
    pub at: DateTime<Utc>,
}

/// What lines bear on.
#[derive(Debug, Default)]
pub struct Bearing {
    /// All works.
    pub all: bool,
    pub articles: BTreeSet<String>,
}

/// The number of the last line of the change log.
///
/// # Errors
/// A database error.
pub fn last_line(conn: &mut Conn) -> Result<i64, StoreError> {
    let last: Option<i64> = changes::table.select(max(changes::seq)).first(conn)?;
    Ok(last.unwrap_or(0))
}

/// Lines of the change log after a number.
///
/// # Errors
/// A database error.
pub fn lines(conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<Line>, StoreError> {
    Ok(changes::table
        .filter(changes::seq.gt(after))
        .order(changes::seq.asc())
        .limit(limit)
        .select((
            changes::seq,
            changes::at,
            changes::kind,
            changes::resource,
            changes::resource_id,
        ))
        .load(conn)?)
}

/// What lines bear on for a client, and for its partner if it has one.
///
/// # Errors
/// A database error.
pub fn bearing(
    conn: &mut Conn,
    client: ClientId,
    partner: Option<PartnerId>,
    lines: &[Line],
) -> Result<Bearing, StoreError> {
    let ids = |noun: &str| -> BTreeSet<&str> {
        let of = lines.iter().filter(|line| line.resource == noun);
        of.map(|line| line.resource_id.as_str()).collect()
    };
    let mut found = Bearing {
        all: lines
            .iter()
            .any(|line| OF_ALL.contains(&line.resource.as_str())),
        articles: ids("article").into_iter().map(str::to_owned).collect(),
    };
    found.all |= ids("client").contains(client.to_string().as_str());
    if let Some(partner) = partner {
        found.all |= ids("partner").contains(partner.to_string().as_str());
        let named: Vec<&str> = ids("licence").into_iter().collect();
        found.all |= !named.is_empty() && are_of(conn, partner, &named)?;
    }
    let mut theirs = BTreeSet::new();
    for (noun, of) in [("author", By::Person), ("source", By::Source)] {
        for id in ids(noun) {
            if found.all {
                break;
            }
            found.all = !of.works(conn, id, &mut theirs)? || theirs.len() > MOST;
        }
    }
    if !found.all {
        found.articles.extend(theirs);
    }
    Ok(found)
}

/// Whether one of these licences is a partner's.
fn are_of(conn: &mut Conn, partner: PartnerId, ids: &[&str]) -> Result<bool, DbError> {
    let theirs: Option<String> = licences::table
        .filter(licences::id.eq_any(ids.to_vec()))
        .filter(licences::partner_id.eq(partner.to_string()))
        .select(licences::id)
        .first(conn)
        .optional()?;
    Ok(theirs.is_some())
}

#[derive(Clone, Copy)]
enum By {
    Person,
    Source,
}

impl By {
    /// Adds the works of one person or source that readers see; whether these are all.
    fn works(
        self,
        conn: &mut Conn,
        id: &str,
        into: &mut BTreeSet<String>,
    ) -> Result<bool, DbError> {
        let most = usize::try_from(MOST_OF_ONE).unwrap_or(usize::MAX);
        let live = || listings::table.filter(listings::side.eq(LIVE)).into_boxed();
        let listed = match self {
            Self::Person => live().filter(listings::editor_id.eq(id.to_owned())),
            Self::Source => live().filter(listings::source_id.eq(id.to_owned())),
        };
        let found: Vec<String> = listed
            .select(listings::article_id)
            .limit(MOST_OF_ONE + 1)
            .load(conn)?;
        let mut are_all = found.len() <= most;
        into.extend(found);
        if let Self::Person = self {
            let wrote: Vec<String> = article_authors::table
                .filter(article_authors::author_id.eq(id))
                .filter(article_authors::side.eq(LIVE))
                .select(article_authors::article_id)
                .limit(MOST_OF_ONE + 1)
                .load(conn)?;
            are_all &= wrote.len() <= most;
            into.extend(wrote);
        }
        Ok(are_all)
    }
}

/// The advisories to a partner that lines tell of, issued or reminded of.
///
/// # Errors
/// A database error.
pub fn sent(conn: &mut Conn, partner: PartnerId, lines: &[Line]) -> Result<Vec<Sent>, StoreError> {
    let of: Vec<&Line> = lines
        .iter()
        .filter(|line| line.resource == "advisory")
        .filter(|line| matches!(line.kind.as_str(), "created" | "reminded"))
        .collect();
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<&str> = of.iter().map(|line| line.resource_id.as_str()).collect();
    let rows: Vec<(String, String, i64)> = advisories::table
        .filter(advisories::id.eq_any(ids))
        .filter(advisories::partner_id.eq(partner.to_string()))
        .select((advisories::id, advisories::article_id, advisories::version))
        .load(conn)?;
    let theirs: HashMap<&str, (&str, i64)> = rows
        .iter()
        .map(|(id, article, version)| (id.as_str(), (article.as_str(), *version)))
        .collect();
    of.into_iter()
        .filter_map(|line| theirs.get(line.resource_id.as_str()).map(|of| (line, *of)))
        .map(|(line, (article, version))| {
            Ok(Sent {
                advisory: stored(AdvisoryId::parse(&line.resource_id), "advisories.id")?,
                article: stored(ArticleId::parse(article), "advisories.article_id")?,
                version,
                at: line.at(),
            })
        })
        .collect()
}

/// What happened to works after a line of the change log, by work and in order.
///
/// # Errors
/// A database error.
pub fn happened(
    conn: &mut Conn,
    articles: &[String],
    after: i64,
) -> Result<HashMap<String, Vec<(i64, Happening)>>, StoreError> {
    type Row = (i64, NaiveDateTime, String, String, Option<i64>);
    let mut rows: Vec<Row> = changes::table
        .filter(changes::resource_id.eq_any(articles))
        .filter(changes::seq.gt(after))
        .select((
            changes::seq,
            changes::at,
            changes::kind,
            changes::resource_id,
            changes::version,
        ))
        .load(conn)?;
    rows.sort_by_key(|row| row.0);
    let mut found: HashMap<String, Vec<(i64, Happening)>> = HashMap::new();
    for (seq, at, kind, id, version) in rows {
        if let Some(what) = What::parse(&kind) {
            let at = from_db(at);
            let of = found.entry(id).or_default();
            of.push((seq, Happening { what, at, version }));
        }
    }
    Ok(found)
}

/// Whether something that bears on works without naming them began or ended in `(from, until]`:
/// what a source allows us, or a notice.
///
/// # Errors
/// A database error.
pub fn turned(
    conn: &mut Conn,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let (from, until) = (to_db(from), to_db(until));
    let began = inbound_grants::table
        .filter(inbound_grants::valid_from.gt(from))
        .filter(inbound_grants::valid_from.le(until))
        .select(inbound_grants::id)
        .first::<String>(conn)
        .optional()?;
    let ended = inbound_grants::table
        .filter(inbound_grants::valid_until.gt(from))
        .filter(inbound_grants::valid_until.le(until))
        .select(inbound_grants::id)
        .first::<String>(conn)
        .optional()?;
    let noticed = notice_revisions::table
        .filter(notice_revisions::effective_from.gt(from))
        .filter(notice_revisions::effective_from.le(until))
        .select(notice_revisions::notice_id)
        .first::<String>(conn)
        .optional()?;
    Ok(began.or(ended).or(noticed).is_some())
}

/// Works of which a client was told something that may be otherwise by now, the first ones first.
///
/// # Errors
/// A database error.
pub fn due(
    conn: &mut Conn,
    client: ClientId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<String>, StoreError> {
    Ok(holdings::table
        .filter(holdings::client_id.eq(client.to_string()))
        .filter(holdings::recheck_at.le(to_db(now)))
        .order(holdings::recheck_at.asc())
        .limit(limit)
        .select(holdings::article_id)
        .load(conn)?)
}

/// The next works in the order of their ids, of those that readers see or will see.
///
/// # Errors
/// A database error.
pub fn next_works(conn: &mut Conn, after: &str, limit: i64) -> Result<Vec<String>, StoreError> {
    Ok(listings::table
        .filter(listings::article_id.gt(after))
        .filter(listings::side.eq(LIVE))
        .order(listings::article_id.asc())
        .limit(limit)
        .select(listings::article_id)
        .load(conn)?)
}

/// What a client was last told of works.
///
/// # Errors
/// A database error.
pub fn told(
    conn: &mut Conn,
    client: ClientId,
    articles: &[String],
) -> Result<HashMap<String, Told>, StoreError> {
    type Row = (String, i64, bool, bool, i64, String, Option<NaiveDateTime>);
    let rows: Vec<Row> = holdings::table
        .filter(holdings::client_id.eq(client.to_string()))
        .filter(holdings::article_id.eq_any(articles))
        .select((
            holdings::article_id,
            holdings::version,
            holdings::is_embargoed,
            holdings::is_gone,
            holdings::seen_seq,
            holdings::fingerprint,
            holdings::recheck_at,
        ))
        .load(conn)?;
    let told = rows.into_iter().map(
        |(id, version, is_embargoed, is_gone, seen_seq, fingerprint, recheck_at)| {
            let told = Told {
                version,
                is_embargoed,
                is_gone,
                seen_seq,
                fingerprint,
                recheck_at: recheck_at.map(from_db),
            };
            (id, told)
        },
    );
    Ok(told.collect())
}
