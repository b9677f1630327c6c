//! Reading: what each shape becomes, and what is refused.

use super::*;
use serde_json::json;

fn paragraph(text: &str) -> Block {
    Block::Paragraph {
        text: text.to_owned(),
    }
}

fn texts(html: &str) -> Vec<String> {
    let body = Body::from_html(html).unwrap();
    body.blocks()
        .iter()
        .map(|block| {
            serde_json::to_value(block).unwrap()["text"]
                .as_str()
                .unwrap_or("?")
                .to_owned()
        })
        .collect()
}

fn blocks(html: &str) -> serde_json::Value {
    serde_json::to_value(Body::from_html(html).unwrap()).unwrap()
}

fn codes<T: std::fmt::Debug>(result: Result<T, Vec<BodyFault>>) -> Vec<(String, &'static str)> {
    result
        .unwrap_err()
        .into_iter()
        .map(|fault| (fault.pointer, fault.code))
        .collect()
}

#[test]
fn paragraphs_are_found_and_trimmed() {
    for (html, expected) in [
        (
            "<p>　　中新网成都11月2日电</p>",
            vec!["中新网成都11月2日电"],
        ),
        ("<p>&nbsp;&nbsp;甲<br>　　乙</p>", vec!["甲<br>乙"]),
        ("甲<br><br>　　乙<br/> <br>丙", vec!["甲", "乙", "丙"]),
        ("<div>甲<p>乙</p>丙</div>", vec!["甲", "乙", "丙"]),
        (
            "<p>全文完。（完）</p><p>(完)</p>",
            vec!["全文完。（完）", "(完)"],
        ),
        (
            "<p><b>甲<br><br>乙</b></p>",
            vec!["<strong>甲</strong>", "<strong>乙</strong>"],
        ),
        (
            "<strong><p>甲</p><p>乙</p></strong>",
            vec!["<strong>甲</strong>", "<strong>乙</strong>"],
        ),
        ("<p> a <em> b </em> c </p>", vec!["a <em>b</em> c"]),
        ("<p>a<em> </em>b<strong></strong></p><p>　</p>", vec!["a b"]),
        (
            "<p>四川省\n    成都市\n a\n b</p>",
            vec!["四川省成都市 a b"],
        ),
        (
            "<p>1 &lt; 2 &amp; \"x\"</p>",
            vec!["1 &lt; 2 &amp; &quot;x&quot;"],
        ),
        (
            "<pre><code>a\nb\n\nc</code></pre>",
            vec!["<code>a<br>b</code>", "<code>c</code>"],
        ),
        (
            "<p><i>a<i>b</i></i><font color=red>c</font></p>",
            vec!["<em>ab</em>c"],
        ),
        (
            "<ruby>網<rp>(</rp><rt>wǎng</rt><rp>)</rp></ruby>",
            vec!["<ruby>網<rp>(</rp><rt>wǎng</rt><rp>)</rp></ruby>"],
        ),
        ("<p>a<rt>b</rt></p>", vec!["ab"]),
    ] {
        assert_eq!(texts(html), expected, "{html}");
    }
}

#[test]
fn shapes_are_found() {
    for (html, expected) in [
        (
            "<h1>a</h1><h3>b</h3><h6>c</h6>",
            json!([
            {"type": "heading", "level": 2, "text": "a"}, {"type": "heading", "level": 3, "text": "b"}, {"type": "heading", "level": 4, "text": "c"}]),
        ),
        (
            "<blockquote><p>a</p><p>b</p><cite>c</cite></blockquote>",
            json!([{"type": "quote", "text": "a<br>b", "cite": "c"}]),
        ),
        (
            "<blockquote>a <cite>b</cite> c</blockquote>",
            json!([{"type": "quote", "text": "a <cite>b</cite> c"}]),
        ),
        (
            "<ol><li>a<ul><li>b</li></ul>c</li><li><p>d</p><p>e</p></li><li></li></ol>",
            json!([{"type": "list", "ordered": true, "items": ["a", "b", "c", "d<br>e"]}]),
        ),
        (
            "<p>a<img src=/x.jpg alt=' y ' width=10 height=0>b</p>",
            json!([
            {"type": "paragraph", "text": "a"}, {"type": "image", "url": "/x.jpg", "alt": "y", "width": 10}, {"type": "paragraph", "text": "b"}]),
        ),
        (
            "<figure><figcaption>a <b>b</b><span class='x credit'>c</span></figcaption><img src=https://e.com/x.jpg></figure>",
            json!([
            {"type": "image", "url": "https://e.com/x.jpg", "alt": "", "caption": "a <strong>b</strong>", "credit": "c"}]),
        ),
        (
            "<iframe src=https://v.example/1 title=t>x</iframe><a class=embed href=/v>w</a>",
            json!([
            {"type": "embed", "url": "https://v.example/1", "title": "t"}, {"type": "embed", "url": "/v", "title": "w"}]),
        ),
        (
            "<table><caption>t</caption><tr><th>a<th>b<tr><td rowspan=2>c<td>d<tr><td>e<tr><td colspan=2>f</table>",
            json!([
            {"type": "paragraph", "text": "t"},
            {"type": "table", "header": ["a", "b"], "rows": [["c", "d"], ["", "e"], ["f", ""]]}]),
        ),
        (
            "<table><tr><td><p>a</p><p>b</p></td></tr></table>",
            json!([{"type": "paragraph", "text": "a"}, {"type": "paragraph", "text": "b"}]),
        ),
        (
            "<p>a</p><footer class='credit'>来源：x</footer><div class=masthead-credit><p>y</p></div>",
            json!([{"type": "paragraph", "text": "a"}]),
        ),
        (
            "<p>a</p><footer>b</footer>",
            json!([{"type": "paragraph", "text": "a"}, {"type": "paragraph", "text": "b"}]),
        ),
    ] {
        assert_eq!(blocks(html), expected, "{html}");
    }
}

