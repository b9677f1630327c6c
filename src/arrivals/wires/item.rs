//! What a wire says of one item, in one shape for all formats.
//!
//! Must not hold anything that the wire did not say. Start with [`WireItem`].

use std::cmp::Ordering;
use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest, Sha256};

/// How many pictures of an item are listed.
pub(super) const MAX_IMAGES: usize = 100;

/// Whether the agency lets its item be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Status {
    #[default]
    Usable,
    /// Not now; also when the wire states a status that is not known here.
    Withheld,
    /// Never again: every version of the item is to be taken down.
    Canceled,
}

/// A text in the form it came in. HTML is foreign and not cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Html(String),
    Text(String),
}

/// A person or an organisation, as far as the wire names it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Party {
    pub name: Option<String>,
    /// A URI, or a code of the agency's own (`nprov:…`).
    pub uri: Option<String>,
    /// What it did, in the wire's words.
    pub role: Option<String>,
}

/// What kind of thing a [`Term`] names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TermKind {
    Subject,
    Person,
    Organisation,
    Place,
    Event,
    Object,
    Genre,
}

/// A term of some vocabulary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    pub kind: TermKind,
    pub name: Option<String>,
    pub uri: Option<String>,
    /// The code in its vocabulary: `medtop:20000523`, or a bare code beside a `scheme`.
    pub code: Option<String>,
    pub scheme: Option<String>,
    /// How the item relates to it, in the wire's words.
    pub rel: Option<String>,
}

/// A picture that came with an item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Image {
    pub guid: Option<String>,
    /// On one line, as it came: markup in it is not read.
    pub caption: Option<String>,
    /// The credit line, or the byline where there is none.
    pub credit: Option<String>,
    pub copyright_holder: Option<String>,
    pub copyright_notice: Option<String>,
    pub usage_terms: Option<String>,
    pub embargoed_until: Option<DateTime<Utc>>,
    pub renditions: Vec<Rendition>,
}

/// One file of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rendition {
    pub name: Option<String>,
    pub href: String,
    pub content_type: Option<String>,
    pub width: Option<u32>,
    pub height: Option<u32>,
}

/// A checksum that the wire states of something it refers to. Not checked here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedDigest {
    /// As the wire writes it: `hashtype:SHA-256`, `md5`.
    pub algorithm: Option<String>,
    pub value: String,
    /// The file that it belongs to; `None` is the item itself.
    pub of: Option<String>,
}

/// One item of a wire.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WireItem {
    /// What the agency calls the item through all its versions.
    pub guid: String,
    /// As the wire writes it; in feeds the time of the last change.
    pub version: Option<String>,
    pub status: Status,
    /// `text`, `picture`, …
    pub item_class: Option<String>,
    /// On one line, without markup.
    pub title: Option<String>,
    /// The title with every character that came, markup and line breaks included.
    pub original_title: Option<String>,
    pub subtitle: Option<String>,
    pub slugline: Option<String>,
    pub language: Option<String>,
    /// Bylines as they stand; one string may name several people.
    pub authors: Vec<String>,
    pub contributors: Vec<Party>,
    /// Who sends the item.
    pub provider: Option<Party>,
    /// Whom the information comes from.
    pub sources: Vec<Party>,
    pub copyright_holder: Option<Party>,
    pub copyright_notice: Option<String>,
    pub usage_terms: Option<String>,
    /// Where a rights expression can be read.
    pub rights_links: Vec<String>,
    /// When it was published, where the wire says so; a creation date is no such word.
    pub published_at: Option<DateTime<Utc>>,
    pub first_created_at: Option<DateTime<Utc>>,
    pub version_created_at: Option<DateTime<Utc>>,
    pub content_created_at: Option<DateTime<Utc>>,
    /// An embargo without an end makes the item [`Status::Withheld`] instead.
    pub embargoed_until: Option<DateTime<Utc>>,
    /// From when on the agency holds the item for stale.
    pub expires_at: Option<DateTime<Utc>>,
    /// From when on the stated rights no longer hold.
    pub rights_expire_at: Option<DateTime<Utc>>,
    pub url: Option<String>,
    pub genres: Vec<Term>,
    /// Topics, people, organisations, events and objects.
    pub subjects: Vec<Term>,
    pub places: Vec<Term>,
    pub keywords: Vec<String>,
    /// Where the text comes from.
    pub located: Option<String>,
    pub dateline: Option<String>,
    pub summary: Option<Body>,
    /// The richest form that came.
    pub body: Option<Body>,
    /// The feed had no content, so the body is its description: perhaps only an excerpt.
    pub body_is_summary: bool,
    pub images: Vec<Image>,
    pub digests: Vec<StatedDigest>,
    /// For the desk's eyes only.
    pub ed_note: Option<String>,
    /// `sig:update`, `sig:correction`, …
    pub signals: Vec<String>,
    /// How the content came about, where the wire says it (a machine, for instance).
    pub digital_source_type: Option<String>,
    /// SHA-256, in hex, over identifier, version, status, title, body and rights.
    pub digest: String,
}

