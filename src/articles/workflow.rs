//! The rules of stage: which action fits which state, and what it makes of it. Pure.
//!
//! A [`State`] comes in as it is at `now` ([`State::at`]): what was due by then has come about.

use chrono::{DateTime, TimeDelta, Utc};

use super::model::{Coming, Event, State, Timetable};
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::UserId;
use crate::rights::lifecycle::{Withdrawal, visible_from};
use crate::rights::{AiLabel, ReasonClass, Role, Stage};

#[cfg(test)]
mod tests;

/// Why an action is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// It does not fit the stage; the text says what does.
    State(String),
    /// The input breaks a rule.
    Invalid(Vec<Fault>),
}

fn unfit<T>(detail: &str) -> Result<T, Unfit> {
    Err(Unfit::State(detail.to_owned()))
}

/// Hands a draft in for review.
///
/// # Errors
/// [`Unfit`] for what is no draft.
pub fn submit(state: &State) -> Result<State, Unfit> {
    match state.stage {
        Stage::Draft => Ok(State {
            stage: Stage::Review,
            ..state.clone()
        }),
        Stage::Review => unfit("It is in review already."),
        Stage::Scheduled | Stage::Published | Stage::Withdrawn => {
            unfit("Only a draft is submitted.")
        }
    }
}

/// Takes an article back to be worked on: from review, or from the schedule before readers could
/// see it.
///
/// # Errors
/// [`Unfit`] for what readers see or saw.
pub fn send_back(state: &State) -> Result<State, Unfit> {
    match state.stage {
        Stage::Review | Stage::Scheduled => Ok(drafted(state)),
        Stage::Draft => unfit("It is a draft already."),
        Stage::Published => unfit("Readers can see it: withdraw it instead."),
        Stage::Withdrawn => unfit("It is withdrawn: reinstate it first."),
    }
}

/// A state without times and without a version for readers.
fn drafted(state: &State) -> State {
    State {
        stage: Stage::Draft,
        live_version: None,
        publish_at: None,
        embargoed_until: None,
        unpublish_at: None,
        withdrawal: None,
        ..state.clone()
    }
}

/// Gives an article its times, all of them: one that is left out is not set. What readers can
/// see already can be given an end and nothing else.
///
/// # Errors
/// [`Unfit`] for withdrawn articles, and with one fault for each time that cannot be.
pub fn schedule(state: &State, times: Timetable, now: DateTime<Utc>) -> Result<State, Unfit> {
    match state.stage {
        Stage::Withdrawn => unfit("It is withdrawn: reinstate it first."),
        Stage::Published => end(state, times, now),
        Stage::Draft | Stage::Review | Stage::Scheduled => {
            let stands = state.publish_at.filter(|_| state.stage == Stage::Scheduled);
            // Under an embargo alone it is due at once: those with the privilege may have it.
            let publish_at = times
                .publish_at
                .or_else(|| times.embargoed_until.map(|_| stands.unwrap_or(now)));
            let faults = impossible(times, publish_at, stands, now);
            if !faults.is_empty() {
                return Err(Unfit::Invalid(faults));
            }
            Ok(State {
                stage: Stage::Scheduled,
                live_version: Some(state.head_version),
                publish_at,
                embargoed_until: times.embargoed_until,
                unpublish_at: times.unpublish_at,
                ..state.clone()
            })
        }
    }
}

/// Holds a work back until then, because whoever sent it says so. `None` where that cannot be: readers
/// see or saw it, or it would come out earlier by it, or never.
pub fn hold(state: &State, until: DateTime<Utc>) -> Option<State> {
    let held = State {
        embargoed_until: Some(until),
        ..state.clone()
    };
    let is_later = held.lifecycle().visible_from() >= state.lifecycle().visible_from();
    let ends = state.unpublish_at.is_some_and(|end| end <= until);
    match state.stage {
        Stage::Draft | Stage::Review => Some(held),
        Stage::Scheduled => (is_later && !ends).then_some(held),
        Stage::Published | Stage::Withdrawn => None,
    }
}

