//! What a page of changes means for a folder. Pure: no request, no file.
//!
//! An entry says that something became of an article, not what it holds: the article is fetched as the
//! reader may have it by then. So of several entries about one article the last one decides, and a
//! page that is read again, after a crash, does no harm.

use super::format::Format;
use super::wire::{Advisory, Changed, Entry};
use crate::kernel::id::{AdvisoryId, ArticleId};

/// What a page says of one article.
#[derive(Debug, PartialEq, Eq)]
pub struct Group {
    pub article: ArticleId,
    /// In the order of the log.
    pub entries: Vec<Entry>,
}

/// What is to be done about the text of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// Nothing was said of it.
    Stays,
    /// It is fetched, and removed if there is nothing to fetch.
    Fetched,
    Removed,
}

/// What became of the text of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Untouched,
    /// It is there, in this version as far as the server says which.
    Written {
        version: Option<i64>,
        extent: String,
    },
    /// It is not there; whether it was.
    Gone {
        was_there: bool,
    },
}

/// How what came of a text stands to what was told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was told of it.
    Unknown,
    AsTold,
    /// It was told to be there to this extent. It may have become so since, and then a later entry says so; or
    /// the right to it was another one for a moment, of which the log has nothing to tell.
    Otherwise(Option<String>),
}

/// Whether a text came as it was told to be there: to this extent, where the server says to which.
pub fn is_as_told(extent: Option<&str>, outcome: &Outcome, format: Format) -> bool {
    match outcome {
        Outcome::Written { extent: had, .. } => extent.is_none_or(|told| told == had),
        // Of a headline there is JSON alone.
        Outcome::Gone { .. } => extent == Some("headline") && format != Format::Json,
        Outcome::Untouched => true,
    }
}

/// What the server is told of an advisory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledgement {
    Action(&'static str),
    /// The server gives an older version yet: later.
    TooEarly,
    /// Of a kind that is newer than this program: for people to answer.
    Unknown,
}

/// The entries of a page by article, in the order in which each is told of first.
pub fn by_article(entries: Vec<Entry>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for entry in entries {
        let article = entry.article.id;
        match groups.iter_mut().find(|group| group.article == article) {
            Some(group) => group.entries.push(entry),
            None => groups.push(Group {
                article,
                entries: vec![entry],
            }),
        }
    }
    groups
}

impl Group {
    /// What the newest entry that is about the text says of it. A kind that is not known is a reason to look.
    pub fn text(&self) -> Text {
        let kinds = self.entries.iter().rev().map(|entry| entry.kind.as_str());
        kinds
            .map(|kind| match kind {
                "advisory" => Text::Stays,
                "withdrawn" | "exited" => Text::Removed,
                _ => Text::Fetched,
            })
            .find(|text| *text != Text::Stays)
            .unwrap_or(Text::Stays)
    }

    /// Whether what came of the text falls short of what was told: a node may not have heard yet of what
    /// another one tells. That nothing is there may also be so since, and be told of on a later page.
    pub fn falls_short(&self, outcome: &Outcome, standing: &Standing, is_last_page: bool) -> bool {
        match outcome {
            Outcome::Written { version, .. } => {
                let told = self.version().zip(*version);
                told.is_some_and(|(told, version)| version < told)
            }
            Outcome::Gone { .. } => is_last_page && matches!(standing, Standing::Otherwise(_)),
            Outcome::Untouched => false,
        }
    }

    /// How what came of the text stands to what was told of it.
    pub fn standing(&self, outcome: &Outcome, format: Format) -> Standing {
        match (self.text(), outcome) {
            (_, Outcome::Untouched) | (Text::Stays, _) => Standing::Unknown,
            (Text::Removed, _) => Standing::AsTold,
            (Text::Fetched, _) => match self.named() {
                Some(named) if named.version.is_some() => {
                    match is_as_told(named.extent.as_deref(), outcome, format) {
                        true => Standing::AsTold,
                        false => Standing::Otherwise(named.extent.clone()),
                    }
                }
                _ => Standing::AsTold,
            },
        }
    }

    /// Whether the text is what was told last: no node was asked that has not heard of it yet.
    pub fn is_borne_out(&self, outcome: &Outcome) -> bool {
        let Outcome::Written { version, .. } = outcome else {
            return false;
        };
        self.version()
            .is_some_and(|told| version.is_some_and(|version| version >= told))
    }

    /// The version that the newest entry about the text tells of.
    fn version(&self) -> Option<i64> {
        self.named()?.version
    }

    /// What the newest entry about the text tells of the article.
    fn named(&self) -> Option<&Changed> {
        let mut newest = self.entries.iter().rev();
        let newest = newest.find(|entry| entry.kind != "advisory")?;
        Some(&newest.article)
    }

    /// The advisories that are told of, each once, in the order of the log.
    pub fn advisories(&self) -> Vec<AdvisoryId> {
        let mut ids = Vec::new();
        for named in self
            .entries
            .iter()
            .filter_map(|entry| entry.advisory.as_ref())
        {
            if !ids.contains(&named.id) {
                ids.push(named.id);
            }
        }
        ids
    }
}

impl Acknowledgement {
    /// What was done about an advisory, by what became of the text. Where it `may_be_stale`, a node may
    /// not have heard yet of what the advisory tells.
    pub fn of(advisory: &Advisory, outcome: &Outcome, may_be_stale: bool) -> Self {
        // A withdrawal makes a version that no reader sees, and a reinstatement gives back the one
        // before: of these two a lower number says nothing by itself.
        let is_older = match outcome {
            Outcome::Written { version, .. } => {
                version.is_some_and(|version| version < advisory.version)
            }
            Outcome::Gone { .. } | Outcome::Untouched => false,
        };
        match (advisory.kind.as_str(), outcome) {
            ("correction", Outcome::Written { .. }) if is_older => Self::TooEarly,
            ("correction", Outcome::Written { .. }) => Self::Action("corrected"),
            ("correction" | "withdrawal", Outcome::Gone { .. }) => Self::Action("removed"),
            // Not taken back yet, or back already: a moment tells.
            ("withdrawal", Outcome::Written { .. }) if is_older && may_be_stale => Self::TooEarly,
            // It was withdrawn and is back: what is here is what may be shown now.
            ("withdrawal", Outcome::Written { .. }) => Self::Action("none"),
            ("reinstatement", Outcome::Written { .. }) => Self::Action("restored"),
            ("reinstatement", Outcome::Gone { .. }) => Self::Action("none"),
            ("correction" | "withdrawal" | "reinstatement", Outcome::Untouched) => Self::TooEarly,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests;
