//! Chinese text: one script folded into the other for comparison, or converted for reading.
//!
//! Two jobs that must not be mixed: [`fold`] makes what readers take for the same word the same
//! characters, one by one, so that a piece of a text folds as it does within the text; it is never
//! shown. [`convert`] makes text to read, phrase by phrase, and is a derived text (rule 11 of the
//! rule book). This module must not import anything but the other texts, do I/O or look at a clock.

mod lexicon;
mod script;

pub use lexicon::{Lexicon, is_common};
pub use script::{Script, convert, prepare, script_of};

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization as _;

use super::text::is_han;

/// Characters of one block that stand for others when words are compared.
const BLOCK: std::ops::RangeInclusive<u32> = 0x3400..=0x9FFF;

/// What the register of Traditional characters keeps apart, and both scripts write for the same word.
const ALIKE: [(char, char); 6] = [
    ('著', '着'),
    ('麼', '么'),
    ('麽', '么'),
    ('妳', '你'),
    ('裏', '里'),
    ('裡', '里'),
];

/// For each character of [`BLOCK`] the Simplified one.
static SIMPLE: LazyLock<Vec<char>> = LazyLock::new(|| {
    let mut table: Vec<char> = BLOCK
        .filter_map(char::from_u32)
        .map(|c| {
            let converted = convert(c.encode_utf8(&mut [0; 4]), Script::Hans);
            let mut chars = converted.chars();
            match (chars.next(), chars.next()) {
                (Some(one), None) => one,
                _ => c,
            }
        })
        .collect();
    for (from, to) in ALIKE {
        if let Some(entry) = table.get_mut(from as usize - *BLOCK.start() as usize) {
            *entry = to;
        }
    }
    table
});

/// The Simplified character of a Traditional one, of itself alone; every other character unchanged.
pub fn simple(c: char) -> char {
    let place = (c as u32).checked_sub(*BLOCK.start());
    place
        .and_then(|place| SIMPLE.get(usize::try_from(place).ok()?))
        .copied()
        .unwrap_or(c)
}

/// What two writings of the same words have in common: forms and widths (NFKC), case, script.
///
/// Character by character: a part of a text folds to a part of the folded text.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    text.chars().for_each(|c| fold_char(c, |c| folded.push(c)));
    folded
}

/// [`fold`], and for each character of it the one of the text that it comes from, both counted in
/// Unicode scalar values.
pub fn fold_mapped(text: &str) -> (String, Vec<usize>) {
    let mut folded = String::with_capacity(text.len());
    let mut origins = Vec::with_capacity(text.len() / 2);
    for (at, c) in text.chars().enumerate() {
        fold_char(c, |c| {
            folded.push(c);
            origins.push(at);
        });
    }
    (folded, origins)
}

fn fold_char(c: char, mut push: impl FnMut(char)) {
    if c.is_ascii() {
        return push(c.to_ascii_lowercase());
    }
    // Most of a Chinese text, and none of it has another form.
    if BLOCK.contains(&u32::from(c)) {
        return push(simple(c));
    }
    for c in std::iter::once(c).nfkc() {
        match is_han(c) {
            true => push(simple(c)),
            false => c.to_lowercase().for_each(&mut push),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_scripts_and_widths_fold_to_the_same() {
        assert_eq!(fold("經濟發展"), fold("经济发展"));
        assert_eq!(fold("ＡＩ　Lab"), "ai lab");
        assert_eq!(fold("看著裡面"), fold("看着里面"));
    }

    #[test]
    fn no_character_of_the_block_has_another_form() {
        for c in BLOCK.filter_map(char::from_u32) {
            assert!(std::iter::once(c).nfkc().eq([c]), "{c}");
            assert!(c.to_lowercase().eq([c]), "{c}");
            assert!(is_han(c) || simple(c) == c, "{c}");
        }
    }

    #[test]
    fn a_part_folds_as_within_the_whole() {
        let whole = "乾隆皇帝後來的頭髮與發展";
        let folded: String = whole.chars().map(|c| fold(&c.to_string())).collect();
        assert_eq!(fold(whole), folded);
    }
}
