//! Bytes into characters.
//!
//! What the bytes themselves prove goes before what is said of them: archives were moved, served and labelled by
//! many hands. Malformed bytes are reported with their places and never a reason to give up. Must not look at what
//! the text says, except for its `<meta charset>`.
//!
//! Start with [`decode`].

use std::sync::LazyLock;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use regex::bytes::Regex;
use serde::Serialize;
use thiserror::Error;

use super::model::{Kind, WarningKind, Warnings};
use crate::kernel::words::words;

/// The most bytes of one page that are read.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;
/// How many places of malformed bytes are listed; those beyond are counted.
pub const MAX_PLACES: usize = 1_000;
/// How far into a page its `<meta charset>` is looked for. Browsers look at 1,024 bytes; old pages put comments before.
const META_BYTES: usize = 4_096;
/// How much is looked at to guess an encoding, or that it's no text at all.
const SAMPLE_BYTES: usize = 256 * 1024;
/// One control character in so many bytes is taken for binary data.
const BYTES_PER_CONTROL: usize = 50;

/// Openings of files that are not text: zip, PDF, PNG, JPEG, GIF, gzip, ELF, Office before 2007.
const MAGIC: &[&[u8]] = &[
    b"PK\x03\x04",
    b"%PDF-",
    b"\x89PNG",
    b"\xFF\xD8\xFF",
    b"GIF8",
    b"\x1F\x8B",
    b"\x7FELF",
    b"\xD0\xCF\x11\xE0",
];

static META: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i-u)<meta\s[^>]{0,200}?charset\s*=\s*["']?\s*([a-z0-9_:.\-]{2,40})"#).ok()
});

/// Why bytes are not a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PageError {
    #[error("there is nothing in it")]
    Empty,
    #[error("it is not text")]
    Binary,
    #[error("it is longer than {MAX_BYTES} bytes")]
    TooLong,
}

words! {
    /// How the encoding is known.
    CharsetOrigin {
        /// A byte order mark.
        Bom = "bom",
        /// Whoever handed the page over said so, as in HTTP's `Content-Type`.
        Declared = "declared",
        /// The page's own `<meta charset>`.
        Meta = "meta",
        /// The bytes look like it.
        Detected = "detected",
    }
}

/// How the bytes of a page became text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decoding {
    /// The encoding's name in the WHATWG Encoding Standard. `GBK` is decoded as its superset GB 18030.
    pub encoding: &'static str,
    pub origin: CharsetOrigin,
    /// Where U+FFFD stands for malformed bytes, in Unicode scalar values of the decoded text; the first [`MAX_PLACES`].
    pub malformed: Vec<usize>,
    /// How many such places there are in all.
    pub malformed_total: usize,
}

/// Decodes a page.
///
/// # Errors
/// If there is nothing to read, too much, or no text.
pub(super) fn decode(
    bytes: &[u8],
    declared: Option<&str>,
    kind: Kind,
    warnings: &mut Warnings,
) -> Result<(String, Decoding), PageError> {
    if bytes.len() > MAX_BYTES {
        return Err(PageError::TooLong);
    }
    let (text, decoding) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => run(
            bytes.get(length..).unwrap_or_default(),
            encoding,
            CharsetOrigin::Bom,
        ),
        None => unmarked(bytes, declared, kind, warnings)?,
    };
    if text.chars().all(|c| c.is_whitespace() || c == '\u{FEFF}') {
        return Err(PageError::Empty);
    }
    if decoding.malformed_total > 0 {
        let total = decoding.malformed_total;
        warnings.add(WarningKind::MalformedBytes, format!("{total} places"));
    }
    Ok((text, decoding))
}

/// Decodes bytes without a byte order mark.
fn unmarked(
    bytes: &[u8],
    declared: Option<&str>,
    kind: Kind,
    warnings: &mut Warnings,
) -> Result<(String, Decoding), PageError> {
    let named = named(bytes, declared, kind, warnings);
    let wide = named.is_some_and(|(encoding, _)| encoding == UTF_16LE || encoding == UTF_16BE);
    if !wide && is_binary(bytes) {
        return Err(PageError::Binary);
    }
    let Some((encoding, origin)) = named else {
        let encoding = match utf8_faults_only_at_the_end(bytes) || is_mostly_utf8(bytes) {
            true => UTF_8,
            false => guess(bytes),
        };
        return Ok(run(bytes, encoding, CharsetOrigin::Detected));
    };
    let (text, decoding) = run(bytes, encoding, origin);
    if decoding.malformed_total == 0 {
        return Ok((text, decoding));
    }
    let other = match encoding == UTF_8 {
        // Chinese pages were served as UTF-8 by servers that were moved later than the pages.
        true if mostly_malformed(&text, decoding.malformed_total) => guess(bytes),
        true => return Ok((text, decoding)),
        false if utf8_faults_only_at_the_end(bytes) => UTF_8,
        false => return Ok((text, decoding)),
    };
    let (other_text, other) = run(bytes, other, CharsetOrigin::Detected);
    if other.malformed_total >= decoding.malformed_total {
        return Ok((text, decoding));
    }
    warnings.add(
        WarningKind::CharsetMistrusted,
        format!(
            "said to be {}, read as {}",
            decoding.encoding, other.encoding
        ),
    );
    Ok((other_text, other))
}

