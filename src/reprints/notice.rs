//! Whether a notice is printed on a page.

use super::overlap::compare;
use crate::kernel::fingerprint::Folded;

/// A notice is there if so much of it is.
const PRESENT: f64 = 0.9;

/// What a page has of a notice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoticePrint {
    /// The share of the notice that the page has, 0 to 1.
    pub share: f64,
    pub present: bool,
}

/// Looks for a notice in a page.
pub fn notice(page: &Folded<'_>, text: &str) -> NoticePrint {
    let wanted = Folded::of(text);
    // Too short to be compared by its runs, perhaps.
    let share = match page.find(&wanted).next() {
        Some(_) => 1.0,
        None => compare(page, &wanted).original_in_page(),
    };
    NoticePrint {
        share,
        present: share >= PRESENT,
    }
}
