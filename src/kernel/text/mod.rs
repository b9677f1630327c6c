//! Text: what a character is, what a name sorts by, what a digest is.
//!
//! Everything that reads or measures words of any script starts here, so that two places never count or fold
//! differently. This module must not import anything of ours, do I/O or look at a clock.
//!
//! Start with [`excerpt_sentences`] (rule 24 of the rule book), [`slugify`], [`name_key`] and [`unsafe_mark`].

mod marks;
mod sentences;
mod slug;

pub use marks::{stray_control, unsafe_mark};
pub use sentences::excerpt_sentences;
pub use slug::{is_slug, slugify, title_key};

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

/// How many Unicode scalar values the text has. Every length limit of the API counts these, never bytes.
pub fn char_count(text: &str) -> usize {
    text.chars().count()
}

/// The text in Normalization Form KC (UAX #15): full- and half-width forms become equal.
pub fn nfkc(text: &str) -> String {
    text.nfkc().collect()
}

/// What two writings of the same name have in common: widths, case and runs of blanks are folded.
pub fn name_key(name: &str) -> String {
    /// Compatibility forms can unfold to many times their length, and both engines index a key whole.
    const LONGEST_BYTES: usize = 1_000;
    let folded = nfkc(name).to_lowercase();
    let key = folded.split_whitespace().collect::<Vec<_>>().join(" ");
    if key.len() > LONGEST_BYTES {
        return sha256_hex(key.as_bytes());
    }
    key
}

/// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A SHA-256 as the wire names it: `sha-256=` and the hexadecimal digits.
pub fn digest_field(hex: &str) -> String {
    format!("sha-256={hex}")
}

/// The text without the characters that XML 1.0 cannot hold.
pub fn printable(text: &str) -> String {
    let fits = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..);
    text.chars().filter(fits).collect()
}

/// Whether the character is a Han ideograph, the unit in which Chinese text is counted.
///
/// The blocks are those of Unicode 16; `〇` and `々` stand outside them but are written as ideographs.
pub fn is_han(c: char) -> bool {
    matches!(c,
        '\u{3005}' | '\u{3007}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{2FA1F}'
        | '\u{30000}'..='\u{323AF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_scalars_not_bytes() {
        assert_eq!(char_count("新聞a"), 3);
        assert_eq!(char_count("e\u{301}"), 2);
    }

    #[test]
    fn widths_become_equal() {
        assert_eq!(nfkc("來源：Ａ"), "來源:A");
    }

    #[test]
    fn digest_is_the_published_one() {
        assert_eq!(
            sha256_hex(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn han_is_not_kana_or_punctuation() {
        assert!("新聞網〇々𠮷".chars().all(is_han));
        assert!(!"。あカa１".chars().any(is_han));
    }

    #[test]
    fn writings_of_one_name_have_one_key() {
        for (one, other, same) in [
            ("Harbour Daily", "HARBOUR daily", true),
            ("ＡＢＣ新聞網", "abc新聞網", true),
            ("Harbour\u{3000}Daily", "Harbour  Daily", true),
            ("中國新聞網·四川新聞", "中新網四川", false),
            ("新闻网", "新聞網", false),
        ] {
            assert_eq!(name_key(one) == name_key(other), same, "{one} {other}");
        }
    }

    #[test]
    fn keys_stay_short_enough_for_an_index() {
        let long = "\u{FDFA}".repeat(200);
        assert_eq!(name_key(&long).len(), 64);
        assert!(name_key(&"𠮷".repeat(200)).len() <= 1_000);
    }
}
