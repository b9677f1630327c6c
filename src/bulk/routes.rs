//! The operation on many articles.

use actix_web::post;
use utoipa_actix_web::service_config::ServiceConfig;

use super::action::Action;
use super::view::{BulkAnswer, BulkInput, BulkJob, BulkResult, BulkResults};
use super::work;
use crate::db::page::Window;
use crate::db::{StoreError, WriteCx, Written};
use crate::http::auth::BulkArticles;
use crate::http::body::Body;
use crate::http::context::{Cx, written_id};
use crate::http::problem::{Kind, Problem};
use crate::http::reply::Reply;
use crate::jobs::JobView;
use crate::jobs::model::{Job, JobKind, JobState, NewJob};
use crate::jobs::store;
use crate::kernel::id::{ArticleId, JobId};

/// Most articles that are done before the answer.
const AT_ONCE: i64 = 100;

/// Adds the operation to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services.service(bulk_articles);
}

/// Do one thing to many articles
///
/// Up to 100 articles are done before the answer, which holds what came of each; more become a
/// job. Each article is as if it was asked for alone: what is refused of one touches no other, and
/// its result holds the status and the problem document of the single operation. Everything is
/// done in the order given.
#[utoipa::path(tag = "articles", request_body = BulkInput,
    responses((status = 200, description = "What came of each article.", body = BulkResults),
        (status = 202, description = "The job that does it.", body = BulkJob)),
    extensions(("x-permission" = json!("bulk_articles"))))]
#[post("/v1/articles/bulk")]
pub async fn bulk_articles(cx: Cx<BulkArticles>, body: Body) -> Result<Reply<BulkAnswer>, Problem> {
    let document = body.json()?;
    let (write, _in_flight) = cx.write_once(&document)?;
    let (action, ids) = document.read::<BulkInput>(cx.schemas())?.parse()?;
    action.rule().check(cx.principal())?;
    let owner = cx.request_id().to_owned();
    let job = begin(&cx, write, &action, &ids, &owner).await?;
    if job.total > AT_ONCE {
        return Ok(begun(job));
    }
    let job = finish(&cx, job, &owner).await?;
    match job.state {
        JobState::Done => answer(&cx, &job).await,
        // Somebody stopped it meanwhile.
        JobState::Queued | JobState::Running | JobState::Cancelled | JobState::Failed => {
            Ok(begun(job))
        }
    }
}

/// The job under which the action is on record: a new one, or that of the same request before.
async fn begin(
    cx: &Cx<BulkArticles>,
    write: WriteCx,
    action: &Action,
    ids: &[ArticleId],
    owner: &str,
) -> Result<Job, Problem> {
    let at_once = i64::try_from(ids.len()).is_ok_and(|count| count <= AT_ONCE);
    let new = NewJob {
        kind: JobKind::ArticlesBulk,
        params: serde_json::to_value(action)
            .map_err(|error| Problem::new(Kind::Internal).cause(error))?,
        created_by: cx.staff()?.user,
        targets: ids.iter().map(ToString::to_string).collect(),
        owner: at_once.then(|| owner.to_owned()),
    };
    let written = cx.db().write_once(write, move |tx| {
        let id = store::create_in(tx, new)?;
        Ok::<_, StoreError>(Written::created(id))
    });
    let id: JobId = written_id(&written.await?)?;
    Ok(store::get(cx.db(), id).await?)
}

/// Does what is left of a small job.
async fn finish(cx: &Cx<BulkArticles>, mut job: Job, owner: &str) -> Result<Job, Problem> {
    while !job.state.is_over() {
        job = work::advance(cx.db(), cx.write(), job.id, owner.to_owned()).await?;
    }
    Ok(job)
}

fn begun(job: Job) -> Reply<BulkAnswer> {
    let location = format!("/v1/jobs/{}", job.id);
    let job = JobView::from(job);
    Reply::accepted(&location, BulkAnswer::Begun(BulkJob { job }))
}

async fn answer(cx: &Cx<BulkArticles>, job: &Job) -> Result<Reply<BulkAnswer>, Problem> {
    let all = Window {
        limit: AT_ONCE,
        after: None,
        count: false,
    };
    let (items, _) = store::list_items(cx.db(), job.id, None, 0, all).await?;
    Ok(Reply::ok(BulkAnswer::Done(BulkResults {
        job_id: job.id,
        results: items.into_iter().filter_map(BulkResult::of).collect(),
    })))
}
