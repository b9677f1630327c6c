//! Operations on editions of the list and on reviews.

use actix_web::{get, post};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::RegistryReviewStatus;
use super::store::reviews::Filter;
use super::store::{self, import, reviews};
use super::view::{
    PermittedSourcePage, PermittedSourceView, RegistryEditionInput, RegistryEditionPage,
    RegistryEditionView, RegistryReviewPage, RegistryReviewView, ResolveRegistryReviewInput,
};
use crate::db::page::Mark;
use crate::http::auth::{ManageRegistry, ReviewReprints, Staff};
use crate::http::body::Body;
use crate::http::context::{Cx, PathId, written_id};
use crate::http::page::{CreatedSortParams, PageParams, created_sort};
use crate::http::params::{Params, bad};
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::kernel::id::{ArticleId, EditionId, RegistryReviewId, SourceId};
use crate::kernel::text::{char_count, name_key};

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(list_registry_editions)
        .service(create_registry_edition)
        .service(get_registry_edition)
        .service(list_registry_entries)
        .service(list_registry_reviews)
        .service(get_registry_review)
        .service(resolve_registry_review);
}

/// List the editions of the list of permitted sources
///
/// Sorted by `created_at`, which is the edition's `imported_at`.
#[utoipa::path(tag = "registry", params(CreatedSortParams, PageParams),
    responses((status = 200, description = "A page of the editions.", body = RegistryEditionPage)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/registry/editions")]
pub async fn list_registry_editions(cx: Cx<Staff>) -> Result<Reply<RegistryEditionPage>, Problem> {
    let (descending, paging) = (created_sort(cx.params())?, cx.paging()?);
    let (editions, total) = store::list(cx.db(), descending, paging.window.clone()).await?;
    let (editions, page) = paging.close(editions, total, |edition| Mark {
        key: String::new(),
        id: edition.id.to_string(),
    });
    Ok(Reply::ok(RegistryEditionPage {
        data: editions
            .into_iter()
            .map(RegistryEditionView::from)
            .collect(),
        page,
    }))
}

/// Bring in an edition
///
/// It ends an open edition before it where it begins, and changes no article: each published reprint
/// of a source that it drops gets a review. The same edition once more is answered as it is.
#[utoipa::path(tag = "registry", request_body = RegistryEditionInput,
    responses((status = 201, description = "The new edition.", body = RegistryEditionView),
        (status = 200, description = "The edition, which was there already.", body = RegistryEditionView)),
    extensions(("x-permission" = json!("manage_registry"))))]
#[post("/v1/registry/editions")]
pub async fn create_registry_edition(
    cx: Cx<ManageRegistry>,
    body: Body,
) -> Result<Reply<RegistryEditionView>, Problem> {
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let draft = document
        .read::<RegistryEditionInput>(cx.schemas())?
        .parse()?;
    let written = import::import(cx.db(), write, draft).await?;
    // The edition stands; what is not done of its reviews, the chore does.
    if let Err(error) = reviews::open_some(cx.db(), cx.write()).await {
        tracing::warn!(%error, "reviews are left to the chore");
    }
    let id: EditionId = written_id(&written)?;
    let edition = store::get(cx.db(), id).await?.into();
    Ok(match written.status {
        201 => Reply::created(&format!("/v1/registry/editions/{id}"), edition),
        _ => Reply::ok(edition),
    })
}

/// Read an edition
#[utoipa::path(tag = "registry", params(("id" = EditionId, Path)),
    responses((status = 200, description = "The edition.", body = RegistryEditionView)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/registry/editions/{id}")]
pub async fn get_registry_edition(
    cx: Cx<Staff>,
    PathId(id): PathId<EditionId>,
) -> Result<Reply<RegistryEditionView>, Problem> {
    let edition = store::get(cx.db(), id).await?;
    Ok(Reply::ok(edition.into()))
}

/// What a list of entries is asked for. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct EntryParams {
    /// Only names that begin so; widths, case and runs of blanks count for nothing.
    #[param(required = false, max_length = 200)]
    q: String,
}

