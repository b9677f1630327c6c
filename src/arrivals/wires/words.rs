//! Small readings that all formats share: lines of text, times, codes, addresses.
//!
//! Must not know a format. Start with [`line`] and [`instant`].

use chrono::{DateTime, FixedOffset, Utc};
use scraper::Html;

use super::item::Body;
use super::nitf;

use crate::kernel::time::{is_sane, micros};

/// How many characters of a foreign value an error or a warning quotes.
const QUOTED_CHARS: usize = 80;

/// The longest title, in bytes, whose markup is read; a longer one stays as it is. Reading HTML can
/// cost the square of its length, and a document may hold two thousand of them.
const MAX_MARKED_LINE: usize = 1_000;

/// The text on one line, without control characters; `None` when nothing is left.
pub(super) fn line(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if !word.is_empty() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(word);
        }
    }
    (!out.is_empty()).then_some(out)
}

/// The text with its lines, without other control characters; `None` when it is blank.
pub(super) fn block(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    Some(
        text.chars()
            .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
            .collect(),
    )
}

/// A title that may hold markup, as plain text on one line.
pub(super) fn marked_line(html: &str) -> Option<String> {
    if html.len() > MAX_MARKED_LINE || !html.contains(['<', '&']) {
        return line(html);
    }
    let fragment = Html::parse_fragment(html);
    line(&fragment.root_element().text().collect::<String>())
}

/// A foreign value, cut to what a message may quote.
pub(super) fn short(value: &str) -> String {
    let mut out: String = value
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(QUOTED_CHARS)
        .collect();
    if value.chars().nth(QUOTED_CHARS).is_some() {
        out.push('…');
    }
    out
}

/// An instant as RFC 3339, XML Schema or RFC 2822 write it. A time without a zone is no instant:
/// `None`.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    const FORMS: &[&str] = &[
        "%Y-%m-%dT%H:%M:%S%.f%#z",
        "%Y-%m-%dT%H:%M%#z",
        "%Y-%m-%d %H:%M:%S %#z",
    ];
    // The longest spelling is under 50 bytes; anything else is not worth a parser's time.
    let text = Some(text.trim()).filter(|text| text.len() <= 64)?;
    let at = DateTime::parse_from_rfc3339(text)
        .ok()
        .or_else(|| {
            FORMS
                .iter()
                .find_map(|form| DateTime::parse_from_str(text, form).ok())
        })
        .or_else(|| mail_time(text))?
        .with_timezone(&Utc);
    is_sane(at).then(|| micros(at))
}

/// RFC 2822, without the day of the week (it is often wrong or foreign) and with `UTC`. `CST` is
/// refused: the RFC means Chicago by it, half of the senders mean China.
fn mail_time(text: &str) -> Option<DateTime<FixedOffset>> {
    let text = text.split_once(',').map_or(text, |(_, rest)| rest).trim();
    if text.ends_with("CST") {
        return None;
    }
    let zoned = match text.strip_suffix("UTC").or_else(|| text.strip_suffix('Z')) {
        Some(time) => DateTime::parse_from_rfc2822(&format!("{time}+0000")),
        None => DateTime::parse_from_rfc2822(text),
    };
    zoned.ok()
}

/// The last part of a code or a URI: `canceled` of `stat:canceled` or of `…/pubstatusg2/canceled`.
pub(super) fn tail(code: &str) -> &str {
    code.trim()
        .trim_end_matches(['/', '#'])
        .rsplit([':', '/', '#'])
        .next()
        .unwrap_or_default()
}

/// The address, if it is one of the web.
pub(super) fn web(address: &str) -> Option<String> {
    let address = address.trim();
    let url = url::Url::parse(address).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| address.to_owned())
}

/// Whether a role names a second headline.
pub(super) fn is_subtitle(role: &str) -> bool {
    let role = tail(role).to_ascii_lowercase();
    role.starts_with("sub") || matches!(role.as_str(), "deck" | "secondary")
}

/// Adds what is not there yet; lists of names are short.
pub(super) fn add(list: &mut Vec<String>, value: Option<String>) {
    const MOST: usize = 200;
    if let Some(value) = value
        && list.len() < MOST
        && !list.contains(&value)
    {
        list.push(value);
    }
}

/// A text of a stated media type; without one, what begins like markup is HTML.
pub(super) fn body(text: &str, media_type: &str) -> Option<Body> {
    let kind = media_type.to_ascii_lowercase();
    if kind.contains("nitf") {
        return nitf::html_of_text(text)
            .or_else(|| block(text))
            .map(Body::Html);
    }
    let marked = kind.contains("html")
        || kind.contains("xml")
        || (!kind.contains("plain") && text.trim_start().starts_with('<'));
    block(text).map(if marked { Body::Html } else { Body::Text })
}
