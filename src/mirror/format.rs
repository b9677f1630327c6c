//! In which form articles are kept.

use crate::kernel::id::ArticleId;
use crate::kernel::words::words;

words! {
    /// The forms in which an article is given out.
    Format {
        /// The article's JSON, its body as HTML.
        Json = "json",
        /// A fragment of HTML.
        Html = "html",
        /// CommonMark.
        Markdown = "markdown",
        /// Plain text.
        Text = "text",
        /// IPTC ninjs 3.1.
        Ninjs = "ninjs",
        /// `NewsArticle` of schema.org.
        Jsonld = "jsonld",
        /// A fragment of HTML for another page.
        Embed = "embed",
    }
}

impl Format {
    /// How a file of this form ends, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Html => "html",
            Self::Markdown => "md",
            Self::Text => "txt",
            Self::Ninjs => "ninjs.json",
            Self::Jsonld => "jsonld",
            Self::Embed => "embed.html",
        }
    }

    /// Where an article stands in this form.
    pub fn path(self, article: ArticleId) -> String {
        match self {
            Self::Json => format!("v1/articles/{article}"),
            Self::Html | Self::Markdown | Self::Text | Self::Ninjs | Self::Jsonld | Self::Embed => {
                format!("v1/articles/{article}/representations/{}", self.as_str())
            }
        }
    }
}
