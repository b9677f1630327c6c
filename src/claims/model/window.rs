//! Calendar days in the site's zone: the window of the contact notice, and what is due when.
//! Pure.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

/// The window for complaints about a work, and whether a claim came within it. A late one is
/// taken all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub days: i64,
    /// When readers could first see the work.
    pub published_at: DateTime<Utc>,
    /// The first instant after the window.
    pub ends_at: DateTime<Utc>,
    pub within: bool,
}

impl Window {
    /// The window of a work that readers could see from `published_at` on.
    pub fn new(
        published_at: DateTime<Utc>,
        days: i64,
        zone: Tz,
        received_at: DateTime<Utc>,
    ) -> Self {
        let ends_at = after_days(published_at, days, zone);
        Self {
            days,
            published_at,
            ends_at,
            within: received_at < ends_at,
        }
    }
}

/// The first instant after `days` calendar days that follow the day of `from`: whoever has
/// three days from a Monday has all of Thursday.
pub fn after_days(from: DateTime<Utc>, days: i64, zone: Tz) -> DateTime<Utc> {
    let whole = Days::new(u64::try_from(days).unwrap_or_default() + 1);
    let day = from.with_timezone(&zone).date_naive();
    day.checked_add_days(whole)
        .and_then(|day| begins(day, zone))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// The first instant of a day. Where clocks go forward at midnight the day begins later, and
/// where a zone leaves out a whole day, the next one stands for it.
fn begins(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let midnight = day.and_time(NaiveTime::MIN);
    (0..=2 * 24 * 4).find_map(|quarter| {
        let local = midnight.checked_add_signed(TimeDelta::minutes(15 * quarter))?;
        let at = zone.from_local_datetime(&local).earliest()?;
        Some(at.with_timezone(&Utc))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn windows_end_with_a_day_of_the_sites_zone() {
        for (zone, published, days, ends) in [
            // Shanghai has no summer time: 30 days after 1 June is all of 1 July.
            (
                "Asia/Shanghai",
                "2026-06-01T03:00:00Z",
                30,
                "2026-07-01T16:00:00Z",
            ),
            // The same instant is the next day already there, and the day before in the west.
            (
                "Asia/Shanghai",
                "2026-06-01T16:00:00Z",
                30,
                "2026-07-02T16:00:00Z",
            ),
            (
                "Asia/Shanghai",
                "2026-06-01T15:59:59.999999Z",
                30,
                "2026-07-01T16:00:00Z",
            ),
            (
                "America/New_York",
                "2026-06-01T03:59:59Z",
                30,
                "2026-07-01T04:00:00Z",
            ),
            ("UTC", "2026-06-01T00:00:00Z", 1, "2026-06-03T00:00:00Z"),
            ("UTC", "2026-06-01T23:59:59Z", 0, "2026-06-02T00:00:00Z"),
            // Over the change of clocks, days are days and not 24 hours.
            (
                "Europe/Berlin",
                "2026-03-28T12:00:00Z",
                1,
                "2026-03-29T22:00:00Z",
            ),
            (
                "Europe/Berlin",
                "2026-10-24T12:00:00Z",
                1,
                "2026-10-25T23:00:00Z",
            ),
            (
                "Europe/Berlin",
                "2026-10-01T12:00:00Z",
                30,
                "2026-10-31T23:00:00Z",
            ),
            // Beirut's clocks go forward at midnight: the 29th begins at one o'clock.
            (
                "Asia/Beirut",
                "2026-03-27T12:00:00Z",
                1,
                "2026-03-28T22:00:00Z",
            ),
            // Havana's clocks go back at one, so that midnight happens twice: the first counts.
            (
                "America/Havana",
                "2026-10-31T12:00:00Z",
                0,
                "2026-11-01T04:00:00Z",
            ),
            // Samoa left out 30 December 2011.
            (
                "Pacific/Apia",
                "2011-12-29T00:00:00Z",
                1,
                "2011-12-30T10:00:00Z",
            ),
            // A leap day, and the end of a year.
            ("UTC", "2028-02-28T12:00:00Z", 1, "2028-03-01T00:00:00Z"),
            ("UTC", "2026-12-31T12:00:00Z", 30, "2027-01-31T00:00:00Z"),
        ] {
            let zone: Tz = zone.parse().unwrap();
            let ends = at(ends);
            let found = after_days(at(published), days, zone);
            assert_eq!(found, ends, "{days} days from {published} in {zone}");
            let before = ends - TimeDelta::microseconds(1);
            for (received, within) in [(before, true), (ends, false)] {
                let window = Window::new(at(published), days, zone, received);
                assert_eq!((window.ends_at, window.within), (ends, within), "{zone}");
            }
        }
    }

    #[test]
    fn no_number_of_days_is_too_many() {
        let end = after_days(at("9998-12-31T00:00:00Z"), i64::MAX, Tz::UTC);
        assert_eq!(end, DateTime::<Utc>::MAX_UTC);
        assert_eq!(
            after_days(at("2026-06-01T12:00:00Z"), -5, Tz::UTC),
            at("2026-06-02T00:00:00Z")
        );
    }
}
