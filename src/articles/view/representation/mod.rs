//! An article as a document of its own. It travels without the answer that it came in, so every
//! reader's carries its credit inside (rule 5): for people as [`text`] or to [`embed`], for machines
//! as [`ninjs`] or [`jsonld`].

mod embed;
mod jsonld;
mod ninjs;
mod text;

pub(super) use text::corrected;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::articles::model::Article;
use crate::http::reply::{Owing, Works};
use crate::kernel::text::sha256_hex;
use crate::kernel::words::words;
use crate::rights::{Carried, CreditBlock, Deliverable, InBand, Indexing, Stage, Standalone};

words! {
    /// The forms of an article as a document.
    Form {
        /// A fragment of HTML.
        Html = "html",
        /// CommonMark.
        Markdown = "markdown",
        /// Plain text.
        Text = "text",
        /// IPTC ninjs 3.1.
        Ninjs = "ninjs",
        /// `NewsArticle` of schema.org, as JSON-LD.
        Jsonld = "jsonld",
        /// A fragment of HTML for somebody else's page: schema.org microdata throughout.
        Embed = "embed",
    }
}

impl Form {
    /// One for each media type, in the order in which they are preferred.
    pub const NEGOTIATED: [Self; 5] = [
        Self::Html,
        Self::Markdown,
        Self::Text,
        Self::Jsonld,
        Self::Ninjs,
    ];

    /// What it is sent as.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Html | Self::Embed => "text/html; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
            // IPTC has registered none for ninjs.
            Self::Ninjs => "application/json",
            Self::Jsonld => "application/ld+json",
        }
    }
}

/// IPTC ninjs 3.1; <https://iptc.org/std/ninjs/> has its schema.
#[derive(ToSchema)]
#[schema(value_type = Object)]
pub struct Ninjs(pub Value);

/// `NewsArticle` of schema.org as JSON-LD; <https://schema.org/NewsArticle> has its properties.
#[derive(ToSchema)]
#[schema(value_type = Object)]
pub struct NewsArticle(pub Value);

/// JSON without the members that have no value.
pub(super) fn lean(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| (name, lean(value)));
            let stands = |value: &Value| match value {
                Value::Null => false,
                Value::Array(items) => !items.is_empty(),
                Value::String(text) => !text.is_empty(),
                _ => true,
            };
            members.filter(|(_, value)| stands(value)).collect()
        }
        Value::Array(items) => items.into_iter().map(lean).collect(),
        other => other,
    }
}

/// An article as one text: what was granted of it, and once it has its credit, the text.
#[derive(Serialize)]
pub struct DocumentView {
    form: Form,
    #[serde(skip)]
    article: Article,
    text: String,
}

impl DocumentView {
    pub fn of(article: Article, form: Form) -> Self {
        Self {
            form,
            article,
            text: String::new(),
        }
    }
}

impl InBand for DocumentView {
    fn carry(&mut self, credit: CreditBlock<'_>) {
        let article = &self.article;
        self.text = match self.form {
            Form::Html => text::html(article, credit),
            Form::Markdown => text::markdown(article, credit),
            Form::Text => text::plain(article, credit),
            Form::Ninjs => ninjs::document(article, credit).to_string(),
            // Safe inside a `script` element, where it is meant to stand.
            Form::Jsonld => jsonld::document(article, credit)
                .to_string()
                .replace('<', "\\u003c"),
            Form::Embed => embed::document(article, credit),
        };
    }

    fn body(&self) -> Option<Carried> {
        Some(Carried {
            format: self.form.as_str(),
            sha256: sha256_hex(self.text.as_bytes()),
        })
    }
}

impl Standalone for DocumentView {}

/// The document as an answer.
#[derive(Serialize)]
pub struct DocumentReply {
    pub document: Deliverable<DocumentView>,
    pub form: Form,
    pub stage: Stage,
}

impl Works for DocumentReply {
    fn works(&mut self) -> Vec<&mut dyn Owing> {
        vec![&mut self.document]
    }

    /// What JSON says beside the text: the terms, and the signed statement about it.
    fn headers(&self) -> Vec<(&'static str, String)> {
        let credit = self.document.attribution();
        let mut headers = vec![("masthead-stage", self.stage.as_str().to_owned())];
        // Ids, words and times: all of it is ASCII.
        if let Ok(usage) = serde_json::to_string(&credit.usage) {
            headers.push(("masthead-usage", usage));
        }
        if let Some(token) = &credit.attestation {
            headers.push(("masthead-attestation", token.clone()));
        }
        if credit.usage.indexing == Some(Indexing::Noindex) {
            headers.push(("x-robots-tag", "noindex".to_owned()));
        }
        headers
    }

    fn bytes(&self) -> Result<(Vec<u8>, &'static str), serde_json::Error> {
        let text = self.document.alone().text.clone().into_bytes();
        Ok((text, self.form.media_type()))
    }
}
