//! What a news item of NewsML-G2 carries: inlined text, files and their checksums.
//!
//! Must not clean markup, nor fetch a file. Start with [`contents`].

use super::gather::Gather;
use super::item::{Body, Image, Rendition, StatedDigest, Status, Warning, WireItem};
use super::newsml::{child, children};
use super::xml::{Element, Space};
use super::{nitf, words};

/// The words by which inlined markup is known for an article.
const ARTICLE_ROOTS: &[&str] = &["nitf", "html", "body", "div", "section", "article", "p"];

/// Takes the richest text of an item, its pictures and its checksums.
pub(super) fn contents(item: &mut WireItem, element: &Element, index: usize, gather: &mut Gather) {
    for hash in children(child(Some(element), "itemMeta"), "hash") {
        item.digests.extend(digest(hash, None));
    }
    let set = child(Some(element), "contentSet");
    let mut unread = None;
    for inline in children(set, "inlineXML") {
        match inline.elements().next() {
            Some(root) if is_article(root) => {
                from_nitf(item, root);
                let body = root
                    .find("body.content")
                    .or_else(|| root.find("body"))
                    .unwrap_or(if root.name == "body" { root } else { inline });
                item.body = nitf::html(body).map(Body::Html);
            }
            Some(root) => {
                unread = Some(inline.attribute("contenttype").unwrap_or(&root.name));
            }
            None => {}
        }
        if item.body.is_some() {
            break;
        }
    }
    for inline in children(set, "inlineData") {
        if matches!(item.body, Some(Body::Html(_))) {
            break;
        }
        let kind = inline.attribute("contenttype").unwrap_or_default();
        if inline.attribute("encoding").is_some() {
            unread = Some(kind);
            continue;
        }
        let body = words::body(&inline.text(), kind);
        if item.body.is_none() || matches!(body, Some(Body::Html(_))) {
            item.body = body;
        }
    }
    if let Some(what) = unread.filter(|_| item.body.is_none()) {
        let what = words::short(what);
        gather.warn(Warning::UnreadContent { index, what });
    }
    remote(item, set);
}

fn is_article(root: &Element) -> bool {
    matches!(root.space, Space::Nitf | Space::Xhtml) || ARTICLE_ROOTS.contains(&root.name.as_str())
}

/// What only the NITF inside says: byline, dateline, pictures.
fn from_nitf(item: &mut WireItem, root: &Element) {
    let Some(body) = root.find("body.head").map(|_| root) else {
        return from_nitf_media(item, root);
    };
    if item.authors.is_empty()
        && let Some(byline) = body.find("byline")
    {
        let people: Vec<_> = byline.elements().filter(|e| e.name == "person").collect();
        for person in &people {
            words::add(&mut item.authors, person.line());
        }
        if people.is_empty() {
            words::add(&mut item.authors, byline.line());
        }
    }
    if item.dateline.is_none() {
        item.dateline = body.find("dateline").and_then(Element::line);
    }
    from_nitf_media(item, root);
}

fn from_nitf_media(item: &mut WireItem, root: &Element) {
    let Some(content) = root.find("body.content") else {
        return;
    };
    for media in content.elements().filter(|e| e.name == "media") {
        let renditions: Vec<_> = media
            .elements()
            .filter(|e| e.name == "media-reference")
            .filter_map(|file| {
                Some(Rendition {
                    href: words::line(file.attribute("source")?)?,
                    content_type: file.attribute("mime-type").and_then(words::line),
                    width: size(file, "width"),
                    height: size(file, "height"),
                    name: None,
                })
            })
            .collect();
        if media.attribute("media-type") == Some("image") && !renditions.is_empty() {
            let line = |name: &str| media.elements().find(|e| e.name == name)?.line();
            item.images.push(Image {
                caption: line("media-caption"),
                credit: line("media-producer"),
                renditions,
                ..Image::default()
            });
        }
    }
}

fn size(element: &Element, name: &str) -> Option<u32> {
    element.attribute(name)?.trim().parse().ok()
}

/// The files of an item; those of a picture make one image.
fn remote(item: &mut WireItem, set: Option<&Element>) {
    let mut renditions = Vec::new();
    for file in children(set, "remoteContent") {
        let Some(href) = file.attribute("href").and_then(words::line) else {
            continue;
        };
        for hash in file.all(Space::Newsml, "hash") {
            item.digests.extend(digest(hash, Some(&href)));
        }
        let content_type = file.attribute("contenttype").and_then(words::line);
        let is_image = content_type
            .as_deref()
            .is_some_and(|kind| kind.starts_with("image/"));
        if is_image || item.item_class.as_deref() == Some("picture") {
            renditions.push(Rendition {
                name: file.attribute("rendition").and_then(words::line),
                href,
                content_type,
                width: size(file, "width"),
                height: size(file, "height"),
            });
        }
    }
    if renditions.is_empty() || item.status != Status::Usable {
        return;
    }
    // What is said of the item is said of its picture only when it is one.
    let is_picture = item.item_class.as_deref() == Some("picture");
    let own = is_picture.then_some(&*item);
    let image = Image {
        caption: own.and_then(|item| match &item.summary {
            Some(Body::Html(text) | Body::Text(text)) => Some(text.clone()),
            None => None,
        }),
        credit: own.and_then(|item| item.authors.first().cloned()),
        copyright_holder: own.and_then(|item| item.copyright_holder.as_ref()?.name.clone()),
        copyright_notice: item.copyright_notice.clone(),
        usage_terms: item.usage_terms.clone(),
        embargoed_until: item.embargoed_until,
        renditions,
        guid: None,
    };
    item.images.push(image);
}

fn digest(hash: &Element, of: Option<&str>) -> Option<StatedDigest> {
    Some(StatedDigest {
        algorithm: hash
            .attribute("hashtype")
            .or_else(|| hash.attribute("hashtypeuri"))
            .and_then(words::line),
        value: hash.line()?,
        of: of.map(str::to_owned),
    })
}
