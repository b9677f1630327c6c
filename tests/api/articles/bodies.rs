//! Bodies: three forms in, four forms out, clean whatever came.

use serde_json::{Value, json};

use crate::support::both_engines;
use crate::support::newsroom::with;
use crate::support::request::faults;

both_engines! {
    async fn three_forms_in_four_forms_out(app) {
        let desk = app.newsroom().await;
        let blocks = json!([
            {"type": "paragraph", "text": "Ships <strong>dock</strong> from noon."},
            {"type": "heading", "level": 2, "text": "What changes"},
            {"type": "list", "ordered": false, "items": ["Ships wait less", "Trucks wait more"]},
            {"type": "quote", "text": "We are glad."},
            {"type": "image", "url": "https://img.example.org/q.jpg", "alt": "The quay"},
            {"type": "table", "header": ["Ship", "Hour"], "rows": [["Ada", "9"]]},
        ]);
        let html = "<p>Ships <strong>dock</strong> from noon.</p>\n<h2>What changes</h2>\n<ul><li>Ships wait less</li><li>Trucks wait more</li></ul>\n\
            <blockquote><p>We are glad.</p></blockquote>\n<figure><img src=\"https://img.example.org/q.jpg\" alt=\"The quay\"></figure>\n\
            <table><thead><tr><th>Ship</th><th>Hour</th></tr></thead><tbody><tr><td>Ada</td><td>9</td></tr></tbody></table>";
        let markdown = "Ships **dock** from noon.\n\n## What changes\n\n- Ships wait less\n- Trucks wait more\n\n> We are glad.\n\n\
            ![The quay](https://img.example.org/q.jpg)\n\n| Ship | Hour |\n| --- | --- |\n| Ada | 9 |";
        let text = "Ships dock from noon.\n\nWhat changes\n\n- Ships wait less\n- Trucks wait more\n\nWe are glad.\n\n[The quay]\n\nShip\tHour\nAda\t9";
        let forms = [("blocks", blocks), ("html", json!(html)), ("markdown", json!(markdown)), ("text", json!(text))];
        let mut digests = Vec::new();
        for (form, value) in forms.iter().take(3) {
            let body = json!({"format": form, "value": value});
            let id = app.draft(with(desk.own_work("Same"), json!({"slug": "same", "body": body}))).await;
            let path = format!("/v1/articles/{id}");
            for (asked, expected) in &forms {
                let seen = app.get(&format!("{path}?body_format={asked}")).by_admin().await.expect(200).json();
                assert_eq!(seen["body"]["format"], json!(asked));
                // Plain text is followed by its credit, for every reader.
                let value = match seen["body"]["value"].as_str() {
                    Some(text) if *asked == "text" => json!(text.replace("\n\nSource: Harbour Daily\nBy: Lin Yue\nEditor: Chen An", "")),
                    _ => seen["body"]["value"].clone(),
                };
                assert_eq!(value, *expected, "{form} as {asked}");
                digests.push(seen["body"]["digest"].clone());
            }
            let seen = app.get(&path).by_admin().await.expect(200);
            app.delete(&path).if_match(&seen.etag()).by_admin().await.expect(204);
        }
        digests.dedup();
        assert_eq!(digests.len(), 1, "one text, one digest");
        app.get("/v1/articles?body_format=pdf").send().await.expect(400);
    }

    async fn nothing_harmful_gets_in(app) {
        let desk = app.newsroom().await;
        let html = "<p onclick=\"alert(1)\" style=\"x\">A<script>alert(2)</script><a href=\"javascript:alert(3)\">b</a>\
            <a href=\"https://ok.example\" onmouseover=\"alert(4)\">c</a><img src=x onerror=alert(5)></p><!-- alert(6) --><style>p{}</style>\
            <iframe src=\"https://v.example/1\"></iframe><svg onload=alert(7)></svg><object data=\"alert(8)\"></object><form action=\"alert(9)\"><input name=alert10></form>\
            <p>D<footer class=\"credit\">Source: Nobody</footer></p>";
        let inline = "A<script>alert(1)</script><b onclick=\"alert(2)\">b</b><a href=\"data:text/html,alert(3)\">c</a>";
        for (n, body) in [
            json!({"format": "html", "value": html.replace("<img src=x onerror=alert(5)>", "<img src=\"/x.jpg\" onerror=alert(5)>")}),
            json!({"format": "markdown", "value": format!("# T\n\n{html}\n\n[x](javascript:alert(1))").replace("<img src=x onerror=alert(5)>", "")}),
            json!({"format": "blocks", "value": [{"type": "paragraph", "text": inline}, {"type": "list", "ordered": true, "items": [inline]}]}),
        ].into_iter().enumerate() {
            let id = app.draft(with(desk.own_work("Hostile"), json!({"slug": format!("hostile-{n}"), "body": body}))).await;
            for form in ["blocks", "html", "markdown"] {
                let seen = app.get(&format!("/v1/articles/{id}?body_format={form}")).by_admin().await.expect(200);
                let body = seen.json()["body"].to_string();
                for wrong in ["alert", "<script", "onclick", "javascript:", "<iframe", "<svg", "style=", "Nobody", "data:"] {
                    assert!(!body.contains(wrong), "{wrong} in {form} of {n}: {body}");
                }
            }
        }
    }

    async fn faults_of_a_body_point_to_their_block(app) {
        let desk = app.newsroom().await;
        let post = |body: Value| app.post("/v1/articles", with(desk.own_work("x"), json!({"body": body})));
        let wrong = post(json!({"format": "blocks", "value": [
            {"type": "paragraph", "text": "fine"}, {"type": "paragraph", "text": "  "},
            {"type": "image", "url": "javascript:x"}, {"type": "table", "rows": [["a", "b"], ["c"]]},
            {"type": "list", "ordered": false, "items": ["a", ""]},
        ]})).by_admin().await.expect(422);
        assert_eq!(wrong.faults(), faults(&[
            ("/body/value/1/text", "empty_text"), ("/body/value/2/url", "bad_url"),
            ("/body/value/3/rows/1", "ragged_table"), ("/body/value/4/items/1", "empty_text"),
        ]));
        let schema = post(json!({"format": "blocks", "value": [{"type": "heading", "level": 9, "text": "x"}]})).by_admin().await.expect(422);
        assert_eq!(schema.faults(), faults(&[("/body/value/0/level", "range")]));
        for body in [
            json!({"format": "blocks", "value": [{"type": "video", "url": "https://v.example"}]}),
            json!({"format": "blocks", "value": "text"}), json!({"format": "html", "value": []}),
            json!({"format": "text", "value": "x"}), json!({"value": "x"}), json!("x"), json!(null),
            json!({"format": "html", "value": "x", "more": 1}),
            json!({"format": "html", "value": "<div>".repeat(300)}),
            json!({"format": "html", "value": "<p><img src=\"cat.jpg\"></p>"}),
        ] {
            let answer = post(body.clone()).by_admin().await.expect(422);
            let found = answer.faults();
            assert!(!found.is_empty() && found.iter().all(|(at, _)| at.starts_with("/body")), "{body}: {found:?}");
        }
    }

    async fn an_excerpt_of_one_sentence_is_nothing(app) {
        let desk = app.newsroom().await;
        let short = with(desk.own_work("Short"), json!({"body": {"format": "html", "value": "<p>Only one sentence here.</p>"}}));
        let id = app.live(short).await;
        let path = format!("/v1/articles/{id}");
        let seen = app.get(&path).send().await.expect(200).json();
        assert_eq!(seen["attribution"]["usage"]["extent"], "excerpt");
        assert_eq!(seen["body"]["value"], "");
        let text = app.get(&format!("{path}?body_format=text")).send().await.expect(200).json();
        assert_eq!(text["body"]["value"], "Source: Harbour Daily\nBy: Lin Yue\nEditor: Chen An");
        let listed = app.get("/v1/articles").send().await.expect(200).json();
        assert_eq!(listed["data"][0]["attribution"]["usage"]["extent"], "excerpt", "the same on every surface");
    }
}
