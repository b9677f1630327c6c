//! Runs whose bytes are of one encoding and were read as another: UTF-8 or GBK read as Windows-1252,
//! UTF-8 read as GBK.
//!
//! A run is repaired only when all its bytes decode strictly and what comes out is text: ordinary
//! text of any language does that by chance next to never, and the dictionary settles the rest.

use std::ops::Range;
use std::sync::LazyLock;

use encoding_rs::WINDOWS_1252;

use super::findings::DamageCause;
use super::gbk::{self, Rarity, rarity};
use super::layers::Spot;
use super::words_in;
use crate::kernel::text::is_han;

/// So many repaired ideographs show that single characters were read wrongly, too.
const ENOUGH: usize = 8;

pub(super) fn find(chars: &[char]) -> Vec<Spot> {
    // A page was read wrongly in one way: some bytes can be either.
    let (utf8, mut gbk) = (utf8_as_latin(chars), gbk_as_latin(chars));
    let mut spots = if ideographs(&utf8) >= ideographs(&gbk) {
        utf8
    } else {
        // Or in two, where pages were put together: words in UTF-8 come about by chance in no GBK.
        let in_words = |spot: &Spot| {
            let words = spot.proposal.as_deref().and_then(share_in_words);
            words == Some(true)
        };
        let surely: Vec<Spot> = utf8.into_iter().filter(in_words).collect();
        gbk.retain(|spot| surely.iter().all(|sure| apart(&sure.range, &spot.range)));
        gbk.extend(surely);
        gbk
    };
    spots.extend(utf8_as_gbk(chars));
    spots.sort_by_key(|spot| spot.range.start);
    spots
}

fn apart(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.end <= b.start || b.end <= a.start
}

/// How many ideographs the places are repaired to.
fn ideographs(spots: &[Spot]) -> usize {
    let texts = spots.iter().filter_map(|spot| spot.proposal.as_ref());
    texts
        .flat_map(|text| text.chars())
        .filter(|c| is_han(*c))
        .count()
}

/// The characters that Windows-1252 has for the bytes from 0x80 to 0x9F.
static SPECIAL: LazyLock<Vec<char>> = LazyLock::new(|| {
    let bytes: Vec<u8> = (0x80..=0x9F).collect();
    WINDOWS_1252
        .decode_without_bom_handling(&bytes)
        .0
        .chars()
        .collect()
});

/// The byte beyond ASCII that Windows-1252 or Latin-1 reads as this character.
fn byte_of(c: char) -> Option<u8> {
    match u32::from(c) {
        code @ 0x80..=0xFF => u8::try_from(code).ok(),
        0x152..=0x2122 => {
            let place = SPECIAL.iter().position(|special| *special == c)?;
            u8::try_from(place + 0x80).ok()
        }
        _ => None,
    }
}

/// Punctuation of ordinary text that Windows-1252 has beyond Latin-1.
fn is_typographic(c: char) -> bool {
    matches!(
        c,
        '‘' | '’' | '“' | '”' | '‚' | '„' | '–' | '—' | '…' | '•' | '‹' | '›'
    )
}

/// Whether running text has the character.
fn is_ordinary(c: char) -> bool {
    is_han(c)
        || matches!(c, '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205E}' | '\u{3000}'..='\u{30FF}' | '\u{AC00}'..='\u{D7A3}' | '\u{FF01}'..='\u{FF9F}')
}

fn utf8_as_latin(chars: &[char]) -> Vec<Spot> {
    let mut spots = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let mut bytes = Vec::new();
        let mut end = at;
        while let Some(sequence) = sequence(&chars[end..]) {
            end += sequence.len();
            bytes.extend(sequence);
        }
        match String::from_utf8(bytes) {
            Ok(text) if end > at => {
                if is_certain(&chars[at..end], &text) {
                    spots.push(Spot::repaired(at..end, DamageCause::WrongDecoding, text));
                }
                at = end;
            }
            Ok(_) | Err(_) => at = end.max(at + 1),
        }
    }
    if ideographs(&spots) > 0 {
        let left = leftovers(chars, &spots);
        spots.extend(left);
    }
    spots
}

