//! Operations on jobs. They are begun elsewhere, by what takes long.

use actix_web::{get, post};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{ItemState, Job};
use super::store;
use super::view::{JobItemPage, JobItemView, JobPage, JobView};
use crate::db::page::Mark;
use crate::http::auth::Staff;
use crate::http::context::{Cx, PathId};
use crate::http::page::{CreatedSortParams, PageParams, created_sort, unfit_cursor};
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::kernel::id::JobId;
use crate::rights::Role;

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(list_jobs)
        .service(get_job)
        .service(list_job_items)
        .service(cancel_job);
}

/// List jobs
///
/// Your own; an administrator's list holds everybody's.
#[utoipa::path(tag = "jobs", params(CreatedSortParams, PageParams),
    responses((status = 200, description = "A page of jobs.", body = JobPage)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/jobs")]
pub async fn list_jobs(cx: Cx<Staff>) -> Result<Reply<JobPage>, Problem> {
    let staff = cx.staff()?;
    let of = (staff.role != Role::Admin).then_some(staff.user);
    let (descending, paging) = (created_sort(cx.params())?, cx.paging()?);
    let window = paging.window.clone();
    let (jobs, total) = store::list(cx.db(), of, descending, window).await?;
    let (jobs, page) = paging.close(jobs, total, |job| Mark {
        key: String::new(),
        id: job.id.to_string(),
    });
    Ok(Reply::ok(JobPage {
        data: jobs.into_iter().map(JobView::from).collect(),
        page,
    }))
}

/// Read a job
///
/// Its state and progress.
#[utoipa::path(tag = "jobs", params(("id" = JobId, Path)),
    responses((status = 200, description = "The job.", body = JobView)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/jobs/{id}")]
pub async fn get_job(cx: Cx<Staff>, PathId(id): PathId<JobId>) -> Result<Reply<JobView>, Problem> {
    let job = known(&cx, id).await?;
    Ok(Reply::ok(JobView::from(job)))
}

/// Filters of the list. Only documents them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct ItemParams {
    /// Only items that are this far.
    #[param(required = false, inline)]
    state: ItemState,
}

/// List what a job does
///
/// Its items in the order in which they were asked for, with what came of each. They are kept for
/// 30 days after the job's end.
#[utoipa::path(tag = "jobs", params(("id" = JobId, Path), ItemParams, PageParams),
    responses((status = 200, description = "A page of its items.", body = JobItemPage)),
    extensions(("x-permission" = json!("staff"))))]
#[get("/v1/jobs/{id}/items")]
pub async fn list_job_items(
    cx: Cx<Staff>,
    PathId(id): PathId<JobId>,
) -> Result<Reply<JobItemPage>, Problem> {
    let states: Vec<&str> = ItemState::ALL.iter().map(|state| state.as_str()).collect();
    let known_states = states.join(", ");
    let state = cx.params().word("state", ItemState::parse, &known_states)?;
    let paging = cx.paging()?;
    let after = match &paging.window.after {
        Some(mark) => mark.id.parse().map_err(|_| unfit_cursor())?,
        None => 0,
    };
    known(&cx, id).await?;
    let window = paging.window.clone();
    let (items, total) = store::list_items(cx.db(), id, state, after, window).await?;
    let (items, page) = paging.close(items, total, |item| Mark {
        key: String::new(),
        id: item.n.to_string(),
    });
    Ok(Reply::ok(JobItemPage {
        data: items.into_iter().map(JobItemView::from).collect(),
        page,
    }))
}

/// Cancel a job
///
/// What was done stays done; once this is answered, nothing more is. Cancelling what is over
/// changes nothing.
#[utoipa::path(tag = "jobs", params(("id" = JobId, Path)),
    responses((status = 200, description = "The job as it is now.", body = JobView)),
    extensions(("x-permission" = json!("staff")), ("x-unconditional" = json!(true))))]
#[post("/v1/jobs/{id}/cancel")]
pub async fn cancel_job(
    cx: Cx<Staff>,
    PathId(id): PathId<JobId>,
) -> Result<Reply<JobView>, Problem> {
    known(&cx, id).await?;
    let job = store::cancel(cx.db(), cx.write(), id).await?;
    Ok(Reply::ok(JobView::from(job)))
}

/// The job, if it is this member of staff's to know of.
async fn known(cx: &Cx<Staff>, id: JobId) -> Result<Job, Problem> {
    let staff = cx.staff()?;
    let job = store::get(cx.db(), id).await?;
    match staff.role == Role::Admin || job.created_by == staff.user {
        true => Ok(job),
        false => Err(Problem::not_found()),
    }
}
