//! Operations on authors.

use actix_web::{delete, get, patch, post};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::AuthorKind;
use super::store::{self, Filter};
use super::view::{AuthorInput, AuthorPage, AuthorView};
use crate::db::page::{Catalogue, Mark};
use crate::http::auth::{EditCatalogue, ReadCatalogue};
use crate::http::body::Body;
use crate::http::context::{Cx, PathId, written_id};
use crate::http::page::{CatalogueSortParams, PageParams, catalogue_sort};
use crate::http::problem::Problem;
use crate::http::reply::{Nothing, Reply};
use crate::kernel::id::AuthorId;
use crate::kernel::text::title_key;

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(list_authors)
        .service(create_author)
        .service(get_author)
        .service(update_author)
        .service(delete_author);
}

/// Filters of the list. Only documents them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct AuthorParams {
    /// Only this kind.
    #[param(required = false, inline)]
    kind: AuthorKind,
    /// Only people whom new work may name, or only the others.
    #[param(required = false)]
    active: bool,
}

/// List authors
///
/// The register of people. The desk also sees real names and contacts.
#[utoipa::path(tag = "authors", params(AuthorParams, CatalogueSortParams, PageParams),
    responses((status = 200, description = "A page of the register.", body = AuthorPage)),
    extensions(("x-permission" = json!("read_catalogue"))))]
#[get("/v1/authors")]
pub async fn list_authors(cx: Cx<ReadCatalogue>) -> Result<Reply<AuthorPage>, Problem> {
    let params = cx.params();
    let kinds = "reporter, editor, photographer, translator, outside";
    let filter = Filter {
        kind: params.word("kind", AuthorKind::parse, kinds)?,
        active: params.maybe_flag("active")?,
    };
    let (sort, paging) = (catalogue_sort(params)?, cx.paging()?);
    let (authors, total) = store::list(cx.db(), filter, sort, paging.window.clone()).await?;
    let (authors, page) = paging.close(authors, total, |author| Mark {
        key: match sort.by {
            Catalogue::Created => String::new(),
            Catalogue::Name => title_key(&author.profile.name),
        },
        id: author.id.to_string(),
    });
    let desk = cx.principal().is_staff();
    let data = authors
        .into_iter()
        .map(|author| AuthorView::of(author, desk));
    Ok(Reply::ok(AuthorPage {
        data: data.collect(),
        page,
    }))
}

/// Add an author
#[utoipa::path(tag = "authors", request_body = AuthorInput,
    responses((status = 201, description = "The new author.", body = AuthorView)),
    extensions(("x-permission" = json!("edit_catalogue"))))]
#[post("/v1/authors")]
pub async fn create_author(
    cx: Cx<EditCatalogue>,
    body: Body,
) -> Result<Reply<AuthorView>, Problem> {
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let profile = document.read::<AuthorInput>(cx.schemas())?.parse()?;
    let written = store::create(cx.db(), write, profile).await?;
    let id: AuthorId = written_id(&written)?;
    let author = store::get(cx.db(), id).await?;
    let revision = author.revision;
    Ok(
        Reply::created(&format!("/v1/authors/{id}"), AuthorView::of(author, true))
            .revision(revision),
    )
}

/// Read an author
#[utoipa::path(tag = "authors", params(("id" = AuthorId, Path)),
    responses((status = 200, description = "The author.", body = AuthorView)),
    extensions(("x-permission" = json!("read_catalogue"))))]
#[get("/v1/authors/{id}")]
pub async fn get_author(
    cx: Cx<ReadCatalogue>,
    PathId(id): PathId<AuthorId>,
) -> Result<Reply<AuthorView>, Problem> {
    let author = store::get(cx.db(), id).await?;
    let revision = author.revision;
    Ok(Reply::ok(AuthorView::of(author, cx.principal().is_staff())).revision(revision))
}

/// Change an author
#[utoipa::path(tag = "authors", params(("id" = AuthorId, Path)),
    request_body(content = AuthorInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The author as it is now.", body = AuthorView)),
    extensions(("x-permission" = json!("edit_catalogue"))))]
#[patch("/v1/authors/{id}")]
pub async fn update_author(
    cx: Cx<EditCatalogue>,
    PathId(id): PathId<AuthorId>,
    body: Body,
) -> Result<Reply<AuthorView>, Problem> {
    let current = store::get(cx.db(), id).await?;
    let document = body.merge_patch()?;
    cx.if_match(current.revision)?;
    let input: AuthorInput = document.patch(&AuthorInput::from(&current), cx.schemas())?;
    store::update(cx.db(), cx.write(), id, current.revision, input.parse()?).await?;
    let author = store::get(cx.db(), id).await?;
    let revision = author.revision;
    Ok(Reply::ok(AuthorView::of(author, true)).revision(revision))
}

/// Remove an author
///
/// Refused while a version of an article names the author; `active: false` retires one.
#[utoipa::path(tag = "authors", params(("id" = AuthorId, Path)),
    responses((status = 204, description = "Removed.")),
    extensions(("x-permission" = json!("edit_catalogue"))))]
#[delete("/v1/authors/{id}")]
pub async fn delete_author(
    cx: Cx<EditCatalogue>,
    PathId(id): PathId<AuthorId>,
) -> Result<Reply<Nothing>, Problem> {
    let current = store::get(cx.db(), id).await?;
    cx.if_match(current.revision)?;
    store::delete(cx.db(), cx.write(), id, current.revision).await?;
    Ok(Reply::no_content())
}
