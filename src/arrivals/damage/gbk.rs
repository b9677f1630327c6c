//! GBK, character by character: which two bytes a character has, and which character two bytes are.

use std::sync::LazyLock;

use encoding_rs::GBK;

use crate::kernel::han::simple;
use crate::kernel::text::is_han;

const LEADS: std::ops::RangeInclusive<u8> = 0x81..=0xFE;
/// Leads of the 3,755 most common characters in GB 2312.
const COMMON: std::ops::RangeInclusive<u8> = 0xB0..=0xD7;
/// Leads of the other 3,008.
const KNOWN: std::ops::RangeInclusive<u8> = 0xD8..=0xF7;
/// Punctuation that normalisation of widths made of double-byte characters.
const NARROWED: &str = ",!?:;()";

struct Tables {
    /// By code point up to U+FFFF; 0 where there is none.
    bytes: Vec<u16>,
    /// By lead and trail.
    chars: Vec<Option<char>>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut bytes = vec![0_u16; 0x1_0000];
    let mut chars = vec![None; 0x1_0000];
    for lead in LEADS {
        for trail in 0x40..=0xFE_u8 {
            let both = [lead, trail];
            let (text, malformed) = GBK.decode_without_bom_handling(&both);
            let mut decoded = text.chars();
            if let (false, Some(c), None) = (malformed, decoded.next(), decoded.next()) {
                let code = u16::from_be_bytes(both);
                chars[usize::from(code)] = Some(c);
                if let Some(entry) = bytes.get_mut(c as usize) {
                    *entry = code;
                }
            }
        }
    }
    // Older mappings gave some signs a place of private use, and encoders still know it.
    for c in '\u{E000}'..='\u{F8FF}' {
        let mut buffer = [0; 4];
        let (coded, _, unmappable) = GBK.encode(c.encode_utf8(&mut buffer));
        if let ([lead, trail], false) = (coded.as_ref(), unmappable) {
            bytes[c as usize] = u16::from_be_bytes([*lead, *trail]);
        }
    }
    Tables { bytes, chars }
});

pub(super) fn prepare() {
    LazyLock::force(&TABLES);
}

/// The two bytes of a double-byte character, private use included.
pub(super) fn pair(c: char) -> Option<[u8; 2]> {
    if NARROWED.contains(c) {
        return Some([0xA3, (c as u8) | 0x80]);
    }
    match TABLES.bytes.get(c as usize) {
        Some(0) | None => None,
        Some(code) => Some(code.to_be_bytes()),
    }
}

/// The character that two bytes are.
pub(super) fn decode(lead: u8, trail: u8) -> Option<char> {
    TABLES.chars[usize::from(u16::from_be_bytes([lead, trail]))]
}

/// How seldom running text has this character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rarity {
    Mark,
    Common,
    Known,
    Rare,
    Unknown,
}

/// How seldom running text of either script has the character.
pub(super) fn rarity(c: char) -> Rarity {
    if !is_han(c) {
        return match c {
            '\u{3001}'..='\u{3011}'
            | '\u{2014}'
            | '\u{2018}'..='\u{201D}'
            | '\u{2026}'
            | '·'
            | '\u{3000}' => Rarity::Mark,
            '\u{FF01}'..='\u{FF5E}' => Rarity::Mark,
            _ if c.is_ascii() => Rarity::Mark,
            '\u{E000}'..='\u{F8FF}' | '\u{FFFD}' => Rarity::Unknown,
            _ => Rarity::Rare,
        };
    }
    match pair(simple(c)) {
        Some([lead, trail]) if trail >= 0xA1 && COMMON.contains(&lead) => Rarity::Common,
        Some([lead, trail]) if trail >= 0xA1 && KNOWN.contains(&lead) => Rarity::Known,
        Some(_) | None => Rarity::Rare,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for c in ['科', '審', '䦟', '”', '。', '\u{E30D}'] {
            let [lead, trail] = pair(c).unwrap();
            assert_eq!(decode(lead, trail), Some(c));
        }
        assert_eq!(pair('!'), pair('！'));
        assert_eq!(pair('\u{E793}'), Some([0xA6, 0xDF]));
        assert_eq!(pair('a'), None);
        assert_eq!(pair('𠮷'), None);
    }

    #[test]
    fn common_in_both_scripts() {
        assert_eq!(rarity('網'), Rarity::Common);
        assert_eq!(rarity('嚓'), Rarity::Known);
        assert_eq!(rarity('徟'), Rarity::Rare);
        assert_eq!(rarity('，'), Rarity::Mark);
    }
}
