//! Reports on the wire.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::arrivals::damage::{Damage, DamageCause, DamageKind, Likelihood};
use crate::arrivals::page::{ClauseKind, WarningKind};
use crate::articles::ArticleView;
use crate::http::reply::{Outward, Owing, Works};
use crate::kernel::han::Script;
use crate::kernel::id::{ArticleId, AuthorId, IngestId, SectionId, SourceId};
use crate::kernel::language::Language;
use crate::kernel::words::words;
use crate::rights::{Attribution, Deliverable};

words! {
    /// Whose a text is, by the source that it names.
    SourceMatch {
        /// The newsroom's own.
        Own = "own",
        /// Another's: a reprint.
        External = "external",
        /// Nobody's that the register knows, or what the page says of it contradicts itself.
        NeedsReview = "needs_review",
    }

    /// What became of something that came in.
    IngestOutcome {
        Created = "created",
        /// It was there already, byte for byte.
        Known = "known",
        /// A new version of what was there.
        Updated = "updated",
        /// An older version than what is there.
        Stale = "stale",
        /// The agency took it back, and so it was withdrawn here.
        Withdrawn = "withdrawn",
        /// The agency does not let it be used now; nothing was changed.
        Withheld = "withheld",
        /// Nothing was kept; `faults` says why.
        Refused = "refused",
        /// Nothing is kept, as it was asked.
        DryRun = "dry_run",
    }
}

/// How bytes were read as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EncodingReport {
    /// A name of the Encoding Standard.
    pub name: String,
    /// How it was found: by what was declared, or from the bytes.
    pub found_by: String,
    /// Sequences of bytes that are none of this encoding.
    pub malformed: u64,
}

/// A source as a page names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceReport {
    pub label: String,
    /// Which one it is, if the register knows.
    #[schema(required = true)]
    pub source_id: Option<SourceId>,
    /// Whether the page itself says that it is not the site's own.
    pub not_this_site: bool,
}

/// A person as a page names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonReport {
    pub name: String,
    /// Who it is, if the register knows.
    #[schema(required = true)]
    pub author_id: Option<AuthorId>,
}

/// A time as it is printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TimeReport {
    pub printed: String,
    pub date: NaiveDate,
    /// Null if only the day is printed.
    #[schema(required = true)]
    pub at: Option<DateTime<Utc>>,
}

/// A clause of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClauseReport {
    pub kind: ClauseKind,
    pub text: String,
}

/// Whom a notice names for complaints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactReport {
    #[schema(required = true)]
    pub desk: Option<String>,
    pub phones: Vec<String>,
    pub emails: Vec<String>,
}

/// The notices that a page carries, as far as they could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoticesReport {
    pub clauses: Vec<ClauseReport>,
    /// The credit that users must print.
    #[schema(required = true)]
    pub credit_line: Option<String>,
    /// Source labels by which the site marks its own works.
    pub own_labels: Vec<String>,
    /// Days in which complaints are asked for.
    #[schema(required = true)]
    pub window_days: Option<u32>,
    pub contact: ContactReport,
}

/// A damaged place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"kind": "pinyin", "cause": "injected_reading", "offset": 31, "quote": "(wǎng)", "proposal": "", "reading": null}))]
pub struct DamageReport {
    pub kind: DamageKind,
    pub cause: DamageCause,
    /// In Unicode scalar values of the text that the page was read as.
    pub offset: u64,
    pub quote: String,
    /// What the draft has instead, where that is certain.
    #[schema(required = true)]
    pub proposal: Option<String>,
    /// What the bytes there say, with U+FFFD for what is lost: a hint, never applied.
    #[schema(required = true)]
    pub reading: Option<String>,
}

impl From<&Damage> for DamageReport {
    fn from(damage: &Damage) -> Self {
        Self {
            kind: damage.kind,
            cause: damage.cause,
            offset: u64::try_from(damage.offset).unwrap_or(u64::MAX),
            quote: damage.quote.clone(),
            proposal: damage.proposal.clone(),
            reading: damage.reading.clone(),
        }
    }
}

/// What the characters say of the script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScriptReport {
    #[schema(required = true)]
    pub script: Option<Script>,
    /// Whether a machine made it from the other one.
    pub machine_made: Likelihood,
}

/// Something in doubt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"code": "unknown_editor", "detail": "The register of authors has no 林月."}))]
pub struct WarningReport {
    pub code: String,
    pub detail: String,
}

impl WarningReport {
    pub fn new(code: &str, detail: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            detail: detail.into(),
        }
    }

    pub fn of(kind: WarningKind, detail: &str) -> Self {
        Self::new(kind.as_str(), detail)
    }
}

