//! What is wrong with an input, and where.
//!
//! Parsing collects every fault before it gives up, so that a caller mends a form
//! once and not once per field. Pointers are JSON Pointers (RFC 6901) into the
//! document that was sent.

use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

use super::{text, time};

/// One thing wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON Pointer to the offending member; empty for the whole document.
    pub pointer: String,
    /// Stable, machine-readable code such as `required` or `unsafe_character`.
    pub code: &'static str,
    /// One sentence for people.
    pub detail: String,
}

impl Fault {
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            code,
            detail: detail.into(),
        }
    }
}

/// Collects faults while a draft is parsed.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    pub fn push(
        &mut self,
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) {
        self.0.push(Fault::new(pointer, code, detail));
    }

    pub fn extend(&mut self, more: impl IntoIterator<Item = Fault>) {
        self.0.extend(more);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Ends the parse: the value if nothing was wrong, else everything that was.
    ///
    /// # Errors
    /// All collected faults.
    pub fn finish<T>(self, value: T) -> Result<T, Vec<Fault>> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self.0)
        }
    }

    /// A single line that may stand in a credit: trimmed, without control,
    /// bidirectional or zero-width characters (rule 3), of a length in Unicode
    /// scalar values.
    pub fn line(&mut self, pointer: &str, value: &str, length: RangeInclusive<usize>) -> String {
        let line = value.trim();
        if let Some(mark) = text::unsafe_mark(line) {
            self.push(
                pointer,
                "unsafe_character",
                format!(
                    "holds U+{:04X}; control, bidirectional and zero-width characters are refused here",
                    u32::from(mark)
                ),
            );
        }
        self.length(pointer, line, length);
        line.to_owned()
    }

    /// [`Faults::line`] of an optional member; a blank one is an absent one.
    pub fn optional_line(
        &mut self,
        pointer: &str,
        value: Option<&str>,
        max: usize,
    ) -> Option<String> {
        value
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(|line| self.line(pointer, line, 1..=max))
    }

    /// Text of several lines: trimmed, without control characters but newline and tab.
    pub fn prose(&mut self, pointer: &str, value: &str, length: RangeInclusive<usize>) -> String {
        let prose = value.trim();
        if let Some(mark) = text::stray_control(prose) {
            self.push(
                pointer,
                "unsafe_character",
                format!("holds the control character U+{:04X}", u32::from(mark)),
            );
        }
        self.length(pointer, prose, length);
        prose.to_owned()
    }

    /// An absolute `http` or `https` URL of at most 2,000 characters.
    pub fn web_url(&mut self, pointer: &str, value: &str) -> String {
        let value = value.trim();
        let ok = value.len() <= 2_000
            && text::unsafe_mark(value).is_none()
            && url::Url::parse(value)
                .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !ok {
            self.push(
                pointer,
                "url",
                "must be an absolute http or https URL of at most 2,000 characters",
            );
        }
        value.to_owned()
    }

    /// A time that every part agrees on: cut to microseconds, a leap second folded into the
    /// next one, in the years 1 to 9998.
    pub fn instant(&mut self, pointer: &str, at: DateTime<Utc>) -> DateTime<Utc> {
        let at = time::micros(at);
        if !time::is_sane(at) {
            self.push(pointer, "range", "must lie in the years 1 to 9998");
        }
        at
    }

    /// A calendar day, in the years that times may lie in.
    pub fn day(&mut self, pointer: &str, day: NaiveDate) -> NaiveDate {
        if !(1..=9998).contains(&day.year()) {
            self.push(pointer, "range", "must lie in the years 1 to 9998");
        }
        day
    }

    /// A half-open period (rule 8) from the members `valid_from` and `valid_until` of what
    /// `pointer` points to.
    pub fn period(
        &mut self,
        pointer: &str,
        from: DateTime<Utc>,
        until: Option<DateTime<Utc>>,
    ) -> (DateTime<Utc>, Option<DateTime<Utc>>) {
        let end = format!("{pointer}/valid_until");
        let from = self.instant(&format!("{pointer}/valid_from"), from);
        let until = until.map(|until| self.instant(&end, until));
        if until.is_some_and(|until| until <= from) {
            self.push(end, "period", "must be after valid_from");
        }
        (from, until)
    }

    fn length(&mut self, pointer: &str, value: &str, length: RangeInclusive<usize>) {
        let count = text::char_count(value);
        if count == 0 && *length.start() > 0 {
            self.push(pointer, "blank", "must not be blank");
        } else if !length.contains(&count) {
            self.push(
                pointer,
                "length",
                format!(
                    "is {count} characters long; {} to {} are allowed",
                    length.start(),
                    length.end()
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_end_after_they_begin() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let from = at("2026-01-01T00:00:00Z");
        for (until, found) in [
            (None, vec![]),
            (Some(at("2026-01-01T00:00:00.000001Z")), vec![]),
            (Some(from), vec![("/registry/2/valid_until", "period")]),
            // What is cut to microseconds is compared as it is kept.
            (
                Some(at("2026-01-01T00:00:00.000000900Z")),
                vec![("/registry/2/valid_until", "period")],
            ),
            (
                Some(at("9999-01-01T00:00:00Z")),
                vec![("/registry/2/valid_until", "range")],
            ),
        ] {
            let mut faults = Faults::default();
            let period = faults.period("/registry/2", from, until);
            let faults = faults.finish(period).err().unwrap_or_default();
            let seen: Vec<_> = faults
                .iter()
                .map(|fault| (fault.pointer.as_str(), fault.code))
                .collect();
            assert_eq!(seen, found, "{until:?}");
        }
    }
}
