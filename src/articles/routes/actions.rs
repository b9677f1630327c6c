//! What the desk does with an article: submit, return, schedule, publish, correct, withdraw,
//! reinstate.

use actix_web::post;
use actix_web::web::Data;

use super::write::writable;
use super::{changed, revision};
use crate::articles::model::Side;
use crate::articles::store::load::{self, Name};
use crate::articles::store::works::Works;
use crate::articles::store::write::{self as store, ActionError};
use crate::articles::view::actions::{
    CorrectInput, MoveInput, PublishInput, ReinstateInput, ScheduleInput, WithdrawInput,
};
use crate::articles::view::output::ArticleSchema;
use crate::db::{WriteCx, Written};
use crate::http::auth::{Permission, PublishArticles, WithdrawArticles, WriteArticles};
use crate::http::body::{Body, Document};
use crate::http::context::{Cx, PathId};
use crate::http::problem::{Kind, Problem};
use crate::http::settle::Settled;
use crate::kernel::id::ArticleId;
use crate::rights::decide;

impl From<ActionError> for Problem {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::Store(error) => error.into(),
            ActionError::NotPublishable(faults) => Self::new(Kind::NotPublishable).faults(faults),
        }
    }
}

/// Submit a draft
///
/// Hands it in for review. Its author no longer changes it from then on, unless it is returned.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path)), request_body = MoveInput,
    responses((status = 200, description = "The article as it is now.", body = ArticleSchema)),
    extensions(("x-permission" = json!("write_articles")), ("x-may-match" = json!(true))))]
#[post("/v1/articles/{id}/submit")]
pub async fn submit_article(
    cx: Cx<WriteArticles>,
    PathId(id): PathId<ArticleId>,
    body: Body,
    works: Data<Works>,
) -> Result<Settled, Problem> {
    let revision = seen(&cx, id).await?;
    let document = body.optional_json()?;
    act(
        &cx,
        &works,
        id,
        revision,
        document,
        async |document, write, seen| {
            // A repetition is no writer any more: asked here, it is asked once.
            writable(&cx, id).await?;
            let note = document.read::<MoveInput>(cx.schemas())?.parse()?;
            Ok(store::submit(cx.db(), write, id, seen, note).await?)
        },
    )
    .await
}

/// Return an article to be worked on
///
/// From review, or from the schedule before readers could see it: it is a draft again, without times.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path)), request_body = MoveInput,
    responses((status = 200, description = "The article as it is now.", body = ArticleSchema)),
    extensions(("x-permission" = json!("publish_articles")), ("x-may-match" = json!(true))))]
#[post("/v1/articles/{id}/return")]
pub async fn return_article(
    cx: Cx<PublishArticles>,
    PathId(id): PathId<ArticleId>,
    body: Body,
    works: Data<Works>,
) -> Result<Settled, Problem> {
    let revision = seen(&cx, id).await?;
    let document = body.optional_json()?;
    act(
        &cx,
        &works,
        id,
        revision,
        document,
        async |document, write, seen| {
            let note = document.read::<MoveInput>(cx.schemas())?.parse()?;
            Ok(store::send_back(cx.db(), write, id, seen, note).await?)
        },
    )
    .await
}

/// Schedule an article
///
/// Sets when readers see the newest version, and until when. It is exact: what readers get follows
/// from the times and the clock, and no job has to run. What waits under an embargo cannot be told
/// from what is not there, but for partners with the privilege. Of what is published already, the
/// end alone can be set.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path)), request_body = ScheduleInput,
    responses((status = 200, description = "The article as it is now.", body = ArticleSchema)),
    extensions(("x-permission" = json!("publish_articles")), ("x-may-match" = json!(true))))]
