//! A legacy news page into what it says: title, time, source, editor, dateline, blocks, notice.
//!
//! Reads Chinese and English conventions, either script, HTML or plain text, in whatever encoding. Keeps the exact
//! characters and their places, says what is in doubt, and invents nothing. Must not clean or judge: mending damage
//! and finding the page's source in the register are other modules' work. No I/O, no clock.
//!
//! Start with [`read`].

mod article;
mod body;
mod charset;
mod crumbs;
mod dateline;
mod fields;
mod html;
mod lines;
mod model;
mod notice;
mod reader;
mod tail;
mod times;
mod title;
mod view;

#[cfg(test)]
mod tests;

use chrono_tz::Tz;

pub use charset::{CharsetOrigin, Decoding, MAX_BYTES, MAX_PLACES, PageError};
pub use model::{
    Block, Clause, ClauseKind, Dateline, Excerpt, Kind, Notices, Page, PlacedBlock, PrintedTime,
    SourceLabel, Warning, WarningKind,
};
pub use view::bare;

use model::Warnings;
use reader::Terms;

/// A page as it was fetched or stored.
#[derive(Debug, Clone, Copy)]
pub struct Raw<'a> {
    pub bytes: &'a [u8],
    /// The encoding that whoever handed the page over names, as in HTTP's `Content-Type`.
    pub charset: Option<&'a str>,
    pub kind: Kind,
    /// The zone of the site's printed times.
    pub zone: Tz,
    /// Names of agencies beyond those that every newsroom prints: the sources' names, labels and aliases.
    pub agencies: &'a [String],
}

/// Reads a page.
///
/// # Errors
/// If there is nothing to read, too much, or no text. Everything else is read as far as it goes, with warnings.
pub fn read(raw: &Raw<'_>) -> Result<Page, PageError> {
    let mut warnings = Warnings::default();
    let (text, decoding) = charset::decode(raw.bytes, raw.charset, raw.kind, &mut warnings)?;
    let flat = match raw.kind {
        Kind::Html => html::flatten(&text, &mut warnings),
        Kind::Text => lines::plain(text),
    };
    let terms = Terms {
        kind: raw.kind,
        zone: raw.zone,
        agencies: raw.agencies,
    };
    Ok(reader::read(flat, decoding, terms, warnings))
}
