//! RSS 2.0, with Dublin Core for who wrote it, whose it is and where it comes from.

use ::rss::extension::Extension;
use ::rss::extension::atom::{AtomExtension, Link};
use ::rss::extension::dublincore::DublinCoreExtension;
use ::rss::{Category, Channel, Guid, Item, Source};

use serde_json::Error;

use super::{EntryView, FeedReply, TERMS, license, terms};
use crate::rights::Deliverable;

pub(super) fn feed(feed: &FeedReply) -> Result<Vec<u8>, Error> {
    let items = feed.entries.iter().map(|work| item(feed, work));
    let items = items.collect::<Result<_, _>>()?;
    let channel = Channel {
        title: feed.title(),
        link: feed.home(),
        description: feed.description(),
        language: Some(feed.head.language.as_str().to_owned()),
        copyright: Some(format!("© {}", feed.head.copyright_holder)),
        generator: Some("Masthead".to_owned()),
        last_build_date: Some(feed.updated_at().to_rfc2822()),
        atom_ext: Some(AtomExtension {
            links: feed.pages().into_iter().map(link).collect(),
        }),
        namespaces: [(TERMS.0.to_owned(), TERMS.1.to_owned())].into(),
        items,
        ..Channel::default()
    };
    Ok(channel.to_string().into_bytes())
}

fn link((rel, href): (&str, String)) -> Link {
    Link {
        href,
        rel: rel.to_owned(),
        mime_type: Some("application/rss+xml".to_owned()),
        ..Link::default()
    }
}

fn item(feed: &FeedReply, work: &Deliverable<EntryView>) -> Result<Item, Error> {
    let (entry, credit) = (work.alone(), work.attribution());
    let related = |rel: &str, href: &String| Link {
        href: href.clone(),
        rel: rel.to_owned(),
        ..Link::default()
    };
    let license = license(feed, credit);
    let license = license.iter().map(|url| related("license", url));
    let original = credit.original.iter().filter_map(|one| one.url.as_ref());
    let original = original.map(|url| related("via", url));
    let links: Vec<Link> = license.chain(original).collect();
    Ok(Item {
        title: Some(entry.title.clone()),
        link: Some(credit.canonical_url.clone()),
        guid: Some(Guid {
            value: entry.id.clone(),
            permalink: false,
        }),
        pub_date: Some(entry.published_at.to_rfc2822()),
        description: Some(marked_up(&entry.summary)),
        content: entry.html.clone(),
        categories: entry.categories.iter().map(|name| category(name)).collect(),
        // What RSS calls source is another feed: a source that has no address is in Dublin Core alone.
        source: credit.source.url.as_ref().map(|url| Source {
            url: url.clone(),
            title: Some(credit.source.name.clone()),
        }),
        extensions: terms(credit, element)?,
        atom_ext: (!links.is_empty()).then_some(AtomExtension { links }),
        dublin_core_ext: Some(DublinCoreExtension {
            creators: credit.names().to_vec(),
            contributors: credit.editor.iter().cloned().collect(),
            dates: vec![entry.updated_at.to_rfc3339()],
            languages: vec![entry.language.clone()],
            rights: vec![credit.copyright_notice()],
            sources: vec![credit.credit_line.clone()],
            ..DublinCoreExtension::default()
        }),
        ..Item::default()
    })
}

fn element(name: String, text: String) -> Extension {
    Extension {
        name,
        value: Some(text),
        ..Extension::default()
    }
}

/// A text as HTML, which is what descriptions are read as.
fn marked_up(text: &str) -> String {
    let lines = text.lines().map(html_escape::encode_text);
    lines.collect::<Vec<_>>().join("<br>\n")
}

fn category(name: &str) -> Category {
    Category {
        name: name.to_owned(),
        domain: None,
    }
}
