//! The opening of the first paragraph: agency, place, day, reporters.
//!
//! Chinese datelines run agency and place together without a sign between them. They are told apart only where a
//! known agency or exactly one word for an agency says how; otherwise both stay unknown and the raw words are kept.
//! Must not guess.
//!
//! Start with [`take`].

mod split;

use std::ops::Range;

use chrono::{Datelike, NaiveDate, TimeDelta};
use regex::Captures;

use super::model::{Dateline, Excerpt, WarningKind, Warnings};
use super::times::{month, months};
use super::view::{Pattern, View, head, pattern, skip, trim};
use crate::kernel::text::is_han;

/// How far into a paragraph its dateline may reach, in characters.
const LONGEST: usize = 200;
/// How much later than the page the day of a dateline may be before it is taken for last year's.
const LATEST_AHEAD: TimeDelta = TimeDelta::days(31);

static CHINESE: Pattern = pattern!(concat!(
    r"^[【\[(]?\s*(?:据\s*)?(?P<head>[^,。;:!?()\[\]“”【】0-9]{1,40}?)\s*",
    r"(?:(?P<y>(?:19|20)[0-9]{2})年)?(?P<m>[0-9]{1,2})月(?P<d>[0-9]{1,2})日\s*(?:综合|专|特|联合|外)?(?P<verb>电|讯|消息|报道)",
    r"\s*[】\])]?\s*(?:\((?P<names>[^()]{1,80})\))?\s*(?:综合消息|消息)?\s*[:,]?\s*",
));
/// `本报讯（记者 …）`: neither day nor place.
static PLAIN_CHINESE: Pattern = pattern!(concat!(
    r"^[【\[(]?\s*(?P<head>[^,。;:!?()\[\]“”【】0-9]{1,12}?)\s*(?:讯|电)",
    r"(?:\s*[】\])]\s*(?:\((?P<names>[^()]{1,80})\))?|\s*\((?P<names2>[^()]{1,80})\)|\s+)\s*[:,]?\s*",
));
static ENGLISH: Pattern = pattern!(concat!(
    r"^(?P<place>[^0-9()—–]{2,80}?)(?:,?\s+",
    months!(),
    r"\s+(?P<d>[0-9]{1,2})(?:,\s*(?P<y>(?:19|20)[0-9]{2}))?)?\s*,?\s*(?:\((?P<agency>[^()]{1,60})\)\s*)?(?:--?|—|–)\s*",
));
static PLACES: Pattern = pattern!(r"[^、/\s]+");

/// A dateline and the rest of its paragraph.
pub(super) struct Taken {
    pub(super) dateline: Dateline,
    /// Where the rest begins in the paragraph, in characters.
    pub(super) rest_at: usize,
}

/// What a dateline is read by.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    /// Names of known agencies, folded and without pinyin.
    pub(super) agencies: &'a [String],
    /// The page's own date, which gives the year.
    pub(super) page_date: Option<NaiveDate>,
}

/// Takes the dateline off a paragraph that begins at `at`.
pub(super) fn take(
    paragraph: &str,
    at: usize,
    context: Context<'_>,
    warnings: &mut Warnings,
) -> Option<Taken> {
    let opening = head(paragraph, LONGEST);
    let view = View::of(opening);
    let mut reader = Reader {
        opening,
        view: &view,
        at,
        context,
        warnings,
    };
    reader
        .chinese()
        .or_else(|| reader.plain_chinese())
        .or_else(|| reader.english())
}

struct Reader<'a, 'w> {
    opening: &'a str,
    view: &'a View,
    at: usize,
    context: Context<'a>,
    warnings: &'w mut Warnings,
}

impl Reader<'_, '_> {
    fn chinese(&mut self) -> Option<Taken> {
        let captures = CHINESE.captures(&self.view.folded)?;
        let month_day = (number(&captures, "m")?, number(&captures, "d")?);
        let after = self.view.folded.get(captures.name("verb")?.end()..)?;
        // 电 may be the beginning of a word, unless an agency stands before it.
        let apart = !after.starts_with(is_han);
        let (agency, places) = self.head(captures.name("head")?.range(), apart)?;
        let date = self.date(number(&captures, "y"), month_day);
        self.taken(
            &captures,
            captures.name("names").map(|names| names.range()),
            Dateline {
                raw: Excerpt::unplaced(""),
                agency,
                places,
                month_day: Some(month_day),
                date,
                reporters: Vec::new(),
            },
        )
    }

    fn plain_chinese(&mut self) -> Option<Taken> {
        let captures = PLAIN_CHINESE.captures(&self.view.folded)?;
        let names = captures.name("names").or_else(|| captures.name("names2"));
        // Many words end in 电 or 讯: only a known agency makes this a dateline.
        let (agency, places) = self.head(captures.name("head")?.range(), false)?;
        self.taken(
            &captures,
            names.map(|names| names.range()),
            Dateline {
                raw: Excerpt::unplaced(""),
                agency,
                places,
                month_day: None,
                date: None,
                reporters: Vec::new(),
            },
        )
    }

