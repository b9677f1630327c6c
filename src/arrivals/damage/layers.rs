//! A text that several steps repair one after the other, and where each character came from.

use std::ops::Range;

use super::findings::{DamageCause, DamageKind};

/// A place that a step found, in the offsets of the text that the step read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    pub range: Range<usize>,
    pub cause: DamageCause,
    pub proposal: Option<String>,
    pub reading: Option<String>,
}

impl Spot {
    /// A place of which nothing is certain but that it is damaged.
    pub fn told(range: Range<usize>, cause: DamageCause) -> Self {
        Self {
            range,
            cause,
            proposal: None,
            reading: None,
        }
    }

    /// Takes another place of the same run in.
    pub fn join(&mut self, next: Self) {
        self.range.end = self.range.end.max(next.range.end);
        if self.cause.weight() < next.cause.weight() {
            self.cause = next.cause;
        }
        self.proposal = self.proposal.take().or(next.proposal);
        self.reading = self.reading.take().or(next.reading);
    }

    /// A place whose right text is certain.
    pub fn repaired(range: Range<usize>, cause: DamageCause, proposal: impl Into<String>) -> Self {
        Self {
            proposal: Some(proposal.into()),
            ..Self::told(range, cause)
        }
    }
}

/// The text as the last step left it, and all that was found so far.
pub(super) struct Layers {
    chars: Vec<char>,
    /// For each character, the part of the first text that it is or replaces.
    spans: Vec<(u32, u32)>,
    /// What was found, in the offsets of the first text.
    told: Vec<Spot>,
}

impl Layers {
    pub fn new(raw: &[char]) -> Self {
        let spans = (0_u32..).zip(raw).map(|(at, _)| (at, at.saturating_add(1)));
        Self {
            spans: spans.collect(),
            chars: raw.to_vec(),
            told: Vec::new(),
        }
    }

    pub fn chars(&self) -> &[char] {
        &self.chars
    }

    pub fn has_told(&self, kind: DamageKind) -> bool {
        self.told.iter().any(|spot| spot.cause.kind() == kind)
    }

    /// Notes the places, which must be in order, and applies their proposals.
    pub fn take(&mut self, spots: Vec<Spot>) {
        let mut chars = Vec::new();
        let mut spans = Vec::new();
        let repairs = spots.iter().any(|spot| spot.proposal.is_some());
        let mut done = 0;
        for spot in spots {
            let Range { start, end } = spot.range;
            let (Some(first), Some(last)) =
                (self.spans.get(start), self.spans.get(end.wrapping_sub(1)))
            else {
                continue;
            };
            if start >= end || start < done {
                continue;
            }
            let span = (first.0, last.1.max(first.1));
            if let Some(proposal) = &spot.proposal {
                chars.extend_from_slice(&self.chars[done..start]);
                spans.extend_from_slice(&self.spans[done..start]);
                chars.extend(proposal.chars());
                spans.resize(chars.len(), span);
                done = end;
            }
            self.told.push(Spot {
                range: span.0 as usize..span.1 as usize,
                ..spot
            });
        }
        if repairs {
            chars.extend_from_slice(&self.chars[done..]);
            spans.extend_from_slice(&self.spans[done..]);
            self.chars = chars;
            self.spans = spans;
        }
    }

    pub fn into_parts(self) -> (Vec<char>, Vec<(u32, u32)>, Vec<Spot>) {
        (self.chars, self.spans, self.told)
    }
}

/// The places in order, with those made one that overlap or touch, or that have one lone character
/// between them: parts of one broken run. `cover` is that of the text.
pub(super) fn joined(mut spots: Vec<Spot>, cover: &[u8]) -> Vec<Spot> {
    spots.sort_by_key(|spot| (spot.range.start, spot.range.end));
    let mut runs: Vec<Spot> = Vec::with_capacity(spots.len());
    for spot in spots {
        match runs.last_mut() {
            Some(run) if spot.range.start <= reach(run, cover) => run.join(spot),
            Some(_) | None => runs.push(spot),
        }
    }
    runs
}

fn reach(run: &Spot, cover: &[u8]) -> usize {
    run.range.end + usize::from(cover.get(run.range.end) == Some(&1))
}
