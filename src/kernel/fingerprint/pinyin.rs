//! Pinyin in brackets behind the characters that it spells, as scrapers and teaching pages inject it.

use ::pinyin::ToPinyinMulti as _;
use unicode_normalization::UnicodeNormalization as _;

use crate::kernel::han::simple;

/// As many syllables as one bracket may spell, and as many characters as are kept in mind for it.
pub(super) const MAX_SYLLABLES: usize = 8;

/// No bracket with pinyin is longer: eight syllables of six letters with their tones and blanks.
const MAX_CHARS: usize = 80;

/// The bracket that closes what this one opens.
fn closing(open: char) -> Option<char> {
    match open {
        '(' => Some(')'),
        '（' => Some('）'),
        '[' => Some(']'),
        '［' => Some('］'),
        '【' => Some('】'),
        '〔' => Some('〕'),
        _ => None,
    }
}

/// How many characters of `rest`, which follows the bracket `open`, belong to pinyin that spells the
/// last characters of `run`; the closing bracket is counted. `None` if the bracket holds anything else.
///
/// Tones are not looked at: they are often lost, and a syllable that fits by its letters is enough.
pub(super) fn injected(
    run: &[char],
    open: char,
    rest: impl Iterator<Item = char>,
) -> Option<usize> {
    let close = closing(open)?;
    let mut syllables = vec![String::new()];
    for (at, c) in rest.take(MAX_CHARS).enumerate() {
        if c == close {
            return spells(run, &syllables).then_some(at + 1);
        }
        if c.is_whitespace() || matches!(c, '\'' | '’' | '-' | '·') {
            if syllables.last().is_some_and(|last| !last.is_empty()) {
                syllables.push(String::new());
            }
            continue;
        }
        let last = syllables.last_mut()?;
        for c in std::iter::once(c).nfkd() {
            match plain(c) {
                Some(letter) => last.push(letter),
                None if unicode_normalization::char::is_combining_mark(c) => {}
                // A tone may stand behind the syllable as a digit.
                None if matches!(c, '1'..='5') && !last.is_empty() => {}
                None => return None,
            }
        }
    }
    None
}

/// A letter of pinyin in its plainest form; `ü` and the `v` that is typed for it count as `u`.
fn plain(c: char) -> Option<char> {
    match c.to_ascii_lowercase() {
        'v' => Some('u'),
        // Letters of the phonetic alphabet that fonts for schools print in their place.
        'ɡ' => Some('g'),
        'ɑ' => Some('a'),
        c if c.is_ascii_lowercase() => Some(c),
        _ => None,
    }
}

fn spells(run: &[char], syllables: &[String]) -> bool {
    let syllables = match syllables {
        [all @ .., last] if last.is_empty() => all,
        all => all,
    };
    let from = run.len().checked_sub(syllables.len());
    let Some(run) = from.and_then(|from| run.get(from..)) else {
        return false;
    };
    !syllables.is_empty()
        && run.iter().zip(syllables).all(|(&c, syllable)| {
            let simplified = simple(c);
            reads(c, syllable) || (simplified != c && reads(simplified, syllable))
        })
}

/// Whether the syllable is a reading of the character.
fn reads(c: char, syllable: &str) -> bool {
    c.to_pinyin_multi().into_iter().flatten().any(|reading| {
        reading
            .plain()
            .nfkd()
            .filter_map(plain)
            .eq(syllable.chars())
    })
}
