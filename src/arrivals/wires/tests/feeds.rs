use serde_json::json;

use super::super::{Body, FaultKind, Format, Status, Warning, parse};
use super::{at, one, party, wire};

const RSS: &str = r#"<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>云岭新闻网</title><link>https://yunling.example/</link><atom:link rel="self" href="https://yunling.example/rss"/>
<language>zh-CN</language>
<item><title>云岭 &amp; 青山通车</title><link>https://yunling.example/a/1</link>
  <guid isPermaLink="false">yl-1</guid><pubDate>Fri, 04 May 2026 10:00:00 +0800</pubDate>
  <author>news@yunling.example （苏见微）</author><dc:creator>林一舟</dc:creator>
  <source url="https://qingshan.example/rss">青山通讯社</source>
  <category domain="https://cv.yunling.example">交通</category><category>本地</category>
  <description>&lt;p&gt;摘要&lt;/p&gt;</description>
  <content:encoded><![CDATA[<p>正文一。</p><p>正文二。</p>]]></content:encoded>
  <enclosure url="https://yunling.example/1.jpg" type="image/jpeg" length="9"/>
  <enclosure url="https://yunling.example/1.mp3" type="audio/mpeg" length="9"/>
  <media:group><media:content url="https://yunling.example/2.png" medium="image" width="64"/><media:credit>周野</media:credit><media:description>通车</media:description></media:group>
</item>
<item><link>https://yunling.example/a/2</link><title>Bread & butter</title><description>Only this.</description></item>
<item><title>nothing to know it by</title></item>
<copyright>© 2026 云岭</copyright></channel></rss>"#;

#[test]
fn rss_2_0() {
    let wire = wire(RSS);
    assert_eq!(wire.format, Format::Feed);
    assert_eq!(wire.warnings, []);
    assert_eq!(wire.faults[0].index, 2);
    assert_eq!(wire.faults[0].kind, FaultKind::MissingGuid);
    let [first, second] = wire.items.as_slice() else {
        unreachable!()
    };
    assert_eq!(first.guid, "yl-1");
    assert_eq!(first.version.as_deref(), Some("2026-05-04T02:00:00Z"));
    assert_eq!(first.title.as_deref(), Some("云岭 & 青山通车"));
    assert_eq!(first.published_at, at("2026-05-04T02:00:00Z"));
    assert_eq!(first.url.as_deref(), Some("https://yunling.example/a/1"));
    assert_eq!(first.authors, ["林一舟", "苏见微"]);
    assert_eq!(
        first.provider,
        Some(party("云岭新闻网", "https://yunling.example/"))
    );
    assert_eq!(
        first.sources,
        [party("青山通讯社", "https://qingshan.example/rss")]
    );
    assert_eq!(first.language.as_deref(), Some("zh-CN"));
    assert_eq!(first.copyright_notice.as_deref(), Some("© 2026 云岭"));
    assert_eq!(first.keywords, ["交通", "本地"]);
    assert_eq!(first.subjects.len(), 1);
    assert_eq!(first.summary, Some(Body::Html("<p>摘要</p>".into())));
    assert_eq!(
        first.body,
        Some(Body::Html("<p>正文一。</p><p>正文二。</p>".into()))
    );
    assert!(!first.body_is_summary);
    assert_eq!(first.images.len(), 2);
    assert_eq!(first.images[0].caption, None);
    assert_eq!(first.images[1].credit.as_deref(), Some("周野"));
    assert_eq!(first.images[1].caption.as_deref(), Some("通车"));
    assert_eq!(second.guid, "https://yunling.example/a/2");
    assert_eq!(second.title.as_deref(), Some("Bread & butter"));
    assert_eq!(second.body, Some(Body::Html("Only this.".into())));
    assert!(second.body_is_summary);
}

#[test]
fn rss_1_0_and_0_9x() {
    let item = one(
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'
        xmlns:dc='http://purl.org/dc/elements/1.1/'><channel rdf:about='x'><title>Eastmark Daily</title>
        <dc:language>en</dc:language><dc:rights>Eastmark 2026</dc:rights></channel>
        <item rdf:about='urn:em:1'><title>Fair opens</title><link>https://em.example/1</link>
        <dc:creator>Ada Finch</dc:creator><dc:date>2026-05-04T08:00:00+08:00</dc:date><dc:subject>fair</dc:subject>
        <description>It opened.</description></item></rdf:RDF>",
    );
    assert_eq!(item.guid, "urn:em:1");
    assert_eq!(item.authors, ["Ada Finch"]);
    assert_eq!(item.published_at, at("2026-05-04T00:00:00Z"));
    assert_eq!(item.provider, Some(party("Eastmark Daily", "")));
    assert_eq!(item.copyright_notice.as_deref(), Some("Eastmark 2026"));
    assert_eq!(item.keywords, ["fair"]);
    let item = one(
        "<rss version='0.91'><channel><title>t</title><item><title>Old</title><link>https://em.example/2</link></item></channel></rss>",
    );
    assert_eq!(
        (item.guid.as_str(), item.title.as_deref()),
        ("https://em.example/2", Some("Old"))
    );
}

