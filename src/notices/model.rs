//! What a notice is, and which of its revisions is in force.

use chrono::{DateTime, Utc};

use crate::kernel::id::{NoticeId, UserId};
use crate::kernel::language::Language;
use crate::rights::{Contact, NoticeKind};

/// A notice as one reader sees it: the desk sees the newest revision, others the one in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub id: NoticeId,
    pub kind: NoticeKind,
    pub language: Language,
    /// Number of the newest revision.
    pub revision: i64,
    pub shown: Revision,
    pub created_at: DateTime<Utc>,
}

/// A wording of a notice. Never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Counted from 1.
    pub n: i64,
    pub wording: Wording,
    /// Whether it was the one in force when it was read.
    pub in_force: bool,
    pub created_at: DateTime<Utc>,
    /// The member of staff who wrote it.
    pub created_by: Option<UserId>,
}

/// What a notice says and from when, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    pub text: String,
    pub contact: Option<Contact>,
    /// Calendar days for a complaint, counted in the site's zone.
    pub claim_window_days: Option<i64>,
    pub effective_from: DateTime<Utc>,
}

/// A new notice, checked. Kind and language name it; there is no second one of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub kind: NoticeKind,
    pub language: Language,
    pub wording: Wording,
}

/// When a revision takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effect {
    pub n: i64,
    pub from: DateTime<Utc>,
}

/// The number of the revision in force: the one that took effect last, and of those that did so
/// at the same instant the newest. `db::notices_in_force` says the same in SQL.
pub fn in_force(revisions: &[Effect], now: DateTime<Utc>) -> Option<i64> {
    revisions
        .iter()
        .filter(|revision| revision.from <= now)
        .max_by_key(|revision| (revision.from, revision.n))
        .map(|revision| revision.n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_to_take_effect_is_in_force() {
        let at = |minute: i64| DateTime::from_timestamp(minute * 60, 0).unwrap();
        // (revision, minute from which it holds), the minute of asking, the revision in force.
        for (revisions, now, expected) in [
            (vec![], 0, None),
            (vec![(1, 5)], 4, None),
            (vec![(1, 5)], 5, Some(1)),
            (vec![(1, 5)], 9, Some(1)),
            // A scheduled revision waits for its instant.
            (vec![(1, 0), (2, 10)], 9, Some(1)),
            (vec![(1, 0), (2, 10)], 10, Some(2)),
            // A correction of the present does not end what is scheduled.
            (vec![(1, 0), (2, 10), (3, 5)], 9, Some(3)),
            (vec![(1, 0), (2, 10), (3, 5)], 10, Some(2)),
            // The newest of those that took effect at once, in whatever order they come.
            (vec![(1, 0), (2, 0), (3, 0)], 0, Some(3)),
            (vec![(3, 0), (1, 0), (2, 0)], 0, Some(3)),
            // One dated back behind the one in force does not take its place.
            (vec![(1, 5), (2, 3)], 9, Some(1)),
            (vec![(1, 5), (2, 3)], 4, Some(2)),
        ] {
            let effects: Vec<Effect> = revisions
                .iter()
                .map(|&(n, minute)| Effect {
                    n,
                    from: at(minute),
                })
                .collect();
            assert_eq!(
                in_force(&effects, at(now)),
                expected,
                "{revisions:?} at {now}"
            );
        }
    }
}
