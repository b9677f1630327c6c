//! Submitted blocks made canonical, or every fault that they have.
//!
//! Collects all faults instead of stopping at the first: whoever fixes a body wants the whole list. Must not write
//! any output format. Start with [`checked`].

use super::blocks::{
    Block, MAX_BLOCKS, MAX_BODY_CHARS, MAX_COLUMNS, MAX_ITEMS, MAX_LABEL_CHARS, MAX_PIXELS,
    MAX_TEXT_CHARS, MAX_URL_CHARS,
};
use super::inline::{self, EmptyLine};
use super::{BodyFault, links};
use crate::kernel::text::{char_count, stray_control};

/// The blocks with every text in canonical form.
pub(super) fn checked(blocks: Vec<Block>) -> Result<Vec<Block>, Vec<BodyFault>> {
    if blocks.len() > MAX_BLOCKS {
        return Err(vec![too_many_blocks()]);
    }
    let mut check = Check {
        faults: Vec::new(),
        chars: 0,
    };
    let mut kept = Vec::with_capacity(blocks.len());
    for (n, block) in blocks.into_iter().enumerate() {
        check.block(&format!("/{n}"), block, &mut kept);
    }
    if kept.len() > MAX_BLOCKS {
        check.faults.push(too_many_blocks());
    }
    if check.chars > MAX_BODY_CHARS {
        check.fault(
            "",
            "body_too_long",
            format!("The texts have more than {MAX_BODY_CHARS} characters together."),
        );
    }
    if check.faults.is_empty() {
        Ok(kept)
    } else {
        Err(check.faults)
    }
}

/// The faults of blocks that were found in another format, where a pointer to a block would point at nothing.
pub(super) fn without_pointers(faults: Vec<BodyFault>) -> Vec<BodyFault> {
    faults
        .into_iter()
        .map(|fault| {
            let number = fault
                .pointer
                .split('/')
                .nth(1)
                .and_then(|n| n.parse::<usize>().ok());
            let detail = match number {
                Some(n) => format!("In block {}: {}", n + 1, fault.detail),
                None => fault.detail,
            };
            BodyFault {
                pointer: String::new(),
                code: fault.code,
                detail,
            }
        })
        .collect()
}

fn too_many_blocks() -> BodyFault {
    BodyFault::new(
        "",
        "too_many_blocks",
        format!("A body has at most {MAX_BLOCKS} blocks."),
    )
}

struct Check {
    faults: Vec<BodyFault>,
    /// Characters of all texts so far.
    chars: usize,
}

impl Check {
    fn fault(&mut self, at: &str, code: &'static str, detail: impl Into<String>) {
        self.faults.push(BodyFault::new(at, code, detail));
    }

    fn block(&mut self, at: &str, block: Block, kept: &mut Vec<Block>) {
        let block = match block {
            Block::Paragraph { text } => {
                let texts = self.texts(&format!("{at}/text"), &text, EmptyLine::Parts);
                if texts.is_empty() {
                    self.empty(&format!("{at}/text"));
                }
                kept.extend(texts.into_iter().map(|text| Block::Paragraph { text }));
                return;
            }
            Block::Heading { level, text } => {
                if !(2..=4).contains(&level) {
                    self.fault(
                        &format!("{at}/level"),
                        "bad_level",
                        "A heading has level 2, 3 or 4.",
                    );
                }
                Block::Heading {
                    level,
                    text: self.required(&format!("{at}/text"), &text),
                }
            }
            Block::Quote { text, cite } => Block::Quote {
                text: self.required(&format!("{at}/text"), &text),
                cite: cite.and_then(|cite| self.label(&format!("{at}/cite"), &cite)),
            },
            Block::List { ordered, items } => self.list(at, ordered, &items),
            Block::Image {
                url,
                alt,
                caption,
                credit,
                width,
                height,
            } => Block::Image {
                url: self.resource(&format!("{at}/url"), &url),
                alt: self.label(&format!("{at}/alt"), &alt).unwrap_or_default(),
                caption: caption.and_then(|text| self.optional(&format!("{at}/caption"), &text)),
                credit: credit.and_then(|credit| self.label(&format!("{at}/credit"), &credit)),
                width: self.pixels(&format!("{at}/width"), width),
                height: self.pixels(&format!("{at}/height"), height),
            },
            Block::Table { header, rows } => self.table(at, &header, &rows),
            Block::Embed { url, title } => {
                let url = self.resource(&format!("{at}/url"), &url);
                // Written as a link whose words are its address, so it could not be told from one without a title.
                let title = title
                    .and_then(|title| self.label(&format!("{at}/title"), &title))
                    .filter(|title| *title != url);
                Block::Embed { url, title }
            }
        };
        kept.push(block);
    }

    fn list(&mut self, at: &str, ordered: bool, items: &[String]) -> Block {
        if items.is_empty() {
            self.fault(
                &format!("{at}/items"),
                "empty_list",
                "A list has at least one item.",
            );
        }
        if items.len() > MAX_ITEMS {
            self.fault(
                &format!("{at}/items"),
                "too_many_items",
                format!("A list has at most {MAX_ITEMS} items."),
            );
            return Block::List {
                ordered,
                items: Vec::new(),
            };
        }
        let items = items
            .iter()
            .enumerate()
            .map(|(n, item)| self.required(&format!("{at}/items/{n}"), item))
            .collect();
        Block::List { ordered, items }
    }

