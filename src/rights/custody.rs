//! The seal: types that make it a matter of compilation that no text leaves
//! without its credit.
//!
//! ```text
//! store ── Held ──clear──▶ Licensed ──present──▶ Deliverable ──▶ Reply
//! ```
//!
//! Anyone may lock, only [`clear`] opens, only [`Licensed::present`] shapes, and the
//! wrapper writes the credit itself. This stops forgetting, not malice.
//!
//! What is held cannot be taken out, nor printed:
//!
//! ```
//! use masthead::rights::{Held, Purpose};
//! fn digest(work: &Held<String>) -> usize {
//!     work.inspect(Purpose::Digest, |text| text.len())
//! }
//! ```
//! ```compile_fail,E0616
//! use masthead::rights::Held;
//! fn leak(work: Held<String>) -> String {
//!     work.content // private: only `clear` opens it
//! }
//! ```
//!
//! An answer is made of a `Deliverable`, and that is made by clearing:
//!
//! ```
//! use chrono::{DateTime, Utc};
//! use masthead::http::reply::Reply;
//! use masthead::rights::{Cut, Decision, Deliverable, Held, InBand, Refusal, Use, clear};
//! fn answer<T: Cut, V: InBand + serde::Serialize>(
//!     work: Held<T>, use_: &Use, now: DateTime<Utc>, shape: impl FnOnce(T) -> V,
//! ) -> Result<Reply<Deliverable<V>>, Refusal> {
//!     Ok(Reply::ok(clear(work, use_, now)?.present(shape)))
//! }
//! ```
//! ```compile_fail,E0277
//! use masthead::http::reply::Reply;
//! use masthead::rights::Held;
//! fn answer(work: Held<String>) -> Reply<Held<String>> {
//!     Reply::ok(work) // held, not cleared
//! }
//! ```
//! ```compile_fail,E0277
//! use masthead::http::reply::Reply;
//! use masthead::rights::Licensed;
//! fn answer(work: Licensed<String>) -> Reply<Licensed<String>> {
//!     Reply::ok(work) // cleared, but without its credit
//! }
//! ```
//! The real thing, an article, with and without clearing:
//!
//! ```
//! use chrono::{DateTime, Utc};
//! use masthead::articles::{model::Article, view::{ArticleView, Projection}};
//! use masthead::http::reply::Reply;
//! use masthead::rights::{Deliverable, Held, Refusal, Use, clear};
//! fn answer(work: Held<Article>, use_: &Use, now: DateTime<Utc>)
//!     -> Result<Reply<Deliverable<ArticleView>>, Refusal> {
//!     Ok(Reply::ok(clear(work, use_, now)?.present(|a| ArticleView::of(a, &Projection::default()))))
//! }
//! ```
//! ```compile_fail,E0277
//! use masthead::articles::{model::Article, view::{ArticleView, Projection}};
//! use masthead::http::reply::Reply;
//! fn answer(article: Article) -> Reply<ArticleView> {
//!     Reply::ok(ArticleView::of(article, &Projection::default())) // a view alone carries no credit
//! }
//! ```

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::attribution::{Attribution, CreditBlock};
use super::decide::{Refusal, Use, decide};
use super::terms::{Extent, Rights};
use crate::kernel::id::ArticleId;

/// A work under lock: what stores return.
pub struct Held<T> {
    content: T,
    rights: Rights,
}

/// Work on content that is not delivery. A structure test lists the callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Computing a digest.
    Digest,
    /// Applying an edit to what stands.
    Edit,
    /// Checking whether it may be published.
    Publish,
}

impl<T> Held<T> {
    pub fn lock(content: T, rights: Rights) -> Self {
        Self { content, rights }
    }

    pub fn rights(&self) -> &Rights {
        &self.rights
    }

    pub fn inspect<R>(&self, _purpose: Purpose, look: impl FnOnce(&T) -> R) -> R {
        look(&self.content)
    }
}

impl<T> fmt::Debug for Held<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held")
            .field("rights", &self.rights)
            .finish_non_exhaustive()
    }
}

/// Content that knows what each extent leaves of it.
pub trait Cut {
    /// Cuts the content down to an extent; `excerpt_chars` bounds an excerpt, in
    /// Unicode scalar values.
    ///
    /// What was granted is told as granted, even where nothing is left of it: what is loaded
    /// differs by surface, and the decision must not (rule 4).
    #[must_use]
    fn cut(self, extent: Extent, excerpt_chars: usize) -> Self;
}

/// A work opened for one reader, already cut to what was granted.
pub struct Licensed<T> {
    content: T,
    article: ArticleId,
    attribution: Attribution,
    logged: bool,
}

/// Opens a work for a reader, or refuses. Cuts it to the granted extent.
///
/// # Errors
/// A [`Refusal`] if the reader may have nothing, or if no attribution can be computed.
pub fn clear<T: Cut>(
    work: Held<T>,
    use_: &Use,
    now: DateTime<Utc>,
) -> Result<Licensed<T>, Refusal> {
    let Held { content, rights } = work;
    let decision = decide(&rights, use_, now)?;
    let content = content.cut(decision.extent, decision.excerpt_chars);
    let attribution = Attribution::of(&rights, use_, &decision).ok_or(Refusal::Unattributable)?;
    Ok(Licensed {
        content,
        article: rights.article,
        attribution,
        logged: decision.logged,
    })
}

/// An outward shape that can carry the credit inside its own text (rule 5).
pub trait InBand {
    /// Writes the credit into any part that may travel without metadata.
    fn carry(&mut self, credit: &CreditBlock);
}

impl<T> Licensed<T> {
    pub fn extent(&self) -> Extent {
        self.attribution.usage.extent
    }

    pub fn article(&self) -> ArticleId {
        self.article
    }

    /// Whether this reading is to be put on record.
    pub fn logged(&self) -> bool {
        self.logged
    }

    /// Shapes the content for the wire and writes the credit.
    pub fn present<V: InBand>(self, shape: impl FnOnce(T) -> V) -> Deliverable<V> {
        let mut item = shape(self.content);
        item.carry(&self.attribution.block());
        Deliverable {
            item,
            attribution: self.attribution,
        }
    }
}

/// The only outward form of a work: its view, and its credit.
#[derive(Serialize)]
pub struct Deliverable<V> {
    #[serde(flatten)]
    item: V,
    attribution: Attribution,
}

impl<V> Deliverable<V> {
    /// The first instant at which this answer may be wrong, if one is known.
    pub fn valid_until(&self) -> Option<DateTime<Utc>> {
        self.attribution.usage.valid_until
    }

    pub fn attribution(&self) -> &Attribution {
        &self.attribution
    }
}
