//! A parsed page into lines, without recursion.
//!
//! Start with [`flatten`].

use ego_tree::iter::Edge;
use ego_tree::{NodeId, NodeRef};
use scraper::node::Element;
use scraper::{Html, Node};

use super::super::lines::{Flat, Head};
use super::super::view::within;
use super::tables::is_data;
use super::writer::{Writer, is_gone};

/// A breadcrumb is no longer than this; a container with such a name that is, is something else.
const LONGEST_CRUMB_CHARS: usize = 200;
/// How many nodes of such a container are looked at.
const CRUMB_NODES: usize = 100;

/// The lines of a page.
pub(super) fn flatten(html: &Html) -> Flat {
    let mut writer = Writer::default();
    writer.head = head(html);
    let mut skipped: Option<NodeId> = None;
    let mut table: Option<NodeId> = None;
    let mut crumb: Option<NodeId> = None;
    for edge in html.tree.root().traverse() {
        let (node, opens) = match edge {
            Edge::Open(node) => (node, true),
            Edge::Close(node) => (node, false),
        };
        if let Some(id) = skipped {
            if !opens && node.id() == id {
                skipped = None;
            }
            continue;
        }
        match node.value() {
            Node::Text(text) if opens => writer.text(text),
            Node::Element(element) if opens => {
                let name = element.name();
                if is_gone(name) || is_hidden(element) {
                    skipped = Some(node.id());
                    continue;
                }
                writer.open(name, |name| element.attr(name));
                if crumb.is_none() && table.is_none() && is_crumb(node, element) {
                    writer.open_crumb();
                    crumb = Some(node.id());
                } else if name == "table" && table.is_none() && crumb.is_none() && is_data(node) {
                    writer.open_table();
                    table = Some(node.id());
                }
            }
            Node::Element(element) => {
                if table == Some(node.id()) {
                    writer.close_table();
                    table = None;
                }
                if crumb == Some(node.id()) {
                    writer.close_crumb();
                    crumb = None;
                }
                writer.close(element.name());
            }
            _ => {}
        }
    }
    writer.finish()
}

fn is_hidden(element: &Element) -> bool {
    let style = element.attr("style").unwrap_or_default();
    element.attr("hidden").is_some()
        || (within(style, 500) && {
            let style: String = style.split_whitespace().collect();
            style.to_ascii_lowercase().contains("display:none")
        })
}

/// Whether the element holds the breadcrumb, by its name and by being short.
fn is_crumb(node: NodeRef<'_, Node>, element: &Element) -> bool {
    if matches!(element.name(), "html" | "body" | "a" | "img") {
        return false;
    }
    let named = ["class", "id", "aria-label", "itemtype"]
        .into_iter()
        .filter_map(|name| element.attr(name))
        .filter(|value| within(value, 200))
        .flat_map(str::split_ascii_whitespace)
        .map(str::to_ascii_lowercase)
        .any(|name| {
            name.contains("crumb")
                || matches!(
                    name.as_str(),
                    "position"
                        | "location"
                        | "path"
                        | "weizhi"
                        | "mbx"
                        | "dqwz"
                        | "curpos"
                        | "sitepath"
                )
        });
    named && is_short(node)
}

fn is_short(node: NodeRef<'_, Node>) -> bool {
    let mut nodes = node.descendants();
    let chars: usize = nodes
        .by_ref()
        .take(CRUMB_NODES)
        .filter_map(|node| node.value().as_text())
        .map(|text| text.chars().take(LONGEST_CRUMB_CHARS).count())
        .sum();
    chars <= LONGEST_CRUMB_CHARS && nodes.next().is_none()
}

/// What the metadata say.
fn head(html: &Html) -> Head {
    let mut head = Head::default();
    let keep = |place: &mut Option<String>, value: &str| {
        let value = value.trim();
        if place.is_none() && !value.is_empty() && within(value, 500) {
            *place = Some(value.to_owned());
        }
    };
    for node in html.tree.nodes() {
        let Some(element) = node.value().as_element() else {
            continue;
        };
        match element.name() {
            "title" if !inside_svg(node) => {
                let texts = node.children().filter_map(|child| child.value().as_text());
                let title: String = texts.map(|text| &**text).collect();
                keep(
                    &mut head.title,
                    &title.split_ascii_whitespace().collect::<Vec<_>>().join(" "),
                );
            }
            "meta" => {
                let name = ["property", "name", "itemprop"]
                    .into_iter()
                    .find_map(|name| element.attr(name))
                    .unwrap_or_default()
                    .to_ascii_lowercase();
                let content = element.attr("content").unwrap_or_default();
                match name.as_str() {
                    "og:title" => keep(&mut head.og_title, content),
                    "article:published_time"
                    | "og:published_time"
                    | "datepublished"
                    | "pubdate"
                    | "publishdate"
                    | "publish_time" => keep(&mut head.published, content),
                    "source" | "article:source" => keep(&mut head.source, content),
                    _ => {}
                }
            }
            "time" => keep(
                &mut head.published,
                element.attr("datetime").unwrap_or_default(),
            ),
            _ => {}
        }
    }
    head
}

fn inside_svg(node: NodeRef<'_, Node>) -> bool {
    let mut ancestors = node.ancestors();
    ancestors.any(|node| {
        node.value()
            .as_element()
            .is_some_and(|element| element.name() == "svg")
    })
}
