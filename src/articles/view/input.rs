//! What the desk sends.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::input_parts::{ContributionInput, DatelineInput, OriginalInput, SeoInput};
use crate::articles::body::{Block, Body, BodyFault};
use crate::articles::model::{Content, Contribution, Draft, EXTRA_BYTES, extra_bytes};
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::{ArticleId, AuthorId, SectionId, SourceId};
use crate::kernel::language::Language;
use crate::kernel::text::is_slug;
use crate::rights::AiLabel;

/// An article as the desk writes it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "title": "Harbour opens its new quay", "language": "en", "summary": "Ships dock from Monday.",
    "genre": "news", "dateline": {"place": "Langang", "date": "2026-03-01", "agency": "Harbour Press"},
    "body": {"format": "markdown", "value": "The quay opens on Monday.\n\n## What changes\n\nShips wait less."},
    "tags": ["port"], "ai_label": "none"
}))]
pub struct ArticleInput {
    #[schema(min_length = 1, max_length = 300)]
    pub title: String,
    #[serde(default)]
    #[schema(max_length = 300)]
    pub subtitle: Option<String>,
    /// Made from the title (by pinyin where it is Chinese) if it is not given.
    #[serde(default)]
    #[schema(max_length = 100, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub slug: Option<String>,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub summary: String,
    pub language: Language,
    /// IPTC genre in words.
    #[serde(default = "news")]
    #[schema(default = "news", max_length = 50, pattern = "^[a-z][a-z0-9_-]*$")]
    pub genre: String,
    #[serde(default)]
    pub dateline: Option<DatelineInput>,
    #[serde(default)]
    pub body: BodyInput,
    #[serde(default)]
    pub section_id: Option<SectionId>,
    #[serde(default)]
    #[schema(max_items = 50)]
    pub tags: Vec<String>,
    /// In the order of printing.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub contributors: Vec<ContributionInput>,
    #[serde(default)]
    pub source_id: Option<SourceId>,
    /// The editor in charge, from the register of authors.
    #[serde(default)]
    pub editor_id: Option<AuthorId>,
    /// Such as `（完）`.
    #[serde(default)]
    #[schema(max_length = 20)]
    pub end_mark: Option<String>,
    /// Lowering it takes `ai_label_reason`.
    #[serde(default = "unlabelled")]
    #[schema(default = "none")]
    pub ai_label: AiLabel,
    /// Why the AI label is lowered; put on record, not kept in the article.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub ai_label_reason: Option<String>,
    #[serde(default)]
    pub seo: Option<SeoInput>,
    #[serde(default)]
    #[schema(max_items = 50)]
    pub related: Vec<ArticleId>,
    /// The article that this one translates.
    #[serde(default)]
    pub translation_of: Option<ArticleId>,
    /// For reprints: where it comes from.
    #[serde(default)]
    pub original: Option<OriginalInput>,
    /// Free members of the newsroom's own, at most 16 kB of JSON.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub extra: Map<String, Value>,
    /// A word on this change, for the list of versions; not kept in the article.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub change_note: Option<String>,
}

fn news() -> String {
    "news".to_owned()
}

fn unlabelled() -> AiLabel {
    AiLabel::None
}

/// A body in one of the forms that are taken.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(
    tag = "format",
    content = "value",
    rename_all = "snake_case",
    deny_unknown_fields
)]
pub enum BodyInput {
    /// Typed blocks.
    Blocks(Vec<Block>),
    /// HTML; what is not on the allow-list is taken out.
    Html(String),
    /// Markdown (CommonMark with tables).
    Markdown(String),
}

impl Default for BodyInput {
    fn default() -> Self {
        Self::Blocks(Vec::new())
    }
}

impl BodyInput {
    fn parse(self) -> Result<Body, Vec<BodyFault>> {
        match self {
            Self::Blocks(blocks) => Body::from_blocks(blocks),
            Self::Html(html) => Body::from_html(&html),
            Self::Markdown(markdown) => Body::from_markdown(&markdown),
        }
    }
}

