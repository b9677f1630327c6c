//! What a job is, who may work on it, and what its pieces make of it. Pure.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::kernel::id::{JobId, UserId};
use crate::kernel::words::words;

/// How long a node that works on a job keeps others from it after its last piece.
pub const LEASE: TimeDelta = TimeDelta::seconds(30);

/// How long the items of a job are kept after its end.
pub const ITEMS_KEPT: TimeDelta = TimeDelta::days(30);

words! {
    /// What the work is.
    JobKind {
        /// An action on many articles.
        ArticlesBulk = "articles_bulk",
        /// Making the search index again.
        SearchReindex = "search_reindex",
    }

    /// How far a job is.
    JobState {
        /// Nobody has begun.
        Queued = "queued",
        Running = "running",
        /// Stopped on request: what was done stays done, and nothing more is.
        Cancelled = "cancelled",
        /// Every item was tried.
        Done = "done",
        /// It could not be carried on; `error` says why.
        Failed = "failed",
    }

    /// How far an item is.
    ItemState {
        /// Not tried; in a job that is over, never.
        Pending = "pending",
        Done = "done",
        /// Refused; `problem` says why.
        Failed = "failed",
    }
}

impl JobState {
    /// Whether nothing more will happen.
    pub fn is_over(self) -> bool {
        match self {
            Self::Queued | Self::Running => false,
            Self::Cancelled | Self::Done | Self::Failed => true,
        }
    }
}

/// Long work and how far it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    pub id: JobId,
    pub kind: JobKind,
    /// What was asked for, as whoever does it wrote it.
    pub params: Value,
    pub state: JobState,
    pub total: i64,
    pub done: i64,
    pub failed: i64,
    /// Why it was given up.
    pub error: Option<String>,
    pub created_by: UserId,
    /// The request that it came with.
    pub request_id: Option<String>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub lease: Lease,
}

/// Who works on a job, and until when others leave it alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub owner: Option<String>,
    pub until: DateTime<Utc>,
}

impl Lease {
    pub fn of(owner: &str, now: DateTime<Utc>) -> Self {
        Self {
            owner: Some(owner.to_owned()),
            until: now + LEASE,
        }
    }

    /// Nobody's.
    pub fn free(now: DateTime<Utc>) -> Self {
        Self {
            owner: None,
            until: now,
        }
    }

    /// Whether this node may go on with the job: it is its own, or nobody's any more. A lease
    /// longer than any that is given was given before the clock was set back, and binds nobody.
    ///
    /// Nothing rests on it but who does the work: what an item was done by is written with the
    /// effect, so that two nodes at the same job do no item twice.
    pub fn admits(&self, owner: &str, now: DateTime<Utc>) -> bool {
        self.owner.as_deref() == Some(owner) || now >= self.until || self.until > now + LEASE
    }
}

impl Job {
    /// What the job is after a piece of it.
    #[must_use]
    pub fn after(self, done: i64, failed: i64, owner: &str, now: DateTime<Utc>) -> Self {
        let job = Self {
            done: self.done + done,
            failed: self.failed + failed,
            state: JobState::Running,
            started_at: self.started_at.or(Some(now)),
            lease: Lease::of(owner, now),
            ..self
        };
        // A piece in which nothing was left to do is the last one, whatever was counted.
        match job.done + job.failed >= job.total || done + failed == 0 {
            true => job.over(JobState::Done, now),
            false => job,
        }
    }

    /// The job at its end.
    #[must_use]
    pub fn over(self, state: JobState, now: DateTime<Utc>) -> Self {
        Self {
            state,
            // No earlier than its beginning, wherever the clock went.
            finished_at: Some(now.max(self.started_at.unwrap_or(self.created_at))),
            lease: Lease::free(now),
            ..self
        }
    }

    /// Until when its items can be read: they are kept for a while after its end.
    pub fn items_kept_until(&self) -> Option<DateTime<Utc>> {
        self.finished_at.map(|at| at + ITEMS_KEPT)
    }
}

