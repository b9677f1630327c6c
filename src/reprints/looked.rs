//! A page that was looked up, held against the articles that it may derive from: as far as whoever asks
//! may read them.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::check::{Checked, as_read};
use super::view::{CheckView, MatchView, WithdrawnMatch};
use super::{Candidate, MAX_CANDIDATES, Overlap, rank_candidates};
use crate::articles::model::Article;
use crate::kernel::id::ArticleId;
use crate::rights::{
    Audience, Decision, Deliverable, Extent, Held, Purpose, Refusal, Use, clear, decide,
};

/// A page, who asks about it, and on whose terms.
pub(super) struct Looked {
    pub text: String,
    /// What the page says its own title is.
    pub heading: Option<String>,
    /// How many fingerprints it was looked up by, and which of them lead somewhere.
    pub prints: usize,
    pub telling: HashSet<i64>,
    pub use_: Use,
    pub printer: Option<Use>,
    pub now: DateTime<Utc>,
}

/// An article that is compared with a page: as far as the caller may read it.
struct Comparable {
    work: Held<Article>,
    text: String,
    /// What the caller may have of it; nothing of what was withdrawn.
    decision: Option<Decision>,
}

impl Looked {
    /// What the page derives from, and the readings of it that are to be put on record.
    ///
    /// Which articles are chosen, and all that is said of them, rests on what the caller may read: a page
    /// made of guesses must not tell which of them stand in the rest.
    pub fn answer(
        self,
        works: Vec<Held<Article>>,
        given: &HashSet<ArticleId>,
    ) -> (CheckView, Vec<ArticleId>) {
        let checked = Checked::of(&self.text, self.heading.as_deref());
        let mut comparable: HashMap<ArticleId, Comparable> = HashMap::new();
        let mut candidates = Vec::new();
        for work in works {
            if let Some((candidate, one)) = self.comparable(&checked, work, given) {
                candidates.push(candidate);
                comparable.insert(candidate.id, one);
            }
        }
        let (mut matches, mut withdrawn, mut logged) = (Vec::new(), Vec::new(), Vec::new());
        for candidate in rank_candidates(self.prints, candidates, MAX_CANDIDATES) {
            let Some(one) = comparable.remove(&candidate.id) else {
                continue;
            };
            let Some(overlap) = checked.derived(&one.text) else {
                continue;
            };
            if one
                .decision
                .as_ref()
                .is_some_and(|decision| decision.logged)
            {
                logged.push(candidate.id);
            }
            match one.work.rights().lifecycle.withdrawal_at(self.now) {
                Some(gone) => withdrawn.push(WithdrawnMatch {
                    id: candidate.id,
                    reason_class: gone.reason_class,
                    original_in_page: overlap.original_in_page(),
                }),
                None => matches.extend(self.matched(&checked, one, &overlap)),
            }
        }
        let answer = CheckView {
            matches,
            withdrawn,
            text: self.text.clone(),
        };
        (answer, logged)
    }

    /// The article, if the caller may read any text of it, or was given all of it before it was withdrawn;
    /// and how much of that text the page seems to have.
    fn comparable(
        &self,
        checked: &Checked<'_>,
        work: Held<Article>,
        given: &HashSet<ArticleId>,
    ) -> Option<(Candidate<ArticleId>, Comparable)> {
        let id = work.rights().article;
        let decision = match decide(work.rights(), &self.use_, self.now) {
            Ok(decision) => Some(decision),
            Err(Refusal::Gone(_)) if given.contains(&id) => None,
            Err(_) => return None,
        };
        let (text, (shared, total)) = work.inspect(Purpose::Compare, |article| {
            let whole = article.content.body.to_text();
            let text = match &decision {
                Some(decision) => as_read(article, decision),
                None => whole.clone(),
            };
            let shared = checked.shared(&self.telling, &text, &whole);
            (text, shared)
        });
        let comparable = Comparable {
            work,
            text,
            decision,
        };
        Some((Candidate { id, shared, total }, comparable))
    }

    fn matched(
        &self,
        checked: &Checked<'_>,
        one: Comparable,
        overlap: &Overlap,
    ) -> Option<Deliverable<MatchView>> {
        let may_read_all = one
            .decision
            .is_some_and(|decision| decision.extent == Extent::Full);
        let printer = self.printer.as_ref().filter(|_| may_read_all);
        let licence = printer.and_then(|printer| decide(one.work.rights(), printer, self.now).ok());
        let for_desk = matches!(self.use_.audience, Audience::Desk { .. });
        let licensed = clear(one.work, &self.use_, self.now).ok()?;
        let attribution = licensed.attribution().clone();
        Some(licensed.present(|article| {
            checked.described(&article, overlap, &attribution, licence.as_ref(), for_desk)
        }))
    }
}
