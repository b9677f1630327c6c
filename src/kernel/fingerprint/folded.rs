//! A text folded to its letters and digits, with the way back to where each of them stood.

use std::ops::Range;

use siphasher::sip::SipHasher13;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::pinyin::{MAX_SYLLABLES, injected};
use crate::kernel::han::simple;
use crate::kernel::text::is_han;

/// The one hash of this module (SipHash-1-3). Its keys never change: what is stored was made with them.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    SipHasher13::new_with_keys(0x6d61_7374, 0x6865_6164).hash(bytes)
}

/// A text folded for comparison: compatibility forms undone (NFKC; marks above and below letters are
/// dropped, too, as copies often lose them), lower case, Simplified, pinyin in brackets taken out, and
/// then nothing but letters and digits.
#[derive(Debug, Clone)]
pub struct Folded<'t> {
    text: &'t str,
    letters: String,
    origins: Vec<u32>,
    keys: Vec<u64>,
    places: Vec<Place>,
}

/// Where a unit stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// Its first letter, counted in folded letters.
    letter: u32,
    /// Scalar offsets in the text, half-open.
    from: u32,
    to: u32,
    /// Byte offsets in the text, half-open.
    first: u32,
    end: u32,
}

impl<'t> Folded<'t> {
    /// Folds a text, in time linear in its length. Texts of 4 GB and more are beyond its offsets.
    pub fn of(text: &'t str) -> Self {
        Self::fold(text, alike)
    }

    fn fold(text: &'t str, script: fn(char) -> char) -> Self {
        let mut folder = Folder {
            folded: Self {
                text,
                letters: String::with_capacity(text.len()),
                origins: Vec::with_capacity(text.len() / 3),
                keys: Vec::with_capacity(text.len() / 4),
                places: Vec::with_capacity(text.len() / 4),
            },
            word: None,
            script,
        };
        // The ideographs just before, as they are written: what a bracket may spell.
        let mut run: Vec<char> = Vec::with_capacity(MAX_SYLLABLES);
        let mut rest = text.char_indices();
        let mut at = 0_u32;
        while let Some((byte, c)) = rest.next() {
            if !run.is_empty()
                && let Some(length) = injected(&run, c, rest.clone().map(|(_, c)| c))
            {
                rest.by_ref().take(length).for_each(drop);
                at = at.saturating_add(1).saturating_add(narrow(length));
                continue;
            }
            if is_han(c) {
                if run.len() == MAX_SYLLABLES {
                    run.remove(0);
                }
                run.push(c);
            } else if !c.is_whitespace() {
                run.clear();
            }
            folder.take(c, at, narrow(byte));
            at = at.saturating_add(1);
        }
        folder.close();
        folder.folded
    }

    /// The folded letters and digits.
    pub fn letters(&self) -> &str {
        &self.letters
    }

    /// For each character of [`Self::letters`] where it stood in the text, counted in Unicode scalar values.
    pub fn origins(&self) -> &[u32] {
        &self.origins
    }

    /// What each unit is known by: equal words have equal keys.
    pub fn keys(&self) -> &[u64] {
        &self.keys
    }

    /// How many folded letters these units have.
    pub fn letters_in(&self, units: Range<usize>) -> usize {
        let start = |unit: usize| match self.places.get(unit) {
            Some(place) => place.letter as usize,
            None => self.origins.len(),
        };
        start(units.end).saturating_sub(start(units.start))
    }

    /// Where these units stand in the text, in Unicode scalar values; where they would stand, if there are none.
    pub fn span(&self, units: Range<usize>) -> Range<usize> {
        match self.bounds(units.clone()) {
            Some((first, last)) => first.from as usize..last.to as usize,
            None => {
                let before = units.start.checked_sub(1);
                let place = before.and_then(|before| self.places.get(before));
                let at = place.map_or(0, |place| place.to as usize);
                at..at
            }
        }
    }

