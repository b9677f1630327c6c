//! Versions of an article, for the desk: their list, one of them, what changed, and restoring one.

use actix_web::web::Data;
use actix_web::{get, post};
use utoipa::IntoParams;

use super::desk::in_sight;
use super::read::{ShapeParams, projection};
use super::write::writable;
use super::{changed, record, revision};
use crate::articles::model::Comparison;
use crate::articles::store::works::Works;
use crate::articles::store::{history, restore};
use crate::articles::view::ArticleView;
use crate::articles::view::output::ArticleSchema;
use crate::articles::view::versions::{
    DiffSchema, DiffView, RestoreInput, VersionLineView, VersionPage,
};
use crate::db::page::Mark;
use crate::http::auth::{Staff, WriteArticles};
use crate::http::body::Body;
use crate::http::context::{Cx, PathId, PathN};
use crate::http::page::{PageParams, unfit_cursor};
use crate::http::params::bad;
use crate::http::problem::{Kind, Problem};
use crate::http::reply::Reply;
use crate::http::settle::Settled;
use crate::http::signals::spoken;
use crate::kernel::id::ArticleId;
use crate::rights::{Deliverable, Extent, Licensed, Surface, clear};

/// List the versions of an article
///
/// The newest first. Authors see those of their own articles.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path), PageParams),
    responses((status = 200, description = "A page of the versions.", body = VersionPage)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/articles/{id}/versions")]
pub async fn list_versions(
    cx: Cx<Staff>,
    PathId(id): PathId<ArticleId>,
) -> Result<Reply<VersionPage>, Problem> {
    let (_, decision) = in_sight(&cx, id).await?;
    let paging = cx.paging()?;
    let before = match &paging.window.after {
        Some(mark) => mark.id.parse().map_err(|_| unfit_cursor())?,
        None => i64::MAX,
    };
    let (lines, total) = history::list(cx.db(), id, before, paging.window.clone()).await?;
    let (lines, page) = paging.close(lines, total, |line| Mark {
        key: String::new(),
        id: line.n.to_string(),
    });
    let with_notes = decision.extent == Extent::Full;
    let lines = lines.into_iter();
    let data = lines.map(|line| VersionLineView::of(line, with_notes));
    Ok(Reply::ok(VersionPage {
        data: data.collect(),
        page,
    }))
}

/// Read an article in one of its versions
///
/// As it was, with the names, notices and rights of now. The entity tag is good for `restore`.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path), ("n" = i64, Path, minimum = 1), ShapeParams),
    responses((status = 200, description = "The article in that version.", body = ArticleSchema)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/articles/{id}/versions/{n}")]
pub async fn get_version(
    cx: Cx<Staff>,
    PathId(id): PathId<ArticleId>,
    PathN(n): PathN,
) -> Result<Settled, Problem> {
    in_sight(&cx, id).await?;
    let work = history::version(cx.db(), id, n, cx.now()).await?;
    let revision = revision(&work);
    let licensed = clear(work, &cx.principal().use_(), cx.now())?.in_script(cx.script()?);
    let language = licensed.language().clone();
    let shape = projection(&cx)?;
    if shape.include.iter().any(|name| name == "versions") {
        return Err(bad(
            "include",
            "choice",
            "versions are given with the article itself",
        ));
    }
    record(&cx, [&licensed]).await?;
    let item = licensed.present(|article| ArticleView::of(article, &shape));
    let reply = Reply::ok(item).revision(revision);
    let reply = spoken(reply, std::iter::once(&language));
    reply.settle(&cx, Surface::Item).await
}

/// What is compared with. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct AgainstParams {
    /// The version to compare with; the one before if it is not given.
    #[param(required = false, minimum = 1)]
    against: i64,
}

/// Read what changed between two versions
///
/// `fields` has the members that differ, `blocks` both bodies in order. What changed inside a text is told word by word, and
/// ideograph by ideograph, without markup. The attribution is that of version `n`.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path), ("n" = i64, Path, minimum = 1), AgainstParams),
    responses((status = 200, description = "What changed.", body = DiffSchema)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/articles/{id}/versions/{n}/diff")]
pub async fn compare_versions(
    cx: Cx<Staff>,
    PathId(id): PathId<ArticleId>,
    PathN(n): PathN,
) -> Result<Settled, Problem> {
    in_sight(&cx, id).await?;
    let given = cx.params().number("against")?;
    let against = given.or((n > 1).then_some(n - 1));
    let pair = history::pair(cx.db(), id, n, against, cx.now()).await?;
    let pair = pair.ok_or_else(|| bad("against", "unknown", "there is no such version"))?;
    let licensed = clear(pair, &cx.principal().use_(), cx.now())?;
    record(&cx, [&licensed]).await?;
    let item = compared(licensed).await?;
    Reply::ok(item).settle(&cx, Surface::Item).await
}

/// Compares, which may take its time, off the threads that serve.
async fn compared(pair: Licensed<Comparison>) -> Result<Deliverable<DiffView>, Problem> {
    tokio::task::spawn_blocking(move || pair.present(DiffView::of))
        .await
        .map_err(|error| Problem::new(Kind::Internal).cause(error))
}

/// Restore a version of an article
///
/// Makes a new version of that one's text; what readers see stays until `publish` or `correct`.
/// Corrections stay, and so does the present slug where the earlier one is another article's by
/// now. Restoring what is there already changes nothing.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path), ("n" = i64, Path, minimum = 1)), request_body = RestoreInput,
    responses((status = 200, description = "The article as it is now.", body = ArticleSchema)),
    extensions(("x-permission" = json!("write_articles")), ("x-must-match" = json!(true))))]
#[post("/v1/articles/{id}/versions/{n}/restore")]
pub async fn restore_version(
    cx: Cx<WriteArticles>,
    PathId(id): PathId<ArticleId>,
    PathN(n): PathN,
    body: Body,
    works: Data<Works>,
) -> Result<Settled, Problem> {
    let revision = revision(&writable(&cx, id).await?);
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    if cx.db().replayed(&write).await?.is_some() {
        return changed(&cx, &works, id).await;
    }
    cx.if_match(revision)?;
    let asked = document.read::<RestoreInput>(cx.schemas())?.parse(n)?;
    restore::restore(cx.db(), write, id, revision, asked).await?;
    changed(&cx, &works, id).await
}
