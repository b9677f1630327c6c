//! Preview links: given out by the desk, opened by whoever holds one.

use actix_web::http::header::{CACHE_CONTROL, HeaderName};
use actix_web::web::Data;
use actix_web::{delete, get, post};
use utoipa::IntoParams;

use super::desk::in_sight;
use super::read::{ShapeParams, projection};
use crate::articles::model::{Article, Preview, Side};
use crate::articles::previews::{Previews, REFUSED};
use crate::articles::store::desk::log_preview;
use crate::articles::store::load::{self, Name};
use crate::articles::store::{history, previews as store};
use crate::articles::view::output::ArticleSchema;
use crate::articles::view::previews::{PreviewInput, PreviewView};
use crate::articles::view::{ArticleView, Projection};
use crate::db::{Db, StoreError};
use crate::http::auth::{Open, WriteArticles};
use crate::http::body::Body;
use crate::http::context::{Cx, PathId, written_id};
use crate::http::problem::{Kind, Problem};
use crate::http::reply::{Nothing, Reply};
use crate::http::settle::Settled;
use crate::http::signals::spoken;
use crate::kernel::id::ArticleId;
use crate::rights::{Audience, Channel, Held, Refusal, Role, Surface, Use, clear};
use chrono::{DateTime, Utc};

/// Give out a preview link
///
/// Whoever holds the link reads this article, as far as who gave it out may, until it expires, is ended, or who gave it out
/// leaves the staff. After a withdrawal it answers 410 or 451 like everywhere.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path)), request_body = PreviewInput,
    responses((status = 201, description = "The link.", body = PreviewView)),
    extensions(("x-permission" = json!("write_articles"))))]
#[post("/v1/articles/{id}/previews")]
pub async fn create_preview(
    cx: Cx<WriteArticles>,
    previews: Data<Previews>,
    PathId(id): PathId<ArticleId>,
    body: Body,
) -> Result<Reply<PreviewView>, Problem> {
    in_sight(&cx, id).await?;
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let input: PreviewInput = document.read(cx.schemas())?;
    let expires_at = input.expires_at(write.now);
    let written = store::issue(cx.db(), write, id, input.version, expires_at).await?;
    let preview = store::get(cx.db(), written_id(&written)?).await?;
    let token = previews.token(&preview, cx.now()).await?;
    let view = PreviewView::of(&preview, token);
    Ok(Reply::created(&view.url.clone(), view).secret())
}

/// End the preview links of an article
///
/// All that were given out so far, whoever did.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path)),
    responses((status = 204, description = "They have ended.")),
    extensions(("x-permission" = json!("write_articles")), ("x-unconditional" = json!(true))))]
#[delete("/v1/articles/{id}/previews")]
pub async fn end_previews(
    cx: Cx<WriteArticles>,
    PathId(id): PathId<ArticleId>,
) -> Result<Reply<Nothing>, Problem> {
    in_sight(&cx, id).await?;
    store::end(cx.db(), cx.write(), id).await?;
    Ok(Reply::no_content())
}

/// The credential. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct TokenParams {
    /// The token of a preview link; the only credential that is looked at.
    token: String,
}

/// Read an article by a preview link
///
/// Nothing that caches or search engines may keep. The token stands in the query, since no log holds queries.
#[utoipa::path(tag = "articles", params(TokenParams, ShapeParams),
    responses(
        (status = 200, description = "The article, as far as who gave out the link may have it.", body = ArticleSchema),
        (status = 409, description = "It cannot be shown yet: what its credit is made of is missing.", body = crate::http::problem::ProblemDocument, content_type = "application/problem+json"),
        (status = 410, description = "Withdrawn.", body = crate::http::problem::ProblemDocument, content_type = "application/problem+json"),
        (status = 451, description = "Withdrawn on a legal demand.", body = crate::http::problem::ProblemDocument, content_type = "application/problem+json"),
    ),
    extensions(("x-permission" = json!("open"))))]
#[get("/v1/previews")]
pub async fn get_preview(cx: Cx<Open>, previews: Data<Previews>) -> Result<Settled, Problem> {
    let token = cx.params().one("token")?.unwrap_or_default();
    let (preview, role) = previews.open(token, cx.now()).await?;
    let shape = Projection {
        desk: false,
        ..projection(&cx)?
    };
    let work = shown(cx.db(), &preview, cx.now()).await?;
    let version = work.rights().facts.version;
    let use_ = reading(&preview, role);
    let licensed = clear(work, &use_, cx.now()).map_err(refused)?;
    let licensed = licensed.in_script(cx.script()?);
    let language = licensed.language().clone();
    if licensed.logged() {
        log_preview(cx.db(), cx.write(), preview).await?;
    }
    let item = licensed.present(|article| ArticleView::of(article, &shape));
    let reply = Reply::ok(item)
        .revision(version)
        .header(CACHE_CONTROL, "private, no-store")
        .header(HeaderName::from_static("x-robots-tag"), "noindex");
    spoken(reply, std::iter::once(&language))
        .settle(&cx, Surface::Preview)
        .await
}

/// Whoever holds a link stands where who gave it out stands now.
fn reading(preview: &Preview, role: Role) -> Use {
    Use {
        audience: Audience::Preview {
            role,
            user: preview.issued_by,
        },
        channel: Channel::Web,
        territory: None,
        holder: None,
    }
}

async fn shown(db: &Db, preview: &Preview, now: DateTime<Utc>) -> Result<Held<Article>, Problem> {
    let id = preview.article;
    let found = match preview.version {
        Some(n) => history::version(db, id, n, now).await,
        None => load::get(db, Name::Id(id), Side::Head, now).await,
    };
    match found {
        Err(StoreError::NotFound) => Err(REFUSED.into()),
        found => Ok(found?),
    }
}

/// A link to what its giver may not read any more is good for nothing; a tombstone stays one.
fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::NotFound => REFUSED.into(),
        Refusal::Gone(_) => refusal.into(),
        Refusal::Unattributable => Problem::new(Kind::Conflict).detail(
            "There is no credit to show with it yet: it needs its source, and the site its notices.",
        ),
    }
}