/// The bytes of one character in UTF-8 of more than one byte, as Windows-1252 reads them.
fn sequence(chars: &[char]) -> Option<Vec<u8>> {
    let lead = byte_of(*chars.first()?)?;
    let length = match lead {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    let bytes: Vec<u8> = chars
        .get(..length)?
        .iter()
        .filter_map(|c| byte_of(*c))
        .collect();
    (bytes.len() == length && std::str::from_utf8(&bytes).is_ok()).then_some(bytes)
}

fn is_certain(run: &[char], text: &str) -> bool {
    if text.chars().all(|c| matches!(c, '\u{A0}'..='\u{FF}')) {
        // `Ã“` may be a letter and a quotation mark.
        return run.iter().all(|c| u32::from(*c) <= 0xFF);
    }
    let ordinary = |c: char| is_ordinary(c) || matches!(c, '\u{A0}'..='\u{17F}');
    let by_chance = run
        .iter()
        .skip(1)
        .all(|c| is_typographic(*c) || matches!(c, '\u{C0}'..='\u{FF}'));
    text.chars().all(ordinary) && (!by_chance || share_in_words(text) == Some(true))
}

/// Whether most ideographs of the text, and two at least, stand in words.
fn share_in_words(text: &str) -> Option<bool> {
    let chars: Vec<char> = text.chars().collect();
    let cover = words_in::cover(&chars);
    let in_words = cover.iter().filter(|cover| **cover > 1).count();
    let alone = cover.iter().filter(|cover| **cover == 1).count();
    (in_words + alone > 0).then_some(in_words >= 2 && in_words >= alone)
}

/// Runs beside repaired ones that have lost a byte, most often a no-break space.
fn leftovers(chars: &[char], repaired: &[Spot]) -> Vec<Spot> {
    let mut left = Vec::new();
    let mut start = 0;
    let ends = std::iter::once(chars.len()..chars.len());
    for place in repaired.iter().map(|spot| spot.range.clone()).chain(ends) {
        let gap = chars.get(start..place.start).unwrap_or_default();
        let mut at = start;
        for run in gap.chunk_by(|a, b| is_piece(*a) == is_piece(*b)) {
            let lead = |c: &char| matches!(c, '\u{E2}'..='\u{EF}');
            if run.len() > 1 && run.iter().all(|c| is_piece(*c)) && run.iter().any(lead) {
                left.push(Spot::told(at..at + run.len(), DamageCause::WrongDecoding));
            }
            at += run.len();
        }
        start = place.end;
    }
    left
}

fn is_piece(c: char) -> bool {
    byte_of(c).is_some() && !is_typographic(c) && !matches!(c, '\u{A0}' | '·' | '×' | '°' | '§')
}

/// The runs of GBK read as Windows-1252. On a page that is hardly anything else all runs are such,
/// those too that the dictionary does not know.
fn gbk_as_latin(chars: &[char]) -> Vec<Spot> {
    let known = runs_of_gbk(chars, false);
    if ideographs(&known) < ENOUGH
        || ideographs(&known) < chars.iter().filter(|c| is_han(**c)).count()
    {
        return known;
    }
    runs_of_gbk(chars, true)
}

fn runs_of_gbk(chars: &[char], throughout: bool) -> Vec<Spot> {
    let mut spots = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let mut text = String::new();
        let mut end = at;
        while let Some(c) = double(&chars[end..], end == at && !throughout) {
            text.push(c);
            end += 2;
        }
        if !text.is_empty() && (throughout || share_in_words(&text) == Some(true)) {
            spots.push(Spot::repaired(at..end, DamageCause::WrongDecoding, text));
        }
        at = end.max(at + 1);
    }
    spots
}

