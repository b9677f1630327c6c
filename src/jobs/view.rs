//! Jobs on the wire.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::model::{Item, ItemState, Job, JobKind, JobState};
use crate::http::page::page_of;
use crate::http::problem::ProblemDocument;
use crate::http::reply::Outward;
use crate::kernel::id::{JobId, UserId};

/// Long work and how far it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Job, example = json!({"id": "job_01900000000070008000000000000001", "kind": "articles_bulk",
    "params": {"action": "publish", "params": {"publish_at": null, "lift_embargo": false}}, "state": "running", "total": 150, "done": 99, "failed": 1,
    "error": null, "created_by": "usr_01900000000070008000000000000001", "created_at": "2026-06-01T12:00:00Z",
    "started_at": "2026-06-01T12:00:01Z", "finished_at": null, "items_kept_until": null}))]
pub struct JobView {
    pub id: JobId,
    pub kind: JobKind,
    /// What was asked for.
    #[schema(value_type = Object)]
    pub params: Value,
    pub state: JobState,
    /// Items in all.
    pub total: i64,
    /// Items that succeeded.
    pub done: i64,
    /// Items that were refused.
    pub failed: i64,
    /// Why the job was given up; null unless `state` is `failed`.
    #[schema(required = true)]
    pub error: Option<String>,
    /// Who asked for it. Each item is done with the role that this user has by then.
    pub created_by: UserId,
    pub created_at: DateTime<Utc>,
    #[schema(required = true)]
    pub started_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub finished_at: Option<DateTime<Utc>>,
    /// Until when the items can be read; null while the job is not over.
    #[schema(required = true)]
    pub items_kept_until: Option<DateTime<Utc>>,
}

impl Outward for JobView {}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        Self {
            items_kept_until: job.items_kept_until(),
            id: job.id,
            kind: job.kind,
            params: job.params,
            state: job.state,
            total: job.total,
            done: job.done,
            failed: job.failed,
            error: job.error,
            created_by: job.created_by,
            created_at: job.created_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
        }
    }
}

page_of! {
    /// A page of jobs.
    JobPage of JobView
}

/// One thing that a job does.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = JobItem, example = json!({"n": 7, "id": "art_01900000000070008000000000000001", "state": "done", "status": 200, "revision": 3}))]
pub struct JobItemView {
    /// Its place in the order in which it was asked for, from 1.
    pub n: i64,
    /// What it is done to.
    pub id: String,
    pub state: ItemState,
    /// What the single operation would have answered. Not there while the item is pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 200, maximum = 599)]
    pub status: Option<u16>,
    /// The revision by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub revision: Option<i64>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<ProblemDocument>)]
    pub problem: Option<Value>,
}

impl From<Item> for JobItemView {
    fn from(item: Item) -> Self {
        let (status, revision, problem) = match item.outcome {
            Some(outcome) => (Some(outcome.status), outcome.revision, outcome.problem),
            None => (None, None, None),
        };
        Self {
            n: item.n,
            id: item.target,
            state: item.state,
            status,
            revision,
            problem,
        }
    }
}

page_of! {
    /// A page of what a job does.
    JobItemPage of JobItemView
}
