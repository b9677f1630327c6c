//! Writing articles: drafts and edits.

use actix_web::web::Data;
use actix_web::{delete, patch, post};

use super::{Reread, changed, revision};
use crate::articles::model::{Article, Draft, Side};
use crate::articles::store::load::{self, Name};
use crate::articles::store::works::Works;
use crate::articles::store::write as store;
use crate::articles::view::ArticleInput;
use crate::articles::view::output::ArticleSchema;
use crate::articles::workflow::may_write;
use crate::http::auth::WriteArticles;
use crate::http::body::Body;
use crate::http::context::{Cx, PathId, written_id};
use crate::http::problem::{Kind, Problem};
use crate::http::reply::{Nothing, Reply};
use crate::http::settle::Settled;
use crate::kernel::id::ArticleId;
use crate::rights::{Held, Purpose, Surface, decide};

/// Write a draft
#[utoipa::path(tag = "articles", request_body = ArticleInput,
    responses((status = 201, description = "The new draft.", body = ArticleSchema)),
    extensions(("x-permission" = json!("write_articles"))))]
#[post("/v1/articles")]
pub async fn create_article(
    cx: Cx<WriteArticles>,
    body: Body,
    works: Data<Works>,
) -> Result<Settled, Problem> {
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let draft = parse(document.read(cx.schemas())?).await?;
    let written = store::create(cx.db(), write, draft).await?;
    let id: ArticleId = written_id(&written)?;
    let Reread { revision, article } = Reread::of(&cx, &works, id).await?;
    let reply = Reply::created(&format!("/v1/articles/{id}"), article).revision(revision);
    reply.settle(&cx, Surface::Item).await
}

/// Change an article
///
/// Makes a new version. What readers see of a published article stays until `publish` or
/// `correct`.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path)),
    request_body(content = ArticleInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The article as it is now.", body = ArticleSchema)),
    extensions(("x-permission" = json!("write_articles"))))]
#[patch("/v1/articles/{id}")]
pub async fn update_article(
    cx: Cx<WriteArticles>,
    PathId(id): PathId<ArticleId>,
    body: Body,
    works: Data<Works>,
) -> Result<Settled, Problem> {
    let current = writable(&cx, id).await?;
    let document = body.merge_patch()?;
    let revision = revision(&current);
    cx.if_match(revision)?;
    let before = current.inspect(Purpose::Edit, |article| {
        ArticleInput::from(&article.content)
    });
    let after: ArticleInput = document.patch(&before, cx.schemas())?;
    let after = parse(after).await?;
    store::update(cx.db(), cx.write(), id, revision, after).await?;
    changed(&cx, &works, id).await
}

/// Delete a draft
///
/// Only what nobody outside the desk could ever see is deleted; the rest is withdrawn.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path)),
    responses((status = 204, description = "Deleted.")),
    extensions(("x-permission" = json!("write_articles"))))]
#[delete("/v1/articles/{id}")]
pub async fn delete_article(
    cx: Cx<WriteArticles>,
    PathId(id): PathId<ArticleId>,
) -> Result<Reply<Nothing>, Problem> {
    let current = writable(&cx, id).await?;
    let revision = revision(&current);
    cx.if_match(revision)?;
    store::delete(cx.db(), cx.write(), id, revision).await?;
    Ok(Reply::no_content())
}

/// The article, if this member of staff may change it: 404 where they may not know of it,
/// 403 where they may only read it.
pub(super) async fn writable(
    cx: &Cx<WriteArticles>,
    id: ArticleId,
) -> Result<Held<Article>, Problem> {
    let staff = cx.staff()?;
    let work = load::get(cx.db(), Name::Id(id), Side::Head, cx.now()).await?;
    decide(work.rights(), &cx.principal().use_(), cx.now())?;
    let allowed = work.inspect(Purpose::Edit, |article| {
        may_write(staff.role, staff.user, &article.state)
    });
    if allowed {
        Ok(work)
    } else {
        Err(Problem::new(Kind::Forbidden).detail("Authors change their own drafts only."))
    }
}

/// Reads an article's markup, which may take its time, off the threads that serve.
async fn parse(input: ArticleInput) -> Result<Draft, Problem> {
    tokio::task::spawn_blocking(move || input.parse())
        .await
        .map_err(|error| Problem::new(Kind::Internal).cause(error))?
        .map_err(Problem::from)
}