const ATOM: &str = r#"<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0" xml:lang="en">
<title type="html">North &amp;amp; South</title><link href="https://ns.example/"/><link rel="self" href="https://ns.example/atom"/>
<author><name>The Desk</name></author><rights>NS 2026</rights>
<at:deleted-entry ref="tag:ns,3" when="2026-05-05T00:00:00Z"/>
<entry><id> tag:ns,1 </id><title type="html">A &lt;i&gt;fine&lt;/i&gt; day</title><updated>2026-05-04T12:00:00Z</updated>
<published>2026-05-04T10:00:00Z</published><link rel="alternate" href="https://ns.example/1"/>
<author><name>Jo Reed</name><email>jo@ns.example</email></author><contributor><name>Li Wen</name></contributor>
<rights>Reed 2026</rights><category term="w" label="Weather" scheme="https://ns.example/c"/>
<source><id>urn:other</id><title>Other Wire</title><link href="https://other.example/"/></source>
<summary>Sunny.</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>It was <b>fine</b>.</p></div></content>
<link rel="enclosure" type="image/png" href="https://ns.example/1.png"/></entry>
<entry xml:lang="fr"><id>tag:ns,2</id><title>Deux</title><updated>hier</updated><content type="html">&lt;p&gt;Oui&lt;/p&gt;</content></entry>
<entry><title>no id</title><link href="https://ns.example/4"/></entry>
<entry><id>tag:ns,5</id><content type="odd/type">?</content></entry></feed>"#;

#[test]
fn atom_and_its_tombstones() {
    let wire = wire(ATOM);
    let [gone, first, second, odd] = wire.items.as_slice() else {
        unreachable!("{:?}", wire.faults)
    };
    assert_eq!(
        (gone.guid.as_str(), gone.status),
        ("tag:ns,3", Status::Canceled)
    );
    assert_eq!(gone.version.as_deref(), Some("2026-05-05T00:00:00Z"));
    assert_eq!(first.guid, "tag:ns,1");
    assert_eq!(first.version.as_deref(), Some("2026-05-04T12:00:00Z"));
    assert_eq!(first.title.as_deref(), Some("A fine day"));
    assert_eq!(first.original_title.as_deref(), Some("A <i>fine</i> day"));
    assert_eq!(first.published_at, at("2026-05-04T10:00:00Z"));
    assert_eq!(first.url.as_deref(), Some("https://ns.example/1"));
    assert_eq!(first.authors, ["Jo Reed"]);
    assert_eq!(first.contributors[0].name.as_deref(), Some("Li Wen"));
    assert_eq!(
        first.provider,
        Some(party("North & South", "https://ns.example/"))
    );
    assert_eq!(
        first.sources,
        [party("Other Wire", "https://other.example/")]
    );
    assert_eq!(first.copyright_notice.as_deref(), Some("Reed 2026"));
    assert_eq!(first.keywords, ["Weather"]);
    assert_eq!(first.subjects[0].code.as_deref(), Some("w"));
    assert_eq!(first.summary, Some(Body::Text("Sunny.".into())));
    assert_eq!(
        first.body,
        Some(Body::Html("<div><p>It was <b>fine</b>.</p></div>".into()))
    );
    assert_eq!(first.language.as_deref(), Some("en"));
    assert_eq!(first.images.len(), 1);
    assert_eq!(second.authors, ["The Desk"]);
    assert_eq!(second.copyright_notice.as_deref(), Some("NS 2026"));
    assert_eq!(second.language.as_deref(), Some("fr"));
    assert_eq!(second.version, None);
    assert_eq!(odd.body, None);
    assert_eq!(wire.faults[0].kind, FaultKind::MissingGuid);
    assert_eq!(
        wire.warnings,
        [Warning::UnreadableTime {
            index: 2,
            field: "updated",
            value: "hier".into()
        }]
    );
}

