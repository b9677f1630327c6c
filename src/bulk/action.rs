//! What is done to each article: the single operations, one by one.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::view::{PlaceInput, TagsInput};
use crate::articles::store::write::{self as articles, ActionError};
use crate::articles::store::{desk, filing};
use crate::articles::view::actions::{
    MoveInput, PublishInput, ReinstateInput, ScheduleInput, WithdrawInput,
};
use crate::db::{DbError, StoreError, Tx, Written};
use crate::http::auth::{Permission as _, PublishArticles, Rule, WithdrawArticles, WriteArticles};
use crate::http::problem::{Kind, Problem};
use crate::kernel::fault::Fault;
use crate::kernel::id::{ArticleId, UserId};
use crate::rights::Role;

/// An action and what goes with it. A job's `params` are this in JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "action", content = "params", rename_all = "snake_case")]
pub enum Action {
    Submit(MoveInput),
    Return(MoveInput),
    Schedule(ScheduleInput),
    Publish(PublishInput),
    Withdraw(WithdrawInput),
    Reinstate(ReinstateInput),
    Delete,
    Tag(TagsInput),
    Untag(TagsInput),
    Move(PlaceInput),
}

/// In whose name an item is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asker {
    pub user: UserId,
    /// The role that they have now, not when they asked.
    pub role: Role,
}

/// Why an item was not done.
#[derive(Debug)]
pub enum Failed {
    /// It was refused, as the single operation would have been.
    Refused(Box<Problem>),
    /// The database cannot do it right now: it is not the item's fault, and tried again.
    NotNow(StoreError),
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self::Refused(Box::new(problem))
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Db(DbError::Saturated | DbError::Unavailable(_) | DbError::Panicked) => {
                Self::NotNow(error)
            }
            error => Problem::from(error).into(),
        }
    }
}

impl From<DbError> for Failed {
    fn from(error: DbError) -> Self {
        StoreError::from(error).into()
    }
}

impl From<ActionError> for Failed {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::Store(error) => error.into(),
            error @ ActionError::NotPublishable(_) => Problem::from(error).into(),
        }
    }
}

impl From<Vec<Fault>> for Failed {
    fn from(faults: Vec<Fault>) -> Self {
        Problem::from(faults).into()
    }
}

impl Action {
    /// What a job was asked for, if it can be read.
    pub fn stored(params: &Value) -> Option<Self> {
        Self::deserialize(params).ok()
    }

    /// Checks what the schema cannot say.
    ///
    /// # Errors
    /// All faults, as the single operation tells them.
    pub fn check(&self) -> Result<(), Vec<Fault>> {
        match self {
            Self::Submit(input) | Self::Return(input) => input.clone().parse().map(|_| ()),
            Self::Schedule(input) => input.clone().parse().map(|_| ()),
            Self::Publish(input) => input.clone().parse().map(|_| ()),
            Self::Withdraw(input) => input.clone().parse().map(|_| ()),
            Self::Reinstate(input) => input.clone().parse().map(|_| ()),
            Self::Tag(input) | Self::Untag(input) => input.parse().map(|_| ()),
            Self::Delete | Self::Move(_) => Ok(()),
        }
    }

    /// The permission of the single operation.
    pub fn rule(&self) -> Rule {
        match self {
            Self::Return(_) | Self::Schedule(_) | Self::Publish(_) => PublishArticles::RULE,
            Self::Withdraw(_) | Self::Reinstate(_) => WithdrawArticles::RULE,
            Self::Submit(_) | Self::Delete | Self::Tag(_) | Self::Untag(_) | Self::Move(_) => {
                WriteArticles::RULE
            }
        }
    }

    /// Whether the single operation is for those only who may write the article.
    fn is_writing(&self) -> bool {
        match self {
            Self::Submit(_) | Self::Delete | Self::Tag(_) | Self::Untag(_) | Self::Move(_) => true,
            Self::Return(_)
            | Self::Schedule(_)
            | Self::Publish(_)
            | Self::Withdraw(_)
            | Self::Reinstate(_) => false,
        }
    }

    /// The path of the single operation.
    pub fn path(&self, id: &str) -> String {
        let last = match self {
            Self::Submit(_) => "/submit",
            Self::Return(_) => "/return",
            Self::Schedule(_) => "/schedule",
            Self::Publish(_) => "/publish",
            Self::Withdraw(_) => "/withdraw",
            Self::Reinstate(_) => "/reinstate",
            Self::Delete | Self::Tag(_) | Self::Untag(_) | Self::Move(_) => "",
        };
        format!("/v1/articles/{id}{last}")
    }

    /// Does it to one article, as the single operation would for this member of staff.
    ///
    /// # Errors
    /// [`Failed`]; what was written by then is to be undone.
    pub fn carry_out(
        &self,
        tx: &mut Tx<'_>,
        asker: Asker,
        id: ArticleId,
    ) -> Result<Written, Failed> {
        self.rule().check_role(asker.role)?;
        if self.is_writing() && !desk::may_change(tx, id, asker.role, asker.user)? {
            let problem = Problem::new(Kind::Forbidden);
            return Err(problem
                .detail("Authors change their own drafts only.")
                .into());
        }
        Ok(match self {
            Self::Submit(input) => articles::submit_in(tx, id, None, input.clone().parse()?)?,
            Self::Return(input) => articles::send_back_in(tx, id, None, input.clone().parse()?)?,
            Self::Schedule(input) => articles::schedule_in(tx, id, None, input.clone().parse()?)?,
            Self::Publish(input) => {
                let (at, lift_embargo) = input.clone().parse()?;
                articles::publish_in(tx, id, None, at, lift_embargo)?
            }
            Self::Withdraw(input) => {
                let (class, reason) = input.clone().parse()?;
                articles::withdraw_in(tx, id, None, class, reason)?
            }
            Self::Reinstate(input) => articles::reinstate_in(tx, id, None, input.clone().parse()?)?,
            Self::Delete => articles::delete_in(tx, id, None)?,
            Self::Tag(input) => filing::tag_in(tx, id, &input.parse()?)?,
            Self::Untag(input) => filing::untag_in(tx, id, &input.parse()?)?,
            Self::Move(input) => filing::move_in(tx, id, input.section_id)?,
        })
    }
}