/// Every time of a timetable that cannot be. A time of publication that stands may be said again.
fn impossible(
    times: Timetable,
    publish_at: Option<DateTime<Utc>>,
    stands: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Vec<Fault> {
    let mut faults = Faults::default();
    let past = "must lie in the future";
    if publish_at.is_none() {
        faults.push(
            "/publish_at",
            "required",
            "a schedule names publish_at or embargoed_until",
        );
    }
    if times
        .publish_at
        .is_some_and(|at| at <= now && Some(at) != stands)
    {
        faults.push(
            "/publish_at",
            "past",
            "must lie in the future: what is to be out at once is published",
        );
    }
    if let Some(until) = times.embargoed_until {
        if until <= now {
            faults.push("/embargoed_until", "past", past);
        } else if publish_at.is_some_and(|at| until <= at) {
            faults.push(
                "/embargoed_until",
                "order",
                "must be after publish_at: an embargo holds back what is due",
            );
        }
    }
    if let Some(end) = times.unpublish_at {
        if end <= now {
            faults.push("/unpublish_at", "past", past);
        } else if visible_from(publish_at, times.embargoed_until).is_some_and(|from| end <= from) {
            faults.push(
                "/unpublish_at",
                "order",
                "must be after publish_at and embargoed_until: nobody would ever see it",
            );
        }
    }
    faults.finish(()).err().unwrap_or_default()
}

/// Gives what readers see an end, another one, or none.
fn end(state: &State, times: Timetable, now: DateTime<Utc>) -> Result<State, Unfit> {
    let mut faults = Faults::default();
    let mut stands = |pointer: &str, given: Option<DateTime<Utc>>, stands| {
        if given.is_some() && given != stands {
            faults.push(
                pointer,
                "published",
                "readers can see it: only unpublish_at can be set, and withdraw takes it back",
            );
        }
    };
    stands("/publish_at", times.publish_at, state.publish_at);
    stands(
        "/embargoed_until",
        times.embargoed_until,
        state.embargoed_until,
    );
    if times.unpublish_at.is_some_and(|end| end <= now) {
        faults.push(
            "/unpublish_at",
            "past",
            "must lie in the future: withdraw takes it back at once",
        );
    }
    faults
        .finish(State {
            unpublish_at: times.unpublish_at,
            ..state.clone()
        })
        .map_err(Unfit::Invalid)
}

/// What publishing makes of an article. An embargo that is running is lifted only by name.
///
/// # Errors
/// [`Unfit`] for withdrawn articles, for times to come, for another time than the one
/// that stands, and under an embargo that is not to be lifted.
pub fn publish(
    state: &State,
    publish_at: Option<DateTime<Utc>>,
    lift_embargo: bool,
    now: DateTime<Utc>,
) -> Result<State, Unfit> {
    match state.stage {
        Stage::Withdrawn => return unfit("It is withdrawn: reinstate it, and publish then."),
        Stage::Published if publish_at.is_some_and(|at| Some(at) != state.publish_at) => {
            return unfit("The article is published already; its time of publication stands.");
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
    if let Some(until) = state.embargoed_until.filter(|until| *until > now)
        && !lift_embargo
    {
        return Err(Unfit::State(format!(
            "An embargo runs until {}: lift it with lift_embargo, or schedule the article anew.",
            until.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
        )));
    }
    Ok(State {
        stage: Stage::Published,
        publish_at: state
            .publish_at
            .filter(|_| state.stage == Stage::Published)
            .or(publish_at)
            .or(Some(now)),
        embargoed_until: state
            .embargoed_until
            .filter(|_| state.stage == Stage::Published),
        live_version: Some(state.head_version),
        ..state.clone()
    })
}

/// Whether readers may be given a corrected version: of what they see, or what is due under an
/// embargo, where those with the privilege may hold it.
///
/// # Errors
/// [`Unfit`] for what nobody has been given.
pub fn correct(state: &State, now: DateTime<Utc>) -> Result<(), Unfit> {
    match state.stage {
        Stage::Published => Ok(()),
        Stage::Scheduled if state.publish_at.is_some_and(|due| due <= now) => Ok(()),
        Stage::Draft | Stage::Review | Stage::Scheduled | Stage::Withdrawn => unfit(
            "Only what is published, or due under an embargo, is corrected; change this one by PATCH.",
        ),
    }
}

/// What withdrawing makes of an article. What is scheduled can be withdrawn as well: partners
/// with the privilege may hold it.
///
/// # Errors
/// [`Unfit`] for what is neither published nor scheduled.
pub fn withdraw(
    state: &State,
    reason_class: ReasonClass,
    reason: String,
    now: DateTime<Utc>,
) -> Result<State, Unfit> {
    match state.stage {
        Stage::Published | Stage::Scheduled => {}
        // A legal demand still shows over another reason, or over an end that has come.
        Stage::Withdrawn if reason_class == ReasonClass::Legal && !is_legal(state) => {}
        Stage::Withdrawn => return unfit("It is withdrawn already."),
        Stage::Draft | Stage::Review => {
            return unfit("Only what is published or scheduled is withdrawn; delete a draft.");
        }
    }
    // Later than its publication, whatever order two requests' clocks had: what readers could
    // see stays known as seen.
    let seen = state
        .lifecycle()
        .visible_from()
        .filter(|from| *from <= now)
        .map(|from| from + TimeDelta::microseconds(1));
    Ok(State {
        stage: Stage::Withdrawn,
        withdrawal: Some(Withdrawal {
            at: seen.map_or(now, |seen| now.max(seen)),
            reason_class,
            reason,
        }),
        ..state.clone()
    })
}

fn is_legal(state: &State) -> bool {
    let gone = state.withdrawal.as_ref();
    gone.is_some_and(|gone| gone.reason_class == ReasonClass::Legal)
}

/// Undoes a withdrawal: readers see again what they saw. What nobody could see becomes a draft.
/// An end to come stands. One that has passed goes with it where the desk says so; otherwise the
/// work is what it would be without the withdrawal, which is at its end.
///
/// # Errors
/// [`Unfit`] for what is not withdrawn.
pub fn reinstate(state: &State, clears_end: bool, now: DateTime<Utc>) -> Result<State, Unfit> {
    if state.stage != Stage::Withdrawn {
        return unfit("Only what is withdrawn is reinstated.");
    }
    if !state.lifecycle().was_ever_visible(now) {
        return Ok(drafted(state));
    }
    let state = State {
        withdrawal: None,
        stage: Stage::Published,
        unpublish_at: state.unpublish_at.filter(|end| *end > now || !clears_end),
        ..state.clone()
    };
    Ok(state.at(now))
}

/// What is still to come about by itself after `now`, in its order.
pub fn coming(state: &State, now: DateTime<Utc>) -> Vec<Coming> {
    let visible_from = state.lifecycle().visible_from();
    // What is due and visible at one instant is simply published.
    let embargo = state.publish_at.filter(|at| Some(*at) != visible_from);
    let events = match state.stage {
        Stage::Scheduled => vec![
            (Event::Embargo, embargo),
            (Event::Publish, visible_from),
            (Event::Unpublish, state.unpublish_at),
        ],
        // It is out, whatever a clock that was set back says.
        Stage::Published => vec![(Event::Unpublish, state.unpublish_at)],
        Stage::Draft | Stage::Review | Stage::Withdrawn => Vec::new(),
    };
    events
        .into_iter()
        .filter_map(|(event, due_at)| {
            let due_at = due_at.filter(|at| *at > now)?;
            Some(Coming { event, due_at })
        })
        .collect()
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
