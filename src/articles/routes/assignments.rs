//! Assignments: who is to do what on which article.

use actix_web::{delete, get, post};
use utoipa::IntoParams;

use super::desk::in_sight;
use crate::articles::model::Assignment;
use crate::articles::store::assignments as store;
use crate::articles::view::desk::{AssignmentInput, AssignmentPage, AssignmentView};
use crate::db::page::Mark;
use crate::http::auth::{AssignArticles, Permission, Staff, StaffPrincipal};
use crate::http::body::Body;
use crate::http::context::{Cx, PathId, PathTwo, written_id};
use crate::http::page::PageParams;
use crate::http::problem::{Kind, Problem};
use crate::http::reply::{Nothing, Reply};
use crate::kernel::id::{ArticleId, AssignmentId, Id as _, UserId};

/// Whether assignments are done. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct OpenParams {
    /// Only those that are still to be done, or only those that are done.
    #[param(required = false)]
    open: bool,
}

/// Whose assignments. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct WhoseParams {
    /// `me`, the id of somebody, or `all`. Others' are for administrators and editors.
    #[param(
        required = false,
        pattern = "^(me|all|usr_[0-9a-f]{32})$",
        default = "me"
    )]
    user: String,
}

/// List assignments over all articles
///
/// The oldest first.
#[utoipa::path(tag = "desk", params(WhoseParams, OpenParams, PageParams),
    responses((status = 200, description = "A page of the assignments.", body = AssignmentPage)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/assignments")]
pub async fn list_assignments(cx: Cx<Staff>) -> Result<Reply<AssignmentPage>, Problem> {
    let staff = cx.staff()?;
    let whose = |word: &str| match word {
        "me" => Some(Some(staff.user)),
        "all" => Some(None),
        id => UserId::parse(id).map(Some),
    };
    let user = cx
        .params()
        .word("user", whose, "me, all, or the ids that begin with usr_")?;
    let user = user.unwrap_or(Some(staff.user));
    if user != Some(staff.user) && !leads(staff) {
        return Err(Problem::new(Kind::Forbidden)
            .detail("What others are to do is told to administrators and editors."));
    }
    listed(
        &cx,
        store::Filter {
            user,
            ..store::Filter::default()
        },
    )
    .await
}

/// List the assignments on an article
///
/// The oldest first.
#[utoipa::path(tag = "desk", params(("id" = ArticleId, Path), OpenParams, PageParams),
    responses((status = 200, description = "A page of the assignments.", body = AssignmentPage)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/articles/{id}/assignments")]
pub async fn list_article_assignments(
    cx: Cx<Staff>,
    PathId(id): PathId<ArticleId>,
) -> Result<Reply<AssignmentPage>, Problem> {
    in_sight(&cx, id).await?;
    listed(
        &cx,
        store::Filter {
            article: Some(id),
            ..store::Filter::default()
        },
    )
    .await
}

/// Ask somebody to work on an article
///
/// Of somebody who is active and may read all of it.
#[utoipa::path(tag = "desk", params(("id" = ArticleId, Path)), request_body = AssignmentInput,
    responses((status = 201, description = "The new assignment.", body = AssignmentView)),
    extensions(("x-permission" = json!("assign_articles"))))]
#[post("/v1/articles/{id}/assignments")]
pub async fn create_assignment(
    cx: Cx<AssignArticles>,
    PathId(id): PathId<ArticleId>,
    body: Body,
) -> Result<Reply<AssignmentView>, Problem> {
    in_sight(&cx, id).await?;
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let order = document.read::<AssignmentInput>(cx.schemas())?.parse()?;
    let written = store::create(cx.db(), write, id, order).await?;
    let assignment = store::get(cx.db(), id, written_id(&written)?).await?;
    let (at, revision) = (assignment.id, assignment.revision);
    let location = format!("/v1/articles/{id}/assignments/{at}");
    Ok(Reply::created(&location, AssignmentView::from(assignment)).revision(revision))
}

