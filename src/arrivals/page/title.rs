//! The title and the subtitle.
//!
//! Markup says it best, if its parts agree; without markup it stands above the line of fields. Must not take a
//! sentence for a title.
//!
//! Start with [`find`].

use std::cmp::Reverse;
use std::collections::HashSet;

use super::fields;
use super::lines::{Head, Line, LineKind};
use super::model::{Excerpt, WarningKind, Warnings};
use super::view::{bare, head, within};
use crate::kernel::han::fold;

/// The longest title, in characters.
const LONGEST: usize = 200;
/// How many lines from the top are looked at for a title in a page without markup.
const FIRST_LINES: usize = 60;
/// What parts the title from the site's name in `<title>`.
const SEPARATORS: &[&str] = &["_", "|", " - ", " – ", " — ", "--", "——", "-"];

/// The title, the subtitle, and the line that each stands in.
#[derive(Debug, Default)]
pub(super) struct Title {
    pub(super) title: Option<Excerpt>,
    pub(super) line: Option<usize>,
    pub(super) subtitle: Option<(usize, Excerpt)>,
}

/// Finds the title. `taken` says which lines are something else.
pub(super) fn find(
    lines: &[Line],
    page: &Head,
    taken: impl Fn(usize) -> bool,
    warnings: &mut Warnings,
) -> Title {
    let mut title = marked(lines, page, &taken);
    let heading = title.line.is_some() || page.og_title.is_some();
    if title.title.is_none() {
        title = unmarked(lines, &taken, true, warnings);
    } else if !heading {
        // `<title>` is nowhere on the page: it may be the site's, for all pages.
        let line = unmarked(lines, &taken, false, &mut Warnings::default());
        if line.title.is_some() {
            warnings.add(
                WarningKind::TitleUncertain,
                "the page's title is none of its lines",
            );
            title = line;
        }
    }
    if title.title.is_none() {
        warnings.add(WarningKind::NoTitle, "");
    }
    title
}

/// The title by the markup.
fn marked(lines: &[Line], page: &Head, taken: &impl Fn(usize) -> bool) -> Title {
    let headings = |level: u8| {
        let at_level = move |(_, line): &(usize, &Line)| {
            line.kind == LineKind::Heading(level) && line.within(LONGEST)
        };
        lines
            .iter()
            .enumerate()
            .filter(at_level)
            .filter(|(n, _)| !taken(*n))
    };
    let named: Vec<String> = [&page.og_title, &page.title]
        .into_iter()
        .flatten()
        .map(|name| key(name))
        .collect();
    let agrees = |(_, line): &(usize, &Line)| {
        let key = key(&line.text);
        !key.is_empty()
            && named
                .iter()
                .any(|name| name.contains(&key) || (name.chars().count() > 3 && key.contains(name)))
    };
    // A site's own name is in its `<title>` too, and is shorter than the article's title: the longest wins.
    let agreed = headings(1)
        .chain(headings(2))
        .chain(headings(3))
        .filter(agrees)
        .min_by_key(|(_, line)| Reverse(line.text.chars().count()));
    let from_line = agreed.or_else(|| {
        let mut first = headings(1);
        match (first.next(), first.next()) {
            (Some(only), None) if page.og_title.is_none() => Some(only),
            _ => None,
        }
    });
    if let Some((n, line)) = from_line {
        return Title {
            title: Some(Excerpt::new(line.text.clone(), line.at)),
            line: Some(n),
            subtitle: subtitle(lines, n, taken),
        };
    }
    let Some(text) = page
        .og_title
        .clone()
        .or_else(|| page.title.as_deref().map(|text| cut(text, lines)))
    else {
        return Title::default();
    };
    let wanted = key(&text);
    let line = lines.iter().enumerate().find(|(n, line)| {
        !taken(*n) && line.within(LONGEST) && !line.is_image() && key(&line.text) == wanted
    });
    match line {
        Some((n, line)) => Title {
            title: Some(Excerpt::new(line.text.clone(), line.at)),
            line: Some(n),
            subtitle: subtitle(lines, n, taken),
        },
        None => Title {
            title: Some(Excerpt::unplaced(text)),
            ..Title::default()
        },
    }
}

