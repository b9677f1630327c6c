//! The seal: types that make it a matter of compilation that no text leaves
//! without its credit.
//!
//! ```text
//! store ── Held ──clear──▶ Licensed ──present──▶ Deliverable ──▶ Reply
//!                                                     └──▶ Rendered ──clear again──▶ Reply
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
//! An answer is made of a `Deliverable`, and that is made by clearing. It leaves once it is
//! settled: what goes to a partner is in the ledger by then.
//!
//! ```
//! use chrono::{DateTime, Utc};
//! use masthead::http::{auth::ReadArticles, context::Cx, problem::Problem, reply::Reply, settle::Settled};
//! use masthead::rights::{Cut, Held, InBand, Surface, clear};
//! async fn answer<T: Cut, V: InBand + serde::Serialize>(
//!     cx: Cx<ReadArticles>, work: Held<T>, shape: impl FnOnce(T) -> V,
//! ) -> Result<Settled, Problem> {
//!     let item = clear(work, &cx.principal().use_(), cx.now())?.present(shape);
//!     Reply::ok(item).settle(&cx, Surface::Item).await
//! }
//! fn responds(settled: Settled) -> impl actix_web::Responder {
//!     settled
//! }
//! ```
//! ```compile_fail,E0277
//! use masthead::http::reply::Reply;
//! use masthead::rights::Deliverable;
//! fn responds(item: Deliverable<String>) -> impl actix_web::Responder {
//!     Reply::ok(item) // cleared and credited, but not in the ledger
//! }
//! ```
//! ```compile_fail,E0277
//! use masthead::http::reply::Reply;
//! use masthead::rights::Held;
//! fn responds(work: Held<String>) -> impl actix_web::Responder {
//!     Reply::ok(work) // held, not cleared
//! }
//! ```
//! What is no work with its credit cannot be settled either:
//!
//! ```compile_fail,E0599
//! use masthead::http::{auth::ReadArticles, context::Cx, problem::Problem, reply::Reply, settle::Settled};
//! use masthead::rights::{Licensed, Surface};
//! async fn answer(cx: Cx<ReadArticles>, work: Licensed<String>) -> Result<Settled, Problem> {
//!     Reply::ok(work).settle(&cx, Surface::Item).await // cleared, but without its credit
//! }
//! ```
//! The real thing, an article, with and without clearing:
//!
//! ```
//! use masthead::articles::{model::Article, view::{ArticleView, Projection}};
//! use masthead::http::{auth::ReadArticles, context::Cx, problem::Problem, reply::Reply, settle::Settled};
//! use masthead::rights::{Held, Surface, clear};
//! async fn answer(cx: Cx<ReadArticles>, work: Held<Article>) -> Result<Settled, Problem> {
//!     let work = clear(work, &cx.principal().use_(), cx.now())?;
//!     let item = work.present(|a| ArticleView::of(a, &Projection::default()));
//!     Reply::ok(item).settle(&cx, Surface::Item).await
//! }
//! ```
//! ```compile_fail,E0599
//! use masthead::articles::{model::Article, view::{ArticleView, Projection}};
//! use masthead::http::{auth::ReadArticles, context::Cx, problem::Problem, reply::Reply, settle::Settled};
//! use masthead::rights::Surface;
//! async fn answer(cx: Cx<ReadArticles>, article: Article) -> Result<Settled, Problem> {
//!     let view = ArticleView::of(article, &Projection::default());
//!     Reply::ok(view).settle(&cx, Surface::Item).await // a view alone carries no credit
//! }
//! ```

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::attribution::{Attribution, CreditBlock};
use super::decide::{Refusal, Use, decide};
use super::derived::InScript;
use super::licence::Granted;
use super::rendered::Fingerprint;
use super::terms::{Extent, Rights};
use crate::kernel::han::Script;
use crate::kernel::id::{ArticleId, AttestationId, ClientId, LicenceId, PartnerId, SectionId};
use crate::kernel::language::Language;

/// A work under lock: what stores return.
pub struct Held<T> {
    content: T,
    rights: Arc<Rights>,
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
    /// Holding a printed page against it.
    Compare,
}

