//! What is said of a run: a line for each change, and a summary.

use std::fmt;

use super::plan::Outcome;
use super::wire::Entry;
use crate::kernel::id::{AdvisoryId, ArticleId};

/// Something that happened, once it is on disk.
#[derive(Debug)]
pub enum Told {
    /// An entry of the feed, and what became of its article by the end of the page.
    Change { entry: Entry, outcome: Outcome },
    Acknowledged {
        id: AdvisoryId,
        action: &'static str,
    },
    /// The server does not know the cursor: all is asked for anew.
    Lost { cursor: String },
    /// It could not be had when it was told of.
    Again {
        article: ArticleId,
        outcome: Outcome,
    },
    /// It was not told of again when all was, and is removed.
    Swept { article: ArticleId },
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Change { entry, outcome } => {
                let Entry {
                    kind, at, article, ..
                } = entry;
                let at = at.format("%Y-%m-%dT%H:%M:%SZ");
                write!(f, "{at} {} {kind}: ", article.id)?;
                if let Some(advisory) = &entry.advisory {
                    write!(f, "{}, ", advisory.id)?;
                }
                outcome.fmt(f)
            }
            Self::Acknowledged { id, action } => write!(f, "{id} acknowledged: {action}"),
            Self::Lost { cursor } => {
                write!(
                    f,
                    "the server does not know {cursor}: all is asked for anew"
                )
            }
            Self::Again { article, outcome } => write!(f, "{article} asked again: {outcome}"),
            Self::Swept { article } => write!(f, "{article} not told again: removed"),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untouched => f.write_str("as it was"),
            Self::Written {
                version: Some(version),
                extent,
            } => write!(f, "version {version} ({extent})"),
            Self::Written {
                version: None,
                extent,
            } => write!(f, "written ({extent})"),
            Self::Gone { was_there: true } => f.write_str("removed"),
            Self::Gone { was_there: false } => f.write_str("not there"),
        }
    }
}

/// What a run has done.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Entries of the feed.
    pub changes: u64,
    /// Of those, the ones after which the article was there or gone; one article may be told of often. With what was
    /// written when it was asked for again.
    pub written: u64,
    pub removed: u64,
    pub acknowledged: u64,
    /// What was not told again.
    pub swept: u64,
    pub cursor: Option<String>,
}

impl Summary {
    pub(super) fn count(&mut self, told: &Told) {
        match told {
            Told::Change { outcome, .. } => {
                self.changes += 1;
                match outcome {
                    Outcome::Written { .. } => self.written += 1,
                    Outcome::Gone { .. } => self.removed += 1,
                    Outcome::Untouched => {}
                }
            }
            Told::Again { .. } => self.written += 1,
            Told::Acknowledged { .. } => self.acknowledged += 1,
            Told::Swept { .. } => self.swept += 1,
            Told::Lost { .. } => {}
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            changes,
            written,
            removed,
            acknowledged,
            swept,
            cursor,
        } = self;
        write!(
            f,
            "{changes} changes: {written} written, {removed} removed or not there; {acknowledged} advisories acknowledged"
        )?;
        if *swept > 0 {
            write!(f, "; {swept} not told again")?;
        }
        match cursor {
            Some(cursor) => write!(f, "; at {cursor}"),
            None => f.write_str("; nothing was told"),
        }
    }
}
