//! Operations on sources.

use actix_web::{delete, get, patch, post};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::store::{self, Filter};
use super::view::{SourceInput, SourcePage, SourceView};
use crate::db::page::{Catalogue, Mark};
use crate::http::auth::{EditCatalogue, ReadCatalogue};
use crate::http::body::Body;
use crate::http::context::{Cx, PathId, written_id};
use crate::http::page::{CatalogueSortParams, PageParams, catalogue_sort};
use crate::http::problem::Problem;
use crate::http::reply::{Nothing, Reply};
use crate::kernel::id::SourceId;
use crate::kernel::text::title_key;
use crate::rights::SourceKind;

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(list_sources)
        .service(create_source)
        .service(get_source)
        .service(update_source)
        .service(delete_source);
}

/// Filters of the list. Only documents them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct SourceParams {
    /// Only this kind.
    #[param(required = false, inline)]
    kind: SourceKind,
}

/// List sources
///
/// The desk also sees on which lists of permitted sources they stand.
#[utoipa::path(tag = "sources", params(SourceParams, CatalogueSortParams, PageParams),
    responses((status = 200, description = "A page of the sources.", body = SourcePage)),
    extensions(("x-permission" = json!("read_catalogue"))))]
#[get("/v1/sources")]
pub async fn list_sources(cx: Cx<ReadCatalogue>) -> Result<Reply<SourcePage>, Problem> {
    let params = cx.params();
    let filter = Filter {
        kind: params.word("kind", SourceKind::parse, "own, external")?,
    };
    let (sort, paging) = (catalogue_sort(params)?, cx.paging()?);
    let (sources, total) = store::list(cx.db(), filter, sort, paging.window.clone()).await?;
    let (sources, page) = paging.close(sources, total, |source| Mark {
        key: match sort.by {
            Catalogue::Created => String::new(),
            Catalogue::Name => title_key(&source.profile.name),
        },
        id: source.id.to_string(),
    });
    let desk = cx.principal().is_staff();
    let data = sources
        .into_iter()
        .map(|source| SourceView::of(source, desk));
    Ok(Reply::ok(SourcePage {
        data: data.collect(),
        page,
    }))
}

/// Add a source
///
/// A name means one source: 409 where its name, credit label, an alias or an official form
/// belongs to another.
#[utoipa::path(tag = "sources", request_body = SourceInput,
    responses((status = 201, description = "The new source.", body = SourceView)),
    extensions(("x-permission" = json!("edit_catalogue"))))]
#[post("/v1/sources")]
pub async fn create_source(
    cx: Cx<EditCatalogue>,
    body: Body,
) -> Result<Reply<SourceView>, Problem> {
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let profile = document.read::<SourceInput>(cx.schemas())?.parse()?;
    let written = store::create(cx.db(), write, profile).await?;
    let id: SourceId = written_id(&written)?;
    let source = store::get(cx.db(), id).await?;
    let revision = source.revision;
    Ok(
        Reply::created(&format!("/v1/sources/{id}"), SourceView::of(source, true))
            .revision(revision),
    )
}

/// Read a source
#[utoipa::path(tag = "sources", params(("id" = SourceId, Path)),
    responses((status = 200, description = "The source.", body = SourceView)),
    extensions(("x-permission" = json!("read_catalogue"))))]
#[get("/v1/sources/{id}")]
pub async fn get_source(
    cx: Cx<ReadCatalogue>,
    PathId(id): PathId<SourceId>,
) -> Result<Reply<SourceView>, Problem> {
    let source = store::get(cx.db(), id).await?;
    let revision = source.revision;
    Ok(Reply::ok(SourceView::of(source, cx.principal().is_staff())).revision(revision))
}

/// Change a source
///
/// Its kind stays while articles use it, since their origin follows from it, and while it has
/// grants, which only external sources give.
#[utoipa::path(tag = "sources", params(("id" = SourceId, Path)),
    request_body(content = SourceInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The source as it is now.", body = SourceView)),
    extensions(("x-permission" = json!("edit_catalogue"))))]
#[patch("/v1/sources/{id}")]
pub async fn update_source(
    cx: Cx<EditCatalogue>,
    PathId(id): PathId<SourceId>,
    body: Body,
) -> Result<Reply<SourceView>, Problem> {
    let current = store::get(cx.db(), id).await?;
    let document = body.merge_patch()?;
    cx.if_match(current.revision)?;
    let input: SourceInput = document.patch(&SourceInput::from(&current), cx.schemas())?;
    store::update(cx.db(), cx.write(), id, current.revision, input.parse()?).await?;
    let source = store::get(cx.db(), id).await?;
    let revision = source.revision;
    Ok(Reply::ok(SourceView::of(source, true)).revision(revision))
}

/// Remove a source
///
/// Refused while a version of an article names it, and while it has grants.
#[utoipa::path(tag = "sources", params(("id" = SourceId, Path)),
    responses((status = 204, description = "Removed.")),
    extensions(("x-permission" = json!("edit_catalogue"))))]
#[delete("/v1/sources/{id}")]
pub async fn delete_source(
    cx: Cx<EditCatalogue>,
    PathId(id): PathId<SourceId>,
) -> Result<Reply<Nothing>, Problem> {
    let current = store::get(cx.db(), id).await?;
    cx.if_match(current.revision)?;
    store::delete(cx.db(), cx.write(), id, current.revision).await?;
    Ok(Reply::no_content())
}
