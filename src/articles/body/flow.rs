//! Elements taken as running text, and what the reader asks of an element.
//!
//! Where a block can't hold other blocks, everything below becomes one text, borders become line breaks, and images
//! are handed back to stand behind it. Works without recursion, so any depth is safe. Must not make blocks.
//!
//! Start with [`flow`].

use ego_tree::iter::Edge;
use ego_tree::{NodeId, NodeRef};
use scraper::node::Element;
use scraper::{Html, Node};

use super::inline::{self, EmptyLine, Markup, Writer};
use super::plain;
use crate::kernel::markup::is_border;

/// The class of a credit block that the CMS wrote itself. Such a block is dropped, so that a fetched body that is
/// sent back doesn't hold the credit twice.
const OWN_CREDIT_CLASS: &str = "masthead-credit";
/// The class that marks a credit: of the whole work on a footer, of a picture inside a figure's caption.
pub(super) const CREDIT_CLASS: &str = "credit";

/// Writes everything in the tree as one text.
pub(super) fn flow_all(tree: &Html, writer: &mut Writer) {
    flow(tree.tree.root(), writer, &[], &[]);
}

/// The inner text of an element as one text, and the images and frames in it.
pub(super) fn text<'a>(
    node: NodeRef<'a, Node>,
    skip: &[NodeId],
) -> (Option<String>, Vec<NodeRef<'a, Node>>) {
    let mut writer = Writer::new(EmptyLine::Breaks);
    let media = flow(node, &mut writer, &[], skip);
    (writer.take().into_iter().next(), media)
}

/// The inner text of an element without markup.
pub(super) fn plain_text(node: NodeRef<'_, Node>) -> String {
    text(node, &[])
        .0
        .map(|text| plain::inline_text(&inline::tokens(&text)))
        .unwrap_or_default()
}

/// Writes the content of a node as running text, without recursion. A new text begins at the borders of the `parts`
/// elements; other containers become line breaks. Gives back the images and frames that it passed.
pub(super) fn flow<'a>(
    node: NodeRef<'a, Node>,
    writer: &mut Writer,
    parts: &[&str],
    skip: &[NodeId],
) -> Vec<NodeRef<'a, Node>> {
    let mut media = Vec::new();
    let mut skipped: Option<NodeId> = None;
    for edge in node.traverse() {
        let (inner, opens) = match edge {
            Edge::Open(inner) => (inner, true),
            Edge::Close(inner) => (inner, false),
        };
        if let Some(id) = skipped {
            if !opens && inner.id() == id {
                skipped = None;
            }
            continue;
        }
        match inner.value() {
            Node::Text(text) if opens => writer.text(text),
            Node::Element(element) if inner.id() != node.id() => {
                if skip.contains(&inner.id()) || is_dropped(element) {
                    skipped = Some(inner.id());
                } else if matches!(element.name(), "img" | "iframe") {
                    media.push(inner);
                    skipped = Some(inner.id());
                } else if parts.contains(&element.name()) {
                    writer.cut();
                } else if is_border(element.name()) {
                    writer.border();
                } else if !opens {
                    writer.close();
                } else if element.name() == "br" {
                    writer.line_break();
                    writer.open(Markup::Transparent);
                } else {
                    writer.open(inline::markup(element));
                }
            }
            _ => {}
        }
    }
    media
}

pub(super) fn is_dropped(element: &Element) -> bool {
    has_class(element, OWN_CREDIT_CLASS)
        || (element.name() == "footer" && has_class(element, CREDIT_CLASS))
}

pub(super) fn has_class(element: &Element, class: &str) -> bool {
    element.classes().any(|given| given == class)
}

pub(super) fn name<'a>(node: NodeRef<'a, Node>) -> &'a str {
    node.value()
        .as_element()
        .map_or("", |element| element.name())
}