impl ArticleInput {
    /// Checks what the schema cannot say.
    ///
    /// # Errors
    /// All faults.
    pub fn parse(self) -> Result<Draft, Vec<Fault>> {
        let mut faults = Faults::default();
        let slug = self.slug.as_deref().map(str::trim).unwrap_or_default();
        if self.slug.is_some() && !is_slug(slug) {
            faults.push(
                "/slug",
                "pattern",
                "must be words of a-z and 0-9 joined by hyphens",
            );
        }
        let body = self.body.parse().unwrap_or_else(|wrong| {
            faults.extend(wrong.into_iter().map(|fault| {
                Fault::new(
                    format!("/body/value{}", fault.pointer),
                    fault.code,
                    fault.detail,
                )
            }));
            Body::default()
        });
        let tags = tags(&self.tags, &mut faults);
        let related = self.related;
        distinct(&related, "/related", &mut faults);
        let contributors: Vec<Contribution> = self
            .contributors
            .iter()
            .map(|one| Contribution {
                author_id: one.author_id,
                role: one.role,
            })
            .collect();
        for (at, one) in contributors.iter().enumerate() {
            if contributors.iter().take(at).any(|earlier| earlier == one) {
                faults.push(
                    format!("/contributors/{at}"),
                    "duplicate",
                    "stands here twice",
                );
            }
        }
        let size = extra_bytes(&self.extra);
        if size > EXTRA_BYTES {
            faults.push(
                "/extra",
                "length",
                format!("is {size} bytes of JSON; at most {EXTRA_BYTES} are kept"),
            );
        }
        let content = Content {
            title: faults.line("/title", &self.title, 1..=300),
            subtitle: faults.optional_line("/subtitle", self.subtitle.as_deref(), 300),
            slug: slug.to_owned(),
            summary: faults.prose("/summary", &self.summary, 0..=2000),
            language: self.language,
            genre: self.genre,
            dateline: self
                .dateline
                .and_then(|dateline| dateline.parse(&mut faults)),
            body,
            section_id: self.section_id,
            tags,
            contributors,
            source_id: self.source_id,
            editor_id: self.editor_id,
            end_mark: faults.optional_line("/end_mark", self.end_mark.as_deref(), 20),
            ai_label: self.ai_label,
            seo: self.seo.and_then(|seo| seo.parse(&mut faults)),
            related,
            translation_of: self.translation_of,
            original: self.original.map(|original| original.parse(&mut faults)),
            corrections: Vec::new(),
            extra: self.extra,
        };
        let draft = Draft {
            slug_given: !content.slug.is_empty(),
            content,
            ai_label_reason: faults.optional_line(
                "/ai_label_reason",
                self.ai_label_reason.as_deref(),
                500,
            ),
            change_note: faults.optional_line("/change_note", self.change_note.as_deref(), 500),
            embargoed_until: None,
        };
        faults.finish(draft)
    }
}

fn tags(tags: &[String], faults: &mut Faults) -> Vec<String> {
    let mut known: Vec<String> = Vec::with_capacity(tags.len());
    for (at, tag) in tags.iter().enumerate() {
        let pointer = format!("/tags/{at}");
        let tag = faults.line(&pointer, tag, 1..=100);
        if known.contains(&tag) {
            faults.push(pointer, "duplicate", "stands here twice");
        } else {
            known.push(tag);
        }
    }
    known
}

fn distinct(ids: &[ArticleId], pointer: &str, faults: &mut Faults) {
    for (at, id) in ids.iter().enumerate() {
        if ids.iter().take(at).any(|earlier| earlier == id) {
            faults.push(format!("{pointer}/{at}"), "duplicate", "stands here twice");
        }
    }
}

impl From<&Content> for ArticleInput {
    fn from(content: &Content) -> Self {
        let content = content.clone();
        Self {
            title: content.title,
            subtitle: content.subtitle,
            slug: Some(content.slug),
            summary: content.summary,
            language: content.language,
            genre: content.genre,
            dateline: content.dateline.map(|dateline| DatelineInput {
                place: dateline.place,
                date: dateline.date,
                agency: dateline.agency,
            }),
            body: BodyInput::Blocks(content.body.into_blocks()),
            section_id: content.section_id,
            tags: content.tags,
            contributors: content
                .contributors
                .iter()
                .map(|one| ContributionInput {
                    author_id: one.author_id,
                    role: one.role,
                })
                .collect(),
            source_id: content.source_id,
            editor_id: content.editor_id,
            end_mark: content.end_mark,
            ai_label: content.ai_label,
            ai_label_reason: None,
            seo: content.seo.map(|seo| SeoInput {
                title: seo.title,
                description: seo.description,
            }),
            related: content.related,
            translation_of: content.translation_of,
            original: content.original.map(|original| OriginalInput {
                title: original.title,
                authors: original.authors,
                author_unstated: original.author_unstated,
                url: original.url,
                print_ref: original.print_ref,
                published_at: original.published_at,
            }),
            extra: content.extra,
            change_note: None,
        }
    }
}
