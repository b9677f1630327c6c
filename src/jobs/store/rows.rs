//! The rows of jobs and of their items, and how they are read.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::db::StoreError;
use crate::db::error::{stored, stored_json};
use crate::db::schema::{job_items, jobs};
use crate::jobs::model::{Item, ItemState, Job, JobKind, JobState, Lease, Outcome};
use crate::kernel::id::{Id, JobId, UserId};
use crate::kernel::time::from_db;

#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs)]
pub(super) struct JobRow {
    id: String,
    kind: String,
    params: String,
    state: String,
    total: i64,
    done: i64,
    failed: i64,
    error: Option<String>,
    created_by: String,
    request_id: Option<String>,
    created_at: NaiveDateTime,
    started_at: Option<NaiveDateTime>,
    finished_at: Option<NaiveDateTime>,
    lease_owner: Option<String>,
    lease_until: NaiveDateTime,
}

impl JobRow {
    pub(super) fn read(self) -> Result<Job, StoreError> {
        Ok(Job {
            id: stored(JobId::parse(&self.id), "jobs.id")?,
            kind: stored(JobKind::parse(&self.kind), "jobs.kind")?,
            params: stored_json(&self.params, "jobs.params")?,
            state: stored(JobState::parse(&self.state), "jobs.state")?,
            total: self.total,
            done: self.done,
            failed: self.failed,
            error: self.error,
            created_by: stored(UserId::parse(&self.created_by), "jobs.created_by")?,
            request_id: self.request_id,
            created_at: from_db(self.created_at),
            started_at: self.started_at.map(from_db),
            finished_at: self.finished_at.map(from_db),
            lease: Lease {
                owner: self.lease_owner,
                until: from_db(self.lease_until),
            },
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = job_items)]
pub(super) struct ItemRow {
    n: i64,
    target_id: String,
    state: String,
    status: Option<i32>,
    revision: Option<i64>,
    problem: Option<String>,
}

impl ItemRow {
    pub(super) fn read(self) -> Result<Item, StoreError> {
        let problem = self.problem.as_deref();
        let problem = problem
            .map(|json| stored_json(json, "job_items.problem"))
            .transpose()?;
        let outcome = self
            .status
            .map(|status| -> Result<Outcome, StoreError> {
                Ok(Outcome {
                    status: stored(u16::try_from(status).ok(), "job_items.status")?,
                    revision: self.revision,
                    problem,
                })
            })
            .transpose()?;
        Ok(Item {
            n: self.n,
            target: self.target_id,
            state: stored(ItemState::parse(&self.state), "job_items.state")?,
            outcome,
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = job_items)]
pub(super) struct NewItem<'a> {
    job_id: &'a str,
    n: i64,
    target_id: &'a str,
    state: &'static str,
}

impl<'a> NewItem<'a> {
    pub(super) fn pending(job_id: &'a str, n: i64, target_id: &'a str) -> Self {
        Self {
            job_id,
            n,
            target_id,
            state: ItemState::Pending.as_str(),
        }
    }
}
