//! What readers get. A member that was not granted, not asked for or has no value is left out.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::body::{BodyValue, BodyView, body, carry};
use super::parts::{
    ContributorView, CorrectionView, CrumbOf, DatelineView, DeskView, PersonOf, SectionOf, SeoView,
    SourceOf, VersionView, WithdrawalView,
};
use crate::articles::body::BodyFormat;
use crate::articles::model::{Article, Content, Credited, Placed, State, VersionLine};
use crate::kernel::id::ArticleId;
use crate::kernel::language::Language;
use crate::rights::{Attribution, Carried, CreditBlock, Extent, InBand, Origin, Stage};

/// Members that `fields` can name. `id`, `stage` and `attribution` are always there (rule 2).
pub const FIELDS: &[&str] = &[
    "id",
    "stage",
    "attribution",
    "slug",
    "title",
    "subtitle",
    "summary",
    "language",
    "origin",
    "published_at",
    "updated_at",
    "version",
    "section",
    "genre",
    "dateline",
    "body",
    "tags",
    "contributors",
    "source",
    "end_mark",
    "seo",
    "related",
    "translation_of",
    "corrections",
    "extra",
    "versions",
    "desk",
];

/// Relations that `include` can expand.
pub const INCLUDES: &[&str] = &["section", "authors", "source", "versions"];

/// Which members of an article go out, and how.
#[derive(Debug, Clone, Default)]
pub struct Projection {
    /// `None` means all.
    pub fields: Option<Vec<String>>,
    pub include: Vec<String>,
    pub body_format: BodyFormat,
    /// Whether the reader is of the desk.
    pub desk: bool,
    /// Of the desk: the versions, where they were asked for.
    pub versions: Option<Vec<VersionLine>>,
}

impl Projection {
    pub(super) fn wants(&self, field: &str) -> bool {
        self.fields
            .as_ref()
            .is_none_or(|fields| fields.iter().any(|name| name == field))
    }

    fn includes(&self, relation: &str) -> bool {
        self.include.iter().any(|name| name == relation)
    }
}

/// An article as its reader may have it. Its attribution is written around it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "art_01900000000070008000000000000001", "stage": "published", "slug": "harbour-opens",
    "title": "Harbour opens its new quay", "summary": "Ships dock from Monday.", "language": "en", "origin": "own",
    "published_at": "2026-03-01T08:00:00Z", "updated_at": "2026-03-01T08:00:00Z", "version": 1, "genre": "news",
    "section": {"id": "sec_01900000000070008000000000000001", "slug": "economy",
        "breadcrumb": [{"id": "sec_01900000000070008000000000000001", "slug": "economy", "name": "Economy"}]},
    "dateline": {"place": "Langang", "date": "2026-03-01", "agency": "Harbour Press"},
    "body": {"format": "html", "value": "<p>The quay opens on Monday.</p><h2>What changes</h2><p>Ships wait less.</p>",
        "digest": "sha-256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    "tags": ["port"],
    "contributors": [{"author_id": "aut_01900000000070008000000000000001", "name": "Lin Yue", "role": "reporter"}],
    "related": [], "corrections": [], "extra": {}
}))]
pub struct ArticleView {
    pub id: ArticleId,
    pub stage: Stage,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub slug: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub subtitle: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub language: Option<Language>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub origin: Option<Origin>,
    /// When readers first saw it: the later of its publication and its embargo.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub published_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub updated_at: Option<DateTime<Utc>>,
    /// Number of the version given out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub version: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub section: Option<SectionOf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub genre: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub dateline: Option<DatelineView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub body: Option<BodyView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub contributors: Option<Vec<ContributorView>>,
    /// With `include=source`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub source: Option<SourceOf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub end_mark: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub seo: Option<SeoView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub related: Option<Vec<ArticleId>>,
    /// The article that this one translates.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub translation_of: Option<ArticleId>,
    /// Corrections, oldest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub corrections: Option<Vec<CorrectionView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<Object>)]
    pub extra: Option<Map<String, Value>>,
    /// For the desk, with `include=versions`: the newest hundred, newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub versions: Option<Vec<VersionView>>,
    /// For the desk: what it works with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub desk: Option<DeskView>,
}

/// An article with its attribution: the shape of every answer that holds one.
#[derive(Serialize, ToSchema)]
#[schema(as = Article)]
pub struct ArticleSchema {
    #[serde(flatten)]
    pub article: ArticleView,
    pub attribution: Attribution,
}

