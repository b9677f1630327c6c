//! Pages that are no articles, and pages made to do harm.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::super::WarningKind;
use super::*;

#[test]
fn depth_overflows_nothing() {
    for tag in [
        "div",
        "b",
        "font",
        "table><tr><td",
        "blockquote",
        "ul",
        "span",
        "a href=x",
    ] {
        let source = format!(
            "<title>Deep</title>{}the text at the bottom of it all",
            format!("<{tag}>").repeat(100_000)
        );
        let page = html(&source);
        assert!(page.text().contains("the text at the bottom"), "{tag}");
        // A link closes the link before it.
        assert!(
            page.warned(WarningKind::MarkupFlattened) || tag.starts_with('a'),
            "{tag}"
        );
    }
    let closed = format!(
        "{}text{}",
        "<div>".repeat(100_000),
        "</div>".repeat(100_000)
    );
    assert!(html(&closed).warned(WarningKind::MarkupFlattened));
}

#[test]
fn a_flattened_page_is_still_read() {
    let source = format!(
        "<html><head><title>深处的标题有足够长_海湾网</title><style>p {{}}</style></head><body>{}<h1>深处的标题有足够长</h1>\
         <p>2024-01-02 03:04 来源：海湾网</p><script>if (a < b) {{}}</script><p>这一段是正文，写得足够长，可以当作一段，放在很深的地方。</p>",
        "<div>".repeat(1_000)
    );
    let page = html(&source);
    assert_eq!(
        page.title.as_ref().expect("title").text,
        "深处的标题有足够长"
    );
    assert_eq!(page.source.as_ref().expect("source").label.text, "海湾网");
    assert_eq!(
        body(&page),
        ["p 这一段是正文，写得足够长，可以当作一段，放在很深的地方。"]
    );
}

#[test]
fn megabytes_take_no_time() {
    let mut attributes = String::new();
    for n in 0..100_000 {
        write!(attributes, " a{n}").expect("it is written");
    }
    for source in [
        "正文没有标点也没有换行".repeat(160_000),
        "x".repeat(5_000_000),
        "&amp;".repeat(800_000),
        "<br>".repeat(500_000),
        "<p>x</p>".repeat(50_000),
        format!("<p{attributes}>text"),
        format!("<p>one</p><!--{}--><p>two</p>", "c".repeat(1_000_000)),
        format!(
            "<img src='data:image/png;base64,{}'><p>text</p>",
            "A".repeat(2_000_000)
        ),
        "<table><tr><td>".repeat(20_000),
        "<br><br>x".repeat(10_000),
        "<div><p>Words, words, and more words, enough to be scored by all.</p></div>".repeat(2_500),
        "<a href=x>t</a>".repeat(13_000),
        format!("<div>{}</div>", "<span>x, y</span>".repeat(12_000)),
        format!("<div>{}</div>", "<div>x, y</div>".repeat(12_000)),
        "<h2>Heading</h2>".repeat(10_000),
        "<ul><li>one<li>two</ul>".repeat(6_000),
        "<img src=x>".repeat(15_000),
        "<table><tr><td>1<td>2<tr><td>1<td>2</table>".repeat(2_000),
        "<div class=crumb>a</div>".repeat(6_000),
        "x\n更多\n".repeat(300_000),
        "(".repeat(1_000_000),
        "2024年".repeat(300_000),
        "来源：".repeat(300_000),
        "首页 > ".repeat(300_000),
        "① ".repeat(300_000),
        "\r".repeat(1_000_000) + "x",
    ] {
        let kept = source.clone();
        for kind in [Kind::Html, Kind::Text] {
            let _ = read(&Raw {
                bytes: kept.as_bytes(),
                charset: None,
                kind,
                zone: chrono_tz::Asia::Shanghai,
                agencies: &[],
            });
        }
    }
}