/// One thing that a job does.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its place in the order in which it was asked for, from 1.
    pub n: i64,
    /// What it is done to.
    pub target: String,
    pub state: ItemState,
    /// The outcome, once there is one.
    pub outcome: Option<Outcome>,
}

/// What came of an item: what the single operation would have answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The status of HTTP.
    pub status: u16,
    /// The target's revision by then.
    pub revision: Option<i64>,
    /// The problem document, where it was refused.
    pub problem: Option<Value>,
}

impl Outcome {
    pub fn state(&self) -> ItemState {
        match self.problem {
            None => ItemState::Done,
            Some(_) => ItemState::Failed,
        }
    }
}

/// A job to be.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    pub kind: JobKind,
    pub params: Value,
    pub created_by: UserId,
    /// In the order in which they are to be done.
    pub targets: Vec<String>,
    /// Who begins at once, so that nobody else does.
    pub owner: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::{Id, Mint};

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
    }

    fn job(total: i64) -> Job {
        Job {
            id: Mint::seeded(1).id(now()),
            kind: JobKind::ArticlesBulk,
            params: Value::Null,
            state: JobState::Queued,
            total,
            done: 0,
            failed: 0,
            error: None,
            created_by: UserId::from_uuid(uuid::Uuid::from_u128(7)),
            request_id: None,
            created_at: now(),
            started_at: None,
            finished_at: None,
            lease: Lease::free(now()),
        }
    }

    #[test]
    fn a_lease_keeps_others_away_for_its_time_and_no_longer() {
        let lease = Lease::of("a", now());
        let second = TimeDelta::seconds(1);
        let micro = TimeDelta::microseconds(1);
        for (owner, later, may) in [
            ("a", TimeDelta::zero(), true),
            ("a", TimeDelta::days(1), true),
            ("a", -TimeDelta::days(1), true),
            ("b", TimeDelta::zero(), false),
            ("b", LEASE - micro, false),
            ("b", LEASE, true),
            // The clock was set back: by any length, since then the lease ends too late to be one.
            ("b", -micro, true),
            ("b", -second, true),
            ("b", -TimeDelta::days(1), true),
        ] {
            assert_eq!(
                lease.admits(owner, now() + later),
                may,
                "{owner} after {later}"
            );
        }
        assert!(Lease::free(now()).admits("b", now()));
    }

    #[test]
    fn a_job_is_done_once_every_item_was_tried() {
        let later = |seconds| now() + TimeDelta::seconds(seconds);
        let begun = job(5).after(2, 1, "a", later(1));
        assert_eq!(
            (begun.state, begun.done, begun.failed),
            (JobState::Running, 2, 1)
        );
        assert_eq!(
            (begun.started_at, begun.finished_at),
            (Some(later(1)), None)
        );
        assert_eq!(begun.lease, Lease::of("a", later(1)));
        let done = begun.clone().after(0, 2, "b", later(2));
        assert_eq!((done.state, done.done, done.failed), (JobState::Done, 2, 3));
        assert_eq!(
            (done.started_at, done.finished_at),
            (Some(later(1)), Some(later(2)))
        );
        assert!(done.lease.admits("c", later(2)));
        assert_eq!(done.items_kept_until(), Some(later(2) + ITEMS_KEPT));
        // It ends even where the count is off, and never before it began.
        let off = begun.after(0, 0, "a", now() - TimeDelta::hours(1));
        assert_eq!(
            (off.state, off.finished_at),
            (JobState::Done, Some(later(1)))
        );
    }

    #[test]
    fn what_is_over_is_over() {
        for state in JobState::ALL {
            let over = !matches!(state, JobState::Queued | JobState::Running);
            assert_eq!(state.is_over(), over, "{state:?}");
        }
        let stopped = job(5).over(JobState::Cancelled, now());
        assert_eq!(stopped.finished_at, Some(now()));
        assert_eq!(stopped.started_at, None);
    }
}
