use super::super::{Body, FaultKind, Format, Status, TermKind, Warning, WireError, parse};
use super::{at, one, party, wire};

const NS: &str = "xmlns='http://iptc.org/std/nar/2006-10-01/'";

const FULL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="tag:northgate.example,2026:bridge-1" version="11"
    standard="NewsML-G2" standardversion="2.32" conformance="power" xml:lang="en-GB">
  <catalogRef href="http://catalog.northgate.example/1.xml"/>
  <rightsInfo validto="2027-01-01T00:00:00Z">
    <copyrightHolder uri="http://northgate.example/about"><name>Northgate Press &amp; Co</name></copyrightHolder>
    <copyrightNotice href="http://northgate.example/rights">
        Copyright 2026 Northgate,
        all rights reserved
    </copyrightNotice>
    <usageTerms>Not for use in Eastmark</usageTerms>
    <usageTerms>Credit is mandatory</usageTerms>
  </rightsInfo>
  <itemMeta>
    <itemClass qcode="ninat:text"/>
    <provider qcode="nprov:northgate"><name xml:lang="de">Nordtor</name><name xml:lang="en-GB">Northgate Press</name></provider>
    <versionCreated>2026-05-04T16:25:32-05:00</versionCreated>
    <firstCreated>2026-05-04T13:12:21-05:00</firstCreated>
    <embargoed>2026-05-05T12:00:00Z</embargoed>
    <expires>2026-07-01T00:00:00Z</expires>
    <pubStatus qcode="stat:usable"/>
    <title>bridge</title>
    <edNote>Note to editors: strictly embargoed.</edNote>
    <signal qcode="sig:update"/>
    <hash hashtype="hashtype:SHA-256">abc123</hash>
    <link rel="irel:canonical" href="https://northgate.example/n/bridge-1"/>
  </itemMeta>
  <contentMeta>
    <contentCreated>2026-05-04T11:12:00-05:00</contentCreated>
    <located qcode="city:1"><name>Harbour City</name></located>
    <creator uri="http://northgate.example/staff/mh"><name>Mara Holt</name></creator>
    <creator type="cpnat:organisation" qcode="org:9"><name>River Board</name></creator>
    <contributor role="crol:photographer"><name>Ivo Lund</name></contributor>
    <infoSource uri="http://police.example"><name>Harbour Police</name></infoSource>
    <language tag="en-GB"/>
    <genre qcode="genre:Current"><name>Current</name></genre>
    <keyword>bridge</keyword>
    <subject type="cpnat:abstract" qcode="medtop:20000419"><name xml:lang="en-GB">water</name></subject>
    <subject type="cpnat:person" qcode="p:1"><name>Ada Finch</name></subject>
    <subject type="cpnat:geoArea" qcode="g:1"><name>Eastmark</name></subject>
    <slugline separator="-">BRIDGE-COLLAPSE</slugline>
    <headline role="hl:main"> Old bridge
        falls </headline>
    <headline role="hl:subHeadline">Nobody hurt</headline>
    <dateline>HARBOUR CITY, May 4</dateline>
    <by>By Mara Holt in Harbour City</by>
    <description role="drol:caption">not this</description>
    <description role="drol:summary">The old bridge fell on Monday.</description>
  </contentMeta>
  <contentSet>
    <inlineData contenttype="text/plain">The bridge fell.</inlineData>
    <inlineXML contenttype="application/xhtml+xml">
      <x:html xmlns:x="http://www.w3.org/1999/xhtml"><x:head><x:title>t</x:title></x:head>
        <x:body><x:p class="a" x:b="c" onclick="x()">The &lt;old&gt; bridge<x:br/>fell.</x:p><x:script>evil()</x:script>
        <x:p>桥&nbsp;塌了。&unknown;</x:p></x:body></x:html>
    </inlineXML>
    <remoteContent rendition="rnd:web" href="http://img.northgate.example/b.jpg" contenttype="image/jpeg" width="640" height="480">
      <hash hashtype="md5">ff00</hash></remoteContent>
    <remoteContent href="http://v.northgate.example/b.mp4" contenttype="video/mp4"/>
  </contentSet>
