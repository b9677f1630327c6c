//! Operations on grants.

use actix_web::{delete, get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::store;
use super::view::{GrantInput, GrantPage, GrantView};
use crate::db::page::Mark;
use crate::http::auth::{ManageGrants, Staff};
use crate::http::body::Body;
use crate::http::context::{Cx, PathId, written_id};
use crate::http::page::{CreatedSortParams, PageParams, created_sort};
use crate::http::problem::Problem;
use crate::http::reply::{Nothing, Reply};
use crate::kernel::id::{GrantId, SourceId};

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(list_grants)
        .service(create_grant)
        .service(get_grant)
        .service(update_grant)
        .service(delete_grant);
}

/// List the grants of a source
///
/// What the source allows us. For the desk only.
#[utoipa::path(tag = "sources", params(("id" = SourceId, Path), CreatedSortParams, PageParams),
    responses((status = 200, description = "A page of the source's grants.", body = GrantPage)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/sources/{id}/grants")]
pub async fn list_grants(
    cx: Cx<Staff>,
    PathId(source): PathId<SourceId>,
) -> Result<Reply<GrantPage>, Problem> {
    let (descending, paging) = (created_sort(cx.params())?, cx.paging()?);
    let window = paging.window.clone();
    let (grants, total) = store::list(cx.db(), source, descending, window).await?;
    let (grants, page) = paging.close(grants, total, |grant| Mark {
        key: String::new(),
        id: grant.id.to_string(),
    });
    Ok(Reply::ok(GrantPage {
        data: grants.into_iter().map(GrantView::from).collect(),
        page,
    }))
}

/// Add a grant to a source
///
/// Only external sources take grants: own works have no inbound limit.
#[utoipa::path(tag = "sources", params(("id" = SourceId, Path)), request_body = GrantInput,
    responses((status = 201, description = "The new grant.", body = GrantView)),
    extensions(("x-permission" = json!("manage_grants"))))]
#[post("/v1/sources/{id}/grants")]
pub async fn create_grant(
    cx: Cx<ManageGrants>,
    PathId(source): PathId<SourceId>,
    body: Body,
) -> Result<Reply<GrantView>, Problem> {
    store::source_exists(cx.db(), source).await?;
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let terms = document.read::<GrantInput>(cx.schemas())?.parse()?;
    let written = store::create(cx.db(), write, source, terms).await?;
    let id: GrantId = written_id(&written)?;
    let grant = store::get(cx.db(), id).await?;
    let revision = grant.revision;
    Ok(Reply::created(&format!("/v1/grants/{id}"), GrantView::from(grant)).revision(revision))
}

/// Read a grant
#[utoipa::path(tag = "sources", params(("id" = GrantId, Path)),
    responses((status = 200, description = "The grant.", body = GrantView)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/grants/{id}")]
pub async fn get_grant(
    cx: Cx<Staff>,
    PathId(id): PathId<GrantId>,
) -> Result<Reply<GrantView>, Problem> {
    let grant = store::get(cx.db(), id).await?;
    let revision = grant.revision;
    Ok(Reply::ok(GrantView::from(grant)).revision(revision))
}

/// Change a grant
#[utoipa::path(tag = "sources", params(("id" = GrantId, Path)),
    request_body(content = GrantInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The grant as it is now.", body = GrantView)),
    extensions(("x-permission" = json!("manage_grants"))))]
#[patch("/v1/grants/{id}")]
pub async fn update_grant(
    cx: Cx<ManageGrants>,
    PathId(id): PathId<GrantId>,
    body: Body,
) -> Result<Reply<GrantView>, Problem> {
    let current = store::get(cx.db(), id).await?;
    let document = body.merge_patch()?;
    cx.if_match(current.revision)?;
    let input: GrantInput = document.patch(&GrantInput::from(&current), cx.schemas())?;
    store::update(cx.db(), cx.write(), id, current.revision, input.parse()?).await?;
    let grant = store::get(cx.db(), id).await?;
    let revision = grant.revision;
    Ok(Reply::ok(GrantView::from(grant)).revision(revision))
}

/// Remove a grant
///
/// What it alone allowed ends at once.
#[utoipa::path(tag = "sources", params(("id" = GrantId, Path)),
    responses((status = 204, description = "Removed.")),
    extensions(("x-permission" = json!("manage_grants"))))]
#[delete("/v1/grants/{id}")]
pub async fn delete_grant(
    cx: Cx<ManageGrants>,
    PathId(id): PathId<GrantId>,
) -> Result<Reply<Nothing>, Problem> {
    let current = store::get(cx.db(), id).await?;
    cx.if_match(current.revision)?;
    store::delete(cx.db(), cx.write(), id, current.revision).await?;
    Ok(Reply::no_content())
}
