//! The inline HTML that a text may hold, and the one way it is written.
//!
//! The [`Writer`] is the only maker of inline HTML in a body. It knows a closed list of elements, escapes every
//! character, and settles white space, so equal texts have equal bytes and reading back what was written changes
//! nothing. Must not know of blocks.
//!
//! Start with [`Writer`]; [`clean`] feeds it a submitted text, [`tokens`] takes apart what it wrote.

use std::borrow::Cow;

use scraper::node::Element;

use super::{BodyFault, fence, flow, links};
use crate::kernel::text::is_han;

/// What an inline element becomes.
pub(super) enum Markup {
    /// Written as this element.
    Kept { tag: &'static str, start: String },
    /// Its text stays, the element goes.
    Transparent,
}

/// The inline form of an element. Presentational twins become the element that says what is meant.
pub(super) fn markup(element: &Element) -> Markup {
    let tag = match element.name() {
        "em" | "i" | "var" => "em",
        "strong" | "b" => "strong",
        "code" | "kbd" | "samp" => "code",
        "s" | "strike" | "del" => "s",
        "u" | "ins" => "u",
        "sub" => "sub",
        "sup" => "sup",
        "mark" => "mark",
        "q" => "q",
        "cite" => "cite",
        "ruby" => "ruby",
        "rt" => "rt",
        "rp" => "rp",
        "abbr" => "abbr",
        "a" => "a",
        _ => return Markup::Transparent,
    };
    let mut start = format!("<{tag}");
    if tag == "a" {
        let Some(href) = element.attr("href").and_then(links::link) else {
            return Markup::Transparent;
        };
        push_attribute(&mut start, "href", &href);
    }
    if matches!(tag, "a" | "abbr")
        && let Some(title) = element.attr("title").and_then(label)
    {
        push_attribute(&mut start, "title", &title);
    }
    start.push('>');
    Markup::Kept { tag, start }
}

/// What an empty line in a text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EmptyLine {
    /// A new text begins (paragraphs).
    Parts,
    /// A plain line break (headings, quotes, items, cells, captions).
    Breaks,
}

struct Open {
    /// `None` for an element that is walked through but not written.
    tag: Option<&'static str>,
    start: String,
    written: bool,
}

/// Writes inline HTML from a walk over a tree.
///
/// White space and line breaks wait until the next visible character: so they vanish at both ends of a text, move out
/// of the elements that they border on, and elements without visible content are never written. An element inside one
/// of its own kind isn't written again, which bounds the nesting and is what HTML demands of links.
pub(super) struct Writer {
    empty_line: EmptyLine,
    out: String,
    done: Vec<String>,
    open: Vec<Open>,
    space: String,
    /// Whether the waiting space holds the end of a source line.
    wrapped: bool,
    breaks: u8,
    last: char,
}

