//! What differs between runs that follow each other.

use std::ops::Range;

use super::{Alteration, AlterationKind, Covered, Overlap, Passage, Piece};
use crate::kernel::fingerprint::Folded;

/// As many characters of a passage as are quoted.
const QUOTE_CHARS: usize = 120;

/// The altered passages between the runs of a chain, the first of them in full, and how many there are.
///
/// What the page has before the first run and behind the last is not the original's, and no insertion;
/// what the original has there is missing. What stands elsewhere in the other text was moved.
pub(super) fn between(
    page: &Folded<'_>,
    original: &Folded<'_>,
    chain: &[Piece],
    covered: &Covered,
) -> (Vec<Alteration>, usize) {
    let mut altered = Altered {
        page,
        original,
        listed: Vec::new(),
        total: 0,
    };
    let Some(first) = chain.first() else {
        return (altered.listed, 0);
    };
    for piece in gaps(&covered.original, 0..first.original) {
        altered.add(first.page..first.page, piece);
    }
    for pair in chain.windows(2) {
        let [one, next] = pair else { continue };
        let page_gap = one.page_range().end..next.page;
        let original_gap = one.original_range().end..next.original;
        let added: Vec<_> = gaps(&covered.page, page_gap.clone()).collect();
        let gone: Vec<_> = gaps(&covered.original, original_gap.clone()).collect();
        if added.as_slice() == std::slice::from_ref(&page_gap)
            && gone.as_slice() == std::slice::from_ref(&original_gap)
        {
            altered.add(page_gap, original_gap);
            continue;
        }
        let (page_at, original_at) = (page_gap.start, original_gap.start);
        for piece in gone {
            altered.add(page_at..page_at, piece);
        }
        for piece in added {
            altered.add(piece, original_at..original_at);
        }
    }
    if let Some(last) = chain.last() {
        let (page_end, end) = (last.page_range().end, last.original_range().end);
        for piece in gaps(&covered.original, end..covered.original.len()) {
            altered.add(page_end..page_end, piece);
        }
    }
    (altered.listed, altered.total)
}

/// The pieces of a range of units that no run covers.
fn gaps(covered: &[bool], range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let start = range.start;
    let units = covered.get(range).unwrap_or_default();
    let mut at = start;
    units
        .chunk_by(|one, next| one == next)
        .filter_map(move |chunk| {
            let from = at;
            at += chunk.len();
            (chunk.first() == Some(&false)).then_some(from..at)
        })
}

struct Altered<'a, 't> {
    page: &'a Folded<'t>,
    original: &'a Folded<'t>,
    listed: Vec<Alteration>,
    total: usize,
}

impl Altered<'_, '_> {
    fn add(&mut self, page: Range<usize>, original: Range<usize>) {
        let kind = match (page.is_empty(), original.is_empty()) {
            (true, true) => return,
            (false, true) => AlterationKind::Inserted,
            (true, false) => AlterationKind::Deleted,
            (false, false) => AlterationKind::Replaced,
        };
        self.total += 1;
        if self.listed.len() < Overlap::MAX_ALTERED {
            self.listed.push(Alteration {
                kind,
                page: passage(self.page, page),
                original: passage(self.original, original),
            });
        }
    }
}

fn passage(text: &Folded<'_>, units: Range<usize>) -> Passage {
    Passage {
        quote: text
            .written(units.clone())
            .chars()
            .take(QUOTE_CHARS)
            .collect(),
        span: text.span(units),
    }
}
