//! Small requests that would become large work: compressed, nested, or simply too long.

use std::io::Write as _;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::Probe;
use crate::support::{Engine, TestApp, both_engines};

const LIMIT: usize = 64 * 1024;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[actix_web::test]
async fn bodies_over_the_limit() {
    let app = TestApp::with(Engine::Sqlite, |raw| raw.body_limit_bytes = LIMIT).await;
    let mut probe = Probe::new(&app).await;
    let padded = |bytes: usize| {
        let body = json!({"name": "x", "kind": "reporter"}).to_string();
        format!("{body}{}", " ".repeat(bytes - body.len()))
    };
    for (operation, kind, _) in super::with_bodies() {
        let over = probe
            .to(&operation)
            .if_match("*")
            .raw(&kind, padded(LIMIT + 1));
        probe.refused(&operation.id, over, 413, "too-large").await;
        // A bomb of 300 bytes that would unfold to 300 kB is not unfolded at all.
        let bomb = gzip(&vec![b' '; 5 * LIMIT]);
        assert!(bomb.len() < 1_000);
        let ask = probe.to(&operation).if_match("*").raw(&kind, bomb.clone());
        let bomb = ask.header("content-encoding", "gzip");
        probe
            .refused(&operation.id, bomb, 415, "unsupported-media-type")
            .await;
    }
    // To the byte.
    let fits = probe
        .ask("POST", "/v1/authors")
        .raw("application/json", padded(LIMIT));
    assert_eq!(probe.send("just fits", fits).await.status, 201);
    probe.end(40);
}

/// Time is not what is tested, but an hour would be too long.
const LONG: Duration = Duration::from_secs(20);

#[actix_web::test]
async fn markup_without_end() {
    let app = TestApp::with(Engine::Sqlite, |raw| {
        raw.body_limit_bytes = 16 * 1024 * 1024;
    })
    .await;
    let mut probe = Probe::new(&app).await;
    let r = |text: &str, n: usize| text.repeat(n);
    let sources = [
        ("html", "div, a million deep", r("<div>", 1_000_000)),
        (
            "html",
            "div, 100,000 deep and closed",
            r("<div>", 100_000) + &r("</div>", 100_000),
        ),
        ("html", "b, 100,000 deep", r("<b>", 100_000)),
        (
            "html",
            "a in a",
            r("<a href=\"https://x.example\">", 50_000),
        ),
        ("html", "lists in lists", r("<ul><li>", 50_000)),
        ("html", "tables in tables", r("<table><tr><td>", 20_000)),
        ("html", "quotes in quotes", r("<blockquote>", 100_000)),
        (
            "html",
            "what is closed and never opened",
            r("</p></b>", 100_000),
        ),
        (
            "html",
            "formatting that is never closed",
            r("<p><b><i>", 5_000),
        ),
        ("html", "tags without end", r("<", 500_000)),
        ("html", "half a tag", format!("<a {}", r("x=1 ", 200_000))),
        ("html", "comments without end", r("<!--", 200_000)),
        ("html", "character references", r("&amp;", 300_000)),
        ("html", "references without end", r("&", 500_000)),
        ("html", "select and option", r("<select><option>", 50_000)),
        ("html", "svg and math", r("<svg><math>", 50_000)),
        ("html", "templates", r("<template>", 50_000)),
        ("markdown", "quotes in quotes", r("> ", 100_000)),
        ("markdown", "brackets", r("[", 200_000)),
        ("markdown", "brackets and parentheses", r("[a](", 100_000)),
        ("markdown", "emphasis", r("*a_", 100_000)),
        ("markdown", "emphasis and blanks", r("* a *", 50_000)),
        (
            "markdown",
            "code ticks",
            (1..1_000).map(|n| r("`", n) + " ").collect(),
        ),
        (
            "markdown",
            "lists in lists",
            (0..2_000)
                .map(|n| format!("{}- a\n", r(" ", n * 2)))
                .collect(),
        ),
        (
            "markdown",
            "references",
            (0..20_000).map(|n| format!("[{n}]: /x\n[{n}] ")).collect(),
        ),
        ("markdown", "html in markdown", r("<div>", 200_000)),
        (
            "markdown",
            "tables",
            format!(
                "|{}\n|{}\n{}",
                r("a|", 1_000),
                r("-|", 1_000),
                r("|a\n", 1_000)
            ),
        ),
        ("markdown", "backslashes", r("\\", 500_000)),
        ("markdown", "angle brackets", r("<a", 200_000)),
        ("markdown", "exclamation marks", r("![", 200_000)),
    ];
    for (format, what, value) in sources {
        let began = Instant::now();
        let body =
            json!({"title": "x", "language": "en", "body": {"format": format, "value": value}});
        let ask = probe.ask("POST", "/v1/articles").json(body);
        let what = format!("{format}: {what}");
        let answer = probe.send(&what, ask).await;
        let took = began.elapsed();
        if took > LONG {
            probe.complain(&what, &format!("took {took:?}"), &answer);
        }
        if answer.status == 422 {
            let faults = answer.faults();
            if !faults.iter().all(|(at, _)| at.starts_with("/body")) {
                probe.complain(&what, "points elsewhere", &answer);
            }
        } else if answer.status != 201 {
            probe.complain(&what, "neither kept nor refused for its content", &answer);
        }
        if what.contains("a million deep") && answer.status != 422 {
            probe.complain(&what, "was kept", &answer);
        }
    }
    probe.end(30);
}

