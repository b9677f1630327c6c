//! What those need who do a job's work. Each piece is one transaction: the job is claimed, some of
//! its items are done, and their outcomes and the progress are written beside their effects. So
//! whoever is killed at any point leaves no item half done and none that is done twice.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::NOUN;
use super::rows::JobRow;
use crate::db::error::to_json;
use crate::db::schema::{job_items as items, jobs};
use crate::db::{Change, Conn, Db, Entry, StoreError, Tx};
use crate::jobs::model::{ItemState, Job, JobKind, JobState, Outcome};
use crate::kernel::id::JobId;
use crate::kernel::time::to_db;

/// Jobs of each state that are looked at when one is chosen.
const CHOICE: i64 = 50;

/// An item that is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    pub n: i64,
    pub target: String,
}

/// The job that has waited longest among those which this node may go on with: each gets its turn,
/// so that a short one does not wait for the end of a long one.
fn next(
    conn: &mut Conn,
    kind: JobKind,
    owner: &str,
    now: DateTime<Utc>,
) -> Result<Option<Job>, StoreError> {
    let mut open = Vec::new();
    // One by one, so that the index gives each in its order.
    for state in [JobState::Queued, JobState::Running] {
        let rows: Vec<JobRow> = jobs::table
            .filter(jobs::state.eq(state.as_str()))
            .filter(jobs::kind.eq(kind.as_str()))
            .order((jobs::lease_until.asc(), jobs::id.asc()))
            .limit(CHOICE)
            .select(JobRow::as_select())
            .load(conn)?;
        for row in rows {
            open.push(row.read()?);
        }
    }
    open.retain(|job| job.lease.admits(owner, now));
    Ok(open.into_iter().min_by_key(|job| (job.lease.until, job.id)))
}

/// Whether there is a job that this node may go on with. Costs no writer's turn.
///
/// # Errors
/// A database error.
pub fn is_there(
    db: &Db,
    kind: JobKind,
    owner: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    db.read_now(|conn| Ok(next(conn, kind, owner, now)?.is_some()))
}

/// Takes a job to go on with, for the piece that is done in this transaction. What is
/// [`settled`](settle_in) afterwards keeps the lease.
///
/// # Errors
/// A database error.
pub fn claim_in(tx: &mut Tx<'_>, kind: JobKind, owner: &str) -> Result<Option<Job>, StoreError> {
    let now = tx.now();
    next(tx.conn, kind, owner, now)
}

/// The next items to be done, in their order.
///
/// # Errors
/// A database error.
pub fn pending_in(tx: &mut Tx<'_>, job: JobId, most: i64) -> Result<Vec<Pending>, StoreError> {
    let rows: Vec<(i64, String)> = items::table
        .filter(items::job_id.eq(job.to_string()))
        .filter(items::state.eq(ItemState::Pending.as_str()))
        .order(items::n.asc())
        .limit(most)
        .select((items::n, items::target_id))
        .load(tx.conn)?;
    Ok(rows
        .into_iter()
        .map(|(n, target)| Pending { n, target })
        .collect())
}

/// Writes down what came of some items, and how far the job is with them.
///
/// # Errors
/// A database error.
pub fn settle_in(
    tx: &mut Tx<'_>,
    job: Job,
    owner: &str,
    outcomes: Vec<(i64, Outcome)>,
) -> Result<Job, StoreError> {
    let name = job.id.to_string();
    let (mut done, mut failed) = (0, 0);
    for (n, outcome) in outcomes {
        let state = outcome.state();
        match state {
            ItemState::Failed => failed += 1,
            ItemState::Done | ItemState::Pending => done += 1,
        }
        let problem = outcome.problem.as_ref().map(to_json).transpose()?;
        diesel::update(items::table.find((&name, n)))
            .set((
                items::state.eq(state.as_str()),
                items::status.eq(i32::from(outcome.status)),
                items::revision.eq(outcome.revision),
                items::problem.eq(problem),
            ))
            .execute(tx.conn)?;
    }
    let now = tx.now();
    save(tx, job.after(done, failed, owner, now))
}

/// Gives a job up, with a reason for whoever asked for it.
///
/// # Errors
/// A database error.
pub fn give_up_in(tx: &mut Tx<'_>, job: Job, reason: &str) -> Result<Job, StoreError> {
    let job = Job {
        error: Some(reason.to_owned()),
        ..job.over(JobState::Failed, tx.now())
    };
    let job = save(tx, job)?;
    let detail = json!({"state": job.state, "error": reason});
    tx.audit(Entry::new(Change::Updated, NOUN, &job.id.to_string()).detail(detail))?;
    Ok(job)
}

pub(super) fn save(tx: &mut Tx<'_>, job: Job) -> Result<Job, StoreError> {
    diesel::update(jobs::table.find(job.id.to_string()))
        .set((
            jobs::state.eq(job.state.as_str()),
            jobs::done.eq(job.done),
            jobs::failed.eq(job.failed),
            jobs::error.eq(job.error.as_deref()),
            jobs::started_at.eq(job.started_at.map(to_db)),
            jobs::finished_at.eq(job.finished_at.map(to_db)),
            jobs::lease_owner.eq(job.lease.owner.as_deref()),
            jobs::lease_until.eq(to_db(job.lease.until)),
        ))
        .execute(tx.conn)?;
    Ok(job)
}
