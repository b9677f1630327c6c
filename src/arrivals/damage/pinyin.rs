//! Readings in brackets after characters: injected ones, and glosses that belong to the text.
//!
//! A writer glosses a rare character, or one of the readings of a character that has several, once
//! and seldom. Whatever injects readings does so on everyday characters, again and again. A single
//! place can't tell the two apart, the whole text can.

use std::collections::HashSet;
use std::sync::LazyLock;

use ::pinyin::{Pinyin, ToPinyin, ToPinyinMulti};
use unicode_normalization::UnicodeNormalization;

use super::findings::DamageCause;
use super::gbk::{Rarity, decode, pair, rarity};
use super::layers::Spot;
use crate::kernel::han::simple;
use crate::kernel::text::is_han;

/// The longest syllable has six letters; each can carry two marks, and blanks may stand around it.
const LONGEST: usize = 12;
/// So many needless glosses make an injection…
const FEWEST: usize = 3;
/// …if there is at least one bracket for this many ideographs.
const SPARSEST: usize = 2_000;
/// What the sound changes to before other syllables, which the tables don't list.
const SANDHI: [(char, &str, u8); 3] = [('一', "yi", 2), ('一', "yi", 4), ('不', "bu", 2)];

/// The syllables of Mandarin, without tones.
static SYLLABLES: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let block = ('\u{4E00}'..='\u{9FFF}').filter_map(|c| c.to_pinyin());
    let plain: HashSet<&'static str> = block.map(Pinyin::with_tone).collect();
    let syllables = plain
        .into_iter()
        .filter_map(|toned| Syllable::parse(toned.chars()));
    syllables.map(|syllable| syllable.letters).collect()
});

pub(super) fn prepare() {
    LazyLock::force(&SYLLABLES);
}

/// A syllable: its letters, with `v` for `ü`, and its tone, 5 for the neutral one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Syllable {
    letters: String,
    tone: u8,
    /// Whether the tone is written.
    marked: bool,
}

impl Syllable {
    /// Reads `wǎng`, `wang3`, `lü4`, `lv4` or `lu:4`. Capitals make a name, which nothing injects.
    fn parse(text: impl Iterator<Item = char>) -> Option<Self> {
        let mut parts: Vec<char> = text.nfd().collect();
        let mut tone = match parts.last()? {
            '0' => Some(5),
            last => last.to_digit(6).and_then(|digit| u8::try_from(digit).ok()),
        };
        if tone.is_some() {
            parts.pop();
        }
        let mut letters = String::new();
        for c in parts {
            let mark = match c {
                'a'..='z' => {
                    letters.push(c);
                    continue;
                }
                // What some typefaces for readers at school have.
                'ɑ' => {
                    letters.push('a');
                    continue;
                }
                'ɡ' => {
                    letters.push('g');
                    continue;
                }
                '\u{308}' | ':' if letters.ends_with('u') => {
                    letters.pop();
                    letters.push('v');
                    continue;
                }
                '\u{302}' if letters.ends_with('e') => continue,
                '\u{304}' => 1,
                '\u{301}' => 2,
                '\u{30C}' | '\u{306}' => 3,
                '\u{300}' => 4,
                _ => return None,
            };
            if letters.is_empty() || tone.replace(mark).is_some() {
                return None;
            }
        }
        (1..=6).contains(&letters.len()).then_some(Self {
            letters,
            tone: tone.unwrap_or(5),
            marked: tone.is_some(),
        })
    }

    fn sounds_as(&self, other: &Self) -> bool {
        self.letters == other.letters && self.tone == other.tone
    }
}

/// A bracketed syllable.
struct Bracket {
    start: usize,
    end: usize,
    /// The character directly before, brackets of its own passed over.
    base: Option<char>,
    syllable: Syllable,
    /// Whether the syllable is a reading of that character.
    exact: bool,
}

