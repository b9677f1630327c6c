//! Comments of the desk on an article.

use actix_web::{delete, get, post};
use utoipa::IntoParams;

use super::desk::in_full;
use crate::articles::store::comments as store;
use crate::articles::view::desk::{CommentInput, CommentPage, CommentView};
use crate::db::page::Mark;
use crate::http::auth::{CommentArticles, Staff};
use crate::http::body::Body;
use crate::http::context::{Cx, PathId, PathTwo, written_id};
use crate::http::page::PageParams;
use crate::http::problem::{Kind, Problem};
use crate::http::reply::{Nothing, Reply};
use crate::kernel::id::{ArticleId, CommentId, Id as _};
use crate::rights::Role;

/// Filters of the list. Only documents them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct CommentParams {
    /// Only comments on this version.
    #[param(required = false, minimum = 1)]
    version: i64,
    /// Only those that are not settled, or only those that are.
    #[param(required = false)]
    open: bool,
}

/// List the comments on an article
///
/// The oldest first; answers name what they answer in `parent_id`.
#[utoipa::path(tag = "desk", params(("id" = ArticleId, Path), CommentParams, PageParams),
    responses((status = 200, description = "A page of the comments.", body = CommentPage)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/articles/{id}/comments")]
pub async fn list_comments(
    cx: Cx<Staff>,
    PathId(id): PathId<ArticleId>,
) -> Result<Reply<CommentPage>, Problem> {
    in_full(&cx, id).await?;
    let filter = store::Filter {
        version: cx.params().number("version")?,
        open: cx.params().maybe_flag("open")?,
    };
    let paging = cx.paging()?;
    let (comments, total) = store::list(cx.db(), id, filter, paging.window.clone()).await?;
    let (comments, page) = paging.close(comments, total, |comment| Mark {
        key: String::new(),
        id: comment.id.to_string(),
    });
    let data = comments.into_iter().map(CommentView::from).collect();
    Ok(Reply::ok(CommentPage { data, page }))
}

/// Comment on an article
///
/// On a version, or on a block of it. Readers never see comments, and the change log does not
/// tell of them.
#[utoipa::path(tag = "desk", params(("id" = ArticleId, Path)), request_body = CommentInput,
    responses((status = 201, description = "The new comment.", body = CommentView)),
    extensions(("x-permission" = json!("comment_articles"))))]
#[post("/v1/articles/{id}/comments")]
pub async fn create_comment(
    cx: Cx<CommentArticles>,
    PathId(id): PathId<ArticleId>,
    body: Body,
) -> Result<Reply<CommentView>, Problem> {
    in_full(&cx, id).await?;
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let remark = document.read::<CommentInput>(cx.schemas())?.parse()?;
    let written = store::create(cx.db(), write, id, remark).await?;
    let comment = store::get(cx.db(), id, written_id(&written)?).await?;
    let (at, revision) = (comment.id, comment.revision);
    let location = format!("/v1/articles/{id}/comments/{at}");
    Ok(Reply::created(&location, CommentView::from(comment)).revision(revision))
}

/// Read a comment
#[utoipa::path(tag = "desk", params(("id" = ArticleId, Path), ("comment_id" = CommentId, Path)),
    responses((status = 200, description = "The comment.", body = CommentView)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/articles/{id}/comments/{comment_id}")]
pub async fn get_comment(
    cx: Cx<Staff>,
    PathTwo(id, word): PathTwo<ArticleId>,
) -> Result<Reply<CommentView>, Problem> {
    in_full(&cx, id).await?;
    answer(store::get(cx.db(), id, named(&word)?).await?)
}

/// Settle a comment
///
/// Once more changes nothing.
#[utoipa::path(tag = "desk", params(("id" = ArticleId, Path), ("comment_id" = CommentId, Path)),
    responses((status = 200, description = "The comment as it is now.", body = CommentView)),
    extensions(("x-permission" = json!("comment_articles")), ("x-unconditional" = json!(true))))]
#[post("/v1/articles/{id}/comments/{comment_id}/resolve")]
pub async fn resolve_comment(
    cx: Cx<CommentArticles>,
    PathTwo(id, word): PathTwo<ArticleId>,
) -> Result<Reply<CommentView>, Problem> {
    in_full(&cx, id).await?;
    let comment = named(&word)?;
    store::resolve(cx.db(), cx.write(), id, comment).await?;
    answer(store::get(cx.db(), id, comment).await?)
}

/// Remove a comment
///
/// By who wrote it, or an administrator. Refused once somebody has answered it.
#[utoipa::path(tag = "desk", params(("id" = ArticleId, Path), ("comment_id" = CommentId, Path)),
    responses((status = 204, description = "Removed.")),
    extensions(("x-permission" = json!("comment_articles"))))]
#[delete("/v1/articles/{id}/comments/{comment_id}")]
pub async fn delete_comment(
    cx: Cx<CommentArticles>,
    PathTwo(id, word): PathTwo<ArticleId>,
) -> Result<Reply<Nothing>, Problem> {
    in_full(&cx, id).await?;
    let comment = store::get(cx.db(), id, named(&word)?).await?;
    let staff = cx.staff()?;
    if staff.role != Role::Admin && staff.user != comment.created_by.id {
        return Err(Problem::new(Kind::Forbidden)
            .detail("Comments are removed by who wrote them, or by an administrator."));
    }
    cx.if_match(comment.revision)?;
    store::delete(cx.db(), cx.write(), id, comment.id, comment.revision).await?;
    Ok(Reply::no_content())
}

fn named(word: &str) -> Result<CommentId, Problem> {
    CommentId::parse(word).ok_or_else(Problem::not_found)
}

fn answer(comment: crate::articles::model::Comment) -> Result<Reply<CommentView>, Problem> {
    let revision = comment.revision;
    Ok(Reply::ok(CommentView::from(comment)).revision(revision))
}
