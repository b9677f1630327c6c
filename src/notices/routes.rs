//! Operations on notices.

use actix_web::{delete, get, patch, post};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::store::{self, Filter, Show};
use super::view::{NoticeInput, NoticePage, NoticeRevisionPage, NoticeView, RevisionView};
use crate::db::page::Mark;
use crate::http::auth::{EditCatalogue, Principal, ReadCatalogue, Staff};
use crate::http::body::Body;
use crate::http::context::{Cx, PathId, PathN, written_id};
use crate::http::page::{CreatedSortParams, PageParams, created_sort, unfit_cursor};
use crate::http::problem::Problem;
use crate::http::reply::{Nothing, Reply};
use crate::kernel::id::NoticeId;
use crate::kernel::language::Language;
use crate::rights::NoticeKind;

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(list_notices)
        .service(create_notice)
        .service(get_notice)
        .service(update_notice)
        .service(delete_notice)
        .service(list_notice_revisions)
        .service(get_notice_revision);
}

/// Filters of the list. Only documents them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct NoticeParams {
    /// Only this kind.
    #[param(required = false, inline)]
    kind: NoticeKind,
    /// Only in exactly this language.
    #[param(required = false, inline)]
    language: Language,
}

/// The desk works on the newest revision; everyone else reads the one in force.
fn shown_to(principal: &Principal) -> Show {
    if principal.is_staff() {
        Show::Newest
    } else {
        Show::InForce
    }
}

/// List notices
///
/// For the desk in their newest revisions, for others in those in force.
#[utoipa::path(tag = "notices", params(NoticeParams, CreatedSortParams, PageParams),
    responses((status = 200, description = "A page of the notices.", body = NoticePage)),
    extensions(("x-permission" = json!("read_catalogue"))))]
#[get("/v1/notices")]
pub async fn list_notices(cx: Cx<ReadCatalogue>) -> Result<Reply<NoticePage>, Problem> {
    let params = cx.params();
    let filter = Filter {
        kind: params.word("kind", NoticeKind::parse, "own_work, reprint, contact")?,
        language: params.word(
            "language",
            Language::parse,
            "the tags such as zh-Hans or en",
        )?,
    };
    let (descending, paging) = (created_sort(params)?, cx.paging()?);
    let (show, window) = (shown_to(cx.principal()), paging.window.clone());
    let (notices, total) = store::list(cx.db(), filter, show, cx.now(), descending, window).await?;
    let (notices, page) = paging.close(notices, total, |notice| Mark {
        key: String::new(),
        id: notice.id.to_string(),
    });
    Ok(Reply::ok(NoticePage {
        data: notices.into_iter().map(NoticeView::from).collect(),
        page,
    }))
}

/// Add a notice
///
/// There is one notice of a kind in a language; its first revision holds from
/// `effective_from`, or from now.
#[utoipa::path(tag = "notices", request_body = NoticeInput,
    responses((status = 201, description = "The new notice.", body = NoticeView)),
    extensions(("x-permission" = json!("edit_catalogue"))))]
#[post("/v1/notices")]
pub async fn create_notice(
    cx: Cx<EditCatalogue>,
    body: Body,
) -> Result<Reply<NoticeView>, Problem> {
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let draft = document
        .read::<NoticeInput>(cx.schemas())?
        .parse(cx.now())?;
    let written = store::create(cx.db(), write, draft).await?;
    let id: NoticeId = written_id(&written)?;
    let notice = store::get(cx.db(), id, Show::Newest, cx.now()).await?;
    let revision = notice.revision;
    Ok(Reply::created(&format!("/v1/notices/{id}"), NoticeView::from(notice)).revision(revision))
}

/// Read a notice
///
/// For the desk in its newest revision, for others in the one in force.
#[utoipa::path(tag = "notices", params(("id" = NoticeId, Path)),
    responses((status = 200, description = "The notice.", body = NoticeView)),
    extensions(("x-permission" = json!("read_catalogue"))))]
