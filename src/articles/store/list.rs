//! Lists of articles: filtered and sorted by the listing rows alone, then loaded.

use chrono::{DateTime, Datelike as _, NaiveDateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::levels::{Looked, Looker};
use super::memory::{Look, Memory};
use super::{merge, pages, reach, span, staged, texts};
use crate::articles::model::{Article, Side};
use crate::db::page::{Mark, Sort, Window, keyset};
use crate::db::schema::{article_authors, article_listings as listings, article_tags, sections};
use crate::db::{Conn, Made, StoreError, tree};
use crate::kernel::id::{AuthorId, Id, SectionId, SourceId, UserId};
use crate::kernel::language::Language;
use crate::kernel::time::{from_db, never, to_db};
use crate::rights::licence::Reach;
use crate::rights::{Held, Origin, Stage};

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    PublishedAt,
    UpdatedAt,
    Title,
}

/// Which articles a list holds. All given conditions hold together.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// By id or by slug.
    pub section: Option<String>,
    pub section_descendants: bool,
    pub author: Option<AuthorId>,
    pub editor: Option<AuthorId>,
    pub source: Option<SourceId>,
    pub origin: Option<Origin>,
    pub language: Option<Language>,
    pub tags: Vec<String>,
    /// Whether all tags are needed, or any.
    pub all_tags: bool,
    pub genre: Option<String>,
    pub stage: Option<Stage>,
    pub published_from: Option<DateTime<Utc>>,
    pub published_until: Option<DateTime<Utc>>,
    pub updated_from: Option<DateTime<Utc>>,
    pub updated_until: Option<DateTime<Utc>>,
}

/// Whose list it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reader {
    /// Anybody outside the desk: what can be seen now.
    Outside,
    /// A partner: what is within reach of its licences; with `stubs`, and what else can be seen.
    Partner { reach: Reach, stubs: bool },
    /// Staff who see everything.
    Desk,
    /// An author: own work as it stands, and of others what readers can see now.
    Author(UserId),
}

impl Reader {
    /// Whether there is nothing for it to find.
    pub(super) fn has_nothing(&self) -> bool {
        match self {
            Self::Partner { reach, stubs } => !stubs && reach.licences.is_empty(),
            Self::Outside | Self::Desk | Self::Author(_) => false,
        }
    }
}

/// A list to load.
#[derive(Debug, Clone)]
pub struct Query {
    pub reader: Reader,
    pub filter: Filter,
    pub sort: Sort<By>,
    pub window: Window,
    pub with_body: bool,
    /// What the texts must hold.
    pub looked: Option<Looked>,
}

/// One page, with one article too many if there are more.
pub struct Listed {
    /// Each under lock, with its place.
    pub works: Vec<(Mark, Held<Article>)>,
    pub total: Option<i64>,
    /// Where a licence for more can be had.
    pub acquire_licence_url: Option<String>,
    /// What a copy of the page is made of; only of those that all readers outside the desk share.
    pub made: Option<Made>,
}

/// A page as it is in this snapshot.
pub(super) fn list(
    look: &mut Look<'_>,
    memory: &Memory,
    query: &Query,
) -> Result<Listed, StoreError> {
    let now = look.now;
    let (site, _) = memory.site(look)?;
    let nothing = Listed {
        works: Vec::new(),
        total: query.window.count.then_some(0),
        acquire_licence_url: site.acquire_licence_url.clone(),
        made: None,
    };
    let Some(sections) = sections_of(look.conn, &query.filter)? else {
        return Ok(nothing);
    };
    if query.reader.has_nothing() {
        return Ok(nothing);
    }
    let all = sections.as_deref();
    let dialect = texts::dialect(look.db.engine());
    let matching = |rows, part| {
        let found = matching(rows, query, part, now);
        let Some(looked) = &query.looked else {
            return found;
        };
        let looker = Looker {
            use_: &looked.use_,
            reader: &query.reader,
            site: &site,
            now,
        };
        found.filter(looker.found(dialect, &looked.query))
    };
    let total = match query.window.count {
        true => {
            let found = matching(listings::table.into_boxed(), all);
            Some(found.count().get_result(look.conn)?)
        }
        false => None,
    };
    let within = |part| matching(span::of_page(query, now), part);
    let marks = match all.map(|all| merge::parts(all, query)) {
        None => page(look.conn, within(None), query)?,
        Some(parts) => {
            let mut marks = Vec::new();
            for part in parts {
                marks.extend(page(look.conn, within(Some(part)), query)?);
            }
            merge::first(marks, query)
        }
    };
    let ids: Vec<String> = marks.iter().map(|mark| mark.id.clone()).collect();
    let (works, made) = pages::works(look, memory, &query.reader, &ids, query.with_body)?;
    Ok(Listed {
        works: marks.into_iter().zip(works).collect(),
        total,
        acquire_licence_url: site.acquire_licence_url.clone(),
        // How much of a text is searched can change with a grant's day, which is not among its parts.
        made: made.filter(|_| query.looked.is_none()),
    })
}

