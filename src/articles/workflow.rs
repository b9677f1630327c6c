//! The rules of stage: which action fits which state, and what it makes of it. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use super::model::State;
use crate::kernel::fault::Fault;
use crate::kernel::id::UserId;
use crate::rights::lifecycle::Withdrawal;
use crate::rights::{AiLabel, ReasonClass, Role, Stage};

/// Why an action is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// It does not fit the stage; the text says what does.
    State(String),
    /// The input breaks a rule.
    Invalid(Vec<Fault>),
}

/// What publishing makes of an article.
///
/// # Errors
/// [`Unfit`] for withdrawn articles, for times to come, and for another time than the one
/// that stands.
pub fn publish(
    state: &State,
    publish_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<State, Unfit> {
    match state.stage {
        Stage::Withdrawn => {
            return Err(Unfit::State(
                "A withdrawn article is not published again.".to_owned(),
            ));
        }
        Stage::Published if publish_at.is_some_and(|at| Some(at) != state.publish_at) => {
            return Err(Unfit::State(
                "The article is published already; its time of publication stands.".to_owned(),
            ));
        }
        Stage::Published | Stage::Draft | Stage::Review | Stage::Scheduled => {}
    }
    if publish_at.is_some_and(|at| at > now) {
        return Err(Unfit::Invalid(vec![Fault::new(
            "/publish_at",
            "future",
            "must not lie in the future: publishing takes effect at once",
        )]));
    }
    Ok(State {
        stage: Stage::Published,
        publish_at: state
            .publish_at
            .filter(|_| state.stage == Stage::Published)
            .or(publish_at)
            .or(Some(now)),
        live_version: Some(state.head_version),
        ..state.clone()
    })
}

/// Whether readers may be given a corrected version.
///
/// # Errors
/// [`Unfit`] for what is not published.
pub fn correct(state: &State) -> Result<(), Unfit> {
    match state.stage {
        Stage::Published => Ok(()),
        Stage::Draft | Stage::Review | Stage::Scheduled | Stage::Withdrawn => Err(Unfit::State(
            "Only a published article is corrected; change this one by PATCH.".to_owned(),
        )),
    }
}

/// What withdrawing makes of an article.
///
/// # Errors
/// [`Unfit`] for what is not published.
pub fn withdraw(
    state: &State,
    reason_class: ReasonClass,
    reason: String,
    now: DateTime<Utc>,
) -> Result<State, Unfit> {
    match state.stage {
        Stage::Published => Ok(State {
            stage: Stage::Withdrawn,
            withdrawal: Some(Withdrawal {
                // Never before what it follows, whatever order two requests' clocks had: what
                // readers could see stays known as seen.
                at: state
                    .publish_at
                    .map_or(now, |at| now.max(at + TimeDelta::microseconds(1)))
                    .max(state.updated_at),
                reason_class,
                reason,
            }),
            ..state.clone()
        }),
        Stage::Withdrawn => Err(Unfit::State("It is withdrawn already.".to_owned())),
        Stage::Draft | Stage::Review | Stage::Scheduled => Err(Unfit::State(
            "Only a published article is withdrawn; delete a draft.".to_owned(),
        )),
    }
}

/// Whether a member of staff may change an article: editors any, authors their own drafts.
pub fn may_write(role: Role, user: UserId, state: &State) -> bool {
    match role {
        Role::Admin | Role::Editor => true,
        Role::Author => state.created_by == Some(user) && state.stage == Stage::Draft,
        Role::Rights | Role::Viewer => false,
    }
}

/// Lowering the AI label takes a reason (rule 20).
pub fn lowering_needs_reason(from: AiLabel, to: AiLabel, reason: Option<&str>) -> Option<Fault> {
    (to < from && reason.is_none()).then(|| {
        Fault::new(
            "/ai_label_reason",
            "required",
            "lowering the AI label takes a reason, which is put on record",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::{Id, Mint};

    fn state(stage: Stage) -> State {
        let now = DateTime::UNIX_EPOCH;
        State {
            id: Mint::seeded(1).id(now),
            revision: 1,
            stage,
            head_version: 3,
            live_version: None,
            publish_at: (stage == Stage::Published).then_some(now),
            embargoed_until: None,
            unpublish_at: None,
            withdrawal: None,
            created_by: None,
            created_at: now,
            updated_at: now,
        }
    }

    #[test]
    fn actions_by_stage() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::hours(1);
        for (stage, publishes, corrects, withdraws) in [
            (Stage::Draft, true, false, false),
            (Stage::Review, true, false, false),
            (Stage::Scheduled, true, false, false),
            (Stage::Published, true, true, true),
            (Stage::Withdrawn, false, false, false),
        ] {
            let state = state(stage);
            assert_eq!(publish(&state, None, now).is_ok(), publishes, "{stage:?}");
            assert_eq!(correct(&state).is_ok(), corrects, "{stage:?}");
            let withdrawn = withdraw(&state, ReasonClass::Editorial, "x".into(), now);
            assert_eq!(withdrawn.is_ok(), withdraws, "{stage:?}");
        }
    }

    #[test]
    fn the_time_of_publication_stands() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::hours(1);
        let published = publish(&state(Stage::Published), None, now).unwrap();
        assert_eq!(published.publish_at, Some(DateTime::UNIX_EPOCH));
        assert_eq!(published.live_version, Some(3));
        assert!(publish(&state(Stage::Published), Some(now), now).is_err());
        assert!(publish(&state(Stage::Draft), Some(now + TimeDelta::seconds(1)), now).is_err());
    }

    #[test]
    fn authors_write_their_own_drafts() {
        let me = UserId::from_uuid(uuid::Uuid::from_u128(7));
        let mut draft = state(Stage::Draft);
        assert!(!may_write(Role::Author, me, &draft));
        draft.created_by = Some(me);
        assert!(may_write(Role::Author, me, &draft));
        draft.stage = Stage::Published;
        assert!(!may_write(Role::Author, me, &draft));
        assert!(may_write(Role::Editor, me, &draft));
        assert!(!may_write(Role::Rights, me, &draft));
    }
}
