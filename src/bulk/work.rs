//! Doing the items. Each piece is one transaction: the job is claimed, some items are done, each
//! under a savepoint of its own so that one which is refused leaves nothing behind and touches no
//! other, and what came of them is written beside their effects. Killed at any point, a piece has
//! happened or it has not.
//!
//! Every node does this; who goes on with a job is settled by its lease (see `jobs::model::Lease`).
//! The request for a few items does them itself by the same pieces, so that what it leaves behind
//! when it is cut off is finished by the next who looks.

use std::sync::OnceLock;

use super::action::{Action, Asker, Failed};
use crate::db::{Actor, Db, StoreError, Tx, WriteCx};
use crate::http::problem::Problem;
use crate::jobs::model::{Job, JobKind, Outcome};
use crate::jobs::store::{self, work};
use crate::kernel::id::{ArticleId, Id, JobId, Mint};
use crate::users::sessions;

/// Items of one transaction: while it lasts, other writers wait.
pub const PIECE: i64 = 50;

const KIND: JobKind = JobKind::ArticlesBulk;

/// The chore: does a piece of one job; whether there may be more to do.
///
/// # Errors
/// A database error: then nothing of the piece was done, and it is tried again.
pub fn run(db: &Db, cx: &WriteCx) -> Result<bool, StoreError> {
    // This process, among the nodes.
    static OWNER: OnceLock<String> = OnceLock::new();
    let owner = OWNER.get_or_init(|| Mint::default().id::<JobId>(cx.now).to_string());
    run_as(db, cx, owner)
}

/// [`run`] under a name of its own.
///
/// # Errors
/// As [`run`].
pub fn run_as(db: &Db, cx: &WriteCx, owner: &str) -> Result<bool, StoreError> {
    if !work::is_there(db, KIND, owner, cx.now)? {
        return Ok(false);
    }
    db.write_now(cx, |tx| run_in(tx, owner))
}

/// [`run_as`] within a transaction.
///
/// # Errors
/// As [`run`].
pub fn run_in(tx: &mut Tx<'_>, owner: &str) -> Result<bool, StoreError> {
    match work::claim_in(tx, KIND, owner)? {
        Some(job) => piece(tx, job, owner).map(|_| true),
        None => Ok(false),
    }
}

/// Does a piece of this job, whoever has its lease; the job as it is then.
///
/// # Errors
/// As [`run`]; [`StoreError::NotFound`].
pub async fn advance(db: &Db, cx: WriteCx, id: JobId, owner: String) -> Result<Job, StoreError> {
    db.write(cx, move |tx| {
        let job = store::get_in(tx.conn, id)?;
        match job.state.is_over() {
            true => Ok(job),
            false => piece(tx, job, &owner),
        }
    })
    .await
}

fn piece(tx: &mut Tx<'_>, job: Job, owner: &str) -> Result<Job, StoreError> {
    let Some(action) = Action::stored(&job.params) else {
        return work::give_up_in(tx, job, "What was asked for cannot be read.");
    };
    let Some(role) = sessions::active_role(tx.conn, job.created_by)? else {
        let reason = "The account of whoever asked for it is disabled or gone.";
        return work::give_up_in(tx, job, reason);
    };
    let asker = Asker {
        user: job.created_by,
        role,
    };
    // In the name of whoever asked, and under their request, as the journal is to have it.
    let cx = WriteCx {
        actor: Actor::User(asker.user.to_string()),
        request_id: job.request_id.clone(),
        once: None,
        ..tx.cx.clone()
    };
    let mut outcomes = Vec::new();
    for item in work::pending_in(tx, job.id, PIECE)? {
        let mut tx = tx.on_behalf(&cx);
        let outcome = one(&mut tx, &action, asker, &item.target)?;
        outcomes.push((item.n, outcome));
    }
    work::settle_in(tx, job, owner, outcomes)
}

/// One item: done, or refused and nothing of it left.
fn one(
    tx: &mut Tx<'_>,
    action: &Action,
    asker: Asker,
    target: &str,
) -> Result<Outcome, StoreError> {
    let done = match ArticleId::parse(target) {
        Some(id) => tx.attempt(|tx| action.carry_out(tx, asker, id)),
        None => Err(Problem::not_found().into()),
    };
    match done {
        Ok(written) => Ok(Outcome {
            status: written.status,
            revision: (written.status != 204).then_some(written.revision),
            problem: None,
        }),
        Err(Failed::NotNow(error)) => Err(error),
        Err(Failed::Refused(problem)) => {
            let request = tx.cx.request_id.as_deref().unwrap_or_default();
            let document = problem.document(&action.path(target), request);
            let problem = serde_json::to_value(&document)
                .map_err(|error| crate::db::DbError::Corrupt(error.to_string()))?;
            Ok(Outcome {
                status: document.status,
                revision: None,
                problem: Some(problem),
            })
        }
    }
}