/// The encoding that the page is said to have.
fn named(
    bytes: &[u8],
    declared: Option<&str>,
    kind: Kind,
    warnings: &mut Warnings,
) -> Option<(&'static Encoding, CharsetOrigin)> {
    if let Some(label) = declared.map(str::trim).filter(|label| !label.is_empty()) {
        match Encoding::for_label_no_replacement(label.as_bytes()) {
            Some(encoding) => return Some((encoding, CharsetOrigin::Declared)),
            None => {
                let shown: String = label.chars().take(40).collect();
                warnings.add(WarningKind::CharsetUnknown, shown);
            }
        }
    }
    if kind != Kind::Html {
        return None;
    }
    let head = bytes.get(..META_BYTES).unwrap_or(bytes);
    let label = META.as_ref()?.captures(head)?.get(1)?.as_bytes();
    match Encoding::for_label_no_replacement(label) {
        // A tag that could be read byte by byte is not in UTF-16, whatever it says (HTML standard, 13.2.3.2).
        Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => {
            Some((UTF_8, CharsetOrigin::Meta))
        }
        Some(encoding) => Some((encoding, CharsetOrigin::Meta)),
        None => {
            let shown = String::from_utf8_lossy(label).into_owned();
            warnings.add(WarningKind::CharsetUnknown, shown);
            None
        }
    }
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let sample = bytes.get(..SAMPLE_BYTES).unwrap_or(bytes);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, sample.len() == bytes.len());
    detector.guess(None, Utf8Detection::Allow)
}

/// Whether the bytes are UTF-8, but for a character cut off at the end.
fn utf8_faults_only_at_the_end(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    }
}

/// Whether the bytes are UTF-8 with a piece of something else in them: bytes of another encoding are
/// malformed almost everywhere.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (text, decoding) = run(bytes, UTF_8, CharsetOrigin::Detected);
    !mostly_malformed(&text, decoding.malformed_total)
}

/// Whether so much of a text's characters beyond ASCII is malformed that the encoding must be wrong.
fn mostly_malformed(text: &str, malformed: usize) -> bool {
    let beyond = text.chars().filter(|c| !c.is_ascii()).count();
    malformed.saturating_mul(5) > beyond
}

fn is_binary(bytes: &[u8]) -> bool {
    if MAGIC.iter().any(|magic| bytes.starts_with(magic)) {
        return true;
    }
    let sample = bytes.get(..SAMPLE_BYTES).unwrap_or(bytes);
    let controls = sample
        .iter()
        .filter(|&&b| matches!(b, 0..=8 | 0x0E..=0x1A | 0x1C..=0x1F))
        .count();
    controls.saturating_mul(BYTES_PER_CONTROL) > sample.len()
}

/// Decodes with one encoding and keeps the places of what is malformed.
fn run(bytes: &[u8], encoding: &'static Encoding, origin: CharsetOrigin) -> (String, Decoding) {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len().saturating_add(16));
    let mut rest = bytes;
    let (mut counted_bytes, mut counted_chars) = (0, 0);
    let (mut malformed, mut malformed_total) = (Vec::new(), 0_usize);
    loop {
        let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut text, true);
        rest = rest.get(read..).unwrap_or_default();
        match result {
            DecoderResult::InputEmpty => break,
            DecoderResult::OutputFull => text.reserve(rest.len().saturating_mul(2).max(64)),
            DecoderResult::Malformed(..) => {
                if malformed.len() < MAX_PLACES {
                    let fresh = text.get(counted_bytes..).unwrap_or_default();
                    counted_chars += fresh.chars().count();
                    counted_bytes = text.len();
                    malformed.push(counted_chars);
                }
                malformed_total += 1;
                text.push('\u{FFFD}');
            }
        }
    }
    let decoding = Decoding {
        encoding: encoding.name(),
        origin,
        malformed,
        malformed_total,
    };
    (text, decoding)
}
