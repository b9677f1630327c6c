//! The clock. Rules and stores take `now` as an argument; this is the one place
//! where it comes from.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
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

/// Cuts a time to microseconds. A leap second, which the engines cannot keep, becomes the
/// second after it, as POSIX has it.
pub fn micros(at: DateTime<Utc>) -> DateTime<Utc> {
    const SECOND: u32 = 1_000_000_000;
    let nanos = at.timestamp_subsec_nanos();
    let seconds = at.timestamp() + i64::from(nanos / SECOND);
    DateTime::from_timestamp(seconds, nanos % SECOND / 1_000 * 1_000).unwrap_or(at)
}

/// The instant that stands for "never" in columns that must not be NULL, because
/// the engines order NULL differently.
pub fn never() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(9999, 1, 1, 0, 0, 0)
        .single()
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// The day of an instant in UTC, as `YYYY-MM-DD`: what daily counts are kept by.
pub fn utc_day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

/// The first instant of the next day in UTC.
pub fn next_utc_day(at: DateTime<Utc>) -> DateTime<Utc> {
    at.date_naive()
        .checked_add_days(Days::new(1))
        .map_or(at, |day| day.and_time(NaiveTime::MIN).and_utc())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_cut_whatever_their_year() {
        for (given, kept) in [
            (
                "2026-01-01T00:00:00.123456789Z",
                "2026-01-01T00:00:00.123456Z",
            ),
            ("0001-01-01T00:00:00.000000999Z", "0001-01-01T00:00:00Z"),
            (
                "9998-12-31T23:59:59.999999999Z",
                "9998-12-31T23:59:59.999999Z",
            ),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
            ("2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.5Z"),
        ] {
            let [given, kept] = [given, kept].map(|at| at.parse::<DateTime<Utc>>().unwrap());
            assert_eq!(micros(given), kept);
        }
    }

    #[test]
    fn years_that_not_all_can_write_are_not_sane() {
        for (at, sane) in [
            ("0000-12-31T23:59:59Z", false),
            ("0001-01-01T00:00:00Z", true),
            ("9998-12-31T23:59:59Z", true),
            ("9998-12-31T23:59:59-01:00", false),
        ] {
            assert_eq!(is_sane(at.parse().unwrap()), sane, "{at}");
        }
    }
    #[test]
    fn days_are_those_of_utc() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        for (now, day, next) in [
            ("2026-06-01T00:00:00Z", "2026-06-01", "2026-06-02T00:00:00Z"),
            (
                "2026-12-31T23:59:59.999999Z",
                "2026-12-31",
                "2027-01-01T00:00:00Z",
            ),
        ] {
            assert_eq!(
                (utc_day(at(now)).as_str(), next_utc_day(at(now))),
                (day, at(next))
            );
        }
    }
}
