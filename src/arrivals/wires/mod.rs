//! News wires in, typed items out: ninjs 1.x to 3.x, NewsML-G2, RSS, Atom and JSON Feed.
//!
//! An agency states who wrote a text, whose it is, until when it is embargoed and whether it still
//! stands; all of it is read here, because the rules need it. What a wire leaves out stays out:
//! nothing is guessed, a status that nobody knows is not usable, and an item whose embargo can't
//! be read is a fault and not an item.
//!
//! What this must not do: fetch anything, read a clock, clean HTML. A [`Body::Html`] is as foreign
//! as it came and goes through the project's own reader before anybody sees it.
//!
//! Start with [`parse`]; [`item`] says what comes out. Each format has a file: `ninjs`, `newsml`, `feed`
//! (with `feed_json`); `xml` reads markup within bounds and `nitf` turns what is inlined into HTML.

mod feed;
mod feed_json;
mod feed_parts;
mod gather;
pub mod item;
mod newsml;
mod newsml_content;
mod ninjs;
mod ninjs_fields;
mod nitf;
#[cfg(test)]
mod tests;
mod words;
mod xml;

use serde_json::Value;

use gather::Gather;
pub use item::{
    Body, FaultKind, Image, ItemFault, Party, Rendition, StatedDigest, Status, Term, TermKind,
    Warning, WireItem,
};

/// The longest document that is read, in bytes.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;

/// How many items of a document are read; a warning counts the others.
pub const MAX_ITEMS: usize = 1_000;

/// The families of formats that agencies send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// IPTC ninjs, all versions: one item, a list of items, or an object with `items`.
    Ninjs,
    /// RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed.
    Feed,
    /// IPTC NewsML-G2: a `newsItem`, or several in a `newsMessage`.
    NewsmlG2,
}

/// What a document held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wire {
    pub format: Format,
    /// In the order of the document; a guid may come twice, with different versions.
    pub items: Vec<WireItem>,
    /// The items that could not be read; the others are not lost for them.
    pub faults: Vec<ItemFault>,
    /// What was read otherwise than it stood there, or passed over.
    pub warnings: Vec<Warning>,
}

/// Why a document as a whole can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    #[error("the document is empty")]
    Empty,
    #[error("the document has {bytes} bytes; {MAX_BYTES} are the limit")]
    TooLong { bytes: usize },
    #[error("neither ninjs nor NewsML-G2 nor a feed")]
    NotAWire,
    /// `at` counts bytes of the text in UTF-8.
    #[error("malformed at byte {at}: {detail}")]
    Malformed { detail: String, at: usize },
    /// `at` counts bytes of the text in UTF-8.
    #[error("nested deeper than {} levels at byte {at}", xml::MAX_DEPTH)]
    TooDeep { at: usize },
    #[error("the document holds no items")]
    NoItems,
}

/// Reads a wire document. Without a `declared` format the document says itself what it is.
///
/// # Errors
/// When nothing of the document can be read, or it holds no item at all. Faults of single items are
/// listed in [`Wire::faults`] instead.
pub fn parse(bytes: &[u8], declared: Option<Format>) -> Result<Wire, WireError> {
    if bytes.len() > MAX_BYTES {
        return Err(WireError::TooLong { bytes: bytes.len() });
    }
    let (text, damaged) = xml::decode(bytes);
    let start = text.trim_start();
    if start.is_empty() {
        return Err(WireError::Empty);
    }
    let mut gather = Gather::default();
    if let Some(encoding) = damaged {
        gather.warn(Warning::BytesReplaced { encoding });
    }
    let format = if start.starts_with(['{', '[']) {
        read_json(&text, declared, &mut gather)?
    } else if start.starts_with('<') {
        read_xml(&text, declared, &mut gather)?
    } else {
        return Err(WireError::NotAWire);
    };
    gather.finish(format)
}

fn read_json(
    text: &str,
    declared: Option<Format>,
    gather: &mut Gather,
) -> Result<Format, WireError> {
    let document: Value = serde_json::from_str(text).map_err(|error| json_fault(text, &error))?;
    let format = declared
        .or_else(|| {
            if feed_json::is_feed(&document) {
                Some(Format::Feed)
            } else {
                ninjs::is_ninjs(&document).then_some(Format::Ninjs)
            }
        })
        .ok_or(WireError::NotAWire)?;
    match format {
        Format::Ninjs => ninjs::read(&document, gather),
        Format::Feed => feed_json::read(&document, gather)?,
        Format::NewsmlG2 => return Err(WireError::NotAWire),
    }
    Ok(format)
}

fn read_xml(
    text: &str,
    declared: Option<Format>,
    gather: &mut Gather,
) -> Result<Format, WireError> {
    let root = xml::root(text)?;
    let format = if newsml::is_root(&root) {
        Format::NewsmlG2
    } else if feed::is_root(&root) {
        Format::Feed
    } else {
        return Err(WireError::NotAWire);
    };
    match (format, declared) {
        (Format::NewsmlG2, None | Some(Format::NewsmlG2)) => newsml::read(text, gather)?,
        (Format::Feed, None | Some(Format::Feed)) => feed::read(text, gather)?,
        _ => return Err(WireError::NotAWire),
    }
    Ok(format)
}

fn json_fault(text: &str, error: &serde_json::Error) -> WireError {
    let before: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let at = before
        .saturating_add(error.column().saturating_sub(1))
        .min(text.len());
    // The parser gives up at 128 levels by itself, and tells so only in words.
    if error.to_string().starts_with("recursion limit") {
        return WireError::TooDeep { at };
    }
    WireError::Malformed {
        detail: words::short(&error.to_string()),
        at,
    }
}