    fn english(&mut self) -> Option<Taken> {
        let captures = ENGLISH.captures(&self.view.folded)?;
        let day = number(&captures, "d");
        let month_day = captures
            .name("mon")
            .and_then(|name| month(name.as_str()))
            .zip(day);
        let agency = captures
            .name("agency")
            .map(|agency| self.excerpt(agency.range()));
        let place = captures.name("place")?.range();
        let dashes = captures.get(0)?.as_str().trim_end();
        let spaced = dashes.len() < captures.get(0)?.as_str().len();
        let (_, name) = self.view.cut(self.opening, place.clone());
        let named = month_day.is_some() || agency.is_some();
        // Without a day or an agency only capitals and a dash with blanks tell a dateline from a sentence.
        if !split::is_place(name, named) || !(named || spaced && split::is_capitals(name)) {
            return None;
        }
        let date = month_day.and_then(|month_day| self.date(number(&captures, "y"), month_day));
        let mut places = Vec::new();
        let mut from = place.start;
        for part in self.view.folded.get(place)?.split('/') {
            places.push(self.excerpt(from..from + part.len()));
            from += part.len() + 1;
        }
        self.taken(
            &captures,
            None,
            Dateline {
                raw: Excerpt::unplaced(""),
                agency,
                places,
                month_day,
                date,
                reporters: Vec::new(),
            },
        )
    }

    /// Agency and places of a Chinese dateline; `None` if it is none at all. Unless all around it says that it is one,
    /// only a known agency does.
    fn head(&mut self, range: Range<usize>, sure: bool) -> Option<(Option<Excerpt>, Vec<Excerpt>)> {
        let folded = self.view.folded.get(range.clone())?;
        let split = split::split(folded, self.context.agencies);
        let (agency, rest) = match split {
            split::Head::Agency(length) => (
                Some(range.start..range.start + length),
                range.start + length..range.end,
            ),
            split::Head::Place if sure => (None, range.clone()),
            split::Head::Unclear if sure => {
                let (_, raw) = self.view.cut(self.opening, range);
                self.warnings.add(WarningKind::DatelineUnclear, raw);
                return Some((None, Vec::new()));
            }
            split::Head::Place | split::Head::Unclear | split::Head::None => return None,
        };
        let places = self.view.folded.get(rest.clone())?;
        let places = PLACES
            .all(places)
            .filter_map(|place| place.get(0))
            .map(|place| self.excerpt(rest.start + place.start()..rest.start + place.end()))
            .collect();
        Some((agency.map(|agency| self.excerpt(agency)), places))
    }

    /// The day with its year; a day that doesn't exist is a doubt.
    fn date(&mut self, year: Option<u32>, (month, day): (u32, u32)) -> Option<NaiveDate> {
        let printed = year.and_then(|year| i32::try_from(year).ok());
        let page = self.context.page_date;
        let year = printed.or_else(|| page.map(|date| date.year()))?;
        let date = NaiveDate::from_ymd_opt(year, month, day);
        if date.is_none() {
            self.warnings.add(
                WarningKind::DatelineUnclear,
                format!("{year}-{month}-{day}"),
            );
        }
        let late = date
            .zip(page)
            .is_some_and(|(date, page)| date - page > LATEST_AHEAD);
        match late && printed.is_none() {
            true => NaiveDate::from_ymd_opt(year - 1, month, day),
            false => date,
        }
    }

    fn taken(
        &mut self,
        captures: &Captures<'_>,
        names: Option<Range<usize>>,
        mut dateline: Dateline,
    ) -> Option<Taken> {
        let whole = captures.get(0)?.range();
        let mut end = whole.end;
        if let Some(names) = names {
            match split::names(self.view.folded.get(names.clone())?) {
                Some(ranges) => {
                    let names = ranges
                        .into_iter()
                        .map(|name| names.start + name.start..names.start + name.end);
                    dateline.reporters = names.map(|name| self.excerpt(name)).collect();
                }
                // What is in the brackets is no name: it belongs to the paragraph.
                None => end = self.view.folded.get(..names.start)?.rfind('(')?,
            }
        }
        let (at, raw) = self.view.cut(self.opening, whole.start..end);
        dateline.raw = Excerpt::new(raw, self.at + at);
        let rest = skip(self.opening, self.view.place(end));
        Some(Taken {
            dateline,
            rest_at: trim(rest, self.view.place(end)).0,
        })
    }

    fn excerpt(&self, range: Range<usize>) -> Excerpt {
        let (at, text) = self.view.cut(self.opening, range);
        Excerpt::new(text, self.at + at)
    }
}

fn number(captures: &Captures<'_>, name: &str) -> Option<u32> {
    captures.name(name)?.as_str().parse().ok()
}
