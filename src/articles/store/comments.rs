//! Comments of the desk. They are no change that consumers hear of: the audit log alone tells of
//! them, and never their text.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde_json::json;

use super::versions::author_of;
use crate::articles::body::Body;
use crate::articles::model::{Colleague, Comment, Remark};
use crate::db::error::{stored, stored_json};
use crate::db::page::{Window, id_page};
use crate::db::schema::{article_comments as comments, articles, users, versions};
use crate::db::{Change, Conn, Db, DbError, Entry, StoreError, Tx, WriteCx, Written};
use crate::kernel::fault::Fault;
use crate::kernel::id::{ArticleId, CommentId, Id, UserId};
use crate::kernel::time::{from_db, to_db};

const NOUN: &str = "comment";

#[derive(Queryable, Selectable)]
#[diesel(table_name = comments)]
struct Row {
    id: String,
    revision: i64,
    article_id: String,
    version: i64,
    block: Option<i64>,
    parent_id: Option<String>,
    text: String,
    created_by: String,
    created_at: NaiveDateTime,
    resolved_at: Option<NaiveDateTime>,
    resolved_by: Option<String>,
}

impl Row {
    fn read(self, name: Option<String>) -> Result<Comment, StoreError> {
        let by = self.resolved_by.as_deref().and_then(UserId::parse);
        Ok(Comment {
            id: stored(CommentId::parse(&self.id), "article_comments.id")?,
            revision: self.revision,
            article: stored(
                ArticleId::parse(&self.article_id),
                "article_comments.article_id",
            )?,
            version: self.version,
            block: self.block,
            parent: self.parent_id.as_deref().and_then(CommentId::parse),
            text: self.text,
            created_by: Colleague {
                id: stored(
                    UserId::parse(&self.created_by),
                    "article_comments.created_by",
                )?,
                name,
            },
            created_at: from_db(self.created_at),
            resolved: self.resolved_at.map(from_db).zip(by),
        })
    }
}

/// Which comments a list holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub version: Option<i64>,
    /// Only those that are not settled, or only those that are.
    pub open: Option<bool>,
}

/// One page of an article's comments, oldest first, with one too many if there are more, and
/// the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    article: ArticleId,
    filter: Filter,
    window: Window,
) -> Result<(Vec<Comment>, Option<i64>), StoreError> {
    db.read(move |conn| {
        let matching = || {
            let mut query = comments::table
                .left_join(users::table.on(users::id.eq(comments::created_by)))
                .filter(comments::article_id.eq(article.to_string()))
                .into_boxed();
            if let Some(version) = filter.version {
                query = query.filter(comments::version.eq(version));
            }
            match filter.open {
                Some(true) => query.filter(comments::resolved_at.is_null()),
                Some(false) => query.filter(comments::resolved_at.is_not_null()),
                None => query,
            }
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let after = window.after.clone().map(|mark| mark.id).unwrap_or_default();
        let rows: Vec<(Row, Option<String>)> =
            id_page!(matching(), window, false, comments::id, after)
                .select((Row::as_select(), users::name.nullable()))
                .load(conn)?;
        let page = rows.into_iter().map(|(row, name)| row.read(name));
        Ok((page.collect::<Result<_, _>>()?, total))
    })
    .await
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, article: ArticleId, id: CommentId) -> Result<Comment, StoreError> {
    db.read(move |conn| find(conn, article, id)).await
}

fn find(conn: &mut Conn, article: ArticleId, id: CommentId) -> Result<Comment, StoreError> {
    let (row, name): (Row, Option<String>) = comments::table
        .left_join(users::table.on(users::id.eq(comments::created_by)))
        .filter(comments::id.eq(id.to_string()))
        .filter(comments::article_id.eq(article.to_string()))
        .select((Row::as_select(), users::name.nullable()))
        .first(conn)?;
    row.read(name)
}

/// # Errors
/// [`StoreError::Invalid`] for a version, a block or a comment that is not there; a database
/// error, or the idempotency key's.
pub async fn create(
    db: &Db,
    cx: WriteCx,
    article: ArticleId,
    remark: Remark,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        Ok::<_, StoreError>(Written::created(create_in(tx, article, &remark)?))
    })
    .await
}

