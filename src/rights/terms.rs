//! The words that the rules are written in. Wire names are the field's own:
//! ODRL for permissions, IPTC ninjs for works.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::lifecycle::Lifecycle;
use crate::kernel::id::{ArticleId, GrantId, NoticeId, SectionId, SourceId, UserId};
use crate::kernel::language::{Language, Template, Territory};
use crate::kernel::words::words;

words! {
    /// Where a work may be used.
    Channel {
        /// The site.
        Web = "web",
        /// The agency's apps.
        App = "app",
        /// Passing on to partners.
        Syndication = "syndication",
        /// Use by AI systems.
        Ai = "ai",
    }

    /// What may be done to a text; each includes those before it.
    Alteration {
        /// Nothing: rendering as blocks, HTML, Markdown or text is no alteration.
        None = "none",
        /// Form only, such as script conversion.
        Format = "format",
        /// Leaving parts out.
        Cut = "cut",
        /// Translation.
        Translate = "translate",
    }

    /// What made a text from the one that was written.
    DerivedKind {
        /// Conversion to the other script of Chinese, by phrases.
        Script = "script",
    }

    /// How much of a work, in rising order.
    Extent {
        /// Id, slug, titles, language, time, section, attribution.
        Stub = "stub",
        /// The stub and the summary.
        Headline = "headline",
        /// The headline and an excerpt of the body.
        Excerpt = "excerpt",
        /// Everything.
        Full = "full",
    }

    /// What readers without a credential get of a work that they may read.
    PublicExtent {
        Stub = "stub",
        Excerpt = "excerpt",
        Full = "full",
    }

    /// Whether a work is the site's own or taken over from another medium.
    Origin {
        Own = "own",
        Reprint = "reprint",
    }

    /// What a source is to the site. A work's origin follows from it.
    SourceKind {
        /// The site itself.
        Own = "own",
        /// Another medium.
        External = "external",
    }

    /// The stage of a work as the desk sees it.
    Stage {
        Draft = "draft",
        Review = "review",
        Scheduled = "scheduled",
        Published = "published",
        Withdrawn = "withdrawn",
    }

    /// Why a work was withdrawn. A legal demand answers 451 (RFC 7725), the others 410.
    ReasonClass {
        Editorial = "editorial",
        Legal = "legal",
        RightsExpired = "rights_expired",
    }

    /// What a licensing notice says.
    NoticeKind {
        /// Own works: no use without authorisation, authorised use with the credit line.
        OwnWork = "own_work",
        /// Reprints: passed on for information, no endorsement.
        Reprint = "reprint",
        /// How and until when to complain.
        Contact = "contact",
    }

    /// The part that AI systems had in a text (GB 45438-2025 asks that it survives copying).
    AiLabel {
        None = "none",
        /// People wrote it with the help of such a system.
        Assisted = "assisted",
        /// Such a system wrote it.
        Generated = "generated",
    }

    /// What a contributor did.
    ContributorRole {
        Reporter = "reporter",
        Photographer = "photographer",
        Translator = "translator",
        Editor = "editor",
    }

    /// By which way a work leaves.
    Surface {
        /// One article by id or slug.
        Item = "item",
        /// A list of articles.
        List = "list",
        /// A page of hits.
        Search = "search",
        /// One article as a document of its own.
        Representation = "representation",
        /// A page of a feed.
        Feed = "feed",
        /// One article by a preview link.
        Preview = "preview",
    }

    /// What a member of staff may do.
    Role {
        /// Everything.
        Admin = "admin",
        /// Partners, licences, clients, grants; may withdraw.
        Rights = "rights",
        /// All articles and their stages; authors, sections, sources, notices.
        Editor = "editor",
        /// Own drafts.
        Author = "author",
        /// Reading.
        Viewer = "viewer",
    }

    /// What an API key is for.
    ClientKind {
        /// An own frontend or app.
        FirstParty = "first_party",
        /// A partner organisation.
        Partner = "partner",
        /// A crawler that made itself known.
        AiCrawler = "ai_crawler",
    }

    /// What an API key may read.
    Scope {
        /// Articles.
        Articles = "articles:read",
        /// Authors, sections, sources and notices.
        Catalogue = "catalogue:read",
    }
}

impl From<SourceKind> for Origin {
    fn from(kind: SourceKind) -> Self {
        match kind {
            SourceKind::Own => Self::Own,
            SourceKind::External => Self::Reprint,
        }
    }
}

impl From<PublicExtent> for Extent {
    fn from(extent: PublicExtent) -> Self {
        match extent {
            PublicExtent::Stub => Self::Stub,
            PublicExtent::Excerpt => Self::Excerpt,
            PublicExtent::Full => Self::Full,
        }
    }
}

