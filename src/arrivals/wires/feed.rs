//! RSS 0.9x, 1.0 and 2.0, and Atom with its tombstones (RFC 4287, RFC 6721), with the parts of Dublin
//! Core, `content` and Media RSS that news feeds use.
//!
//! Must not take an identifier from thin air: an entry without one is a fault. Start with [`read`].

use super::gather::Gather;
use super::item::{FaultKind, Party, Status, WireItem};
use super::xml::{self, Element, Piece, Space};
use super::{WireError, feed_parts as parts, nitf, words};

/// The elements that lie around entries.
const CONTAINERS: &[&str] = &["rss", "RDF", "channel", "feed"];

/// What a feed says once for all its entries.
#[derive(Debug, Clone, Default)]
pub(super) struct Channel {
    pub(super) title: Option<String>,
    pub(super) url: Option<String>,
    pub(super) language: Option<String>,
    pub(super) rights: Option<String>,
    pub(super) authors: Vec<String>,
}

impl Channel {
    /// Gives an entry what it does not say itself. Only the feed knows who sends it.
    pub(super) fn complete(&self, item: &mut WireItem) {
        if item.provider.is_none() && (self.title.is_some() || self.url.is_some()) {
            item.provider = Some(Party {
                name: self.title.clone(),
                uri: self.url.clone(),
                role: None,
            });
        }
        if item.authors.is_empty() {
            item.authors.clone_from(&self.authors);
        }
        item.language = item.language.take().or_else(|| self.language.clone());
        item.copyright_notice = item.copyright_notice.take().or_else(|| self.rights.clone());
    }
}

pub(super) fn is_root(root: &Element) -> bool {
    match root.name.as_str() {
        "rss" => matches!(root.space, Space::Plain),
        "feed" | "entry" => matches!(root.space, Space::Atom | Space::Plain),
        "RDF" => root.space == Space::Rdf,
        _ => false,
    }
}

pub(super) fn read(text: &str, gather: &mut Gather) -> Result<(), WireError> {
    let mut channel = Channel::default();
    let mut entries = Vec::new();
    // A channel may say things after its entries, so they are completed at the end.
    let warnings = xml::walk(text, CONTAINERS, |piece| {
        let (element, whole) = match piece {
            Piece::Opened(element) => {
                let language = element.attribute("xml:lang").and_then(words::line);
                channel.language = channel.language.take().or(language);
                return;
            }
            Piece::Whole(element) => (element, true),
            Piece::Oversized(element) => (element, false),
        };
        if !matches!(element.name.as_str(), "item" | "entry" | "deleted-entry") {
            return about(&mut channel, &element);
        }
        if let Some(index) = gather.next() {
            let item = if whole {
                item(&element, index, gather)
            } else {
                Err(FaultKind::TooLarge)
            };
            entries.push((index, item));
        }
    })?;
    for (index, mut item) in entries {
        if let Ok(item) = &mut item {
            channel.complete(item);
        }
        gather.put(index, item, "");
    }
    for warning in warnings {
        gather.warn(warning);
    }
    Ok(())
}

/// Plain in RSS, in its namespace in Atom; an Atom feed without the namespace counts as well.
pub(super) fn own(element: &Element) -> bool {
    matches!(element.space, Space::Plain | Space::Atom)
}

pub(super) fn first<'e>(element: &'e Element, name: &str) -> Option<&'e Element> {
    element.elements().find(|e| own(e) && e.name == name)
}

pub(super) fn line(element: &Element, name: &str) -> Option<String> {
    first(element, name)?.line()
}

pub(super) fn core(element: &Element, name: &str) -> Option<String> {
    element.first(Space::DublinCore, name)?.line()
}

fn about(channel: &mut Channel, element: &Element) {
    match (element.space, element.name.as_str()) {
        (Space::Plain | Space::Atom, "title") => channel.title = title(element).1,
        (Space::Plain | Space::Atom, "link") => {
            channel.url = channel.url.take().or_else(|| link(element));
        }
        (Space::Plain | Space::DublinCore, "language") => channel.language = element.line(),
        (Space::Plain, "copyright") | (Space::Atom | Space::DublinCore, "rights") => {
            channel.rights = title(element).1;
        }
        (Space::Plain | Space::Atom, "author") | (Space::DublinCore, "creator") => {
            words::add(&mut channel.authors, person(element));
        }
        _ => {}
    }
}

