//! Which lines of a page are the article, by a readability library's vote.
//!
//! The library gives back markup of its own making. Its lines are looked up among the page's, so that every place
//! still counts in the page's text. Without a usable answer all lines are kept, and the reader finds the article by
//! its title, end mark and notice. Must not add or change a line.
//!
//! Start with [`mark`].

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use dom_smoothie::{Config, Readability};

use super::super::lines::{Flat, Line, LineKind};
use super::super::model::{WarningKind, Warnings};
use super::{fence, tree};

/// The longest page the library is asked about: it goes through the whole several times.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// The most escaped characters times text length: writing markup looks through the rest of a text at each of them.
const MAX_ESCAPING: usize = 500_000_000;
/// A line this short is found on any page, and proves nothing.
const SHORT_CHARS: usize = 12;

/// Marks the lines that belong to the main content.
pub(super) fn mark(source: &str, flat: &mut Flat, warnings: &mut Warnings) {
    let lines = &flat.lines;
    let voted = main_lines(source, flat).and_then(|voted| span(lines, &voted));
    let Some((first, last)) = voted else {
        warnings.add(WarningKind::MainUncertain, "no main content was found");
        return;
    };
    for (n, line) in flat.lines.iter_mut().enumerate() {
        line.main = (first..=last).contains(&n);
    }
}

/// From the first to the last line that was voted for.
fn span(lines: &[Line], voted: &HashSet<String>) -> Option<(usize, usize)> {
    let counts = |line: &Line| !line.within(SHORT_CHARS) && voted.contains(&key(line));
    let first = lines.iter().position(counts)?;
    let last = lines.iter().rposition(counts)?;
    // Short lines at the edges belong to it if they were voted for as well.
    let edge = |line: &Line| line.is_image() || voted.contains(&key(line));
    let before = lines
        .get(..first)?
        .iter()
        .rev()
        .take_while(|line| edge(line))
        .count();
    let after = lines
        .get(last + 1..)?
        .iter()
        .take_while(|line| edge(line) && !line.is_image())
        .count();
    Some((first - before, last + after))
}

/// The lines that the library takes for the article.
fn main_lines(source: &str, flat: &Flat) -> Option<HashSet<String>> {
    let stops = source.bytes().filter(|b| matches!(b, b'&' | 0xC2)).count();
    let longest = flat
        .lines
        .iter()
        .map(|line| line.text.len())
        .max()
        .unwrap_or_default();
    if source.len() > MAX_BYTES || stops.saturating_mul(longest) > MAX_ESCAPING {
        return None;
    }
    let config = Config {
        disable_json_ld: true,
        ..Config::default()
    };
    // A panic inside the library costs its vote and not the page.
    let parsed = catch_unwind(AssertUnwindSafe(|| {
        Readability::new(source, None, Some(config))
            .ok()?
            .parse()
            .ok()
    }));
    let article = parsed.ok().flatten()?;
    let main = tree::flatten(&fence::parse(&article.content).ok()?);
    let keys: HashSet<String> = main
        .lines
        .iter()
        .filter(|line| !line.is_image())
        .map(key)
        .collect();
    (!keys.is_empty()).then_some(keys)
}

/// What a line is found again by: its characters without blanks.
fn key(line: &Line) -> String {
    match &line.kind {
        LineKind::Row(_, cells) => cells
            .iter()
            .flat_map(|cell| cell.split_whitespace())
            .collect(),
        LineKind::Text
        | LineKind::Heading(_)
        | LineKind::Item(_)
        | LineKind::Quote
        | LineKind::Image { .. } => line.text.split_whitespace().collect(),
    }
}
