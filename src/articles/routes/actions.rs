//! What the desk does with an article: publish, correct, withdraw.

use actix_web::post;

use super::changed;
use crate::articles::model::Side;
use crate::articles::store::load::{self, Name};
use crate::articles::store::write::{self as store, ActionError};
use crate::articles::view::actions::{CorrectInput, PublishInput, WithdrawInput};
use crate::articles::view::output::ArticleSchema;
use crate::db::StoreError;
use crate::http::auth::{Permission, PublishArticles, WithdrawArticles};
use crate::http::body::Body;
use crate::http::context::{Cx, PathId};
use crate::http::problem::{Kind, Problem};
use crate::http::settle::Settled;
use crate::kernel::id::ArticleId;

impl From<ActionError> for Problem {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::Store(error) => error.into(),
            ActionError::NotPublishable(faults) => Self::new(Kind::NotPublishable).faults(faults),
        }
    }
}

/// Publish an article
///
/// Gives the newest version to readers. A reprint needs its source, original author (or
/// declared unstated), original title, editor, reference and an inbound grant: what is
/// missing is told item by item.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path)), request_body = PublishInput,
    responses((status = 200, description = "The article as it is now.", body = ArticleSchema)),
    extensions(("x-permission" = json!("publish_articles")), ("x-may-match" = json!(true))))]
#[post("/v1/articles/{id}/publish")]
pub async fn publish_article(
    cx: Cx<PublishArticles>,
    PathId(id): PathId<ArticleId>,
    body: Body,
) -> Result<Settled, Problem> {
    let revision = seen(&cx, id).await?;
    let document = body.optional_json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    if cx.db().replayed(&write).await?.is_some() {
        return changed(&cx, id).await;
    }
    cx.if_match_given(revision)?;
    let publish_at = document.read::<PublishInput>(cx.schemas())?.parse()?;
    store::publish(cx.db(), write, id, Some(revision), publish_at).await?;
    changed(&cx, id).await
}

/// Correct an article
///
/// Gives the newest version to readers, with a public note that travels with the article.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path)), request_body = CorrectInput,
    responses((status = 200, description = "The article as it is now.", body = ArticleSchema)),
    extensions(("x-permission" = json!("publish_articles")), ("x-may-match" = json!(true))))]
#[post("/v1/articles/{id}/correct")]
pub async fn correct_article(
    cx: Cx<PublishArticles>,
    PathId(id): PathId<ArticleId>,
    body: Body,
) -> Result<Settled, Problem> {
    let revision = seen(&cx, id).await?;
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    if cx.db().replayed(&write).await?.is_some() {
        return changed(&cx, id).await;
    }
    cx.if_match_given(revision)?;
    let note = document.read::<CorrectInput>(cx.schemas())?.parse()?;
    store::correct(cx.db(), write, id, Some(revision), note).await?;
    changed(&cx, id).await
}

/// Withdraw an article
///
/// Readers get a tombstone from now on: 410, or 451 for a legal demand.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path)), request_body = WithdrawInput,
    responses((status = 200, description = "The article as it is now.", body = ArticleSchema)),
    extensions(("x-permission" = json!("withdraw_articles")), ("x-may-match" = json!(true))))]
#[post("/v1/articles/{id}/withdraw")]
pub async fn withdraw_article(
    cx: Cx<WithdrawArticles>,
    PathId(id): PathId<ArticleId>,
    body: Body,
) -> Result<Settled, Problem> {
    let revision = seen(&cx, id).await?;
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    if cx.db().replayed(&write).await?.is_some() {
        return changed(&cx, id).await;
    }
    cx.if_match_given(revision)?;
    let (class, reason) = document.read::<WithdrawInput>(cx.schemas())?.parse()?;
    store::withdraw(cx.db(), write, id, Some(revision), class, reason).await?;
    changed(&cx, id).await
}

/// The revision that stands, so that an action and an edit at the same time do not pass
/// each other unseen.
async fn seen<P: Permission>(cx: &Cx<P>, id: ArticleId) -> Result<i64, Problem> {
    let work = load::get(cx.db(), Name::Id(id), Side::Head, cx.now()).await;
    match work {
        Ok(work) => Ok(super::revision(&work)),
        Err(StoreError::NotFound) => Err(Problem::not_found()),
        Err(error) => Err(error.into()),
    }
}
