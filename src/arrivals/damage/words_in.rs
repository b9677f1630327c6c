//! Which characters of a text stand in words of the dictionary: what broken text lacks.

use crate::kernel::han::{Lexicon, is_common, simple};
use crate::kernel::text::is_han;

/// Runs are looked at in pieces of this many characters, so that memory stays bounded.
const PIECE: usize = 4_096;

/// For each character the length of the dictionary's word that it stands in: 1 when it stands alone,
/// 0 when it is no ideograph.
pub(super) fn cover(chars: &[char]) -> Vec<u8> {
    let mut cover = vec![0; chars.len()];
    let mut at = 0;
    for run in chars.chunk_by(|a, b| is_han(*a) == is_han(*b)) {
        if run.first().is_some_and(|c| is_han(*c)) {
            for (piece, part) in run
                .chunks(PIECE)
                .zip(cover[at..at + run.len()].chunks_mut(PIECE))
            {
                cover_run(piece, part);
            }
        }
        at += run.len();
    }
    cover
}

fn cover_run(run: &[char], cover: &mut [u8]) {
    let folded: String = run.iter().map(|c| simple(*c)).collect();
    let mut places = cover.iter_mut();
    for word in Lexicon::default().words(&folded) {
        let chars = word.chars().count();
        let length = match chars > 1 && is_common(&word) {
            true => u8::try_from(chars).unwrap_or(u8::MAX),
            false => 1,
        };
        places
            .by_ref()
            .take(chars)
            .for_each(|place| *place = length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_both_scripts_cover_their_characters() {
        let text: Vec<char> = "圖書經濟，睾牧渥x".chars().collect();
        assert_eq!(cover(&text), [2, 2, 2, 2, 0, 1, 1, 1, 0]);
    }
}
