//! What a page of changes means for a folder. Pure: no request, no file.
//!
//! An entry says that something became of an article, not what it holds: the article is fetched as the
//! reader may have it by then. So of several entries about one article the last one decides, and a
//! page that is read again, after a crash, does no harm.

use super::wire::{Advisory, Entry};
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
    pub fn falls_short(&self, outcome: &Outcome, is_last_page: bool) -> bool {
        let Some(told) = self.version() else {
            return false;
        };
        match outcome {
            Outcome::Written { version, .. } => version.is_some_and(|version| version < told),
            Outcome::Gone { .. } => is_last_page && self.is_missing(outcome) == Some(true),
            Outcome::Untouched => false,
        }
    }

    /// Whether a text was told to be there and is not to be had, as far as that is known: it may be gone since, and then
    /// a later entry says so; or it could not be read for a moment, of which the log has nothing to tell.
    pub fn is_missing(&self, outcome: &Outcome) -> Option<bool> {
        match (self.text(), outcome) {
            (Text::Removed, _) | (_, Outcome::Written { .. }) => Some(false),
            (Text::Fetched, Outcome::Gone { .. }) => self.version().map(|_| true),
            (Text::Stays, Outcome::Gone { .. }) | (_, Outcome::Untouched) => None,
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
        let mut newest = self.entries.iter().rev();
        newest
            .find(|entry| entry.kind != "advisory")?
            .article
            .version
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
mod tests {
    use super::super::wire::{Changed, Named};
    use super::*;
    use crate::kernel::id::Mint;

    fn ids() -> (ArticleId, ArticleId, AdvisoryId) {
        let (mint, now) = (Mint::seeded(7), "2026-06-01T00:00:00Z".parse().unwrap());
        (mint.id(now), mint.id(now), mint.id(now))
    }

    fn entry(article: ArticleId, kind: &str, advisory: Option<AdvisoryId>) -> Entry {
        Entry {
            id: format!("chg_{kind}"),
            kind: kind.to_owned(),
            at: "2026-06-01T00:00:00Z".parse().unwrap(),
            article: Changed {
                id: article,
                version: Some(2),
            },
            advisory: advisory.map(|id| Named { id }),
        }
    }

    #[test]
    fn entries_keep_their_order_within_an_article() {
        let (one, other, _) = ids();
        let groups = by_article(vec![
            entry(one, "created", None),
            entry(other, "created", None),
            entry(one, "withdrawn", None),
        ]);
        let told: Vec<(ArticleId, Vec<&str>)> = groups
            .iter()
            .map(|group| {
                let kinds = group.entries.iter().map(|entry| entry.kind.as_str());
                (group.article, kinds.collect())
            })
            .collect();
        assert_eq!(
            told,
            [
                (one, vec!["created", "withdrawn"]),
                (other, vec!["created"])
            ]
        );
    }

    #[test]
    fn the_last_word_about_the_text_decides() {
        let (article, _, advisory) = ids();
        for (kinds, text) in [
            (&["created"][..], Text::Fetched),
            (&["created", "withdrawn"], Text::Removed),
            (&["withdrawn", "reinstated"], Text::Fetched),
            (&["entered", "exited"], Text::Removed),
            (&["exited", "entered", "advisory"], Text::Fetched),
            (&["withdrawn", "advisory"], Text::Removed),
            (&["advisory"], Text::Stays),
            // A kind of tomorrow is a reason to look, and never one to leave a text as it was.
            (&["withdrawn", "unheard_of"], Text::Fetched),
        ] {
            let entries = kinds
                .iter()
                .map(|kind| entry(article, kind, Some(advisory)));
            let group = Group {
                article,
                entries: entries.collect(),
            };
            assert_eq!(group.text(), text, "{kinds:?}");
            assert_eq!(group.advisories(), [advisory], "{kinds:?}");
        }
    }

    #[test]
    fn what_is_older_than_told_falls_short() {
        let (article, _, advisory) = ids();
        let group = |kinds: &[&str]| Group {
            article,
            entries: kinds
                .iter()
                .map(|kind| entry(article, kind, Some(advisory)))
                .collect(),
        };
        let written = |version| Outcome::Written {
            version,
            extent: "full".to_owned(),
        };
        let gone = Outcome::Gone { was_there: false };
        for (kinds, outcome, is_last_page, short) in [
            (&["updated"][..], written(Some(1)), false, true),
            (&["updated"], written(Some(2)), true, false),
            (&["updated"], written(Some(3)), true, false),
            (&["updated"], written(None), true, false),
            (&["updated", "advisory"], written(Some(1)), true, true),
            (&["advisory"], written(Some(1)), true, false),
            (&["created"], gone.clone(), true, true),
            // A later page may say why.
            (&["created"], gone.clone(), false, false),
            (&["created", "withdrawn"], gone, true, false),
        ] {
            assert_eq!(
                group(kinds).falls_short(&outcome, is_last_page),
                short,
                "{kinds:?} {outcome:?}"
            );
        }
    }

    #[test]
    fn what_was_told_and_is_not_there_is_missing() {
        let (article, _, advisory) = ids();
        let written = Outcome::Written {
            version: Some(2),
            extent: "full".to_owned(),
        };
        let gone = Outcome::Gone { was_there: false };
        for (kinds, outcome, missing) in [
            (&["created"][..], gone.clone(), Some(true)),
            (&["withdrawn", "reinstated"], gone.clone(), Some(true)),
            (&["created"], written.clone(), Some(false)),
            (&["created", "exited"], gone.clone(), Some(false)),
            (&["advisory"], written, Some(false)),
            (&["advisory"], gone, None),
            (&["advisory"], Outcome::Untouched, None),
        ] {
            let entries = kinds
                .iter()
                .map(|kind| entry(article, kind, Some(advisory)));
            let group = Group {
                article,
                entries: entries.collect(),
            };
            assert_eq!(group.is_missing(&outcome), missing, "{kinds:?} {outcome:?}");
        }
    }

    #[test]
    fn what_is_acknowledged_is_what_was_done() {
        let written = |version| Outcome::Written {
            version,
            extent: "full".to_owned(),
        };
        let gone = Outcome::Gone { was_there: true };
        use Acknowledgement::{Action, TooEarly, Unknown};
        for (kind, outcome, may_be_stale, said) in [
            ("correction", written(Some(3)), true, Action("corrected")),
            ("correction", written(Some(4)), true, Action("corrected")),
            ("correction", written(Some(2)), true, TooEarly),
            ("correction", written(Some(2)), false, TooEarly),
            ("correction", written(None), true, Action("corrected")),
            ("correction", gone.clone(), true, Action("removed")),
            ("correction", Outcome::Untouched, true, TooEarly),
            ("withdrawal", gone.clone(), true, Action("removed")),
            ("withdrawal", written(Some(4)), true, Action("none")),
            ("withdrawal", written(Some(2)), true, TooEarly),
            ("withdrawal", written(Some(2)), false, Action("none")),
            ("withdrawal", Outcome::Untouched, true, TooEarly),
            ("reinstatement", written(Some(2)), true, Action("restored")),
            ("reinstatement", gone, true, Action("none")),
            ("unheard_of", written(None), true, Unknown),
        ] {
            let advisory = Advisory {
                kind: kind.to_owned(),
                status: "open".to_owned(),
                version: 3,
            };
            assert_eq!(
                Acknowledgement::of(&advisory, &outcome, may_be_stale),
                said,
                "{kind} {outcome:?}"
            );
        }
    }
}
