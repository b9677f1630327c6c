//! An article as a document of its own: title, body and credit in one text. It travels without
//! the answer that it came in, so every reader's carries its credit inside (rule 5).

use serde::Serialize;

use crate::articles::body::BodyFormat;
use crate::articles::model::Article;
use crate::http::reply::{Owing, Works};
use crate::kernel::language::Template;
use crate::kernel::text::sha256_hex;
use crate::rights::{Carried, CreditBlock, Deliverable, InBand, Indexing, Stage, Standalone};

/// The forms that stand alone, by their name in the path.
pub fn format_of(name: &str) -> Option<BodyFormat> {
    [BodyFormat::Html, BodyFormat::Markdown, BodyFormat::Text]
        .into_iter()
        .find(|format| format.as_str() == name)
}

/// An article as one text.
#[derive(Debug, Clone, Serialize)]
pub struct DocumentView {
    format: BodyFormat,
    text: String,
}

impl DocumentView {
    /// What was granted of an article, in a form of [`format_of`].
    pub fn of(article: Article, format: BodyFormat) -> Self {
        let content = article.content;
        // What was put right travels with the text (rule 5 for corrections): in it, where it is alone.
        let label = correction(content.language.template());
        let notes = content.corrections.iter();
        let notes = notes.map(|one| format!("{label}{}", one.note));
        let body = content.body.followed_by(notes).titled(&content.title);
        let text = match format {
            BodyFormat::Html => format!("<article>\n{}", body.to_html()),
            BodyFormat::Markdown => body.to_markdown(),
            BodyFormat::Text | BodyFormat::Blocks => body.to_text(),
        };
        Self { format, text }
    }
}

/// What stands before a correction's note.
fn correction(template: Template) -> &'static str {
    match template {
        Template::ZhHans => "更正：",
        Template::ZhHant => "更正：",
        Template::En => "Correction: ",
    }
}

impl InBand for DocumentView {
    fn carry(&mut self, credit: CreditBlock<'_>) {
        let (between, line, after) = match self.format {
            BodyFormat::Html => ("\n", credit.html_alone(), "\n</article>\n"),
            BodyFormat::Markdown => ("\n\n", credit.html_alone(), "\n"),
            BodyFormat::Text | BodyFormat::Blocks => ("\n\n", credit.text_alone(), "\n"),
        };
        for part in [between, &line, after] {
            self.text.push_str(part);
        }
    }

    fn body(&self) -> Option<Carried> {
        Some(Carried {
            format: self.format.as_str(),
            sha256: sha256_hex(self.text.as_bytes()),
        })
    }
}

impl Standalone for DocumentView {
    fn text(&self) -> &str {
        &self.text
    }
}

/// The document as an answer.
#[derive(Serialize)]
pub struct DocumentReply {
    pub document: Deliverable<DocumentView>,
    pub format: BodyFormat,
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
        let media_type = match self.format {
            BodyFormat::Html => "text/html; charset=utf-8",
            BodyFormat::Markdown => "text/markdown; charset=utf-8",
            BodyFormat::Text | BodyFormat::Blocks => "text/plain; charset=utf-8",
        };
        Ok((self.document.document().as_bytes().to_vec(), media_type))
    }
}
