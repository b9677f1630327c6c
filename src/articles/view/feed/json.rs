//! JSON Feed 1.1. `_masthead` has the attribution as the API gives it.

use serde_json::{Value, json};

use super::{EntryView, FeedReply};
use crate::articles::view::representation::lean;
use crate::rights::Deliverable;

pub(super) fn feed(feed: &FeedReply) -> Value {
    let pages = feed.pages();
    let page = |wanted: &str| {
        pages
            .iter()
            .find(|(rel, _)| *rel == wanted)
            .map(|(_, url)| url)
    };
    let mut whole = lean(json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title(),
        "description": feed.description(),
        "home_page_url": feed.home(),
        "feed_url": page("self"),
        "next_url": page("next"),
        "language": feed.head.language,
        "authors": [{"name": feed.head.site_name, "url": feed.head.base_url}],
    }));
    whole["items"] = feed.entries.iter().map(item).collect();
    whole
}

fn item(work: &Deliverable<EntryView>) -> Value {
    let (entry, credit) = (work.alone(), work.attribution());
    let original = credit.original.as_ref();
    let authors = credit.names().iter().map(|name| json!({"name": name}));
    let mut item = lean(json!({
        "id": entry.id,
        "url": credit.canonical_url,
        "external_url": original.and_then(|one| one.url.as_ref()),
        "title": entry.title,
        "summary": entry.summary,
        "content_html": entry.html,
        // One of the two has to be there.
        "content_text": entry.html.is_none().then_some(&entry.summary),
        "date_published": entry.published_at,
        "date_modified": entry.updated_at,
        "authors": authors.collect::<Vec<_>>(),
        "tags": entry.categories,
        "language": entry.language,
    }));
    item["_masthead"] = json!(credit);
    item
}
