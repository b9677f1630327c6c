//! Reads markup piece by piece, within bounds. Depth, elements of one piece and attributes of one
//! element are limited; a document type is passed over, so no entity is ever expanded and nothing
//! is fetched.
//!
//! Must not know a format. Start with [`walk`].

use std::borrow::Cow;
use std::collections::BTreeSet;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use quick_xml::NsReader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};

use super::item::Warning;
use super::{WireError, words};

/// How deep elements may be nested.
pub(super) const MAX_DEPTH: usize = 128;

/// How many elements and runs of text one piece may have.
pub(super) const MAX_NODES: usize = 200_000;

/// How many attributes of an element are read.
const MAX_ATTRIBUTES: usize = 64;

/// How many unknown entities are told of.
const MAX_ENTITIES: usize = 20;

/// The namespaces that mean something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Space {
    /// None, or one without a prefix that is not known: old RSS has many.
    #[default]
    Plain,
    Newsml,
    Nitf,
    Xhtml,
    Atom,
    Tombstone,
    DublinCore,
    Content,
    Media,
    Rdf,
    Other,
}

impl Space {
    fn of(resolved: &ResolveResult<'_>) -> Self {
        match resolved {
            ResolveResult::Unbound => Self::Plain,
            ResolveResult::Bound(Namespace(uri)) => Self::named(uri),
            // A prefix that nobody declared: feeds do that, and mean the usual.
            ResolveResult::Unknown(prefix) => match prefix.as_str() {
                "atom" => Self::Atom,
                "dc" => Self::DublinCore,
                "content" => Self::Content,
                "media" => Self::Media,
                "rdf" => Self::Rdf,
                _ => Self::Other,
            },
        }
    }

    fn named(uri: &str) -> Self {
        match uri.trim_end_matches(['/', '#']) {
            "http://iptc.org/std/nar/2006-10-01" => Self::Newsml,
            "http://iptc.org/std/NITF/2006-10-18" => Self::Nitf,
            "http://www.w3.org/1999/xhtml" => Self::Xhtml,
            "http://www.w3.org/2005/Atom" | "http://purl.org/atom/ns" => Self::Atom,
            "http://purl.org/atompub/tombstones/1.0" => Self::Tombstone,
            "http://purl.org/dc/elements/1.1" | "http://purl.org/dc/terms" => Self::DublinCore,
            "http://purl.org/rss/1.0/modules/content" => Self::Content,
            "http://search.yahoo.com/mrss" => Self::Media,
            "http://www.w3.org/1999/02/22-rdf-syntax-ns" => Self::Rdf,
            "http://purl.org/rss/1.0" | "" => Self::Plain,
            _ => Self::Other,
        }
    }
}

/// An element with all that it holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Element {
    pub(super) space: Space,
    /// Without its prefix.
    pub(super) name: String,
    /// With their prefixes, as written.
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Node>,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    pub(super) fn is(&self, space: Space, name: &str) -> bool {
        self.space == space && self.name == name
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    pub(super) fn all<'e>(
        &'e self,
        space: Space,
        name: &'e str,
    ) -> impl Iterator<Item = &'e Self> + 'e {
        self.elements()
            .filter(move |element| element.is(space, name))
    }

    pub(super) fn first(&self, space: Space, name: &str) -> Option<&Self> {
        self.elements().find(|element| element.is(space, name))
    }

    /// All text inside, in order. The depth is bounded by [`MAX_DEPTH`].
    pub(super) fn text(&self) -> String {
        fn collect(element: &Element, out: &mut String) {
            for node in &element.children {
                match node {
                    Node::Text(text) => out.push_str(text),
                    Node::Element(inner) => collect(inner, out),
                }
            }
        }
        let mut out = String::new();
        collect(self, &mut out);
        out
    }

    pub(super) fn line(&self) -> Option<String> {
        words::line(&self.text())
    }

    /// The first element of that name at any depth.
    pub(super) fn find(&self, name: &str) -> Option<&Self> {
        self.elements().find_map(|element| {
            if element.name == name {
                Some(element)
            } else {
                element.find(name)
            }
        })
    }
}

/// A part of a document, as [`walk`] hands it over.
pub(super) enum Piece {
    /// A container was opened; it comes without its children.
    Opened(Element),
    /// A whole element that lies in containers only.
    Whole(Element),
    /// The same, but with more nodes than are kept; the last ones are missing.
    Oversized(Element),
}

/// The text of a document, and the encoding if some bytes were not of it. A byte order mark tells
/// the encoding, then the XML declaration; otherwise it is UTF-8.
pub(super) fn decode(bytes: &[u8]) -> (Cow<'_, str>, Option<&'static str>) {
    let encoding = Encoding::for_bom(bytes)
        .map(|(encoding, _)| encoding)
        .or_else(|| declared(bytes))
        .unwrap_or(UTF_8);
    let (text, encoding, damaged) = encoding.decode(bytes);
    (text, damaged.then(|| encoding.name()))
}

fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    const HEAD: usize = 256;
    let head = String::from_utf8_lossy(bytes.get(..HEAD).unwrap_or(bytes));
    let Ok(Event::Decl(declaration)) = NsReader::from_str(head.trim_start()).read_event() else {
        return None;
    };
    let label = declaration.encoding()?.ok()?;
    // What could be read byte by byte is not UTF-16, whatever it says.
    Encoding::for_label(label.as_bytes()).filter(|&found| found != UTF_16LE && found != UTF_16BE)
}

fn reader(text: &str) -> NsReader<&[u8]> {
    let mut reader = NsReader::from_str(text);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    // A bare ampersand is the most common flaw of feeds, and harmless.
    config.allow_dangling_amp = true;
    reader
}

fn malformed(reader: &NsReader<&[u8]>, detail: &str) -> WireError {
    // An error of the grammar has a place of its own; it is 0 where there is none.
    let at = match reader.error_position() {
        0 => reader.buffer_position(),
        place => place,
    };
    WireError::Malformed {
        detail: words::short(detail),
        at: usize::try_from(at).unwrap_or(usize::MAX),
    }
}

/// The root element, without its children.
pub(super) fn root(text: &str) -> Result<Element, WireError> {
    let mut reader = reader(text);
    loop {
        match reader.read_resolved_event() {
            Ok((space, Event::Start(start))) => return Ok(head(Space::of(&space), &start)),
            Ok((_, Event::Eof)) => return Err(WireError::NotAWire),
            Ok(_) => {}
            Err(error) => return Err(malformed(&reader, &error.to_string())),
        }
    }
}

fn head(space: Space, start: &BytesStart<'_>) -> Element {
    let space = match space {
        Space::Other if start.name().prefix().is_none() => Space::Plain,
        known => known,
    };
    let attributes = start
        .attributes()
        .with_checks(false)
        .flatten()
        .take(MAX_ATTRIBUTES)
        .map(|attribute| {
            let value = html_escape::decode_html_entities(&attribute.value);
            (attribute.key.0.to_owned(), value.into_owned())
        })
        .collect();
    Element {
        space,
        name: start.local_name().into_inner().to_owned(),
        attributes,
        children: Vec::new(),
    }
}

/// Reads a document to its end and hands over its pieces: elements named in `containers` are opened,
/// everything else is put together whole.
pub(super) fn walk(
    text: &str,
    containers: &[&str],
    mut each: impl FnMut(Piece),
) -> Result<Vec<Warning>, WireError> {
    let mut reader = reader(text);
    let mut open = 0usize;
    let mut stack: Vec<Element> = Vec::new();
    let mut nodes = 0usize;
    let mut doctype = false;
    let mut entities = BTreeSet::new();
    loop {
        let (space, event) = match reader.read_resolved_event() {
            Ok((space, event)) => (Space::of(&space), event),
            Err(error) => return Err(malformed(&reader, &error.to_string())),
        };
        let text = match event {
            Event::Start(start) => {
                let element = head(space, &start);
                if open + stack.len() >= MAX_DEPTH {
                    let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
                    return Err(WireError::TooDeep { at });
                }
                if stack.is_empty() && containers.contains(&element.name.as_str()) {
                    open += 1;
                    each(Piece::Opened(element));
                } else {
                    nodes = nodes.saturating_add(1);
                    stack.push(element);
                }
                continue;
            }
            Event::End(_) => {
                match (stack.pop(), stack.last_mut()) {
                    (Some(element), Some(parent)) => {
                        if nodes <= MAX_NODES {
                            parent.children.push(Node::Element(element));
                        }
                    }
                    (Some(element), None) => {
                        each(if nodes <= MAX_NODES {
                            Piece::Whole(element)
                        } else {
                            Piece::Oversized(element)
                        });
                        nodes = 0;
                    }
                    (None, _) => open = open.saturating_sub(1),
                }
                continue;
            }
            Event::Text(text) => text.xml10_content().into_owned(),
            Event::CData(text) => text.xml10_content().into_owned(),
            Event::GeneralRef(reference) => resolve(&reference, &mut entities),
            Event::DocType(_) => {
                doctype = true;
                continue;
            }
            Event::Eof => break,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
        };
        if let Some(parent) = stack.last_mut() {
            if let Some(Node::Text(before)) = parent.children.last_mut() {
                before.push_str(&text);
            } else if nodes <= MAX_NODES {
                nodes = nodes.saturating_add(1);
                parent.children.push(Node::Text(text));
            }
        }
    }
    if open > 0 || !stack.is_empty() {
        return Err(malformed(&reader, "the document ends within an element"));
    }
    let entities = entities
        .into_iter()
        .map(|name| Warning::UnknownEntity { name });
    Ok(entities
        .chain(doctype.then_some(Warning::Doctype))
        .collect())
}

/// The character of a reference. Those that HTML knows are understood, as feeds use them; others
/// stay as they are written.
fn resolve(reference: &BytesRef<'_>, unknown: &mut BTreeSet<String>) -> String {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        let kept = !character.is_control() || matches!(character, '\n' | '\r' | '\t');
        return if kept {
            character.to_string()
        } else {
            String::new()
        };
    }
    let written = format!("&{};", &**reference);
    let read = html_escape::decode_html_entities(&written).into_owned();
    if read == written && unknown.len() < MAX_ENTITIES {
        unknown.insert(words::short(reference));
    }
    read
}
