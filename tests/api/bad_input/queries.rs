//! Addresses: ids and words in paths, query parameters, cursors.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use masthead::rights::Role;
use serde_json::{Value, json};

use super::Probe;
use crate::openapi::{Operation, operations};
use crate::support::both_engines;
use crate::support::corpus::review;
use crate::support::described::resolve;

/// The query parameters of an operation.
fn parameters(operation: &Operation) -> Vec<&'static Value> {
    let all = operation.value["parameters"]
        .as_array()
        .into_iter()
        .flatten();
    // What signs an address is a credential, and an administrator has no address signed.
    let feed = operation.path.starts_with("/v1/feeds/");
    let signs = |name: &Value| feed && (name == "client" || name == "signature" || name == "path");
    all.filter(|parameter| parameter["in"] == "query" && !signs(&parameter["name"]))
        .collect()
}

fn lists() -> Vec<Operation> {
    let mut found = operations();
    found.retain(|operation| {
        parameters(operation)
            .iter()
            .any(|one| one["name"] == "cursor")
            // Whose pages are told otherwise: `articles::feeds`.
            && !operation.path.starts_with("/v1/feeds/")
    });
    assert!(found.len() >= 9);
    found
}

/// A value that the parameter takes.
fn good(probe: &Probe<'_>, parameter: &Value) -> String {
    let schema = &parameter["schema"];
    let name = parameter["name"].as_str().unwrap();
    if let Some(word) = schema["enum"]
        .as_array()
        .and_then(|words| words[0].as_str())
    {
        return word.to_owned();
    }
    // An id of a noun: `^ptn_[0-9a-f]{32}$`.
    if schema["$ref"].is_string() {
        let pattern = resolve(schema)["pattern"].as_str().expect("an id");
        return pattern
            .trim_matches(['^', '$'])
            .replace("[0-9a-f]{32}", &"0".repeat(32));
    }
    match (schema["type"].as_str(), name) {
        (Some("boolean"), _) => "true".to_owned(),
        (Some("integer"), _) => "1".to_owned(),
        (_, "author" | "editor") => probe.corpus.author.clone(),
        (_, "source") => probe.corpus.source.clone(),
        (_, "partner") => probe.corpus.partner.clone(),
        (_, "edition") => probe.corpus.edition.clone(),
        (_, "article") => probe.corpus.article.clone(),
        (_, "parent") => "root".to_owned(),
        (_, "user") => "me".to_owned(),
        (_, "token") => probe.corpus.preview_token().to_owned(),
        (_, "count") => "exact".to_owned(),
        (_, "tag_match") => "any".to_owned(),
        (_, "language") => "en".to_owned(),
        (_, "fields") => "title".to_owned(),
        (_, "facets") => "year".to_owned(),
        (_, "client") => probe.corpus.partner_client.clone(),
        (_, "include") => "section".to_owned(),
        (_, "section") => "economy".to_owned(),
        (_, "actor") => probe.corpus.user.clone(),
        (_, "resource") => "article".to_owned(),
        (_, "resource_id") => probe.corpus.article.clone(),
        (_, "tag" | "genre" | "q") => "port".to_owned(),
        (_, "sort" | "group_by" | "format") => {
            schema["default"].as_str().expect("a default").to_owned()
        }
        _ if schema["format"] == "date" => "2026-06-01".to_owned(),
        _ if schema["format"] == "date-time" => "2026-01-01T00:00:00Z".to_owned(),
        (_, "after" | "until") => {
            "1767225600000000-art_01900000000070008000000000000001".to_owned()
        }
        _ => panic!("no value is known for {parameter}"),
    }
}

/// The first number that a limit cannot have.
fn beyond(limit: &Value) -> &'static str {
    match limit["maximum"].as_i64() {
        Some(100) => "101",
        Some(10_000) => "10001",
        other => panic!("no number is known beyond {other:?}"),
    }
}

/// A path with a parameter's name and the mark after it; where a credential stands in the query, beside that one.
fn asking(probe: &Probe<'_>, operation: &Operation, name: &str) -> String {
    match operation.id.as_str() {
        "get_preview" if name != "token" => format!("{}&{name}=", probe.corpus.preview),
        _ => format!("{}?{name}=", probe.corpus.path(&operation.path)),
    }
}

