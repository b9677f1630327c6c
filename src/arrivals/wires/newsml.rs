//! NewsML-G2: the news items of a document or a message. Packages, concepts and plans are passed
//! over. Source: IPTC NewsML-G2 2.x, namespace `nar`.
//!
//! Must not resolve a `qcode` through its catalogue: nothing is fetched. Start with [`read`].

use super::gather::Gather;
use super::item::{Body, FaultKind, Party, Term, TermKind, WireItem};
use super::xml::{self, Element, Piece, Space};
use super::{WireError, newsml_content, words};

/// The elements that lie around items.
const CONTAINERS: &[&str] = &["newsMessage", "itemSet"];

/// What may stand in a message beside news items.
const OTHER_ITEMS: &[&str] = &[
    "packageItem",
    "conceptItem",
    "knowledgeItem",
    "planningItem",
    "catalogItem",
];

pub(super) fn is_root(root: &Element) -> bool {
    let name = root.name.as_str();
    root.space == Space::Newsml
        && (name == "newsItem" || name == "newsMessage" || OTHER_ITEMS.contains(&name))
}

pub(super) fn read(text: &str, gather: &mut Gather) -> Result<(), WireError> {
    let warnings = xml::walk(text, CONTAINERS, |piece| {
        let (element, whole) = match piece {
            Piece::Opened(_) => return,
            Piece::Whole(element) => (element, true),
            Piece::Oversized(element) => (element, false),
        };
        if element.space != Space::Newsml {
            return;
        }
        if OTHER_ITEMS.contains(&element.name.as_str()) {
            gather.skip(&element.name);
        } else if element.name == "newsItem"
            && let Some(index) = gather.next()
        {
            let guid = element.attribute("guid").unwrap_or_default();
            let item = if whole {
                item(&element, index, gather)
            } else {
                Err(FaultKind::TooLarge)
            };
            gather.put(index, item, guid);
        }
    })?;
    for warning in warnings {
        gather.warn(warning);
    }
    Ok(())
}

pub(super) fn child<'e>(element: Option<&'e Element>, name: &str) -> Option<&'e Element> {
    element?.first(Space::Newsml, name)
}

pub(super) fn children<'e>(
    element: Option<&'e Element>,
    name: &'static str,
) -> impl Iterator<Item = &'e Element> {
    element
        .into_iter()
        .flat_map(move |element| element.all(Space::Newsml, name))
}

fn item(element: &Element, index: usize, gather: &mut Gather) -> Result<WireItem, FaultKind> {
    let about = child(Some(element), "itemMeta");
    let content = child(Some(element), "contentMeta");
    let language = element
        .attribute("xml:lang")
        .or_else(|| child(content, "language")?.attribute("tag"))
        .and_then(words::line);
    let lang = language.as_deref();

    let mut status = gather.status(index, child(about, "pubStatus").and_then(code));
    let embargo = child(about, "embargoed").map(Element::text);
    let embargoed_until = gather.embargo(index, embargo.as_deref(), &mut status)?;
    let mut time = |parent, name: &'static str| {
        let value = child(parent, name).map(Element::text);
        gather.time(index, name, value.as_deref())
    };

    let mut item = WireItem {
        guid: element
            .attribute("guid")
            .and_then(words::line)
            .unwrap_or_default(),
        version: element.attribute("version").and_then(words::line),
        status,
        item_class: child(about, "itemClass")
            .and_then(code)
            .map(|code| words::tail(code).to_owned()),
        first_created_at: time(about, "firstCreated"),
        version_created_at: time(about, "versionCreated"),
        content_created_at: time(content, "contentCreated"),
        expires_at: time(about, "expires"),
        embargoed_until,
        provider: child(about, "provider").and_then(|party| self::party(party, lang)),
        sources: children(content, "infoSource")
            .filter_map(|source| party(source, lang))
            .collect(),
        contributors: children(content, "contributor")
            .filter_map(|party| self::party(party, lang))
            .collect(),
        slugline: child(content, "slugline").and_then(Element::line),
        located: child(content, "located").and_then(|place| party(place, lang)?.name),
        dateline: child(content, "dateline").and_then(Element::line),
        genres: children(content, "genre")
            .filter_map(|genre| term(genre, TermKind::Genre, lang))
            .collect(),
        url: children(about, "link")
            .filter(|link| {
                link.attribute("rel")
                    .is_some_and(|rel| matches!(words::tail(rel), "canonical" | "alternate"))
            })
            .find_map(|link| words::web(link.attribute("href")?)),
        ed_note: child(about, "edNote").and_then(Element::line),
        signals: children(about, "signal")
            .filter_map(|signal| words::line(code(signal)?))
            .collect(),
        digital_source_type: child(content, "digitalSourceType")
            .and_then(|kind| words::line(code(kind)?)),
        ..WireItem::default()
    };
    item.language = language.clone();
    for keyword in children(content, "keyword") {
        words::add(&mut item.keywords, keyword.line());
    }
    headlines(&mut item, about, content);
    subjects(&mut item, content, lang);
    people(&mut item, content, lang);
    rights(&mut item, element, index, gather, lang);
    newsml_content::contents(&mut item, element, index, gather);
    Ok(item)
}

/// A code in whichever way it is written.
fn code(element: &Element) -> Option<&str> {
    ["qcode", "uri", "literal"]
        .into_iter()
        .find_map(|key| element.attribute(key))
}