/// The character that two bytes are in GBK, read as Windows-1252. A run of unknown kind does not
/// begin with what other text has beyond Latin-1.
fn double(chars: &[char], strict: bool) -> Option<char> {
    let (lead, trail) = (*chars.first()?, *chars.get(1)?);
    if strict && !matches!(lead, '\u{A1}'..='\u{FE}') {
        return None;
    }
    let trail = match byte_of(trail) {
        Some(byte) => byte,
        None => u8::try_from(u32::from(trail))
            .ok()
            .filter(|byte| (0x40..=0x7E).contains(byte))?,
    };
    let c = gbk::decode(byte_of(lead)?, trail)?;
    (is_ordinary(c) || rarity(c) == Rarity::Mark).then_some(c)
}

fn utf8_as_gbk(chars: &[char]) -> Vec<Spot> {
    let mut spots = Vec::new();
    let mut at = 0;
    for region in chars.chunk_by(|a, b| coded(*a).is_empty() == coded(*b).is_empty()) {
        let end = at + region.len();
        while at < end {
            let read = read_utf8(&chars[at..end]);
            let whole = at..at + read.whole_chars;
            at += read.chars.max(1);
            if share_in_words(&read.whole) != Some(true) || is_text(&chars[whole.clone()]) {
                continue;
            }
            let next = whole.end;
            spots.push(Spot::repaired(
                whole,
                DamageCause::WrongDecoding,
                read.whole,
            ));
            // The last byte of an odd number of characters finds no partner, and is lost.
            if next + 1 == end && matches!(chars.get(end), Some('\u{FFFD}' | '?')) {
                spots.push(tail(next..end + 1));
                at = end;
            }
        }
        at = end;
    }
    spots
}

/// The bytes of a character that GBK text has beyond ASCII.
fn coded(c: char) -> Vec<u8> {
    match (c, gbk::pair(c)) {
        // What lenient decoders take the single byte 0x80 for.
        ('€', _) => vec![0x80],
        (_, Some(pair)) => pair.to_vec(),
        (_, None) => Vec::new(),
    }
}

fn tail(range: Range<usize>) -> Spot {
    Spot {
        reading: Some('\u{FFFD}'.to_string()),
        ..Spot::told(range, DamageCause::WrongDecoding)
    }
}

/// Whether the run is text as it stands.
fn is_text(run: &[char]) -> bool {
    let cover = words_in::cover(run);
    cover.iter().filter(|cover| **cover > 1).count() * 2 >= run.len()
}

/// What characters of GBK say in UTF-8, from their start to where they cease to say anything.
#[derive(Default)]
struct Read {
    /// How many characters say something.
    chars: usize,
    /// What those say that are whole, and how many these are.
    whole: String,
    whole_chars: usize,
}

fn read_utf8(chars: &[char]) -> Read {
    let mut read = Read::default();
    let mut whole_bytes = 0;
    // The bytes that are not yet a character of UTF-8.
    let mut rest: Vec<u8> = Vec::new();
    'text: for c in chars {
        for byte in coded(*c) {
            rest.push(byte);
            let length = match rest.first() {
                // The second half of a character whose first was the last byte of another.
                Some(0x40..=0x7E) if !read.whole.is_empty() => 1,
                Some(0xE2..=0xEF) => 3,
                Some(_) | None => break 'text,
            };
            if rest.len() < length {
                continue;
            }
            match std::str::from_utf8(&rest).map(|bytes| bytes.chars().next()) {
                Ok(Some(c)) if c.is_ascii() || is_ordinary(c) => read.whole.push(c),
                Ok(_) | Err(_) => break 'text,
            }
            rest.clear();
        }
        read.chars += 1;
        if rest.is_empty() {
            (read.whole_chars, whole_bytes) = (read.chars, read.whole.len());
        }
    }
    read.whole.truncate(whole_bytes);
    read
}