/// The injected readings of a text, with nothing in their place, and in a text that has them such
/// brackets as look the same but are no readings of what stands before them. Empty for all others.
pub(super) fn find(chars: &[char]) -> Vec<Spot> {
    let brackets = brackets(chars);
    if !injected(chars, &brackets) {
        return Vec::new();
    }
    let whole = brackets.iter().filter_map(|bracket| spot(chars, bracket));
    let mut spots: Vec<Spot> = whole.chain(halves(chars)).collect();
    spots.sort_by_key(|spot| spot.range.start);
    spots
}

fn spot(chars: &[char], bracket: &Bracket) -> Option<Spot> {
    let range = bracket.start..bracket.end;
    if bracket.exact {
        return Some(Spot::repaired(range, DamageCause::InjectedReading, ""));
    }
    let stray = looks_injected(bracket).then(|| Spot::told(range, DamageCause::InjectedReading));
    half_eaten(chars, bracket).or(stray)
}

/// A reading behind a letter that is the second half of the character that was read: `F(xiàn)`, where
/// the letter and the second byte of what stands before it are `現`. Both are read one byte off.
fn half_eaten(chars: &[char], bracket: &Bracket) -> Option<Spot> {
    let letter = bracket.base.filter(char::is_ascii_alphabetic)?;
    let start = bracket.start.checked_sub(2)?;
    let [_, lead] = pair(*chars.get(start)?)?;
    let there = decode(lead, u8::try_from(letter).ok()?)?;
    is_reading(there, &bracket.syllable).then(|| Spot {
        reading: Some(['\u{FFFD}', there].iter().collect()),
        ..Spot::told(start..bracket.end, DamageCause::ShiftedBytes)
    })
}

/// Readings whose opening bracket was lost with the character before it: `?qū)`.
fn halves(chars: &[char]) -> impl Iterator<Item = Spot> {
    let closing = chars
        .iter()
        .enumerate()
        .filter(|(_, c)| matches!(c, ')' | '）'));
    closing.filter_map(|(end, _)| {
        let before = &chars[end.saturating_sub(LONGEST)..end];
        let lost = before
            .iter()
            .rposition(|c| *c == '?' || rarity(*c) == Rarity::Unknown)?;
        let start = end - before.len() + lost;
        let syllable = Syllable::parse(chars[start + 1..end].iter().copied())?;
        is_mandarin(&syllable).then(|| Spot::told(start..end + 1, DamageCause::LostCharacter))
    })
}

/// The text without any bracketed reading of the character before it, however few there are: for
/// comparing two texts, never for showing one.
pub fn strip_injected(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut stripped = String::with_capacity(text.len());
    let mut at = 0;
    for bracket in brackets(&chars).into_iter().filter(|bracket| bracket.exact) {
        stripped.extend(&chars[at..bracket.start]);
        at = bracket.end;
    }
    stripped.extend(&chars[at..]);
    stripped
}

fn brackets(chars: &[char]) -> Vec<Bracket> {
    let mut found: Vec<Bracket> = Vec::new();
    for (start, _) in chars
        .iter()
        .enumerate()
        .filter(|(_, c)| matches!(c, '(' | '（'))
    {
        let inside = &chars[start + 1..];
        let length = inside
            .iter()
            .take(LONGEST + 1)
            .position(|c| matches!(c, ')' | '）'));
        let Some(length) = length else { continue };
        let content: String = inside[..length].iter().collect();
        let Some(syllable) = Syllable::parse(content.trim().chars()) else {
            continue;
        };
        let base = match found.last() {
            Some(last) if last.end == start && last.exact => last.base,
            Some(_) | None => start
                .checked_sub(1)
                .and_then(|before| chars.get(before))
                .copied(),
        };
        let exact = base.is_some_and(|base| is_reading(base, &syllable));
        found.push(Bracket {
            start,
            end: start + length + 2,
            base,
            syllable,
            exact,
        });
    }
    found
}

