//! Small questions of the desk: what an article is called, and who read what.

use diesel::prelude::*;
use serde_json::json;

use super::load::{held, state};
use crate::articles::model::{Preview, Side};
use crate::articles::workflow::may_write;
use crate::db::schema::article_listings as listings;
use crate::db::{Change, Db, Entry, StoreError, Tx, WriteCx};
use crate::kernel::id::{ArticleId, UserId};
use crate::rights::{Audience, Channel, Origin, Role, Use, decide};

/// Puts on record that a member of staff read an embargoed or withdrawn body.
///
/// # Errors
/// A database error: then the body is not given out.
pub async fn log_read(db: &Db, cx: WriteCx, ids: Vec<ArticleId>) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        for id in ids {
            tx.audit(Entry::new(Change::Read, "article", &id.to_string()))?;
        }
        Ok(())
    })
    .await
}

/// Whether a member of staff may change an article, as it stands in this write.
///
/// # Errors
/// [`StoreError::NotFound`] where they may not know of it, or a database error.
pub fn may_change(
    tx: &mut Tx<'_>,
    id: ArticleId,
    role: Role,
    user: UserId,
) -> Result<bool, StoreError> {
    let work = held(tx.conn, &[id.to_string()], Side::Head, false, tx.cx.now)?
        .pop()
        .ok_or(StoreError::NotFound)?;
    let use_ = Use {
        audience: Audience::Desk { role, user },
        channel: Channel::Web,
        territory: None,
        holder: None,
    };
    decide(work.rights(), &use_, tx.cx.now).map_err(|_| StoreError::NotFound)?;
    Ok(may_write(role, user, &state(tx.conn, id)?))
}

/// Puts on record that an embargoed body was read by a preview link, and by whose.
///
/// # Errors
/// A database error: then the body is not given out.
pub async fn log_preview(db: &Db, cx: WriteCx, preview: Preview) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        let detail = json!({"preview": preview.id, "issued_by": preview.issued_by});
        let id = preview.article.to_string();
        tx.audit(Entry::new(Change::Read, "article", &id).detail(detail))?;
        Ok(())
    })
    .await
}

/// The slug and origin under which the desk knows an article.
///
/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn known_as(db: &Db, id: ArticleId) -> Result<(String, &'static str), StoreError> {
    db.read(move |conn| {
        let (slug, origin): (String, Option<String>) = listings::table
            .find((id.to_string(), Side::Head.as_str()))
            .select((listings::slug, listings::origin))
            .first(conn)?;
        let origin = origin.as_deref().and_then(Origin::parse);
        Ok((slug, origin.map_or("unknown", Origin::as_str)))
    })
    .await
}
