//! Whether a page derives from an original.

use super::{Overlap, Run};

/// A run of so many units is a passage taken over, whatever else the texts have in common: two sentences
/// of Chinese. Set phrases and a shared quotation are shorter.
const LONG_RUN: usize = 60;

/// As much in words, which are fewer for the same text, and the letters that make them words.
const LONG_RUN_OF_WORDS: usize = 40;
const LETTERS_OF_WORDS: usize = 160;

/// A shorter run says so where it is part of much: of the original ...
const RUN: usize = 24;
const ORIGINAL_SHARE: f64 = 0.2;

/// ... or of the page.
const PAGE_SHARE: f64 = 0.4;

/// Whether the page derives from the original, by what they have in common.
///
/// Where one text is shorter than a run has to be, all of it in the other is enough.
pub fn is_derived(overlap: &Overlap) -> bool {
    let Some(longest) = overlap.longest() else {
        return false;
    };
    let shorter = overlap.page_units.min(overlap.original_units);
    overlap.runs.iter().any(is_long)
        || (longest.units >= RUN.min(shorter)
            && (overlap.original_in_page() >= ORIGINAL_SHARE
                || overlap.page_in_original() >= PAGE_SHARE))
}

fn is_long(run: &Run) -> bool {
    run.units >= LONG_RUN || (run.units >= LONG_RUN_OF_WORDS && run.letters >= LETTERS_OF_WORDS)
}