both_engines! {
    async fn parameters_that_nobody_knows(app) {
        let mut probe = Probe::new(&app).await;
        // An administrator, who asks here, is let into all operations but those of keys.
        for operation in operations().into_iter().filter(|one| one.path.starts_with("/v1") && !matches!(one.id.as_str(), "list_own_licences" | "get_feed_link" | "list_changes")) {
            let path = probe.corpus.path(&operation.path);
            for (query, name) in [("zz=1", "zz"), ("zz", "zz"), ("Limit=1", "Limit"), ("limit%5B%5D=1", "limit[]"), ("%00=1", "\0"), ("q=x", "q"), ("=1", "")] {
                if parameters(&operation).iter().any(|known| known["name"] == name) {
                    continue;
                }
                let ask = probe.ask(&operation.method, &format!("{path}?{query}"));
                let answer = probe.refused(query, ask, 400, "bad-parameter").await;
                if !answer.faults().contains(&(name.to_owned(), "unknown_parameter".to_owned())) {
                    probe.complain(query, "is not named", &answer);
                }
            }
        }
        let answer = probe.ask("GET", "/v1/sections?colour=1").send().await.text();
        for known in ["parent", "sort", "limit", "cursor", "count"] {
            assert!(answer.contains(known), "{answer}");
        }
        probe.end(300);
    }

    async fn parameters_that_cannot_be_read(app) {
        let mut probe = Probe::new(&app).await;
        for operation in operations().into_iter().filter(|one| one.id != "list_changes") {
            for parameter in parameters(&operation) {
                let name = parameter["name"].as_str().unwrap();
                let asking = asking(&probe, &operation, name);
                for value in ["%00", "a%00b", "%ff", "%c0%80", "%ed%a0%80", "a%0ab%1b", "%ef%bf%bf"] {
                    let ask = probe.ask(&operation.method, &format!("{asking}{value}"));
                    let answer = probe.refused(value, ask, 400, "bad-parameter").await;
                    if !answer.faults().iter().any(|(at, _)| at == name) {
                        probe.complain(value, &format!("{name} is not named"), &answer);
                    }
                }
                if name == "tag" || name == "cursor" {
                    continue;
                }
                let value = good(&probe, parameter);
                let once = probe.ask(&operation.method, &format!("{asking}{value}"));
                let once = match operation.id.as_str() {
                    "ingest_page" => once.raw("text/plain", format!("A title of {name}\n\nA sentence of it.")),
                    "check_reprint" => once.raw("text/plain", "Words that nobody wrote."),
                    _ => once,
                };
                let answer = probe.send("a good value", once).await;
                if answer.status >= 300 {
                    probe.complain(name, "should be taken", &answer);
                }
                let twice = probe.ask(&operation.method, &format!("{asking}{value}&{name}={value}"));
                let answer = probe.refused("twice", twice, 400, "bad-parameter").await;
                if answer.faults() != [(name.to_owned(), "repeated".to_owned())] {
                    probe.complain(name, "is not told to be repeated", &answer);
                }
            }
        }
        probe.end(300);
    }

    async fn parameters_with_values_that_they_cannot_have(app) {
        let mut probe = Probe::new(&app).await;
        for operation in operations().into_iter().filter(|one| one.id != "list_changes") {
            for parameter in parameters(&operation) {
                let name = parameter["name"].as_str().unwrap();
                let asking = asking(&probe, &operation, name);
                let schema = &parameter["schema"];
                let mut bad: Vec<&str> = match (schema["type"].as_str(), name) {
                    (_, "limit") => vec!["0", beyond(schema), "-1", "1.5", "1e1", "abc", "", "%201", "+1", "%d9%a3", "99999999999999999999", "NaN"],
                    (Some("boolean"), _) => vec!["yes", "1", "TRUE", "", "true%20"],
                    (_, "sort") => vec!["", "-", "--name", "name,-id", "id", "name%20desc", "1"],
                    (_, "fields") => vec!["secret", "title,secret", "body.value", "title;body", "*"],
                    (_, "include") => vec!["media", "section,media", "*"],
                    // Words of the newsroom's own: another one finds nothing.
                    // Words of the journal, and ids of any kind.
                    (_, "resource" | "resource_id") => vec![""],
                    // A number from 0 on.
                    (_, "after") => vec!["", "-1", "1.5", "+1", "abc", "%201", "9223372036854775808"],
                    (_, "section" | "tag" | "genre" | "q") => vec![],
                    // A credential: another one is no good, which is another answer.
                    (_, "token") => vec![],
                    (_, "language") => vec!["", "zh_Hans", "EN", "zh-hans", "x"],
                    _ => vec!["", "zzz", "%E2%98%83", "null", "0", "[]"],
                };
                if schema["format"] == "date-time" {
                    bad.extend(["0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-02-30T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00", "now"]);
                }
                for value in bad {
                    let ask = probe.ask(&operation.method, &format!("{asking}{value}"));
                    let answer = probe.send(name, ask).await;
                    if answer.status != 400 || !answer.faults().iter().any(|(at, _)| at == name) {
                        probe.complain(&operation.id, &format!("{name}={value}"), &answer);
                    }
                }
                // Whatever stands there, it is no fault of ours.
                for value in ["'", "%22", "%25", "_", "%5C", "--", "%2F", "..%2F..", "%F0%9F%97%9E", &"x".repeat(5_000), "1%27%20OR%201=1", "%E2%80%AE", "%7B%7D"] {
                    let ask = probe.ask(&operation.method, &format!("{asking}{value}"));
                    probe.send(name, ask).await;
                }
            }
        }
        probe.end(600);
    }

    async fn queries_of_great_length(app) {
        let mut probe = Probe::new(&app).await;
        for (what, query) in [
            ("a long name", format!("{}=1", "n".repeat(60_000))),
            ("a long value", format!("cursor={}", "A".repeat(60_000))),
            ("many unknown names", "a&".repeat(30_000)),
            ("many different unknown names", (0..10_000).map(|n| format!("n{n}&")).collect()),
            ("many values", "limit=1&".repeat(8_000)),
            ("many tags", "tag=x&".repeat(10_000)),
            ("many fields", format!("fields={}", "title,".repeat(10_000))),
            ("many unknown fields", format!("fields={}", "secret,".repeat(8_000))),
            ("many bad bytes", format!("sort={}", "%ff".repeat(20_000))),
        ] {
            let ask = probe.ask("GET", &format!("/v1/articles?{query}"));
            let answer = probe.send(what, ask).await;
            if what != "many fields" && answer.status != 400 {
                probe.complain(what, "not 400", &answer);
            }
            assert!(answer.body.len() < 40_000, "{what}: an answer of {} bytes", answer.body.len());
        }
        probe.end(9);
    }

    async fn ids_that_are_none(app) {
        let mut probe = Probe::new(&app).await;
        for operation in operations().into_iter().filter(|one| one.path.contains("{id}")) {
            let real = probe.corpus.id(&operation.path).to_owned();
            let (prefix, digits) = real.split_once('_').unwrap();
            let others = ["usr", "art", "sec", "xyz", ""].into_iter().filter(|other| *other != prefix);
            let mut ids: Vec<String> = others.map(|other| format!("{other}_{digits}")).collect();
            ids.extend([
                format!("{prefix}_01900000000070008000000000000999"),
                format!("{prefix}_{}", "f".repeat(32)),
                format!("{prefix}_{}", "0".repeat(32)),
                real.to_uppercase(),
                format!("{real}0"),
                format!("{real}%00"),
                format!("{real}%0a"),
                format!("{real}%20"),
                format!("%20{real}"),
                format!("{prefix}-{digits}"),
                digits.to_owned(),
                real[..real.len() - 1].to_owned(),
                "%00".to_owned(),
                "%ff%fe".to_owned(),
                "%E2%98%83".to_owned(),
                "0".to_owned(),
                "-1".to_owned(),
                "null".to_owned(),
                "'%20OR%20''='".to_owned(),
                "..%2Fusers".to_owned(),
                "x".repeat(20_000),
            ]);
            for id in ids {
                let path = probe.corpus.path(&operation.path.replace("{id}", &id));
                let body = operation.value["requestBody"]["content"].as_object();
                let mut ask = probe.ask(&operation.method, &path).if_match("*");
                if let Some(kind) = body.and_then(|content| content.keys().next()) {
                    ask = ask.raw(kind, "{}");
                }
                let what = format!("{} {id:.60}", operation.id);
                let answer = probe.send(&what, ask).await;
                if answer.status != 404 {
                    probe.complain(&what, "not 404", &answer);
                }
            }
        }
        for n in ["0", "-1", "2", "01", "1.0", "99999999999999999999", "9223372036854775807", "x", "%00", "%ff", "+1"] {
            let ask = probe.ask("GET", &format!("/v1/notices/{}/revisions/{n}", probe.corpus.notice));
            probe.refused(n, ask, 404, "not-found").await;
        }
        for slug in ["Harbour-Opens", "harbour_opens", "%00", "%ff", "harbour-opens%00", "-", "no-such-thing", "%E7%BB%8F", &"a".repeat(20_000), "a%2Fb"] {
            let ask = probe.ask("GET", &format!("/v1/articles/slug/{slug}"));
            probe.refused(slug, ask, 404, "not-found").await;
        }
        for path in ["/", "/v1", "/v1/", "/v2/articles", "/v1/articles/", "//v1/articles", "/v1//articles", "/v1/articles/slug/", "/v1/nothing", "/%00", "/%ff", "/problems/x", "/problems/%ff", "/..%2f..%2fetc%2fpasswd"] {
            let ask = probe.ask("GET", path);
            probe.refused(path, ask, 404, "not-found").await;
        }
        probe.end(800);
    }

    async fn cursors_that_do_not_fit(app) {
        let mut probe = Probe::new(&app).await;
        // Two of everything, so that each list has a next page.
        for n in 0..2 {
            let add = async |path: &str, body: Value| app.post(path, body).by_admin().await.expect(201);
            add("/v1/authors", json!({"name": format!("a {n}"), "kind": "reporter"})).await;
            add("/v1/sections", json!({"name": format!("s {n}")})).await;
            add("/v1/articles", json!({"title": format!("t {n} port"), "language": "en"})).await;
            let grant = json!({"channels": ["web"], "territories": ["CN"], "valid_from": "2026-01-01T00:00:00Z", "max_extent": "full", "may_redistribute": false, "alteration": "format"});
            add(&format!("/v1/sources/{}/grants", probe.corpus.source), grant).await;
            app.key(app.terms(masthead::http::auth::ClientKind::FirstParty, masthead::rights::Channel::Web));
            let partner = add("/v1/partners", json!({"name": format!("p {n}")})).await.id();
            add("/v1/licences", json!({"partner_id": partner, "selector": {"tags": ["port"]}, "extent": "full", "channels": ["web"],
                "territories": ["CN"], "valid_from": "2026-01-01T00:00:00Z"})).await;
            app.claim(app.complaint(json!({"url": format!("https://news.example.org/{n}")}))).await;
            add("/v1/dictionary", json!({"word": "词".repeat(n + 2)})).await;
            app.token_of(app.user_of(Role::Admin)).await;
            app.job_of(app.user_of(Role::Admin));
            let owed = app.licensee(&format!("p {n}"), None).owed(&probe.corpus.article);
            app.deliver(vec![owed]).await.unwrap();
            let edition = json!({"name": format!("e {n}"), "valid_from": format!("201{n}-01-01T00:00:00Z"),
                "valid_until": format!("201{n}-02-01T00:00:00Z"), "entries": [{"name": "Coastal Wire"}]});
            let edition = add("/v1/registry/editions", edition).await.id();
            review(&app, &edition, &probe.corpus.source, &probe.corpus.article);
            let path = format!("/v1/notices/{}", probe.corpus.notice);
            app.patch(&path, json!({"text": format!("x {n}")})).if_match("*").by_admin().await.expect(200);
            let path = format!("/v1/articles/{}", probe.corpus.article);
            app.patch(&path, json!({"summary": format!("x {n}")})).if_match("*").by_admin().await.expect(200);
            add("/v1/webhooks", json!({"client_id": probe.corpus.client, "url": "https://hooks.example.org/more"})).await;
            app.request("POST", &format!("/v1/webhooks/{}/ping", probe.corpus.webhook)).by_admin().await.expect(202);
            let attempt = format!("INSERT INTO webhook_attempts (message_id, n, at, outcome) VALUES ('{}', {}, '2026-06-01 12:00:00', 'rejected')", probe.corpus.message, n + 1);
            app.change(|conn| diesel::RunQueryDsl::execute(diesel::sql_query(&attempt), conn));
            add(&format!("{path}/comments"), json!({"text": format!("x {n}")})).await;
            add(&format!("{path}/assignments"), json!({"user_id": app.user_of(Role::Admin), "task": "edit"})).await;
        }
        // Told to each who was given it.
        let correct = format!("/v1/articles/{}/correct", probe.corpus.article);
        app.post(&correct, json!({"public_note": "x"})).by_admin().await.expect(200);
        app.token_of(probe.corpus.user.clone().try_into().unwrap()).await;
        app.token_of(probe.corpus.user.clone().try_into().unwrap()).await;
        let mut all = Vec::new();
        for operation in lists() {
            let sorts = parameters(&operation).into_iter().find(|one| one["name"] == "sort");
            let words: Vec<String> = match sorts.and_then(|one| one["schema"]["pattern"].as_str()) {
                // `^-?(a|b)$` or `^-?a$`
                Some("^(relevance|-?published_at)$") => ["relevance", "published_at", "-published_at"].map(|word| format!("&sort={word}")).to_vec(),
                Some(pattern) => pattern.trim_start_matches("^-?").trim_end_matches('$').trim_matches(['(', ')'])
                    .split('|').flat_map(|word| [format!("&sort={word}"), format!("&sort=-{word}")]).collect(),
                None => vec![String::new()],
            };
            for word in words {
                let path = format!("{}?limit=1{word}", probe.corpus.path(&operation.path));
                let page = probe.ask("GET", &path).send().await.expect(200).json();
                let cursor = page["page"]["next_cursor"].as_str().unwrap_or_else(|| panic!("{path} has one page")).to_owned();
                all.push((path, cursor));
            }
        }
        for (path, cursor) in &all {
            let with = |cursor: &str| format!("{path}&cursor={cursor}");
            let ask = probe.ask("GET", &with(cursor));
            let answer = probe.send("its own", ask).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            // Those of other lists, and of this one in another order or under another filter.
            for (other, strange) in &all {
                if other != path {
                    let ask = probe.ask("GET", &with(strange));
                    probe.refused(other, ask, 400, "bad-cursor").await;
                }
            }
            let bytes = URL_SAFE_NO_PAD.decode(cursor).unwrap();
            let real: Value = serde_json::from_slice(&bytes).unwrap();
            let broken = [
                String::new(), "A".to_owned(), cursor[1..].to_owned(), cursor[..cursor.len() - 2].to_owned(), format!("{cursor}A"), format!("{cursor}=="),
                cursor.to_uppercase(), URL_SAFE_NO_PAD.encode("{}"), URL_SAFE_NO_PAD.encode("[]"), URL_SAFE_NO_PAD.encode("null"),
                URL_SAFE_NO_PAD.encode(b"\xff\xfe"), URL_SAFE_NO_PAD.encode("[".repeat(10_000)),
            ];
            for cursor in broken {
                let ask = probe.ask("GET", &with(&cursor));
                probe.refused(&format!("{cursor:.40}"), ask, 400, "bad-cursor").await;
            }
            // Its parts changed, with the binding left whole.
            for (part, value, fits) in [
                ("v", json!(2), Some(false)), ("v", json!("1"), Some(false)), ("b", json!("0"), Some(false)), ("x", json!(1), Some(false)),
                ("k", json!(7), Some(false)), ("k", json!(null), Some(false)), ("i", json!({}), Some(false)),
                ("k", json!("a\0b"), Some(false)), ("i", json!("a\0b"), Some(false)),
                // A place where nothing stands is a place all the same.
                ("k", json!(""), None), ("k", json!("zzz"), None), ("k", json!("99999999999999999999"), None), ("k", json!("-9223372036854775808"), None),
                ("k", json!("9223372036854775807"), None), ("k", json!("253402300800000000"), None), ("k", json!("-62135596800000001"), None), ("k", json!("'\"%_\\"), None), ("k", json!("\u{10ffff}".repeat(2_000)), None),
                ("i", json!(""), None), ("i", json!("zzz"), None), ("i", json!("-1"), None), ("i", json!("99999999999999999999"), None), ("i", json!("x".repeat(10_000)), None),
            ] {
                let mut changed = real.clone();
                changed[part] = value.clone();
                let ask = probe.ask("GET", &with(&URL_SAFE_NO_PAD.encode(changed.to_string())));
                let what = format!("{part}={value:.40} of {real}");
                let answer = match fits {
                    Some(_) => probe.refused(&what, ask, 400, "bad-cursor").await,
                    None => probe.send(&what, ask).await,
                };
                if !matches!(answer.status, 200 | 400) {
                    probe.complain(&what, "neither a page nor 400", &answer);
                }
            }
        }
        probe.end(600);
    }
}
