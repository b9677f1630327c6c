//! Operations on licences.

use actix_web::{delete, get, patch, post};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::Licence;
use super::store::{self, Filter};
use super::view::{HoldingsView, LicenceInput, LicencePage, LicenceView, PolicyView, warnings};
use crate::db::Db;
use crate::db::page::Mark;
use crate::http::auth::{ManageLicences, PartnerOnly, ReadLicence};
use crate::http::body::Body;
use crate::http::context::{Cx, PathId, written_id};
use crate::http::page::{CreatedSortParams, PageParams, created_sort};
use crate::http::problem::Problem;
use crate::http::reply::{Nothing, Reply};
use crate::kernel::id::{LicenceId, PartnerId};
use crate::rights::LicenceStatus;

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(list_licences)
        .service(create_licence)
        .service(get_licence)
        .service(update_licence)
        .service(delete_licence)
        .service(get_licence_policy)
        .service(list_own_licences);
}

/// Filters of the list. Only documents them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct LicenceParams {
    /// Only licences of this partner.
    #[param(required = false)]
    partner: PartnerId,
    /// Only licences in this state.
    #[param(required = false, inline)]
    status: LicenceStatus,
}

/// List licences
#[utoipa::path(tag = "licences", params(LicenceParams, CreatedSortParams, PageParams),
    responses((status = 200, description = "A page of the licences, without warnings.", body = LicencePage)),
    extensions(("x-permission" = json!("manage_licences"))))]
#[get("/v1/licences")]
pub async fn list_licences(cx: Cx<ManageLicences>) -> Result<Reply<LicencePage>, Problem> {
    let params = cx.params();
    let filter = Filter {
        partner: params.id("partner")?,
        status: params.word("status", LicenceStatus::parse, "active, suspended, revoked")?,
    };
    let (descending, paging) = (created_sort(params)?, cx.paging()?);
    let window = paging.window.clone();
    let (licences, total) = store::list(cx.db(), filter, descending, window).await?;
    let (licences, page) = paging.close(licences, total, |licence| Mark {
        key: String::new(),
        id: licence.id.to_string(),
    });
    Ok(Reply::ok(LicencePage {
        data: licences.into_iter().map(LicenceView::from).collect(),
        page,
    }))
}

/// Grant a licence to a partner
///
/// Licences may overlap: for each work one of them is used, by the widest extent that it gives, then the longest excerpt, then the latest end, then the lowest id; they are never added up. `warnings` tell where it promises more than sources allow us: the sources that it names, else those that have works in scope at that moment, at most 200. A partner holds at most 100 licences that are not revoked.
#[utoipa::path(tag = "licences", request_body = LicenceInput,
    responses((status = 201, description = "The new licence.", body = LicenceView)),
    extensions(("x-permission" = json!("manage_licences"))))]
#[post("/v1/licences")]
pub async fn create_licence(
    cx: Cx<ManageLicences>,
    body: Body,
) -> Result<Reply<LicenceView>, Problem> {
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let (partner, terms) = document.read::<LicenceInput>(cx.schemas())?.parse_new()?;
    let written = store::create(cx.db(), write, partner, terms).await?;
    let id: LicenceId = written_id(&written)?;
    let licence = store::get(cx.db(), id).await?;
    let revision = licence.revision;
    let view = with_warnings(cx.db(), licence).await?;
    Ok(Reply::created(&format!("/v1/licences/{id}"), view).revision(revision))
}

/// Read a licence
#[utoipa::path(tag = "licences", params(("id" = LicenceId, Path)),
    responses((status = 200, description = "The licence.", body = LicenceView)),
    extensions(("x-permission" = json!("manage_licences"))))]
#[get("/v1/licences/{id}")]
pub async fn get_licence(
    cx: Cx<ManageLicences>,
    PathId(id): PathId<LicenceId>,
) -> Result<Reply<LicenceView>, Problem> {
    let licence = store::get(cx.db(), id).await?;
    let revision = licence.revision;
    let view = with_warnings(cx.db(), licence).await?;
    Ok(Reply::ok(view).revision(revision))
}

/// Change a licence
///
/// Counts from the partner's next request on, on other nodes within a second; no node gives a body past it. A revoked one cannot be changed.
#[utoipa::path(tag = "licences", params(("id" = LicenceId, Path)),
    request_body(content = LicenceInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The licence as it is now.", body = LicenceView)),
    extensions(("x-permission" = json!("manage_licences"))))]
#[patch("/v1/licences/{id}")]
pub async fn update_licence(
    cx: Cx<ManageLicences>,
    PathId(id): PathId<LicenceId>,
    body: Body,
) -> Result<Reply<LicenceView>, Problem> {
    let current = store::get(cx.db(), id).await?;
    let document = body.merge_patch()?;
    cx.if_match(current.revision)?;
    let input: LicenceInput = document.patch(&LicenceInput::from(&current), cx.schemas())?;
    let terms = input.parse_change(&current)?;
    store::update(cx.db(), cx.write(), id, current.revision, terms).await?;
    let licence = store::get(cx.db(), id).await?;
    let revision = licence.revision;
    let view = with_warnings(cx.db(), licence).await?;
    Ok(Reply::ok(view).revision(revision))
}

/// Remove a licence
///
/// Refused once a work was given out under it; `status: revoked` ends one.
#[utoipa::path(tag = "licences", params(("id" = LicenceId, Path)),
    responses((status = 204, description = "Removed.")),
    extensions(("x-permission" = json!("manage_licences"))))]