#[post("/v1/articles/{id}/schedule")]
pub async fn schedule_article(
    cx: Cx<PublishArticles>,
    PathId(id): PathId<ArticleId>,
    body: Body,
    works: Data<Works>,
) -> Result<Settled, Problem> {
    let revision = seen(&cx, id).await?;
    let document = body.json()?;
    act(
        &cx,
        &works,
        id,
        revision,
        document,
        async |document, write, seen| {
            let times = document.read::<ScheduleInput>(cx.schemas())?.parse()?;
            Ok(store::schedule(cx.db(), write, id, seen, times).await?)
        },
    )
    .await
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
    works: Data<Works>,
) -> Result<Settled, Problem> {
    let revision = seen(&cx, id).await?;
    let document = body.optional_json()?;
    act(
        &cx,
        &works,
        id,
        revision,
        document,
        async |document, write, seen| {
            let (at, lift) = document.read::<PublishInput>(cx.schemas())?.parse()?;
            Ok(store::publish(cx.db(), write, id, seen, at, lift).await?)
        },
    )
    .await
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
    works: Data<Works>,
) -> Result<Settled, Problem> {
    let revision = seen(&cx, id).await?;
    let document = body.json()?;
    act(
        &cx,
        &works,
        id,
        revision,
        document,
        async |document, write, seen| {
            let note = document.read::<CorrectInput>(cx.schemas())?.parse()?;
            Ok(store::correct(cx.db(), write, id, seen, note).await?)
        },
    )
    .await
}

/// Withdraw an article
///
/// Readers get a tombstone from now on: 410, or 451 for a legal demand. What is scheduled can be
/// withdrawn as well.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path)), request_body = WithdrawInput,
    responses((status = 200, description = "The article as it is now.", body = ArticleSchema)),
    extensions(("x-permission" = json!("withdraw_articles")), ("x-may-match" = json!(true))))]
#[post("/v1/articles/{id}/withdraw")]
pub async fn withdraw_article(
    cx: Cx<WithdrawArticles>,
    PathId(id): PathId<ArticleId>,
    body: Body,
    works: Data<Works>,
) -> Result<Settled, Problem> {
    let revision = seen(&cx, id).await?;
    let document = body.json()?;
    act(
        &cx,
        &works,
        id,
        revision,
        document,
        async |document, write, seen| {
            let (class, reason) = document.read::<WithdrawInput>(cx.schemas())?.parse()?;
            Ok(store::withdraw(cx.db(), write, id, seen, class, reason).await?)
        },
    )
    .await
}

/// Reinstate an article
///
/// Undoes a withdrawal: readers see again what they saw. An end that has passed goes with it. What
/// was withdrawn before anyone could see it becomes a draft.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path)), request_body = ReinstateInput,
    responses((status = 200, description = "The article as it is now.", body = ArticleSchema)),
    extensions(("x-permission" = json!("withdraw_articles")), ("x-may-match" = json!(true))))]
#[post("/v1/articles/{id}/reinstate")]
pub async fn reinstate_article(
    cx: Cx<WithdrawArticles>,
    PathId(id): PathId<ArticleId>,
    body: Body,
    works: Data<Works>,
) -> Result<Settled, Problem> {
    let revision = seen(&cx, id).await?;
    let document = body.optional_json()?;
    act(
        &cx,
        &works,
        id,
        revision,
        document,
        async |document, write, seen| {
            let note = document.read::<ReinstateInput>(cx.schemas())?.parse()?;
            Ok(store::reinstate(cx.db(), write, id, seen, note).await?)
        },
    )
    .await
}

/// Carries an action out once, under the revision that stands, and answers with the article as it
/// is then.
async fn act<P: Permission>(
    cx: &Cx<P>,
    works: &Works,
    id: ArticleId,
    revision: i64,
    document: Document,
    carry_out: impl AsyncFnOnce(Document, WriteCx, Option<i64>) -> Result<Written, Problem>,
) -> Result<Settled, Problem> {
    let (write, _in_flight) = cx.write_once(&document)?;
    if cx.db().replayed(&write).await?.is_none() {
        cx.if_match_given(revision)?;
        carry_out(document, write, Some(revision)).await?;
    }
    changed(cx, works, id).await
}

/// The revision that stands, so that an action and an edit at the same time do not pass
/// each other unseen; 404 where this member of staff may not know of the article.
async fn seen<P: Permission>(cx: &Cx<P>, id: ArticleId) -> Result<i64, Problem> {
    let work = load::get(cx.db(), Name::Id(id), Side::Head, cx.now()).await?;
    decide(work.rights(), &cx.principal().use_(), cx.now())?;
    Ok(revision(&work))
}
