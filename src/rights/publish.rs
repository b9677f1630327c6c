//! What a work needs before readers may see it (rule 14).

use chrono::{DateTime, Utc};

use super::attribution::notice;
use super::terms::{Channel, NoticeKind, Origin, Original, Rights};
use crate::kernel::fault::Fault;

/// What the dated lists of permitted sources say about a source at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// No list is kept for that date.
    NoList,
    Listed,
    /// A list is in force and the source is not on it.
    Unlisted,
}

/// Everything that stands between a work and its publication, one fault per
/// missing item.
pub fn obstacles(rights: &Rights, listing: Listing, visible_from: DateTime<Utc>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut missing = |pointer: &str, code: &'static str, detail: &str| {
        faults.push(Fault::new(pointer, code, detail));
    };
    let origin = rights.origin();
    if origin.is_none() {
        missing(
            "/source_id",
            "required",
            "a work is published with its source",
        );
    }
    // Without a source, a work that names an original is taken for the reprint that it says it is.
    let reprint =
        origin == Some(Origin::Reprint) || (origin.is_none() && rights.original.is_some());
    if reprint {
        let empty = Original::default();
        let original = rights.original.as_ref().unwrap_or(&empty);
        if original.title.is_none() {
            missing(
                "/original/title",
                "required",
                "a reprint states its original title",
            );
        }
        if original.authors.is_empty() && original.author_unstated.is_none() {
            missing(
                "/original/authors",
                "required",
                "a reprint names its original authors, or declares them unstated with a reason",
            );
        }
        if original.url.is_none() && original.print_ref.is_none() {
            missing(
                "/original/url",
                "required",
                "a reprint refers to its original by url or print_ref",
            );
        }
        match &rights.editor {
            None => missing("/editor_id", "required", "a reprint names its editor"),
            Some(editor) if editor.real_name.is_none() => missing(
                "/editor_id",
                "real_name_required",
                "the editor of a reprint is named by real name; the register has none",
            ),
            Some(_) => {}
        }
    }
    if origin == Some(Origin::Reprint) {
        let territory = &rights.site.territory;
        let covered = [Channel::Web, Channel::App].into_iter().any(|channel| {
            rights
                .grants
                .iter()
                .any(|grant| grant.covers(channel, territory, visible_from))
        });
        if !covered {
            missing(
                "/source_id",
                "no_inbound_grant",
                "no grant of the source covers an own channel in the site's territory at that time",
            );
        }
        if listing == Listing::Unlisted {
            missing(
                "/source_id",
                "source_not_listed",
                "the source is not on the list in force at that date",
            );
        }
    }
    let kind = match origin {
        Some(Origin::Own) => Some(NoticeKind::OwnWork),
        Some(Origin::Reprint) => Some(NoticeKind::Reprint),
        None => None,
    };
    for kind in kind.into_iter().chain([NoticeKind::Contact]) {
        if notice(rights, kind).is_none() {
            faults.push(Fault::new(
                "",
                "notice_required",
                format!("no licensing notice of kind {} is in force", kind.as_str()),
            ));
        }
    }
    faults
}
