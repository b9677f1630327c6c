//! The parts of a feed's entry: people, texts, labels, pictures.
//!
//! Must not complete an entry from its channel: `feed` does. Start with [`texts`].

use super::feed::{core, first, line, link, own, person};
use super::item::{Body, Image, MAX_IMAGES, Party, Rendition, Term, TermKind, WireItem};
use super::xml::{Element, Space};
use super::{nitf, words};

/// A text of Atom, by its type.
fn body(element: &Element) -> Option<Body> {
    match element.attribute("type").unwrap_or("text") {
        "xhtml" | "application/xhtml+xml" => nitf::html(element).map(Body::Html),
        "html" | "text/html" => words::block(&element.text()).map(Body::Html),
        "text" | "text/plain" => words::block(&element.text()).map(Body::Text),
        // Other media types are no article; a `src` is not fetched.
        _ => None,
    }
}

pub(super) fn parties(item: &mut WireItem, entry: &Element) {
    let of = |space: fn(&Element) -> bool, name: &'static str| {
        entry
            .elements()
            .filter(move |e| space(e) && e.name == name)
            .filter_map(person)
    };
    let is_core = |e: &Element| e.space == Space::DublinCore;
    let authors: Vec<String> = of(is_core, "creator").chain(of(own, "author")).collect();
    for author in authors {
        words::add(&mut item.authors, Some(author));
    }
    for name in of(own, "contributor").chain(of(is_core, "contributor")) {
        item.contributors.push(Party {
            name: Some(name),
            ..Party::default()
        });
    }
    if item.authors.is_empty() {
        for party in &item.contributors {
            words::add(&mut item.authors, party.name.clone());
        }
    }
    if let Some(source) = first(entry, "source") {
        let named = first(source, "title").or(Some(source).filter(|e| !has_elements(e)));
        let address = source
            .attribute("url")
            .and_then(words::web)
            .or_else(|| first(source, "link").and_then(link))
            .or_else(|| line(source, "id"));
        item.sources.push(Party {
            name: named.and_then(Element::line),
            uri: address,
            role: None,
        });
    }
    for (name, role) in [("source", "source"), ("publisher", "publisher")] {
        if let Some(party) = core(entry, name) {
            item.sources.push(Party {
                name: Some(party),
                uri: None,
                role: Some(role.to_owned()),
            });
        }
    }
    item.sources
        .retain(|party| party.name.is_some() || party.uri.is_some());
}

fn has_elements(element: &Element) -> bool {
    element.elements().next().is_some()
}

pub(super) fn texts(item: &mut WireItem, entry: &Element) {
    let html = |element: &Element| {
        // Markup that was not escaped is put together again.
        let text = if has_elements(element) {
            nitf::html(element)
        } else {
            words::block(&element.text())
        };
        text.map(Body::Html)
    };
    item.summary = first(entry, "summary").and_then(body).or_else(|| {
        let description =
            first(entry, "description").or_else(|| entry.first(Space::DublinCore, "description"));
        description.and_then(html)
    });
    item.body = entry
        .first(Space::Content, "encoded")
        .and_then(html)
        .or_else(|| first(entry, "content").and_then(body));
    if item.body.is_none() && item.summary.is_some() {
        item.body.clone_from(&item.summary);
        item.body_is_summary = true;
    }
}

pub(super) fn labels(item: &mut WireItem, entry: &Element) {
    for label in entry.elements().filter(|e| own(e) && e.name == "category") {
        let term = label.attribute("term").and_then(words::line);
        let name = label
            .attribute("label")
            .and_then(words::line)
            .or_else(|| term.clone())
            .or_else(|| label.line());
        words::add(&mut item.keywords, name.clone());
        let scheme = label
            .attribute("scheme")
            .or_else(|| label.attribute("domain"))
            .and_then(words::line);
        // Only a label of a vocabulary is more than a keyword.
        if let (Some(name), Some(scheme)) = (name, scheme) {
            item.subjects.push(Term {
                kind: TermKind::Subject,
                code: term.or_else(|| Some(name.clone())),
                name: Some(name),
                uri: None,
                scheme: Some(scheme),
                rel: None,
            });
        }
    }
    for subject in entry.all(Space::DublinCore, "subject") {
        words::add(&mut item.keywords, subject.line());
    }
}

pub(super) fn pictures(item: &mut WireItem, entry: &Element) {
    let is_link = |e: &Element| e.name == "link" && e.attribute("rel") == Some("enclosure");
    let beside = entry
        .elements()
        .filter(|e| {
            (own(e) && (e.name == "enclosure" || is_link(e))) || e.is(Space::Media, "content")
        })
        .map(|file| (file, entry));
    let grouped = entry.all(Space::Media, "group").flat_map(|group| {
        group
            .all(Space::Media, "content")
            .map(move |file| (file, group))
    });
    // What is said of a picture is looked for around it, so their number is bounded.
    item.images = beside
        .chain(grouped)
        .filter_map(|(file, around)| picture(file, around))
        .take(MAX_IMAGES)
        .collect();
}

/// A file that is a picture by its type; what is said of it stands in it or beside it.
fn picture(file: &Element, around: &Element) -> Option<Image> {
    let href = words::web(file.attribute("url").or_else(|| file.attribute("href"))?)?;
    let content_type = file.attribute("type").and_then(words::line);
    let is_image = file.attribute("medium") == Some("image")
        || content_type
            .as_deref()
            .is_some_and(|kind| kind.starts_with("image/"));
    if !is_image {
        return None;
    }
    let said = |name: &str| {
        file.first(Space::Media, name)
            .or_else(|| around.first(Space::Media, name))?
            .line()
    };
    let size = |name: &str| file.attribute(name)?.trim().parse().ok();
    Some(Image {
        caption: said("description").or_else(|| said("title")),
        credit: said("credit"),
        copyright_notice: said("copyright"),
        renditions: vec![Rendition {
            name: None,
            href,
            content_type,
            width: size("width"),
            height: size("height"),
        }],
        ..Image::default()
    })
}
