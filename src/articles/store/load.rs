//! Loading: articles with everything that the rules and the reader need, under lock, in a
//! number of queries that does not depend on how many there are.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use super::memory::{Look, Memory, made_of};
use super::registers::Registers;
use super::relations::hide_relations;
use super::stored;
use crate::articles::model::{Article, Content, Credited, Side, Sourced, State};
use crate::db::error::stored as known;
use crate::db::schema::{article_listings as listings, article_slugs, articles, versions};
use crate::db::{Conn, Db, DbError, Made, Place, StoreError};
use crate::kernel::id::{ArticleId, Id, UserId};
use crate::kernel::time::{from_db, unless_never};
use crate::rights::lifecycle::Withdrawal;
use crate::rights::{Contributor, Extent, Facts, Held, Origin, ReasonClass, Rights, Stage};

#[derive(Queryable, Selectable)]
#[diesel(table_name = articles)]
pub(super) struct StateRow {
    id: String,
    revision: i64,
    stage: String,
    head_version: i64,
    live_version: Option<i64>,
    publish_at: Option<NaiveDateTime>,
    embargoed_until: Option<NaiveDateTime>,
    unpublish_at: Option<NaiveDateTime>,
    withdrawn_at: Option<NaiveDateTime>,
    withdrawal_class: Option<String>,
    withdrawal_reason: Option<String>,
    created_by: Option<String>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl StateRow {
    pub(super) fn read(self) -> Result<State, DbError> {
        let withdrawal = match (self.withdrawn_at, self.withdrawal_class) {
            (Some(at), Some(class)) => Some(Withdrawal {
                at: from_db(at),
                reason_class: known(ReasonClass::parse(&class), "articles.withdrawal_class")?,
                reason: self.withdrawal_reason.unwrap_or_default(),
            }),
            _ => None,
        };
        Ok(State {
            id: known(ArticleId::parse(&self.id), "articles.id")?,
            revision: self.revision,
            stage: known(Stage::parse(&self.stage), "articles.stage")?,
            head_version: self.head_version,
            live_version: self.live_version,
            publish_at: self.publish_at.map(from_db),
            embargoed_until: self.embargoed_until.map(from_db),
            unpublish_at: self.unpublish_at.map(from_db),
            withdrawal,
            created_by: self.created_by.as_deref().and_then(UserId::parse),
            created_at: from_db(self.created_at),
            updated_at: from_db(self.updated_at),
        })
    }
}

/// One version of an article, with what it needs of the article itself.
#[derive(Queryable)]
pub(super) struct Row {
    pub state: StateRow,
    pub version: i64,
    pub visible_from: NaiveDateTime,
    pub updated_at: NaiveDateTime,
    pub digest: String,
    pub content: String,
    pub body: Option<String>,
}

/// How an article is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    Id(ArticleId),
    /// By any slug that it ever had. Readers know only those that they could have met.
    Slug(String),
}

/// One article.
///
/// # Errors
/// [`StoreError::NotFound`] if this side has none, or a database error.
pub async fn get(
    db: &Db,
    name: Name,
    side: Side,
    now: DateTime<Utc>,
) -> Result<Held<Article>, StoreError> {
    db.read(move |conn| {
        let id = match name {
            Name::Id(id) => id.to_string(),
            Name::Slug(slug) => by_slug(conn, &slug, side)?,
        };
        one(conn, id, side, now)
    })
    .await
}

/// What readers see, or saw, of these articles, in the order of `ids`. Those they never saw are left out.
///
/// # Errors
/// A database error.
pub async fn several(
    db: &Db,
    ids: Vec<ArticleId>,
    now: DateTime<Utc>,
) -> Result<Vec<Held<Article>>, StoreError> {
    db.read(move |conn| {
        let ids: Vec<String> = ids.iter().map(ArticleId::to_string).collect();
        held(conn, &ids, Side::Live, true, now)
    })
    .await
}

/// [`get`] by id on this connection.
///
/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub fn one(
    conn: &mut Conn,
    id: String,
    side: Side,
    now: DateTime<Utc>,
) -> Result<Held<Article>, StoreError> {
    held(conn, &[id], side, true, now)?
        .pop()
        .ok_or(StoreError::NotFound)
}

