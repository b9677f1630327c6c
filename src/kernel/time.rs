//! The clock. Rules and stores take `now` as an argument; this is the one place
//! where it comes from.

use std::sync::Arc;

use chrono::{DateTime, DurationRound, NaiveDateTime, TimeDelta, TimeZone, Utc};
use parking_lot::Mutex;

/// Where the time comes from: the machine, or a test's hand.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    #[default]
    System,
    Fixed(Arc<Mutex<DateTime<Utc>>>),
}

impl Clock {
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(Mutex::new(at)))
    }

    /// The time in UTC, cut to microseconds, which is what both engines keep.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            // The one reading of the machine's clock.
            #[expect(clippy::disallowed_methods, reason = "this is the clock")]
            Self::System => micros(Utc::now()),
            Self::Fixed(at) => *at.lock(),
        }
    }

    /// Moves a fixed clock; the machine's is left alone.
    pub fn advance(&self, by: TimeDelta) {
        if let Self::Fixed(at) = self {
            *at.lock() += by;
        }
    }
}

/// Cuts a time to microseconds.
pub fn micros(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(at)
}

/// The instant that stands for "never" in columns that must not be NULL, because
/// the engines order NULL differently.
pub fn never() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(9999, 1, 1, 0, 0, 0)
        .single()
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// `None` where a stored instant stands for "never".
pub fn unless_never(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (at < never()).then_some(at)
}

/// To and from the database's zone-less timestamps, which are UTC by convention.
pub fn from_db(at: NaiveDateTime) -> DateTime<Utc> {
    at.and_utc()
}

pub fn to_db(at: DateTime<Utc>) -> NaiveDateTime {
    micros(at).naive_utc()
}

/// Instants outside these bounds are refused at the door: both engines, RFC 3339
/// and [`never`] agree on everything between.
pub fn is_sane(at: DateTime<Utc>) -> bool {
    use chrono::Datelike;
    (1..=9998).contains(&at.year())
}
