//! How a line is compared: folded, without the pinyin that scraping left in it, and with the way back to the line.
//!
//! Labels and datelines are found in a [`View`], and what they mark is then cut from the line itself, so that every
//! piece keeps its exact characters. Must not know what is looked for.
//!
//! Start with [`View`].

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::kernel::han::fold_mapped;
use crate::kernel::text::is_han;

/// The longest syllable of pinyin with its tone mark as a character of its own: `zhuāng` and one more.
const LONGEST_PINYIN: usize = 8;

/// A constant pattern over folded text. One that doesn't compile finds nothing; the tests compile them all.
pub(super) struct Pattern(LazyLock<Option<Regex>>);

impl Pattern {
    /// Keeps the function that compiles the pattern, see [`pattern`].
    pub(super) const fn new(compile: fn() -> Option<Regex>) -> Self {
        Self(LazyLock::new(compile))
    }

    pub(super) fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.0.as_ref()?.captures(text)
    }

    pub(super) fn find(&self, text: &str) -> Option<std::ops::Range<usize>> {
        self.0.as_ref()?.find(text).map(|found| found.range())
    }

    pub(super) fn all<'t>(&self, text: &'t str) -> impl Iterator<Item = Captures<'t>> {
        let regex = self.0.as_ref();
        regex
            .into_iter()
            .flat_map(move |regex| regex.captures_iter(text))
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.find(text).is_some()
    }
}

/// A [`Pattern`] from a constant.
macro_rules! pattern {
    ($text:expr) => {
        Pattern::new(|| regex::Regex::new($text).ok())
    };
}
pub(super) use pattern;

/// A text as it is compared, and for each byte of that the character of the text that it comes from.
pub(super) struct View {
    pub(super) folded: String,
    origins: Vec<usize>,
    length: usize,
}

impl View {
    /// Costs time and memory in the length of the text: cut it to what is looked at before.
    pub(super) fn of(text: &str) -> Self {
        let (kept, places) = without_pinyin(text);
        Self::new(text, &kept, |kept| {
            places.get(kept).copied().unwrap_or_default()
        })
    }

    /// The same with the brackets left in.
    pub(super) fn with_pinyin(text: &str) -> Self {
        Self::new(text, text, |at| at)
    }

    fn new(text: &str, kept: &str, place: impl Fn(usize) -> usize) -> Self {
        let (folded, mapped) = fold_mapped(kept);
        let mut origins = Vec::with_capacity(folded.len());
        for (c, from) in folded.chars().zip(mapped) {
            origins.extend(std::iter::repeat_n(place(from), c.len_utf8()));
        }
        Self {
            folded,
            origins,
            length: text.chars().count(),
        }
    }

    /// The character of the text that a byte of the folded text comes from; its end for the end.
    pub(super) fn place(&self, byte: usize) -> usize {
        self.origins.get(byte).copied().unwrap_or(self.length)
    }

    /// The part of the text behind a range of the folded one, trimmed, and where it begins in the text.
    pub(super) fn cut<'t>(&self, text: &'t str, range: std::ops::Range<usize>) -> (usize, &'t str) {
        let from = self.place(range.start);
        trim(between(text, from, self.place(range.end)), from)
    }
}

/// The text without syllables of pinyin in brackets behind a Han character.
pub fn bare(text: &str) -> String {
    without_pinyin(text).0
}

fn without_pinyin(text: &str) -> (String, Vec<usize>) {
    let mut kept = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len() / 2);
    let mut chars = text.chars().enumerate();
    let mut after_han = false;
    while let Some((at, c)) = chars.next() {
        if after_han && matches!(c, '(' | '（') {
            let length = pinyin_length(chars.clone().map(|(_, c)| c));
            if let Some(length) = length {
                // The syllable and the closing bracket.
                chars.nth(length);
                continue;
            }
        }
        after_han = is_han(c);
        kept.push(c);
        places.push(at);
    }
    (kept, places)
}

/// How many characters of pinyin stand before a closing bracket.
fn pinyin_length(chars: impl Iterator<Item = char>) -> Option<usize> {
    for (length, c) in chars.take(LONGEST_PINYIN + 1).enumerate() {
        match c {
            ')' | '）' => return (length > 0).then_some(length),
            'a'..='z' | 'ü' => {}
            'ā' | 'á' | 'ǎ' | 'à' | 'ē' | 'é' | 'ě' | 'è' | 'ī' | 'í' | 'ǐ' | 'ì' => {}
            'ō' | 'ó' | 'ǒ' | 'ò' | 'ū' | 'ú' | 'ǔ' | 'ù' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' => {}
            // Tone marks and the diaeresis as characters of their own.
            '\u{300}' | '\u{301}' | '\u{304}' | '\u{308}' | '\u{30C}' => {}
            _ => return None,
        }
    }
    None
}

/// What is no part of a text at its ends: all blanks, the ideographic and the no-break one with them.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{FEFF}' | '\u{200B}')
}

/// A text without blanks at its ends, and where it begins then.
pub(super) fn trim(text: &str, at: usize) -> (usize, &str) {
    let rest = text.trim_start_matches(is_blank);
    let dropped = text.len() - rest.len();
    let before = text
        .get(..dropped)
        .map_or(0, |blanks| blanks.chars().count());
    (at + before, rest.trim_end_matches(is_blank))
}

/// The characters from one place to another.
pub(super) fn between(text: &str, from: usize, to: usize) -> &str {
    let rest = skip(text, from);
    head(rest, to.saturating_sub(from))
}

/// The text after so many characters.
pub(super) fn skip(text: &str, count: usize) -> &str {
    let byte = text
        .char_indices()
        .nth(count)
        .map_or(text.len(), |(byte, _)| byte);
    text.get(byte..).unwrap_or_default()
}

/// The first so many characters.
pub(super) fn head(text: &str, count: usize) -> &str {
    let byte = text
        .char_indices()
        .nth(count)
        .map_or(text.len(), |(byte, _)| byte);
    text.get(..byte).unwrap_or_default()
}

/// The last so many characters, and the place where they begin.
pub(super) fn tail(text: &str, count: usize) -> (usize, &str) {
    let byte = match count
        .checked_sub(1)
        .and_then(|n| text.char_indices().rev().nth(n))
    {
        Some((byte, _)) => byte,
        None if count == 0 => text.len(),
        None => 0,
    };
    let before = text.get(..byte).map_or(0, |before| before.chars().count());
    (before, text.get(byte..).unwrap_or_default())
}

/// Whether a text has at most so many characters, without counting a long one to its end.
pub(super) fn within(text: &str, count: usize) -> bool {
    text.chars().nth(count).is_none()
}
