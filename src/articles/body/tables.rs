//! A table element read into rows of equal length.
//!
//! Cells that span columns or rows leave blank cells where they reach, so that no column slips under another's
//! heading. Must not emit blocks. Start with [`rows`].

use ego_tree::NodeRef;
use scraper::Node;

use super::blocks::{MAX_COLUMNS, MAX_ITEMS};

/// One row as it stands in the source.
pub(super) struct Row<'a> {
    /// The cell that begins in each column, or `None` where another reaches in or the row is short.
    pub(super) cells: Vec<Option<NodeRef<'a, Node>>>,
    /// Whether the row heads the table: it stands in a `thead` or all its cells are headings.
    pub(super) heads: bool,
}

/// The rows of the table, all of one length. Rows past the limits are kept up to one too many, so that the check
/// sees that there are too many.
pub(super) fn rows(table: NodeRef<'_, Node>) -> Vec<Row<'_>> {
    let mut found: Vec<Row<'_>> = Vec::new();
    // How many more rows a cell above reaches into each column.
    let mut reach: Vec<usize> = Vec::new();
    for (row, in_head) in row_elements(table).into_iter().take(MAX_ITEMS + 2) {
        let mut cells = Vec::new();
        let mut all_headings = true;
        for cell in row.children() {
            let Some(element) = cell.value().as_element() else {
                continue;
            };
            if !matches!(element.name(), "td" | "th") || cells.len() > MAX_COLUMNS {
                continue;
            }
            all_headings &= element.name() == "th";
            skip_reached(&mut cells, &mut reach);
            let down = span(element.attr("rowspan"), MAX_ITEMS);
            for n in 0..span(element.attr("colspan"), MAX_COLUMNS) {
                let column = cells.len();
                cells.push((n == 0).then_some(cell));
                reach.resize(reach.len().max(column + 1), 0);
                if let Some(rest) = reach.get_mut(column) {
                    *rest = down - 1;
                }
            }
        }
        if cells.is_empty() {
            continue;
        }
        skip_reached(&mut cells, &mut reach);
        found.push(Row {
            cells,
            heads: in_head || all_headings,
        });
    }
    let columns = found.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    for row in &mut found {
        row.cells.resize(columns, None);
    }
    found
}

/// The row elements of the table and its groups, each with whether it stands in a `thead`.
fn row_elements(table: NodeRef<'_, Node>) -> Vec<(NodeRef<'_, Node>, bool)> {
    let mut found = Vec::new();
    for child in table.children() {
        match name(child) {
            "tr" => found.push((child, false)),
            group @ ("thead" | "tbody" | "tfoot") => {
                let rows = child.children().filter(|row| name(*row) == "tr");
                found.extend(rows.map(|row| (row, group == "thead")));
            }
            _ => {}
        }
    }
    found
}

fn skip_reached(cells: &mut Vec<Option<NodeRef<'_, Node>>>, reach: &mut [usize]) {
    while let Some(rest) = reach.get_mut(cells.len())
        && *rest > 0
    {
        *rest -= 1;
        cells.push(None);
    }
}

fn span(attribute: Option<&str>, most: usize) -> usize {
    attribute
        .and_then(|n| n.trim().parse::<usize>().ok())
        .unwrap_or(1)
        .clamp(1, most)
}

fn name<'a>(node: NodeRef<'a, Node>) -> &'a str {
    node.value()
        .as_element()
        .map_or("", |element| element.name())
}