    /// The text of these units as it is written, what stands between them included.
    pub fn written(&self, units: Range<usize>) -> &'t str {
        self.bounds(units)
            .and_then(|(first, last)| self.text.get(first.first as usize..last.end as usize))
            .unwrap_or_default()
    }

    fn bounds(&self, units: Range<usize>) -> Option<(&Place, &Place)> {
        let places = self.places.get(units)?;
        Some((places.first()?, places.last()?))
    }

    /// Where the units of another text stand in this one, one place after the other.
    pub fn find<'a>(&'a self, other: &'a Folded<'_>) -> impl Iterator<Item = Range<usize>> + 'a {
        let (length, units) = (other.origins.len(), other.keys.len());
        let (mut letter, mut byte) = (0_usize, 0_usize);
        self.letters
            .match_indices(other.letters.as_str())
            .filter_map(move |(at, _)| {
                let between = self.letters.get(byte..at).unwrap_or_default();
                letter += between.chars().count();
                byte = at;
                // A word's middle is no place to begin or to end.
                let first = self.unit_at(letter)?;
                let last = self.unit_at(letter.saturating_add(length))?;
                (units > 0 && last.checked_sub(first) == Some(units)).then_some(first..last)
            })
    }

    /// The unit that begins with this letter; the number of units for the end of the letters.
    fn unit_at(&self, letter: usize) -> Option<usize> {
        if letter == self.origins.len() {
            return Some(self.places.len());
        }
        let key = narrow(letter);
        self.places
            .binary_search_by_key(&key, |place| place.letter)
            .ok()
    }
}

/// The letters and digits of a text in the script that it is written in, folded in all other ways.
pub fn as_written(text: &str) -> String {
    Folded::fold(text, |c| c).letters
}

struct Folder<'t> {
    folded: Folded<'t>,
    /// The word that is still being read, and where its letters begin.
    word: Option<(Place, usize)>,
    script: fn(char) -> char,
}

impl Folder<'_> {
    fn take(&mut self, c: char, at: u32, byte: u32) {
        let end = byte.saturating_add(narrow(c.len_utf8()));
        if c.is_ascii_alphanumeric() {
            return self.push(c.to_ascii_lowercase(), at, byte, end);
        }
        if c.is_ascii() || matches!(c, '\u{3000}'..='\u{3002}' | '\u{FF0C}') {
            return self.close();
        }
        if matches!(c, '\u{4E00}'..='\u{9FFF}') {
            return self.push((self.script)(c), at, byte, end);
        }
        for c in std::iter::once(c).nfkd() {
            if c.is_alphanumeric() {
                let c = (self.script)(c);
                let lower = c.to_lowercase().filter(|c| c.is_alphanumeric());
                lower.for_each(|c| self.push(c, at, byte, end));
            } else if !goes_on(c) {
                self.close();
            }
        }
    }

    fn push(&mut self, c: char, at: u32, byte: u32, end: u32) {
        let place = Place {
            letter: narrow(self.folded.origins.len()),
            from: at,
            to: at.saturating_add(1),
            first: byte,
            end,
        };
        let single = is_unit(c);
        if single {
            self.close();
        }
        match &mut self.word {
            Some((word, _)) => (word.to, word.end) = (place.to, end),
            none => *none = Some((place, self.folded.letters.len())),
        }
        self.folded.letters.push(c);
        self.folded.origins.push(at);
        if single {
            self.close();
        }
    }

    fn close(&mut self) {
        if let Some((place, from)) = self.word.take() {
            let word = self.folded.letters.get(from..).unwrap_or_default();
            self.folded.keys.push(hash(word.as_bytes()));
            self.folded.places.push(place);
        }
    }
}

/// The Simplified character of a Traditional one, and one for those that conversion by phrases makes of
/// each other: what only passed through a converter reads as unaltered.
fn alike(c: char) -> char {
    match simple(c) {
        '瞭' => '了',
        '藉' => '借',
        '俱' => '具',
        '座' => '坐',
        '覆' => '复',
        '沉' => '沈',
        '彷' => '仿',
        '擡' => '抬',
        '暱' => '昵',
        '薰' => '熏',
        '谿' => '溪',
        '伕' => '夫',
        '幷' => '并',
        '赒' => '周',
        '濬' => '浚',
        '揹' => '背',
        '牴' => '抵',
        '澂' => '澄',
        '醯' => '酰',
        '炼' => '链',
        '庇' => '蔽',
        '侭' => '尽',
        '缐' => '线',
        '锺' => '钟',
        '钜' => '巨',
        '馀' => '余',
        '讬' => '托',
        '麹' => '曲',
        '镟' => '旋',
        '谘' => '咨',
        '唚' => '吣',
        c => c,
    }
}

/// Whether the letter is a unit of its own: scripts that put no blanks between words.
fn is_unit(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}'     // Thai, Lao
        | '\u{1000}'..='\u{109F}'   // Burmese
        | '\u{1780}'..='\u{17FF}'   // Khmer
        | '\u{3040}'..='\u{30FF}')  // kana
        || is_han(c)
}

/// Whether a word goes on behind this character, which is no letter: marks, and what nobody sees.
fn goes_on(c: char) -> bool {
    is_combining_mark(c)
        || matches!(
            c,
            '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}'
        )
}

fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
