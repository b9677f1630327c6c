//! Blocks found in HTML.
//!
//! Walks the sanitised tree and lets only known shapes through; what it doesn't know, it walks through for the text.
//! `html` is the inverse. Must not parse a source that `fence` hasn't passed, and must not recurse without bound.
//!
//! Start with [`Reader::element`], which says what every element becomes.

use ego_tree::NodeRef;
use scraper::Node;
use scraper::node::Element;

use super::blocks::Block;
use super::flow::{CREDIT_CLASS, flow, has_class, is_dropped, name, plain_text, text};
use super::html::{EMBED_CLASS, IMAGE_CREDIT_CLASS};
use super::inline::{self, EmptyLine, Writer};
use super::links::{self, Refused};
use super::{BodyFault, fence, tables};
use crate::kernel::markup::is_border;

/// Elements inside one another past which only the text is taken. `fence` refuses such sources; this bound keeps the
/// recursion safe whatever the sanitiser makes of one that passed.
const MAX_WALK: usize = 256;
/// The blocks in an HTML fragment, not yet checked against the limits.
pub(super) fn blocks(html: &str) -> Result<Vec<Block>, Vec<BodyFault>> {
    let tree = fence::fragment(html).map_err(|fault| vec![fault])?;
    let mut reader = Reader {
        blocks: Vec::new(),
        run: Writer::new(EmptyLine::Parts),
        preformatted: false,
        figure: None,
        faults: Vec::new(),
    };
    reader.container(tree.tree.root(), 0);
    reader.flush();
    if reader.faults.is_empty() {
        Ok(reader.blocks)
    } else {
        Err(reader.faults)
    }
}

/// What the caption of the figure being read said.
#[derive(Default)]
struct Caption {
    text: Option<String>,
    credit: Option<String>,
}

struct Reader {
    blocks: Vec<Block>,
    /// The paragraph being collected.
    run: Writer,
    preformatted: bool,
    /// The caption found so far, while inside a figure.
    figure: Option<Caption>,
    faults: Vec<BodyFault>,
}

impl Reader {
    fn container(&mut self, node: NodeRef<'_, Node>, depth: usize) {
        for child in node.children() {
            match child.value() {
                Node::Text(text) if self.preformatted => self.run.preformatted(text),
                Node::Text(text) => self.run.text(text),
                Node::Element(element) if depth < MAX_WALK => {
                    self.element(child, element, depth + 1);
                }
                Node::Element(_) => {
                    flow(child, &mut self.run, &[], &[]);
                }
                Node::Document
                | Node::Fragment
                | Node::Doctype(_)
                | Node::Comment(_)
                | Node::ProcessingInstruction(_) => {}
            }
        }
    }

    fn element(&mut self, node: NodeRef<'_, Node>, element: &Element, depth: usize) {
        if is_dropped(element) {
            return;
        }
        match element.name() {
            "br" => self.run.line_break(),
            "h1" | "h2" => self.heading(node, 2),
            "h3" => self.heading(node, 3),
            "h4" | "h5" | "h6" => self.heading(node, 4),
            "img" | "iframe" => self.media(node),
            "a" if has_class(element, EMBED_CLASS) => {
                self.embed(element, "href", Some(plain_text(node)));
            }
            "ul" | "menu" => self.list(node, false),
            "ol" => self.list(node, true),
            "blockquote" => self.quote(node),
            "table" => self.table(node, depth),
            "figure" => self.figure(node, element, depth),
            "figcaption" if self.figure.is_some() => self.caption(node),
            "pre" => {
                self.flush();
                let outer = std::mem::replace(&mut self.preformatted, true);
                self.container(node, depth);
                self.preformatted = outer;
                self.flush();
            }
            name if is_border(name) => {
                self.flush();
                self.container(node, depth);
                self.flush();
            }
            _ => {
                self.run.open(inline::markup(element));
                self.container(node, depth);
                self.run.close();
            }
        }
    }

    /// Ends the paragraph being collected.
    fn flush(&mut self) {
        self.blocks.extend(
            self.run
                .take()
                .into_iter()
                .map(|text| Block::Paragraph { text }),
        );
    }

    fn heading(&mut self, node: NodeRef<'_, Node>, level: u8) {
        self.flush();
        let (text, media) = text(node, &[]);
        self.blocks
            .extend(text.map(|text| Block::Heading { level, text }));
        self.all_media(media);
    }

    fn list(&mut self, node: NodeRef<'_, Node>, ordered: bool) {
        self.flush();
        let mut writer = Writer::new(EmptyLine::Breaks);
        let media = flow(node, &mut writer, &["li"], &[]);
        let items = writer.take();
        if !items.is_empty() {
            self.blocks.push(Block::List { ordered, items });
        }
        self.all_media(media);
    }

