//! Every format and version, field by field; what is canceled, embargoed, broken or too much.

mod bounds;
mod feeds;
mod newsml;
mod ninjs;

use chrono::{DateTime, Utc};

use super::{Format, Party, Wire, WireItem, parse};

fn wire(text: &str) -> Wire {
    parse(text.as_bytes(), None).unwrap()
}

/// The only item of a document, which has no faults.
fn one(text: &str) -> WireItem {
    let mut wire = wire(text);
    assert_eq!(wire.faults, [], "{text}");
    assert_eq!(wire.items.len(), 1, "{text}");
    wire.items.remove(0)
}

fn at(text: &str) -> Option<DateTime<Utc>> {
    Some(text.parse().unwrap())
}

fn party(name: &str, uri: &str) -> Party {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Party {
        name: some(name),
        uri: some(uri),
        role: None,
    }
}

#[test]
fn documents_say_what_they_are() {
    for (text, format) in [
        (r#"{"uri":"urn:a"}"#, Format::Ninjs),
        (r#" {"items":[{"uri":"urn:a"}]}"#, Format::Ninjs),
        (r#"[{"uri":"urn:a"}]"#, Format::Ninjs),
        (
            r#"{"version":"https://jsonfeed.org/version/1.1","title":"t","items":[{"id":"a"}]}"#,
            Format::Feed,
        ),
        (
            "\u{feff}<?xml version='1.0'?><rss version='2.0'><channel><item><guid>a</guid></item></channel></rss>",
            Format::Feed,
        ),
        (
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>a</id></entry></feed>",
            Format::Feed,
        ),
        (
            "<n:newsItem xmlns:n='http://iptc.org/std/nar/2006-10-01/' guid='a'/>",
            Format::NewsmlG2,
        ),
    ] {
        for declared in [None, Some(format)] {
            let wire = parse(text.as_bytes(), declared).unwrap();
            assert_eq!((wire.format, wire.items.len()), (format, 1), "{text}");
        }
    }
}
