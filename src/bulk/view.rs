//! Bulk actions on the wire.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::action::Action;
use crate::articles::view::actions::{
    MoveInput, PublishInput, ReinstateInput, ScheduleInput, WithdrawInput,
};
use crate::http::problem::ProblemDocument;
use crate::http::reply::Outward;
use crate::jobs::JobView;
use crate::jobs::model::Item;
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::{ArticleId, JobId, SectionId};

/// One action, the articles that it is for, and what goes with it: `params` are the body that the
/// single operation takes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
#[schema(example = json!({"action": "withdraw", "ids": ["art_01900000000070008000000000000001"],
    "params": {"reason_class": "editorial", "reason": "The figures could not be confirmed."}}))]
pub enum BulkInput {
    /// As POST …/submit.
    Submit {
        ids: BulkIds,
        #[serde(default)]
        params: MoveInput,
    },
    /// As POST …/return.
    Return {
        ids: BulkIds,
        #[serde(default)]
        params: MoveInput,
    },
    /// As POST …/schedule.
    Schedule { ids: BulkIds, params: ScheduleInput },
    /// As POST …/publish.
    Publish {
        ids: BulkIds,
        #[serde(default)]
        params: PublishInput,
    },
    /// As POST …/withdraw.
    Withdraw { ids: BulkIds, params: WithdrawInput },
    /// As POST …/reinstate.
    Reinstate {
        ids: BulkIds,
        #[serde(default)]
        params: ReinstateInput,
    },
    /// As DELETE.
    Delete { ids: BulkIds },
    /// Adds tags, as a PATCH of `tags`; those that are there stay.
    Tag { ids: BulkIds, params: TagsInput },
    /// Takes tags away, as a PATCH of `tags`; those that are not there are no fault.
    Untag { ids: BulkIds, params: TagsInput },
    /// Puts articles into a section, as a PATCH of `section_id`.
    Move { ids: BulkIds, params: PlaceInput },
}

/// Articles, each named once, in the order in which they are to be done.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(min_items = 1, max_items = 10_000)]
pub struct BulkIds(pub Vec<ArticleId>);

/// Tags to add or to take away.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"tags": ["port"]}))]
pub struct TagsInput {
    #[schema(min_items = 1, max_items = 50)]
    pub tags: Vec<String>,
}

/// Where to put articles.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"section_id": "sec_01900000000070008000000000000001"}))]
pub struct PlaceInput {
    pub section_id: SectionId,
}

impl TagsInput {
    /// # Errors
    /// All faults.
    pub fn parse(&self) -> Result<Vec<String>, Vec<Fault>> {
        let mut faults = Faults::default();
        let mut tags: Vec<String> = Vec::new();
        for (at, tag) in self.tags.iter().enumerate() {
            let pointer = format!("/tags/{at}");
            let tag = faults.line(&pointer, tag, 1..=100);
            if tags.contains(&tag) {
                faults.push(pointer, "duplicate", "stands here twice");
            } else {
                tags.push(tag);
            }
        }
        faults.finish(tags)
    }
}

impl BulkInput {
    /// Checks what the schema cannot say.
    ///
    /// # Errors
    /// All faults.
    pub fn parse(self) -> Result<(Action, Vec<ArticleId>), Vec<Fault>> {
        let (action, ids) = match self {
            Self::Submit { ids, params } => (Action::Submit(params), ids),
            Self::Return { ids, params } => (Action::Return(params), ids),
            Self::Schedule { ids, params } => (Action::Schedule(params), ids),
            Self::Reinstate { ids, params } => (Action::Reinstate(params), ids),
            Self::Publish { ids, params } => (Action::Publish(params), ids),
            Self::Withdraw { ids, params } => (Action::Withdraw(params), ids),
            Self::Delete { ids } => (Action::Delete, ids),
            Self::Tag { ids, params } => (Action::Tag(params), ids),
            Self::Untag { ids, params } => (Action::Untag(params), ids),
            Self::Move { ids, params } => (Action::Move(params), ids),
        };
        let mut faults = Faults::default();
        let mut seen = HashSet::new();
        for (at, id) in ids.0.iter().enumerate() {
            if !seen.insert(*id) {
                faults.push(format!("/ids/{at}"), "duplicate", "stands here twice");
            }
        }
        let wrong = action.check().err().unwrap_or_default();
        faults.extend(wrong.into_iter().map(|fault| Fault {
            pointer: format!("/params{}", fault.pointer),
            ..fault
        }));
        faults.finish((action, ids.0))
    }
}

/// What came of a bulk action.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum BulkAnswer {
    Done(BulkResults),
    Begun(BulkJob),
}

impl Outward for BulkAnswer {}

/// What came of each article, in the order in which they were named.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"job_id": "job_01900000000070008000000000000001", "results": [
    {"id": "art_01900000000070008000000000000001", "status": 200, "revision": 3},
    {"id": "art_01900000000070008000000000000002", "status": 404, "problem": {"type": "/problems/not-found",
        "title": "Not found", "status": 404, "instance": "/v1/articles/art_01900000000070008000000000000002/publish",
        "request_id": "01900000-0000-7000-8000-000000000000"}}]}))]
pub struct BulkResults {
    /// The job under which this is on record.
    pub job_id: JobId,
    pub results: Vec<BulkResult>,
}

/// What came of one article.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"id": "art_01900000000070008000000000000001", "status": 200, "revision": 3}))]
pub struct BulkResult {
    pub id: String,
    /// What the single operation would have answered.
    #[schema(minimum = 200, maximum = 599)]
    pub status: u16,
    /// The article's revision by then; not there once it is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub revision: Option<i64>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<ProblemDocument>)]
    pub problem: Option<Value>,
}

impl BulkResult {
    /// `None` for an item that was not tried.
    pub fn of(item: Item) -> Option<Self> {
        let outcome = item.outcome?;
        Some(Self {
            id: item.target,
            status: outcome.status,
            revision: outcome.revision,
            problem: outcome.problem,
        })
    }
}

/// The job that a bulk action has become.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BulkJob {
    pub job: JobView,
}