/// A link to the page of a feed or an entry.
pub(super) fn link(element: &Element) -> Option<String> {
    let Some(href) = element.attribute("href") else {
        return words::web(&element.text());
    };
    let rel = element.attribute("rel").unwrap_or("alternate");
    words::web(href).filter(|_| rel == "alternate")
}

/// The title as it came, and as plain text.
fn title(element: &Element) -> (Option<String>, Option<String>) {
    let text = element.text();
    let plain = match element.attribute("type") {
        Some("html" | "text/html") => words::marked_line(&text),
        _ => words::line(&text),
    };
    let came = match element.attribute("type") {
        Some("xhtml") => nitf::html(element),
        _ => Some(text).filter(|text| !text.trim().is_empty()),
    };
    (came, plain)
}

/// A name without the mail address that RSS wants beside it; an address alone is no byline.
pub(super) fn person(element: &Element) -> Option<String> {
    if let Some(name) = element.elements().find(|e| e.name == "name") {
        return name.line();
    }
    let line = element.line()?;
    if !line.contains('@') {
        return Some(line);
    }
    // `desk@example.org (Name)`, `Name <desk@example.org>`, with brackets of either width.
    let name: Vec<&str> = line
        .split(|c: char| c.is_whitespace() || "()<>[]（）＜＞［］".contains(c))
        .filter(|word| !word.is_empty() && !word.contains('@'))
        .collect();
    words::line(&name.join(" "))
}

fn item(entry: &Element, index: usize, gather: &mut Gather) -> Result<WireItem, FaultKind> {
    if entry.name == "deleted-entry" {
        let when = entry.attribute("when");
        let at = gather.time(index, "when", when);
        return Ok(WireItem {
            guid: entry
                .attribute("ref")
                .and_then(words::line)
                .unwrap_or_default(),
            version: at.map(stamp),
            version_created_at: at,
            status: Status::Canceled,
            ..WireItem::default()
        });
    }
    let url = entry
        .elements()
        .filter(|e| own(e) && e.name == "link")
        .find_map(link);
    let guid = line(entry, "id")
        .or_else(|| line(entry, "guid"))
        .or_else(|| {
            let about = entry.attributes.iter().find(|(key, _)| key == "rdf:about");
            words::line(&about?.1)
        });
    let permalink = first(entry, "guid")
        .filter(|guid| guid.attribute("isPermaLink") != Some("false"))
        .and_then(|guid| words::web(&guid.text()));
    // Atom demands an identifier; in RSS the link stands in for one.
    let stand_in = (entry.name == "item").then(|| url.clone()).flatten();

    let mut time =
        |field: &'static str, value: Option<String>| gather.time(index, field, value.as_deref());
    let published = line(entry, "published")
        .or_else(|| line(entry, "pubDate"))
        .or_else(|| core(entry, "date"));
    let published_at = time("published", published);
    let updated = line(entry, "updated").or_else(|| core(entry, "modified"));
    let version_created_at = time("updated", updated).or(published_at);

    let mut item = WireItem {
        guid: guid.or(stand_in).unwrap_or_default(),
        version: version_created_at.map(stamp),
        url: url.or(permalink),
        language: entry
            .attribute("xml:lang")
            .or_else(|| first(entry, "content")?.attribute("xml:lang"))
            .and_then(words::line)
            .or_else(|| core(entry, "language")),
        published_at,
        version_created_at,
        copyright_notice: line(entry, "rights").or_else(|| core(entry, "rights")),
        ..WireItem::default()
    };
    if let Some(came) = first(entry, "title") {
        (item.original_title, item.title) = title(came);
    }
    parts::parties(&mut item, entry);
    parts::texts(&mut item, entry);
    parts::labels(&mut item, entry);
    parts::pictures(&mut item, entry);
    Ok(item)
}

pub(super) fn stamp(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}
