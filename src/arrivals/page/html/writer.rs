//! Writes elements and text into lines.
//!
//! Told of each element that opens and closes, in document order; keeps no tree. Blanks collapse as browsers show
//! them, ideographic and no-break blanks stay. Must not recurse and must not look ahead.
//!
//! Start with [`Writer`].

use super::super::lines::{Flat, Head, Line, LineKind, Link};
use super::super::view::trim;
use crate::kernel::markup::is_border;

/// Elements that go with everything in them: their content isn't text of the article.
pub(super) fn is_gone(name: &str) -> bool {
    matches!(
        name,
        "applet"
            | "audio"
            | "button"
            | "canvas"
            | "datalist"
            | "embed"
            | "frameset"
            | "head"
            | "iframe"
            | "input"
            | "math"
            | "noembed"
            | "noframes"
            | "noscript"
            | "object"
            | "option"
            | "script"
            | "select"
            | "style"
            | "svg"
            | "template"
            | "textarea"
            | "title"
            | "video"
    )
}

/// Collects lines.
#[derive(Default)]
pub(super) struct Writer {
    text: String,
    chars: usize,
    lines: Vec<Line>,
    pub(super) head: Head,
    /// The line being written, and how many characters of it are in bold type.
    line: String,
    line_chars: usize,
    bold_chars: usize,
    links: Vec<Link>,
    open_link: Option<(usize, String)>,
    apart: bool,
    heading: Option<u8>,
    bold: usize,
    quote: usize,
    preformatted: usize,
    caption: usize,
    lists: Vec<usize>,
    items: usize,
    made: usize,
    crumb: bool,
    /// The table of data being written, and the finished cells of its row.
    row: Option<(usize, Vec<String>)>,
}