pub(super) fn by_slug(conn: &mut Conn, slug: &str, side: Side) -> Result<String, StoreError> {
    let mut query = article_slugs::table
        .filter(article_slugs::slug.eq(slug.to_owned()))
        .select(article_slugs::article_id)
        .into_boxed();
    if side == Side::Live {
        query = query.filter(article_slugs::seen.eq(true));
    }
    Ok(query.first(conn)?)
}

/// Articles in the order of `ids`, each on this side; those without it are left out. Fails as the database does.
pub fn held(
    conn: &mut Conn,
    ids: &[String],
    side: Side,
    with_body: bool,
    now: DateTime<Utc>,
) -> Result<Vec<Held<Article>>, StoreError> {
    let mut contents = contents(conn, ids, side, with_body)?;
    if side == Side::Live {
        hide_relations(conn, contents.iter_mut().map(|(_, content)| content), now)?;
    }
    let registers = Registers::load(conn, contents.iter().map(|(_, content)| content), now)?;
    contents
        .into_iter()
        .map(|(row, content)| {
            let (article, rights) = assemble(row, content, &registers, now)?;
            Ok(Held::lock(article, rights))
        })
        .collect()
}

/// What readers see of articles, in the order of `ids`, each with what it was made of: as
/// [`held`] has it, with what they refer to from memory.
pub(super) fn live(
    look: &mut Look<'_>,
    memory: &Memory,
    ids: &[String],
    with_body: bool,
) -> Result<Vec<(Held<Article>, Made)>, StoreError> {
    let (db, stamp, now) = (look.db, look.stamp, look.now);
    let mut contents = contents(look.conn, ids, Side::Live, with_body)?;
    let parts: Vec<Vec<Place>> = contents
        .iter()
        .map(|(_, content)| made_of(db, content))
        .collect();
    let texts = contents.iter_mut().map(|(_, content)| content);
    let next = hide_relations(look.conn, texts, now)?;
    let texts = contents.iter().map(|(_, content)| content);
    let (registers, notices) = memory.registers(look, texts)?;
    contents
        .into_iter()
        .zip(parts)
        .map(|((row, content), mut of)| {
            of.push(db.marks().record("article", &row.state.id));
            let (article, rights) = assemble(row, content, &registers, now)?;
            let mut made = Made {
                stamp,
                of,
                from: now,
                until: None,
            };
            let life = &rights.lifecycle;
            let gone = life.withdrawal.as_ref().map(|gone| gone.at);
            let times = [
                life.publish_at,
                life.embargoed_until,
                life.unpublish_at,
                gone,
                next,
                notices,
            ];
            for at in times.into_iter().flatten() {
                made.ends(at);
            }
            Ok((Held::lock(article, rights), made))
        })
        .collect()
}

/// An article as the desk sees it, with what it refers to from memory.
pub(super) fn head(
    look: &mut Look<'_>,
    memory: &Memory,
    id: ArticleId,
) -> Result<Held<Article>, StoreError> {
    let found = contents(look.conn, &[id.to_string()], Side::Head, true)?;
    let (row, content) = found.into_iter().next().ok_or(StoreError::NotFound)?;
    let (registers, _) = memory.registers(look, std::iter::once(&content))?;
    let (article, rights) = assemble(row, content, &registers, look.now)?;
    Ok(Held::lock(article, rights))
}

/// The rows of articles in the order of `ids`, with their texts.
fn contents(
    conn: &mut Conn,
    ids: &[String],
    side: Side,
    with_body: bool,
) -> Result<Vec<(Row, Content)>, DbError> {
    let mut rows = rows(conn, ids, side, with_body)?;
    ids.iter()
        .filter_map(|id| rows.remove(id))
        .map(|row| {
            let content = stored::read(&row.content, row.body.as_deref())?;
            Ok((row, content))
        })
        .collect()
}

