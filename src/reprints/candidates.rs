//! Which articles of the index are worth a comparison in full.

use std::cmp::Reverse;

/// As many articles as one page is compared with.
pub const MAX_CANDIDATES: usize = 20;

/// Texts with fewer fingerprints than this are short, and one in common is enough to look.
const SHORT: usize = 8;

/// An article that has fingerprints in common with a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate<Id> {
    pub id: Id,
    /// Fingerprints that both have.
    pub shared: usize,
    /// Fingerprints of the article.
    pub total: usize,
}

/// The articles to compare with a page of `page_total` fingerprints, the most promising first, at most
/// `most`. One fingerprint in common may be a set phrase, so longer texts need two.
pub fn rank_candidates<Id: Ord + Copy>(
    page_total: usize,
    mut candidates: Vec<Candidate<Id>>,
    most: usize,
) -> Vec<Candidate<Id>> {
    candidates.retain(|candidate| {
        let least = match candidate.total.min(page_total) < SHORT {
            true => 1,
            false => 2,
        };
        candidate.shared >= least
    });
    // Of two with as much in common the shorter one is the closer; the id makes the order one.
    candidates.sort_unstable_by_key(|candidate| {
        (Reverse(candidate.shared), candidate.total, candidate.id)
    });
    candidates.truncate(most);
    candidates
}
