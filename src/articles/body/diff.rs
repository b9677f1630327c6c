//! What changed between two bodies, or two texts: a diff for people.
//!
//! Blocks are compared as wholes first; within a run that differs, blocks that resemble each other are told as changed, with
//! what changed inside them. Inside, the units are the words of UAX #29, by which every ideograph stands alone and a Latin
//! word stays whole. Must not decide who may read which part of it.
//!
//! The work is bounded by a [`Budget`], not by a clock, so that equal questions have equal answers.
//! Start with [`blocks`] and [`texts`].

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde::Serialize;
use similar::{Algorithm, DiffOp, capture_diff_slices};
use unicode_segmentation::UnicodeSegmentation;
use utoipa::ToSchema;

use super::blocks::Block;
use super::plain;

/// How much work comparing inside texts may take: words on one side by words on the other. Two paragraphs of 4,000
/// ideographs without a word in common are as much as this allows.
const MOST: u64 = 16_000_000;

/// How far ahead a block is looked for that another one became.
const AHEAD: usize = 8;

/// What became of a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    Same,
    Removed,
    Added,
}

/// A piece of text, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"op": "added", "text": "noon"}))]
pub struct Span {
    pub op: Fate,
    /// Without markup.
    pub text: String,
}

/// What became of a block. Places count from 0: `from` in the earlier body, `to` in the later one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "op", rename_all = "snake_case")]
#[schema(example = json!({"op": "same", "count": 3}))]
pub enum BlockChange {
    /// A run of blocks that stayed as they were.
    Same {
        count: usize,
    },
    Removed {
        from: usize,
        block: Block,
    },
    Added {
        to: usize,
        block: Block,
    },
    Changed {
        from: usize,
        to: usize,
        before: Block,
        after: Block,
        /// What changed in its text; absent where comparing would have taken too long.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        changes: Option<Vec<Span>>,
    },
}

/// What comparing inside texts may still take.
#[derive(Debug)]
pub struct Budget {
    left: u64,
    refused: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            left: MOST,
            refused: false,
        }
    }
}

impl Budget {
    /// Whether everything was compared that was asked for.
    pub fn sufficed(&self) -> bool {
        !self.refused
    }

    fn take(&mut self, before: usize, after: usize) -> bool {
        let count = |n| u64::try_from(n).unwrap_or(u64::MAX);
        let cost = count(before).saturating_mul(count(after));
        let fits = cost <= self.left;
        if fits {
            self.left -= cost;
        } else {
            self.refused = true;
        }
        fits
    }
}

/// What changed from one text to another; `None` where finding out would take too long.
pub fn texts(before: &str, after: &str, budget: &mut Budget) -> Option<Vec<Span>> {
    let old: Vec<&str> = before.split_word_bounds().collect();
    let new: Vec<&str> = after.split_word_bounds().collect();
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old, new) = (old.get(head..)?, new.get(head..)?);
    let ends = old.iter().rev().zip(new.iter().rev());
    let tail = ends.take_while(|(a, b)| a == b).count();
    let (old, rest) = old.split_at_checked(old.len() - tail)?;
    let new = new.get(..new.len() - tail)?;
    if !budget.take(old.len(), new.len()) {
        return None;
    }
    let mut spans = Spans::default();
    let first: usize = before.len() - old.iter().chain(rest).map(|word| word.len()).sum::<usize>();
    spans.same(before.get(..first)?);
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        let (_, olds, news) = op.as_tag_tuple();
        let (removed, added) = (
            old.get(olds).unwrap_or_default().concat(),
            new.get(news).unwrap_or_default().concat(),
        );
        if matches!(op, DiffOp::Equal { .. }) {
            spans.same(&removed);
        } else {
            spans.change(&removed, &added);
        }
    }
    spans.same(&rest.concat());
    Some(spans.finish())
}

/// Collects spans. A blank between two changes is no landmark: it joins them.
#[derive(Default)]
struct Spans {
    done: Vec<Span>,
    removed: String,
    added: String,
    gap: String,
}

impl Spans {
    fn same(&mut self, text: &str) {
        let changing = !self.removed.is_empty() || !self.added.is_empty();
        if changing && self.gap.is_empty() && text.chars().all(char::is_whitespace) {
            text.clone_into(&mut self.gap);
            return;
        }
        self.flush();
        self.push(Fate::Same, text.to_owned());
    }

    fn change(&mut self, removed: &str, added: &str) {
        let gap = std::mem::take(&mut self.gap);
        for (side, more) in [(&mut self.removed, removed), (&mut self.added, added)] {
            side.push_str(&gap);
            side.push_str(more);
        }
    }

