//! Two texts compared in full: what they have in common, and what differs in between.
//!
//! Must not say what follows from it (that is `verdict`). Near linear in both texts, whatever they hold.
//! Start with [`compare`]; `tile` finds the common runs, `chain` puts them in order, `alter` reads the gaps.

mod alter;
mod chain;
mod tile;

use std::ops::Range;

use crate::kernel::fingerprint::Folded;

/// A run that both texts have, word for word after folding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its length in units.
    pub units: usize,
    /// Its length in folded letters.
    pub letters: usize,
    /// Where it stands in the page.
    pub page: Range<usize>,
    /// Where it stands in the original.
    pub original: Range<usize>,
}

/// What was done to a passage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlterationKind {
    Inserted,
    Deleted,
    Replaced,
}

/// A piece of a text: where it stands and how it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Where it stands; empty where there is nothing, at the place where it would be.
    pub span: Range<usize>,
    /// The text as written, its first 120 characters if it has more.
    pub quote: String,
}

/// A passage that the page has otherwise than the original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alteration {
    pub kind: AlterationKind,
    pub page: Passage,
    pub original: Passage,
}

/// What a page and an original have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlap {
    pub page_units: usize,
    pub original_units: usize,
    /// Units of the page that stand in runs.
    pub page_matched: usize,
    /// Units of the original that stand in runs.
    pub original_matched: usize,
    /// The common runs, in the order of the page.
    pub runs: Vec<Run>,
    /// Passages altered, in the order of the page, at most [`Self::MAX_ALTERED`].
    pub altered: Vec<Alteration>,
    /// How many passages were altered, those that are not listed included.
    pub altered_total: usize,
}

impl Overlap {
    /// As many altered passages as are listed.
    pub const MAX_ALTERED: usize = 200;

    /// The share of the original that the page has, 0 to 1.
    pub fn original_in_page(&self) -> f64 {
        share(self.original_matched, self.original_units)
    }

    /// The share of the page that the original has, 0 to 1.
    pub fn page_in_original(&self) -> f64 {
        share(self.page_matched, self.page_units)
    }

    /// The longest common run; of two the one that comes first in the page.
    pub fn longest(&self) -> Option<&Run> {
        self.runs.iter().rev().max_by_key(|run| run.units)
    }
}

/// Compares a page with the original that it may derive from.
///
/// Paragraphs may stand in another order: what is moved is in common, not altered. Matches too short
/// and too far from longer ones are chance, and dropped.
pub fn compare(page: &Folded<'_>, original: &Folded<'_>) -> Overlap {
    let length = original.keys().len();
    let pieces = chain::without_strays(tile::common(page, original), length);
    let order = chain::in_order(&pieces, length);
    let mut covered = Covered {
        page: vec![false; page.keys().len()],
        original: vec![false; length],
    };
    for piece in &pieces {
        covered.page[piece.page_range()].fill(true);
        covered.original[piece.original_range()].fill(true);
    }
    let (altered, altered_total) = alter::between(page, original, &order, &covered);
    Overlap {
        page_units: covered.page.len(),
        original_units: covered.original.len(),
        page_matched: covered.page.iter().filter(|unit| **unit).count(),
        original_matched: covered.original.iter().filter(|unit| **unit).count(),
        runs: pieces
            .iter()
            .map(|piece| Run {
                units: piece.length,
                letters: page.letters_in(piece.page_range()),
                page: page.span(piece.page_range()),
                original: original.span(piece.original_range()),
            })
            .collect(),
        altered,
        altered_total,
    }
}

/// A common run, in units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    page: usize,
    original: usize,
    length: usize,
}

impl Piece {
    fn page_range(&self) -> Range<usize> {
        self.page..self.page + self.length
    }

    fn original_range(&self) -> Range<usize> {
        self.original..self.original + self.length
    }
}

/// Which units stand in common runs.
struct Covered {
    page: Vec<bool>,
    original: Vec<bool>,
}

fn share(part: usize, whole: usize) -> f64 {
    match whole {
        0 => 0.0,
        _ => part as f64 / whole as f64,
    }
}
