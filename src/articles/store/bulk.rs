//! Loading finished works in bulk: whole tables at a time, for measuring and for archives.
//! Whoever calls vouches for the references; the engine still holds the foreign keys.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::index;
use super::versions::{self, author_of, references_of};
use crate::articles::model::{ChangeKind, Content, Side, State};
use crate::db::schema::{article_slugs, articles};
use crate::db::{Change, Conn, DbError, Entry, StoreError, Tx, on_each};
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
#[diesel(table_name = articles)]
struct Row {
    id: String,
    revision: i64,
    stage: &'static str,
    head_version: i64,
    live_version: Option<i64>,
    publish_at: Option<chrono::NaiveDateTime>,
    created_by: Option<String>,
    created_at: chrono::NaiveDateTime,
    updated_at: chrono::NaiveDateTime,
}

#[derive(Insertable)]
#[diesel(table_name = article_slugs)]
struct Slug<'a> {
    slug: &'a str,
    article_id: String,
    seen: bool,
}

/// Adds published works. `origins` tells whose each source's works are.
///
/// # Errors
/// A database error, such as for a slug that is taken; nothing is kept then.
pub fn insert_published(
    tx: &mut Tx<'_>,
    works: &[Finished],
    origins: &HashMap<SourceId, Origin>,
) -> Result<(), StoreError> {
    let now = tx.now();
    let created_by = author_of(tx);
    let (mut rows, mut slugs, mut texts, mut refs, mut listed, mut names) = (
        Vec::with_capacity(works.len()),
        Vec::with_capacity(works.len()),
        Vec::with_capacity(works.len()),
        Vec::new(),
        Vec::with_capacity(works.len() * 2),
        Vec::with_capacity(works.len()),
    );
    for work in works {
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
            created_by,
            created_at: now,
            updated_at: now,
        };
        let origin = text
            .source_id
            .and_then(|source| origins.get(&source).copied());
        texts.push(versions::row(tx, id, 1, ChangeKind::Initial, None, text)?);
        refs.extend(references_of(id, 1, text));
        for side in [Side::Live, Side::Head] {
            listed.push(index::rows(side, &state, 1, text, origin, now));
        }
        slugs.push(Slug {
            slug: &text.slug,
            article_id: id.to_string(),
            seen: true,
        });
        rows.push(Row {
            id: id.to_string(),
            revision: 1,
            stage: state.stage.as_str(),
            head_version: 1,
            live_version: Some(1),
            publish_at: Some(to_db(work.published_at)),
            created_by: created_by.map(|user| user.to_string()),
            created_at: to_db(now),
            updated_at: to_db(now),
        });
        names.push(id.to_string());
    }
    on_each!(&mut *tx.conn, |conn| {
        diesel::insert_into(articles::table)
            .values(&rows)
            .execute(conn)?;
    });
    versions::insert(tx.conn, &texts, &refs)?;
    on_each!(&mut *tx.conn, |conn| {
        diesel::insert_into(article_slugs::table)
            .values(&slugs)
            .execute(conn)?;
    });
    index::insert(tx.conn, listed)?;
    let entries: Vec<Entry<'_>> = names
        .iter()
        .map(|id| Entry::new(Change::Published, "article", id).version(1))
        .collect();
    tx.record_all(entries)?;
    Ok(())
}

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