/// What a source allows us, over a half-open period (rule 8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub id: GrantId,
    pub channels: Vec<Channel>,
    /// Empty means none: unknown rights are no rights (rule 6).
    pub territories: Vec<Territory>,
    pub valid_from: DateTime<Utc>,
    pub valid_until: Option<DateTime<Utc>>,
    pub max_extent: Extent,
    pub may_redistribute: bool,
    pub alteration: Alteration,
    pub ai_input: bool,
    pub ai_train: bool,
}

impl Grant {
    /// Whether the grant covers a channel and a territory at an instant.
    pub fn covers(&self, channel: Channel, territory: &Territory, now: DateTime<Utc>) -> bool {
        self.channels.contains(&channel) && self.territories.contains(territory) && self.is_on(now)
    }

    /// Whether the grant has begun and not ended.
    pub fn is_on(&self, now: DateTime<Utc>) -> bool {
        self.valid_from <= now && self.valid_until.is_none_or(|until| now < until)
    }
}

/// The source of a work, as the credit needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFacts {
    pub name: String,
    pub credit_label: String,
    /// The source's own name for itself by language tag; never machine-made.
    pub official_forms: BTreeMap<Language, String>,
    pub kind: SourceKind,
    pub homepage_url: Option<String>,
}

impl SourceFacts {
    /// The label as it stands in a credit line of this template.
    pub fn label(&self, template: Template) -> &str {
        self.official(template).unwrap_or(&self.credit_label)
    }

    /// The source's own name for itself in the language of a template.
    pub fn official(&self, template: Template) -> Option<&str> {
        self.official_forms
            .iter()
            .find(|(language, _)| language.as_str() == template.tag())
            .map(|(_, form)| form.as_str())
    }
}

/// Declares that a reprint's author is not stated there, and why we know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "The original carries no byline."}))]
pub struct Unstated {
    /// Why no author is given.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Where a reprint comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Original {
    pub title: Option<String>,
    pub authors: Vec<String>,
    pub author_unstated: Option<Unstated>,
    pub url: Option<String>,
    pub print_ref: Option<String>,
    pub published_at: Option<DateTime<Utc>>,
}

/// Somebody who made the work, by printed name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contributor {
    pub name: String,
    pub role: ContributorRole,
}

/// The editor in charge, from the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Editor {
    pub name: String,
    pub real_name: Option<String>,
}

impl Editor {
    /// The name that a credit states: the real one where the register has it.
    pub fn credited(&self) -> &str {
        self.real_name.as_deref().unwrap_or(&self.name)
    }
}

/// Whom to write or call about a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"desk": "Newsroom", "phone": "+86-00-0000-0000", "email": "desk@news.example.org"}))]
pub struct Contact {
    /// The desk in charge.
    #[schema(min_length = 1, max_length = 200)]
    pub desk: String,
    /// Telephone number as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 100)]
    pub phone: Option<String>,
    /// Mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 200)]
    pub email: Option<String>,
}

/// A licensing notice in one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub id: NoticeId,
    pub kind: NoticeKind,
    pub revision: i64,
    pub language: Language,
    pub text: String,
    pub contact: Option<Contact>,
    /// Calendar days for a complaint, counted in the site's zone.
    pub claim_window_days: Option<i64>,
}

/// What the site itself brings to a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    pub base_url: String,
    pub time_zone: Tz,
    pub default_language: Language,
    pub territory: Territory,
    pub copyright_holder: String,
    pub public_extent: PublicExtent,
    /// Longest public excerpt, in Unicode scalar values.
    pub public_excerpt_chars: usize,
    pub acquire_licence_url: Option<String>,
    /// The revisions in force at the time of the decision.
    pub notices: Vec<Notice>,
}

/// What licences select works by, and what the ledger says of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    pub source: Option<SourceId>,
    /// The section with all above it, itself last.
    pub sections: Vec<SectionId>,
    pub tags: Vec<String>,
    /// The version that is held, and the SHA-256 of its canonical text.
    pub version: i64,
    pub digest: String,
}

/// Everything about a work that the rules look at.
#[derive(Debug, Clone)]
pub struct Rights {
    pub article: ArticleId,
    pub facts: Facts,
    pub slug: String,
    pub title: String,
    pub language: Language,
    pub lifecycle: Lifecycle,
    pub source: Option<SourceFacts>,
    pub grants: Vec<Grant>,
    pub original: Option<Original>,
    pub contributors: Vec<Contributor>,
    pub editor: Option<Editor>,
    pub ai_label: AiLabel,
    /// Who began the draft; authors see their own.
    pub created_by: Option<UserId>,
    pub site: Arc<Site>,
}

impl Rights {
    pub fn origin(&self) -> Option<Origin> {
        self.source.as_ref().map(|source| source.kind.into())
    }
}
