//! What an article is: identity, life, and a text in versions.

mod desk;
mod feed;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value};

pub use desk::{Assignment, Colleague, Comment, Latest, Order, Preview, Remark, Restoration, Task};
pub use feed::{Address, FeedHead, Topic};

use super::body::Body;
use crate::kernel::han::{Script, convert};
use crate::kernel::id::{ArticleId, AuthorId, SectionId, SourceId, UserId};
use crate::kernel::language::Language;
use crate::kernel::words::words;
use crate::rights::lifecycle::Withdrawal;
use crate::rights::{
    AiLabel, ContributorRole, Cut, Extent, InScript, Lifecycle, Origin, Original, SourceKind, Stage,
};

/// Largest `extra` of an article, as compact JSON.
pub const EXTRA_BYTES: usize = 16 * 1024;

/// How large an `extra` is, as [`EXTRA_BYTES`] counts.
pub fn extra_bytes(extra: &Map<String, Value>) -> usize {
    serde_json::to_string(extra).map_or(usize::MAX, |json| json.len())
}

words! {
    /// Why a version was made.
    ChangeKind {
        Initial = "initial",
        Update = "update",
        Correction = "correction",
        Withdrawal = "withdrawal",
        Reinstatement = "reinstatement",
    }

    /// What comes about by itself.
    Event {
        /// It is due, and held back: those with the privilege may have it.
        Embargo = "embargo",
        /// Readers see it.
        Publish = "publish",
        /// Readers no longer see it.
        Unpublish = "unpublish",
    }

    /// Which of an article's two versions is looked at.
    Side {
        /// What readers see.
        Live = "live",
        /// What the desk works on.
        Head = "head",
    }
}

/// Everything of an article that a version keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    pub title: String,
    pub subtitle: Option<String>,
    pub slug: String,
    pub summary: String,
    pub language: Language,
    /// IPTC genre in words, such as `news` or `analysis`.
    pub genre: String,
    pub dateline: Option<Dateline>,
    pub body: Body,
    pub section_id: Option<SectionId>,
    pub tags: Vec<String>,
    pub contributors: Vec<Contribution>,
    pub source_id: Option<SourceId>,
    pub editor_id: Option<AuthorId>,
    /// Such as `（完）`.
    pub end_mark: Option<String>,
    pub ai_label: AiLabel,
    pub seo: Option<Seo>,
    pub related: Vec<ArticleId>,
    pub translation_of: Option<ArticleId>,
    pub original: Option<Original>,
    pub corrections: Vec<Correction>,
    /// Free members of the newsroom's own, at most 16 kB of JSON.
    pub extra: Map<String, Value>,
}

/// Where and when a report was written, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dateline {
    pub place: Option<String>,
    pub date: Option<NaiveDate>,
    pub agency: Option<String>,
}

/// What search engines are told instead of title and summary.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seo {
    pub title: Option<String>,
    pub description: Option<String>,
}

/// Who did what; the order is the order of printing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contribution {
    pub author_id: AuthorId,
    pub role: ContributorRole,
}

/// A correction as readers are told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    pub at: DateTime<Utc>,
    pub note: String,
    /// The version that put it right.
    pub version: i64,
}

/// What the desk wants an article to say, checked but not yet held against the registers.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub content: Content,
    /// Whether the slug was given; otherwise it is made from the title.
    pub slug_given: bool,
    /// Why the AI label is lowered (rule 20).
    pub ai_label_reason: Option<String>,
    /// For the list of versions.
    pub change_note: Option<String>,
    /// Until when whoever sent a new text wants it held back.
    pub embargoed_until: Option<DateTime<Utc>>,
}

/// The life of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub id: ArticleId,
    pub revision: i64,
    pub stage: Stage,
    pub head_version: i64,
    pub live_version: Option<i64>,
    pub publish_at: Option<DateTime<Utc>>,
    pub embargoed_until: Option<DateTime<Utc>>,
    pub unpublish_at: Option<DateTime<Utc>>,
    pub withdrawal: Option<Withdrawal>,
    pub created_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl State {
    /// Its life, as the rules look at it.
    pub fn lifecycle(&self) -> Lifecycle {
        Lifecycle {
            stage: self.stage,
            publish_at: self.publish_at,
            embargoed_until: self.embargoed_until,
            unpublish_at: self.unpublish_at,
            withdrawal: self.withdrawal.clone(),
            has_live_version: self.live_version.is_some(),
        }
    }

    /// The state as it is at an instant, whether what came about by then is written down or not.
    ///
    /// What was withdrawn by hand has been withdrawn, even where a clock was set back behind it
    /// or another node's runs ahead.
    #[must_use]
    pub fn at(mut self, now: DateTime<Utc>) -> Self {
        if let Some(gone) = &mut self.withdrawal {
            gone.at = gone.at.min(now);
        }
        let life = self.lifecycle();
        Self {
            stage: life.stage_at(now),
            withdrawal: life.withdrawal_at(now).or(self.withdrawal),
            ..self
        }
    }
}

