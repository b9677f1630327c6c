use proptest::prelude::*;

use super::super::xml::MAX_DEPTH;
use super::super::{FaultKind, Format, MAX_BYTES, MAX_ITEMS, Warning, WireError, parse};
use super::wire;

const NS: &str = "xmlns='http://iptc.org/std/nar/2006-10-01/'";

#[test]
fn documents_that_are_none_are_refused() {
    for (text, error) in [
        ("", WireError::Empty),
        (" \n\u{feff}", WireError::NotAWire),
        ("\u{feff} ", WireError::Empty),
        ("news", WireError::NotAWire),
        ("{}", WireError::NotAWire),
        ("[]", WireError::NotAWire),
        ("<html/>", WireError::NotAWire),
        ("<!-- only -->", WireError::NotAWire),
        (r#"{"items":[]}"#, WireError::NoItems),
        ("<rss version='2.0'><channel/></rss>", WireError::NoItems),
    ] {
        assert_eq!(parse(text.as_bytes(), None), Err(error), "{text:?}");
    }
    let error = parse(b"{\n \"uri\": nope}", None).unwrap_err();
    assert!(
        matches!(error, WireError::Malformed { at: 10 | 11, .. }),
        "{error:?}"
    );
    let error = parse(&vec![b' '; MAX_BYTES + 1], None);
    assert_eq!(
        error,
        Err(WireError::TooLong {
            bytes: MAX_BYTES + 1
        })
    );
}

#[test]
fn depth_is_bounded() {
    for text in [
        "[".repeat(100_000),
        format!("<newsItem {NS} guid='a'>{}", "<a>".repeat(100_000)),
        format!("<rss><channel><item>{}", "<a>".repeat(100_000)),
        format!("<newsMessage {NS}>{}", "<itemSet>".repeat(1_000)),
    ] {
        let error = parse(text.as_bytes(), None);
        assert!(matches!(error, Err(WireError::TooDeep { .. })), "{error:?}");
    }
    let deep = MAX_DEPTH - 3;
    let text = format!(
        "<newsItem {NS} guid='a'><contentSet><inlineXML>{}x{}</inlineXML></contentSet></newsItem>",
        "<div>".repeat(deep),
        "</div>".repeat(deep)
    );
    assert_eq!(wire(&text).items.len(), 1);
}

#[test]
fn items_beyond_the_limit_are_counted() {
    let many = MAX_ITEMS + 5;
    let items = |one: &dyn Fn(usize) -> String, between: &str| {
        (0..many).map(one).collect::<Vec<_>>().join(between)
    };
    for text in [
        format!("[{}]", items(&|n| format!("{{\"uri\":\"{n}\"}}"), ",")),
        format!(
            "<rss><channel>{}</channel></rss>",
            items(&|n| format!("<item><guid>{n}</guid></item>"), "")
        ),
        format!(
            "<newsMessage {NS}><itemSet>{}</itemSet></newsMessage>",
            items(&|n| format!("<newsItem guid='{n}'/>"), "")
        ),
    ] {
        let wire = wire(&text);
        assert_eq!(wire.items.len(), MAX_ITEMS);
        assert_eq!(wire.warnings, [Warning::TooManyItems { left_out: 5 }]);
    }
}

#[test]
fn an_item_of_too_many_elements_is_a_fault() {
    let text = format!(
        "<newsMessage {NS}><itemSet><newsItem guid='a'>{}</newsItem><newsItem guid='b'/></itemSet></newsMessage>",
        "<a/>".repeat(250_000)
    );
    let wire = wire(&text);
    assert_eq!(wire.items[0].guid, "b");
    assert_eq!(wire.faults[0].kind, FaultKind::TooLarge);
    assert_eq!(wire.faults[0].guid.as_deref(), Some("a"));
}

const FIXTURES: &[&str] = &[
    r#"{"uri":"urn:a","version":"1","pubstatus":"canceled","embargoed":"2026-05-04T10:00:00Z","headline":"水库","by":"x","bodies":[{"contenttype":"application/nitf+xml","value":"<nitf><body.content><p>a</p></body.content></nitf>"}],"associations":{"a":{"type":"picture","renditions":{"r":{"href":"http://i.example/1"}}}}}"#,
    r#"{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"t","content_html":"<p>文</p>","date_published":"2026-05-04T10:00:00+08:00"}]}"#,
    r#"<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet><newsItem guid="a" version="2"><rightsInfo validto="2026-05-04T10:00:00Z"><usageTerms>&amp;&#x4e00;&odd;</usageTerms></rightsInfo><itemMeta><pubStatus qcode="stat:usable"/><embargoed>2026-05-04T10:00:00Z</embargoed></itemMeta><contentMeta><headline>桥</headline></contentMeta><contentSet><inlineXML><html xmlns="http://www.w3.org/1999/xhtml"><body><p a='b'>x<br/></p></body></html></inlineXML></contentSet></newsItem></itemSet></newsMessage>"#,
    r#"<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>新闻</title><item><guid>a</guid><author>李明（li@example.com）</author><pubDate>Mon, 04 May 2026 10:00:00 +0800</pubDate><description><![CDATA[<p>文</p>]]></description><media:content url="http://i.example/2" medium="image" duration="１２"/></item></channel></rss>"#,
    r#"<feed xmlns="http://www.w3.org/2005/Atom"><title type="html">&lt;b&gt;</title><entry><id>a</id><title type="html">&lt;b&gt;x</title><content type="xhtml"><div>x</div></content></entry></feed>"#,
];

fn mutate(text: &str, edits: &[(usize, u8, u8)]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for &(place, kind, byte) in edits {
        let place = place % bytes.len().max(1);
        match kind % 4 {
            0 if !bytes.is_empty() => bytes[place] = byte,
            1 => bytes.insert(place.min(bytes.len()), byte),
            2 if !bytes.is_empty() => {
                bytes.remove(place);
            }
            _ => {
                let tail = bytes[place.min(bytes.len())..].to_vec();
                bytes.extend(tail);
            }
        }
    }
    bytes
}

fn check(bytes: &[u8], declared: Option<Format>) {
    if let Ok(wire) = parse(bytes, declared) {
        for item in &wire.items {
            assert!(!item.guid.trim().is_empty());
            assert_eq!(item.digest.len(), 64);
        }
    }
}

fn declared() -> impl Strategy<Value = Option<Format>> {
    prop::sample::select(vec![
        None,
        Some(Format::Ninjs),
        Some(Format::Feed),
        Some(Format::NewsmlG2),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..512), declared in declared()) {
        check(&bytes, declared);
    }

    #[test]
    fn markup_like_text_is_survived(text in "[<>/&;\\[\\]!?\"'={}:,a-c0-2 一（@]{0,200}", declared in declared()) {
        check(text.as_bytes(), declared);
        check(format!("<rss><channel><item><guid>{text}").as_bytes(), declared);
        check(format!("<rss><channel><item><guid>a</guid><author>{text}</author></item></channel></rss>").as_bytes(), declared);
    }

    #[test]
    fn mutated_wires_are_survived(
        fixture in prop::sample::select(FIXTURES),
        edits in prop::collection::vec((any::<usize>(), any::<u8>(), any::<u8>()), 0..6),
        declared in declared(),
    ) {
        check(&mutate(fixture, &edits), declared);
    }
}
