//! Dates and times as Chinese and English pages print them.
//!
//! Finds them in folded text and builds them with `chrono`, which refuses days that don't exist. A day without a time
//! of day stays one. Must not decide which of several times is the page's.
//!
//! Start with [`find`] and [`resolve`].

use std::ops::Range;

use chrono::{
    DateTime, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone,
    Utc,
};
use chrono_tz::Tz;
use regex::Captures;

use super::model::{WarningKind, Warnings};
use super::view::{Pattern, pattern};

/// The names of months in folded text; [`month`] reads them.
macro_rules! months {
    () => {
        "(?P<mon>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?"
    };
}
pub(super) use months;

/// What can stand behind a time and say in which zone it is.
macro_rules! zone {
    () => {
        r"(?:\s*(?:(?P<offset>[+-][0-9]{2}:?[0-9]{2})\b|\(?(?P<zone>(?:z|utc|gmt|bst|cest|cet|eest|eet|msk|ist|hkt|sgt|jst|kst|aest|aedt|nzst|nzdt|[ecmp][sd]t)\b|北京时间)\)?))?"
    };
}

/// The tail of an English date.
macro_rules! clock {
    () => {
        r"(?:,?\s*(?:at\s+|[|-]\s*)?(?P<h>[0-9]{1,2})[:.](?P<mi>[0-9]{2})(?::(?P<s>[0-9]{2}))?(?:\s*(?P<half>[ap])\.?m\b\.?)?"
    };
}

static PATTERNS: [Pattern; 4] = [
    pattern!(concat!(
        r"(?P<y>(?:19|20)[0-9]{2})\s*年\s*(?P<m>[0-9]{1,2})\s*月\s*(?P<d>[0-9]{1,2})\s*日?",
        r"(?:\s*\(?(?:星期|周)[一二三四五六日天]\)?)?",
        r"(?:\s*(?P<half>上午|下午|晚上|凌晨|中午|早上)?\s*(?P<h>[0-9]{1,2})\s*[:时点]\s*(?P<mi>[0-9]{1,2})\s*分?(?:\s*:?\s*(?P<s>[0-9]{1,2})\s*秒?)?",
        zone!(),
        ")?"
    )),
    pattern!(concat!(
        r"(?P<y>(?:19|20)[0-9]{2})(?:-(?P<m>[0-9]{1,2})-|/(?P<m2>[0-9]{1,2})/|\.(?P<m3>[0-9]{1,2})\.)(?P<d>[0-9]{1,2})",
        r"(?:(?:t|,?\s+|\s*(?:星期|周)[一二三四五六日天]\s*)(?P<h>[0-9]{1,2}):(?P<mi>[0-9]{2})(?::(?P<s>[0-9]{2})(?:\.[0-9]+)?)?(?:\s*(?P<half>[ap])\.?m\b\.?)?",
        zone!(),
        ")?"
    )),
    pattern!(concat!(
        r"\b",
        months!(),
        r"\s+(?P<d>[0-9]{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>(?:19|20)[0-9]{2})",
        clock!(),
        zone!(),
        ")?"
    )),
    pattern!(concat!(
        r"\b(?P<d>[0-9]{1,2})(?:st|nd|rd|th)?\s+",
        months!(),
        r",?\s+(?P<y>(?:19|20)[0-9]{2})",
        clock!(),
        zone!(),
        ")?"
    )),
];

/// A time found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The bytes of the folded text that it takes.
    pub(super) range: Range<usize>,
    pub(super) date: NaiveDate,
    pub(super) time: Option<NaiveTime>,
    pub(super) offset: Option<FixedOffset>,
    /// Letters that seem to name a zone and are not understood.
    pub(super) zone: Option<String>,
}

/// The first date of a folded text.
pub(super) fn find(folded: &str) -> Option<Found> {
    PATTERNS
        .iter()
        .filter_map(|pattern| pattern.captures(folded))
        .filter_map(|captures| found(&captures))
        .min_by_key(|found| found.range.start)
}

fn found(captures: &Captures<'_>) -> Option<Found> {
    let number = |name: &str| captures.name(name)?.as_str().parse::<u32>().ok();
    let year = captures.name("y")?.as_str().parse::<i32>().ok()?;
    let month = number("m")
        .or_else(|| number("m2"))
        .or_else(|| number("m3"))
        .or_else(|| month(captures.name("mon")?.as_str()))?;
    let date = NaiveDate::from_ymd_opt(year, month, number("d")?)?;
    let hour = number("h").and_then(
        |hour| match captures.name("half").map(|half| half.as_str()) {
            Some("下午" | "晚上" | "中午" | "p") if hour < 12 && hour > 0 => Some(hour + 12),
            Some("a" | "凌晨") if hour == 12 => Some(0),
            Some("a" | "p") if hour > 12 || hour == 0 => None,
            _ => Some(hour),
        },
    );
    // Eleven o'clock at noon is in the morning.
    let hour = match captures.name("half").map(|half| half.as_str()) {
        Some("中午") if hour == Some(23) => Some(11),
        _ => hour,
    };
    let time = hour
        .zip(number("mi"))
        .and_then(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, number("s").unwrap_or(0)));
    let letters = captures.name("zone").map(|zone| zone.as_str());
    let offset = match (captures.name("offset"), letters) {
        (Some(offset), _) => offset.as_str().parse().ok(),
        (None, Some("z" | "utc" | "gmt")) => FixedOffset::east_opt(0),
        (None, Some("北京时间")) => FixedOffset::east_opt(8 * 3600),
        (None, _) => None,
    };
    let whole = captures.get(0)?;
    Some(Found {
        range: whole.range(),
        date,
        time,
        offset,
        zone: letters.filter(|_| offset.is_none()).map(str::to_uppercase),
    })
}

/// The month that a folded English name means.
pub(super) fn month(name: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let short = name.get(..3)?;
    let index = MONTHS.iter().position(|month| *month == short)?;
    u32::try_from(index + 1).ok()
}

/// The instant of a local time.
pub(super) fn resolve(found: &Found, zone: Tz, warnings: &mut Warnings) -> Option<DateTime<Utc>> {
    let local = found.date.and_time(found.time?);
    if let Some(offset) = found.offset {
        return Some(offset.from_local_datetime(&local).single()?.to_utc());
    }
    if let Some(letters) = &found.zone {
        warnings.add(WarningKind::ZoneUnread, letters.clone());
    }
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) => Some(at.to_utc()),
        LocalResult::Ambiguous(one, other) => {
            warnings.add(WarningKind::AmbiguousTime, format!("{local} in {zone}"));
            Some(one.to_utc().min(other.to_utc()))
        }
        LocalResult::None => {
            warnings.add(WarningKind::NonexistentTime, format!("{local} in {zone}"));
            after_gap(local, zone)
        }
    }
}

/// The first instant after a local time that was skipped. No zone ever skipped more than a day.
fn after_gap(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    // Every gap since 1970 ends on a quarter of an hour.
    let past = local.and_utc().timestamp().rem_euclid(15 * 60);
    let start = local.checked_sub_signed(TimeDelta::seconds(past))?;
    (1..=96).find_map(|quarters| {
        let later = start.checked_add_signed(TimeDelta::minutes(15 * quarters))?;
        Some(zone.from_local_datetime(&later).earliest()?.to_utc())
    })
}
