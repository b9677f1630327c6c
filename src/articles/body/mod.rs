//! The body of an article: a list of typed blocks, read from blocks, HTML or Markdown and written as any of them or
//! as plain text.
//!
//! A [`Body`] is clean by construction: the only ways in sanitise, so nobody downstream has to. This module must not
//! touch a database, a request, rights or a clock, and never writes a credit line: that is the wrapper's work.
//!
//! Start with [`Block`] (the shapes and their limits), then `inline` (what markup a text may hold), then `read` and
//! `html`, which are each other's inverse.

mod blocks;
mod check;
pub mod diff;
mod fence;
mod flow;
mod html;
mod inline;
#[cfg(test)]
mod laws;
mod links;
mod markdown;
mod plain;
mod read;
#[cfg(test)]
mod samples;
mod script;
mod tables;
#[cfg(test)]
mod tests;

pub use blocks::{Block, MAX_BLOCKS, MAX_BODY_CHARS, MAX_TEXT_CHARS};
pub use fence::MAX_SOURCE_BYTES;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The content of an article: blocks in reading order. At most 2,000 of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
pub struct Body(Vec<Block>);

/// One thing that is wrong with a submitted body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct BodyFault {
    /// JSON pointer (RFC 6901) below the body value: `/3/text`, or empty for the whole.
    pub pointer: String,
    /// A stable name in snake case for programs.
    pub code: &'static str,
    /// A sentence for people. Never quotes the text.
    pub detail: String,
}

impl BodyFault {
    fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            code,
            detail: detail.into(),
        }
    }
}

/// The form in which a body is written on the wire.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BodyFormat {
    /// Typed blocks, the form that is stored.
    Blocks,
    /// One string of semantic HTML.
    #[default]
    Html,
    /// CommonMark with tables and strikethrough; HTML for what they can't say.
    Markdown,
    /// Text without markup. Given out, never taken in.
    Text,
}

impl BodyFormat {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Text => "text",
        }
    }
}

impl Body {
    /// Takes submitted blocks. Markup that a text may not hold is stripped silently; a paragraph with an empty line
    /// in it (`<br><br>`) becomes two.
    ///
    /// # Errors
    /// All faults at once, each with a pointer to its block.
    pub fn from_blocks(blocks: Vec<Block>) -> Result<Self, Vec<BodyFault>> {
        check::checked(blocks).map(Self)
    }

    /// Takes an HTML fragment and finds the blocks in it. What can't be kept (scripts, styles, comments, handlers,
    /// unknown elements) is gone; the text of unknown containers stays. No text at all gives an empty body.
    ///
    /// # Errors
    /// If the fragment is too large or too deep to parse safely, or the blocks found break a limit.
    pub fn from_html(html: &str) -> Result<Self, Vec<BodyFault>> {
        let blocks = read::blocks(html)?;
        check::checked(blocks)
            .map(Self)
            .map_err(check::without_pointers)
    }

    /// Takes CommonMark with tables and strikethrough. HTML in it passes through the same door as [`Self::from_html`].
    ///
    /// # Errors
    /// As [`Self::from_html`].
    pub fn from_markdown(markdown: &str) -> Result<Self, Vec<BodyFault>> {
        fence::bounded(markdown).map_err(|fault| vec![fault])?;
        Self::from_html(&markdown::to_fragment(markdown))
    }

    /// Reads a body back that this type wrote. The value is trusted: it isn't sanitised again.
    ///
    /// # Errors
    /// If the value isn't a list of blocks, which means that the store was written by something else.
    pub fn from_stored(value: serde_json::Value) -> Result<Self, serde_json::Error> {
        Vec::<Block>::deserialize(value).map(Self)
    }

    pub fn blocks(&self) -> &[Block] {
        &self.0
    }

    pub fn into_blocks(self) -> Vec<Block> {
        self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Semantic HTML without wrapper. [`Self::from_html`] gives the same body back.
    pub fn to_html(&self) -> String {
        html::write(&self.0)
    }

    /// CommonMark. [`Self::from_markdown`] gives the same body back.
    pub fn to_markdown(&self) -> String {
        markdown::write(&self.0)
    }

    /// Plain text, blocks parted by a blank line.
    pub fn to_text(&self) -> String {
        plain::write(&self.0)
    }

    /// The body with a title above it, for texts that travel alone.
    #[must_use]
    pub fn titled(mut self, title: &str) -> Self {
        let mut text = String::new();
        inline::push_text(&mut text, title);
        self.0.insert(0, Block::Heading { level: 1, text });
        self
    }

    /// The body with paragraphs of plain text below it, for texts that travel alone.
    #[must_use]
    pub fn followed_by(mut self, paragraphs: impl IntoIterator<Item = String>) -> Self {
        self.0.extend(paragraphs.into_iter().map(|paragraph| {
            let mut text = String::new();
            inline::push_text(&mut text, &paragraph);
            Block::Paragraph { text }
        }));
        self
    }

    /// How many Unicode scalar values [`Self::to_text`] has.
    pub fn plain_len(&self) -> usize {
        crate::kernel::text::char_count(&self.to_text())
    }

    /// Words as a newsroom counts them: every ideograph is one, other scripts by UAX #29.
    pub fn word_count(&self) -> usize {
        plain::count_words(&self.to_text())
    }

    /// The public excerpt (rule 24): whole sentences from the start of the paragraphs, at most `max_chars` and never
    /// over half of the paragraphs' own text, without markup. `None` if no sentence fits.
    pub fn excerpt(&self, max_chars: usize) -> Option<Self> {
        plain::excerpt(&self.0, max_chars).map(Self)
    }
}
