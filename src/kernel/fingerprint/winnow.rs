//! Fingerprints by winnowing (Schleimer, Wilkerson, Aiken, SIGMOD 2003).

use std::collections::VecDeque;

use super::folded::{Folded, hash};

/// Units that one fingerprint is made of. Eight ideographs are longer than the set phrases of news.
const GRAM: usize = 8;

/// Of so many grams in a row one is kept at least, and of all about one in twelve.
const WINDOW: usize = 24;

/// Two texts with a common run of so many units have a fingerprint in common, unless one of them is
/// longer than about 50,000 units, from where on [`MAX_FINGERPRINTS`] cuts.
pub const GUARANTEE: usize = WINDOW + GRAM - 1;

/// As many fingerprints as one text may have. A longer text keeps the smallest: a copy of it keeps
/// the same ones, and of what it shares with a shorter text the share of them that was kept is left.
pub const MAX_FINGERPRINTS: usize = 4_096;

/// Which folding and which hash fingerprints were made with. What is stored under another number
/// can't be compared and is made anew. Raise it when the test that guards it fails.
pub const EDITION: i32 = 1;

/// The fingerprints of a text, distinct and in order; the 64 bits of each as a signed number, as
/// databases keep them. A text shorter than one gram has one fingerprint, an empty one none.
pub fn fingerprints(text: &Folded<'_>) -> Vec<i64> {
    let mut kept = winnow(&grams(text.keys()));
    kept.sort_unstable();
    kept.dedup();
    kept.truncate(MAX_FINGERPRINTS);
    let mut signed: Vec<i64> = kept.into_iter().map(u64::cast_signed).collect();
    signed.sort_unstable();
    signed
}

fn grams(keys: &[u64]) -> Vec<u64> {
    if keys.is_empty() {
        return Vec::new();
    }
    let mut bytes = [0_u8; GRAM * 8];
    keys.windows(GRAM.min(keys.len()))
        .map(|gram| {
            for (place, key) in bytes.chunks_exact_mut(8).zip(gram) {
                place.copy_from_slice(&key.to_le_bytes());
            }
            hash(&bytes)
        })
        .collect()
}

/// The smallest gram of each window.
fn winnow(grams: &[u64]) -> Vec<u64> {
    let mut kept = Vec::with_capacity(grams.len() / 8);
    // Grams that may still be the smallest of a window, smallest first, with their places.
    let mut queue: VecDeque<(usize, u64)> = VecDeque::with_capacity(WINDOW + 1);
    let mut last = None;
    let whole = WINDOW.min(grams.len());
    for (at, &gram) in grams.iter().enumerate() {
        while queue.back().is_some_and(|(_, other)| *other >= gram) {
            queue.pop_back();
        }
        queue.push_back((at, gram));
        if queue.front().is_some_and(|(from, _)| from + WINDOW <= at) {
            queue.pop_front();
        }
        if at + 1 >= whole
            && let Some(&(from, smallest)) = queue.front()
            && last != Some(from)
        {
            last = Some(from);
            kept.push(smallest);
        }
    }
    kept
}