#[test]
fn what_runs_is_gone() {
    for html in [
        "<script>alert(1)</script>",
        "<style>p{}</style>",
        "<!-- a -->",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        "<img src=javascript:alert(1)>",
        "<img src='data:image/png;base64,AA'>",
        "<iframe src='javascript:alert(1)'></iframe>",
        "<template><p>a</p></template>",
        "<textarea>a</textarea>",
        "<object data=x>a</object>",
        "<video src=x>a</video>",
        "<form><input value=a></form>",
    ] {
        assert!(
            Body::from_html(html).is_ok_and(|body| body.is_empty()),
            "{html}: {:?}",
            Body::from_html(html)
        );
    }
    for (html, text) in [
        ("<p onclick=x style=y class=z>a</p>", "a"),
        ("<a href=' JAVA&#9;SCRIPT:alert(1)'>a</a>", "a"),
        ("<a href='//evil.example'>a</a>", "a"),
        (
            "<a href='https://e.com' target=_blank onclick=x rel=y title=' t\"'>a</a>",
            "<a href=\"https://e.com/\" title=\"t&quot;\">a</a>",
        ),
        ("<math><mtext></mtext></math><p>a</p>", "a"),
        ("a<script>b", "a"),
        (
            "<noscript><p title='</noscript><img src=javascript:x onerror=x>'></noscript>",
            "'&gt;",
        ),
        ("<p>&lt;script&gt;a</p>", "&lt;script&gt;a"),
    ] {
        assert_eq!(texts(html), [text], "{html}");
    }
}

#[test]
fn hostile_size_is_a_fault_or_flat() {
    assert_eq!(
        codes(Body::from_html(&"<div>".repeat(800_000))),
        [(String::new(), "too_deep")]
    );
    assert_eq!(
        codes(Body::from_html(&"<div>".repeat(1_000_000))),
        [(String::new(), "source_too_long")]
    );
    assert_eq!(
        codes(Body::from_markdown(&">".repeat(100_000))),
        [(String::new(), "too_deep")]
    );
    assert!(Body::from_html(&format!("{}a", "<div>".repeat(150))).is_ok());
    assert_eq!(
        codes(Body::from_blocks(vec![paragraph(&"<b>".repeat(5_000))])),
        [("/0/text".to_owned(), "too_deep")]
    );
}

#[test]
fn all_faults_are_told_at_once() {
    let submitted = vec![
        paragraph(" 　<em></em>"),
        Block::Heading {
            level: 1,
            text: "a\u{1}".to_owned(),
        },
        Block::Image {
            url: "javascript:x".to_owned(),
            alt: String::new(),
            caption: None,
            credit: None,
            width: Some(0),
            height: None,
        },
        Block::Table {
            header: vec!["a".to_owned()],
            rows: vec![vec!["b".to_owned()], vec![]],
        },
        Block::List {
            ordered: true,
            items: vec![],
        },
        Block::List {
            ordered: true,
            items: vec!["a".to_owned(), " ".to_owned()],
        },
        paragraph(&"字".repeat(20_001)),
        paragraph(&"&".repeat(5_000)),
        paragraph("a&#1;&#x85;\u{FDD0}"),
        Block::Table {
            header: vec![],
            rows: vec![vec![String::new()]],
        },
        Block::Embed {
            url: "x".to_owned(),
            title: Some("a".repeat(1_001)),
        },
    ];
    let expected = [
        ("/0/text", "empty_text"),
        ("/1/level", "bad_level"),
        ("/1/text", "control_character"),
        ("/2/url", "bad_url"),
        ("/2/width", "bad_size"),
        ("/3/rows/1", "ragged_table"),
        ("/4/items", "empty_list"),
        ("/5/items/1", "empty_text"),
        ("/6/text", "text_too_long"),
        ("/7/text", "text_too_long"),
        ("/8/text", "control_character"),
        ("/9", "empty_table"),
        ("/10/url", "bad_url"),
        ("/10/title", "text_too_long"),
    ];
    assert_eq!(
        codes(Body::from_blocks(submitted)),
        expected.map(|(at, code)| (at.to_owned(), code))
    );
    assert_eq!(
        codes(Body::from_blocks(vec![paragraph("a"); 2_001])),
        [(String::new(), "too_many_blocks")]
    );
    assert_eq!(
        codes(Body::from_blocks(vec![
            paragraph(&"字".repeat(20_000));
            51
        ])),
        [(String::new(), "body_too_long")]
    );
    let faults = Body::from_html("<p>a</p><p>b&#1;</p>").unwrap_err();
    assert_eq!(
        (faults[0].pointer.as_str(), faults[0].code),
        ("", "control_character")
    );
    assert!(
        faults[0].detail.starts_with("In block 2: "),
        "{}",
        faults[0]
    );
    assert_eq!(
        codes(Body::from_html("<img src=x.jpg>")),
        [(String::new(), "bad_url")]
    );
}

#[test]
fn blocks_part_at_empty_lines_and_keep_labels_plain() {
    let body = Body::from_blocks(vec![
        paragraph("a\r\nb<br><br><script>x</script>c"),
        Block::Quote {
            text: "<p>a</p><p>b</p>".to_owned(),
            cite: Some(" <b>\n ".to_owned()),
        },
    ]);
    let expected = [
        paragraph("a b"),
        paragraph("c"),
        Block::Quote {
            text: "a<br>b".to_owned(),
            cite: Some("<b>".to_owned()),
        },
    ];
    assert_eq!(body.unwrap().blocks(), expected);
}