/// Read an assignment
#[utoipa::path(tag = "desk", params(("id" = ArticleId, Path), ("assignment_id" = AssignmentId, Path)),
    responses((status = 200, description = "The assignment.", body = AssignmentView)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/articles/{id}/assignments/{assignment_id}")]
pub async fn get_assignment(
    cx: Cx<Staff>,
    PathTwo(id, word): PathTwo<ArticleId>,
) -> Result<Reply<AssignmentView>, Problem> {
    answer(find(&cx, id, &word).await?)
}

/// Say that an assignment is done
///
/// By who was asked, an editor or an administrator. Once more changes nothing.
#[utoipa::path(tag = "desk", params(("id" = ArticleId, Path), ("assignment_id" = AssignmentId, Path)),
    responses((status = 200, description = "The assignment as it is now.", body = AssignmentView)),
    extensions(("x-permission" = json!("staff")), ("x-unconditional" = json!(true))))]
#[post("/v1/articles/{id}/assignments/{assignment_id}/complete")]
pub async fn complete_assignment(
    cx: Cx<Staff>,
    PathTwo(id, word): PathTwo<ArticleId>,
) -> Result<Reply<AssignmentView>, Problem> {
    let assignment = find(&cx, id, &word).await?;
    let staff = cx.staff()?;
    if !leads(staff) && staff.user != assignment.assignee.id {
        return Err(Problem::new(Kind::Forbidden)
            .detail("Who was asked says that it is done, or an editor."));
    }
    store::complete(cx.db(), cx.write(), id, assignment.id).await?;
    answer(store::get(cx.db(), id, assignment.id).await?)
}

/// Take an assignment back
#[utoipa::path(tag = "desk", params(("id" = ArticleId, Path), ("assignment_id" = AssignmentId, Path)),
    responses((status = 204, description = "Taken back.")),
    extensions(("x-permission" = json!("assign_articles"))))]
#[delete("/v1/articles/{id}/assignments/{assignment_id}")]
pub async fn delete_assignment(
    cx: Cx<AssignArticles>,
    PathTwo(id, word): PathTwo<ArticleId>,
) -> Result<Reply<Nothing>, Problem> {
    let assignment = find(&cx, id, &word).await?;
    cx.if_match(assignment.revision)?;
    store::delete(cx.db(), cx.write(), id, assignment.id, assignment.revision).await?;
    Ok(Reply::no_content())
}

/// Who hands out work.
fn leads(staff: &StaffPrincipal) -> bool {
    AssignArticles::RULE.roles.contains(&staff.role)
}

/// The assignment, if this member of staff may know of it. Who was asked may, whatever has become
/// of the article: authors of others' works, too.
async fn find<P: Permission>(cx: &Cx<P>, id: ArticleId, word: &str) -> Result<Assignment, Problem> {
    let named = AssignmentId::parse(word).ok_or_else(Problem::not_found)?;
    let found = store::get(cx.db(), id, named).await;
    let mine =
        |assignment: &Assignment| Ok::<_, Problem>(cx.staff()?.user == assignment.assignee.id);
    match found {
        Ok(assignment) if mine(&assignment)? => Ok(assignment),
        // Whether there is one is not told before it is known who asks.
        found => {
            in_sight(cx, id).await?;
            Ok(found?)
        }
    }
}

async fn listed(cx: &Cx<Staff>, filter: store::Filter) -> Result<Reply<AssignmentPage>, Problem> {
    let open = cx.params().maybe_flag("open")?;
    let paging = cx.paging()?;
    let window = paging.window.clone();
    let (found, total) = store::list(cx.db(), store::Filter { open, ..filter }, window).await?;
    let (found, page) = paging.close(found, total, |assignment| Mark {
        key: String::new(),
        id: assignment.id.to_string(),
    });
    let data = found.into_iter().map(AssignmentView::from).collect();
    Ok(Reply::ok(AssignmentPage { data, page }))
}

fn answer(assignment: Assignment) -> Result<Reply<AssignmentView>, Problem> {
    let revision = assignment.revision;
    Ok(Reply::ok(AssignmentView::from(assignment)).revision(revision))
}
