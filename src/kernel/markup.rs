//! HTML of strangers: fed to a parser under a budget, and which of its elements part texts.
//!
//! The HTML standard's tree construction takes quadratic time, and memory, on markup made for it: a million open
//! elements, formatting that is reopened in every paragraph, a tag with a hundred thousand attributes. Must not decide
//! what a text says.

use html5ever::driver::Parser;
use html5ever::tendril::TendrilSink as _;
use scraper::{Html, HtmlTreeSink, Node};
use thiserror::Error;

/// The most elements inside one another. Pages made by people stay below 50, with tables for layout below 60.
pub const MAX_DEPTH: usize = 200;
/// The longest stretch of source that may pass without anything coming of it: one tag or comment, in practice.
pub const MAX_STALL_BYTES: usize = 64 * 1024;
/// How much source is parsed between two looks at the budget. Bounds what can be done in one step.
const STEP_BYTES: usize = 1024;

/// How much may come of a source.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Nodes of the tree.
    pub nodes: usize,
    /// Attributes of one element.
    pub attributes: usize,
}

/// What would cost too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Overrun {
    #[error("elements are nested more than {MAX_DEPTH} deep")]
    TooDeep,
    #[error("the markup has too many elements")]
    TooManyNodes,
    #[error("an element has too many attributes")]
    TooManyAttributes,
    #[error("a tag or comment is longer than {MAX_STALL_BYTES} bytes")]
    TagTooLong,
}

/// Feeds a source to a parser step by step, and stops as soon as the budget is spent.
///
/// # Errors
/// What it was spent by.
pub fn feed(
    parser: &mut Parser<HtmlTreeSink>,
    source: &str,
    budget: Budget,
) -> Result<(), Overrun> {
    let mut rest = source;
    let mut seen = 0;
    let mut last_growth = (0, 0);
    let mut stalled = 0;
    while !rest.is_empty() {
        let (step, after) = rest.split_at(step(rest));
        rest = after;
        parser.process(step.into());
        let html = parser.tokenizer.sink.sink.0.borrow();
        let growth = growth(&html, seen);
        if growth.0 > budget.nodes {
            return Err(Overrun::TooManyNodes);
        }
        for node in html.tree.nodes().rev().take(growth.0.saturating_sub(seen)) {
            if node.ancestors().nth(MAX_DEPTH).is_some() {
                return Err(Overrun::TooDeep);
            }
            let element = node.value().as_element();
            if element.is_some_and(|element| element.attrs().nth(budget.attributes).is_some()) {
                return Err(Overrun::TooManyAttributes);
            }
        }
        stalled = match growth == last_growth {
            true => stalled + step.len(),
            false => 0,
        };
        if stalled > MAX_STALL_BYTES {
            return Err(Overrun::TagTooLong);
        }
        seen = growth.0;
        last_growth = growth;
    }
    Ok(())
}

/// The length of the next step in bytes, at least one character.
pub fn step(rest: &str) -> usize {
    let first = rest.chars().next().map_or(0, char::len_utf8);
    rest.floor_char_boundary(STEP_BYTES).max(first)
}

/// How many nodes the tree has, and how long the newest text among them is: text grows without a new node.
fn growth(html: &Html, seen: usize) -> (usize, usize) {
    let nodes = html.tree.nodes().len();
    // The text being read is nearly always the newest node or close to it; a look further back would be quadratic.
    let newest = html
        .tree
        .nodes()
        .rev()
        .take(nodes.saturating_sub(seen).max(8));
    let mut text = newest.filter_map(|node| match node.value() {
        Node::Text(text) => Some(text.len()),
        Node::Document
        | Node::Fragment
        | Node::Doctype(_)
        | Node::Comment(_)
        | Node::Element(_)
        | Node::ProcessingInstruction(_) => None,
    });
    (nodes, text.next().unwrap_or(0))
}

/// Elements whose borders part texts.
pub fn is_border(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "html"
            | "legend"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
    )
}