/// [`create`] within a transaction.
///
/// # Errors
/// As [`create`].
pub(super) fn create_in(
    tx: &mut Tx<'_>,
    article: ArticleId,
    remark: &Remark,
) -> Result<CommentId, StoreError> {
    let author = author_of(tx).ok_or(StoreError::NotFound)?;
    let version = place(tx.conn, article, remark)?;
    let id: CommentId = tx.cx.mint.id(tx.now());
    diesel::insert_into(comments::table)
        .values((
            comments::id.eq(id.to_string()),
            comments::revision.eq(1),
            comments::article_id.eq(article.to_string()),
            comments::version.eq(version),
            comments::block.eq(remark.block),
            comments::parent_id.eq(remark.parent.map(|parent| parent.to_string())),
            comments::text.eq(&remark.text),
            comments::created_by.eq(author.to_string()),
            comments::created_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)?;
    audit(tx, Change::Created, id, article)?;
    Ok(id)
}

fn audit(
    tx: &mut Tx<'_>,
    change: Change,
    id: CommentId,
    article: ArticleId,
) -> Result<(), DbError> {
    tx.audit(Entry::new(change, NOUN, &id.to_string()).detail(json!({"article": article})))
}

/// The version that a remark is about; all of its places must be there.
fn place(conn: &mut Conn, article: ArticleId, remark: &Remark) -> Result<i64, StoreError> {
    let fault = |pointer: &str, code, detail: &str| Fault::new(pointer, code, detail);
    let head: i64 = articles::table
        .find(article.to_string())
        .select(articles::head_version)
        .first(conn)?;
    let mut faults = Vec::new();
    let mut version = remark.version.unwrap_or(head);
    if let Some(parent) = remark.parent {
        match find(conn, article, parent) {
            Ok(parent) if parent.parent.is_some() => faults.push(fault(
                "/parent_id",
                "nested",
                "is an answer itself: answer the comment that it answers",
            )),
            Ok(parent) => version = remark.version.unwrap_or(parent.version),
            Err(StoreError::NotFound) => faults.push(fault(
                "/parent_id",
                "unknown",
                "there is no such comment on this article",
            )),
            Err(error) => return Err(error),
        }
    }
    let body: Option<String> = versions::table
        .find((article.to_string(), version))
        .select(versions::body)
        .first(conn)
        .optional()?;
    match body {
        None => faults.push(fault("/version", "unknown", "there is no such version")),
        Some(json) => {
            if let Some(block) = remark.block {
                let body = Body::from_stored(stored_json(&json, "versions.body")?)
                    .map_err(|error| DbError::Corrupt(format!("versions.body: {error}")))?;
                let count = body.blocks().len();
                if usize::try_from(block).map_or(true, |block| block >= count) {
                    faults.push(Fault::new(
                        "/block",
                        "range",
                        format!("that version has {count} blocks, counted from 0"),
                    ));
                }
            }
        }
    }
    if faults.is_empty() {
        Ok(version)
    } else {
        Err(StoreError::Invalid(faults))
    }
}

/// Marks a comment as settled; once more changes nothing.
///
/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn resolve(
    db: &Db,
    cx: WriteCx,
    article: ArticleId,
    id: CommentId,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        let comment = find(tx.conn, article, id)?;
        if comment.resolved.is_some() {
            return Ok(());
        }
        let by = author_of(tx).map(|user| user.to_string());
        diesel::update(comments::table.find(id.to_string()))
            .set((
                comments::revision.eq(comment.revision + 1),
                comments::resolved_at.eq(to_db(tx.now())),
                comments::resolved_by.eq(by),
            ))
            .execute(tx.conn)?;
        audit(tx, Change::Updated, id, article)?;
        Ok(())
    })
    .await
}

/// Removes a comment that nobody has answered.
///
/// # Errors
/// [`StoreError::State`] where somebody has; [`StoreError::NotFound`], [`StoreError::Stale`], or
/// a database error.
pub async fn delete(
    db: &Db,
    cx: WriteCx,
    article: ArticleId,
    id: CommentId,
    revision: i64,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        let comment = find(tx.conn, article, id)?;
        if comment.revision != revision {
            return Err(StoreError::Stale {
                current: comment.revision,
            });
        }
        let answer: Option<String> = comments::table
            .filter(comments::parent_id.eq(id.to_string()))
            .select(comments::id)
            .first(tx.conn)
            .optional()?;
        if answer.is_some() {
            return Err(StoreError::State(
                "It has answers, which would go with it: resolve it instead.".to_owned(),
            ));
        }
        diesel::delete(comments::table.find(id.to_string())).execute(tx.conn)?;
        audit(tx, Change::Deleted, id, article)?;
        Ok(())
    })
    .await
}