both_engines! {
    async fn markup_that_bites(app) {
        let mut probe = Probe::new(&app).await;
        let path = format!("/v1/articles/{}", probe.corpus.draft);
        // What a body may hold is told in a place that people find; nothing of the rest stays.
        for value in ["<script>alert(1)</script><p>x</p>", "<p onclick=alert(1)>x</p>", "<a href=\"javascript:alert(1)\">x</a>", "<a href=\" jav&#x09;ascript:alert(1)\">x</a>",
            "<img src=x onerror=alert(1)>x", "<svg onload=alert(1)>x", "<math><mtext><script>alert(1)</script>x", "<style>*{}</style>x", "<iframe srcdoc='<script>alert(1)</script>'></iframe>x",
            "<p>x</p><footer class=\"credit\">Source: Someone Else</footer>"] {
            for format in ["html", "markdown"] {
                let ask = probe.ask("PATCH", &path).if_match("*").json(json!({"body": {"format": format, "value": value}}));
                let answer = probe.send(value, ask).await;
                assert!(matches!(answer.status, 200 | 422), "{value}: {}", answer.text());
                for form in ["blocks", "html", "markdown", "text"] {
                    let text = probe.ask("GET", &format!("{path}?body_format={form}")).send().await.expect(200).json()["body"]["value"].to_string();
                    let text = text.to_lowercase();
                    for bad in ["<script", "onclick", "onerror", "onload", "javascript:", "srcdoc", "<style", "someone else"] {
                        assert!(!text.contains(bad), "{value} as {form}: {text}");
                    }
                }
            }
        }
        // Controls in running text are refused, wherever it comes from.
        for (format, value) in [("html", json!("<p>a\u{1}b</p>")), ("html", json!("<p>a&#1;b</p>")), ("markdown", json!("a\u{8}b")), ("markdown", json!("a&#8;b")),
            ("blocks", json!([{"type": "paragraph", "text": "a\u{1b}b"}])), ("blocks", json!([{"type": "paragraph", "text": "a&#27;b"}])), ("blocks", json!([{"type": "image", "url": "/x", "alt": "a\u{7f}"}]))] {
            let ask = probe.ask("PATCH", &path).if_match("*").json(json!({"body": {"format": format, "value": value}}));
            let answer = probe.send(&value.to_string(), ask).await;
            let kept = answer.status == 200 && !probe.ask("GET", &path).send().await.json()["body"]["value"].to_string().contains("\\u00");
            if answer.status != 422 && !kept {
                probe.complain(&value.to_string(), "a control character was kept", &answer);
            }
        }
        for (value, pointer) in [
            (json!([{"type": "poem", "text": "x"}]), "/body/value/0/type"),
            (json!([{"text": "x"}]), "/body/value/0/type"),
            (json!([{"type": "paragraph"}]), "/body/value/0/text"),
            (json!([{"type": "paragraph", "text": ""}]), "/body/value/0/text"),
            (json!([{"type": "heading", "level": 1, "text": "x"}]), "/body/value/0/level"),
            (json!([{"type": "heading", "level": "2", "text": "x"}]), "/body/value/0/level"),
            (json!([{"type": "paragraph", "text": "x"}, {"type": "image", "url": "javascript:alert(1)"}]), "/body/value/1/url"),
            (json!([{"type": "image", "url": "x", "width": 0}]), "/body/value/0/width"),
            (json!([{"type": "list", "ordered": true, "items": []}]), "/body/value/0/items"),
            (json!([{"type": "table", "rows": [["a", "b"], ["c"]]}]), "/body/value/0/rows/1"),
            (json!("x"), "/body/value"),
            (json!([["x"]]), "/body/value/0"),
            (json!([null]), "/body/value/0"),
            (json!({"0": {"type": "paragraph", "text": "x"}}), "/body/value"),
        ] {
            let ask = probe.ask("PATCH", &path).if_match("*").json(json!({"body": {"format": "blocks", "value": value}}));
            let answer = probe.refused(&value.to_string(), ask, 422, "invalid").await;
            if answer.status == 422 && !answer.faults().iter().any(|(at, _)| at == pointer) {
                probe.complain(&value.to_string(), pointer, &answer);
            }
        }
        probe.end(40);
    }
}
