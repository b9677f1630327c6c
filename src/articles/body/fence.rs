//! What stands between a stranger's HTML and the parsers.
//!
//! The text is first parsed under a budget ([`feed`]), then sanitised by an explicit allow-list, then parsed for
//! reading. Must not decide what a block is.
//!
//! Start with [`fragment`].

use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use html5ever::{ParseOpts, QualName, local_name, ns, parse_fragment};
use scraper::{Html, HtmlTreeSink, Node};

use super::BodyFault;
use crate::kernel::markup::{Budget, MAX_DEPTH, MAX_STALL_BYTES, Overrun, feed};

/// The most bytes of HTML or Markdown that are read at all.
pub const MAX_SOURCE_BYTES: usize = 4 * 1024 * 1024;
const BUDGET: Budget = Budget {
    nodes: 300_000,
    attributes: 100,
};
/// The most bytes that writing all texts may look at. An article of 20,000 characters in one text with an `&` in every
/// line stays below a hundredth of it.
const MAX_ESCAPING: usize = 500_000_000;

/// Containers and structure that the reader understands. The inline elements are those of `inline::Tag` with their
/// presentational twins; `span`, `small` and `font` only carry text or a class that is looked at.
const TAGS: &[&str] = &[
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "b",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "i",
    "iframe",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "menu",
    "nav",
    "ol",
    "p",
    "pre",
    "q",
    "rb",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
    "var",
];

/// Elements that go with everything in them: their content isn't text of the article.
const GONE: &[&str] = &[
    "applet",
    "audio",
    "button",
    "canvas",
    "datalist",
    "dialog",
    "embed",
    "frameset",
    "head",
    "input",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "optgroup",
    "option",
    "plaintext",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "video",
    "xmp",
];

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.iter().copied().collect())
        .clean_content_tags(GONE.iter().copied().collect())
        .generic_attributes(["class"].into())
        .tag_attributes(
            [
                ("a", ["href", "title"].into()),
                ("abbr", ["title"].into()),
                ("iframe", ["src", "title"].into()),
                ("img", ["src", "alt", "width", "height"].into()),
                ("td", ["colspan", "rowspan"].into()),
                ("th", ["colspan", "rowspan"].into()),
            ]
            .into(),
        )
        .url_schemes(["http", "https", "mailto", "tel"].into())
        // Relative addresses are judged by `links`, which knows a path of this site from a disguised host.
        .url_relative(UrlRelative::PassThrough)
        .link_rel(None)
        .strip_comments(true);
    builder
});

/// Refuses a source that is too long to be read.
pub(super) fn bounded(source: &str) -> Result<(), BodyFault> {
    if source.len() > MAX_SOURCE_BYTES {
        return Err(BodyFault::new(
            "",
            "source_too_long",
            format!("The body is longer than {MAX_SOURCE_BYTES} bytes."),
        ));
    }
    Ok(())
}

/// The sanitised tree of an HTML fragment.
///
/// # Errors
/// If parsing it would cost too much.
pub(super) fn fragment(source: &str) -> Result<Html, BodyFault> {
    bounded(source)?;
    rehearse(source)?;
    Ok(Html::parse_fragment(&SANITISER.clean(source).to_string()))
}

/// Parses the source step by step and stops as soon as the budget is spent.
fn rehearse(source: &str) -> Result<(), BodyFault> {
    let context = QualName::new(None, ns!(html), local_name!("div"));
    let mut parser = parse_fragment(
        HtmlTreeSink::new(Html::new_fragment()),
        ParseOpts::default(),
        context,
        Vec::new(),
        false,
    );
    feed(&mut parser, source, BUDGET).map_err(overrun)?;
    let html = parser.tokenizer.sink.sink.0.borrow();
    if html
        .tree
        .nodes()
        .map(|node| escaping(node.value()))
        .sum::<usize>()
        > MAX_ESCAPING
    {
        return Err(BodyFault::new(
            "",
            "too_complex",
            "A text holds too many escaped characters.",
        ));
    }
    Ok(())
}

/// Why a source is not read, as its writer is told.
fn overrun(overrun: Overrun) -> BodyFault {
    let (code, detail) = match overrun {
        Overrun::TooDeep => (
            "too_deep",
            format!("Elements are nested more than {MAX_DEPTH} deep."),
        ),
        Overrun::TooManyNodes => (
            "too_complex",
            "The markup has too many elements.".to_owned(),
        ),
        Overrun::TooManyAttributes => (
            "too_complex",
            "An element has too many attributes.".to_owned(),
        ),
        Overrun::TagTooLong => (
            "tag_too_long",
            format!(
                "A tag is longer than {MAX_STALL_BYTES} bytes. Pictures are uploaded, not put into the text."
            ),
        ),
    };
    BodyFault::new("", code, detail)
}

/// What writing a node costs, in bytes looked at: html5ever 0.40 looks through the rest of a text at each character
/// that it may have to escape, `&` and those that begin with the byte C2.
fn escaping(node: &Node) -> usize {
    let cost = |text: &str| {
        let stops = text.bytes().filter(|b| matches!(b, b'&' | 0xC2)).count();
        stops.saturating_mul(text.len())
    };
    match node {
        Node::Text(text) => cost(text),
        Node::Element(element) => element.attrs().map(|(_, value)| cost(value)).sum(),
        Node::Document
        | Node::Fragment
        | Node::Doctype(_)
        | Node::Comment(_)
        | Node::ProcessingInstruction(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(source: &str) -> Option<&'static str> {
        fragment(source).err().map(|fault| fault.code)
    }

    #[test]
    fn hostile_markup_is_refused_early() {
        assert_eq!(code(&"<div>".repeat(800_000)), Some("too_deep"));
        assert_eq!(code(&"<b>".repeat(100_000)), Some("too_deep"));
        assert_eq!(code(&"<div><!--</div>-->".repeat(50_000)), Some("too_deep"));
        assert_eq!(code(&"<table><tr><td>".repeat(50_000)), Some("too_deep"));
        let fonts: String = (0..40_000)
            .map(|n| format!("<p><font a={n}>x</p>"))
            .collect();
        assert_eq!(code(&fonts), Some("too_deep"));
        let attributes: String = (0..100_000).map(|n| format!(" a{n}")).collect();
        assert_eq!(code(&format!("<p{attributes}>x")), Some("tag_too_long"));
        let attributes: String = (0..200).map(|n| format!(" a{n}")).collect();
        assert_eq!(code(&format!("<p{attributes}>x")), Some("too_complex"));
        assert_eq!(code(&"&amp;".repeat(100_000)), Some("too_complex"));
        assert_eq!(code(&"©".repeat(100_000)), Some("too_complex"));
        assert_eq!(
            code(&format!("<p>{}</p>", "a &amp; b ".repeat(5_000))),
            None
        );
        assert_eq!(code(&"<p>a &amp; b</p>".repeat(20_000)), None);
        assert_eq!(code(&"<br>".repeat(400_000)), Some("too_complex"));
        assert_eq!(
            code(&"x".repeat(MAX_SOURCE_BYTES + 1)),
            Some("source_too_long")
        );
    }

    #[test]
    fn long_honest_text_passes() {
        assert_eq!(code(&"<p>新闻正文。</p>".repeat(20_000)), None);
        assert_eq!(code(&"新闻正文。".repeat(100_000)), None);
        assert_eq!(
            code(&format!("{}x{}", "<div>".repeat(100), "</div>".repeat(100))),
            None
        );
    }
}
