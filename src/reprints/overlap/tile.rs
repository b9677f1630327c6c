//! The common runs of two texts: seeds are looked up in the original and extended as far as they go.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::Piece;
use crate::kernel::fingerprint::Folded;

/// Seeds of the first pass. Long runs are found before a set phrase next to them can take their ends.
const LONG_SEED: usize = 16;

/// Seeds of the second pass, for what is left between the long runs.
const SHORT_SEED: usize = 5;

/// A run has so many letters at least: eight ideographs, or a handful of words.
const MIN_LETTERS: usize = 8;

/// Places of one seed that are tried, so that a text of one word over and over costs no more.
const MAX_PLACES: usize = 16;

/// The base of the rolling hash; odd, so that no bit is lost.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// The common runs in the order of the page. They share no unit of the page; a piece of the original
/// may stand in the page more than once.
pub(super) fn common(page: &Folded<'_>, original: &Folded<'_>) -> Vec<Piece> {
    let mut tiling = Tiling {
        page: page.keys(),
        original: original.keys(),
        pieces: Vec::new(),
        owner: vec![0; page.keys().len()],
    };
    tiling.pass(LONG_SEED, |_| true);
    tiling.pass(SHORT_SEED, |piece| {
        page.letters_in(piece.page_range()) >= MIN_LETTERS
    });
    let mut pieces = tiling.pieces;
    pieces.sort_unstable_by_key(|piece| piece.page);
    settle_seams(&mut pieces, tiling.original);
    pieces.dedup_by(|next, piece| {
        let goes_on =
            piece.page_range().end == next.page && piece.original_range().end == next.original;
        if goes_on {
            piece.length += next.length;
        }
        goes_on
    });
    pieces
}

/// Where two runs touch in the page, the first may go on by chance into what is the second's: it gives
/// back what the original has in another run, too, for what would otherwise be in none.
fn settle_seams(pieces: &mut Vec<Piece>, original: &[u64]) {
    let mut uses = vec![0_usize; original.len()];
    for piece in pieces.iter() {
        uses[piece.original_range()]
            .iter_mut()
            .for_each(|uses| *uses += 1);
    }
    for at in 1..pieces.len() {
        let (mut one, mut next) = (pieces[at - 1], pieces[at]);
        while one.length > 0 && next.original > 0 && one.page_range().end == next.page {
            let (last, before) = (one.original_range().end - 1, next.original - 1);
            if original[last] != original[before] || uses[last] < 2 || uses[before] > 0 {
                break;
            }
            uses[last] -= 1;
            uses[before] += 1;
            one.length -= 1;
            (next.page, next.original, next.length) = (next.page - 1, before, next.length + 1);
        }
        (pieces[at - 1], pieces[at]) = (one, next);
    }
    pieces.retain(|piece| piece.length > 0);
}

struct Tiling<'a> {
    page: &'a [u64],
    original: &'a [u64],
    pieces: Vec<Piece>,
    /// For each unit of the page the piece that it is in, counted from one; 0 for none.
    owner: Vec<usize>,
}

impl Tiling<'_> {
    fn pass(&mut self, seed: usize, enough: impl Fn(&Piece) -> bool) {
        let places = Places::of(self.original, seed);
        // Where the original goes on behind the run before.
        let mut expected = 0;
        let mut at = 0;
        let hashes = rolling(self.page, seed);
        while let Some(hash) = hashes.get(at) {
            if let Some(piece) = self.owned(at) {
                expected = piece.original_range().end;
                at = piece.page_range().end;
                continue;
            }
            let best = places
                .at(*hash)
                .take(MAX_PLACES)
                .map(|place| self.extend(at, place))
                .max_by_key(|piece| (piece.length, Reverse(piece.original.abs_diff(expected))));
            match best.filter(|piece| piece.length >= seed && enough(piece)) {
                Some(piece) => {
                    self.pieces.push(piece);
                    self.owner[piece.page_range()].fill(self.pieces.len());
                }
                None => at += 1,
            }
        }
    }

    fn owned(&self, at: usize) -> Option<Piece> {
        let number = self.owner.get(at)?.checked_sub(1)?;
        self.pieces.get(number).copied()
    }

    /// The longest run around these two places that takes nothing from another one.
    fn extend(&self, page: usize, original: usize) -> Piece {
        let same = |(at, (one, other)): (usize, (&u64, &u64))| one == other && self.owner[at] == 0;
        let after = (page..)
            .zip(self.page[page..].iter().zip(&self.original[original..]))
            .take_while(|pair| same(*pair))
            .count();
        let before = (0..page)
            .rev()
            .zip(
                self.page[..page]
                    .iter()
                    .rev()
                    .zip(self.original[..original].iter().rev()),
            )
            .take_while(|pair| same(*pair))
            .count();
        Piece {
            page: page - before,
            original: original - before,
            length: before + after,
        }
    }
}

/// Where each seed stands in the original, first place first.
struct Places {
    first: HashMap<u64, usize>,
    /// For each place the next one of the same seed.
    next: Vec<Option<usize>>,
}

impl Places {
    fn of(keys: &[u64], seed: usize) -> Self {
        let hashes = rolling(keys, seed);
        let mut first = HashMap::with_capacity(hashes.len());
        let mut next = vec![None; hashes.len()];
        for (at, hash) in hashes.into_iter().enumerate().rev() {
            next[at] = first.insert(hash, at);
        }
        Self { first, next }
    }

    fn at(&self, hash: u64) -> impl Iterator<Item = usize> {
        std::iter::successors(self.first.get(&hash).copied(), |at| {
            self.next.get(*at).copied().flatten()
        })
    }
}

/// The hash of each run of `seed` units. Equal runs have equal hashes; whether runs are equal is looked
/// at when they are extended.
fn rolling(keys: &[u64], seed: usize) -> Vec<u64> {
    if seed == 0 || keys.len() < seed {
        return Vec::new();
    }
    let leaving = (1..seed).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let step = |hash: u64, key: u64| hash.wrapping_mul(BASE).wrapping_add(key);
    let mut hash = keys.iter().take(seed).fold(0, |hash, key| step(hash, *key));
    let mut hashes = Vec::with_capacity(keys.len() + 1 - seed);
    hashes.push(hash);
    for (gone, key) in keys.iter().zip(keys.iter().skip(seed)) {
        hash = step(hash.wrapping_sub(gone.wrapping_mul(leaving)), *key);
        hashes.push(hash);
    }
    hashes
}
