//! Claims in the database: reading here, filing in [`filing`], the desk's moves in [`moves`],
//! evidence in [`holds`], messages in [`messages`], what nobody asks for in [`expiry`].

pub mod expiry;
pub mod filing;
pub mod holds;
pub mod messages;
pub mod moves;
pub mod report;
mod rows;
pub mod takedown;
mod works;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use self::rows::{LineRow, Row};
use super::model::{Case, Claim, ClaimKind, ClaimStage, Line};
use crate::db::page::{Window, id_page};
use crate::db::schema::claims;
use crate::db::{Conn, Db, StoreError};
use crate::kernel::id::{ArticleId, ClaimId};
use crate::kernel::time::to_db;

const NOUN: &str = "claim";

/// A claim with its messages and holds.
///
/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, id: ClaimId) -> Result<Case, StoreError> {
    db.read(move |conn| {
        let claim = find(conn, id)?;
        whole(conn, claim)
    })
    .await
}

/// [`get`] for whoever has the token of the receipt.
///
/// # Errors
/// [`StoreError::NotFound`] for another claim's token as for a claim that is not there, or a
/// database error.
pub async fn followed(db: &Db, id: ClaimId, token_hash: String) -> Result<Case, StoreError> {
    db.read(move |conn| {
        let row: Row = claims::table
            .find(id.to_string())
            .filter(claims::token_hash.eq(token_hash))
            .select(Row::as_select())
            .first(conn)?;
        whole(conn, row.read()?)
    })
    .await
}

fn find(conn: &mut Conn, id: ClaimId) -> Result<Claim, StoreError> {
    claims::table
        .find(id.to_string())
        .select(Row::as_select())
        .first(conn)
        .map_err(StoreError::from)
        .and_then(Row::read)
}

fn whole(conn: &mut Conn, claim: Claim) -> Result<Case, StoreError> {
    Ok(Case {
        messages: messages::of(conn, claim.id)?,
        holds: holds::of(conn, claim.id)?,
        claim,
    })
}

/// Which claims a list holds.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub stage: Option<ClaimStage>,
    pub kind: Option<ClaimKind>,
    pub article: Option<ArticleId>,
    /// Whether the next step is overdue at this instant.
    pub overdue: Option<(bool, DateTime<Utc>)>,
    pub within_window: Option<bool>,
}

/// One page in the order in which claims came, with one too many if there are more, and the
/// total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    filter: Filter,
    descending: bool,
    window: Window,
) -> Result<(Vec<Line>, Option<i64>), StoreError> {
    db.read(move |conn| {
        let waiting = diesel::alias!(claims as waiting);
        let matching = || {
            let mut query = claims::table.into_boxed();
            if let Some(stage) = filter.stage {
                query = query.filter(claims::stage.eq(stage.as_str()));
            }
            if let Some(kind) = filter.kind {
                query = query.filter(claims::kind.eq(kind.as_str()));
            }
            if let Some(article) = filter.article {
                query = query.filter(claims::article_id.eq(article.to_string()));
            }
            if let Some(within) = filter.within_window {
                query = query.filter(claims::within_window.eq(within));
            }
            match filter.overdue {
                None => query,
                // Sought by its time, not met on the way through all of them.
                Some((true, now)) => {
                    let due = waiting.field(claims::due_at).le(to_db(now));
                    let late = waiting.filter(due).select(waiting.field(claims::id));
                    query.filter(claims::id.eq_any(late))
                }
                Some((false, now)) => query.filter(claims::due_at.gt(to_db(now))),
            }
        };
        let total = match window.count {
            true => Some(matching().count().get_result(conn)?),
            false => None,
        };
        let after = window.after.clone().map(|mark| mark.id).unwrap_or_default();
        let rows: Vec<LineRow> = id_page!(matching(), window, descending, claims::id, after)
            .select(LineRow::as_select())
            .load(conn)?;
        let page = rows.into_iter().map(LineRow::read);
        Ok((page.collect::<Result<_, _>>()?, total))
    })
    .await
}