</newsItem>"#;

#[test]
fn every_field_is_read() {
    let wire = wire(FULL);
    assert_eq!(wire.format, Format::NewsmlG2);
    let name = "unknown".to_owned();
    assert_eq!(wire.warnings, [Warning::UnknownEntity { name }]);
    let item = &wire.items[0];
    assert_eq!(item.guid, "tag:northgate.example,2026:bridge-1");
    assert_eq!(item.version.as_deref(), Some("11"));
    assert_eq!(item.status, Status::Usable);
    assert_eq!(item.item_class.as_deref(), Some("text"));
    assert_eq!(item.language.as_deref(), Some("en-GB"));
    assert_eq!(item.title.as_deref(), Some("Old bridge falls"));
    assert_eq!(
        item.original_title.as_deref(),
        Some(" Old bridge\n        falls ")
    );
    assert_eq!(item.subtitle.as_deref(), Some("Nobody hurt"));
    assert_eq!(item.slugline.as_deref(), Some("BRIDGE-COLLAPSE"));
    assert_eq!(item.authors, ["By Mara Holt in Harbour City"]);
    assert_eq!(item.contributors[0].name.as_deref(), Some("Ivo Lund"));
    assert_eq!(
        item.contributors[0].role.as_deref(),
        Some("crol:photographer")
    );
    assert_eq!(
        item.provider,
        Some(party("Northgate Press", "nprov:northgate"))
    );
    assert_eq!(
        item.sources[0],
        party("Harbour Police", "http://police.example")
    );
    assert_eq!(item.sources[1].name.as_deref(), Some("River Board"));
    assert_eq!(
        item.copyright_holder,
        Some(party(
            "Northgate Press & Co",
            "http://northgate.example/about"
        ))
    );
    assert_eq!(
        item.copyright_notice.as_deref(),
        Some("Copyright 2026 Northgate, all rights reserved")
    );
    assert_eq!(
        item.usage_terms.as_deref(),
        Some("Not for use in Eastmark\nCredit is mandatory")
    );
    assert_eq!(item.rights_links, ["http://northgate.example/rights"]);
    assert_eq!(item.published_at, None);
    assert_eq!(item.first_created_at, at("2026-05-04T18:12:21Z"));
    assert_eq!(item.version_created_at, at("2026-05-04T21:25:32Z"));
    assert_eq!(item.content_created_at, at("2026-05-04T16:12:00Z"));
    assert_eq!(item.embargoed_until, at("2026-05-05T12:00:00Z"));
    assert_eq!(item.expires_at, at("2026-07-01T00:00:00Z"));
    assert_eq!(item.rights_expire_at, at("2027-01-01T00:00:00Z"));
    assert_eq!(
        item.url.as_deref(),
        Some("https://northgate.example/n/bridge-1")
    );
    assert_eq!(item.genres[0].code.as_deref(), Some("genre:Current"));
    let subjects: Vec<_> = item
        .subjects
        .iter()
        .map(|term| (term.kind, term.name.as_deref().unwrap()))
        .collect();
    assert_eq!(
        subjects,
        [
            (TermKind::Subject, "water"),
            (TermKind::Person, "Ada Finch")
        ]
    );
    assert_eq!(item.places[0].name.as_deref(), Some("Eastmark"));
    assert_eq!(item.keywords, ["bridge"]);
    assert_eq!(item.located.as_deref(), Some("Harbour City"));
    assert_eq!(item.dateline.as_deref(), Some("HARBOUR CITY, May 4"));
    assert_eq!(
        item.summary,
        Some(Body::Text("The old bridge fell on Monday.".into()))
    );
    assert_eq!(
        item.ed_note.as_deref(),
        Some("Note to editors: strictly embargoed.")
    );
    assert_eq!(item.signals, ["sig:update"]);
    let Some(Body::Html(html)) = &item.body else {
        unreachable!("{:?}", item.body)
    };
    assert!(html.starts_with("<p class=\"a\">The &lt;old&gt; bridge<br>fell.</p>"));
    assert!(
        html.ends_with("<p>桥\u{a0}塌了。&amp;unknown;</p>"),
        "{html}"
    );
    assert!(!html.contains("evil"));
    let image = &item.images[0];
    assert_eq!(image.renditions.len(), 1);
    assert_eq!(
        image.renditions[0].href,
        "http://img.northgate.example/b.jpg"
    );
    assert_eq!(image.credit, None);
    let digests: Vec<_> = item
        .digests
        .iter()
        .map(|digest| (digest.value.as_str(), digest.of.as_deref()))
        .collect();
    assert_eq!(
        digests,
        [
            ("abc123", None),
            ("ff00", Some("http://img.northgate.example/b.jpg"))
        ]
    );
}

