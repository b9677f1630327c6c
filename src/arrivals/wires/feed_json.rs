//! JSON Feed 1.0 and 1.1.
//!
//! Must not lose a feed for one wrong item. Start with [`read`].

use serde_json::Value;

use super::WireError;
use super::feed::{Channel, stamp};
use super::gather::Gather;
use super::item::{Body, FaultKind, Image, Rendition, WireItem};
use super::ninjs_fields::Fields;
use super::words;

/// Whether the document says that it is a JSON Feed.
pub(super) fn is_feed(document: &Value) -> bool {
    document
        .get("version")
        .and_then(Value::as_str)
        .is_some_and(|version| version.contains("jsonfeed.org/version/"))
}

pub(super) fn read(document: &Value, gather: &mut Gather) -> Result<(), WireError> {
    let fields = Fields::of(document)
        .filter(|_| is_feed(document))
        .ok_or(WireError::NotAWire)?;
    let channel = Channel {
        title: fields.line("title"),
        url: fields.text("home_page_url").and_then(words::web),
        language: fields.line("language"),
        rights: None,
        authors: authors(&fields),
    };
    for (_, value) in fields.each("items") {
        let Some(index) = gather.next() else {
            continue;
        };
        let Some(entry) = Fields::of(value) else {
            gather.fault(index, None, FaultKind::NotAnObject);
            continue;
        };
        let mut item = item(&entry, index, gather);
        channel.complete(&mut item);
        gather.put(index, Ok(item), "");
    }
    Ok(())
}

fn authors(fields: &Fields<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for author in fields.objects("author", "authors") {
        words::add(&mut names, author.line("name"));
    }
    names
}

fn item(entry: &Fields<'_>, index: usize, gather: &mut Gather) -> WireItem {
    let mut time = |name: &'static str| gather.time(index, name, entry.text(name));
    let published_at = time("date_published");
    let version_created_at = time("date_modified").or(published_at);
    let web = |name: &str| entry.text(name).and_then(words::web);
    let html = entry.text("content_html").and_then(words::block);
    let text = entry.text("content_text").and_then(words::block);
    let summary = entry.text("summary").and_then(words::block);
    let mut item = WireItem {
        guid: entry
            .scalar("id")
            .or_else(|| web("url"))
            .unwrap_or_default(),
        version: version_created_at.map(stamp),
        published_at,
        version_created_at,
        title: entry.line("title"),
        original_title: entry.text("title").map(str::to_owned),
        language: entry.line("language"),
        authors: authors(entry),
        url: web("url").or_else(|| web("external_url")),
        summary: summary.map(Body::Text),
        body: html.map(Body::Html).or(text.map(Body::Text)),
        ..WireItem::default()
    };
    if item.body.is_none() && item.summary.is_some() {
        item.body.clone_from(&item.summary);
        item.body_is_summary = true;
    }
    for (_, tag) in entry.each("tags") {
        words::add(&mut item.keywords, tag.as_str().and_then(words::line));
    }
    let attached = entry
        .objects("attachment", "attachments")
        .into_iter()
        .filter(|file| {
            file.text("mime_type")
                .is_some_and(|kind| kind.starts_with("image/"))
        })
        .filter_map(|file| {
            let href = words::web(file.text("url")?)?;
            Some((href, file.line("mime_type"), file.line("title")))
        });
    let shown = web("image").map(|href| (href, None, None));
    for (href, content_type, caption) in shown.into_iter().chain(attached) {
        item.images.push(Image {
            caption,
            renditions: vec![Rendition {
                href,
                content_type,
                ..Rendition::default()
            }],
            ..Image::default()
        });
    }
    item
}
