//! Bodies: what is no JSON, no object, of the wrong type, or names what is not there.

use serde_json::{Value, json};

use super::{Probe, with_bodies};
use crate::openapi::Operation;
use crate::support::both_engines;

/// Every member of a document, however deep, by its JSON Pointer.
fn members(value: &Value, at: &str, found: &mut Vec<String>) {
    if !at.is_empty() {
        found.push(at.to_owned());
    }
    match value {
        Value::Object(inside) => inside.iter().for_each(|(name, member)| {
            let name = name.replace('~', "~0").replace('/', "~1");
            members(member, &format!("{at}/{name}"), found);
        }),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(n, item)| members(item, &format!("{at}/{n}"), found)),
        _ => {}
    }
}

/// A body that fits the operation, made new enough to be carried out.
fn fitting(operation: &Operation, example: &Value) -> Value {
    let mut body = example.clone();
    if operation.id == "create_client" {
        body["expires_at"] = json!("2030-01-01T00:00:00Z");
    }
    body
}

/// `example` with another value at `pointer`.
fn with(example: &Value, pointer: &str, value: Value) -> Value {
    let mut body = example.clone();
    *body.pointer_mut(pointer).expect("it was there") = value;
    body
}

fn deep(open: &str, close: &str, n: usize) -> Vec<u8> {
    format!("{}{}", open.repeat(n), close.repeat(n)).into_bytes()
}

/// Actions that say enough by themselves.
const TAKE_NOTHING: [&str; 5] = [
    "publish_article",
    "submit_article",
    "return_article",
    "reinstate_article",
    "rotate_webhook_secret",
];