/// What a page was read as. What the page does not say is null or empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = IngestReport, example = json!({
    "id": "ing_01900000000070008000000000000001", "outcome": "created",
    "digest": "sha-256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "encoding": {"name": "GBK", "found_by": "detected", "malformed": 0}, "language": "zh-Hans",
    "script": {"script": "hans", "machine_made": "none"}, "source_match": "own",
    "source": {"label": "澜港新闻", "source_id": "src_01900000000070008000000000000001", "not_this_site": false},
    "title": "新码头启用", "editor": {"name": "陈安", "author_id": "aut_01900000000070008000000000000001"},
    "reporters": [{"name": "林月", "author_id": null}],
    "published": {"printed": "2026年03月01日 16:00", "date": "2026-03-01", "at": "2026-03-01T08:00:00Z"},
    "dateline": "澜港新闻3月1日电 (林月)", "end_mark": "(完)", "subheads": ["货轮靠泊"], "paragraphs": 6, "breadcrumb": ["首页", "财经"],
    "section_id": null, "notices": null,
    "damage": [{"kind": "pinyin", "cause": "injected_reading", "offset": 31, "quote": "(wǎng)", "proposal": "", "reading": null}],
    "damage_untold": 0, "warnings": [{"code": "unknown_reporter", "detail": "The register of authors has no 林月."}]
}))]
pub struct Report {
    /// Null for what was not kept.
    #[schema(required = true)]
    pub id: Option<IngestId>,
    pub outcome: IngestOutcome,
    /// `sha-256=…` of the bytes.
    pub digest: String,
    pub encoding: EncodingReport,
    pub language: Language,
    pub script: ScriptReport,
    pub source_match: SourceMatch,
    #[schema(required = true)]
    pub source: Option<SourceReport>,
    #[schema(required = true)]
    pub title: Option<String>,
    #[schema(required = true)]
    pub editor: Option<PersonReport>,
    pub reporters: Vec<PersonReport>,
    /// Give it as `publish_at` when the article is published, so that it keeps its time.
    #[schema(required = true)]
    pub published: Option<TimeReport>,
    /// As it stood at the head of the text.
    #[schema(required = true)]
    pub dateline: Option<String>,
    #[schema(required = true)]
    pub end_mark: Option<String>,
    pub subheads: Vec<String>,
    pub paragraphs: u64,
    pub breadcrumb: Vec<String>,
    #[schema(required = true)]
    pub section_id: Option<SectionId>,
    #[schema(required = true)]
    pub notices: Option<NoticesReport>,
    /// Every damaged place, in the order of the text.
    pub damage: Vec<DamageReport>,
    /// Places beyond those listed.
    pub damage_untold: u64,
    pub warnings: Vec<WarningReport>,
}

/// What became of a page.
#[derive(Serialize)]
pub struct Ingested {
    /// The draft, as the desk has it; none for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<Deliverable<ArticleView>>,
    /// The draft as it would be written; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<Value>,
    pub report: Report,
}

/// [`Ingested`] as the document tells it.
#[derive(Serialize, ToSchema)]
#[schema(as = Ingested)]
pub struct IngestedSchema {
    /// The draft, as the desk has it; left out for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub article: Option<IngestedArticle>,
    /// The draft as it would be written; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<Object>)]
    pub draft: Option<Value>,
    pub report: Report,
}

/// The draft with its attribution.
#[derive(Serialize, ToSchema)]
pub struct IngestedArticle {
    #[serde(flatten)]
    pub article: ArticleView,
    pub attribution: Attribution,
}

impl Works for Ingested {
    fn works(&mut self) -> Vec<&mut dyn Owing> {
        let works = self.article.iter_mut();
        works.map(|work| work as &mut dyn Owing).collect()
    }
}

impl Outward for Report {}

/// What became of an item of a wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WireItemReport {
    /// Null for an item without one, which cannot be kept.
    #[schema(required = true)]
    pub guid: Option<String>,
    #[schema(required = true)]
    pub version: Option<String>,
    pub outcome: IngestOutcome,
    #[schema(required = true)]
    pub article_id: Option<ArticleId>,
    pub source_match: SourceMatch,
    /// Of the item's canonical text.
    #[schema(required = true)]
    pub digest: Option<String>,
    /// Until when the agency wants it held back; the draft is under this embargo.
    #[schema(required = true)]
    pub embargoed_until: Option<DateTime<Utc>>,
    pub warnings: Vec<WarningReport>,
}

/// What became of a wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WireReport, example = json!({"format": "ninjs", "warnings": [], "items": [{"guid": "urn:wire.example.com:2026:1",
    "version": "1", "outcome": "created", "article_id": "art_01900000000070008000000000000001", "source_match": "external",
    "digest": "sha-256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "embargoed_until": null, "warnings": []}]}))]
pub struct WireReport {
    /// `ninjs`, `newsml_g2` or `feed`.
    pub format: String,
    /// In the order of the document.
    pub items: Vec<WireItemReport>,
    pub warnings: Vec<WarningReport>,
}

impl Outward for WireReport {}
