//! Preview links in the database. A link is good while its row is there: what is kept says for
//! which article it is, who gave it out and until when, and not the link itself.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::versions::author_of;
use crate::articles::model::Preview;
use crate::db::error::stored;
use crate::db::schema::{article_previews as previews, users, versions};
use crate::db::{Change, Db, Entry, StoreError, WriteCx, Written};
use crate::kernel::fault::Fault;
use crate::kernel::id::{ArticleId, Id, PreviewId, UserId};
use crate::kernel::time::{from_db, to_db};
use crate::rights::Role;

/// How many rows a piece of tidying takes.
const PIECE: i64 = 500;

#[derive(Queryable, Selectable)]
#[diesel(table_name = previews)]
struct Row {
    id: String,
    article_id: String,
    version: Option<i64>,
    issued_by: String,
    issued_at: NaiveDateTime,
    expires_at: NaiveDateTime,
}

impl Row {
    fn read(self) -> Result<Preview, StoreError> {
        Ok(Preview {
            id: stored(PreviewId::parse(&self.id), "article_previews.id")?,
            article: stored(
                ArticleId::parse(&self.article_id),
                "article_previews.article_id",
            )?,
            version: self.version,
            issued_by: stored(UserId::parse(&self.issued_by), "article_previews.issued_by")?,
            issued_at: from_db(self.issued_at),
            expires_at: from_db(self.expires_at),
        })
    }
}

/// Makes a link's row.
///
/// # Errors
/// [`StoreError::Invalid`] for a version that is not there; a database error, or the idempotency
/// key's.
pub async fn issue(
    db: &Db,
    cx: WriteCx,
    article: ArticleId,
    version: Option<i64>,
    expires_at: DateTime<Utc>,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let by = author_of(tx).ok_or(StoreError::NotFound)?;
        if let Some(n) = version {
            let found: Option<i64> = versions::table
                .find((article.to_string(), n))
                .select(versions::n)
                .first(tx.conn)
                .optional()?;
            if found.is_none() {
                let fault = Fault::new("/version", "unknown", "there is no such version");
                return Err(StoreError::Invalid(vec![fault]));
            }
        }
        let id: PreviewId = tx.cx.mint.id(tx.now());
        diesel::insert_into(previews::table)
            .values((
                previews::id.eq(id.to_string()),
                previews::article_id.eq(article.to_string()),
                previews::version.eq(version),
                previews::issued_by.eq(by.to_string()),
                previews::issued_at.eq(to_db(tx.now())),
                previews::expires_at.eq(to_db(expires_at)),
            ))
            .execute(tx.conn)?;
        let detail = json!({"article": article, "version": version, "expires_at": expires_at});
        tx.audit(Entry::new(Change::Created, "preview", &id.to_string()).detail(detail))?;
        Ok(Written::created(id))
    })
    .await
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, id: PreviewId) -> Result<Preview, StoreError> {
    db.read(move |conn| {
        let row: Row = previews::table
            .find(id.to_string())
            .select(Row::as_select())
            .first(conn)?;
        row.read()
    })
    .await
}

/// A link that was not ended, and the role of who gave it out, if they are still active.
///
/// # Errors
/// A database error.
pub async fn standing(db: &Db, id: PreviewId) -> Result<Option<(Preview, Role)>, StoreError> {
    db.read(move |conn| {
        let found: Option<(Row, String)> = previews::table
            .inner_join(users::table.on(users::id.eq(previews::issued_by)))
            .filter(previews::id.eq(id.to_string()))
            .filter(users::active.eq(true))
            .select((Row::as_select(), users::role))
            .first(conn)
            .optional()?;
        found
            .map(|(row, role)| Ok((row.read()?, stored(Role::parse(&role), "users.role")?)))
            .transpose()
    })
    .await
}

/// Ends all links of an article that were given out so far.
///
/// # Errors
/// A database error.
pub async fn end(db: &Db, cx: WriteCx, article: ArticleId) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        let ended =
            diesel::delete(previews::table.filter(previews::article_id.eq(article.to_string())))
                .execute(tx.conn)?;
        if ended > 0 {
            let detail = json!({"ended": ended});
            let name = article.to_string();
            tx.audit(Entry::new(Change::Revoked, "previews", &name).detail(detail))?;
        }
        Ok(())
    })
    .await
}

/// A chore: removes the rows of links that have expired.
///
/// # Errors
/// A database error.
pub fn tidy(db: &Db, cx: &WriteCx) -> Result<bool, StoreError> {
    db.write_now(cx, |tx| {
        let over: Vec<String> = previews::table
            .filter(previews::expires_at.le(to_db(tx.now())))
            .order(previews::expires_at.asc())
            .limit(PIECE)
            .select(previews::id)
            .load(tx.conn)?;
        let removed =
            diesel::delete(previews::table.filter(previews::id.eq_any(&over))).execute(tx.conn)?;
        Ok(i64::try_from(removed).is_ok_and(|removed| removed == PIECE))
    })
}