/// The sections to look in; the outer `None` where the filter names one that is not there.
#[expect(clippy::option_option, reason = "no filter and no such section differ")]
pub(super) fn sections_of(
    conn: &mut Conn,
    filter: &Filter,
) -> Result<Option<Option<Vec<String>>>, StoreError> {
    let Some(name) = &filter.section else {
        return Ok(Some(None));
    };
    let id = match SectionId::parse(name) {
        Some(id) => Some(id.to_string()),
        None => sections::table
            .filter(sections::slug.eq(name))
            .select(sections::id)
            .first::<String>(conn)
            .optional()?,
    };
    Ok(match id {
        None => None,
        Some(id) if filter.section_descendants => {
            let mut ids = tree::descendants(conn, &id)?;
            ids.push(id);
            Some(Some(ids))
        }
        Some(id) => Some(Some(vec![id])),
    })
}

pub(super) type Boxed<'a> = listings::BoxedQuery<'a, crate::db::MultiBackend>;

/// Of these rows those that the list holds. Times are said so that no index is chosen by them:
/// where one is to be sought by, [`span`] has said so before.
pub(super) fn matching<'a>(
    mut found: Boxed<'a>,
    query: &Query,
    sections: Option<&[String]>,
    at: DateTime<Utc>,
) -> Boxed<'a> {
    let filter = &query.filter;
    let now = to_db(at);
    let on = |side: Side| listings::side.eq(side.as_str());
    let visible = || {
        listings::visible_from
            .le(now)
            .and(listings::visible_until.gt(now))
    };
    match &query.reader {
        Reader::Partner { reach, stubs } => {
            found = found
                .filter(on(Side::Live))
                .filter(not(listings::visible_until.le(now)));
            found = match (reach::within(reach, at), stubs) {
                (Some(within), true) => {
                    found.filter(within.or(not(listings::visible_from.gt(now))))
                }
                (None, _) => found.filter(not(listings::visible_from.gt(now))),
                (Some(within), false) => found.filter(within),
            };
        }
        Reader::Desk => found = found.filter(on(Side::Head)),
        Reader::Outside => {
            found = found
                .filter(on(Side::Live))
                .filter(not(listings::visible_from.gt(now)))
                .filter(listings::visible_until.gt(now));
        }
        Reader::Author(user) => {
            let user = user.to_string();
            let own = listings::created_by.eq(user.clone()).assume_not_null();
            let others = listings::created_by
                .is_null()
                .or(listings::created_by.ne(user).assume_not_null());
            found = found.filter(
                on(Side::Head)
                    .and(own)
                    .or(on(Side::Live).and(others).and(visible())),
            );
        }
    }
    if let Some(sections) = sections {
        found = match sections {
            [only] => found.filter(listings::section_id.eq(only.clone())),
            many => found.filter(listings::section_id.eq_any(many.to_vec())),
        };
    }
    if let Some(author) = filter.author {
        found = found.filter(exists(
            article_authors::table
                .filter(article_authors::author_id.eq(author.to_string()))
                .filter(article_authors::side.eq(listings::side))
                .filter(article_authors::article_id.eq(listings::article_id)),
        ));
    }
    if let Some(editor) = filter.editor {
        found = found.filter(listings::editor_id.eq(editor.to_string()));
    }
    if let Some(source) = filter.source {
        found = found.filter(listings::source_id.eq(source.to_string()));
    }
    if let Some(origin) = filter.origin {
        found = found.filter(listings::origin.eq(origin.as_str()));
    }
    if let Some(language) = &filter.language {
        found = found.filter(listings::language.eq(language.as_str().to_owned()));
    }
    if let Some(genre) = &filter.genre {
        found = found.filter(listings::genre.eq(genre.clone()));
    }
    if let Some(stage) = filter.stage {
        found = staged::staged(found, stage, now);
    }
    found = tagged(found, filter);
    if filter.published_from.is_some() || filter.published_until.is_some() {
        // What has no time yet was published at none.
        found = found.filter(not(listings::visible_from.ge(to_db(never()))));
    }
    if let Some(from) = filter.published_from {
        found = found.filter(not(listings::visible_from.lt(to_db(from))));
    }
    if let Some(until) = filter.published_until {
        found = found.filter(not(listings::visible_from.ge(to_db(until))));
    }
    if let Some(from) = filter.updated_from {
        found = found.filter(not(listings::updated_at.lt(to_db(from))));
    }
    if let Some(until) = filter.updated_until {
        found = found.filter(not(listings::updated_at.ge(to_db(until))));
    }
    found
}

