//! Holding a page against the articles: which it derives from, how much of each it has, and whether it
//! carries what it owes.

use std::collections::HashSet;
use std::ops::Range;

use super::view::{
    AlteredView, CreditState, CreditView, ExtentView, MatchView, NoticeView, PassageView, RunView,
    TitleState, TitleView,
};
use super::{
    AlterationKind, Candidate, CreditPrint, Overlap, Printed, TitlePrint, compare, credit,
    is_derived, notice, rank_candidates, title,
};
use crate::articles::model::Article;
use crate::articles::store::prints::Shared;
use crate::kernel::fingerprint::{Folded, MAX_FINGERPRINTS, fingerprints};
use crate::kernel::id::ArticleId;
use crate::rights::{Attribution, Cut, Decision, Extent};

/// Characters of a page that are looked up together: of more, only a choice would be kept.
const CHUNK: usize = 40_000;

/// As many fingerprints of one page as are looked up: those of two of the longest texts.
const MAX_LOOKED_UP: usize = 2 * MAX_FINGERPRINTS;

/// As many articles as are looked at for one page, of which [`super::MAX_CANDIDATES`] are compared.
const MAX_LOADED: usize = 100;

/// How far two of these overlap, so that what stands across their border is found.
const OVERLAP: usize = 200;

/// A page as it is compared.
pub struct Checked<'t> {
    text: &'t str,
    heading: Option<&'t str>,
    folded: Folded<'t>,
    printed: Printed,
}

impl<'t> Checked<'t> {
    /// `heading` is what the page says its own title is.
    pub fn of(text: &'t str, heading: Option<&'t str>) -> Self {
        Self {
            text,
            heading,
            folded: Folded::of(text),
            printed: Printed::of(text),
        }
    }

    /// What the page has in common with an original; `None` where it does not derive from it.
    pub fn derived(&self, original: &str) -> Option<Overlap> {
        let overlap = compare(&self.folded, &Folded::of(original));
        is_derived(&overlap).then_some(overlap)
    }

    /// How many fingerprints a text that may be read has, and how many of those that lead somewhere the
    /// page has too. Those of `whole` alone are in the index.
    pub fn shared(&self, telling: &HashSet<i64>, read: &str, whole: &str) -> (usize, usize) {
        let of_read = fingerprints(&Folded::of(read));
        let of_whole: HashSet<i64> = match read == whole {
            true => of_read.iter().copied().collect(),
            false => fingerprints(&Folded::of(whole)).into_iter().collect(),
        };
        let shared = |one: &&i64| telling.contains(one) && of_whole.contains(one);
        (of_read.iter().filter(shared).count(), of_read.len())
    }

    /// Everything there is to say of one article that the page derives from, to somebody of the desk or
    /// to a partner.
    pub fn described(
        &self,
        article: &Article,
        overlap: &Overlap,
        attribution: &Attribution,
        licence: Option<&Decision>,
        for_desk: bool,
    ) -> MatchView {
        MatchView {
            id: article.state.id,
            slug: article.content.slug.clone(),
            version: article.version,
            original_in_page: overlap.original_in_page(),
            page_in_original: overlap.page_in_original(),
            longest_run: overlap.longest().map(|run| RunView {
                units: wide(run.units),
                at: wide(run.page.start),
                original_at: wide(run.original.start),
            }),
            extent: licence.map(|decision| extent(overlap, decision)),
            credit: self.credit(attribution),
            title: self.title(&article.content.title),
            notices: attribution
                .notices
                .iter()
                .map(|credit| {
                    let found = notice(&self.folded, &credit.text);
                    NoticeView {
                        id: credit.id,
                        kind: credit.kind,
                        present: found.present,
                        share: found.share,
                    }
                })
                .collect(),
            altered: overlap
                .altered
                .iter()
                .map(|altered| AlteredView {
                    kind: match altered.kind {
                        AlterationKind::Inserted => super::view::AlteredKind::Inserted,
                        AlterationKind::Deleted => super::view::AlteredKind::Deleted,
                        AlterationKind::Replaced => super::view::AlteredKind::Replaced,
                    },
                    page: PassageView::of(&altered.page, true),
                    original: PassageView::of(&altered.original, for_desk),
                })
                .collect(),
            altered_total: wide(overlap.altered_total),
        }
    }