#[get("/v1/notices/{id}")]
pub async fn get_notice(
    cx: Cx<ReadCatalogue>,
    PathId(id): PathId<NoticeId>,
) -> Result<Reply<NoticeView>, Problem> {
    let notice = store::get(cx.db(), id, shown_to(cx.principal()), cx.now()).await?;
    // For the desk this is the newest one, which `If-Match` compares; others learn of no other.
    let revision = notice.shown.n;
    Ok(Reply::ok(NoticeView::from(notice)).revision(revision))
}

/// Change a notice
///
/// Adds a revision that holds from `effective_from`, or from now; those before it never
/// change. Kind and language stay.
#[utoipa::path(tag = "notices", params(("id" = NoticeId, Path)),
    request_body(content = NoticeInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The notice in its new revision.", body = NoticeView)),
    extensions(("x-permission" = json!("edit_catalogue"))))]
#[patch("/v1/notices/{id}")]
pub async fn update_notice(
    cx: Cx<EditCatalogue>,
    PathId(id): PathId<NoticeId>,
    body: Body,
) -> Result<Reply<NoticeView>, Problem> {
    let current = store::get(cx.db(), id, Show::Newest, cx.now()).await?;
    let document = body.merge_patch()?;
    cx.if_match(current.revision)?;
    let input: NoticeInput = document.patch(&NoticeInput::of(&current, cx.now()), cx.schemas())?;
    let wording = input.parse_change(&current, cx.now())?;
    store::revise(cx.db(), cx.write(), id, current.revision, wording).await?;
    let notice = store::get(cx.db(), id, Show::Newest, cx.now()).await?;
    let revision = notice.revision;
    Ok(Reply::ok(NoticeView::from(notice)).revision(revision))
}

/// Remove a notice
///
/// With all its revisions. Refused for the last notice of its kind in force while articles are
/// published: without it no text could be given out.
#[utoipa::path(tag = "notices", params(("id" = NoticeId, Path)),
    responses((status = 204, description = "Removed.")),
    extensions(("x-permission" = json!("edit_catalogue"))))]
#[delete("/v1/notices/{id}")]
pub async fn delete_notice(
    cx: Cx<EditCatalogue>,
    PathId(id): PathId<NoticeId>,
) -> Result<Reply<Nothing>, Problem> {
    let current = store::get(cx.db(), id, Show::Newest, cx.now()).await?;
    cx.if_match(current.revision)?;
    store::delete(cx.db(), cx.write(), id, current.revision).await?;
    Ok(Reply::no_content())
}

/// List the revisions of a notice
///
/// The newest first. For the desk only.
#[utoipa::path(tag = "notices", params(("id" = NoticeId, Path), PageParams),
    responses((status = 200, description = "A page of the revisions.", body = NoticeRevisionPage)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/notices/{id}/revisions")]
pub async fn list_notice_revisions(
    cx: Cx<Staff>,
    PathId(id): PathId<NoticeId>,
) -> Result<Reply<NoticeRevisionPage>, Problem> {
    let paging = cx.paging()?;
    let after = match &paging.window.after {
        Some(mark) => mark.id.parse().map_err(|_| unfit_cursor())?,
        None => i64::MAX,
    };
    let window = paging.window.clone();
    let (revisions, total) = store::history(cx.db(), id, cx.now(), after, window).await?;
    let (revisions, page) = paging.close(revisions, total, |revision| Mark {
        key: String::new(),
        id: revision.n.to_string(),
    });
    Ok(Reply::ok(NoticeRevisionPage {
        data: revisions.into_iter().map(RevisionView::from).collect(),
        page,
    }))
}

/// Read a revision of a notice
///
/// For the desk only.
#[utoipa::path(tag = "notices", params(("id" = NoticeId, Path), ("n" = i64, Path, minimum = 1)),
    responses((status = 200, description = "The revision.", body = RevisionView)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/notices/{id}/revisions/{n}")]
pub async fn get_notice_revision(
    cx: Cx<Staff>,
    PathId(id): PathId<NoticeId>,
    PathN(n): PathN,
) -> Result<Reply<RevisionView>, Problem> {
    let revision = store::revision(cx.db(), id, n, cx.now()).await?;
    Ok(Reply::ok(RevisionView::from(revision)).revision(n))
}
