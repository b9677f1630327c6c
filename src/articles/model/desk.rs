//! What the desk works with beside the text: who changed it, comments, assignments, previews.

use chrono::{DateTime, Utc};

use crate::kernel::id::{ArticleId, AssignmentId, CommentId, PreviewId, UserId};
use crate::kernel::words::words;

/// A member of staff, by id and by the name that they go by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    pub id: UserId,
    /// `None` once they have left.
    pub name: Option<String>,
}

/// What stands of an article, for somebody whose precondition has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    pub revision: i64,
    pub version: i64,
    /// Who made the last change, if it was a member of staff.
    pub changed_by: Option<Colleague>,
    pub changed_at: DateTime<Utc>,
}

/// Which version is restored, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restoration {
    pub n: i64,
    pub note: Option<String>,
    /// Why the AI label is lowered by it (rule 20).
    pub ai_label_reason: Option<String>,
}

/// What the desk says about a version, checked but not yet held against the article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The head version, or that of the comment answered, if it is not given.
    pub version: Option<i64>,
    /// Place of the block that it is about, from 0.
    pub block: Option<i64>,
    pub parent: Option<CommentId>,
    pub text: String,
}

/// A comment of the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    pub id: CommentId,
    pub revision: i64,
    pub article: ArticleId,
    pub version: i64,
    pub block: Option<i64>,
    pub parent: Option<CommentId>,
    pub text: String,
    pub created_by: Colleague,
    pub created_at: DateTime<Utc>,
    /// When it was settled, and by whom.
    pub resolved: Option<(DateTime<Utc>, UserId)>,
}

words! {
    /// What somebody is asked to do.
    Task {
        Write = "write",
        Edit = "edit",
        Review = "review",
        Translate = "translate",
        Check = "check",
    }
}

/// A request to somebody, checked but not yet held against the article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub user: UserId,
    pub task: Task,
    pub note: Option<String>,
    pub due_at: Option<DateTime<Utc>>,
}

/// Work on an article that somebody was asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub id: AssignmentId,
    pub revision: i64,
    pub article: ArticleId,
    pub assignee: Colleague,
    pub task: Task,
    pub note: Option<String>,
    pub due_at: Option<DateTime<Utc>>,
    pub created_by: UserId,
    pub created_at: DateTime<Utc>,
    /// When it was done, and by whom it was said to be.
    pub completed: Option<(DateTime<Utc>, UserId)>,
}

/// A link by which one article can be read before it is out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub id: PreviewId,
    pub article: ArticleId,
    /// The head version, whichever it is by then, if it is not given.
    pub version: Option<i64>,
    pub issued_by: UserId,
    pub issued_at: DateTime<Utc>,
    /// Of whole seconds.
    pub expires_at: DateTime<Utc>,
}
