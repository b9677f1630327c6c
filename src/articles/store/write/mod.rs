//! Writing: drafts and edits ([`drafts`]), moves between stages ([`moves`]) and what changes what
//! readers have ([`actions`]), each in one transaction with its lines in the journal, over the
//! [`state`] as it is by then.

mod actions;
mod drafts;
mod moves;
mod state;

use crate::articles::workflow::Unfit;
use crate::db::{DbError, StoreError};
use crate::kernel::fault::Fault;

pub use actions::{correct, correct_in, publish, publish_in, withdraw, withdraw_in};
pub use drafts::{change_in, create, create_in, delete, delete_in, update};
pub use moves::{
    give_back_in, hold_in, reinstate, reinstate_in, schedule, schedule_in, send_back, send_back_in,
    submit, submit_in,
};
pub use state::stage_of;
pub(super) use state::{current, save};

const NOUN: &str = "article";

/// Why an action on an article was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the rules ask for before publication is missing.
    #[error("the work cannot be published")]
    NotPublishable(Vec<Fault>),
}

impl From<DbError> for ActionError {
    fn from(error: DbError) -> Self {
        Self::Store(error.into())
    }
}

impl From<Unfit> for StoreError {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::State(detail) => Self::State(detail),
            Unfit::Invalid(faults) => Self::Invalid(faults),
        }
    }
}

impl From<Unfit> for ActionError {
    fn from(unfit: Unfit) -> Self {
        Self::Store(unfit.into())
    }
}
