//! What an advisory is, and what may be said to it.

use chrono::{DateTime, Utc};

use crate::kernel::id::{AdvisoryId, ArticleId, ClientId, PartnerId, UserId};
use crate::kernel::words::words;
use crate::rights::ReasonClass;

words! {
    /// What became of the work.
    AdvisoryKind {
        /// It was corrected: print the correction, or take the new version.
        Correction = "correction",
        /// It was withdrawn: remove it.
        Withdrawal = "withdrawal",
        /// A withdrawal was undone: it may be shown again, where the licence still allows it.
        Reinstatement = "reinstatement",
    }

    /// Whether the partner has taken note.
    AdvisoryStatus {
        Open = "open",
        Acknowledged = "acknowledged",
    }

    /// What a list of advisories is asked for.
    AdvisoryStanding {
        /// Not acknowledged, overdue or not.
        Open = "open",
        /// Not acknowledged, and past the deadline.
        Overdue = "overdue",
        Acknowledged = "acknowledged",
    }

    /// What the partner has done.
    AdvisoryAction {
        /// The work is gone from where it was shown.
        Removed = "removed",
        /// The correction is shown, or the new version.
        Corrected = "corrected",
        /// The work is shown again.
        Restored = "restored",
        /// There was nothing to do: it was never used, for one.
        Nothing = "none",
    }

    /// Who has acknowledged an advisory.
    AdvisoryParty {
        /// The partner itself, by one of its keys.
        Partner = "partner",
        /// Whoever manages rights here, on the partner's behalf.
        Desk = "desk",
    }
}

impl AdvisoryAction {
    /// Whether this can be done about that. Nothing can be restored that was withdrawn, and what
    /// was withdrawn is not mended by a correction.
    pub fn fits(self, kind: AdvisoryKind) -> bool {
        match (self, kind) {
            (Self::Nothing, _) => true,
            (Self::Removed, AdvisoryKind::Correction | AdvisoryKind::Withdrawal) => true,
            (Self::Corrected, AdvisoryKind::Correction) => true,
            (Self::Restored, AdvisoryKind::Reinstatement) => true,
            (Self::Removed, AdvisoryKind::Reinstatement)
            | (Self::Corrected, AdvisoryKind::Withdrawal | AdvisoryKind::Reinstatement)
            | (Self::Restored, AdvisoryKind::Correction | AdvisoryKind::Withdrawal) => false,
        }
    }
}

impl AdvisoryKind {
    /// Whether an open one of this kind is settled by the acknowledgement of a newer one about
    /// the same work. A withdrawal is not: it stays open until it is acknowledged itself.
    pub fn is_settled_by_newer(self) -> bool {
        match self {
            Self::Correction | Self::Reinstatement => true,
            Self::Withdrawal => false,
        }
    }
}

/// What one partner is told of one event in the life of a work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advisory {
    pub id: AdvisoryId,
    pub revision: i64,
    pub partner: PartnerId,
    pub article: ArticleId,
    /// The version that the event has made.
    pub version: i64,
    pub kind: AdvisoryKind,
    pub reason_class: Option<ReasonClass>,
    /// The public note or reason.
    pub text: Option<String>,
    pub issued_at: DateTime<Utc>,
    /// By when the partner has to have acted.
    pub due_at: DateTime<Utc>,
    pub reminders: i64,
    pub last_reminded_at: Option<DateTime<Utc>>,
    pub acknowledgement: Option<Acknowledgement>,
    /// The partner's newest advisory about the same work, if it is a later one.
    pub superseded_by: Option<AdvisoryId>,
    pub holding: Holding,
}

impl Advisory {
    pub fn status(&self) -> AdvisoryStatus {
        match self.acknowledgement {
            None => AdvisoryStatus::Open,
            Some(_) => AdvisoryStatus::Acknowledged,
        }
    }

    /// Whether it is open at or after its deadline.
    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        self.acknowledgement.is_none() && self.due_at <= now
    }
}

/// That the partner has taken note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    pub at: DateTime<Utc>,
    pub by: By,
    /// The newer advisory that was acknowledged, where this one was settled with it.
    pub with: Option<AdvisoryId>,
    /// What was done; told of the one that was acknowledged itself.
    pub action: Option<AdvisoryAction>,
    pub note: Option<String>,
}

/// Who acknowledges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The partner, by this key.
    Client(ClientId),
    /// This member of staff, on the partner's behalf.
    User(UserId),
}

/// What the partner was given of the work, by the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holding {
    /// Ascending.
    pub versions: Vec<i64>,
    /// How many bodies.
    pub deliveries: i64,
    pub first_at: Option<DateTime<Utc>>,
    pub last_at: Option<DateTime<Utc>>,
}

impl Holding {
    /// Adds what was given of one version, which is higher than those before.
    pub fn add(
        &mut self,
        version: i64,
        deliveries: i64,
        first: DateTime<Utc>,
        last: DateTime<Utc>,
    ) {
        self.versions.push(version);
        self.deliveries += deliveries;
        self.first_at = Some(self.first_at.map_or(first, |at| at.min(first)));
        self.last_at = Some(self.last_at.map_or(last, |at| at.max(last)));
    }
}

/// What is said in acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub action: AdvisoryAction,
    pub note: Option<String>,
}

/// Which advisories a list holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// The partner who asks; `None` for those who manage rights.
    pub own: Option<PartnerId>,
    pub partner: Option<PartnerId>,
    pub article: Option<ArticleId>,
    pub kind: Option<AdvisoryKind>,
    pub standing: Option<AdvisoryStanding>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_by_kind() {
        use AdvisoryAction::{Corrected, Nothing, Removed, Restored};
        for (kind, fitting) in [
            (AdvisoryKind::Correction, &[Removed, Corrected, Nothing][..]),
            (AdvisoryKind::Withdrawal, &[Removed, Nothing]),
            (AdvisoryKind::Reinstatement, &[Restored, Nothing]),
        ] {
            for action in AdvisoryAction::ALL {
                assert_eq!(
                    action.fits(kind),
                    fitting.contains(action),
                    "{action:?} {kind:?}"
                );
            }
        }
    }

    #[test]
    fn a_withdrawal_is_settled_by_itself_alone() {
        for kind in AdvisoryKind::ALL {
            assert_eq!(
                kind.is_settled_by_newer(),
                *kind != AdvisoryKind::Withdrawal
            );
        }
    }

    #[test]
    fn holdings_add_up() {
        let at = |hour: u32| format!("2026-06-01T{hour:02}:00:00Z").parse().unwrap();
        let mut holding = Holding::default();
        holding.add(1, 2, at(3), at(9));
        holding.add(4, 3, at(5), at(6));
        assert_eq!(
            holding,
            Holding {
                versions: vec![1, 4],
                deliveries: 5,
                first_at: Some(at(3)),
                last_at: Some(at(9)),
            }
        );
    }
}