impl WireItem {
    /// How this version stands to another of the same guid: by their numbers, or else by their times.
    /// `None` where neither tells.
    pub fn compare_version(
        &self,
        version: Option<&str>,
        created_at: Option<DateTime<Utc>>,
    ) -> Option<Ordering> {
        let number = |version: Option<&str>| version?.parse::<u64>().ok();
        match (number(self.version.as_deref()), number(version)) {
            (Some(ours), Some(theirs)) if ours != theirs => Some(ours.cmp(&theirs)),
            _ => Some(self.version_created_at?.cmp(&created_at?)),
        }
    }

    /// What is digested: every part with its length, so that no two items read alike. The status
    /// belongs to it: a cancellation without a new version must not pass for a repetition.
    pub(super) fn seal(mut self) -> Self {
        let time = |at: Option<DateTime<Utc>>| {
            at.map(|at| at.to_rfc3339_opts(SecondsFormat::Micros, true))
        };
        let (kind, body) = match &self.body {
            Some(Body::Html(html)) => ("html", Some(html.as_str())),
            Some(Body::Text(text)) => ("text", Some(text.as_str())),
            None => ("none", None),
        };
        let status = match self.status {
            Status::Usable => "usable",
            Status::Withheld => "withheld",
            Status::Canceled => "canceled",
        };
        let holder = self.copyright_holder.as_ref();
        let times = [self.embargoed_until, self.expires_at, self.rights_expire_at].map(time);
        let parts = [
            Some(self.guid.as_str()),
            self.version.as_deref(),
            Some(status),
            self.original_title.as_deref(),
            Some(kind),
            body,
            holder.and_then(|party| party.name.as_deref()),
            holder.and_then(|party| party.uri.as_deref()),
            self.copyright_notice.as_deref(),
            self.usage_terms.as_deref(),
        ];
        let rest = times.iter().map(Option::as_deref);
        let links = self.rights_links.iter().map(|link| Some(link.as_str()));
        let mut hasher = Sha256::new();
        let mut length = String::new();
        for part in parts.into_iter().chain(rest).chain(links) {
            length.clear();
            // Writing to a string can't fail; an absent part differs from an empty one.
            let _ = match part {
                Some(part) => write!(length, "{}:", part.len()),
                None => write!(length, "-:"),
            };
            hasher.update(&length);
            hasher.update(part.unwrap_or_default());
        }
        self.digest = hex::encode(hasher.finalize());
        self
    }
}

/// Why one item of a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("item {index}: {kind}")]
pub struct ItemFault {
    /// Counted from 0 over all items of the document.
    pub index: usize,
    pub guid: Option<String>,
    pub kind: FaultKind,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    #[error("an item without an identifier can't be updated")]
    MissingGuid,
    #[error("the item is not an object")]
    NotAnObject,
    /// Without this an item that should wait would go out.
    #[error("the embargo can't be read: {value}")]
    UnreadableEmbargo { value: String },
    #[error("the item has more than {} elements", super::xml::MAX_NODES)]
    TooLarge,
}

/// What was passed over, or read otherwise than it stood there. Quoted values are cut short.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    #[error("item {index} is a {what}, which is not read")]
    Skipped { index: usize, what: String },
    #[error("{left_out} items beyond the limit are not read")]
    TooManyItems { left_out: usize },
    #[error("item {index} has the unknown status {value}, so it is withheld")]
    UnknownStatus { index: usize, value: String },
    #[error("item {index} is under an embargo without an end, so it is withheld")]
    OpenEmbargo { index: usize },
    #[error("item {index}: the time {value} of {field} can't be read, or has no zone")]
    UnreadableTime {
        index: usize,
        field: &'static str,
        value: String,
    },
    #[error("item {index} repeats a guid of this document")]
    RepeatedGuid { index: usize },
    #[error("item {index}: a picture is left out, for it may not be used")]
    ImageLeftOut { index: usize },
    #[error("item {index}: content of the type {what} is not read")]
    UnreadContent { index: usize, what: String },
    #[error("the entity {name} is not defined here and stays as it is written")]
    UnknownEntity { name: String },
    #[error("the document type declaration is not read")]
    Doctype,
    #[error("bytes that are not {encoding} were replaced")]
    BytesReplaced { encoding: &'static str },
}
