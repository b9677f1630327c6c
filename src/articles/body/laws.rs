//! Laws that hold for every body: writing and reading are inverse, and nothing dangerous gets through.

use proptest::prelude::*;

use super::{Block, Body};
use crate::kernel::text::char_count;

/// Inline HTML with all that can go wrong in it.
fn markup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-c甲乙。，“”　 \u{A0}\n*_`~|#+=:!.)1&<>\"'\\[\\]\\\\-]{1,8}",
        3 => prop::sample::select(vec![
            "<em>", "</em>", "<strong>", "</strong>", "<b>", "</b>", "<i>", "</i>", "<a href='https://e.com/a(b)_c?x=1&copy=2'>",
            "<a href='/x|y' title='\"t\" &amp;lt;'>", "<a href=' javascript:alert(1)' onclick=x>", "</a>", "<br>", "<br><br>", "<u>", "</u>",
            "<s>", "</s>", "<code>", "</code>", "<ruby>", "<rt>", "</rt>", "<rp>", "</rp>", "</ruby>", "<q>", "</q>",
            "<cite>", "</cite>", "<abbr title=x>", "</abbr>", "<mark>", "</mark>", "<sub>", "</sub>", "&amp;lt;", "&nbsp;", "&lt;script&gt;",
            "<script>alert(1)</script>", "<!-- x -->", "<span onload=x>", "</span>", "&#60;b&#62;", "1. ", "- ", "# ", "&copy;",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// HTML with containers opened and closed at random.
fn page() -> impl Strategy<Value = String> {
    let tag = prop::sample::select(vec![
        "<p>",
        "</p>",
        "<div>",
        "</div>",
        "<h1>",
        "</h1>",
        "<h5>",
        "</h5>",
        "<ul>",
        "</ul>",
        "<ol>",
        "</ol>",
        "<li>",
        "</li>",
        "<blockquote>",
        "</blockquote>",
        "<footer>",
        "</footer>",
        "<table>",
        "</table>",
        "<tr>",
        "</tr>",
        "<td>",
        "</td>",
        "<th colspan=2>",
        "<td rowspan=2>",
        "</th>",
        "<thead>",
        "</thead>",
        "<figure>",
        "</figure>",
        "<figcaption>",
        "</figcaption>",
        "<img src=/a.jpg alt='x *y'>",
        "<img src=/x onerror=alert(1)>",
        "<iframe src=https://v.example/1></iframe>",
        "<pre>",
        "</pre>",
        "<hr>",
        "<figure class=embed><a href=/v>v</a></figure>",
        "<svg><script>alert(1)</script></svg>",
        "<math><mtext><style>",
        "<small class=credit>",
        "</small>",
        "<form>",
        "<select><option>",
        "<template>",
        "</template>",
    ]);
    prop::collection::vec(prop_oneof![tag.prop_map(str::to_owned), markup()], 0..24)
        .prop_map(|pieces| pieces.concat())
}

fn block() -> impl Strategy<Value = Block> {
    let label = || prop::option::of("[a-c甲乙<>&\" \\]\\*!]{0,6}");
    let url = || {
        prop::sample::select(vec![
            "/m/1.jpg",
            "https://e.com/a(b)?c=1&d=%20",
            "https://e.com",
        ])
        .prop_map(str::to_owned)
    };
    let cells = |n: usize| prop::collection::vec(markup(), n);
    prop_oneof![
        4 => markup().prop_map(|text| Block::Paragraph { text }),
        1 => (2..=4_u8, markup()).prop_map(|(level, text)| Block::Heading { level, text }),
        1 => (markup(), label()).prop_map(|(text, cite)| Block::Quote { text, cite }),
        2 => (any::<bool>(), prop::collection::vec(markup(), 1..4)).prop_map(|(ordered, items)| Block::List { ordered, items }),
        2 => (url(), label(), prop::option::of(markup()), label(), prop::option::of(1..2000_u32)).prop_map(
            |(url, alt, caption, credit, width)| Block::Image { url, alt: alt.unwrap_or_default(), caption, credit, width, height: None }
        ),
        2 => (1..4_usize, 0..4_usize, any::<bool>()).prop_flat_map(move |(columns, rows, headed)| {
            (cells(if headed { columns } else { 0 }), prop::collection::vec(cells(columns), rows))
                .prop_map(|(header, rows)| Block::Table { header, rows })
        }),
        1 => (url(), label()).prop_map(|(url, title)| Block::Embed { url, title }),
    ]
}

/// A body of those blocks that are acceptable.
fn body() -> impl Strategy<Value = Body> {
    prop::collection::vec(block(), 0..6).prop_map(|blocks| {
        let kept: Vec<Block> = blocks
            .into_iter()
            .filter(|block| Body::from_blocks(vec![block.clone()]).is_ok())
            .collect();
        Body::from_blocks(kept).unwrap()
    })
}

/// No tag of the text does more than say what something is. Text is escaped, so every `<` begins a tag.
fn harmless(html: &str) -> bool {
    let tags = html
        .split('<')
        .skip(1)
        .map(|tag| tag.split('>').next().unwrap_or_default());
    tags.into_iter().all(|tag| {
        let tag = tag.to_lowercase();
        let names: Vec<&str> = tag
            .split('"')
            .step_by(2)
            .flat_map(str::split_whitespace)
            .collect();
        !tag.starts_with("script")
            && !tag.starts_with("iframe")
            && !tag.starts_with("style")
            && !names
                .iter()
                .any(|name| name.starts_with("on") || name.starts_with("style="))
            && !tag
                .split('"')
                .any(|value| value.trim_start().starts_with("javascript:"))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn blocks_are_canonical_at_once(body in body()) {
        prop_assert_eq!(Body::from_blocks(body.clone().into_blocks()), Ok(body.clone()));
        let stored = serde_json::to_value(&body).unwrap();
        prop_assert_eq!(Body::from_stored(stored).unwrap(), body);
    }

    #[test]
    fn html_comes_back(body in body()) {
        let html = body.to_html();
        prop_assert!(harmless(&html), "{}", html);
        prop_assert_eq!(Body::from_html(&html), Ok(body), "{}", html);
    }

    #[test]
    fn markdown_comes_back(body in body()) {
        let markdown = body.to_markdown();
        prop_assert_eq!(Body::from_markdown(&markdown), Ok(body), "{}", markdown);
    }

    #[test]
    fn any_page_is_tamed(page in page()) {
        if let Ok(body) = Body::from_html(&page) {
            let html = body.to_html();
            prop_assert!(harmless(&html), "{}", html);
            // A second sanitiser finds nothing to take out.
            let again = ammonia::Builder::default()
                .add_generic_attributes(["class"]).add_tags(["figure", "figcaption", "footer", "small"]).link_rel(None)
                .clean(&html).to_string();
            prop_assert_eq!(Body::from_html(&again), Ok(body.clone()));
            prop_assert_eq!(Body::from_html(&html), Ok(body));
        }
        if let Ok(body) = Body::from_markdown(&page) {
            prop_assert!(harmless(&body.to_html()));
        }
    }

    #[test]
    fn an_excerpt_is_at_most_half(body in body(), max in 0..60_usize) {
        if let Some(excerpt) = body.excerpt(max) {
            let of = |blocks: &[Block]| {
                let kept = blocks.iter().filter(|block| matches!(block, Block::Paragraph { .. })).cloned().collect();
                char_count(Body(kept).to_text().replace("\n\n", "\n").trim())
            };
            prop_assert!(of(excerpt.blocks()) <= max);
            prop_assert!(of(excerpt.blocks()) * 2 <= of(body.blocks()));
            prop_assert_eq!(Body::from_blocks(excerpt.blocks().to_vec()), Ok(excerpt));
        }
    }
}