fn is_reading(c: char, syllable: &Syllable) -> bool {
    if !is_han(c) {
        return false;
    }
    let sandhi = SANDHI.iter().any(|(base, letters, tone)| {
        *base == c && *letters == syllable.letters && *tone == syllable.tone
    });
    sandhi
        || readings(c)
            .chain(readings(simple(c)))
            .any(|reading| reading.sounds_as(syllable))
}

fn readings(c: char) -> impl Iterator<Item = Syllable> {
    let all = c.to_pinyin_multi().into_iter().flatten();
    all.filter_map(|reading| Syllable::parse(reading.with_tone().chars()))
}

/// Whether a text with these brackets was injected with readings.
fn injected(chars: &[char], brackets: &[Bracket]) -> bool {
    let exact = brackets.iter().filter(|bracket| bracket.exact).count();
    let needless = brackets
        .iter()
        .filter(|bracket| is_needless(bracket))
        .count();
    needless >= FEWEST
        && needless.saturating_mul(2) >= exact
        && exact.saturating_mul(SPARSEST) >= chars.iter().filter(|c| is_han(**c)).count()
}

/// Whether no writer would gloss this: an everyday character with its first reading.
fn is_needless(bracket: &Bracket) -> bool {
    let Some(base) = bracket.base.filter(|_| bracket.exact) else {
        return false;
    };
    let first = [base, simple(base)]
        .into_iter()
        .filter_map(|c| c.to_pinyin());
    rarity(base) == Rarity::Common
        && first
            .filter_map(|reading| Syllable::parse(reading.with_tone().chars()))
            .any(|reading| reading.sounds_as(&bracket.syllable))
}

/// Whether a bracket that is no reading of what stands before it may have been one of what stood there.
fn looks_injected(bracket: &Bracket) -> bool {
    is_mandarin(&bracket.syllable)
        && bracket.base.is_some_and(|base| {
            is_han(base) || base.is_ascii_alphabetic() || rarity(base) == Rarity::Unknown
        })
}

/// Whether the syllable, with its tone written, is one that a character can have.
fn is_mandarin(syllable: &Syllable) -> bool {
    syllable.marked && SYLLABLES.contains(&syllable.letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_are_read_in_every_notation() {
        for (text, letters, tone) in [
            ("wǎng", "wang", 3),
            ("wang3", "wang", 3),
            ("lǜ", "lv", 4),
            ("lü4", "lv", 4),
            ("lv4", "lv", 4),
            ("lu:4", "lv", 4),
            ("nu\u{308}\u{30C}", "nv", 3),
            ("ɡuān", "guan", 1),
            ("de", "de", 5),
            ("de5", "de", 5),
            ("zhuàng", "zhuang", 4),
        ] {
            let read = Syllable::parse(text.chars()).unwrap();
            assert_eq!(
                (read.letters.as_str(), read.tone),
                (letters, tone),
                "{text}"
            );
        }
        for text in [
            "",
            "3",
            "Wáng",
            "tāo tiè",
            "tāotiè",
            "wa3ng",
            "wǎng3",
            "2024",
            "a1b",
            "網",
            "3a",
        ] {
            assert_eq!(Syllable::parse(text.chars()), None, "{text}");
        }
    }

    #[test]
    fn readings_are_those_of_both_scripts() {
        for (text, stripped) in [
            ("網(wǎng)路（lù）", "網路"),
            ("網(wǎng)(wǎng)路", "網路"),
            ("乾(gān)部、干(gàn)部", "乾部、干部"),
            ("銀行(háng)、行(xíng)動", "銀行、行動"),
            ("一(yí)個不(bú)錯", "一個不錯"),
            ("好的(de)", "好的"),
            ("女(nǚ)、綠(lv4)", "女、綠"),
            ("饕餮(tāo tiè)", "饕餮(tāo tiè)"),
            ("網(guān)", "網(guān)"),
            ("王(Wáng)", "王(Wáng)"),
            ("P(guān)", "P(guān)"),
            ("網(wang)", "網(wang)"),
            ("(wǎng)網(", "(wǎng)網("),
        ] {
            assert_eq!(strip_injected(text), stripped);
        }
    }
}
