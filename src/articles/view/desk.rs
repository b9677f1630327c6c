//! What the desk says to itself: comments and assignments on the wire. Nothing of it is text of
//! a work, and nothing of it leaves the desk.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::versions::ColleagueView;
use crate::articles::model::{Assignment, Comment, Order, Remark, Task};
use crate::http::page::page_of;
use crate::http::reply::Outward;
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::{ArticleId, AssignmentId, CommentId, UserId};

/// A comment, as somebody writes it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "Is the date confirmed?", "version": 1, "block": 0}))]
pub struct CommentInput {
    #[schema(min_length = 1, max_length = 5000)]
    pub text: String,
    /// The version that it is about: the newest, or that of the comment answered, if it is not
    /// given.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub version: Option<i64>,
    /// Place of the block that it is about, from 0.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub block: Option<i64>,
    /// The comment that it answers.
    #[serde(default)]
    pub parent_id: Option<CommentId>,
}

impl CommentInput {
    /// # Errors
    /// All faults.
    pub fn parse(&self) -> Result<Remark, Vec<Fault>> {
        let mut faults = Faults::default();
        let remark = Remark {
            version: self.version,
            block: self.block,
            parent: self.parent_id,
            text: faults.prose("/text", &self.text, 1..=5000),
        };
        faults.finish(remark)
    }
}

/// A comment on a version of an article.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Comment, example = json!({"id": "cmt_01900000000070008000000000000001", "revision": 1,
    "article_id": "art_01900000000070008000000000000001", "version": 1, "block": 0, "text": "Is the date confirmed?",
    "created_by": {"id": "usr_01900000000070008000000000000001", "name": "Lin Yue"}, "created_at": "2026-03-01T08:00:00Z"}))]
pub struct CommentView {
    pub id: CommentId,
    /// For `If-Match`: `"1"`.
    pub revision: i64,
    pub article_id: ArticleId,
    pub version: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub block: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub parent_id: Option<CommentId>,
    pub text: String,
    pub created_by: ColleagueView,
    pub created_at: DateTime<Utc>,
    /// When it was settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub resolved_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub resolved_by: Option<UserId>,
}

impl From<Comment> for CommentView {
    fn from(comment: Comment) -> Self {
        let (resolved_at, resolved_by) = comment.resolved.unzip();
        Self {
            id: comment.id,
            revision: comment.revision,
            article_id: comment.article,
            version: comment.version,
            block: comment.block,
            parent_id: comment.parent,
            text: comment.text,
            created_by: comment.created_by.into(),
            created_at: comment.created_at,
            resolved_at,
            resolved_by,
        }
    }
}

impl Outward for CommentView {}

page_of! {
    /// A page of the comments on an article.
    CommentPage of CommentView
}

/// What somebody is asked to do.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"user_id": "usr_01900000000070008000000000000001", "task": "check", "note": "The figures, please.", "due_at": "2026-03-02T08:00:00Z"}))]
pub struct AssignmentInput {
    pub user_id: UserId,
    pub task: Task,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: Option<String>,
    /// Until when. May lie in the past: then it is late already.
    #[serde(default)]
    pub due_at: Option<DateTime<Utc>>,
}

impl AssignmentInput {
    /// # Errors
    /// All faults.
    pub fn parse(&self) -> Result<Order, Vec<Fault>> {
        let mut faults = Faults::default();
        let note = self.note.as_deref().map(str::trim);
        let order = Order {
            user: self.user_id,
            task: self.task,
            note: note
                .filter(|note| !note.is_empty())
                .map(|note| faults.prose("/note", note, 1..=2000)),
            due_at: self.due_at.map(|at| faults.instant("/due_at", at)),
        };
        faults.finish(order)
    }
}

/// Work on an article that somebody was asked to do.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Assignment, example = json!({"id": "asg_01900000000070008000000000000001", "revision": 1,
    "article_id": "art_01900000000070008000000000000001", "user": {"id": "usr_01900000000070008000000000000001", "name": "Lin Yue"},
    "task": "check", "note": "The figures, please.", "due_at": "2026-03-02T08:00:00Z", "open": true,
    "created_by": "usr_01900000000070008000000000000002", "created_at": "2026-03-01T08:00:00Z"}))]
pub struct AssignmentView {
    pub id: AssignmentId,
    /// For `If-Match`: `"1"`.
    pub revision: i64,
    pub article_id: ArticleId,
    /// Who is to do it.
    pub user: ColleagueView,
    pub task: Task,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub due_at: Option<DateTime<Utc>>,
    /// Whether it is still to be done.
    pub open: bool,
    pub created_by: UserId,
    pub created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub completed_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub completed_by: Option<UserId>,
}

impl From<Assignment> for AssignmentView {
    fn from(assignment: Assignment) -> Self {
        let (completed_at, completed_by) = assignment.completed.unzip();
        Self {
            id: assignment.id,
            revision: assignment.revision,
            article_id: assignment.article,
            user: assignment.assignee.into(),
            task: assignment.task,
            note: assignment.note,
            due_at: assignment.due_at,
            open: completed_at.is_none(),
            created_by: assignment.created_by,
            created_at: assignment.created_at,
            completed_at,
            completed_by,
        }
    }
}

impl Outward for AssignmentView {}

page_of! {
    /// A page of assignments.
    AssignmentPage of AssignmentView
}
