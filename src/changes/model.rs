//! What a client is told, and what is compared to know it: see [`tell`].

pub mod tell;

use chrono::{DateTime, Utc};

use crate::kernel::id::{AdvisoryId, ArticleId, ChangeId};
use crate::kernel::words::words;
use crate::rights::{Extent, ReasonClass};

words! {
    /// What has become of a work for a client.
    EntryKind {
        /// It was published, or given under embargo, and the client may have it.
        Created = "created",
        /// It was given under embargo and is out now.
        Published = "published",
        /// The text, the credit, or what the client may do with it is another.
        Updated = "updated",
        /// A version corrects it.
        Corrected = "corrected",
        /// It was taken back from everybody.
        Withdrawn = "withdrawn",
        /// Its withdrawal was undone.
        Reinstated = "reinstated",
        /// It was out already, and has come into what the client may have.
        Entered = "entered",
        /// It is no longer in what the client may have.
        Exited = "exited",
        /// The client's partner was sent an advisory about it, or is reminded of one.
        Advisory = "advisory",
    }
}

/// An entry of a client's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: ChangeId,
    pub article: ArticleId,
    pub news: News,
}

/// What is told of a work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    pub kind: EntryKind,
    /// When it happened, as far as the change log has it; else when it was found.
    pub at: DateTime<Utc>,
    /// The version that it is about; `None` where the client has none any more.
    pub version: Option<i64>,
    /// How much of it the client may have; `None` where it may have nothing any more.
    pub extent: Option<Extent>,
    /// Of a withdrawal, where it is known.
    pub reason_class: Option<ReasonClass>,
    pub advisory: Option<AdvisoryId>,
}

impl News {
    /// What became of a work, of which the client has this, if anything.
    pub fn of(kind: EntryKind, at: DateTime<Utc>, has: Option<(i64, Option<Extent>)>) -> Self {
        Self {
            kind,
            at,
            version: has.map(|(version, _)| version),
            extent: has.and_then(|(_, extent)| extent),
            reason_class: None,
            advisory: None,
        }
    }
}

/// What a client was last told of a work. A work that it never had is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub version: i64,
    pub is_embargoed: bool,
    /// It was told of a withdrawal; or of nothing yet, since nobody sees the work before
    /// `recheck_at`.
    pub is_gone: bool,
    /// The line of the change log up to which it was told.
    pub seen_seq: i64,
    /// Of everything that its reader sees of it.
    pub fingerprint: String,
    /// The first instant at which the decision may be another.
    pub recheck_at: Option<DateTime<Utc>>,
}

impl Told {
    /// Whether the client need not be told anything in place of this.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.version, self.is_embargoed, self.is_gone)
            == (other.version, other.is_embargoed, other.is_gone)
            && self.fingerprint == other.fingerprint
            && self.recheck_at == other.recheck_at
    }
}

/// What a client may have of a work now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// More than a stub.
    Has { told: Told, extent: Extent },
    /// A tombstone.
    Gone(ReasonClass),
    /// A stub, or nothing at all.
    Nothing,
}

/// What happened to a work, as the change log has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happening {
    pub what: What,
    pub at: DateTime<Utc>,
    pub version: Option<i64>,
}

words! {
    /// What of it readers may notice. Everything else makes no entry by itself.
    What {
        Embargoed = "embargoed",
        Published = "published",
        Corrected = "corrected",
        Withdrawn = "withdrawn",
        Reinstated = "reinstated",
    }
}

/// How far a client's log has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Counts the writes of this row: two who bring the log forward at once meet here.
    pub revision: i64,
    /// The number of the last entry.
    pub last_n: i64,
    /// The last line of the change log that was looked at.
    pub seen_seq: i64,
    /// The instant up to which beginnings and ends were looked at.
    pub seen_at: DateTime<Utc>,
    /// While all works are gone through: the last one that was looked at, empty at the start.
    pub sweep_after: Option<String>,
    /// It begins anew after the last work.
    pub sweep_again: bool,
}

impl Feed {
    /// All works are to be gone through.
    pub fn sweep(&mut self) {
        match self.sweep_after {
            None => self.sweep_after = Some(String::new()),
            // Nothing was looked at yet.
            Some(ref after) if after.is_empty() => {}
            Some(_) => self.sweep_again = true,
        }
    }
}
