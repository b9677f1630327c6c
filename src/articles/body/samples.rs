//! Samples: one body in every format, and what is counted and cut in it.

use super::*;
use serde_json::json;

fn paragraph(text: &str) -> Block {
    Block::Paragraph {
        text: text.to_owned(),
    }
}

fn sample() -> Body {
    let value = json!([
        {"type": "paragraph", "text": "　　他说：<strong>“很好。”</strong>她<em>没有</em>回答。<br>- 1 &lt; 2"},
        {"type": "heading", "level": 3, "text": "C#"},
        {"type": "quote", "text": "甲<br>乙", "cite": "李 & 王"},
        {"type": "list", "ordered": true, "items": ["一", "二<br>三"]},
        {"type": "list", "ordered": true, "items": ["<a href=\"https://e.com/(x)\">四</a>"]},
        {"type": "image", "url": "/a.jpg", "alt": "b", "caption": "c<sub>2</sub>", "credit": "王磊 摄", "width": 800, "height": 600},
        {"type": "image", "url": "/b.jpg", "alt": "[b]"},
        {"type": "table", "rows": [["甲", "a|b"], ["", "x<br>y"]]},
        {"type": "embed", "url": "https://v.example/1", "title": "现场"},
        {"type": "paragraph", "text": "<ruby>網<rt>wǎng</rt></ruby>络 three words here（完）"},
    ]);
    Body::from_blocks(serde_json::from_value(value).unwrap()).unwrap()
}

#[test]
fn every_format_says_the_same() {
    let body = sample();
    assert_eq!(
        body.to_html(),
        "<p>他说：<strong>“很好。”</strong>她<em>没有</em>回答。<br>- 1 &lt; 2</p>\n\
        <h3>C#</h3>\n\
        <blockquote><p>甲<br>乙</p><footer>李 &amp; 王</footer></blockquote>\n\
        <ol><li>一</li><li>二<br>三</li></ol>\n\
        <ol><li><a href=\"https://e.com/(x)\">四</a></li></ol>\n\
        <figure><img src=\"/a.jpg\" alt=\"b\" width=\"800\" height=\"600\"><figcaption>c<sub>2</sub> <small class=\"image-credit\">王磊 摄</small></figcaption></figure>\n\
        <figure><img src=\"/b.jpg\" alt=\"[b]\"></figure>\n\
        <table><tbody><tr><td>甲</td><td>a|b</td></tr><tr><td></td><td>x<br>y</td></tr></tbody></table>\n\
        <figure class=\"embed\"><a href=\"https://v.example/1\">现场</a></figure>\n\
        <p><ruby>網<rt>wǎng</rt></ruby>络 three words here（完）</p>"
    );
    assert_eq!(
        body.to_markdown(),
        "他说：<strong>“很好。”</strong>她*没有*回答。\\\n\\- 1 \\< 2\n\n\
        ### C\\#\n\n\
        > 甲\\\n> 乙\n>\n> <footer>李 &amp; 王</footer>\n\n\
        1. 一\n2. 二\\\n   三\n\n<!-- -->\n\n\
        1. [四](<https://e.com/(x)>)\n\n\
        <figure><img src=\"/a.jpg\" alt=\"b\" width=\"800\" height=\"600\"><figcaption>c<sub>2</sub> <small class=\"image-credit\">王磊 摄</small></figcaption></figure>\n\n\
        ![\\[b\\]](/b.jpg)\n\n\
        |  |  |\n| --- | --- |\n| 甲 | a\\|b |\n|  | x<br>y |\n\n\
        <figure class=\"embed\"><a href=\"https://v.example/1\">现场</a></figure>\n\n\
        <ruby>網<rt>wǎng</rt></ruby>络 three words here（完）"
    );
    assert_eq!(
        body.to_text(),
        "他说：“很好。”她没有回答。\n- 1 < 2\n\nC#\n\n甲\n乙\n— 李 & 王\n\n1. 一\n2. 二\n三\n\n1. 四\n\n\
        [c2 (王磊 摄)]\n\n[[b]]\n\n甲\ta|b\n\tx y\n\n[现场] https://v.example/1\n\n網络 three words here（完）"
    );
    assert_eq!(Body::from_html(&body.to_html()).as_ref(), Ok(&body));
    assert_eq!(Body::from_markdown(&body.to_markdown()).as_ref(), Ok(&body));
    assert_eq!(body.plain_len(), body.to_text().chars().count());
}

#[test]
fn markdown_is_read() {
    let body = Body::from_markdown(
        "# T\n\n甲**乙**\n丙  \n丁\n\n- a\n- b\n\n| x | y |\n|---|---|\n| 1 | ~~2~~ |\n\n<script>x</script>\n\n```\ncode\n```\n",
    );
    let expected = json!([
        {"type": "heading", "level": 2, "text": "T"},
        {"type": "paragraph", "text": "甲<strong>乙</strong>丙<br>丁"},
        {"type": "list", "ordered": false, "items": ["a", "b"]},
        {"type": "table", "header": ["x", "y"], "rows": [["1", "<s>2</s>"]]},
        {"type": "paragraph", "text": "<code>code</code>"},
    ]);
    assert_eq!(serde_json::to_value(body.unwrap()).unwrap(), expected);
}

#[test]
fn words_are_counted_by_script() {
    for (text, words) in [
        ("新闻网", 3),
        ("GDP增长1.5%，好", 5),
        ("three short words", 3),
        ("……", 0),
    ] {
        assert_eq!(Body(vec![paragraph(text)]).word_count(), words, "{text}");
    }
}

#[test]
fn the_excerpt_is_plain_and_short() {
    let body = Body::from_html("<h2>标题不算。</h2><p>第一句<b>很重要</b>。第二句 &lt;b&gt; 也是。</p><p>第三段很长很长很长很长很长很长很长。</p>").unwrap();
    assert_eq!(
        body.excerpt(200).unwrap().blocks(),
        [paragraph("第一句很重要。第二句 &lt;b&gt; 也是。")]
    );
    assert_eq!(
        body.excerpt(10).unwrap().blocks(),
        [paragraph("第一句很重要。")]
    );
    assert_eq!(body.excerpt(3), None);
    assert_eq!(Body::default().excerpt(200), None);
}

#[test]
fn the_wire_is_strict() {
    let read = |value| serde_json::from_value::<Block>(value);
    assert!(read(json!({"type": "paragraph", "text": "a", "style": "x"})).is_err());
    assert!(read(json!({"type": "video", "text": "a"})).is_err());
    assert_eq!(
        serde_json::to_value(BodyFormat::Markdown).unwrap(),
        json!(BodyFormat::Markdown.as_str())
    );
    assert!(Body::from_stored(json!({"a": 1})).is_err());
}

#[test]
fn the_schema_says_what_is_enforced() {
    let schema = serde_json::to_value(<Block as utoipa::PartialSchema>::schema())
        .unwrap()
        .to_string();
    for bound in [
        "\"maxLength\":20000",
        "\"maxLength\":1000",
        "\"maxLength\":2000",
        "\"maxItems\":1000",
        "\"maxItems\":50",
        "\"maximum\":100000",
    ] {
        assert!(schema.contains(bound), "{bound}");
    }
    assert!(!schema.contains("null"), "{schema}");
    let limits = (
        MAX_TEXT_CHARS,
        blocks::MAX_LABEL_CHARS,
        blocks::MAX_URL_CHARS,
        blocks::MAX_ITEMS,
        blocks::MAX_COLUMNS,
        blocks::MAX_PIXELS,
    );
    assert_eq!(limits, (20_000, 1_000, 2_000, 1_000, 50, 100_000));
}