/// The name in the item's language, or the first one.
fn name(element: &Element, lang: Option<&str>) -> Option<String> {
    element
        .all(Space::Newsml, "name")
        .find(|name| lang.is_some() && name.attribute("xml:lang") == lang)
        .or_else(|| element.first(Space::Newsml, "name"))
        .and_then(Element::line)
}

fn party(element: &Element, lang: Option<&str>) -> Option<Party> {
    let party = Party {
        name: name(element, lang).or_else(|| words::line(element.attribute("literal")?)),
        uri: element
            .attribute("uri")
            .or_else(|| element.attribute("qcode"))
            .and_then(words::line),
        role: element.attribute("role").and_then(words::line),
    };
    (party.name.is_some() || party.uri.is_some()).then_some(party)
}

fn term(element: &Element, kind: TermKind, lang: Option<&str>) -> Option<Term> {
    let term = Term {
        kind,
        name: name(element, lang),
        uri: element.attribute("uri").and_then(words::line),
        code: element
            .attribute("qcode")
            .or_else(|| element.attribute("literal"))
            .and_then(words::line),
        scheme: None,
        rel: element.attribute("rel").and_then(words::line),
    };
    (term.name.is_some() || term.uri.is_some() || term.code.is_some()).then_some(term)
}

fn headlines(item: &mut WireItem, about: Option<&Element>, content: Option<&Element>) {
    let is_sub = |line: &&Element| line.attribute("role").is_some_and(words::is_subtitle);
    let title = children(content, "headline")
        .find(|line| !is_sub(line))
        .or_else(|| child(about, "title"));
    item.original_title = title
        .map(Element::text)
        .filter(|text| !text.trim().is_empty());
    item.title = item.original_title.as_deref().and_then(words::line);
    item.subtitle = children(content, "headline")
        .find(is_sub)
        .and_then(Element::line);
    item.summary = children(content, "description")
        .find(|text| role_is(text, "summary"))
        .or_else(|| child(content, "description"))
        .and_then(Element::line)
        .map(Body::Text);
}

fn role_is(element: &Element, role: &str) -> bool {
    element
        .attribute("role")
        .is_some_and(|given| words::tail(given).eq_ignore_ascii_case(role))
}

fn subjects(item: &mut WireItem, content: Option<&Element>, lang: Option<&str>) {
    for subject in children(content, "subject") {
        let kind = subject
            .attribute("type")
            .or_else(|| subject.attribute("typeuri"));
        let kind = match kind.map(words::tail).unwrap_or_default() {
            "person" => TermKind::Person,
            "organisation" | "organization" => TermKind::Organisation,
            "geoArea" | "poi" | "place" | "city" | "country" => TermKind::Place,
            "event" => TermKind::Event,
            "object" => TermKind::Object,
            _ => TermKind::Subject,
        };
        let Some(term) = term(subject, kind, lang) else {
            continue;
        };
        if kind == TermKind::Place {
            item.places.push(term);
        } else {
            item.subjects.push(term);
        }
    }
}

/// The byline; without one the creators who are no organisation, and failing them the contributors.
fn people(item: &mut WireItem, content: Option<&Element>, lang: Option<&str>) {
    for by in children(content, "by") {
        words::add(&mut item.authors, by.line());
    }
    let named_by = !item.authors.is_empty();
    for creator in children(content, "creator") {
        let kind = creator
            .attribute("type")
            .or_else(|| creator.attribute("typeuri"));
        let Some(mut party) = party(creator, lang) else {
            continue;
        };
        if matches!(
            kind.map(words::tail),
            Some("organisation" | "organization" | "org")
        ) {
            party.role.get_or_insert_with(|| "creator".to_owned());
            item.sources.push(party);
        } else if !named_by {
            words::add(&mut item.authors, party.name);
        }
    }
    if item.authors.is_empty() {
        for party in &item.contributors {
            words::add(&mut item.authors, party.name.clone());
        }
    }
}

fn rights(
    item: &mut WireItem,
    element: &Element,
    index: usize,
    gather: &mut Gather,
    lang: Option<&str>,
) {
    let mut notices = Vec::new();
    let mut terms = Vec::new();
    for info in element.all(Space::Newsml, "rightsInfo") {
        let info = Some(info);
        if item.copyright_holder.is_none() {
            item.copyright_holder =
                child(info, "copyrightHolder").and_then(|holder| party(holder, lang));
        }
        for (name, lines) in [
            ("copyrightNotice", &mut notices),
            ("usageTerms", &mut terms),
        ] {
            for text in children(info, name) {
                words::add(lines, text.line());
                words::add(
                    &mut item.rights_links,
                    text.attribute("href").and_then(words::web),
                );
            }
        }
        for link in children(info, "link") {
            words::add(
                &mut item.rights_links,
                link.attribute("href").and_then(words::web),
            );
        }
        // Of several ends the first one counts.
        let until = info.and_then(|info| info.attribute("validto"));
        let until = gather.time(index, "rightsInfo validto", until);
        item.rights_expire_at = [item.rights_expire_at, until].into_iter().flatten().min();
    }
    let joined = |lines: Vec<String>| (!lines.is_empty()).then(|| lines.join("\n"));
    item.copyright_notice = joined(notices);
    item.usage_terms = joined(terms);
}
