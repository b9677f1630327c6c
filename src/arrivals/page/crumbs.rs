//! The breadcrumb: a line of the page, or what the markup says is one.
//!
//! Start with [`find`].

use super::lines::Line;
use super::model::Excerpt;
use super::view::{Pattern, View, between, pattern, trim, within};

/// The longest line, crumb, and number of crumbs.
const LONGEST_LINE: usize = 200;
const LONGEST_CRUMB: usize = 40;
/// How far into the page a line without such markup may stand.
const FIRST_LINES: usize = 60;

static LEAD: Pattern = pattern!(
    r"^\s*(?:您|你)?(?:现在|目前)?(?:所在)?的?(?:当前)?(?:位置|所在位置)(?:是)?\s*:?\s*|^\s*you are here\s*:\s*"
);
static SEPARATOR: Pattern = pattern!(r"\s*(?:>+|»|›|→|\t+)\s*");
static HOME: Pattern = pattern!(r"^(?:[^\s>]{0,8}(?:首页|主页)|home(?: ?page)?)$");

/// The crumbs of the page and the line that they stand in.
pub(super) fn find(lines: &[Line]) -> Option<(usize, Vec<Excerpt>)> {
    let marked = lines.iter().enumerate().filter(|(_, line)| line.crumb);
    let plain = lines
        .iter()
        .enumerate()
        .take(FIRST_LINES)
        .filter(|(_, line)| !line.crumb);
    marked.chain(plain).find_map(|(n, line)| {
        let crumbs = crumbs(line)?;
        Some((n, crumbs))
    })
}

/// The crumbs of a line, if it is a breadcrumb.
fn crumbs(line: &Line) -> Option<Vec<Excerpt>> {
    if line.is_image() || !line.within(LONGEST_LINE) {
        return None;
    }
    let view = View::of(&line.text);
    let folded = view.folded.as_str();
    let lead = LEAD.find(folded).map_or(0, |lead| lead.end);
    let rest = folded.get(lead..)?;
    let mut places: Vec<(usize, usize)> = Vec::new();
    let mut from = lead;
    for separator in SEPARATOR.all(rest).filter_map(|found| found.get(0)) {
        places.push((view.place(from), view.place(lead + separator.start())));
        from = lead + separator.end();
    }
    places.push((view.place(from), view.place(folded.len())));
    if line.crumb && places.len() == 1 {
        places = by_links(line, view.place(lead));
    }
    let crumbs: Vec<Excerpt> = places
        .into_iter()
        .map(|(from, to)| trim(between(&line.text, from, to), from))
        .filter(|(_, text)| !text.is_empty())
        .map(|(at, text)| Excerpt::new(text, line.at + at))
        .collect();
    let first = View::of(&crumbs.first()?.text).folded;
    // A line of text may hold one such sign, or many at the front when it quotes.
    let sure = line.crumb || lead > 0 || HOME.is_match(&first);
    let short = crumbs
        .iter()
        .all(|crumb| within(&crumb.text, LONGEST_CRUMB));
    (short && sure && (crumbs.len() > 1 || line.crumb || lead > 0)).then_some(crumbs)
}

/// Crumbs that only their links tell apart.
fn by_links(line: &Line, from: usize) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    let mut at = from;
    for link in line.links.iter().filter(|link| link.from >= from) {
        places.push((at, link.from));
        places.push((link.from, link.to));
        at = link.to;
    }
    places.push((at, line.text.chars().count()));
    places
}