#[test]
fn json_feed() {
    let feed = json!({
        "version": "https://jsonfeed.org/version/1.1", "title": "云岭", "home_page_url": "https://yl.example/",
        "language": "zh-Hans", "authors": [{"name": "编辑部"}],
        "items": [
            {"id": 7, "url": "https://yl.example/7", "title": "甲", "content_text": "文", "content_html": "<p>文</p>",
             "summary": "要", "date_published": "2026-05-04T10:00:00+08:00", "date_modified": "2026-05-04T11:00:00+08:00",
             "authors": [{"name": "苏见微"}], "tags": ["水"], "image": "https://yl.example/7.jpg",
             "attachments": [{"url": "https://yl.example/8.png", "mime_type": "image/png", "title": "图"}]},
            {"id": "8", "title": 5, "content_text": "文"},
            {"title": "no id"}, "odd"
        ]
    });
    let wire = wire(&feed.to_string());
    let [first, second] = wire.items.as_slice() else {
        unreachable!()
    };
    assert_eq!(first.guid, "7");
    assert_eq!(first.version.as_deref(), Some("2026-05-04T03:00:00Z"));
    assert_eq!(first.body, Some(Body::Html("<p>文</p>".into())));
    assert_eq!(first.summary, Some(Body::Text("要".into())));
    assert_eq!(first.authors, ["苏见微"]);
    assert_eq!(first.keywords, ["水"]);
    assert_eq!(first.images.len(), 2);
    assert_eq!(first.provider, Some(party("云岭", "https://yl.example/")));
    assert_eq!(second.body, Some(Body::Text("文".into())));
    assert_eq!(second.authors, ["编辑部"]);
    assert_eq!(second.language.as_deref(), Some("zh-Hans"));
    assert_eq!(wire.faults.len(), 2);
}

#[test]
fn times_in_the_spellings_of_feeds() {
    for (text, time) in [
        (
            "Fri, 04 May 2026 10:00:00 +0800",
            at("2026-05-04T02:00:00Z"),
        ),
        ("04 May 2026 10:00:00 GMT", at("2026-05-04T10:00:00Z")),
        (
            "Monday, 4 May 2026 10:00:00 UTC",
            at("2026-05-04T10:00:00Z"),
        ),
        ("2026-05-04T10:00:00.5+0800", at("2026-05-04T02:00:00.5Z")),
        ("2026-05-04T10:00Z", at("2026-05-04T10:00:00Z")),
        ("2026-05-04T10:00+08", at("2026-05-04T02:00:00Z")),
        ("2026-05-04 10:00:00 +08:00", at("2026-05-04T02:00:00Z")),
        ("2026-05-04 10:00:00", None),
        ("Mon, 04 May 2026 10:00:00 CST", None),
        ("2026年5月4日", None),
    ] {
        let item = wire(&format!(
            "<rss><channel><item><guid>a</guid><pubDate>{text}</pubDate></item></channel></rss>"
        ));
        assert_eq!(item.items[0].published_at, time, "{text}");
        assert_eq!(item.warnings.is_empty(), time.is_some(), "{text}");
    }
}

#[test]
fn declared_encodings_are_decoded() {
    let text = "<?xml version='1.0' encoding='GB2312'?><rss version='2.0'><channel><item><guid>a</guid><title>云岭通车</title></item></channel></rss>";
    let (bytes, _, _) = encoding_rs::GBK.encode(text);
    let wire = parse(&bytes, None).unwrap();
    assert_eq!(wire.items[0].title.as_deref(), Some("云岭通车"));
    assert_eq!(wire.warnings, []);
    // The same bytes without the declaration are not UTF-8.
    let (bytes, _, _) = encoding_rs::GBK.encode(text.split_once("?>").unwrap().1);
    let wire = parse(&bytes, None).unwrap();
    let encoding = "UTF-8";
    assert_eq!(wire.warnings, [Warning::BytesReplaced { encoding }]);
}

#[test]
fn an_updated_entry_has_another_version_and_digest() {
    let entry = |updated: &str, title: &str| {
        one(&format!(
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>a</id><updated>{updated}</updated><title>{title}</title></entry></feed>"
        ))
    };
    let first = entry("2026-05-04T10:00:00Z", "x");
    let second = entry("2026-05-04T11:00:00Z", "y");
    assert_eq!(first.guid, second.guid);
    assert_ne!(first.digest, second.digest);
    assert_eq!(
        first.compare_version(second.version.as_deref(), second.version_created_at),
        Some(std::cmp::Ordering::Less)
    );
}