#[test]
fn a_page_of_links_has_no_body() {
    let items: String = (0..40)
        .map(|n| format!("<li><a href=/{n}>一条新闻的标题写在这里第{n}条</a></li>"))
        .collect();
    let page = html(&format!(
        "<html><head><title>海湾新闻网首页</title></head><body><ul>{items}</ul></body></html>"
    ));
    assert!(page.blocks.is_empty());
    assert!(page.warned(WarningKind::NoBody) && page.warned(WarningKind::LinesLeftOut));
}

#[test]
fn a_page_of_one_table_keeps_it() {
    let page = html(
        "<html><head><title>潮汐表第一周</title></head><body><table><tr><th>日期</th><th>高潮</th></tr>\
         <tr><td>一日</td><td>3.2</td></tr><tr><td>二日</td><td>3.4</td></tr></table></body></html>",
    );
    assert_eq!(body(&page), ["table 日期,高潮;一日,3.2;二日,3.4"]);
    assert!(page.warned(WarningKind::TableOnly));
}

#[test]
fn an_empty_body_is_said() {
    let page = html("<html><head><title>Nothing here at all</title></head><body></body></html>");
    assert_eq!(
        page.title.as_ref().expect("title").text,
        "Nothing here at all"
    );
    assert!(page.warned(WarningKind::NoBody));
}

#[test]
fn a_second_article_is_said() {
    let one = "第一条的标题\n2024-01-02 03:04 来源：海湾网\n\n这一段是正文，写得足够长，可以当作一段。（完）\n\n";
    let page = text(&format!("{one}{one}"));
    assert_eq!(body(&page), ["p 这一段是正文，写得足够长，可以当作一段。"]);
    assert_eq!(
        warnings(&page),
        ["lines_left_out", "several_articles", "several_articles"]
    );
}

/// Pieces that pages are made of, put together in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<p>".to_owned()),
        Just("</p>".to_owned()),
        Just("<table><tr><td>".to_owned()),
        Just("</td></tr></table>".to_owned()),
        Just("<h1>".to_owned()),
        Just("</h1>".to_owned()),
        Just("<li>".to_owned()),
        Just("<a href=x>".to_owned()),
        Just("</a>".to_owned()),
        Just("<img src=a.jpg>".to_owned()),
        Just("<div class=crumb>".to_owned()),
        Just("</div>".to_owned()),
        Just("\n".to_owned()),
        Just("\n\n".to_owned()),
        Just("　　".to_owned()),
        Just("来源：".to_owned()),
        Just("編輯:".to_owned()),
        Just("(wǎng)".to_owned()),
        Just("2024年4月1日 15:30".to_owned()),
        Just("首页 > ".to_owned()),
        Just("新华社北京3月5日电（记者 ".to_owned()),
        Just("）".to_owned()),
        Just("（完）".to_owned()),
        Just("###".to_owned()),
        Just("免责声明：".to_owned()),
        Just("① 凡本网注明\"来源：本网或".to_owned()),
        Just("\"的作品".to_owned()),
        Just("30日内".to_owned()),
        Just("电话：+86".to_owned()),
        Just("LONDON, March 3 (AB) -- ".to_owned()),
        Just("[".to_owned()),
        Just("İﬃ㍿".to_owned()),
        "\\PC{0,12}",
        "[\u{4E00}-\u{4E20}，。]{0,30}",
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..600), kind in 0..2_usize) {
        let kind = Kind::ALL[kind];
        let _ = read(&Raw { bytes: &bytes, charset: None, kind, zone: chrono_tz::Asia::Shanghai, agencies: &[] });
    }

    #[test]
    fn any_page_keeps_its_places(source in pieces(), kind in 0..2_usize) {
        let kind = Kind::ALL[kind];
        let raw = Raw { bytes: source.as_bytes(), charset: Some("utf-8"), kind, zone: chrono_tz::America::New_York, agencies: &[] };
        if let Ok(page) = read(&raw) {
            check_places(&page);
        }
    }
}