#[test]
fn nitf_inside_gives_body_byline_dateline_and_pictures() {
    let item = one(&format!(
        "<newsItem {NS} guid='g'><contentSet><inlineXML contenttype='application/nitf+xml'>
        <nitf xmlns='http://iptc.org/std/NITF/2006-10-18/'><head><title>x</title></head><body>
        <body.head><hedline><hl1>桥塌了</hl1></hedline><byline>By <person>Mara Holt</person>, <byttl>staff</byttl></byline>
        <dateline><location>Harbour City</location>, May 4</dateline></body.head>
        <body.content><p>The <org>River Board</org> met.</p><hl2>Later</hl2>
        <media media-type='image'><media-reference source='http://i.example/1.jpg' mime-type='image/jpeg'/>
        <media-caption>The bridge</media-caption><media-producer>Ivo Lund</media-producer></media>
        <p>It left.</p></body.content><body.end><tagline>end</tagline></body.end></body></nitf>
        </inlineXML></contentSet></newsItem>"
    ));
    assert_eq!(item.authors, ["Mara Holt"]);
    assert_eq!(item.dateline.as_deref(), Some("Harbour City, May 4"));
    let Some(Body::Html(html)) = &item.body else {
        unreachable!()
    };
    let html: String = html.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(
        html,
        "<p>The River Board met.</p><h2>Later</h2> <p>It left.</p>"
    );
    assert_eq!(item.images[0].caption.as_deref(), Some("The bridge"));
    assert_eq!(item.images[0].credit.as_deref(), Some("Ivo Lund"));
}

#[test]
fn a_picture_keeps_its_caption_and_credit() {
    let item = one(&format!(
        "<newsItem {NS} guid='p'><itemMeta><itemClass qcode='ninat:picture'/></itemMeta><contentMeta>
        <creator qcode='s:1'><name>周野</name></creator><description role='drol:caption'>泄洪现场</description></contentMeta>
        <contentSet><remoteContent href='http://i.example/1.jpg' contenttype='image/jpeg'/></contentSet></newsItem>"
    ));
    assert_eq!(item.images[0].caption.as_deref(), Some("泄洪现场"));
    assert_eq!(item.images[0].credit.as_deref(), Some("周野"));
}

#[test]
fn bodies_take_the_richest_form() {
    for (content, body) in [
        (
            "<inlineXML><p xmlns='http://www.w3.org/1999/xhtml'>a</p><p xmlns='http://www.w3.org/1999/xhtml'>b</p></inlineXML>",
            Some(Body::Html("<p>a</p><p>b</p>".into())),
        ),
        (
            "<inlineData contenttype='text/html'>&lt;p&gt;a&lt;/p&gt;</inlineData>",
            Some(Body::Html("<p>a</p>".into())),
        ),
        (
            "<inlineData contenttype='text/plain'>a &lt; b</inlineData><inlineData contenttype='text/html'><![CDATA[<p>a</p>]]></inlineData>",
            Some(Body::Html("<p>a</p>".into())),
        ),
        (
            "<inlineData>一\n二</inlineData>",
            Some(Body::Text("一\n二".into())),
        ),
        (
            "<inlineData contenttype='image/png' encoding='enc:base64'>AAAA</inlineData>",
            None,
        ),
        (
            "<inlineXML contenttype='application/sportsml+xml'><sports-content xmlns='urn:s'>1:0</sports-content></inlineXML>",
            None,
        ),
    ] {
        let wire = wire(&format!(
            "<newsItem {NS} guid='g'><contentSet>{content}</contentSet></newsItem>"
        ));
        assert_eq!(wire.items[0].body, body, "{content}");
        assert_eq!(wire.warnings.is_empty(), body.is_some(), "{content}");
    }
}

