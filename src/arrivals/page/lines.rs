//! The flat form of a page, whether it came as HTML or as text: lines with their places.
//!
//! Must not know what a line means.
//!
//! Start with [`Flat`]; [`plain`] makes it from plain text, `html` from markup.

use super::view::{trim, within};

/// What a line was in the markup. A line of plain text is always [`LineKind::Text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LineKind {
    Text,
    Heading(u8),
    /// A line of a list, and which one.
    Item(usize),
    /// A row of a table of data, and which one.
    Row(usize, Vec<String>),
    Quote,
    Image {
        src: String,
        alt: Option<String>,
    },
}

/// A linked part of a line, in characters of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) href: String,
}

/// One line of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Where the trimmed text begins in the page's text.
    pub(super) at: usize,
    /// The trimmed text; empty for images only.
    pub(super) text: String,
    pub(super) kind: LineKind,
    pub(super) links: Vec<Link>,
    /// Whether a blank line or a block's border parts it from the line before.
    pub(super) apart: bool,
    /// Whether all of it is in bold type.
    pub(super) bold: bool,
    /// Whether the markup says that it is a caption.
    pub(super) caption: bool,
    /// Whether the markup says that it is the breadcrumb.
    pub(super) crumb: bool,
    /// Whether it belongs to the main content.
    pub(super) main: bool,
}

impl Line {
    pub(super) fn new(at: usize, text: impl Into<String>, kind: LineKind) -> Self {
        Self {
            at,
            text: text.into(),
            kind,
            links: Vec::new(),
            apart: true,
            bold: false,
            caption: false,
            crumb: false,
            main: true,
        }
    }

    pub(super) fn is_image(&self) -> bool {
        matches!(self.kind, LineKind::Image { .. })
    }

    /// Whether the line has at most so many characters.
    pub(super) fn within(&self, count: usize) -> bool {
        within(&self.text, count)
    }

    /// Whether links cover it but for a few characters: a way to elsewhere, no text of the article.
    pub(super) fn is_all_links(&self) -> bool {
        let linked: usize = self.links.iter().map(|link| link.to - link.from).sum();
        // A rest of separators and dots is no text either.
        linked > 0 && linked.saturating_mul(5) >= self.text.chars().count().saturating_mul(4)
    }
}

/// What the page's metadata say, where they say anything.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) title: Option<String>,
    pub(super) og_title: Option<String>,
    pub(super) published: Option<String>,
    pub(super) source: Option<String>,
    /// How many `<article>` elements the page has.
    pub(super) articles: usize,
}

/// A page as lines.
#[derive(Debug, Default)]
pub(super) struct Flat {
    pub(super) text: String,
    pub(super) lines: Vec<Line>,
    pub(super) head: Head,
}

/// The lines of a plain text.
pub(super) fn plain(text: String) -> Flat {
    let mut lines: Vec<Line> = Vec::new();
    let mut at = 0;
    let mut apart = true;
    for raw in text.split_inclusive('\n') {
        // A carriage return alone ended lines on old Macintoshes; before a line feed it is part of the same end.
        for (n, piece) in raw.split_inclusive('\r').enumerate() {
            let (begin, line) = trim(piece, at);
            at += piece.chars().count();
            if line.is_empty() {
                apart |= n == 0 || piece != "\n";
                continue;
            }
            lines.push(Line {
                apart,
                ..Line::new(begin, line, LineKind::Text)
            });
            apart = false;
        }
    }
    Flat {
        text,
        lines,
        head: Head::default(),
    }
}