fn tagged<'a>(mut found: Boxed<'a>, filter: &Filter) -> Boxed<'a> {
    let with = |tags: Vec<String>| {
        exists(
            article_tags::table
                .filter(article_tags::tag.eq_any(tags))
                .filter(article_tags::side.eq(listings::side))
                .filter(article_tags::article_id.eq(listings::article_id)),
        )
    };
    if filter.all_tags {
        for tag in &filter.tags {
            found = found.filter(with(vec![tag.clone()]));
        }
    } else if !filter.tags.is_empty() {
        found = found.filter(with(filter.tags.clone()));
    }
    found
}

/// Ids and sort values of a page.
fn page(conn: &mut Conn, found: Boxed<'_>, query: &Query) -> Result<Vec<Mark>, StoreError> {
    let window = &query.window;
    let descending = query.sort.descending;
    let key = window.after.as_ref().map(|mark| mark.key.clone());
    let marks = match query.sort.by {
        By::Title => keyset!(
            found,
            window,
            descending,
            listings::title_key,
            key.clone().unwrap_or_default(),
            listings::article_id
        )
        .select((listings::title_key, listings::article_id))
        .load::<(String, String)>(conn)?
        .into_iter()
        .map(|(key, id)| Mark { key, id })
        .collect(),
        By::PublishedAt => {
            let at = key.as_deref().and_then(instant).unwrap_or_default();
            let rows = keyset!(
                found,
                window,
                descending,
                listings::visible_from,
                at,
                listings::article_id
            )
            .select((listings::visible_from, listings::article_id))
            .load::<(NaiveDateTime, String)>(conn)?;
            timed(rows)
        }
        By::UpdatedAt => {
            let at = key.as_deref().and_then(instant).unwrap_or_default();
            let rows = keyset!(
                found,
                window,
                descending,
                listings::updated_at,
                at,
                listings::article_id
            )
            .select((listings::updated_at, listings::article_id))
            .load::<(NaiveDateTime, String)>(conn)?;
            timed(rows)
        }
    };
    Ok(marks)
}

/// The places of rows of [`By::PublishedAt`] or [`By::UpdatedAt`].
pub(super) fn timed(rows: Vec<(NaiveDateTime, String)>) -> Vec<Mark> {
    rows.into_iter()
        .map(|(at, id)| Mark {
            key: from_db(at).timestamp_micros().to_string(),
            id,
        })
        .collect()
}

/// A cursor's key as a time, in microseconds since 1970.
pub fn instant(key: &str) -> Option<NaiveDateTime> {
    key.parse()
        .ok()
        .and_then(DateTime::from_timestamp_micros)
        // Engines differ in which other years they take.
        .filter(|at| (1..=9_999).contains(&at.year()))
        .map(to_db)
}
