//! Reviews in the database: reading and resolving them. [`passes`] makes them.

mod passes;

pub use passes::{Dropped, begin_again, dropped_by, open_due, open_some};

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::dsl::count_star;
use diesel::prelude::*;
use serde_json::json;

use crate::db::error::stored;
use crate::db::page::{Window, id_page};
use crate::db::schema::registry_reviews as reviews;
use crate::db::{Actor, Change, Conn, Db, DbError, Entry, StoreError, WriteCx, Written};
use crate::kernel::id::{ArticleId, EditionId, Id, RegistryReviewId, SourceId, UserId};
use crate::kernel::time::{from_db, to_db};
use crate::registry::model::{
    RegistryDecision, RegistryReviewStatus, Resolution, Resolved, Review,
};

const NOUN: &str = "registry_review";

#[derive(Queryable, Selectable)]
#[diesel(table_name = reviews)]
struct Row {
    id: String,
    edition_id: String,
    source_id: String,
    article_id: String,
    reprint_at: NaiveDateTime,
    due_at: NaiveDateTime,
    decision: Option<String>,
    note: Option<String>,
    resolved_by: Option<String>,
    resolved_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
}

impl Row {
    fn read(self) -> Result<Review, StoreError> {
        let resolution = match (self.decision, self.resolved_at) {
            (Some(decision), Some(at)) => {
                let decision = RegistryDecision::parse(&decision);
                let by = self.resolved_by.as_deref();
                Some(Resolved {
                    resolution: Resolution {
                        decision: stored(decision, "registry_reviews.decision")?,
                        note: self.note,
                    },
                    at: from_db(at),
                    by: by
                        .map(|id| stored(UserId::parse(id), "registry_reviews.resolved_by"))
                        .transpose()?,
                })
            }
            _ => None,
        };
        let (edition, source) = (&self.edition_id, &self.source_id);
        Ok(Review {
            id: stored(RegistryReviewId::parse(&self.id), "registry_reviews.id")?,
            edition: stored(EditionId::parse(edition), "registry_reviews.edition_id")?,
            source: stored(SourceId::parse(source), "registry_reviews.source_id")?,
            article: stored(
                ArticleId::parse(&self.article_id),
                "registry_reviews.article_id",
            )?,
            reprint_at: from_db(self.reprint_at),
            due_at: from_db(self.due_at),
            resolution,
            created_at: from_db(self.created_at),
        })
    }
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, id: RegistryReviewId) -> Result<Review, StoreError> {
    db.read(move |conn| find(conn, id)).await
}

fn find(conn: &mut Conn, id: RegistryReviewId) -> Result<Review, StoreError> {
    reviews::table
        .find(id.to_string())
        .select(Row::as_select())
        .first(conn)
        .map_err(StoreError::from)
        .and_then(Row::read)
}

/// Which reviews a list holds. All given conditions hold together.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub status: Option<RegistryReviewStatus>,
    pub source: Option<SourceId>,
    pub edition: Option<EditionId>,
    pub article: Option<ArticleId>,
}

/// One page in the order in which they were made, with one review too many if there are more,
/// and the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    filter: Filter,
    descending: bool,
    window: Window,
) -> Result<(Vec<Review>, Option<i64>), StoreError> {
    db.read(move |conn| {
        let matching = || {
            let mut query = reviews::table.into_boxed();
            if let Some(status) = filter.status {
                query = query.filter(reviews::status.eq(status.as_str()));
            }
            if let Some(source) = filter.source {
                query = query.filter(reviews::source_id.eq(source.to_string()));
            }
            if let Some(edition) = filter.edition {
                query = query.filter(reviews::edition_id.eq(edition.to_string()));
            }
            if let Some(article) = filter.article {
                query = query.filter(reviews::article_id.eq(article.to_string()));
            }
            query
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let after = window.after.clone().map(|mark| mark.id).unwrap_or_default();
        let query = matching();
        let rows: Vec<Row> = id_page!(query, window, descending, reviews::id, after)
            .select(Row::as_select())
            .load(conn)?;
        let page = rows.into_iter().map(Row::read).collect::<Result<_, _>>()?;
        Ok((page, total))
    })
    .await
}

/// How many reviews of some editions nobody has decided yet; of those without any, nothing.
///
/// # Errors
/// A database error.
pub fn open_counts(db: &Db, editions: &[EditionId]) -> Result<HashMap<EditionId, i64>, StoreError> {
    let ids: Vec<String> = editions.iter().map(ToString::to_string).collect();
    let counts: Vec<(String, i64)> = db.read_now(|conn| {
        reviews::table
            .filter(reviews::edition_id.eq_any(ids))
            .filter(reviews::status.eq(RegistryReviewStatus::Open.as_str()))
            .group_by(reviews::edition_id)
            .select((reviews::edition_id, count_star()))
            .load(conn)
            .map_err(DbError::from)
    })?;
    let read = |(id, count): (String, i64)| {
        let id = stored(EditionId::parse(&id), "registry_reviews.edition_id")?;
        Ok((id, count))
    };
    counts.into_iter().map(read).collect()
}

/// Puts a decision on record. It is made once, and does nothing to the article.
///
/// # Errors
/// [`StoreError::State`] where somebody has decided; [`StoreError::NotFound`], a database error,
/// or the idempotency key's.
pub async fn resolve(
    db: &Db,
    cx: WriteCx,
    id: RegistryReviewId,
    resolution: Resolution,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        if let Some(known) = find(tx.conn, id)?.resolution {
            let decision = known.resolution.decision.as_str();
            let at = known.at.to_rfc3339();
            return Err(StoreError::State(format!(
                "It was decided at {at}: {decision}. A decision stands as it was made."
            )));
        }
        let by = match &tx.cx.actor {
            Actor::User(id) => Some(id.clone()),
            Actor::Client(_) | Actor::Anonymous | Actor::Operator | Actor::System => None,
        };
        let decision = resolution.decision.as_str();
        diesel::update(reviews::table.find(id.to_string()))
            .set((
                reviews::status.eq(RegistryReviewStatus::Resolved.as_str()),
                reviews::decision.eq(decision),
                reviews::note.eq(&resolution.note),
                reviews::resolved_by.eq(by),
                reviews::resolved_at.eq(to_db(tx.now())),
            ))
            .execute(tx.conn)?;
        let name = id.to_string();
        let detail = json!({"decision": decision});
        tx.record(Entry::new(Change::Updated, NOUN, &name).detail(detail))?;
        Ok(Written::changed(id, 1))
    })
    .await
}
