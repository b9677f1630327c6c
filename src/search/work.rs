//! Making the index again, piece by piece (see [`crate::jobs`]).

use std::sync::OnceLock;

use crate::articles::store::reindex;
use crate::db::{Db, StoreError, WriteCx};
use crate::jobs::model::{JobKind, Outcome};
use crate::jobs::store::work;
use crate::kernel::id::{JobId, Mint};

pub const KIND: JobKind = JobKind::SearchReindex;

/// The chore: does a piece of one job; whether there may be more to do.
///
/// # Errors
/// A database error: then nothing of the piece was done, and it is tried again.
pub fn run(db: &Db, cx: &WriteCx) -> Result<bool, StoreError> {
    // This process, among the nodes.
    static OWNER: OnceLock<String> = OnceLock::new();
    let owner = OWNER.get_or_init(|| Mint::default().id::<JobId>(cx.now).to_string());
    if !work::is_there(db, KIND, owner, cx.now)? {
        return Ok(false);
    }
    db.write_now(cx, |tx| {
        let Some(job) = work::claim_in(tx, KIND, owner)? else {
            return Ok(false);
        };
        let mut outcomes = Vec::new();
        for item in work::pending_in(tx, job.id, 1)? {
            reindex::renew_in(tx, &item.target)?;
            let done = Outcome {
                status: 200,
                revision: None,
                problem: None,
            };
            outcomes.push((item.n, done));
        }
        work::settle_in(tx, job, owner, outcomes)?;
        Ok(true)
    })
}
