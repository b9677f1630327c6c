//! Turns markup that came inside XML (XHTML, NITF) into HTML for the project's own reader.
//!
//! Must not decide what is allowed: it only writes well-formed HTML, leaves out what runs, and
//! drops names and attributes of foreign namespaces. Start with [`html`].

use super::xml::{Element, Node, Space};
use super::{words, xml};

/// Elements that have no content in HTML.
const VOID: &[&str] = &["area", "br", "col", "hr", "img", "wbr"];

/// Elements that are left out with all that they hold.
const DROPPED: &[&str] = &[
    "script", "style", "template", "noscript", "iframe", "object", "embed", "head", "title",
];

/// NITF's words for things, which HTML doesn't have: their text stays.
const UNWRAPPED: &[&str] = &[
    "body",
    "html",
    "nitf",
    "block",
    "chron",
    "copyrite",
    "event",
    "function",
    "lang",
    "location",
    "money",
    "num",
    "org",
    "person",
    "postaddr",
    "pronounce",
    "virtloc",
];

/// The content of an element as HTML; `None` when there is no text in it.
pub(super) fn html(element: &Element) -> Option<String> {
    let mut out = String::new();
    write_nodes(&element.children, &mut out);
    words::block(&out)
}

/// NITF that came as text rather than inside XML.
pub(super) fn html_of_text(text: &str) -> Option<String> {
    let mut found = None;
    xml::walk(text, &[], |piece| {
        if let xml::Piece::Whole(element) = piece {
            found = html(element.find("body.content").unwrap_or(&element));
        }
    })
    .ok()?;
    found
}

/// Recursion is bounded by [`xml::MAX_DEPTH`].
fn write_nodes(nodes: &[Node], out: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => {
                html_escape::encode_text_to_string(text, out);
            }
            Node::Element(element) => write_element(element, out),
        }
    }
}

fn write_element(element: &Element, out: &mut String) {
    let lower = element.name.to_ascii_lowercase();
    let name = match lower.as_str() {
        "hl1" => "h1",
        "hl2" => "h2",
        "bq" => "blockquote",
        other => other,
    };
    // A picture of NITF is listed among the pictures.
    if DROPPED.contains(&name) || (name == "media" && element.space != Space::Xhtml) {
        return;
    }
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric());
    if !plain || UNWRAPPED.contains(&name) {
        write_nodes(&element.children, out);
        return;
    }
    out.push('<');
    out.push_str(name);
    for (key, value) in &element.attributes {
        let key = if key == "xml:lang" { "lang" } else { key };
        if key.chars().all(|c| c.is_ascii_alphabetic() || c == '-')
            && !key.starts_with("on")
            && key != "xmlns"
        {
            out.push(' ');
            out.push_str(key);
            out.push_str("=\"");
            html_escape::encode_double_quoted_attribute_to_string(value, out);
            out.push('"');
        }
    }
    out.push('>');
    if VOID.contains(&name) {
        return;
    }
    write_nodes(&element.children, out);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}