impl Writer {
    /// An element opens. `attr` gives its attributes.
    pub(super) fn open<'a>(&mut self, name: &str, attr: impl Fn(&str) -> Option<&'a str>) {
        if is_border(name) {
            self.border();
        }
        match name {
            "br" => self.line_break(),
            "img" => self.image(attr),
            "a" => {
                self.close_link();
                let href = attr("href").map(str::trim).filter(|href| !href.is_empty());
                self.open_link = href.map(|href| (self.line_chars, href.to_owned()));
            }
            "b" | "strong" => self.bold += 1,
            "blockquote" => self.quote += 1,
            "pre" => self.preformatted += 1,
            "figcaption" | "caption" => self.caption += 1,
            "ul" | "ol" | "menu" => {
                self.made += 1;
                self.lists.push(self.made);
            }
            "li" => self.items += 1,
            "article" => self.head.articles += 1,
            _ => {
                if let Some(level) = heading_level(name) {
                    self.heading = Some(level);
                }
            }
        }
    }

    /// An element closes.
    pub(super) fn close(&mut self, name: &str) {
        match (name, &mut self.row) {
            ("td" | "th", Some(_)) => self.cell(),
            ("tr", Some(_)) => self.row_ends(),
            _ if is_border(name) => self.border(),
            _ => {}
        }
        match name {
            "a" => self.close_link(),
            "b" | "strong" => self.bold = self.bold.saturating_sub(1),
            "blockquote" => self.quote = self.quote.saturating_sub(1),
            "pre" => self.preformatted = self.preformatted.saturating_sub(1),
            "figcaption" | "caption" => self.caption = self.caption.saturating_sub(1),
            "ul" | "ol" | "menu" => {
                self.lists.pop();
            }
            "li" => self.items = self.items.saturating_sub(1),
            _ if heading_level(name).is_some() => self.heading = None,
            _ => {}
        }
    }

    /// A table of data begins: its cells are kept apart until [`Writer::close_table`].
    pub(super) fn open_table(&mut self) {
        self.border();
        self.made += 1;
        self.row = Some((self.made, Vec::new()));
    }

    pub(super) fn close_table(&mut self) {
        self.row_ends();
        self.row = None;
    }

    /// The breadcrumb begins: one line, whatever elements are in it.
    pub(super) fn open_crumb(&mut self) {
        self.border();
        self.crumb = true;
    }

    pub(super) fn close_crumb(&mut self) {
        self.end_line(true);
        self.crumb = false;
    }

    /// Text of the page.
    pub(super) fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\n' if self.preformatted > 0 && self.row.is_none() && !self.crumb => {
                    self.line_break();
                }
                '\t' | '\n' | '\r' | '\x0C' | ' ' => self.blank(' '),
                _ => {
                    self.line.push(c);
                    self.line_chars += 1;
                    self.bold_chars += usize::from(self.bold > 0 || c.is_whitespace());
                }
            }
        }
    }

    pub(super) fn finish(mut self) -> Flat {
        self.end_line(true);
        Flat {
            text: self.text,
            lines: self.lines,
            head: self.head,
        }
    }

    fn blank(&mut self, blank: char) {
        if !self.line.is_empty() && !self.line.ends_with([' ', '\t']) {
            self.line.push(blank);
            self.line_chars += 1;
            self.bold_chars += 1;
        }
    }

    fn border(&mut self) {
        match (self.crumb, self.row.is_some()) {
            // A tab is in no text of HTML, so it can part crumbs that nothing else parts.
            (true, _) => self.blank('\t'),
            (false, true) => self.blank(' '),
            (false, false) => self.end_line(true),
        }
    }

    fn line_break(&mut self) {
        match (self.crumb || self.row.is_some(), self.line.is_empty()) {
            (true, _) => self.blank(' '),
            // The second break in a row makes an empty line.
            (false, empty) => self.end_line(empty),
        }
    }

    fn cell(&mut self) {
        let cell = trim(&self.line, 0).1.to_owned();
        if let Some((_, cells)) = &mut self.row {
            cells.push(cell);
        }
        self.reset_line();
    }

    fn row_ends(&mut self) {
        if !trim(&self.line, 0).1.is_empty() {
            self.cell();
        }
        self.reset_line();
        let Some((table, cells)) = &mut self.row else {
            return;
        };
        let (table, cells) = (*table, std::mem::take(cells));
        if cells.iter().any(|cell| !cell.is_empty()) {
            let text = cells.join("\t");
            self.push(&text, LineKind::Row(table, cells));
        }
    }

    fn end_line(&mut self, apart: bool) {
        self.close_open_link();
        let line = std::mem::take(&mut self.line);
        let (blanks, text) = trim(&line, 0);
        if !text.is_empty() {
            let kind = self.kind();
            let at = self.chars;
            let length = text.chars().count();
            self.push(text, kind);
            let links = std::mem::take(&mut self.links);
            if let Some(last) = self.lines.last_mut().filter(|last| last.at == at) {
                last.bold = self.bold_chars >= self.line_chars;
                last.caption = self.caption > 0;
                last.crumb = self.crumb;
                last.links = links
                    .into_iter()
                    .map(|link| Link {
                        from: link.from.saturating_sub(blanks).min(length),
                        to: link.to.saturating_sub(blanks).min(length),
                        href: link.href,
                    })
                    .collect();
            }
        }
        self.reset_line();
        self.apart |= apart;
    }

    /// A link goes on in the next line.
    fn close_open_link(&mut self) {
        let Some((from, href)) = self.open_link.take() else {
            return;
        };
        if self.line_chars > from {
            let to = self.line_chars;
            self.links.push(Link {
                from,
                to,
                href: href.clone(),
            });
        }
        self.open_link = Some((0, href));
    }

    fn close_link(&mut self) {
        self.close_open_link();
        self.open_link = None;
    }

    fn reset_line(&mut self) {
        self.line.clear();
        self.line_chars = 0;
        self.bold_chars = 0;
        self.links.clear();
        if let Some((from, _)) = &mut self.open_link {
            *from = 0;
        }
    }

    fn kind(&self) -> LineKind {
        match (self.heading, self.items > 0, self.lists.last()) {
            (Some(level), _, _) => LineKind::Heading(level),
            (None, true, Some(list)) => LineKind::Item(*list),
            _ if self.quote > 0 => LineKind::Quote,
            _ => LineKind::Text,
        }
    }

    fn push(&mut self, text: &str, kind: LineKind) {
        let line = Line {
            apart: std::mem::take(&mut self.apart),
            ..Line::new(self.chars, text, kind)
        };
        self.lines.push(line);
        self.text.push_str(text);
        self.text.push('\n');
        self.chars += text.chars().count() + 1;
    }

    fn image<'a>(&mut self, attr: impl Fn(&str) -> Option<&'a str>) {
        if self.row.is_some() || self.crumb {
            return;
        }
        // Pages that load pictures late keep the address beside a placeholder.
        let src = ["data-original", "data-src", "src"]
            .into_iter()
            .filter_map(attr_of(&attr))
            .find(|src| !src.is_empty() && !src.starts_with("data:"));
        let alt = attr("alt").map(str::trim).filter(|alt| !alt.is_empty());
        self.end_line(false);
        let kind = LineKind::Image {
            src: src.unwrap_or_default().to_owned(),
            alt: alt.map(str::to_owned),
        };
        self.lines.push(Line::new(self.chars, "", kind));
    }
}

fn attr_of<'a>(attr: &impl Fn(&str) -> Option<&'a str>) -> impl Fn(&str) -> Option<&'a str> {
    move |name| attr(name).map(str::trim)
}

fn heading_level(name: &str) -> Option<u8> {
    match name.strip_prefix('h')? {
        "1" => Some(1),
        "2" => Some(2),
        "3" => Some(3),
        "4" => Some(4),
        "5" => Some(5),
        "6" => Some(6),
        _ => None,
    }
}
