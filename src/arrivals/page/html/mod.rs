//! HTML into lines.
//!
//! The markup is parsed under a budget (`fence`); what is beyond it is read as a stream of tags (`stream`), which
//! needs no tree. Both write through one `Writer`. Then a readability library votes which lines are the article
//! (`vote`). Must not know what a line means.
//!
//! Start with [`flatten`].

mod fence;
mod stream;
mod tables;
mod tree;
mod vote;
mod writer;

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::lines::Flat;
use super::model::{WarningKind, Warnings};

/// Pictures inside attributes, which would make tags of megabytes.
static INLINE_DATA: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"data:[a-zA-Z0-9/+.-]{0,60};base64,[a-zA-Z0-9+/=%]{256,}").ok());

/// The lines of a page of HTML.
pub(super) fn flatten(source: &str, warnings: &mut Warnings) -> Flat {
    let source = match INLINE_DATA.as_ref() {
        Some(pattern) => pattern.replace_all(source, "data:,"),
        None => Cow::Borrowed(source),
    };
    match fence::parse(&source) {
        Ok(html) => {
            let mut flat = tree::flatten(&html);
            vote::mark(&source, &mut flat, warnings);
            flat
        }
        Err(overrun) => {
            warnings.add(WarningKind::MarkupFlattened, overrun.to_string());
            stream::flatten(&source, warnings)
        }
    }
}
