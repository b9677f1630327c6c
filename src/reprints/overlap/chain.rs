//! Which common runs are more than chance, and which of them follow each other in both texts.

use super::Piece;

/// A run of so many units is no chance.
const SOUND: usize = 16;

/// A shorter one counts where a sound one is not farther away than this, in both texts and in order.
const NEAR: usize = 40;

/// The runs without those that are short and alone. `pieces` are in the order of the page; `length` is
/// that of the original.
pub(super) fn without_strays(pieces: Vec<Piece>, length: usize) -> Vec<Piece> {
    let mut kept: Vec<bool> = pieces.iter().map(|piece| piece.length >= SOUND).collect();
    for at in 1..pieces.len() {
        kept[at] = kept[at] || (kept[at - 1] && near(&pieces[at - 1], &pieces[at]));
    }
    for at in (1..pieces.len()).rev() {
        kept[at - 1] = kept[at - 1] || (kept[at] && near(&pieces[at - 1], &pieces[at]));
    }
    // A short one that was moved fills a hole: the original is matched, or ends, on both its sides.
    let mut matched = vec![false; length];
    for (piece, _) in pieces.iter().zip(&kept).filter(|(_, kept)| **kept) {
        matched[piece.original_range()].fill(true);
    }
    let known = |unit: Option<usize>| {
        unit.and_then(|unit| matched.get(unit))
            .is_none_or(|unit| *unit)
    };
    pieces
        .into_iter()
        .zip(kept)
        .filter(|(piece, kept)| {
            let range = piece.original_range();
            *kept || (known(range.start.checked_sub(1)) && known(Some(range.end)))
        })
        .map(|(piece, _)| piece)
        .collect()
}

fn near(one: &Piece, next: &Piece) -> bool {
    let between = |end: usize, start: usize| start.checked_sub(end).is_some_and(|gap| gap <= NEAR);
    between(one.page_range().end, next.page) && between(one.original_range().end, next.original)
}

/// The heaviest selection of runs that stand in the same order in both texts.
///
/// `pieces` are in the order of the page; `length` is that of the original.
pub(super) fn in_order(pieces: &[Piece], length: usize) -> Vec<Piece> {
    let mut best = Best(vec![None; length + 1]);
    // For each run the weight of the best chain that ends with it, and the run before it there.
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pieces.len());
    for (at, piece) in pieces.iter().enumerate() {
        let ahead = best.up_to(piece.original);
        before.push(ahead.map(|(_, run)| run));
        let weight = ahead.map_or(0, |(weight, _)| weight) + piece.length;
        best.put(piece.original_range().end, (weight, at));
    }
    let mut at = best.up_to(length).map(|(_, run)| run);
    let mut chain = Vec::new();
    while let Some(run) = at {
        chain.extend(pieces.get(run));
        at = before.get(run).copied().flatten();
    }
    chain.reverse();
    chain
}

/// The heaviest chain that ends at or before a place of the original (a Fenwick tree of maxima).
struct Best(Vec<Option<(usize, usize)>>);

impl Best {
    fn up_to(&self, place: usize) -> Option<(usize, usize)> {
        let mut node = place + 1;
        let mut best = None;
        while node > 0 {
            best = best.max(self.0.get(node - 1).copied().flatten());
            node &= node - 1;
        }
        best
    }

    fn put(&mut self, place: usize, chain: (usize, usize)) {
        let mut node = place + 1;
        while let Some(best) = self.0.get_mut(node - 1) {
            *best = (*best).max(Some(chain));
            node += node & node.wrapping_neg();
        }
    }
}