    fn credit(&self, attribution: &Attribution) -> CreditView {
        let line = &attribution.credit_line;
        let label = attribution.credit_label();
        let (state, at) = match credit(&self.printed, &self.folded, line, label) {
            CreditPrint::Exact { at } => (CreditState::Exact, Some(at)),
            CreditPrint::OtherScript { at } => (CreditState::OtherScript, Some(at)),
            CreditPrint::LabelOnly { at } => (CreditState::LabelOnly, Some(at)),
            CreditPrint::Missing => (CreditState::Missing, None),
        };
        CreditView {
            expected: line.clone(),
            state,
            at: at.map(wide),
        }
    }

    fn title(&self, expected: &str) -> TitleView {
        let (state, at, found) = match title(self.text, &self.folded, expected, self.heading) {
            TitlePrint::Same { at } => (TitleState::Same, at, None),
            TitlePrint::OtherScript { at } => (TitleState::OtherScript, at, None),
            TitlePrint::Changed { found } => (TitleState::Changed, None, Some(found)),
            TitlePrint::Missing => (TitleState::Missing, None, None),
        };
        TitleView {
            expected: expected.to_owned(),
            state,
            at: at.map(wide),
            found,
        }
    }
}

/// The fingerprints by which a page is looked up. Of a long page the smallest, as an index keeps them.
pub fn looked_up(text: &str) -> Vec<i64> {
    let chars: Vec<char> = text.chars().collect();
    let mut all = Vec::new();
    let mut from = 0;
    while from < chars.len() {
        let to = (from + CHUNK).min(chars.len());
        let piece: String = chars[from..to].iter().collect();
        all.extend(fingerprints(&Folded::of(&piece)));
        if to == chars.len() {
            break;
        }
        from = to - OVERLAP;
    }
    all.sort_unstable_by_key(|print| print.cast_unsigned());
    all.dedup();
    all.truncate(MAX_LOOKED_UP);
    all
}

/// The articles that are worth a look, the most promising first.
pub fn ranked(prints: usize, sharing: &[Shared]) -> Vec<ArticleId> {
    let candidates = sharing.iter().map(|one| Candidate {
        id: one.article,
        shared: one.shared,
        total: one.total,
    });
    let ranked = rank_candidates(prints, candidates.collect(), MAX_LOADED);
    ranked.into_iter().map(|candidate| candidate.id).collect()
}

/// The text that a decision leaves of an article's body.
pub fn as_read(article: &Article, decision: &Decision) -> String {
    let cut = article.clone().cut(decision.extent, decision.excerpt_chars);
    cut.content.body.to_text()
}

/// How much was taken, held against what a licence gives.
fn extent(overlap: &Overlap, decision: &Decision) -> ExtentView {
    let taken = taken(overlap);
    let licensed_chars = match decision.extent {
        Extent::Full => None,
        Extent::Excerpt => Some(decision.excerpt_chars),
        Extent::Headline | Extent::Stub => Some(0),
    };
    ExtentView {
        taken_chars: wide(taken),
        licensed: decision.extent,
        licensed_chars: licensed_chars.map(wide),
        within: licensed_chars.is_none_or(|most| taken <= most),
        may_alter: decision.alteration,
    }
}

/// Characters of the original that stand in the page, each counted once.
fn taken(overlap: &Overlap) -> usize {
    let mut runs: Vec<Range<usize>> = overlap
        .runs
        .iter()
        .map(|run| run.original.clone())
        .collect();
    runs.sort_unstable_by_key(|run| run.start);
    let (taken, _) = runs.iter().fold((0, 0), |(taken, until), run| {
        let fresh = run.end.saturating_sub(run.start.max(until));
        (taken + fresh, until.max(run.end))
    });
    taken
}

pub(super) fn wide(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
