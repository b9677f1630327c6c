//! Whether a page prints the original's title (rule 15 of the rule book).

use crate::kernel::fingerprint::{Folded, as_written};

/// Titles with fewer units than this may stand in a text by chance, and count on a line of their own only.
const CHANCE_UNITS: usize = 10;

/// As many lines as may be the title of a page that does not say which one is.
const FIRST_LINES: usize = 200;

/// A line may be so many times as long as the title and still be a changed one.
const LONGER: usize = 3;

/// Two titles with so much of their pairs of units in common are one title, changed (Dice).
const ALIKE: f64 = 0.5;

/// How a page prints the title. Offsets are in characters of the page; none where only the page's own
/// title says it and its text does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TitlePrint {
    /// The title letter by letter; punctuation, case and accents are not looked at.
    Same {
        at: Option<usize>,
    },
    OtherScript {
        at: Option<usize>,
    },
    /// The page has another title: its own, or the line that comes nearest.
    Changed {
        found: String,
    },
    /// The title is nowhere, and what the page calls itself is unknown.
    Missing,
}

/// Looks for the original's title. `text` is the page as it was given, `page` the same folded, and
/// `page_title` what the page says its own title is, if it is known.
pub fn title(text: &str, page: &Folded<'_>, title: &str, page_title: Option<&str>) -> TitlePrint {
    let wanted = Folded::of(title);
    let written = as_written(title);
    let heading = page_title.map(str::trim).filter(|own| !own.is_empty());
    let own = heading.map(Folded::of);
    let in_heading = own.as_ref().and_then(|own| {
        let place = own.find(&wanted).next()?;
        Some(as_written(own.written(place)) == written)
    });
    let in_text = match in_heading.is_some() || wanted.keys().len() >= CHANCE_UNITS {
        true => in_running_text(page, &wanted, &written),
        false => on_a_line(text, &wanted, &written),
    };
    match (in_heading, in_text) {
        (Some(true), place) => TitlePrint::Same {
            at: place.map(|(at, _)| at),
        },
        (_, Some((at, true))) => TitlePrint::Same { at: Some(at) },
        (Some(false), place) => TitlePrint::OtherScript {
            at: place.map(|(at, _)| at),
        },
        (None, Some((at, false))) => TitlePrint::OtherScript { at: Some(at) },
        (None, None) => match heading.or_else(|| nearest_line(text, &wanted)) {
            Some(found) => TitlePrint::Changed {
                found: found.to_owned(),
            },
            None => TitlePrint::Missing,
        },
    }
}

/// Where the title stands, and whether in its own script; there is the better place.
fn in_running_text(page: &Folded<'_>, wanted: &Folded<'_>, written: &str) -> Option<(usize, bool)> {
    /// Places that are looked at: titles are not repeated more often than this.
    const PLACES: usize = 32;
    let mut first = None;
    for place in page.find(wanted).take(PLACES) {
        let at = page.span(place.clone()).start;
        if as_written(page.written(place)) == written {
            return Some((at, true));
        }
        first = first.or(Some((at, false)));
    }
    first
}

fn on_a_line(text: &str, wanted: &Folded<'_>, written: &str) -> Option<(usize, bool)> {
    if wanted.keys().is_empty() {
        return None;
    }
    let mut first = None;
    let mut start = 0;
    for line in text.split('\n') {
        let folded = Folded::of(line);
        if folded.keys() == wanted.keys() {
            let at = start + folded.span(0..1).start;
            if as_written(line) == written {
                return Some((at, true));
            }
            first = first.or(Some((at, false)));
        }
        start += line.chars().count() + 1;
    }
    first
}

/// The line among the first ones that is most like the title.
fn nearest_line<'t>(text: &'t str, wanted: &Folded<'_>) -> Option<&'t str> {
    let pairs = pairs(wanted);
    let longest = wanted.keys().len().saturating_mul(LONGER);
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .take(FIRST_LINES)
        .filter_map(|line| {
            let folded = Folded::of(line);
            let likeness = match folded.keys().len() <= longest {
                true => dice(&pairs, &self::pairs(&folded)),
                false => 0.0,
            };
            (likeness >= ALIKE).then_some((likeness, line.trim()))
        })
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, line)| line)
}

/// The pairs of neighbouring units, distinct and in order.
fn pairs(text: &Folded<'_>) -> Vec<(u64, u64)> {
    let mut pairs: Vec<_> = text
        .keys()
        .windows(2)
        .filter_map(|pair| Some((*pair.first()?, *pair.last()?)))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// Twice what both have, of what they have together.
fn dice(one: &[(u64, u64)], other: &[(u64, u64)]) -> f64 {
    let both = one
        .iter()
        .filter(|pair| other.binary_search(pair).is_ok())
        .count();
    match one.len() + other.len() {
        0 => 0.0,
        together => 2.0 * both as f64 / together as f64,
    }
}
