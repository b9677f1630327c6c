//! Headers and methods: preconditions, idempotency keys, codings, and garbage.

use serde_json::{Value, json};

use super::{Probe, changes, trace, with_bodies};
use crate::openapi::METHODS;
use crate::support::both_engines;
use crate::support::described::document;

both_engines! {
    async fn preconditions(app) {
        let mut probe = Probe::new(&app).await;
        for operation in changes() {
            let kind = operation.value["requestBody"]["content"].as_object().and_then(|content| content.keys().next());
            let ask = |probe: &Probe<'_>| {
                let ask = app.request(&operation.method, &probe.corpus.path(&operation.path)).bearer(&probe.token);
                match kind {
                    Some(kind) => ask.raw(kind, "{}"),
                    None => ask,
                }
            };
            let bare = ask(&probe);
            probe.refused(&operation.id, bare, 428, "precondition-required").await;
            // Well-formed tags of another revision, or of another making.
            for tag in ["\"99.x\"", "\"0.x\"", "\"-1.x\"", "W/\"1.x\"", "\"\"", "\"x\"", "\"99\", \"98\"", "\"9999999999999999999999.x\"", "\"1,1.x\"", "\"*\"", "\"١.x\""] {
                let stale = ask(&probe).if_match(tag);
                let answer = probe.refused(tag, stale, 412, "precondition-failed").await;
                if !answer.header("etag").starts_with('"') {
                    probe.complain(tag, "does not tell the current ETag", &answer);
                }
            }
            for tag in ["1", "1.x", "\"1.x", "1.x\"", "'1.x'", "**", "x\"1\"", "\"1.x\"; \"2.x\"", "W/", "W/1"] {
                let malformed = ask(&probe).if_match(tag);
                let answer = probe.refused(tag, malformed, 400, "bad-request").await;
                if answer.faults() != [("If-Match".to_owned(), "format".to_owned())] {
                    probe.complain(tag, "is not told as the header's fault", &answer);
                }
            }
            for tag in [&b""[..], b" ", b",", b"\xff", b"\"1\xff.x\""] {
                let strange = ask(&probe).header_bytes("if-match", tag);
                let answer = probe.send("a strange If-Match", strange).await;
                if !matches!(answer.status, 400 | 412) {
                    probe.complain(&format!("{tag:?}"), "neither 400 nor 412", &answer);
                }
            }
        }
        // Where If-Match is a choice, what is given counts.
        for action in ["publish", "correct", "withdraw"] {
            let path = format!("/v1/articles/{}/{action}", probe.corpus.article);
            let body = match action {
                "publish" => json!({}),
                "correct" => json!({"public_note": "x"}),
                _ => json!({"reason_class": "editorial", "reason": "x"}),
            };
            let stale = probe.ask("POST", &path).json(body.clone()).if_match("\"99.x\"");
            probe.refused(action, stale, 412, "precondition-failed").await;
            let malformed = probe.ask("POST", &path).json(body).if_match("99");
            probe.refused(action, malformed, 400, "bad-request").await;
        }
        for tag in ["", "*", "x", "\"", "W/\"", "\"0.x\"", ",,,"] {
            let read = probe.ask("GET", "/v1/authors").header("if-none-match", tag);
            let answer = probe.send(tag, read).await;
            assert_eq!(answer.status, if tag == "*" { 304 } else { 200 }, "{tag}");
        }
        probe.end(400);
    }

    async fn idempotency_keys(app) {
        let mut probe = Probe::new(&app).await;
        let body = json!({"name": "Wen Ya", "kind": "outside"});
        for key in [&b""[..], b" ", b"\"\"", b"\xff\xfe", "键".as_bytes(), &[b'x'; 201], &[b'x'; 20_000], b"a\tb", b"a\x80b"] {
            let ask = probe.ask("POST", "/v1/authors").json(body.clone()).header_bytes("idempotency-key", key);
            let answer = probe.refused("a strange key", ask, 400, "bad-request").await;
            if answer.faults() != [("Idempotency-Key".to_owned(), "format".to_owned())] {
                probe.complain(&String::from_utf8_lossy(key), "is not told as the header's fault", &answer);
            }
        }
        let two = probe.ask("POST", "/v1/authors").json(body.clone()).header("idempotency-key", "one").header("idempotency-key", "two");
        let answer = probe.refused("two keys", two, 400, "bad-request").await;
        assert_eq!(answer.faults(), [("Idempotency-Key".to_owned(), "repeated".to_owned())]);
        // A key belongs to one request: the same one gets the same outcome, another one none.
        let once = |probe: &Probe<'_>, path: &str, body: &Value| app.post(path, body.clone()).bearer(&probe.token).header("idempotency-key", "k-1");
        let first = once(&probe, "/v1/authors", &body).send().await.expect(201);
        let before = trace(&app);
        let again = once(&probe, "/v1/authors", &body).send().await.expect(201);
        assert_eq!((first.id(), first.etag()), (again.id(), again.etag()));
        assert_eq!(trace(&app), before, "a repetition writes nothing");
        let other = once(&probe, "/v1/authors", &json!({"name": "Other", "kind": "outside"}));
        probe.refused("another body", other, 422, "key-reused").await;
        let elsewhere = once(&probe, "/v1/sections", &body);
        probe.send("another path, and a body that does not fit", elsewhere).await;
        let elsewhere = once(&probe, "/v1/sections", &json!({"name": "x"}));
        probe.refused("another path", elsewhere, 422, "key-reused").await;
        // What was refused keeps no key: it can be mended and sent again.
        let wrong = app.post("/v1/authors", json!({"name": ""})).bearer(&probe.token).header("idempotency-key", "k-2");
        probe.refused("a refusal", wrong, 422, "invalid").await;
        app.post("/v1/authors", body).bearer(&probe.token).header("idempotency-key", "k-2").send().await.expect(201);
        probe.end(13);
    }

    async fn methods(app) {
        let mut probe = Probe::new(&app).await;
        for (pattern, item) in document()["paths"].as_object().unwrap() {
            let path = probe.corpus.path(pattern);
            let mut known: Vec<String> = item.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect();
            if known.contains(&"GET".to_owned()) {
                known.push("HEAD".to_owned());
            }
            known.sort();
            for method in METHODS.iter().map(|method| method.to_uppercase()).chain(["HEAD", "OPTIONS", "TRACE", "BREW", "get"].map(str::to_owned)) {
                if known.contains(&method) {
                    continue;
                }
                let ask = probe.ask(&method, &path);
                let answer = probe.refused(&method, ask, 405, "method-not-allowed").await;
                if answer.header("allow") != known.join(", ") {
                    probe.complain(&method, &format!("Allow is {:?} and not {known:?}", answer.header("allow")), &answer);
                }
            }
        }
        probe.end(200);
    }

    async fn preflights(app) {
        let probe = Probe::new(&app).await;
        for path in ["/v1/articles", "/v1/articles/art_x", "/v1/nothing", "/healthz"] {
            for origin in ["https://evil.example", "null", "", "x", "https://"] {
                let ask = app.request("OPTIONS", path).header("origin", origin)
                    .header("access-control-request-method", "GET").header("access-control-request-headers", "authorization");
                let answer = ask.send().await;
                assert!((400..500).contains(&answer.status), "{path} {origin}: {}", answer.status);
                assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
            }
            for method in ["BREW", "", "get", "GET, POST"] {
                let ask = app.request("OPTIONS", path).header("origin", "https://evil.example").header("access-control-request-method", method);
                assert!(ask.send().await.status < 500);
            }
        }
        probe.end(0);
    }

    async fn garbage(app) {
        let mut probe = Probe::new(&app).await;
        let garbage: [&[u8]; 8] = [b"", b" ", b"\xff\xfe", b"x", b"*", b"\"", b";q=x,,,;;", &[b'a'; 30_000]];
        for name in ["accept", "accept-encoding", "accept-language", "accept-charset", "origin", "user-agent", "referer", "x-request-id", "x-forwarded-for",
            "forwarded", "x-forwarded-proto", "range", "if-modified-since", "if-unmodified-since", "if-range", "expect", "te", "cookie", "via", "traceparent", "baggage", "upgrade-insecure-requests"] {
            for value in garbage {
                let ask = probe.ask("GET", "/v1/articles").header_bytes(name, value);
                let answer = probe.send(name, ask).await;
                if answer.status != 200 {
                    probe.complain(name, &String::from_utf8_lossy(&value[..value.len().min(20)]), &answer);
                }
            }
        }
        for value in garbage {
            for name in ["authorization", "x-api-key"] {
                let ask = app.get("/v1/articles").header_bytes(name, value);
                probe.refused(name, ask, 401, "unauthorized").await;
                let ask = app.get("/v1/articles").header_bytes(name, value).header_bytes(name, value);
                probe.refused("twice", ask, 401, "unauthorized").await;
            }
        }
        // Two credentials are one too many, even of one kind and even if one is good.
        let ask = probe.ask("GET", "/v1/articles").header("authorization", "Bearer x");
        probe.refused("two tokens", ask, 401, "unauthorized").await;
        let ask = probe.ask("GET", "/v1/articles").header("x-api-key", "mh_x");
        probe.refused("a token and a key", ask, 401, "unauthorized").await;
        for (operation, kind, example) in with_bodies().into_iter().take(3) {
            for coding in ["gzip", "br", "zstd", "deflate", "gzip, gzip", "x-strange", "\u{1}"] {
                if coding == "\u{1}" { continue; }
                let ask = probe.to(&operation).if_match("*").raw(&kind, example.to_string()).header("content-encoding", coding);
                let answer = probe.send(coding, ask).await;
                if !(400..500).contains(&answer.status) {
                    probe.complain(coding, "a body that is not in its coding was taken", &answer);
                }
            }
        }
        probe.end(200);
    }
}
