//! A report on claims: counted from a few words and times of each. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{ClaimKind, ClaimStage, Decision};

/// What a report needs to know of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    pub kind: ClaimKind,
    pub stage: ClaimStage,
    pub decision: Option<Decision>,
    pub within_window: Option<bool>,
    pub received_at: DateTime<Utc>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub decided_at: Option<DateTime<Utc>>,
}

/// How long a step took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spread {
    /// In how many cases the step was taken.
    pub count: i64,
    /// Of an even number of cases the mean of the two in the middle, rounded down.
    pub median_seconds: Option<i64>,
    pub longest_seconds: Option<i64>,
}

/// Claims in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    pub claims: i64,
    pub by_kind: BTreeMap<ClaimKind, i64>,
    pub by_stage: BTreeMap<ClaimStage, i64>,
    pub by_decision: BTreeMap<Decision, i64>,
    pub within_window: i64,
    pub outside_window: i64,
    /// No work was found that readers could see.
    pub without_window: i64,
    pub acknowledged: Spread,
    pub decided: Spread,
    pub overdue: Overdue,
}

/// Open cases whose next step is overdue, whenever they were received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Overdue {
    pub count: i64,
    pub oldest_due_at: Option<DateTime<Utc>>,
}

impl Report {
    /// Counts. Every word of a kind and stage is there, if with 0.
    pub fn of(facts: &[Fact], overdue: Overdue) -> Self {
        let mut report = Self {
            claims: i64::try_from(facts.len()).unwrap_or(i64::MAX),
            by_kind: ClaimKind::ALL.iter().map(|kind| (*kind, 0)).collect(),
            by_stage: ClaimStage::ALL.iter().map(|stage| (*stage, 0)).collect(),
            by_decision: Decision::ALL.iter().map(|one| (*one, 0)).collect(),
            overdue,
            ..Self::default()
        };
        for fact in facts {
            *report.by_kind.entry(fact.kind).or_default() += 1;
            *report.by_stage.entry(fact.stage).or_default() += 1;
            if let Some(decision) = fact.decision {
                *report.by_decision.entry(decision).or_default() += 1;
            }
            match fact.within_window {
                Some(true) => report.within_window += 1,
                Some(false) => report.outside_window += 1,
                None => report.without_window += 1,
            }
        }
        let took = |end: fn(&Fact) -> Option<DateTime<Utc>>| {
            let all = facts.iter();
            spread(
                all.filter_map(|fact| Some((end(fact)? - fact.received_at).num_seconds()))
                    .collect(),
            )
        };
        report.acknowledged = took(|fact| fact.acknowledged_at);
        report.decided = took(|fact| fact.decided_at);
        report
    }
}

fn spread(mut seconds: Vec<i64>) -> Spread {
    seconds.sort_unstable();
    let middle = seconds.len() / 2;
    let upper = seconds.get(middle).copied();
    let lower = middle.checked_sub(1).and_then(|at| seconds.get(at));
    let median_seconds = match (lower, upper) {
        (Some(lower), Some(upper)) if seconds.len().is_multiple_of(2) => {
            Some(lower + (upper - lower) / 2)
        }
        (_, upper) => upper,
    };
    Spread {
        count: i64::try_from(seconds.len()).unwrap_or(i64::MAX),
        median_seconds,
        longest_seconds: seconds.last().copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn medians_and_longest() {
        for (seconds, median, longest) in [
            (vec![], None, None),
            (vec![7], Some(7), Some(7)),
            (vec![9, 1], Some(5), Some(9)),
            (vec![1, 4], Some(2), Some(4)),
            (vec![30, 10, 20], Some(20), Some(30)),
            (vec![4, 3, 2, 1], Some(2), Some(4)),
        ] {
            let found = spread(seconds.clone());
            let count = i64::try_from(seconds.len()).unwrap();
            assert_eq!(
                (found.count, found.median_seconds, found.longest_seconds),
                (count, median, longest),
                "{seconds:?}"
            );
        }
    }

    #[test]
    fn claims_are_counted_by_everything() {
        let start = DateTime::UNIX_EPOCH;
        let fact = |kind, stage, decision, within_window, hours: Option<i64>| Fact {
            kind,
            stage,
            decision,
            within_window,
            received_at: start,
            acknowledged_at: hours.map(|hours| start + TimeDelta::hours(hours)),
            decided_at: decision.map(|_| start + TimeDelta::hours(48)),
        };
        let facts = [
            fact(ClaimKind::Copyright, ClaimStage::Received, None, None, None),
            fact(
                ClaimKind::Copyright,
                ClaimStage::Closed,
                Some(Decision::Upheld),
                Some(true),
                Some(2),
            ),
            fact(
                ClaimKind::Privacy,
                ClaimStage::Decided,
                Some(Decision::Rejected),
                Some(false),
                Some(4),
            ),
        ];
        let report = Report::of(&facts, Overdue::default());
        assert_eq!(report.claims, 3);
        assert_eq!(report.by_kind[&ClaimKind::Copyright], 2);
        assert_eq!(report.by_kind[&ClaimKind::Other], 0);
        assert_eq!(report.by_stage[&ClaimStage::Closed], 1);
        assert_eq!(report.by_decision[&Decision::Upheld], 1);
        assert_eq!(report.by_decision[&Decision::PartlyUpheld], 0);
        let windows = (
            report.within_window,
            report.outside_window,
            report.without_window,
        );
        assert_eq!(windows, (1, 1, 1));
        assert_eq!(report.acknowledged.median_seconds, Some(3 * 3_600));
        assert_eq!(report.acknowledged.longest_seconds, Some(4 * 3_600));
        assert_eq!(report.decided.count, 2);
    }
}