impl Writer {
    pub(super) fn new(empty_line: EmptyLine) -> Self {
        Self {
            empty_line,
            out: String::new(),
            done: Vec::new(),
            open: Vec::new(),
            space: String::new(),
            wrapped: false,
            breaks: 0,
            last: ' ',
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        for c in text.chars() {
            if is_blank(c) {
                self.blank(c);
            } else {
                self.visible(c);
            }
        }
    }

    /// Text whose line ends are meant.
    pub(super) fn preformatted(&mut self, text: &str) {
        for (n, line) in text.split('\n').enumerate() {
            if n > 0 {
                self.line_break();
            }
            self.text(line);
        }
    }

    pub(super) fn line_break(&mut self) {
        self.space.clear();
        self.wrapped = false;
        if !self.out.is_empty() {
            self.breaks = (self.breaks + 1).min(2);
        }
    }

    /// The border of a container inside a text that can't hold containers.
    pub(super) fn border(&mut self) {
        self.space.clear();
        self.wrapped = false;
        if !self.out.is_empty() {
            self.breaks = self.breaks.max(1);
        }
    }

    pub(super) fn open(&mut self, markup: Markup) {
        let entry = match markup {
            Markup::Kept { tag, start } if self.may_open(tag) => Open {
                tag: Some(tag),
                start,
                written: false,
            },
            Markup::Kept { .. } | Markup::Transparent => Open {
                tag: None,
                start: String::new(),
                written: false,
            },
        };
        self.open.push(entry);
    }

    pub(super) fn close(&mut self) {
        if let Some(Open {
            tag: Some(tag),
            written: true,
            ..
        }) = self.open.pop()
        {
            push_end(&mut self.out, tag);
        }
    }

    /// Ends the text here; what is open opens again in the next.
    pub(super) fn cut(&mut self) {
        for entry in self.open.iter_mut().rev() {
            if let Some(tag) = entry.tag
                && entry.written
            {
                push_end(&mut self.out, tag);
                entry.written = false;
            }
        }
        self.space.clear();
        self.wrapped = false;
        self.breaks = 0;
        if !self.out.is_empty() {
            self.done.push(std::mem::take(&mut self.out));
        }
    }

    /// Ends the text and takes all that is finished.
    pub(super) fn take(&mut self) -> Vec<String> {
        self.cut();
        std::mem::take(&mut self.done)
    }

    fn may_open(&self, tag: &str) -> bool {
        let mut enclosing = self.open.iter().filter_map(|entry| entry.tag);
        match tag {
            // The parser closes a reading at the next one, so it may stand nowhere but right below its base.
            "rt" | "rp" => enclosing.next_back() == Some("ruby"),
            _ => !enclosing.any(|open| open == tag),
        }
    }

    fn blank(&mut self, c: char) {
        if self.out.is_empty() || self.breaks > 0 {
            return;
        }
        self.wrapped |= c == '\n';
        if !c.is_ascii_whitespace() {
            self.space.push(c);
        } else if !self.space.ends_with(' ') {
            self.space.push(' ');
        }
    }

    fn visible(&mut self, c: char) {
        // A source line that ends between ideographs was only wrapped there; Chinese puts no space.
        let joined = self.wrapped && self.space == " " && is_wide(self.last) && is_wide(c);
        match (self.breaks, self.empty_line) {
            (0, _) if joined => {}
            (0, _) => self.out.push_str(&self.space),
            (2.., EmptyLine::Parts) => self.cut(),
            (_, EmptyLine::Parts | EmptyLine::Breaks) => self.out.push_str("<br>"),
        }
        self.space.clear();
        self.wrapped = false;
        self.breaks = 0;
        self.last = c;
        for entry in &mut self.open {
            if entry.tag.is_some() && !entry.written {
                self.out.push_str(&entry.start);
                entry.written = true;
            }
        }
        push_escaped(&mut self.out, c);
    }
}

/// A submitted text in canonical form, in one piece or, where empty lines part it, several. No piece if it is blank.
///
/// # Errors
/// If its markup would cost too much to parse.
pub(super) fn clean(text: &str, empty_line: EmptyLine) -> Result<Vec<String>, BodyFault> {
    let mut writer = Writer::new(empty_line);
    if text.contains(['<', '&']) {
        flow::flow_all(&fence::fragment(text)?, &mut writer);
    } else {
        writer.text(text);
    }
    Ok(writer.take())
}

/// A plain label on one line, or `None` if it is blank.
pub(super) fn label(text: &str) -> Option<String> {
    let text = text
        .trim_matches(is_blank)
        .split_ascii_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    (!text.is_empty()).then_some(text)
}

/// Plain text as inline HTML; line ends become breaks.
pub(super) fn from_plain(text: &str) -> String {
    let mut writer = Writer::new(EmptyLine::Breaks);
    writer.preformatted(text);
    writer.take().concat()
}

/// One piece of canonical inline HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Text(Cow<'a, str>),
    /// An opening tag: its name and the whole of it, brackets included.
    Open {
        tag: &'a str,
        source: &'a str,
    },
    Close {
        tag: &'a str,
    },
    Break,
}

/// Takes canonical inline HTML apart. Works only on what a [`Writer`] made: there `<` always begins a tag and `>` ends it.
pub(super) fn tokens(html: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let (text, tagged) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        if !text.is_empty() {
            found.push(Token::Text(html_escape::decode_html_entities(text)));
        }
        let (source, after) = tagged.split_at(tagged.find('>').map_or(tagged.len(), |end| end + 1));
        rest = after;
        let inner = source.trim_start_matches('<').trim_end_matches('>');
        match inner.strip_prefix('/') {
            Some(tag) => found.push(Token::Close { tag }),
            None if inner == "br" => found.push(Token::Break),
            None if inner.is_empty() => {}
            None => found.push(Token::Open {
                tag: inner.split(' ').next().unwrap_or(inner),
                source,
            }),
        }
    }
    found
}

/// An attribute of a canonical opening tag, decoded.
pub(super) fn attribute<'a>(source: &'a str, name: &str) -> Option<Cow<'a, str>> {
    // Values hold no bare quotation mark, so this can't match inside one.
    let (_, after) = source.split_once(&format!(" {name}=\""))?;
    let (value, _) = after.split_once('"')?;
    Some(html_escape::decode_html_entities(value))
}

/// Appends ` name="value"`.
pub(super) fn push_attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    value.chars().for_each(|c| push_escaped(out, c));
    out.push('"');
}

/// Appends plain text so that it stands for itself in HTML, inside or outside an attribute.
pub(super) fn push_text(out: &mut String, text: &str) {
    text.chars().for_each(|c| push_escaped(out, c));
}

fn push_escaped(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        c => out.push(c),
    }
}

fn push_end(out: &mut String, tag: &str) {
    out.push_str("</");
    out.push_str(tag);
    out.push('>');
}

/// White space of any script (the ideographic indent of a Chinese paragraph is some), and the two zero-width
/// characters that pages leave behind at the ends of texts.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200B}' | '\u{FEFF}')
}

/// Ideographs and the full-width punctuation set between them.
fn is_wide(c: char) -> bool {
    is_han(c) || matches!(c, '\u{3001}'..='\u{303F}' | '\u{FF01}'..='\u{FF60}')
}