impl<T> Held<T> {
    pub fn lock(content: T, rights: Rights) -> Self {
        Self {
            content,
            rights: Arc::new(rights),
        }
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
    fingerprint: Fingerprint,
    owed: Option<Owed>,
}

/// What the ledger needs of a licensed work, before it is known whether a body is given out.
struct Owed {
    partner: PartnerId,
    client: (ClientId, i64),
    granted: Granted,
    section: Option<SectionId>,
    version: i64,
    digest: String,
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
    let owed = match decision.granted.clone() {
        None => None,
        // A licensed work goes to a key: the ledger could not say to whom else it went.
        Some(granted) => Some(owed(&rights, use_, granted).ok_or(Refusal::Unattributable)?),
    };
    Ok(Licensed {
        content,
        article: rights.article,
        attribution,
        fingerprint: Fingerprint::new(rights, use_, decision),
        owed,
    })
}

fn owed(rights: &Rights, use_: &Use, granted: Granted) -> Option<Owed> {
    let holder = use_.holder.as_ref()?;
    Some(Owed {
        partner: holder.partner,
        client: holder.client?,
        granted,
        section: rights.facts.sections.last().copied(),
        version: rights.facts.version,
        digest: rights.facts.digest.clone(),
    })
}

/// An outward shape that can carry the credit inside its own text (rule 5).
pub trait InBand {
    /// Writes the credit into any part that may travel without metadata.
    fn carry(&mut self, credit: CreditBlock<'_>);

    /// The body that goes out with this shape, as it goes out; `None` without one.
    fn body(&self) -> Option<Carried>;
}

/// A shape with its credit inside, whoever reads it: it may leave in a form that has no place for the
/// members that stand around it in JSON.
pub trait Standalone: InBand {}

/// A body as it is delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Such as `html`.
    pub format: &'static str,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// A body on its way to a partner: what the ledger says of it (rule 10), and what a statement
/// about it is made of (rule 22).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub partner: PartnerId,
    pub client: ClientId,
    /// The key as it stood when the request was admitted.
    pub client_revision: i64,
    pub licence: LicenceId,
    /// The licence as it stood when the decision was made.
    pub licence_revision: i64,
    /// The end of the right.
    pub valid_until: Option<DateTime<Utc>>,
    /// Given before readers may see it.
    pub embargoed: bool,
    pub article: ArticleId,
    pub section: Option<SectionId>,
    pub version: i64,
    /// SHA-256 of the version's canonical text, as the article's `body.digest` has it.
    pub digest: String,
    /// SHA-256 of the body as it goes out.
    pub content_digest: String,
    pub credit_line: String,
    pub extent: Extent,
    pub format: &'static str,
    /// The statement that goes with it, once there is one.
    pub attestation: Option<AttestationId>,
}

impl<T> Licensed<T> {
    pub fn extent(&self) -> Extent {
        self.attribution.usage.extent
    }

    pub fn article(&self) -> ArticleId {
        self.article
    }

    pub fn attribution(&self) -> &Attribution {
        &self.attribution
    }

    /// Whether this reading is to be put on record.
    pub fn logged(&self) -> bool {
        self.fingerprint.decision().logged
    }

    /// The work in a script, where it is Chinese in the other one and may be altered as far as that:
    /// a derived text, which says so (rule 11). Otherwise it stays as it is.
    #[must_use]
    pub fn in_script(self, script: Option<Script>) -> Self
    where
        T: InScript,
    {
        let Some(to) = script.filter(|to| self.fingerprint.converts(*to)) else {
            return self;
        };
        Self {
            content: self.content.in_script(to),
            attribution: self.attribution.in_script(self.fingerprint.rights(), to),
            ..self
        }
    }

    /// The language of what is left of it.
    pub fn language(&self) -> &Language {
        match &self.attribution.derived {
            Some(derived) => &derived.language,
            None => &self.fingerprint.rights().language,
        }
    }

    /// Shapes the content for the wire and writes the credit.
    pub fn present<V: InBand>(self, shape: impl FnOnce(T) -> V) -> Deliverable<V> {
        let mut item = shape(self.content);
        item.carry(self.attribution.block());
        let attribution = self.attribution;
        let article = self.article;
        let owed = self.owed.and_then(|owed| {
            let body = item.body()?;
            Some(Delivery {
                partner: owed.partner,
                client: owed.client.0,
                client_revision: owed.client.1,
                licence: owed.granted.licence,
                licence_revision: owed.granted.licence_revision,
                valid_until: attribution.usage.valid_until,
                embargoed: attribution.usage.embargoed == Some(true),
                article,
                section: owed.section,
                version: owed.version,
                digest: owed.digest,
                content_digest: body.sha256,
                credit_line: attribution.credit_line.clone(),
                extent: attribution.usage.extent,
                format: body.format,
                attestation: None,
            })
        });
        Deliverable {
            item,
            attribution,
            fingerprint: self.fingerprint,
            owed: owed.map(Box::new),
        }
    }
}

/// The only outward form of a work: its view, and its credit.
#[derive(Serialize)]
pub struct Deliverable<V> {
    #[serde(flatten)]
    item: V,
    attribution: Attribution,
    /// What the ledger has to hold before it may leave.
    #[serde(skip)]
    owed: Option<Box<Delivery>>,
    /// How it was cleared.
    #[serde(skip)]
    fingerprint: Fingerprint,
}

impl<V: Standalone> Deliverable<V> {
    /// The shape, with the credit that is in it.
    pub fn alone(&self) -> &V {
        &self.item
    }
}

impl<V> Deliverable<V> {
    /// The first instant at which this answer may be wrong, if one is known.
    pub fn valid_until(&self) -> Option<DateTime<Utc>> {
        self.attribution.usage.valid_until
    }

    pub fn attribution(&self) -> &Attribution {
        &self.attribution
    }

    /// The body that the ledger has to hold before this leaves, if it gives one to a partner.
    pub fn owed(&self) -> Option<&Delivery> {
        self.owed.as_deref()
    }

    /// How it was cleared.
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// Adds the signed statement about what is owed.
    pub fn attest(&mut self, id: AttestationId, token: String) {
        if let Some(owed) = &mut self.owed {
            owed.attestation = Some(id);
            self.attribution.attestation = Some(token);
        }
    }
}