impl ArticleView {
    /// Shapes what was granted of an article.
    pub fn of(article: Article, shape: &Projection) -> Self {
        let full = article.extent == Extent::Full;
        let body = body(&article, shape);
        let desk = desk(&article, shape);
        let Article {
            state,
            version,
            updated_at,
            published_at,
            origin,
            content,
            section,
            contributors,
            source,
            extent,
            ..
        } = article;
        let Content {
            title,
            subtitle,
            slug,
            summary,
            language,
            genre,
            dateline,
            tags,
            end_mark,
            seo,
            related,
            translation_of,
            corrections,
            extra,
            ..
        } = content;
        let given = |field: &str, granted: bool| granted && shape.wants(field);
        Self {
            id: state.id,
            stage: state.stage,
            slug: given("slug", true).then_some(slug),
            title: given("title", true).then_some(title),
            subtitle: subtitle.filter(|_| given("subtitle", true)),
            summary: given("summary", extent >= Extent::Headline).then_some(summary),
            language: given("language", true).then_some(language),
            origin: origin.filter(|_| given("origin", true)),
            published_at: published_at.filter(|_| given("published_at", true)),
            updated_at: given("updated_at", true).then_some(updated_at),
            version: given("version", true).then_some(version),
            section: section
                .filter(|_| given("section", true))
                .map(|section| section_of(section, shape)),
            genre: given("genre", full).then_some(genre),
            dateline: dateline
                .filter(|_| given("dateline", full))
                .map(|dateline| DatelineView {
                    place: dateline.place,
                    date: dateline.date,
                    agency: dateline.agency,
                }),
            body,
            tags: given("tags", full).then_some(tags),
            contributors: given("contributors", full).then(|| people(contributors, shape)),
            source: source
                .filter(|_| given("source", full) && shape.includes("source"))
                .map(|source| SourceOf {
                    id: source.id,
                    name: source.name,
                    credit_label: source.credit_label,
                    kind: source.kind,
                    homepage_url: source.homepage_url,
                }),
            end_mark: end_mark.filter(|_| given("end_mark", full)),
            seo: seo.filter(|_| given("seo", full)).map(|seo| SeoView {
                title: seo.title,
                description: seo.description,
            }),
            related: given("related", full).then_some(related),
            translation_of: translation_of.filter(|_| given("translation_of", full)),
            // What was put right travels with the text, whatever else was asked for.
            corrections: (extent >= Extent::Excerpt
                && (shape.wants("corrections") || !corrections.is_empty()))
            .then(|| {
                corrections
                    .into_iter()
                    .map(|correction| CorrectionView {
                        at: correction.at,
                        note: correction.note,
                        version: correction.version,
                    })
                    .collect()
            }),
            extra: given("extra", full).then_some(extra),
            versions: shape
                .versions
                .as_ref()
                .filter(|_| shape.desk && given("versions", full))
                .map(|lines| lines.iter().map(version_view).collect()),
            desk,
        }
    }
}

fn section_of(section: Placed, shape: &Projection) -> SectionOf {
    let own = section.path.last().cloned();
    let expanded = shape.includes("section");
    SectionOf {
        id: section.id,
        slug: own.as_ref().map(|own| own.slug.clone()).unwrap_or_default(),
        name: own.map(|own| own.name).filter(|_| expanded),
        description: expanded.then_some(section.description),
        breadcrumb: section
            .path
            .into_iter()
            .map(|crumb| CrumbOf {
                id: crumb.id,
                slug: crumb.slug,
                name: crumb.name,
            })
            .collect(),
    }
}

fn people(contributors: Vec<Credited>, shape: &Projection) -> Vec<ContributorView> {
    contributors
        .into_iter()
        .map(|one| ContributorView {
            author_id: one.person.id,
            name: one.person.name.clone(),
            role: one.role,
            author: shape.includes("authors").then_some(PersonOf {
                id: one.person.id,
                name: one.person.name,
                kind: one.person.kind,
                bio: one.person.bio,
            }),
        })
        .collect()
}

fn version_view(line: &VersionLine) -> VersionView {
    VersionView {
        n: line.n,
        change_kind: line.change_kind,
        note: line.note.clone(),
        digest: line.digest.clone(),
        created_by: line.created_by,
        created_at: line.created_at,
    }
}

fn desk(article: &Article, shape: &Projection) -> Option<DeskView> {
    (shape.desk && shape.wants("desk")).then(|| {
        let state: &State = &article.state;
        DeskView {
            revision: state.revision,
            head_version: state.head_version,
            live_version: state.live_version,
            source_id: article.content.source_id,
            editor_id: article.content.editor_id,
            publish_at: state.publish_at,
            embargoed_until: state.embargoed_until,
            unpublish_at: state.unpublish_at,
            withdrawal: state.withdrawal.as_ref().map(|gone| WithdrawalView {
                at: gone.at,
                reason_class: gone.reason_class,
                reason: gone.reason.clone(),
            }),
            created_by: state.created_by,
            created_at: state.created_at,
        }
    })
}

impl InBand for ArticleView {
    /// Plain text is copied without what stands around it, and what goes to partners is printed
    /// without the answer that it came in: they carry their credit (rule 5).
    fn carry(&mut self, credit: CreditBlock<'_>) {
        if let Some(BodyView {
            format,
            value: BodyValue::Text(text),
            ..
        }) = &mut self.body
        {
            carry(text, *format, credit);
        }
    }

    fn body(&self) -> Option<Carried> {
        let body = self.body.as_ref()?;
        Some(Carried {
            format: body.format.as_str(),
            sha256: body.value.sha256(),
        })
    }
}