    fn quote(&mut self, node: NodeRef<'_, Node>) {
        self.flush();
        let has_paragraph = node.children().any(|child| name(child) == "p");
        let says_who = |child: &NodeRef<'_, Node>| match name(*child) {
            "footer" => true,
            // Beside paragraphs it names the speaker; inside running text it is the title of a work.
            "cite" => has_paragraph,
            _ => false,
        };
        let footers: Vec<_> = node.children().filter(says_who).collect();
        let ids: Vec<_> = footers.iter().map(|footer| footer.id()).collect();
        let (text, media) = text(node, &ids);
        let cite = footers
            .into_iter()
            .filter(|footer| !footer.value().as_element().is_some_and(is_dropped));
        let cite = inline::label(&cite.map(plain_text).collect::<Vec<_>>().join(" "));
        match (text, cite) {
            (Some(text), cite) => self.blocks.push(Block::Quote { text, cite }),
            (None, Some(cite)) => self.blocks.push(Block::Paragraph {
                text: inline::from_plain(&cite),
            }),
            (None, None) => {}
        }
        self.all_media(media);
    }

    fn table(&mut self, node: NodeRef<'_, Node>, depth: usize) {
        self.flush();
        if let Some(caption) = node.children().find(|child| name(*child) == "caption") {
            self.container(caption, depth);
            self.flush();
        }
        let rows = tables::rows(node);
        // One cell that holds blocks is a frame drawn around text, not a table.
        if let [row] = rows.as_slice()
            && let [Some(cell)] = row.cells.as_slice()
            && cell
                .children()
                .any(|child| is_border(name(child)) || name(child) == "img")
        {
            self.container(*cell, depth);
            self.flush();
            return;
        }
        let headed = rows.first().is_some_and(|row| row.heads);
        let mut media = Vec::new();
        let mut written = rows.into_iter().map(|row| {
            let cells = row.cells.into_iter().map(|cell| {
                let (text, found) = cell.map(|cell| text(cell, &[])).unwrap_or_default();
                media.extend(found);
                text.unwrap_or_default()
            });
            cells.collect::<Vec<_>>()
        });
        let header = if headed {
            written.next().unwrap_or_default()
        } else {
            Vec::new()
        };
        let rows: Vec<Vec<String>> = written.collect();
        if header
            .iter()
            .chain(rows.iter().flatten())
            .any(|cell| !cell.is_empty())
        {
            self.blocks.push(Block::Table { header, rows });
        }
        self.all_media(media);
    }

    fn figure(&mut self, node: NodeRef<'_, Node>, element: &Element, depth: usize) {
        self.flush();
        let first = self.blocks.len();
        if has_class(element, EMBED_CLASS)
            && let Some(link) = node.descendants().find(|inner| name(*inner) == "a")
            && let Some(target) = link.value().as_element()
        {
            self.embed(target, "href", Some(plain_text(link)));
            if self.blocks.len() > first {
                return;
            }
        }
        let outer = self.figure.replace(Caption::default());
        self.container(node, depth);
        self.flush();
        let Caption {
            text,
            credit: photographer,
        } = std::mem::replace(&mut self.figure, outer).unwrap_or_default();
        let picture = self
            .blocks
            .get_mut(first..)
            .into_iter()
            .flatten()
            .rev()
            .find_map(|block| match block {
                Block::Image {
                    caption, credit, ..
                } => Some((caption, credit)),
                _ => None,
            });
        match picture {
            Some((caption, credit)) => {
                *caption = text;
                *credit = photographer;
            }
            None => {
                let lines = text
                    .into_iter()
                    .chain(photographer.map(|line| inline::from_plain(&line)));
                self.blocks
                    .extend(lines.map(|text| Block::Paragraph { text }));
            }
        }
    }

    fn caption(&mut self, node: NodeRef<'_, Node>) {
        let is_credit = |inner: &NodeRef<'_, Node>| {
            inner.value().as_element().is_some_and(|element| {
                !is_dropped(element)
                    && (has_class(element, IMAGE_CREDIT_CLASS) || has_class(element, CREDIT_CLASS))
            })
        };
        let credit = node.descendants().skip(1).find(is_credit);
        let ids: Vec<_> = credit.iter().map(|credit| credit.id()).collect();
        let (text, media) = text(node, &ids);
        self.figure = Some(Caption {
            text,
            credit: credit.and_then(|credit| inline::label(&plain_text(credit))),
        });
        self.all_media(media);
    }

    fn all_media(&mut self, nodes: Vec<NodeRef<'_, Node>>) {
        nodes.into_iter().for_each(|node| self.media(node));
    }

    fn media(&mut self, node: NodeRef<'_, Node>) {
        self.flush();
        let Some(element) = node.value().as_element() else {
            return;
        };
        if element.name() == "iframe" {
            return self.embed(element, "src", element.attr("title").map(str::to_owned));
        }
        let Some(url) = self.resource(element.attr("src")) else {
            return;
        };
        let pixels = |name| {
            element
                .attr(name)
                .and_then(|n| n.trim().parse().ok())
                .filter(|n| *n > 0)
        };
        self.blocks.push(Block::Image {
            url,
            alt: element
                .attr("alt")
                .and_then(inline::label)
                .unwrap_or_default(),
            caption: None,
            credit: None,
            width: pixels("width"),
            height: pixels("height"),
        });
    }

    fn embed(&mut self, element: &Element, attribute: &str, title: Option<String>) {
        self.flush();
        if let Some(url) = self.resource(element.attr(attribute)) {
            self.blocks.push(Block::Embed {
                url,
                title: title.as_deref().and_then(inline::label),
            });
        }
    }

    /// The address, or `None` if it goes without a word. One that may have been meant well is a fault: a picture must
    /// not get lost in silence.
    fn resource(&mut self, address: Option<&str>) -> Option<String> {
        match links::resource(address.unwrap_or_default()) {
            Ok(url) => Some(url),
            Err(Refused::Unwanted) => None,
            Err(Refused::Unusable) => {
                let detail = "An image or embed has an address that is neither http(s) nor a path from the root of this site.";
                self.faults.push(BodyFault::new("", "bad_url", detail));
                None
            }
        }
    }
}
