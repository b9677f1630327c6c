//! The JSON in which a version is kept. A form of its own, so that the wire may change
//! without rewriting history, and history without breaking the wire.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::articles::body::Body;
use crate::articles::model::{Content, Contribution, Correction, Dateline, Seo};
use crate::db::DbError;
use crate::db::error::{stored_json, to_json};
use crate::kernel::id::{ArticleId, AuthorId, SectionId, SourceId};
use crate::kernel::language::Language;
use crate::kernel::text::sha256_hex;
use crate::rights::{AiLabel, ContributorRole, Original, Unstated};

/// A version's text in two columns: all but the body, and the body.
pub struct Columns {
    pub content: String,
    pub body: String,
    /// SHA-256 of the canonical JSON (RFC 8785) of both.
    pub digest: String,
}

#[derive(Serialize, Deserialize)]
struct Text {
    title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subtitle: Option<String>,
    slug: String,
    #[serde(default)]
    summary: String,
    language: Language,
    genre: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dateline: Option<StoredDateline>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    section_id: Option<SectionId>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    contributors: Vec<(AuthorId, ContributorRole)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source_id: Option<SourceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    editor_id: Option<AuthorId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_mark: Option<String>,
    ai_label: AiLabel,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seo: Option<StoredSeo>,
    #[serde(default)]
    related: Vec<ArticleId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    translation_of: Option<ArticleId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    original: Option<StoredOriginal>,
    #[serde(default)]
    corrections: Vec<StoredCorrection>,
    #[serde(default)]
    extra: Map<String, Value>,
}

#[derive(Serialize, Deserialize)]
struct StoredDateline {
    place: Option<String>,
    date: Option<NaiveDate>,
    agency: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredSeo {
    title: Option<String>,
    description: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredOriginal {
    title: Option<String>,
    authors: Vec<String>,
    author_unstated: Option<String>,
    url: Option<String>,
    print_ref: Option<String>,
    published_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, Deserialize)]
struct StoredCorrection {
    at: DateTime<Utc>,
    note: String,
    version: i64,
}

/// Writes a text for its columns.
///
/// # Errors
/// [`DbError::Corrupt`] if it cannot be put into canonical JSON.
pub fn write(content: &Content) -> Result<Columns, DbError> {
    let text = Text::from(content);
    let canonical = serde_json_canonicalizer::to_vec(&(&text, &content.body))
        .map_err(|error| DbError::Corrupt(error.to_string()))?;
    Ok(Columns {
        content: to_json(&text)?,
        body: to_json(&content.body)?,
        digest: sha256_hex(&canonical),
    })
}

/// Reads a text from its columns; without a body where that was not loaded.
///
/// # Errors
/// [`DbError::Corrupt`].
pub fn read(content: &str, body: Option<&str>) -> Result<Content, DbError> {
    let text: Text = stored_json(content, "versions.content")?;
    let body = match body {
        None => Body::default(),
        Some(json) => Body::from_stored(stored_json(json, "versions.body")?)
            .map_err(|error| DbError::Corrupt(format!("versions.body: {error}")))?,
    };
    Ok(text.with(body))
}

impl From<&Content> for Text {
    fn from(content: &Content) -> Self {
        // The body is kept in a column of its own and is not copied.
        Self {
            title: content.title.clone(),
            subtitle: content.subtitle.clone(),
            slug: content.slug.clone(),
            summary: content.summary.clone(),
            language: content.language.clone(),
            genre: content.genre.clone(),
            dateline: content.dateline.clone().map(|dateline| StoredDateline {
                place: dateline.place,
                date: dateline.date,
                agency: dateline.agency,
            }),
            section_id: content.section_id,
            tags: content.tags.clone(),
            contributors: content
                .contributors
                .iter()
                .map(|one| (one.author_id, one.role))
                .collect(),
            source_id: content.source_id,
            editor_id: content.editor_id,
            end_mark: content.end_mark.clone(),
            ai_label: content.ai_label,
            seo: content.seo.clone().map(|seo| StoredSeo {
                title: seo.title,
                description: seo.description,
            }),
            related: content.related.clone(),
            translation_of: content.translation_of,
            original: content.original.clone().map(|original| StoredOriginal {
                title: original.title,
                authors: original.authors,
                author_unstated: original.author_unstated.map(|unstated| unstated.reason),
                url: original.url,
                print_ref: original.print_ref,
                published_at: original.published_at,
            }),
            corrections: content
                .corrections
                .iter()
                .cloned()
                .map(|correction| StoredCorrection {
                    at: correction.at,
                    note: correction.note,
                    version: correction.version,
                })
                .collect(),
            extra: content.extra.clone(),
        }
    }
}

impl Text {
    fn with(self, body: Body) -> Content {
        Content {
            title: self.title,
            subtitle: self.subtitle,
            slug: self.slug,
            summary: self.summary,
            language: self.language,
            genre: self.genre,
            dateline: self.dateline.map(|dateline| Dateline {
                place: dateline.place,
                date: dateline.date,
                agency: dateline.agency,
            }),
            body,
            section_id: self.section_id,
            tags: self.tags,
            contributors: self
                .contributors
                .into_iter()
                .map(|(author_id, role)| Contribution { author_id, role })
                .collect(),
            source_id: self.source_id,
            editor_id: self.editor_id,
            end_mark: self.end_mark,
            ai_label: self.ai_label,
            seo: self.seo.map(|seo| Seo {
                title: seo.title,
                description: seo.description,
            }),
            related: self.related,
            translation_of: self.translation_of,
            original: self.original.map(|original| Original {
                title: original.title,
                authors: original.authors,
                author_unstated: original.author_unstated.map(|reason| Unstated { reason }),
                url: original.url,
                print_ref: original.print_ref,
                published_at: original.published_at,
            }),
            corrections: self
                .corrections
                .into_iter()
                .map(|correction| Correction {
                    at: correction.at,
                    note: correction.note,
                    version: correction.version,
                })
                .collect(),
            extra: self.extra,
        }
    }
}
