//! What stands between a stranger's page and the parser: it is parsed under a budget. Must not decide what a page says.

use html5ever::tendril::TendrilSink as _;
use html5ever::{ParseOpts, parse_document};
use scraper::{Html, HtmlTreeSink};

use crate::kernel::markup::{Budget, Overrun, feed};

/// The most attributes on one element.
pub(super) const MAX_ATTRIBUTES: usize = 200;
const BUDGET: Budget = Budget {
    nodes: 400_000,
    attributes: MAX_ATTRIBUTES,
};

/// Parses the page, and stops as soon as the budget is spent.
pub(super) fn parse(source: &str) -> Result<Html, Overrun> {
    let sink = HtmlTreeSink::new(Html::new_document());
    let mut parser = parse_document(sink, ParseOpts::default());
    feed(&mut parser, source, BUDGET)?;
    Ok(parser.finish())
}
