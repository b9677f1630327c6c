//! Tables of data told from tables that only lay a page out, as pages did for twenty years.

use ego_tree::NodeRef;
use scraper::Node;

/// The longest cell of a table of data, in bytes of its text.
const LONGEST_CELL: usize = 1_000;

/// Whether a table holds data: no table, heading or list inside, and two rows and columns at least, or header cells.
pub(super) fn is_data(table: NodeRef<'_, Node>) -> bool {
    let (mut rows, mut columns, mut cells_in_row, mut headers) = (0, 0, 0, 0);
    let mut cell = 0;
    for node in table.descendants().skip(1) {
        match node.value() {
            Node::Text(text) => {
                cell += text.trim().len();
                if cell > LONGEST_CELL {
                    return false;
                }
            }
            Node::Element(element) => match element.name() {
                "table" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "script"
                | "form" | "article" => {
                    return false;
                }
                "tr" => {
                    rows += 1;
                    cells_in_row = 0;
                }
                name @ ("td" | "th") => {
                    headers += usize::from(name == "th");
                    cells_in_row += 1;
                    columns = columns.max(cells_in_row);
                    cell = 0;
                }
                _ => {}
            },
            _ => {}
        }
    }
    (rows >= 2 && columns >= 2) || headers > 0
}