#[test]
fn messages_hold_several_items_and_packages_are_passed_over() {
    let wire = wire(&format!(
        "<!DOCTYPE newsMessage [<!ENTITY boom 'x'>]><newsMessage {NS}><header><sent>2026-05-04T00:00:00Z</sent></header><itemSet>
        <packageItem guid='pkg'><newsItem guid='inner'/></packageItem>
        <newsItem guid='a' version='1'/>
        <newsItem version='4'><itemMeta/></newsItem>
        <newsItem guid='a' version='2'><itemMeta><pubStatus uri='http://cv.iptc.org/newscodes/pubstatusg2/canceled'/></itemMeta></newsItem>
        <newsItem guid='b'><itemMeta><pubStatus qcode='stat:withheld'/></itemMeta></newsItem>
        <newsItem guid='c'><itemMeta><embargoed/></itemMeta></newsItem>
        <newsItem guid='d'><itemMeta><embargoed>soon &boom;</embargoed></itemMeta></newsItem>
        <newsItem guid='e'><itemMeta><pubStatus qcode='stat:odd'/><versionCreated>2026-05-04</versionCreated></itemMeta></newsItem>
        </itemSet></newsMessage>"
    ));
    let items: Vec<_> = wire
        .items
        .iter()
        .map(|item| (item.guid.as_str(), item.status))
        .collect();
    assert_eq!(
        items,
        [
            ("a", Status::Usable),
            ("a", Status::Canceled),
            ("b", Status::Withheld),
            ("c", Status::Withheld),
            ("e", Status::Withheld)
        ]
    );
    assert_eq!(
        wire.items[0].compare_version(
            wire.items[1].version.as_deref(),
            wire.items[1].version_created_at
        ),
        Some(std::cmp::Ordering::Less)
    );
    assert_ne!(wire.items[0].digest, wire.items[1].digest);
    let faults: Vec<_> = wire
        .faults
        .iter()
        .map(|fault| (fault.index, fault.guid.as_deref(), fault.kind.clone()))
        .collect();
    let value = "soon &boom;".to_owned();
    assert_eq!(
        faults,
        [
            (2, None, FaultKind::MissingGuid),
            (6, Some("d"), FaultKind::UnreadableEmbargo { value })
        ]
    );
    let index = 0;
    let what = "packageItem".to_owned();
    assert!(wire.warnings.contains(&Warning::Skipped { index, what }));
    assert!(wire.warnings.contains(&Warning::Doctype));
    assert!(wire.warnings.contains(&Warning::OpenEmbargo { index: 5 }));
    assert_eq!(wire.warnings.len(), 7, "{:?}", wire.warnings);
}

#[test]
fn what_is_no_newsml_is_refused() {
    for (text, declared, error) in [
        ("<newsItem guid='a'/>".to_owned(), None, WireError::NotAWire),
        (
            format!("<newsItem {NS} guid='a'/>"),
            Some(Format::Feed),
            WireError::NotAWire,
        ),
        (
            format!("<newsMessage {NS}><itemSet/></newsMessage>"),
            None,
            WireError::NoItems,
        ),
    ] {
        assert_eq!(parse(text.as_bytes(), declared), Err(error), "{text}");
    }
    let text = format!("<newsMessage {NS}><itemSet><newsItem guid='a'/>");
    assert!(matches!(
        parse(text.as_bytes(), None),
        Err(WireError::Malformed { .. })
    ));
    let text = format!("<newsItem {NS} guid='a'><a></b></newsItem>");
    assert!(matches!(
        parse(text.as_bytes(), None),
        Err(WireError::Malformed { .. })
    ));
}
