//! Loading finished works in bulk: whole tables at a time, for measuring and for archives.
//! Whoever calls vouches for the references; the engine still holds the foreign keys.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::versions::{self, Reference, VersionRow, references_of};
use super::{index, texts};
use crate::articles::model::{ChangeKind, Content, Side, State};
use crate::db::schema::{article_slugs, articles};
use crate::db::{Change, Conn, DbError, Entry, StoreError, Tx, insert_rows};
use crate::kernel::id::{ArticleId, SourceId};
use crate::kernel::time::to_db;
use crate::rights::{Origin, Stage};

/// A work that is out already.
pub struct Finished {
    pub id: ArticleId,
    pub content: Content,
    pub published_at: DateTime<Utc>,
}

#[derive(Insertable)]
#[diesel(table_name = articles, treat_none_as_default_value = false)]
struct Row {
    id: String,
    revision: i64,
    stage: &'static str,
    head_version: i64,
    live_version: Option<i64>,
    publish_at: Option<chrono::NaiveDateTime>,
    created_at: chrono::NaiveDateTime,
    updated_at: chrono::NaiveDateTime,
}

#[derive(Insertable)]
#[diesel(table_name = article_slugs)]
struct Slug {
    slug: String,
    article_id: String,
    seen: bool,
}

/// Works as rows, ready to be written. Making them needs no database: texts are digested
/// and folded here, so that the writer does nothing but write.
pub struct Batch {
    articles: Vec<Row>,
    versions: Vec<VersionRow>,
    references: Vec<Reference>,
    slugs: Vec<Slug>,
    listings: Vec<index::Rows>,
    texts: Vec<texts::New>,
    ids: Vec<String>,
}

impl Batch {
    /// `origins` tells whose each source's works are; `now` is when they are taken in.
    ///
    /// # Errors
    /// A text that cannot be kept as JSON.
    pub fn prepare(
        works: &[Finished],
        origins: &HashMap<SourceId, Origin>,
        now: DateTime<Utc>,
    ) -> Result<Self, DbError> {
        let mut batch = Self {
            articles: Vec::with_capacity(works.len()),
            versions: Vec::with_capacity(works.len()),
            references: Vec::new(),
            slugs: Vec::with_capacity(works.len()),
            listings: Vec::with_capacity(works.len() * 2),
            texts: Vec::with_capacity(works.len()),
            ids: Vec::with_capacity(works.len()),
        };
        for work in works {
            batch.add(work, origins, now)?;
        }
        Ok(batch)
    }

    fn add(
        &mut self,
        work: &Finished,
        origins: &HashMap<SourceId, Origin>,
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        let (id, text) = (work.id, &work.content);
        let state = State {
            id,
            revision: 1,
            stage: Stage::Published,
            head_version: 1,
            live_version: Some(1),
            publish_at: Some(work.published_at),
            embargoed_until: None,
            unpublish_at: None,
            withdrawal: None,
            created_by: None,
            created_at: now,
            updated_at: now,
        };
        let origin = text
            .source_id
            .and_then(|source| origins.get(&source).copied());
        let version = versions::row(id, 1, ChangeKind::Initial, None, text, None, now)?;
        self.versions.push(version);
        self.references.extend(references_of(id, 1, text));
        for side in [Side::Live, Side::Head] {
            let rows = index::rows(side, &state, 1, text, origin, now);
            self.listings.push(rows);
        }
        self.texts.push(texts::New::of(&state, text));
        self.slugs.push(Slug {
            slug: text.slug.clone(),
            article_id: id.to_string(),
            seen: true,
        });
        self.articles.push(Row {
            id: id.to_string(),
            revision: 1,
            stage: state.stage.as_str(),
            head_version: 1,
            live_version: Some(1),
            publish_at: Some(to_db(work.published_at)),
            created_at: to_db(now),
            updated_at: to_db(now),
        });
        self.ids.push(id.to_string());
        Ok(())
    }

    /// Adds the works.
    ///
    /// # Errors
    /// A database error, such as for a slug that is taken; nothing is kept then.
    pub fn insert(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        insert_rows!(&mut *tx.conn, articles::table, self.articles);
        versions::insert(tx.conn, &self.versions, &self.references)?;
        insert_rows!(&mut *tx.conn, article_slugs::table, self.slugs);
        index::insert(tx.conn, self.listings)?;
        texts::keep_new(tx.conn, self.texts)?;
        let entries: Vec<Entry<'_>> = self
            .ids
            .iter()
            .map(|id| Entry::new(Change::Published, "article", id).version(1))
            .collect();
        tx.record_all(entries)?;
        Ok(())
    }
}

/// The tables that a batch fills, but the one that each new text is told apart by.
pub const TABLES: [&str; 11] = [
    "articles",
    "versions",
    "version_references",
    "article_slugs",
    "article_listings",
    "article_tags",
    "article_authors",
    "search_prints",
    "search_texts",
    "changes",
    "audit_events",
];

/// Whether there is any article.
///
/// # Errors
/// A database error.
pub fn any(conn: &mut Conn) -> Result<bool, DbError> {
    Ok(articles::table
        .select(articles::id)
        .first::<String>(conn)
        .optional()?
        .is_some())
}