fn rows(
    conn: &mut Conn,
    ids: &[String],
    side: Side,
    with_body: bool,
) -> Result<HashMap<String, Row>, DbError> {
    let joined = listings::table
        .inner_join(articles::table.on(articles::id.eq(listings::article_id)))
        .inner_join(
            versions::table.on(versions::article_id
                .eq(listings::article_id)
                .and(versions::n.eq(listings::version))),
        )
        .filter(listings::side.eq(side.as_str()));
    let selected = if with_body {
        joined
            .select((
                StateRow::as_select(),
                listings::version,
                listings::visible_from,
                listings::updated_at,
                versions::digest,
                versions::content,
                versions::body.nullable(),
            ))
            .into_boxed()
    } else {
        // Bound, since a statement with a literal is compiled anew each time.
        joined
            .select((
                StateRow::as_select(),
                listings::version,
                listings::visible_from,
                listings::updated_at,
                versions::digest,
                versions::content,
                None::<String>.into_sql::<Nullable<Text>>(),
            ))
            .into_boxed()
    };
    // So is one with a list of ids; the one for a single id is kept.
    let rows: Vec<Row> = match ids {
        [id] => selected.filter(listings::article_id.eq(id.clone())),
        ids => selected.filter(listings::article_id.eq_any(ids.to_vec())),
    }
    .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.state.id.clone(), row))
        .collect())
}

/// An article in one version, and what the rules look at: to be locked together.
pub(super) fn assemble(
    row: Row,
    content: Content,
    registers: &Registers,
    now: DateTime<Utc>,
) -> Result<(Article, Rights), StoreError> {
    let state = row.state.read()?.at(now);
    let source = content.source_id.and_then(|id| registers.source(id));
    let contributors: Vec<Credited> = content
        .contributors
        .iter()
        .filter_map(|one| {
            let person = registers.person(one.author_id)?;
            Some(Credited {
                person: person.clone(),
                role: one.role,
            })
        })
        .collect();
    let section = content.section_id.and_then(|id| registers.placed(id));
    let rights = Rights {
        article: state.id,
        facts: Facts {
            source: content.source_id,
            sections: section
                .iter()
                .flat_map(|section| section.path.iter().map(|crumb| crumb.id))
                .collect(),
            tags: content.tags.clone(),
            version: row.version,
            digest: row.digest.clone(),
        },
        slug: content.slug.clone(),
        title: content.title.clone(),
        language: content.language.clone(),
        lifecycle: state.lifecycle(),
        source: source.map(|source| source.facts.clone()),
        grants: source
            .map(|source| source.grants.clone())
            .unwrap_or_default(),
        original: content.original.clone(),
        contributors: contributors
            .iter()
            .map(|one| Contributor {
                name: one.person.name.clone(),
                role: one.role,
            })
            .collect(),
        editor: content.editor_id.and_then(|id| registers.editor(id)),
        ai_label: content.ai_label,
        created_by: state.created_by,
        site: Arc::clone(&registers.site),
    };
    let article = Article {
        version: row.version,
        digest: row.digest,
        updated_at: from_db(row.updated_at),
        published_at: unless_never(from_db(row.visible_from)),
        origin: source.map(|source| Origin::from(source.facts.kind)),
        has_body: row.body.is_some(),
        section,
        contributors,
        source: source.map(|source| Sourced {
            id: source.id,
            name: source.facts.name.clone(),
            credit_label: source.facts.credit_label.clone(),
            kind: source.facts.kind,
            homepage_url: source.facts.homepage_url.clone(),
        }),
        extent: Extent::Full,
        state,
        content,
    };
    Ok((article, rights))
}

/// The state of an article as it was last written, for actions.
///
/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub fn state(conn: &mut Conn, id: ArticleId) -> Result<State, StoreError> {
    let row: StateRow = articles::table
        .find(id.to_string())
        .select(StateRow::as_select())
        .first(conn)?;
    Ok(row.read()?)
}

/// The text of one version.
pub(super) fn content(conn: &mut Conn, id: ArticleId, n: i64) -> Result<Content, StoreError> {
    let (content, body): (String, String) = versions::table
        .find((id.to_string(), n))
        .select((versions::content, versions::body))
        .first(conn)?;
    Ok(stored::read(&content, Some(&body))?)
}
