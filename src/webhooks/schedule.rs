//! When a message is tried again.

use chrono::{DateTime, TimeDelta, Utc};

/// For how long after its first attempt a message is tried.
pub const PERSISTENCE: TimeDelta = TimeDelta::hours(72);

/// The longest pause that comes of failures.
const LONGEST: TimeDelta = TimeDelta::hours(8);

/// The longest pause that a receiver may ask for.
const LONGEST_ASKED: TimeDelta = TimeDelta::hours(24);

/// When to try again after so many attempts (1 or more), the last of which failed `now`: the pause
/// doubles from `first`, up to 8 hours, and of each pause the second half is left to chance
/// (`chance` in 0..1), so that what failed together does not come back together; no earlier than the
/// receiver `asked`. `None` once the message has been tried for 72 hours. The last attempt
/// comes when they are over.
pub fn next(
    attempts: i64,
    first: TimeDelta,
    chance: f64,
    asked: Option<DateTime<Utc>>,
    began: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let end = began + PERSISTENCE;
    if now >= end {
        return None;
    }
    let doublings = attempts.saturating_sub(1).clamp(0, 20);
    let whole = first
        .checked_mul(1_i32 << doublings)
        .map_or(LONGEST, |pause| pause.min(LONGEST));
    let half = whole / 2;
    let by_chance = (half.num_milliseconds() as f64 * chance) as i64;
    let own = now + half + TimeDelta::milliseconds(by_chance);
    Some(asked.map_or(own, |asked| asked.max(own)).min(end))
}

/// What `Retry-After` asks for: seconds, or a date (RFC 9110, section 10.2.3). A day at most.
pub fn asked(header: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let header = header.trim();
    let latest = now + LONGEST_ASKED;
    let is_number = !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit());
    let at = match is_number {
        true => header
            .parse()
            .ok()
            .and_then(TimeDelta::try_seconds)
            .and_then(|pause| now.checked_add_signed(pause))
            .unwrap_or(latest),
        false => DateTime::parse_from_rfc2822(header).ok()?.to_utc(),
    };
    Some(at.clamp(now, latest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn pauses_double_up_to_eight_hours_and_end_after_three_days() {
        let first = TimeDelta::seconds(5);
        let pause = |attempts, chance| {
            let next = next(attempts, first, chance, None, at(0), at(0)).unwrap();
            (next - at(0)).num_milliseconds()
        };
        assert_eq!((pause(1, 0.0), pause(1, 1.0)), (2_500, 5_000));
        assert_eq!((pause(2, 0.0), pause(2, 1.0)), (5_000, 10_000));
        assert_eq!(pause(3, 0.5), 15_000);
        let hours = 3_600_000;
        for attempts in [14, 40, i64::MAX] {
            let span = (pause(attempts, 0.0), pause(attempts, 1.0));
            assert_eq!(span, (4 * hours, 8 * hours), "{attempts}");
        }
        let late = at(0) + PERSISTENCE - TimeDelta::seconds(1);
        let end = at(0) + PERSISTENCE;
        assert_eq!(next(20, first, 0.3, None, at(0), late), Some(end));
        assert_eq!(next(20, first, 0.3, None, at(0), end), None);
        // However slowly, a message that always fails comes to its end.
        let (mut now, mut attempts) = (at(0), 0);
        while let Some(next) = {
            attempts += 1;
            next(attempts, first, 0.5, None, at(0), now)
        } {
            assert!(next > now);
            now = next;
        }
        assert_eq!(now, end);
        assert!((15..40).contains(&attempts), "{attempts}");
    }

    #[test]
    fn a_receiver_may_ask_for_a_day_at_most() {
        let now = at(784_111_777 - 60);
        for (header, seconds) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("86401", Some(86_400)),
            ("99999999999999999999", Some(86_400)),
            ("9223372036854775807", Some(86_400)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(60)),
            ("Sun, 06 Nov 1993 08:49:37 GMT", None),
            ("Sat, 06 Nov 1993 08:49:37 GMT", Some(0)),
            ("Fri, 06 Nov 2015 08:49:37 GMT", Some(86_400)),
            ("", None),
            ("-5", None),
            ("soon", None),
        ] {
            let until = asked(header, now).map(|until| (until - now).num_seconds());
            assert_eq!(until, seconds, "{header:?}");
        }
        let asked = Some(at(1_000));
        let first = TimeDelta::seconds(5);
        assert_eq!(next(1, first, 0.0, asked, at(0), at(0)), asked);
        assert_eq!(
            next(9, first, 0.0, Some(at(1)), at(0), at(0)),
            Some(at(640)),
            "who asks for less gets no storm"
        );
    }
}
