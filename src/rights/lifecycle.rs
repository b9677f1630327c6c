//! What readers can see of a work at an instant, computed from its times alone
//! (rule 19): no job has to run for an embargo to end.

use chrono::{DateTime, Utc};

use super::terms::{ReasonClass, Stage};

/// The times and stage of a work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifecycle {
    pub stage: Stage,
    pub publish_at: Option<DateTime<Utc>>,
    pub embargoed_until: Option<DateTime<Utc>>,
    pub unpublish_at: Option<DateTime<Utc>>,
    pub withdrawal: Option<Withdrawal>,
    pub has_live_version: bool,
}

/// A withdrawal as the public is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    pub at: DateTime<Utc>,
    pub reason_class: ReasonClass,
    pub reason: String,
}

/// What a work is to readers outside the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visibility {
    /// Never shown: a draft, in review, or due later.
    Unpublished,
    /// Due, but held back until a later instant.
    Embargoed,
    /// To be read since this instant.
    Live { since: DateTime<Utc> },
    /// Shown once and taken back.
    Withdrawn(Withdrawal),
    /// Taken back before anyone could see it.
    WithdrawnUnseen(Withdrawal),
}

/// When readers first see a work: the later of its publication and its embargo.
/// `None` while it has no publication time. This is the wire's `published_at`.
pub fn visible_from(
    publish_at: Option<DateTime<Utc>>,
    embargoed_until: Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    publish_at.map(|at| embargoed_until.map_or(at, |until| at.max(until)))
}

impl Lifecycle {
    pub fn visible_from(&self) -> Option<DateTime<Utc>> {
        visible_from(self.publish_at, self.embargoed_until)
    }

    /// The first instant at which readers no longer see it, if one is known.
    pub fn visible_until(&self) -> Option<DateTime<Utc>> {
        match (self.unpublish_at, self.withdrawal.as_ref().map(|w| w.at)) {
            (Some(end), Some(withdrawn)) => Some(end.min(withdrawn)),
            (end, withdrawn) => end.or(withdrawn),
        }
    }

    /// Whether an embargo is running, be the work due already or not.
    pub fn is_embargoed(&self, now: DateTime<Utc>) -> bool {
        self.embargoed_until.is_some_and(|until| now < until)
    }

    pub fn visibility(&self, now: DateTime<Utc>) -> Visibility {
        let Some(since) = self.visible_from().filter(|_| self.has_live_version) else {
            return match self.by_hand(now) {
                Some(withdrawal) => Visibility::WithdrawnUnseen(withdrawal),
                None => Visibility::Unpublished,
            };
        };
        match self.ending(now) {
            Some(withdrawal) if withdrawal.at > since => Visibility::Withdrawn(withdrawal),
            Some(withdrawal) => Visibility::WithdrawnUnseen(withdrawal),
            None if since <= now => Visibility::Live { since },
            None if self.publish_at.is_some_and(|at| at <= now) => Visibility::Embargoed,
            None => Visibility::Unpublished,
        }
    }

    /// The stage at an instant. What was scheduled is out once it can be seen, and what has its
    /// end set is withdrawn from then on: nobody has to switch anything.
    pub fn stage_at(&self, now: DateTime<Utc>) -> Stage {
        match self.stage {
            Stage::Draft | Stage::Review | Stage::Withdrawn => self.stage,
            Stage::Scheduled | Stage::Published => match self.visibility(now) {
                Visibility::Live { .. } => Stage::Published,
                Visibility::Embargoed | Visibility::Unpublished => Stage::Scheduled,
                Visibility::Withdrawn(_) | Visibility::WithdrawnUnseen(_) => Stage::Withdrawn,
            },
        }
    }

    /// The withdrawal that is in force at an instant: by hand, or by the end of a right.
    pub fn withdrawal_at(&self, now: DateTime<Utc>) -> Option<Withdrawal> {
        match self.visibility(now) {
            Visibility::Withdrawn(gone) | Visibility::WithdrawnUnseen(gone) => Some(gone),
            Visibility::Unpublished | Visibility::Embargoed | Visibility::Live { .. } => None,
        }
    }

    /// Whether anybody outside the desk could have seen it by `now`.
    pub fn was_ever_visible(&self, now: DateTime<Utc>) -> bool {
        matches!(
            self.visibility(now),
            Visibility::Live { .. } | Visibility::Withdrawn(_)
        )
    }

    fn by_hand(&self, now: DateTime<Utc>) -> Option<Withdrawal> {
        self.withdrawal.clone().filter(|w| w.at <= now)
    }

    /// The withdrawal in force: by hand, or by the end of a right (`unpublish_at`).
    fn ending(&self, now: DateTime<Utc>) -> Option<Withdrawal> {
        let expired = self
            .unpublish_at
            .filter(|end| *end <= now)
            .map(|at| Withdrawal {
                at,
                reason_class: ReasonClass::RightsExpired,
                reason: String::new(),
            });
        match (expired, self.by_hand(now)) {
            // Who withdraws what has expired says more than the expiry: a legal demand shows.
            (Some(expired), Some(by_hand)) => Some(Withdrawal {
                at: expired.at.min(by_hand.at),
                ..by_hand
            }),
            (expired, by_hand) => by_hand.or(expired),
        }
    }
}
