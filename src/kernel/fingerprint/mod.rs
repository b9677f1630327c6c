//! What two copies of one text have in common: the text folded to its letters and digits, and a
//! bounded number of fingerprints by which copies find each other in an index.
//!
//! Must not know an article, a page or a licence, and must not decide whether a text is a copy: that
//! is for whoever compares the texts in full. Start with [`Folded::of`], then [`fingerprints`].
//!
//! A text is compared in **units**: a Han character is one (so is a kana, and a letter of the scripts
//! that put no blanks between words), and a whole word or number of any other script is one.

mod folded;
mod pinyin;
mod winnow;

pub use folded::{Folded, as_written};
pub use winnow::{EDITION, GUARANTEE, MAX_FINGERPRINTS, fingerprints};

#[cfg(test)]
mod tests;
