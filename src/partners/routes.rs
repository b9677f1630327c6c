//! Operations on partners.

use actix_web::{delete, get, patch, post};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::PartnerStatus;
use super::store::{self, Filter};
use super::view::{PartnerInput, PartnerPage, PartnerView};
use crate::db::page::{Catalogue, Mark};
use crate::http::auth::ManageLicences;
use crate::http::body::Body;
use crate::http::context::{Cx, PathId, written_id};
use crate::http::page::{CatalogueSortParams, PageParams, catalogue_sort};
use crate::http::problem::Problem;
use crate::http::reply::{Nothing, Reply};
use crate::kernel::id::PartnerId;
use crate::kernel::text::title_key;

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(list_partners)
        .service(create_partner)
        .service(get_partner)
        .service(update_partner)
        .service(end_partner);
}

/// Filters of the list. Only documents them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct PartnerParams {
    /// Only partners in this state.
    #[param(required = false, inline)]
    status: PartnerStatus,
}

/// List partners
#[utoipa::path(tag = "partners", params(PartnerParams, CatalogueSortParams, PageParams),
    responses((status = 200, description = "A page of the partners.", body = PartnerPage)),
    extensions(("x-permission" = json!("manage_licences"))))]
#[get("/v1/partners")]
pub async fn list_partners(cx: Cx<ManageLicences>) -> Result<Reply<PartnerPage>, Problem> {
    let params = cx.params();
    let filter = Filter {
        status: params.word("status", PartnerStatus::parse, "active, ended")?,
    };
    let (sort, paging) = (catalogue_sort(params)?, cx.paging()?);
    let (partners, total) = store::list(cx.db(), filter, sort, paging.window.clone()).await?;
    let (partners, page) = paging.close(partners, total, |partner| Mark {
        key: match sort.by {
            Catalogue::Created => String::new(),
            Catalogue::Name => title_key(&partner.profile.name),
        },
        id: partner.id.to_string(),
    });
    Ok(Reply::ok(PartnerPage {
        data: partners.into_iter().map(PartnerView::from).collect(),
        page,
    }))
}

/// Add a partner
#[utoipa::path(tag = "partners", request_body = PartnerInput,
    responses((status = 201, description = "The new partner.", body = PartnerView)),
    extensions(("x-permission" = json!("manage_licences"))))]
#[post("/v1/partners")]
pub async fn create_partner(
    cx: Cx<ManageLicences>,
    body: Body,
) -> Result<Reply<PartnerView>, Problem> {
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let profile = document.read::<PartnerInput>(cx.schemas())?.parse()?;
    let written = store::create(cx.db(), write, profile).await?;
    let id: PartnerId = written_id(&written)?;
    let partner = store::get(cx.db(), id).await?;
    let revision = partner.revision;
    Ok(
        Reply::created(&format!("/v1/partners/{id}"), PartnerView::from(partner))
            .revision(revision),
    )
}

/// Read a partner
#[utoipa::path(tag = "partners", params(("id" = PartnerId, Path)),
    responses((status = 200, description = "The partner.", body = PartnerView)),
    extensions(("x-permission" = json!("manage_licences"))))]
#[get("/v1/partners/{id}")]
pub async fn get_partner(
    cx: Cx<ManageLicences>,
    PathId(id): PathId<PartnerId>,
) -> Result<Reply<PartnerView>, Problem> {
    let partner = store::get(cx.db(), id).await?;
    let revision = partner.revision;
    Ok(Reply::ok(PartnerView::from(partner)).revision(revision))
}

/// Change a partner
///
/// One that has ended cannot be changed.
#[utoipa::path(tag = "partners", params(("id" = PartnerId, Path)),
    request_body(content = PartnerInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The partner as it is now.", body = PartnerView)),
    extensions(("x-permission" = json!("manage_licences"))))]
#[patch("/v1/partners/{id}")]
pub async fn update_partner(
    cx: Cx<ManageLicences>,
    PathId(id): PathId<PartnerId>,
    body: Body,
) -> Result<Reply<PartnerView>, Problem> {
    let current = store::get(cx.db(), id).await?;
    let document = body.merge_patch()?;
    cx.if_match(current.revision)?;
    let input: PartnerInput = document.patch(&PartnerInput::from(&current), cx.schemas())?;
    store::update(cx.db(), cx.write(), id, current.revision, input.parse()?).await?;
    let partner = store::get(cx.db(), id).await?;
    let revision = partner.revision;
    Ok(Reply::ok(PartnerView::from(partner)).revision(revision))
}

/// End a partner
///
/// For good: its keys fail from the next request on (on other nodes within a second), and its licences are revoked. The record stays, because the ledger names it.
#[utoipa::path(tag = "partners", params(("id" = PartnerId, Path)),
    responses((status = 204, description = "Ended.")),
    extensions(("x-permission" = json!("manage_licences"))))]
#[delete("/v1/partners/{id}")]
pub async fn end_partner(
    cx: Cx<ManageLicences>,
    PathId(id): PathId<PartnerId>,
) -> Result<Reply<Nothing>, Problem> {
    let current = store::get(cx.db(), id).await?;
    cx.if_match(current.revision)?;
    store::end(cx.db(), cx.write(), id, current.revision).await?;
    Ok(Reply::no_content())
}
