//! Atom (RFC 4287), with the licence link of RFC 4946.

use atom_syndication::extension::Extension;
use atom_syndication::{Category, Content, Entry, Feed, Generator, Link, Person, Source, Text};

use serde_json::Error;

use super::{EntryView, FeedReply, TERMS, license, terms};
use crate::rights::{Attribution, Deliverable};

pub(super) fn feed(feed: &FeedReply) -> Result<Vec<u8>, Error> {
    let pages = feed.pages().into_iter();
    let pages = pages.map(|(rel, href)| link(rel, &href, "application/atom+xml"));
    let home = link("alternate", &feed.home(), "text/html");
    let entries = feed.entries.iter().map(|work| entry(feed, work));
    let entries = entries.collect::<Result<_, _>>()?;
    let atom = Feed {
        title: Text::plain(feed.title()),
        subtitle: Some(Text::plain(feed.description())),
        // One for all pages and whatever is asked of them: it does not change (RFC 4287, 4.2.6).
        id: feed.address(""),
        updated: feed.updated_at().fixed_offset(),
        authors: vec![person(&feed.head.site_name)],
        generator: Some(Generator {
            value: "Masthead".to_owned(),
            ..Generator::default()
        }),
        links: std::iter::once(home).chain(pages).collect(),
        rights: Some(Text::plain(format!("© {}", feed.head.copyright_holder))),
        namespaces: [(TERMS.0.to_owned(), TERMS.1.to_owned())].into(),
        entries,
        lang: Some(feed.head.language.as_str().to_owned()),
        ..Feed::default()
    };
    Ok(atom.to_string().into_bytes())
}

fn link(rel: &str, href: &str, media_type: &str) -> Link {
    Link {
        href: href.to_owned(),
        rel: rel.to_owned(),
        mime_type: (!media_type.is_empty()).then(|| media_type.to_owned()),
        ..Link::default()
    }
}

fn person(name: &str) -> Person {
    Person {
        name: name.to_owned(),
        ..Person::default()
    }
}

fn entry(feed: &FeedReply, work: &Deliverable<EntryView>) -> Result<Entry, Error> {
    let (entry, credit) = (work.alone(), work.attribution());
    let related = |rel: &str, url: &Option<String>| url.as_deref().map(|url| link(rel, url, ""));
    let original = credit.original.as_ref();
    let links = [
        Some(link("alternate", &credit.canonical_url, "text/html")),
        related("license", &license(feed, credit)),
        original.and_then(|one| related("via", &one.url)),
    ];
    Ok(Entry {
        title: Text::plain(entry.title.clone()),
        id: entry.id.clone(),
        updated: entry.updated_at.fixed_offset(),
        published: Some(entry.published_at.fixed_offset()),
        authors: authors(credit),
        contributors: credit.editor.iter().map(|name| person(name)).collect(),
        categories: entry.categories.iter().map(|name| category(name)).collect(),
        links: links.into_iter().flatten().collect(),
        rights: Some(Text::plain(format!(
            "{} {}",
            credit.copyright_notice(),
            credit.credit_line
        ))),
        extensions: terms(credit, element)?,
        source: original.map(|_| source(work)),
        summary: Some(Text::plain(entry.summary.clone())),
        content: entry.html.as_ref().map(|html| Content {
            value: Some(html.clone()),
            content_type: Some("html".to_owned()),
            lang: Some(entry.language.clone()),
            ..Content::default()
        }),
        ..Entry::default()
    })
}

fn element(name: String, text: String) -> Extension {
    Extension {
        name,
        value: Some(text),
        ..Extension::default()
    }
}

/// Who wrote it. An entry of nobody's would be of the feed's own author.
fn authors(credit: &Attribution) -> Vec<Person> {
    match credit.names() {
        [] => vec![person(&credit.source.name)],
        names => names.iter().map(|name| person(name)).collect(),
    }
}

/// The medium that a reprint is taken from, in the place of its feed.
fn source(work: &Deliverable<EntryView>) -> Source {
    let credit = work.attribution();
    let original = credit.original.as_ref();
    let of = original
        .and_then(|one| one.url.as_ref())
        .or(credit.source.url.as_ref());
    Source {
        title: Text::plain(credit.source.name.clone()),
        id: of.unwrap_or(&credit.canonical_url).clone(),
        updated: work.alone().published_at.fixed_offset(),
        rights: Some(Text::plain(credit.copyright_notice())),
        ..Source::default()
    }
}

fn category(name: &str) -> Category {
    Category {
        term: name.to_owned(),
        ..Category::default()
    }
}