#[delete("/v1/licences/{id}")]
pub async fn delete_licence(
    cx: Cx<ManageLicences>,
    PathId(id): PathId<LicenceId>,
) -> Result<Reply<Nothing>, Problem> {
    let current = store::get(cx.db(), id).await?;
    cx.if_match(current.revision)?;
    store::delete(cx.db(), cx.write(), id, current.revision).await?;
    Ok(Reply::no_content())
}

/// Read a licence as an ODRL policy
///
/// The terms as an agreement in ODRL 2.2 (JSON-LD), in the RightsML profile. A partner's key reads those of its own partner. To it, single works are named once readers can see them; where a licence names nothing else, there is no policy until then.
#[utoipa::path(tag = "licences", params(("id" = LicenceId, Path)),
    responses((status = 200, description = "The policy.", body = PolicyView, content_type = "application/ld+json",
        example = json!({
            "@context": ["http://www.w3.org/ns/odrl.jsonld", {"odrl": "http://www.w3.org/ns/odrl/2/", "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rightsml": "https://iptc.org/std/RightsML/odrl-profile/", "dcterms": "http://purl.org/dc/terms/", "xsd": "http://www.w3.org/2001/XMLSchema#", "tdm": "http://www.w3.org/ns/tdmrep#", "vcard": "http://www.w3.org/2006/vcard/ns#", "site": "https://news.example.org/ns/licences#"}],
            "@type": "Agreement", "uid": "urn:uuid:01900000-0000-7000-8000-000000000001", "profile": "https://iptc.org/std/RightsML/odrl-profile/", "conflict": "prohibit",
            "dcterms:issued": {"@value": "2026-01-01T00:00:00Z", "@type": "xsd:dateTime"}, "dcterms:modified": {"@value": "2026-01-01T00:00:00Z", "@type": "xsd:dateTime"}, "site:status": "active",
            "assigner": {"@type": ["Party", "vcard:Organization"], "uid": "https://news.example.org", "vcard:fn": "Harbour Media Group"},
            "assignee": {"@type": ["Party", "vcard:Organization"], "uid": "urn:uuid:01900000-0000-7000-8000-000000000002", "vcard:fn": "Gulf Evening Post"},
            "permission": [{"target": {"@type": "AssetCollection", "source": "https://news.example.org", "refinement": [{"leftOperand": "language", "operator": "isAnyOf", "rightOperand": ["zh"]}]}, "action": ["distribute", "display"],
                "constraint": [
                    {"leftOperand": "spatial", "operator": "isAnyOf", "rightOperand": [{"@value": "CN", "@type": "dcterms:ISO3166"}]},
                    {"leftOperand": "deliveryChannel", "operator": "isAnyOf", "rightOperand": [{"@id": "site:syndication"}]},
                    {"leftOperand": "dateTime", "operator": "gteq", "rightOperand": {"@value": "2026-01-01T00:00:00Z", "@type": "xsd:dateTime"}},
                    {"leftOperand": "event", "operator": "gt", "rightOperand": {"@id": "site:publication"}},
                    {"leftOperand": "elapsedTime", "operator": "lt", "rightOperand": {"@value": "P30D", "@type": "xsd:duration"}}
                ],
                "duty": [{"action": "attribute", "attributedParty": "https://news.example.org"}]}],
            "prohibition": [{"target": {"@type": "AssetCollection", "source": "https://news.example.org", "refinement": [{"leftOperand": "language", "operator": "isAnyOf", "rightOperand": ["zh"]}]}, "action": "translate"}],
            "obligation": [{"target": {"@type": "AssetCollection", "source": "https://news.example.org", "refinement": [{"leftOperand": "language", "operator": "isAnyOf", "rightOperand": ["zh"]}]}, "action": "delete",
                "constraint": [
                    {"leftOperand": "event", "operator": "gt", "rightOperand": {"@id": "site:withdrawal"}},
                    {"leftOperand": "elapsedTime", "operator": "lteq", "rightOperand": {"@value": "PT24H", "@type": "xsd:duration"}}
                ]}]
        }))),
    extensions(("x-permission" = json!("read_licence"))))]
#[get("/v1/licences/{id}/policy")]
pub async fn get_licence_policy(
    cx: Cx<ReadLicence>,
    PathId(id): PathId<LicenceId>,
) -> Result<Reply<PolicyView>, Problem> {
    let own = match cx.principal().is_staff() {
        true => None,
        false => Some(cx.partner()?),
    };
    let (licence, parties) = store::agreed(cx.db(), id, own, cx.now()).await?;
    let revision = licence.revision;
    Ok(Reply::ok(PolicyView::of(&licence, &parties)).revision(revision))
}

/// List the licences that the key's partner holds
///
/// All that are not revoked, with what was delivered under each today (UTC). Single works are named once readers can see them.
#[utoipa::path(tag = "me",
    responses((status = 200, description = "The partner and its licences.", body = HoldingsView)),
    extensions(("x-permission" = json!("partner_only"))))]
#[get("/v1/me/licences")]
pub async fn list_own_licences(cx: Cx<PartnerOnly>) -> Result<Reply<HoldingsView>, Problem> {
    let (partner, now) = (cx.partner()?, cx.now());
    let holdings = store::holdings(cx.db(), partner, now).await?;
    Ok(Reply::ok(HoldingsView::of(holdings, now)))
}

async fn with_warnings(db: &Db, licence: Licence) -> Result<LicenceView, Problem> {
    let (sources, usual) = store::inbound(db, licence.id, licence.terms.selector.clone()).await?;
    let found = warnings(&licence, &sources, usual);
    let mut view = LicenceView::from(licence);
    view.warnings = Some(found);
    Ok(view)
}
