//! Plain text and addresses as an article's body takes them.

use crate::arrivals::damage::examine;
use crate::articles::body::Block;

/// A table of plain cells; a ragged one is filled up.
pub(super) fn table(rows: &[Vec<String>]) -> Option<Block> {
    let width = rows.iter().map(Vec::len).max().filter(|width| *width > 0)?;
    let rows = rows.iter().map(|row| {
        let cells = row.iter().map(|cell| markup(&examine(cell).clean));
        cells
            .chain(std::iter::repeat(String::new()))
            .take(width)
            .collect()
    });
    Some(Block::Table {
        header: Vec::new(),
        rows: rows.collect(),
    })
}

/// Plain text as inline HTML.
pub(super) fn markup(text: &str) -> String {
    html_escape::encode_text(text).replace('\n', "<br>")
}

/// An address of the web, if it is one.
pub(super) fn web_url(url: Option<&str>) -> Option<String> {
    let url = url::Url::parse(url?.trim()).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.to_string())
}

pub(super) fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