/// `<title>` without the site's name: up to the separator that makes it a line of the page, or else the first one.
fn cut(text: &str, lines: &[Line]) -> String {
    let known: HashSet<String> = lines
        .iter()
        .filter(|line| line.within(LONGEST) && !line.is_image())
        .map(|line| key(&line.text))
        .collect();
    let mut parts: Vec<&str> = SEPARATORS
        .iter()
        .flat_map(|separator| text.match_indices(separator))
        .filter_map(|(at, _)| text.get(..at))
        .map(str::trim)
        .filter(|part| !within(part, 3))
        .collect();
    parts.sort_by_key(|part| Reverse(part.len()));
    if let Some(part) = parts.iter().find(|part| known.contains(&key(part))) {
        return (*part).to_owned();
    }
    if known.contains(&key(text)) {
        return text.to_owned();
    }
    // A hyphen alone is part of a word more often than not.
    let first = SEPARATORS
        .iter()
        .filter(|separator| **separator != "-")
        .filter_map(|separator| text.find(separator))
        .filter_map(|at| text.get(..at))
        .filter(|part| !within(part.trim(), 3))
        .min_by_key(|part| part.len());
    first.unwrap_or(text).trim().to_owned()
}

/// The title of a page without markup: above the first line of fields, or, if `anywhere`, the first line.
fn unmarked(
    lines: &[Line],
    taken: &impl Fn(usize) -> bool,
    anywhere: bool,
    warnings: &mut Warnings,
) -> Title {
    let fits = |n: usize| {
        let line = lines.get(n)?;
        let text = !line.is_image() && !line.is_all_links();
        (!taken(n) && text && line.within(LONGEST) && !is_sentence(&line.text)).then_some(line)
    };
    let is_fields = |n: usize| {
        lines
            .get(n)
            .is_some_and(|line| fields::scan(line).is_some())
    };
    let first_fields = (0..lines.len().min(FIRST_LINES)).find(|n| !taken(*n) && is_fields(*n));
    let above = first_fields.and_then(|below| {
        // The paragraph of lines that ends above the fields.
        let last = (0..below).rev().find(|n| fits(*n).is_some())?;
        let mut first = last;
        while first > 0 && !lines.get(first)?.apart && fits(first - 1).is_some() {
            first -= 1;
        }
        Some((first, last))
    });
    let below = || {
        let from = first_fields.map_or(0, |n| n + 1);
        let first = (from..lines.len().min(from + 3)).find(|n| !is_fields(*n))?;
        fits(first).map(|_| (first, first))
    };
    let Some((first, last)) = above.or_else(|| below().filter(|_| anywhere)) else {
        return Title::default();
    };
    let excerpt = |n: usize| {
        lines
            .get(n)
            .map(|line| Excerpt::new(line.text.clone(), line.at))
    };
    let second = (last > first).then_some(first + 1);
    if second.is_some_and(|second| !begins_with_dash(lines, second)) {
        warnings.add(
            WarningKind::TitleUncertain,
            "several lines stand above the time",
        );
    }
    Title {
        title: excerpt(first),
        line: Some(first),
        subtitle: second.and_then(|n| Some((n, excerpt(n)?))),
    }
}

/// A heading of a lower level or a line with a dash, directly under the title.
fn subtitle(
    lines: &[Line],
    title: usize,
    taken: &impl Fn(usize) -> bool,
) -> Option<(usize, Excerpt)> {
    let n = title + 1;
    let line = lines
        .get(n)
        .filter(|line| !taken(n) && line.within(LONGEST) && fields::scan(line).is_none())?;
    let under_fields = lines
        .get(n + 1)
        .is_some_and(|next| fields::scan(next).is_some());
    let heading = matches!(line.kind, LineKind::Heading(2..)) && under_fields;
    (heading || begins_with_dash(lines, n)).then(|| (n, Excerpt::new(line.text.clone(), line.at)))
}

fn begins_with_dash(lines: &[Line], n: usize) -> bool {
    lines
        .get(n)
        .is_some_and(|line| line.text.starts_with(['—', '–', '―']) || line.text.starts_with("--"))
}

/// Whether a text ends as sentences do. A title may ask or call out.
pub(super) fn is_sentence(text: &str) -> bool {
    text.trim_end_matches(['”', '"', '」', '』', '）', ')', '’'])
        .ends_with(['。', '；', ';', '：', ':', '，', ','])
        || (text.ends_with('.') && !text.ends_with("..."))
}

/// What two writings of a title have in common.
fn key(text: &str) -> String {
    let folded = fold(&bare(head(text, LONGEST + 100)));
    folded.chars().filter(|c| c.is_alphanumeric()).collect()
}
