//! The reprint check on stories that were taken over in known ways, among others of the same beats.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::stories::{Kind, Story};
use crate::kernel::fingerprint::{Folded, fingerprints};
use crate::reprints::{Candidate, MAX_CANDIDATES, Overlap, compare, is_derived, rank_candidates};

const CHINESE: usize = 300;
const ENGLISH: usize = 100;

/// One story in so many is taken over.
const EACH: usize = 7;

static ARCHIVE: LazyLock<Archive> = LazyLock::new(Archive::made);

struct Archive {
    stories: Vec<Story>,
    texts: Vec<String>,
    prints: Vec<Vec<i64>>,
    index: HashMap<i64, Vec<usize>>,
}

impl Archive {
    fn made() -> Self {
        let chinese = (0..CHINESE).map(|n| Story::made(n as u64 * 7919 + 1, true, n % 6));
        let english = (0..ENGLISH).map(|n| Story::made(n as u64 * 104_729 + 2, false, n % 3));
        let stories: Vec<Story> = chinese.chain(english).collect();
        let texts: Vec<String> = stories.iter().map(Story::text).collect();
        let prints: Vec<Vec<i64>> = texts
            .iter()
            .map(|text| fingerprints(&Folded::of(text)))
            .collect();
        let mut index: HashMap<i64, Vec<usize>> = HashMap::new();
        for (id, prints) in prints.iter().enumerate() {
            for print in prints {
                index.entry(*print).or_default().push(id);
            }
        }
        Self {
            stories,
            texts,
            prints,
            index,
        }
    }

    fn candidates(&self, page: &Folded<'_>) -> Vec<usize> {
        let prints = fingerprints(page);
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for id in prints
            .iter()
            .filter_map(|print| self.index.get(print))
            .flatten()
        {
            *shared.entry(*id).or_default() += 1;
        }
        let found = shared
            .into_iter()
            .map(|(id, shared)| Candidate {
                id,
                shared,
                total: self.prints[id].len(),
            })
            .collect();
        rank_candidates(prints.len(), found, MAX_CANDIDATES)
            .iter()
            .map(|candidate| candidate.id)
            .collect()
    }

    fn check(&self, page: &str) -> Vec<(usize, Overlap)> {
        let page = Folded::of(page);
        self.candidates(&page)
            .into_iter()
            .map(|id| (id, compare(&page, &Folded::of(&self.texts[id]))))
            .collect()
    }
}

#[test]
fn what_was_taken_over_is_found_and_nothing_else() {
    let archive = &*ARCHIVE;
    let count = archive.texts.len();
    let rows: usize = archive.prints.iter().map(Vec::len).sum();
    let letters: usize = archive.texts.iter().map(|text| text.chars().count()).sum();
    let (rows, letters) = (rows / count, letters / count);
    println!("{count} stories of {letters} characters and {rows} fingerprints on average");
    println!(
        "kind         pages  offered  worst rank  found  others  least share  least run  altered"
    );
    for kind in Kind::ALL {
        let name = format!("{kind:?}");
        let (mut pages, mut seen, mut found, mut others) = (0, 0, 0, 0);
        let (mut rank, mut share, mut run, mut altered) = (0, 1.0_f64, usize::MAX, 0);
        for (id, story) in archive.stories.iter().enumerate().step_by(EACH) {
            let Some(page) = kind.page(story, id as u64 + 17) else {
                continue;
            };
            pages += 1;
            for (place, (other, overlap)) in archive.check(&page).into_iter().enumerate() {
                let derived = usize::from(is_derived(&overlap));
                if other != id {
                    others += derived;
                    continue;
                }
                seen += 1;
                found += derived;
                rank = rank.max(place + 1);
                share = share.min(overlap.original_in_page());
                run = run.min(overlap.longest().map_or(0, |run| run.units));
                altered = altered.max(overlap.altered_total);
            }
        }
        println!(
            "{name:12} {pages:5}  {seen:7}  {rank:10}  {found:5}  {others:6}  {share:11.3}  {run:9}  {altered:7}"
        );
        assert_eq!(others, 0, "{name}");
        if matches!(
            kind,
            Kind::Verbatim | Kind::OtherScript | Kind::Pinyin | Kind::Embedded
        ) {
            assert_eq!((share, altered), (1.0, 0), "{name}");
        }
        // One paragraph may hold no whole window, and be no long passage.
        let least = match kind {
            Kind::Excerpt => pages * 9 / 10,
            _ => pages,
        };
        assert!(found >= least, "{name}");
    }
}

#[test]
fn unrelated_stories_of_one_beat_are_not_found() {
    let archive = &*ARCHIVE;
    let (mut candidates, mut pages) = (0, 0);
    let (mut run, mut share) = (0, 0.0_f64);
    for (id, text) in archive.texts.iter().enumerate().step_by(3) {
        pages += 1;
        for (other, overlap) in archive.check(text) {
            if other == id {
                continue;
            }
            candidates += 1;
            run = run.max(overlap.longest().map_or(0, |run| run.units));
            share = share.max(overlap.original_in_page());
            assert!(!is_derived(&overlap), "{id} and {other}: {overlap:?}");
        }
    }
    println!(
        "{pages} pages, {candidates} unrelated candidates; longest run {run} units, largest share {share:.3}"
    );
}

/// Every pair of a beat, whether the index would have offered it or not.
#[test]
fn no_pair_of_a_beat_is_taken_for_a_copy() {
    let archive = &*ARCHIVE;
    let folded: Vec<Folded<'_>> = archive.texts.iter().map(|text| Folded::of(text)).collect();
    let (mut pairs, mut run, mut words, mut share) = (0, 0, 0, 0.0_f64);
    for (id, page) in folded.iter().enumerate().step_by(9) {
        let story = &archive.stories[id];
        for (other, original) in folded.iter().enumerate() {
            let its = &archive.stories[other];
            if other == id || (its.chinese, its.beat) != (story.chinese, story.beat) {
                continue;
            }
            let overlap = compare(page, original);
            pairs += 1;
            let longest = match story.chinese {
                true => &mut run,
                false => &mut words,
            };
            *longest = (*longest).max(overlap.longest().map_or(0, |run| run.units));
            share = share.max(overlap.original_in_page());
            assert!(!is_derived(&overlap), "{id} and {other}");
        }
    }
    println!(
        "{pairs} pairs; longest run {run} characters and {words} words, largest share {share:.3}"
    );
}