    fn flush(&mut self) {
        let (removed, added) = (
            std::mem::take(&mut self.removed),
            std::mem::take(&mut self.added),
        );
        self.push(Fate::Removed, removed);
        self.push(Fate::Added, added);
        let gap = std::mem::take(&mut self.gap);
        self.push(Fate::Same, gap);
    }

    fn push(&mut self, op: Fate, text: String) {
        match self.done.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.op == op => last.text.push_str(&text),
            _ => self.done.push(Span { op, text }),
        }
    }

    fn finish(mut self) -> Vec<Span> {
        self.flush();
        self.done
    }
}

/// What changed from one list of blocks to another.
pub fn blocks(before: &[Block], after: &[Block], budget: &mut Budget) -> Vec<BlockChange> {
    let mut known: HashMap<&Block, u32> = HashMap::new();
    let mut number = |block| {
        let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
        *known.entry(block).or_insert(next)
    };
    let old: Vec<u32> = before.iter().map(&mut number).collect();
    let new: Vec<u32> = after.iter().map(&mut number).collect();
    let mut told = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        let (_, olds, news) = op.as_tag_tuple();
        if matches!(op, DiffOp::Equal { .. }) {
            told.push(BlockChange::Same { count: olds.len() });
        } else {
            let side = |all, at: std::ops::Range<usize>| Side::of(all, at);
            run(&side(before, olds), &side(after, news), budget, &mut told);
        }
    }
    told
}

/// One side of a run that differs: its blocks with their places and their words.
struct Side<'a>(Vec<Candidate<'a>>);

struct Candidate<'a> {
    at: usize,
    block: &'a Block,
    text: String,
    /// Hashes of the words, sorted.
    words: Vec<u64>,
}

impl<'a> Side<'a> {
    fn of(all: &'a [Block], places: std::ops::Range<usize>) -> Self {
        let first = places.start;
        let blocks = all.get(places).unwrap_or_default();
        let candidates = blocks.iter().zip(first..).map(|(block, at)| {
            let text = plain::block(block);
            let mut words: Vec<u64> = text.unicode_words().map(hashed).collect();
            words.sort_unstable();
            Candidate {
                at,
                block,
                text,
                words,
            }
        });
        Self(candidates.collect())
    }
}

fn hashed(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}

/// A run of blocks that became another one: in their order, each old block is looked for among the next new ones.
fn run(old: &Side<'_>, new: &Side<'_>, budget: &mut Budget, told: &mut Vec<BlockChange>) {
    let mut rest = new.0.iter();
    for was in &old.0 {
        let ahead = rest.as_slice().iter().take(AHEAD).enumerate();
        let best = ahead
            .map(|(n, now)| (resemblance(was, now), n))
            .filter(|(degree, _)| *degree >= 500)
            .max_by_key(|(degree, n)| (*degree, std::cmp::Reverse(*n)));
        let Some((_, n)) = best else {
            told.push(BlockChange::Removed {
                from: was.at,
                block: was.block.clone(),
            });
            continue;
        };
        told.extend(rest.by_ref().take(n).map(added));
        told.extend(rest.next().map(|now| BlockChange::Changed {
            from: was.at,
            to: now.at,
            before: was.block.clone(),
            after: now.block.clone(),
            changes: texts(&was.text, &now.text, budget),
        }));
    }
    told.extend(rest.map(added));
}

fn added(candidate: &Candidate<'_>) -> BlockChange {
    BlockChange::Added {
        to: candidate.at,
        block: candidate.block.clone(),
    }
}

/// How much two blocks have in common, from 0 to 1,000: their words, in any order (Dice's coefficient).
fn resemblance(a: &Candidate<'_>, b: &Candidate<'_>) -> usize {
    let all = a.words.len() + b.words.len();
    if all == 0 {
        return if a.block.kind() == b.block.kind() {
            1_000
        } else {
            0
        };
    }
    let (mut x, mut y) = (a.words.iter().peekable(), b.words.iter().peekable());
    let mut common = 0;
    while let (Some(one), Some(other)) = (x.peek(), y.peek()) {
        match one.cmp(other) {
            std::cmp::Ordering::Less => drop(x.next()),
            std::cmp::Ordering::Greater => drop(y.next()),
            std::cmp::Ordering::Equal => {
                common += 1;
                x.next();
                y.next();
            }
        }
    }
    2_000 * common / all
}

#[cfg(test)]
mod tests;
