//! A report on claims on the wire.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::claims::model::report::{Report, Spread};
use crate::http::reply::Outward;

/// Claims in numbers: those received in a period, and what is overdue now.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"from": "2026-05-01T00:00:00Z", "until": "2026-06-01T00:00:00Z", "claims": 3, "by_kind": {"copyright": 2, "accuracy": 1, "privacy": 0, "other": 0}, "by_stage": {"received": 1, "closed": 2}, "by_decision": {"upheld": 1, "partly_upheld": 0, "rejected": 1}, "within_window": 2, "outside_window": 1, "without_window": 0, "acknowledged": {"count": 2, "median_seconds": 86400, "longest_seconds": 172800}, "decided": {"count": 2, "median_seconds": 604800, "longest_seconds": 864000}, "overdue": 1, "oldest_due_at": "2026-05-20T16:00:00Z"}))]
pub struct ClaimReport {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub claims: i64,
    pub by_kind: BTreeMap<String, i64>,
    pub by_stage: BTreeMap<String, i64>,
    pub by_decision: BTreeMap<String, i64>,
    pub within_window: i64,
    pub outside_window: i64,
    /// About no work that readers could see.
    pub without_window: i64,
    /// From the receipt to its acknowledgement.
    pub acknowledged: SpreadView,
    /// From the receipt to the decision.
    pub decided: SpreadView,
    /// Open cases whose next step is overdue, whenever they were received.
    pub overdue: i64,
    #[schema(required = true)]
    pub oldest_due_at: Option<DateTime<Utc>>,
}

/// How long a step took.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ClaimSpread)]
pub struct SpreadView {
    /// In how many cases it was taken.
    pub count: i64,
    #[schema(required = true)]
    pub median_seconds: Option<i64>,
    #[schema(required = true)]
    pub longest_seconds: Option<i64>,
}

impl ClaimReport {
    pub fn of(from: DateTime<Utc>, until: DateTime<Utc>, report: Report) -> Self {
        let spread = |spread: Spread| SpreadView {
            count: spread.count,
            median_seconds: spread.median_seconds,
            longest_seconds: spread.longest_seconds,
        };
        Self {
            from,
            until,
            claims: report.claims,
            by_kind: words(report.by_kind, |kind| kind.as_str()),
            by_stage: words(report.by_stage, |stage| stage.as_str()),
            by_decision: words(report.by_decision, |decision| decision.as_str()),
            within_window: report.within_window,
            outside_window: report.outside_window,
            without_window: report.without_window,
            acknowledged: spread(report.acknowledged),
            decided: spread(report.decided),
            overdue: report.overdue.count,
            oldest_due_at: report.overdue.oldest_due_at,
        }
    }
}

fn words<W>(counts: BTreeMap<W, i64>, word: fn(W) -> &'static str) -> BTreeMap<String, i64> {
    counts
        .into_iter()
        .map(|(key, count)| (word(key).to_owned(), count))
        .collect()
}

impl Outward for ClaimReport {}
