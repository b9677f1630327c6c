//! Ready bytes: an answer that is kept so that it need not be made again. The decision is made
//! again on every request (rule 8); the bytes leave only if it comes out as it did when they were
//! made.
//!
//! ```
//! use masthead::rights::{Deliverable, Rendered};
//! fn keep<V>(item: &Deliverable<V>, bytes: Vec<u8>) -> Rendered<Vec<u8>> {
//!     Rendered::of([item.fingerprint()], bytes)
//! }
//! ```
//! Nothing comes out without a decision:
//! ```compile_fail,E0616
//! use masthead::rights::Rendered;
//! fn leak(kept: Rendered<Vec<u8>>) -> Vec<u8> {
//!     kept.ready // private: only `cleared` gives it
//! }
//! ```
//! And what was cleared cannot be made up:
//! ```compile_fail,E0624
//! use masthead::rights::{Decision, Fingerprint, Rights, Use};
//! fn forge(rights: std::sync::Arc<Rights>, use_: &Use, decision: Decision) -> Fingerprint {
//!     Fingerprint::new(rights, use_, decision) // only `clear` makes one
//! }
//! ```

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::decide::{Audience, Decision, Use, decide};
use super::terms::{Alteration, Rights};
use crate::kernel::han::Script;
use crate::kernel::id::{ClientId, PartnerId};

/// How a work was cleared. What it shows, its credit and what the ledger says of it follow from
/// the work with its rights as they were loaded together, from who reads, and from the decision.
/// So an equal fingerprint means an equal answer.
#[derive(Clone)]
pub struct Fingerprint {
    rights: Arc<Rights>,
    audience: Audience,
    /// The partner, and its key as it stood.
    holder: Option<(PartnerId, Option<(ClientId, i64)>)>,
    decision: Decision,
}

fn holder(use_: &Use) -> Option<(PartnerId, Option<(ClientId, i64)>)> {
    use_.holder.as_ref().map(|it| (it.partner, it.client))
}

impl Fingerprint {
    pub(super) fn new(rights: Arc<Rights>, use_: &Use, decision: Decision) -> Self {
        Self {
            rights,
            audience: use_.audience,
            holder: holder(use_),
            decision,
        }
    }

    pub(super) fn decision(&self) -> &Decision {
        &self.decision
    }

    pub(super) fn rights(&self) -> &Rights {
        &self.rights
    }

    /// Whether the work may be, and has to be, converted to be in this script.
    pub(super) fn converts(&self, to: Script) -> bool {
        let script = self.rights.language.script();
        script.is_some_and(|script| script != to) && self.decision.alteration >= Alteration::Format
    }

    /// Bytes of the rights that it holds on to, roughly: what a work has of its own, and a copy of
    /// what its source allows.
    fn bytes(&self) -> usize {
        const WORK: usize = 1_536;
        const GRANT: usize = 256;
        let rights = &self.rights;
        let tags: usize = rights.facts.tags.iter().map(|tag| tag.len() + 24).sum();
        WORK + rights.title.len() + tags + rights.grants.len() * GRANT
    }

    /// Whether clearing the same work for this use now comes out the same.
    fn stands(&self, use_: &Use, now: DateTime<Utc>) -> bool {
        self.audience == use_.audience
            && self.holder == holder(use_)
            && decide(&self.rights, use_, now).is_ok_and(|decision| decision == self.decision)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fingerprint")
            .field("article", &self.rights.article)
            .field("decision", &self.decision)
            .finish_non_exhaustive()
    }
}

/// Something ready to leave, with the works that are in it.
#[derive(Debug)]
pub struct Rendered<B> {
    ready: B,
    works: Box<[Fingerprint]>,
}

impl<B> Rendered<B> {
    /// What was made of these works, each as it was cleared.
    pub fn of<'a>(works: impl IntoIterator<Item = &'a Fingerprint>, ready: B) -> Self {
        Self {
            ready,
            works: works.into_iter().cloned().collect(),
        }
    }

    /// What is ready, if every work in it is cleared for this use now as it was then.
    pub fn cleared(&self, use_: &Use, now: DateTime<Utc>) -> Option<&B> {
        let stand = self.works.iter().all(|work| work.stands(use_, now));
        stand.then_some(&self.ready)
    }

    /// Looks at what is ready to tell its size. A structure test lists the callers.
    pub fn measured(&self, measure: impl FnOnce(&B) -> usize) -> usize {
        measure(&self.ready)
    }

    /// Bytes that the works take which it holds on to, roughly.
    pub fn held_bytes(&self) -> usize {
        self.works.iter().map(Fingerprint::bytes).sum()
    }
}
