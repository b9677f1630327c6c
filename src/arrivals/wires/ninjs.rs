//! ninjs 1.0 to 1.x, 2.x and 3.x. Source: the JSON schemas of the IPTC for each version; fields that
//! agencies add beside them (`keywords`, `source`, `dateline`, `url`) are read where they are plain.
//!
//! Must not follow associations into further articles. Start with [`read`].

use std::cmp::Reverse;

use serde_json::Value;

use super::gather::Gather;
use super::item::{
    Body, FaultKind, Image, MAX_IMAGES, StatedDigest, Status, TermKind, Warning, WireItem,
};
use super::ninjs_fields::Fields;
use super::words;

/// Types of objects that are no news yet.
const PLANS: &[&str] = &["event", "planning"];

/// Bodies that accompany an article, but aren't it.
const BESIDE_THE_BODY: &[&str] = &[
    "caption",
    "shotlist",
    "script",
    "storyline",
    "teaser",
    "summary",
    "abstract",
    "intro",
    "ednote",
];

pub(super) fn is_ninjs(document: &Value) -> bool {
    match document {
        Value::Array(list) => list.first().is_some_and(is_ninjs),
        Value::Object(object) => ["uri", "guid", "items"]
            .iter()
            .any(|key| object.contains_key(*key)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

pub(super) fn read(document: &Value, gather: &mut Gather) {
    match document {
        Value::Array(list) => list.iter().for_each(|value| put(value, gather)),
        Value::Object(object) => match object.get("items") {
            Some(Value::Array(list)) => list.iter().for_each(|value| put(value, gather)),
            _ => put(document, gather),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn put(value: &Value, gather: &mut Gather) {
    let fields = Fields::of(value);
    if let Some(plan) = fields
        .as_ref()
        .and_then(|fields| fields.text("type"))
        .filter(|kind| PLANS.contains(kind))
    {
        return gather.skip(plan);
    }
    let Some(index) = gather.next() else {
        return;
    };
    let Some(fields) = fields else {
        return gather.fault(index, None, FaultKind::NotAnObject);
    };
    let guid = fields.first_line(&["uri", "guid"]).unwrap_or_default();
    let item = item(&fields, &guid, index, gather);
    gather.put(index, item, &guid);
}

/// The embargo as text: `null` and an absent field are none, anything but text can't be read.
fn embargo(fields: &Fields<'_>) -> Option<String> {
    match fields.get("embargoed")? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Some(other.to_string())
        }
    }
}

/// The status, which is text; anything else is as unknown as an unknown word.
fn status(fields: &Fields<'_>, index: usize, gather: &mut Gather) -> Status {
    match fields.get("pubstatus") {
        None | Some(Value::Null) => Status::Usable,
        Some(Value::String(word)) => gather.status(index, Some(word)),
        Some(other) => gather.status(index, Some(&other.to_string())),
    }
}

fn item(
    fields: &Fields<'_>,
    guid: &str,
    index: usize,
    gather: &mut Gather,
) -> Result<WireItem, FaultKind> {
    let mut status = status(fields, index, gather);
    let embargoed_until = gather.embargo(index, embargo(fields).as_deref(), &mut status)?;
    let mut time = |name: &'static str| gather.time(index, name, fields.text(name));
    let mut item = WireItem {
        guid: guid.to_owned(),
        version: fields.scalar("version"),
        status,
        item_class: fields.line("type"),
        language: fields.line("language"),
        slugline: fields.line("slugline"),
        copyright_holder: fields.get("copyrightholder").and_then(Fields::party),
        copyright_notice: fields.line("copyrightnotice"),
        usage_terms: fields.line("usageterms"),
        published_at: time("firstpublished").or_else(|| time("published")),
        first_created_at: time("firstcreated"),
        version_created_at: time("versioncreated"),
        content_created_at: time("contentcreated"),
        embargoed_until,
        expires_at: time("expires"),
        url: ["canonicalurl", "url", "link"]
            .iter()
            .find_map(|name| words::web(fields.text(name)?)),
        genres: fields.terms("genre", "genres", TermKind::Genre),
        places: fields.terms("place", "places", TermKind::Place),
        located: fields.line("located"),
        dateline: fields.line("dateline"),
        ed_note: fields.line("ednote"),
        digital_source_type: fields.scalar("digitalsourcetype"),
        ..WireItem::default()
    };
    for (singular, plural, kind) in [
        ("subject", "subjects", TermKind::Subject),
        ("person", "people", TermKind::Person),
        ("organisation", "organisations", TermKind::Organisation),
        ("event", "events", TermKind::Event),
        ("object", "objects", TermKind::Object),
    ] {
        item.subjects.extend(fields.terms(singular, plural, kind));
    }
    for (_, keyword) in fields.each("keywords") {
        words::add(&mut item.keywords, keyword.as_str().and_then(words::line));
    }
    parties(&mut item, fields);
    rights(&mut item, fields, index, gather);
    texts(&mut item, fields);
    pictures(&mut item, fields, index, gather);
    Ok(item)
}

/// Who wrote it, who sends it, whom it comes from.
fn parties(item: &mut WireItem, fields: &Fields<'_>) {
    words::add(&mut item.authors, fields.first_line(&["by", "byline"]));
    let by_role = |role: &str| -> Vec<String> {
        item.subjects
            .iter()
            .filter(|term| term.kind == TermKind::Person)
            .filter(|term| {
                term.rel
                    .as_deref()
                    .is_some_and(|rel| words::tail(rel).eq_ignore_ascii_case(role))
            })
            .filter_map(|term| term.name.clone())
            .collect()
    };
    if item.authors.is_empty() {
        for name in ["author", "creator", "contributor"].map(by_role).concat() {
            words::add(&mut item.authors, Some(name));
        }
    }
    for (singular, plural) in [("infosource", "infosources"), ("source", "sources")] {
        for name in [plural, singular] {
            match fields.get(name) {
                Some(value @ Value::String(_)) => item.sources.extend(Fields::party(value)),
                _ => item.sources.extend(
                    fields
                        .each(name)
                        .into_iter()
                        .filter_map(|(_, value)| Fields::party(value)),
                ),
            }
        }
    }
    item.provider = fields
        .get("provider")
        .and_then(Fields::party)
        .or_else(|| organisation(fields, "provider"));
    item.sources.extend(organisation(fields, "source"));
}

fn organisation(fields: &Fields<'_>, role: &str) -> Option<super::Party> {
    ["organisations", "organisation"]
        .iter()
        .flat_map(|name| fields.each(name))
        .filter_map(|(_, value)| Fields::party(value))
        .find(|party| {
            party
                .role
                .as_deref()
                .is_some_and(|given| words::tail(given).eq_ignore_ascii_case(role))
        })
}

fn rights(item: &mut WireItem, fields: &Fields<'_>, index: usize, gather: &mut Gather) {
    if let Some(info) = fields.get("rightsinfo").and_then(Fields::of) {
        words::add(
            &mut item.rights_links,
            info.text("linkedrights").and_then(words::web),
        );
    }
    item.rights_expire_at = gather.time(index, "rightsexpires", fields.text("rightsexpires"));
}

/// One of several texts of a kind: a headline, a description, a body.
struct Spoken<'v> {
    role: String,
    /// A media type, or the word that stands for it in ninjs 1.x: `html`, `xhtml`.
    kind: String,
    text: &'v str,
    words: u64,
}

/// The texts of one kind: those of the list `headlines` and its like, or the fields of ninjs 1.x
/// whose names end in the role or the type.
fn spoken<'v>(fields: &Fields<'v>, plural: &str, prefix: &str) -> Vec<Spoken<'v>> {
    let listed = fields.each(plural).into_iter().filter_map(|(_, value)| {
        let fields = Fields::of(value)?;
        let kind = fields.first_line(&["contenttype", "mimetype"]);
        let words = fields.get("wordcount").and_then(Value::as_u64);
        Some(Spoken {
            role: fields.line("role").unwrap_or_default(),
            kind: kind.unwrap_or_default(),
            text: fields.text("value")?,
            words: words.unwrap_or_default(),
        })
    });
    // `body_html` tells the type, `body_caption` the role; each is looked for in both places.
    let named = fields.prefixed(prefix).into_iter().map(|(rest, text)| {
        let kind = if rest == "text" { "text/plain" } else { rest };
        Spoken {
            role: rest.to_owned(),
            kind: kind.to_owned(),
            text,
            words: 0,
        }
    });
    listed.chain(named).collect()
}

fn texts(item: &mut WireItem, fields: &Fields<'_>) {
    let headlines = spoken(fields, "headlines", "headline_");
    let main = fields.text("headline").or_else(|| {
        headlines
            .iter()
            .find(|line| matches!(words::tail(&line.role), "main" | "headline"))
            .or_else(|| {
                headlines
                    .iter()
                    .find(|line| !words::is_subtitle(&line.role))
            })
            .map(|line| line.text)
    });
    item.original_title = main.or_else(|| fields.text("title")).map(str::to_owned);
    item.title = item.original_title.as_deref().and_then(words::marked_line);
    item.subtitle = headlines
        .iter()
        .find(|line| words::is_subtitle(&line.role))
        .and_then(|line| words::marked_line(line.text));

    item.summary = spoken(fields, "descriptions", "description_")
        .iter()
        .min_by_key(|said| {
            let role = words::tail(&said.role).to_ascii_lowercase();
            let fit = match role.as_str() {
                "summary" | "abstract" | "main" => 0,
                "caption" => 2,
                _ => 1,
            };
            (fit, !said.kind.contains("plain"))
        })
        .and_then(|said| words::body(said.text, &said.kind));

    // HTML before text; among equals the longest by its count of words, then XHTML, then the first.
    item.body = spoken(fields, "bodies", "body_")
        .iter()
        .filter_map(|said| {
            let body = words::body(said.text, &said.kind)?;
            let role = words::tail(&said.role).to_ascii_lowercase();
            let beside = BESIDE_THE_BODY.contains(&role.as_str());
            let is_text = matches!(body, Body::Text(_));
            let is_xhtml = said.kind.contains("xhtml");
            Some(((beside, is_text, Reverse(said.words), !is_xhtml), body))
        })
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, body)| body);
}

