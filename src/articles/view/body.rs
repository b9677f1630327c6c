//! Bodies on the wire: one text, four forms.

use serde::Serialize;
use utoipa::ToSchema;

use super::output::Projection;
use crate::articles::body::{Block, Body, BodyFormat};
use crate::articles::model::Article;
use crate::kernel::text::{digest_field, sha256_hex};
use crate::rights::{CreditBlock, Extent};

/// A body in the form asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BodyView {
    pub format: BodyFormat,
    pub value: BodyValue,
    /// `sha-256=…` of the stored version that this is, or is derived from.
    pub digest: String,
    /// Set where this is not the whole text: `excerpt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub derived: Option<String>,
}

/// Blocks, or text in a markup.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum BodyValue {
    Blocks(Vec<Block>),
    Text(String),
}

impl BodyValue {
    /// SHA-256 of the body as it is given out: of a text its bytes in UTF-8, of blocks their
    /// canonical JSON (RFC 8785).
    pub(super) fn sha256(&self) -> String {
        match self {
            Self::Text(text) => sha256_hex(text.as_bytes()),
            Self::Blocks(blocks) => {
                // Blocks are strings, numbers and lists of them: they always have this form.
                sha256_hex(&serde_json_canonicalizer::to_vec(blocks).unwrap_or_default())
            }
        }
    }
}

/// Writes the credit into a text.
pub(super) fn carry(text: &mut String, format: BodyFormat, credit: CreditBlock<'_>) {
    let line = match format {
        BodyFormat::Text => credit.text(),
        BodyFormat::Html | BodyFormat::Markdown if credit.is_licensed() => credit.html(),
        BodyFormat::Html | BodyFormat::Markdown | BodyFormat::Blocks => return,
    };
    if !text.is_empty() && !line.is_empty() {
        text.push_str(if format == BodyFormat::Html {
            "\n"
        } else {
            "\n\n"
        });
    }
    text.push_str(&line);
}

/// The body, if it was granted, loaded and asked for.
pub(super) fn body(article: &Article, shape: &Projection) -> Option<BodyView> {
    let granted = article.extent >= Extent::Excerpt && article.has_body && shape.wants("body");
    granted.then(|| BodyView {
        format: shape.body_format,
        value: value(&article.content.body, shape.body_format),
        digest: digest_field(&article.digest),
        derived: (article.extent == Extent::Excerpt).then(|| "excerpt".to_owned()),
    })
}

fn value(body: &Body, format: BodyFormat) -> BodyValue {
    match format {
        BodyFormat::Blocks => BodyValue::Blocks(body.blocks().to_vec()),
        BodyFormat::Html => BodyValue::Text(body.to_html()),
        BodyFormat::Markdown => BodyValue::Text(body.to_markdown()),
        BodyFormat::Text => BodyValue::Text(body.to_text()),
    }
}