/// The times that the desk gives an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timetable {
    /// From when it is due.
    pub publish_at: Option<DateTime<Utc>>,
    /// Until when it is held back all the same.
    pub embargoed_until: Option<DateTime<Utc>>,
    /// From when it is no longer to be read.
    pub unpublish_at: Option<DateTime<Utc>>,
}

/// What comes about by itself at a time that was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coming {
    pub event: Event,
    pub due_at: DateTime<Utc>,
}

/// A person as an article's reader meets them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: AuthorId,
    pub name: String,
    pub kind: String,
    pub bio: String,
}

/// A contributor with the role played here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credited {
    pub person: Person,
    pub role: ContributorRole,
}

/// A section on the way from the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    pub id: SectionId,
    pub slug: String,
    pub name: String,
}

/// The section of an article, with its way from the root (itself last).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub id: SectionId,
    pub path: Vec<Crumb>,
    pub description: String,
}

/// The source of an article, as far as all readers may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced {
    pub id: SourceId,
    pub name: String,
    pub credit_label: String,
    pub kind: SourceKind,
    pub homepage_url: Option<String>,
}

/// An article in one version, with what it refers to. Cut to an extent, its parts are gone.
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    pub state: State,
    pub version: i64,
    pub digest: String,
    /// When this side last changed.
    pub updated_at: DateTime<Utc>,
    pub published_at: Option<DateTime<Utc>>,
    pub origin: Option<Origin>,
    pub content: Content,
    /// Whether the body was loaded; lists leave it out unless it is asked for.
    pub has_body: bool,
    pub section: Option<Placed>,
    pub contributors: Vec<Credited>,
    pub source: Option<Sourced>,
    /// What is left of it.
    pub extent: Extent,
}

/// An article in two versions.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Nothing, where the first version is compared with what was before it.
    pub before: Option<Article>,
    pub after: Article,
}

impl Cut for Comparison {
    fn cut(self, extent: Extent, excerpt_chars: usize) -> Self {
        Self {
            before: self
                .before
                .map(|article| article.cut(extent, excerpt_chars)),
            after: self.after.cut(extent, excerpt_chars),
        }
    }
}

impl Cut for Article {
    fn cut(mut self, extent: Extent, excerpt_chars: usize) -> Self {
        self.extent = extent;
        if extent == Extent::Full {
            return self;
        }
        let text = &mut self.content;
        text.dateline = None;
        text.genre = String::new();
        text.tags = Vec::new();
        text.contributors = Vec::new();
        text.end_mark = None;
        text.seo = None;
        text.related = Vec::new();
        text.translation_of = None;
        text.original = None;
        text.extra = Map::new();
        self.contributors = Vec::new();
        if extent < Extent::Excerpt {
            text.corrections = Vec::new();
            text.body = Body::default();
        } else {
            text.body = text.body.excerpt(excerpt_chars).unwrap_or_default();
        }
        if extent < Extent::Headline {
            text.summary = String::new();
        }
        self
    }
}

impl InScript for Article {
    /// Slug and tags are names by which things are found, and stay; so do the names of people and
    /// sources, and what an original says of itself.
    fn in_script(mut self, to: Script) -> Self {
        let text = &mut self.content;
        let all = [
            Some(&mut text.title),
            text.subtitle.as_mut(),
            Some(&mut text.summary),
            text.end_mark.as_mut(),
        ];
        let seo = text.seo.iter_mut();
        let seo = seo.flat_map(|seo| [seo.title.as_mut(), seo.description.as_mut()]);
        let dateline = text.dateline.iter_mut();
        let dateline = dateline.map(|line| line.place.as_mut());
        let notes = text.corrections.iter_mut().map(|one| Some(&mut one.note));
        let section = self.section.iter_mut();
        let section = section.flat_map(|section| {
            let names = section.path.iter_mut().map(|crumb| Some(&mut crumb.name));
            names.chain([Some(&mut section.description)])
        });
        let people = self.contributors.iter_mut();
        let people = people.map(|one| Some(&mut one.person.bio));
        let parts = all.into_iter().chain(seo).chain(dateline).chain(notes);
        for text in parts.chain(section).chain(people).flatten() {
            *text = convert(text, to);
        }
        text.language = Language::in_script(to);
        text.body = std::mem::take(&mut text.body).in_script(to);
        self
    }
}

/// A line in the list of an article's versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionLine {
    pub n: i64,
    pub change_kind: ChangeKind,
    pub note: Option<String>,
    pub digest: String,
    pub created_by: Option<UserId>,
    /// The name of who made it, while they are on the staff.
    pub created_by_name: Option<String>,
    pub created_at: DateTime<Utc>,
}