/// Associated pictures, and the item's own files when it is a picture itself.
fn pictures(item: &mut WireItem, fields: &Fields<'_>, index: usize, gather: &mut Gather) {
    for value in fields.each("renditions") {
        if let Some(file) = Fields::of(value.1)
            && let Some(digest) = file.line("digest")
        {
            item.digests.push(StatedDigest {
                algorithm: None,
                value: digest,
                of: file.line("href"),
            });
        }
    }
    if fields.text("type").is_some() && is_picture(fields) && item.status == Status::Usable {
        item.images.extend(image(fields, item.embargoed_until));
    }
    for (_, value) in fields.each("associations").into_iter().take(MAX_IMAGES) {
        let Some(picture) = Fields::of(value).filter(is_picture) else {
            continue;
        };
        let mut usable = status(&picture, index, gather);
        let until = gather.embargo(index, embargo(&picture).as_deref(), &mut usable);
        match until {
            Ok(until) if usable == Status::Usable => item.images.extend(image(&picture, until)),
            _ => gather.warn(Warning::ImageLeftOut { index }),
        }
    }
}

fn is_picture(fields: &Fields<'_>) -> bool {
    match fields.text("type") {
        Some(kind) => matches!(kind, "picture" | "graphic"),
        None => fields.renditions().iter().any(|file| {
            file.content_type
                .as_deref()
                .is_some_and(|kind| kind.starts_with("image/"))
        }),
    }
}

fn image(
    fields: &Fields<'_>,
    embargoed_until: Option<chrono::DateTime<chrono::Utc>>,
) -> Option<Image> {
    let renditions = fields.renditions();
    if renditions.is_empty() {
        return None;
    }
    let captions = spoken(fields, "descriptions", "description_");
    let caption = captions
        .iter()
        .find(|said| words::tail(&said.role) == "caption")
        .or_else(|| captions.first())
        .and_then(|said| words::line(said.text));
    let holder = fields.get("copyrightholder").and_then(Fields::party);
    Some(Image {
        guid: fields.first_line(&["uri", "guid"]),
        caption: caption.or_else(|| fields.first_line(&["headline", "title"])),
        credit: fields.first_line(&["creditline", "credit", "by", "byline"]),
        copyright_holder: holder.and_then(|party| party.name),
        copyright_notice: fields.line("copyrightnotice"),
        usage_terms: fields.line("usageterms"),
        embargoed_until,
        renditions,
    })
}
