//! Double-byte runs that were read one byte off.
//!
//! When a byte of GBK text is lost, every character up to the next single byte is made of the second
//! half of one character and the first half of the next. Put back by one byte, such a run is made of
//! words again, while as it stands it is made of characters that never meet. Both readings are
//! weighed character by character, and the cheapest way through the run decides where it begins and
//! ends. The first half-character is lost: the reading marks it and never guesses.

use super::findings::DamageCause;
use super::gbk::{Rarity, decode, pair, rarity};
use super::layers::Spot;
use super::words_in;
use crate::kernel::text::is_han;

/// What it costs that a reading begins or ends somewhere, in units of one lone everyday character.
const TURN: u32 = 40;
/// How much more it costs to read a run as it stands that ends before a replacement character.
const ORPHAN: u32 = 30;
/// What punctuation costs, and an everyday character that stands in no word.
const MARK: u32 = 5;
const LONE: u32 = 10;
/// How much cheaper a run must be when shifted.
const GAIN: u32 = 50;
/// How many characters of it must stand in words.
const FEWEST_IN_WORDS: usize = 2;
/// A text with more kana than this share of its ideographs is Japanese, of which the dictionary
/// knows no words.
const KANA_SHARE: usize = 10;

/// The runs that are words when they are put back by one byte. `cover` is that of the text.
pub(super) fn find(chars: &[char], cover: &[u8]) -> Vec<Spot> {
    let kana = chars.iter().filter(|c| is_kana(**c)).count();
    let han = chars.iter().filter(|c| is_han(**c)).count();
    if kana.saturating_mul(KANA_SHARE) > han {
        return Vec::new();
    }
    let shifted = put_back(chars);
    let other: Vec<char> = shifted.iter().map(|c| c.unwrap_or('\u{FFFD}')).collect();
    let other_cover = words_in::cover(&other);
    let mut standing: Vec<u32> = chars
        .iter()
        .zip(cover)
        .map(|(c, cover)| cost(*c, *cover))
        .collect();
    let mut moved: Vec<u32> = other
        .iter()
        .zip(&other_cover)
        .map(|(c, cover)| cost(*c, *cover))
        .collect();

    let mut spots = Vec::new();
    let mut at = 0;
    for region in chars.chunk_by(|a, b| pair(*a).is_some() == pair(*b).is_some()) {
        let end = at + region.len();
        if region.first().is_some_and(|c| pair(*c).is_some()) {
            // Where a run ends, the second half of its last character has found no partner.
            if shifted[end - 1].is_none() {
                moved[end - 1] = LONE;
            }
            // A byte without a partner right behind it is what a run leaves.
            if chars.get(end) == Some(&'\u{FFFD}') {
                standing[end - 1] = standing[end - 1].saturating_add(ORPHAN);
            }
            for (start, stop) in runs(&standing[at..end], &moved[at..end]) {
                let (start, stop) = (at + start, at + stop);
                let sum = |costs: &[u32]| costs[start..stop].iter().sum::<u32>();
                let in_words = other_cover[start..stop]
                    .iter()
                    .filter(|cover| **cover > 1)
                    .count();
                if in_words >= FEWEST_IN_WORDS && sum(&standing) >= sum(&moved).saturating_add(GAIN)
                {
                    spots.push(spot(chars, &shifted, start, stop));
                }
            }
        }
        at = end;
    }
    spots
}

fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FF9D}')
}

/// For each character the one that its second byte makes with the first byte behind it.
fn put_back(chars: &[char]) -> Vec<Option<char>> {
    let next = chars.iter().skip(1).map(Some).chain([None]);
    let together = chars.iter().zip(next).map(|(c, next)| {
        let [_, lead] = pair(*c)?;
        let next = *next?;
        let trail = match pair(next) {
            Some([first, _]) => first,
            None => u8::try_from(u32::from(next))
                .ok()
                .filter(|byte| (0x40..=0x7E).contains(byte))?,
        };
        decode(lead, trail)
    });
    together.collect()
}

/// How unlikely the character is where it stands.
fn cost(c: char, cover: u8) -> u32 {
    match (rarity(c), cover) {
        (Rarity::Mark, _) => MARK,
        (Rarity::Unknown, _) => 60,
        (Rarity::Common | Rarity::Known | Rarity::Rare, 2..) => 0,
        (Rarity::Common, _) => LONE,
        (Rarity::Known, _) => 25,
        (Rarity::Rare, _) => 35,
    }
}

/// The runs of a region that are cheaper when put back, as the cheapest way through it has them.
fn runs(standing: &[u32], moved: &[u32]) -> Vec<(usize, usize)> {
    // Each state's cost so far, and for each place whether the state was entered there.
    let (mut here, mut there) = (0_u32, TURN / 2);
    let mut entered = Vec::with_capacity(standing.len());
    let mut before = u32::MAX;
    for (stand, shift) in standing.iter().zip(moved) {
        let (from_there, from_here) = (there.saturating_add(TURN), here.saturating_add(TURN));
        // On a tie the run begins with its punctuation, and not with a lone character.
        let turns = (
            from_there < here,
            from_here < there || (from_here == there && before > MARK),
        );
        (here, there) = (here.min(from_there), there.min(from_here));
        entered.push(turns);
        before = *stand;
        here = here.saturating_add(*stand);
        there = there.saturating_add(*shift);
    }
    let mut runs = Vec::new();
    let mut shifted = there < here;
    let mut stop = standing.len();
    for (at, (to_here, to_there)) in entered.iter().enumerate().rev() {
        if shifted && *to_there && at > 0 {
            runs.push((at, stop));
            shifted = false;
        } else if !shifted && *to_here && at > 0 {
            stop = at;
            shifted = true;
        }
    }
    if shifted {
        runs.push((0, stop));
    }
    runs.reverse();
    runs
}

fn spot(chars: &[char], shifted: &[Option<char>], start: usize, stop: usize) -> Spot {
    let words = shifted[start..stop].iter().map(|c| c.unwrap_or('\u{FFFD}'));
    // A single byte behind the run is the second half of its last character, if it made one.
    let ate_byte = chars
        .get(stop)
        .is_some_and(|c| c.is_ascii() && pair(*c).is_none())
        && shifted.get(stop - 1).is_some_and(Option::is_some);
    Spot {
        reading: Some(std::iter::once('\u{FFFD}').chain(words).collect()),
        ..Spot::told(
            start..stop + usize::from(ate_byte),
            DamageCause::ShiftedBytes,
        )
    }
}
