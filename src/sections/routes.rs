//! Operations on sections.

use actix_web::{delete, get, patch, post};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::store::{self, Filter, Parent};
use super::view::{SectionInput, SectionPage, SectionTree, SectionView};
use crate::db::page::{Catalogue, Mark};
use crate::http::auth::{EditCatalogue, ReadCatalogue};
use crate::http::body::Body;
use crate::http::context::{Cx, PathId, written_id};
use crate::http::page::{CatalogueSortParams, PageParams, catalogue_sort};
use crate::http::problem::Problem;
use crate::http::reply::{Nothing, Reply};
use crate::kernel::id::{Id, SectionId};
use crate::kernel::text::title_key;

/// Adds the operations to the server and to the document. `tree` comes before `{id}`.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(list_sections)
        .service(create_section)
        .service(get_section_tree)
        .service(get_section)
        .service(update_section)
        .service(delete_section);
}

/// Filters of the list. Only documents them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct SectionParams {
    /// Only sections right below this one; `root` for those at the root.
    #[param(
        required = false,
        pattern = "^(root|sec_[0-9a-f]{32})$",
        example = "root"
    )]
    parent: String,
}

fn parent(word: &str) -> Option<Parent> {
    match word {
        "root" => Some(Parent::Root),
        id => SectionId::parse(id).map(Parent::Section),
    }
}

/// List sections
///
/// Each with its breadcrumb. `GET /v1/sections/tree` gives all of them, nested.
#[utoipa::path(tag = "sections", params(SectionParams, CatalogueSortParams, PageParams),
    responses((status = 200, description = "A page of sections.", body = SectionPage)),
    extensions(("x-permission" = json!("read_catalogue"))))]
#[get("/v1/sections")]
pub async fn list_sections(cx: Cx<ReadCatalogue>) -> Result<Reply<SectionPage>, Problem> {
    let params = cx.params();
    let filter = Filter {
        parent: params.word("parent", parent, "root, the ids that begin with sec_")?,
    };
    let (sort, paging) = (catalogue_sort(params)?, cx.paging()?);
    let (sections, total) = store::list(cx.db(), filter, sort, paging.window.clone()).await?;
    let (sections, page) = paging.close(sections, total, |section| Mark {
        key: match sort.by {
            Catalogue::Created => String::new(),
            Catalogue::Name => title_key(&section.name),
        },
        id: section.id.to_string(),
    });
    Ok(Reply::ok(SectionPage {
        data: sections.into_iter().map(SectionView::of).collect(),
        page,
    }))
}

/// Read the tree of sections
///
/// All sections, nested. A site has at most 2,000 of them on at most 8 levels.
#[utoipa::path(tag = "sections",
    responses((status = 200, description = "The whole tree.", body = SectionTree)),
    extensions(("x-permission" = json!("read_catalogue"))))]
#[get("/v1/sections/tree")]
pub async fn get_section_tree(cx: Cx<ReadCatalogue>) -> Result<Reply<SectionTree>, Problem> {
    let roots = store::whole_tree(cx.db()).await?;
    let data = roots.into_iter().map(Into::into).collect();
    Ok(Reply::ok(SectionTree { data }))
}

/// Add a section
///
/// Without a slug, one is made from the name.
#[utoipa::path(tag = "sections", request_body = SectionInput,
    responses((status = 201, description = "The new section.", body = SectionView)),
    extensions(("x-permission" = json!("edit_catalogue"))))]
#[post("/v1/sections")]
pub async fn create_section(
    cx: Cx<EditCatalogue>,
    body: Body,
) -> Result<Reply<SectionView>, Problem> {
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let draft = document.read::<SectionInput>(cx.schemas())?.parse()?;
    let written = store::create(cx.db(), write, draft).await?;
    let id: SectionId = written_id(&written)?;
    let section = store::get(cx.db(), id).await?;
    let revision = section.revision;
    Ok(Reply::created(&format!("/v1/sections/{id}"), SectionView::of(section)).revision(revision))
}

/// Read a section
#[utoipa::path(tag = "sections", params(("id" = SectionId, Path)),
    responses((status = 200, description = "The section.", body = SectionView)),
    extensions(("x-permission" = json!("read_catalogue"))))]
#[get("/v1/sections/{id}")]
pub async fn get_section(
    cx: Cx<ReadCatalogue>,
    PathId(id): PathId<SectionId>,
) -> Result<Reply<SectionView>, Problem> {
    let section = store::get(cx.db(), id).await?;
    let revision = section.revision;
    Ok(Reply::ok(SectionView::of(section)).revision(revision))
}

/// Change a section
///
/// What stands below it moves along. `slug: null` makes the slug anew from the name.
#[utoipa::path(tag = "sections", params(("id" = SectionId, Path)),
    request_body(content = SectionInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The section as it is now.", body = SectionView)),
    extensions(("x-permission" = json!("edit_catalogue"))))]
#[patch("/v1/sections/{id}")]
pub async fn update_section(
    cx: Cx<EditCatalogue>,
    PathId(id): PathId<SectionId>,
    body: Body,
) -> Result<Reply<SectionView>, Problem> {
    let current = store::get(cx.db(), id).await?;
    let document = body.merge_patch()?;
    cx.if_match(current.revision)?;
    let input: SectionInput = document.patch(&SectionInput::from(&current), cx.schemas())?;
    store::update(cx.db(), cx.write(), id, current.revision, input.parse()?).await?;
    let section = store::get(cx.db(), id).await?;
    let revision = section.revision;
    Ok(Reply::ok(SectionView::of(section)).revision(revision))
}

/// Remove a section
///
/// Refused while sections stand below it, a version of an article names it or a licence selects it.
#[utoipa::path(tag = "sections", params(("id" = SectionId, Path)),
    responses((status = 204, description = "Removed.")),
    extensions(("x-permission" = json!("edit_catalogue"))))]
#[delete("/v1/sections/{id}")]
pub async fn delete_section(
    cx: Cx<EditCatalogue>,
    PathId(id): PathId<SectionId>,
) -> Result<Reply<Nothing>, Problem> {
    let current = store::get(cx.db(), id).await?;
    cx.if_match(current.revision)?;
    store::delete(cx.db(), cx.write(), id, current.revision).await?;
    Ok(Reply::no_content())
}