    fn table(&mut self, at: &str, header: &[String], rows: &[Vec<String>]) -> Block {
        let columns = if header.is_empty() {
            rows.first().map_or(0, Vec::len)
        } else {
            header.len()
        };
        if rows.len() > MAX_ITEMS {
            self.fault(
                &format!("{at}/rows"),
                "too_many_rows",
                format!("A table has at most {MAX_ITEMS} rows."),
            );
        }
        if columns > MAX_COLUMNS {
            self.fault(
                at,
                "too_many_columns",
                format!("A table has at most {MAX_COLUMNS} columns."),
            );
        }
        for (n, _) in rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.len() != columns)
            .take(MAX_ITEMS)
        {
            self.fault(
                &format!("{at}/rows/{n}"),
                "ragged_table",
                format!("The row doesn't have {columns} cells."),
            );
        }
        let mut clean_header = Vec::new();
        let mut clean_rows = Vec::new();
        if rows.len() <= MAX_ITEMS && columns <= MAX_COLUMNS {
            clean_header = self.cells(&format!("{at}/header"), header);
            clean_rows = rows
                .iter()
                .enumerate()
                .map(|(n, row)| self.cells(&format!("{at}/rows/{n}"), row))
                .collect::<Vec<_>>();
            if clean_header
                .iter()
                .chain(clean_rows.iter().flatten())
                .all(String::is_empty)
            {
                self.fault(
                    at,
                    "empty_table",
                    "A table has at least one cell with text.",
                );
            }
        }
        // A header of blank cells heads nothing; Markdown, which can't leave it out, writes one.
        if clean_header.iter().all(String::is_empty) {
            clean_header.clear();
        }
        Block::Table {
            header: clean_header,
            rows: clean_rows,
        }
    }

    fn cells(&mut self, at: &str, cells: &[String]) -> Vec<String> {
        let cells = cells.iter().take(MAX_COLUMNS).enumerate();
        cells
            .map(|(n, cell)| {
                self.optional(&format!("{at}/{n}"), cell)
                    .unwrap_or_default()
            })
            .collect()
    }

    fn required(&mut self, at: &str, text: &str) -> String {
        let text = self.optional(at, text);
        if text.is_none() {
            self.empty(at);
        }
        text.unwrap_or_default()
    }

    fn optional(&mut self, at: &str, text: &str) -> Option<String> {
        self.texts(at, text, EmptyLine::Breaks).into_iter().next()
    }

    fn texts(&mut self, at: &str, text: &str, empty_line: EmptyLine) -> Vec<String> {
        let text = text.replace("\r\n", "\n");
        if self.too_long(at, &text, MAX_TEXT_CHARS) || self.stray(at, &text) {
            return vec![String::new()];
        }
        match inline::clean(&text, empty_line) {
            Ok(texts) => {
                // Escaping lengthens, and references stand for characters that were not there to see.
                for text in &texts {
                    if self.too_long(at, text, MAX_TEXT_CHARS) || self.stray(at, text) {
                        break;
                    }
                    self.chars += char_count(text);
                }
                texts
            }
            Err(fault) => {
                self.fault(at, fault.code, fault.detail);
                vec![String::new()]
            }
        }
    }

    fn label(&mut self, at: &str, text: &str) -> Option<String> {
        let label = inline::label(text)?;
        if self.too_long(at, &label, MAX_LABEL_CHARS) || self.stray(at, &label) {
            return None;
        }
        self.chars += char_count(&label);
        Some(label)
    }

    fn resource(&mut self, at: &str, url: &str) -> String {
        links::resource(url).unwrap_or_else(|_| {
            let detail = format!(
                "The address starts with http://, https:// or a single /, names no user and has at most {MAX_URL_CHARS} characters."
            );
            self.fault(at, "bad_url", detail);
            String::new()
        })
    }

    fn pixels(&mut self, at: &str, pixels: Option<u32>) -> Option<u32> {
        if pixels.is_some_and(|pixels| !(1..=MAX_PIXELS).contains(&pixels)) {
            self.fault(
                at,
                "bad_size",
                format!("An image measures 1 to {MAX_PIXELS} pixels."),
            );
        }
        pixels
    }

    fn empty(&mut self, at: &str) {
        self.fault(at, "empty_text", "The text is empty.");
    }

    fn too_long(&mut self, at: &str, text: &str, most: usize) -> bool {
        let long = char_count(text) > most;
        if long {
            self.fault(
                at,
                "text_too_long",
                format!("The text has more than {most} characters, markup included."),
            );
        }
        long
    }

    fn stray(&mut self, at: &str, text: &str) -> bool {
        let stray = stray_control(text);
        if let Some(c) = stray {
            self.fault(
                at,
                "control_character",
                format!(
                    "The text holds the control character U+{:04X}.",
                    u32::from(c)
                ),
            );
        }
        stray.is_some()
    }
}