both_engines! {
    async fn what_is_no_json(app) {
        let mut probe = Probe::new(&app).await;
        let broken: Vec<(&str, Vec<u8>)> = vec![
            ("nothing", b"".to_vec()),
            ("blanks", b" \n\t ".to_vec()),
            ("a word", b"hello".to_vec()),
            ("half an object", b"{".to_vec()),
            ("half a string", b"{\"name\": \"x".to_vec()),
            ("a comma too many", b"{\"name\": \"x\",}".to_vec()),
            ("single quotes", b"{'name': 'x'}".to_vec()),
            ("a comment", b"{} // done".to_vec()),
            ("two documents", b"{} {}".to_vec()),
            ("not a number", b"{\"name\": NaN}".to_vec()),
            ("a leading zero", b"{\"name\": 01}".to_vec()),
            ("a number without end", b"{\"name\": 1e999}".to_vec()),
            ("a raw line break in a string", b"{\"name\": \"a\nb\"}".to_vec()),
            ("a raw NUL in a string", b"{\"name\": \"a\0b\"}".to_vec()),
            ("a raw NUL", b"{}\0".to_vec()),
            ("bytes that are not UTF-8", b"{\"name\": \"a\xff\xfeb\"}".to_vec()),
            ("half a character", b"{\"name\": \"a\xe6\x9e\"}".to_vec()),
            ("an overlong character", b"{\"name\": \"a\xc0\x80b\"}".to_vec()),
            ("a surrogate as bytes", b"{\"name\": \"a\xed\xa0\x80b\"}".to_vec()),
            ("half a surrogate pair", b"{\"name\": \"\\ud800\"}".to_vec()),
            ("UTF-16", "{\"name\": \"x\"}".encode_utf16().flat_map(u16::to_le_bytes).collect()),
            ("a byte order mark", b"\xef\xbb\xbf{}".to_vec()),
            ("a form", b"name=x&kind=reporter".to_vec()),
            ("arrays, 100,000 deep", deep("[", "]", 100_000)),
            ("arrays, 100,000 deep and unclosed", deep("[", "", 100_000)),
            ("objects, 100,000 deep", deep("{\"a\":", "}", 100_000)),
        ];
        for (operation, kind, _) in with_bodies() {
            for (what, bytes) in &broken {
                if bytes.is_empty() && TAKE_NOTHING.contains(&operation.id.as_str()) {
                    continue;
                }
                let ask = probe.to(&operation).if_match("*").raw(&kind, bytes.clone());
                let answer = probe.refused(what, ask, 400, "not-json").await;
                if !answer.json()["detail"].as_str().unwrap_or_default().starts_with("Line ") {
                    probe.complain(what, "does not say where", &answer);
                }
            }
        }
        probe.end(500);
    }

    async fn other_media_types(app) {
        let mut probe = Probe::new(&app).await;
        for (operation, _, example) in with_bodies() {
            for kind in ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                "application/jsonx", "application/problem+json", "application", "*/*", ";", "application/json, text/plain"] {
                let ask = probe.to(&operation).if_match("*").raw(kind, example.to_string());
                probe.refused(kind, ask, 415, "unsupported-media-type").await;
            }
            let bytes = example.to_string();
            let bare = probe.to(&operation).if_match("*").body(bytes);
            probe.refused("no media type", bare, 415, "unsupported-media-type").await;
        }
        probe.end(200);
    }

    async fn what_is_no_object(app) {
        let mut probe = Probe::new(&app).await;
        for (operation, kind, example) in with_bodies() {
            for body in [json!([]), json!([example]), json!("x"), json!(7), json!(true), json!(null)] {
                let ask = probe.to(&operation).if_match("*").raw(&kind, body.to_string());
                probe.invalid(&body.to_string(), ask, "", "type").await;
            }
        }
        probe.end(120);
    }

    async fn members_that_nobody_knows(app) {
        let mut probe = Probe::new(&app).await;
        for (operation, kind, example) in with_bodies() {
            let mut body = fitting(&operation, &example);
            for name in ["__proto__", "a/b~c", "Title", "", "名"] {
                body[name] = json!(1);
            }
            let ask = probe.to(&operation).if_match("*").raw(&kind, body.to_string());
            let answer = probe.invalid("unknown members", ask, "/a~1b~0c", "unknown_field").await;
            for pointer in ["/__proto__", "/Title", "/", "/名"] {
                if !answer.faults().contains(&(pointer.to_owned(), "unknown_field".to_owned())) {
                    probe.complain(pointer, "is not told", &answer);
                }
            }
        }
        // Deeper down, too, and in lists.
        for (body, pointer) in [
            (json!({"title": "x", "language": "en", "dateline": {"city": "x"}}), "/dateline/city"),
            (json!({"title": "x", "language": "en", "body": {"format": "html", "value": "x", "lang": "en"}}), "/body/lang"),
            (json!({"title": "x", "language": "en", "body": {"format": "blocks", "value": [{"type": "paragraph", "text": "x", "style": 1}]}}), "/body/value/0/style"),
            (json!({"title": "x", "language": "en", "contributors": [{"author_id": probe.corpus.author, "role": "reporter", "name": "x"}]}), "/contributors/0/name"),
        ] {
            let ask = probe.ask("POST", "/v1/articles").json(body);
            probe.invalid(pointer, ask, pointer, "unknown_field").await;
        }
        probe.end(24);
    }

    async fn members_of_the_wrong_type(app) {
        let mut probe = Probe::new(&app).await;
        for (operation, kind, example) in with_bodies() {
            let example = fitting(&operation, &example);
            let mut pointers = Vec::new();
            members(&example, "", &mut pointers);
            for pointer in pointers {
                let wrong = match example.pointer(&pointer).unwrap() {
                    Value::String(_) => vec![json!(7), json!(false), json!({"a": 1}), json!(["x", ["y"]])],
                    Value::Number(_) => vec![json!("1"), json!(1.5), json!(-1e300), json!(18_446_744_073_709_551_615_u64), json!([1])],
                    Value::Bool(_) => vec![json!("true"), json!(0), json!({})],
                    Value::Array(_) => vec![json!("x"), json!({"0": "x"}), json!([null]), json!([[["x"]]])],
                    Value::Object(_) => vec![json!("x"), json!(["x"]), json!(7)],
                    Value::Null => vec![],
                };
                for value in wrong {
                    let body = with(&example, &pointer, value);
                    let ask = probe.to(&operation).if_match("*").raw(&kind, body.to_string());
                    let what = format!("{} {pointer}", operation.id);
                    let answer = probe.refused(&what, ask, 422, "invalid").await;
                    if answer.status == 422 && !answer.faults().iter().any(|(at, _)| at.starts_with(&pointer)) {
                        probe.complain(&what, "is not pointed to", &answer);
                    }
                }
            }
        }
        probe.end(400);
    }

    /// PostgreSQL cannot keep U+0000 and SQLite can: so nobody does. What is never kept may hold it.
    async fn nul_anywhere(app) {
        let mut probe = Probe::new(&app).await;
        for (operation, kind, example) in with_bodies() {
            let example = fitting(&operation, &example);
            let mut pointers = Vec::new();
            members(&example, "", &mut pointers);
            for pointer in pointers {
                let Some(text) = example.pointer(&pointer).and_then(Value::as_str) else {
                    continue;
                };
                for value in [format!("{text}\0"), format!("\0{text}"), "\0".to_owned()] {
                    let body = with(&example, &pointer, json!(value));
                    let ask = probe.to(&operation).if_match("*").raw(&kind, body.to_string());
                    if operation.id == "verify_attestation" {
                        let answer = probe.send(&operation.id, ask).await.expect(200);
                        assert_eq!(answer.json(), json!({"status": "tampered", "tampered_fields": []}));
                        continue;
                    }
                    probe.invalid(&operation.id, ask, &pointer, "unsafe_character").await;
                }
            }
            let mut body = example.clone();
            body["a\0b"] = json!(1);
            let ask = probe.to(&operation).if_match("*").raw(&kind, body.to_string());
            probe.refused(&operation.id, ask, 422, "invalid").await;
        }
        let nested = json!({"title": "x", "language": "en", "extra": {"a": [{"b": "x\0"}], "c\0d": 1}});
        let ask = probe.ask("POST", "/v1/articles").json(nested);
        let answer = probe.invalid("extra", ask, "/extra/a/0/b", "unsafe_character").await;
        assert!(answer.faults().iter().any(|(at, _)| at.starts_with("/extra/c")), "{:?}", answer.faults());
        probe.end(150);
    }

    /// Whatever stands in a credit looks as it is stored (rule 3).
    async fn marks_in_what_is_credited(app) {
        let mut probe = Probe::new(&app).await;
        let author = json!({"name": "x", "kind": "reporter"});
        let source = json!({"name": "x", "credit_label": "x", "kind": "external"});
        let notice = json!({"kind": "contact", "language": "fr", "text": "x", "contact": {"desk": "x"}, "claim_window_days": 1});
        let article = json!({"title": "x", "language": "en"});
        let reprint = |member: &str, value: Value| { let mut body = article.clone(); body["original"] = json!({member: value}); body };
        for mark in ["\u{0}", "\u{7}", "\u{1b}", "\n", "\u{85}", "\u{ad}", "\u{61c}", "\u{200b}", "\u{200c}", "\u{200d}", "\u{200e}", "\u{200f}", "\u{2028}",
            "\u{202a}", "\u{202e}", "\u{2060}", "\u{2066}", "\u{2069}", "\u{feff}", "\u{fe0f}", "\u{fff9}", "\u{ffff}", "\u{e0041}", "\u{3164}"] {
            let text = format!("来{mark}源");
            let insert = |body: &Value, member: &str| { let mut body = body.clone(); body[member] = json!(text); body };
            for (path, body, pointer) in [
                ("/v1/authors", insert(&author, "name"), "/name"),
                ("/v1/authors", insert(&author, "real_name"), "/real_name"),
                ("/v1/sources", insert(&source, "name"), "/name"),
                ("/v1/sources", insert(&source, "credit_label"), "/credit_label"),
                ("/v1/sources", json!({"name": "x", "credit_label": "x", "kind": "own", "aliases": ["y", text]}), "/aliases/1"),
                ("/v1/sources", json!({"name": "x", "credit_label": "x", "kind": "own", "official_forms": {"zh-Hans": text}}), "/official_forms/zh-Hans"),
                ("/v1/sections", json!({"name": text}), "/name"),
                ("/v1/notices", { let mut body = notice.clone(); body["contact"]["desk"] = json!(text); body }, "/contact/desk"),
                ("/v1/articles", insert(&article, "title"), "/title"),
                ("/v1/articles", insert(&article, "end_mark"), "/end_mark"),
                ("/v1/articles", { let mut body = article.clone(); body["dateline"] = json!({"agency": text}); body }, "/dateline/agency"),
                ("/v1/articles", { let mut body = article.clone(); body["tags"] = json!([text]); body }, "/tags/0"),
                ("/v1/articles", reprint("title", json!(text)), "/original/title"),
                ("/v1/articles", reprint("authors", json!(["x", text])), "/original/authors/1"),
                ("/v1/articles", reprint("print_ref", json!(text)), "/original/print_ref"),
                ("/v1/articles", reprint("author_unstated", json!({"reason": text})), "/original/author_unstated/reason"),
            ] {
                let ask = probe.ask("POST", path).json(body);
                probe.invalid(&format!("{mark:?}"), ask, pointer, "unsafe_character").await;
            }
            for member in ["site_name", "copyright_holder"] {
                let ask = probe.ask("PATCH", "/v1/settings").if_match("*").json(json!({member: text}));
                probe.invalid(&format!("{mark:?}"), ask, &format!("/{member}"), "unsafe_character").await;
            }
        }
        probe.end(400);
    }

    async fn references_to_what_is_not_there(app) {
        let mut probe = Probe::new(&app).await;
        let far = |prefix: &str| format!("{prefix}_01900000000070008000000000000999");
        let draft = json!({"title": "x", "language": "en"});
        let (article, author, section) = (probe.corpus.article.clone(), probe.corpus.author.clone(), probe.corpus.section.clone());
        let body = |member: &str, value: Value| { let mut body = draft.clone(); body[member] = value; body };
        for (path, body, pointer, code) in [
            ("/v1/articles", body("section_id", json!(far("sec"))), "/section_id", "unknown"),
            ("/v1/articles", body("source_id", json!(far("src"))), "/source_id", "unknown"),
            ("/v1/articles", body("editor_id", json!(far("aut"))), "/editor_id", "unknown"),
            ("/v1/articles", body("translation_of", json!(far("art"))), "/translation_of", "unknown"),
            ("/v1/articles", body("related", json!([article, far("art")])), "/related/1", "unknown"),
            ("/v1/articles", body("contributors", json!([{"author_id": author, "role": "reporter"}, {"author_id": far("aut"), "role": "reporter"}])), "/contributors/1/author_id", "unknown"),
            ("/v1/sections", json!({"name": "x", "parent_id": far("sec")}), "/parent_id", "unknown"),
            // Another noun's id, and what is none.
            ("/v1/articles", body("section_id", json!(author)), "/section_id", "pattern"),
            ("/v1/articles", body("source_id", json!(section)), "/source_id", "pattern"),
            ("/v1/articles", body("editor_id", json!("")), "/editor_id", "pattern"),
            ("/v1/articles", body("related", json!(["art_"])), "/related/0", "pattern"),
            ("/v1/articles", body("related", json!([article.to_uppercase()])), "/related/0", "pattern"),
            ("/v1/articles", body("related", json!([format!("{article}\n")])), "/related/0", "pattern"),
            ("/v1/articles", body("related", json!([article, article])), "/related/1", "duplicate"),
            ("/v1/sections", json!({"name": "x", "parent_id": "root"}), "/parent_id", "pattern"),
        ] {
            let ask = probe.ask("POST", path).json(body);
            probe.invalid(&format!("{path} {pointer}"), ask, pointer, code).await;
        }
        let itself = probe.ask("PATCH", &format!("/v1/articles/{article}")).if_match("*").json(json!({"related": [article]}));
        probe.invalid("itself", itself, "/related/0", "self").await;
        let under = probe.ask("PATCH", &format!("/v1/sections/{section}")).if_match("*").json(json!({"parent_id": section}));
        let answer = probe.send("a section under itself", under).await;
        assert!(matches!(answer.status, 409 | 422), "{}", answer.text());
        let grant = json!({"channels": ["web"], "territories": ["CN"], "valid_from": "2026-01-01T00:00:00Z", "max_extent": "full", "may_redistribute": false, "alteration": "format"});
        let ask = probe.ask("POST", &format!("/v1/sources/{}/grants", far("src"))).json(grant);
        probe.refused("a grant of no source", ask, 404, "not-found").await;
        probe.end(18);
    }

    async fn what_is_taken(app) {
        let mut probe = Probe::new(&app).await;
        for (path, body, pointer) in [
            ("/v1/articles", json!({"title": "x", "language": "en", "slug": "harbour-opens"}), "/slug"),
            ("/v1/sections", json!({"name": "x", "slug": "economy"}), "/slug"),
            ("/v1/sources", json!({"name": "Coastal Wire", "credit_label": "x", "kind": "own"}), "/name"),
            ("/v1/users", json!({"email": "NOBODY@desk.example.org", "name": "x", "role": "viewer", "password": "a long enough passphrase"}), "/email"),
            ("/v1/notices", json!({"kind": "own_work", "language": "en", "text": "x"}), ""),
        ] {
            let ask = probe.ask("POST", path).json(body);
            let answer = probe.refused(path, ask, 409, "taken").await;
            if !pointer.is_empty() && !answer.faults().iter().any(|(at, code)| at == pointer && code == "taken") {
                probe.complain(path, "does not point to it", &answer);
            }
        }
        let path = format!("/v1/articles/{}", probe.corpus.draft);
        let ask = probe.ask("PATCH", &path).if_match("*").json(json!({"slug": "harbour-opens"}));
        probe.refused("a slug by patch", ask, 409, "taken").await;
        for slug in ["Economy", "a--b", "-a", "a-", "a_b", "经济", "a b", "", "a/b", "a\u{200b}b", "tree", "root"] {
            let ask = probe.ask("POST", "/v1/sections").json(json!({"name": "x", "slug": slug}));
            let answer = probe.refused(slug, ask, 422, "invalid").await;
            assert!(answer.faults().iter().all(|(at, _)| at == "/slug"), "{slug}: {:?}", answer.faults());
        }
        probe.end(18);
    }

    async fn times_out_of_range(app) {
        let mut probe = Probe::new(&app).await;
        let article = format!("/v1/articles/{}", probe.corpus.draft);
        let grants = format!("/v1/sources/{}/grants", probe.corpus.source);
        for (at, good) in [
            ("0000-01-01T00:00:00Z", false), ("9999-01-01T00:00:00Z", false), ("9999-12-31T23:59:59.999999999Z", false),
            ("10000-01-01T00:00:00Z", false), ("-0001-01-01T00:00:00Z", false), ("+262143-01-01T00:00:00Z", false),
            ("9998-12-31T23:59:59-23:59", false), ("0001-01-01T00:00:00+23:59", false),
            ("2026-02-30T00:00:00Z", false), ("2026-13-01T00:00:00Z", false), ("2026-01-01T24:00:00Z", false), ("2026-01-01T00:60:00Z", false),
            ("2026-01-01T00:00:61Z", false), ("2026-01-01", false), ("2026-01-01T00:00:00", false), ("2026-01-01T00:00Z", false),
            ("yesterday", false), ("", false), ("1767225600", false), ("2026-01-01T00:00:00Z\u{0}", false), ("２０２６-01-01T00:00:00Z", false),
            ("2025-12-31T23:59:59.9999999999999Z", true), ("2016-12-31T23:59:60Z", true), ("2026-01-01t00:00:00z", true), ("2026-01-01T00:00:00+08:00", true),
            ("0001-01-01T00:00:00Z", true), ("9998-12-31T23:59:59Z", true),
        ] {
            for (method, path, body, pointer) in [
                ("POST", grants.as_str(), json!({"channels": ["web"], "territories": ["CN"], "valid_from": at, "max_extent": "full", "may_redistribute": false, "alteration": "format"}), "/valid_from"),
                ("POST", "/v1/sources", json!({"name": at, "credit_label": at, "kind": "external", "registry": [{"list_edition": "x", "valid_from": at}]}), "/registry/0/valid_from"),
                ("PATCH", article.as_str(), json!({"original": {"published_at": at}}), "/original/published_at"),
            ] {
                let ask = probe.ask(method, path).if_match("*").json(body);
                if good {
                    let answer = probe.send(at, ask).await;
                    if answer.status >= 400 {
                        probe.complain(at, "should be taken", &answer);
                    }
                } else {
                    let answer = probe.refused(at, ask, 422, "invalid").await;
                    if !answer.faults().iter().any(|(found, _)| found == pointer) {
                        probe.complain(at, pointer, &answer);
                    }
                }
            }
        }
        for date in ["2026-02-30", "0000-01-01", "9999-12-31", "10000-01-01", "2026-1-1", "2026-01-01T00:00:00Z", ""] {
            let ask = probe.ask("PATCH", &article).if_match("*").json(json!({"dateline": {"date": date}}));
            probe.refused(date, ask, 422, "invalid").await;
        }
        probe.end(80);
    }

    async fn numbers_that_are_too_much(app) {
        let mut probe = Probe::new(&app).await;
        for number in ["-1", "1000001", "1e300", "-1e300", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
            "18446744073709551616", "123456789012345678901234567890", "0.5", "1e-400"] {
            let body = format!("{{\"name\": \"x\", \"position\": {number}}}");
            let ask = probe.ask("POST", "/v1/sections").raw("application/json", body);
            if number == "1e-400" {
                probe.send(number, ask).await;
                continue;
            }
            let answer = probe.refused(number, ask, 422, "invalid").await;
            if !answer.faults().iter().any(|(at, _)| at == "/position") {
                probe.complain(number, "is not pointed to", &answer);
            }
        }
        // Whatever JSON can say may stand in `extra`, and comes back.
        let article = format!("/v1/articles/{}", probe.corpus.draft);
        for number in ["18446744073709551615", "-9223372036854775808", "1e300", "123456789012345678901234567890", "-0.0"] {
            let body = format!("{{\"extra\": {{\"n\": {number}}}}}");
            let ask = probe.ask("PATCH", &article).if_match("*").raw("application/json", body);
            let answer = probe.send(number, ask).await;
            assert_eq!(answer.status, 200, "{number}: {}", answer.text());
            assert_eq!(answer.json()["extra"]["n"], number.parse::<Value>().unwrap(), "{number}");
        }
        let large: Vec<Value> = (0..2_000).map(|n| json!({"n": n})).collect();
        let ask = probe.ask("PATCH", &article).if_match("*").json(json!({"extra": {"large": large}}));
        probe.invalid("an extra of 20 kB", ask, "/extra", "length").await;
        probe.end(15);
    }
}