/// List the sources that an edition permits
///
/// In the order of their names, folded, by code point.
#[utoipa::path(tag = "registry", params(("id" = EditionId, Path), EntryParams, PageParams),
    responses((status = 200, description = "A page of the sources.", body = PermittedSourcePage)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/registry/editions/{id}/entries")]
pub async fn list_registry_entries(
    cx: Cx<Staff>,
    PathId(id): PathId<EditionId>,
) -> Result<Reply<PermittedSourcePage>, Problem> {
    let prefix = cx.params().one("q")?.map(str::to_owned);
    if prefix
        .as_deref()
        .is_some_and(|prefix| char_count(prefix) > 200)
    {
        return Err(bad("q", "length", "has more than 200 characters"));
    }
    let paging = cx.paging()?;
    let window = paging.window.clone();
    let (entries, total) = store::entries(cx.db(), id, prefix, window).await?;
    let (entries, page) = paging.close(entries, total, |entry| Mark {
        key: String::new(),
        id: name_key(&entry.name),
    });
    Ok(Reply::ok(PermittedSourcePage {
        data: entries.into_iter().map(PermittedSourceView::from).collect(),
        page,
    }))
}

/// Filters of the list of reviews. Only documents them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct ReviewParams {
    /// Only those that are, or are not, decided.
    #[param(required = false, inline)]
    status: RegistryReviewStatus,
    /// Only reprints of this source.
    #[param(required = false, inline)]
    source: SourceId,
    /// Only those of this edition.
    #[param(required = false, inline)]
    edition: EditionId,
    /// Only those of this article.
    #[param(required = false, inline)]
    article: ArticleId,
}

fn filter(params: &Params) -> Result<Filter, Problem> {
    Ok(Filter {
        status: params.word("status", RegistryReviewStatus::parse, "open, resolved")?,
        source: params.id("source")?,
        edition: params.id("edition")?,
        article: params.id("article")?,
    })
}

/// List reprints whose source left the list
///
/// One for each published reprint of a source that an edition dropped.
#[utoipa::path(tag = "registry", params(ReviewParams, CreatedSortParams, PageParams),
    responses((status = 200, description = "A page of the reviews.", body = RegistryReviewPage)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/registry/reviews")]
pub async fn list_registry_reviews(cx: Cx<Staff>) -> Result<Reply<RegistryReviewPage>, Problem> {
    let (filter, descending) = (filter(cx.params())?, created_sort(cx.params())?);
    let paging = cx.paging()?;
    let window = paging.window.clone();
    let (found, total) = reviews::list(cx.db(), filter, descending, window).await?;
    let (found, page) = paging.close(found, total, |review| Mark {
        key: String::new(),
        id: review.id.to_string(),
    });
    Ok(Reply::ok(RegistryReviewPage {
        data: found.into_iter().map(RegistryReviewView::from).collect(),
        page,
    }))
}

/// Read a review
#[utoipa::path(tag = "registry", params(("id" = RegistryReviewId, Path)),
    responses((status = 200, description = "The review.", body = RegistryReviewView)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/registry/reviews/{id}")]
pub async fn get_registry_review(
    cx: Cx<Staff>,
    PathId(id): PathId<RegistryReviewId>,
) -> Result<Reply<RegistryReviewView>, Problem> {
    let review = reviews::get(cx.db(), id).await?;
    Ok(Reply::ok(review.into()))
}

/// Decide a review
///
/// Puts the decision on record, once. It does nothing to the article: who plans to withdraw it does
/// so by `POST /v1/articles/{id}/withdraw`.
#[utoipa::path(tag = "registry", params(("id" = RegistryReviewId, Path)), request_body = ResolveRegistryReviewInput,
    responses((status = 200, description = "The review as it is now.", body = RegistryReviewView)),
    extensions(("x-permission" = json!("review_reprints"))))]
#[post("/v1/registry/reviews/{id}/resolve")]
pub async fn resolve_registry_review(
    cx: Cx<ReviewReprints>,
    PathId(id): PathId<RegistryReviewId>,
    body: Body,
) -> Result<Reply<RegistryReviewView>, Problem> {
    reviews::get(cx.db(), id).await?;
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let resolution = document
        .read::<ResolveRegistryReviewInput>(cx.schemas())?
        .parse()?;
    reviews::resolve(cx.db(), write, id, resolution).await?;
    let review = reviews::get(cx.db(), id).await?;
    Ok(Reply::ok(review.into()))
}
