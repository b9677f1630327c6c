//! What cannot be told from answers: hidden works, and the rest of an excerpt.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::oracle::Reader;
use super::{Cases, Door, Share, UNLICENSED, readers, through};
use crate::support::newsroom::with;
use crate::support::{Answer, both_engines};

/// What an answer says, but for its own name.
fn said(answer: &Answer) -> (u16, String, Vec<String>) {
    let kept = [
        "etag",
        "link",
        "cache-control",
        "surrogate-key",
        "content-length",
        "vary",
        "last-modified",
    ];
    (
        answer.status,
        answer.text(),
        kept.map(|name| answer.header(name).to_owned()).to_vec(),
    )
}

/// The plain text of a body in any format.
fn plain(body: &Value) -> String {
    match &body["value"] {
        Value::Array(blocks) => blocks
            .iter()
            .map(|block| block["text"].as_str().unwrap())
            .collect::<Vec<_>>()
            .join("\n\n"),
        Value::String(text) => text
            .replace("</p>\n<p>", "\n\n")
            .replace("<p>", "")
            .replace("</p>", "")
            .split("\n\nSource: ")
            .next()
            .unwrap()
            .to_owned(),
        other => panic!("{other}"),
    }
}

both_engines! {
    /// Rule 19: no page, count, tag or cursor changes by a work that its reader can't see.
    async fn hidden_works_leave_no_trace(app) {
        let desk = app.newsroom().await;
        for title in ["a", "c", "e", "g"] {
            app.clock.advance(TimeDelta::seconds(1));
            app.live(with(desk.own_work(title), json!({"tags": ["t"]}))).await;
        }
        let mut outside: Vec<_> = readers(&app).into_iter().filter(|(_, _, door)| !matches!(door, Door::Staff(_))).collect();
        for (name, licence) in [("licensed", json!({})), ("by tag", json!({"selector": {"tags": ["t"]}, "extent": "excerpt", "excerpt_chars": 40}))] {
            let deal = app.deal(name, &[licence]).await;
            outside.push((name, Reader::Partner(&UNLICENSED), Door::Key(deal.key)));
        }
        let mut queries: Vec<String> = Vec::new();
        for sort in ["published_at", "-published_at", "updated_at", "-updated_at", "title", "-title"] {
            for rest in ["", "&limit=1", "&limit=2&count=exact", "&include_stubs=true&limit=3&count=exact", "&tag=t&body_format=text", "&section=economy&section_descendants=true&count=exact", "&fields=related,title"] {
                queries.push(format!("/v1/articles?sort={sort}{rest}"));
            }
        }
        let cases = Cases::of(&app);
        let mut before = Vec::new();
        for (_, _, door) in &outside {
            for n in 0..queries.len() {
                let answer = through(door, app.get(&queries[n])).await;
                // And the pages behind.
                if let Some(next) = answer.header("link").split(['<', '>']).nth(1)
                    && !queries.iter().any(|known| known == next)
                {
                    queries.push(next.to_owned());
                }
            }
        }
        for (_, _, door) in &outside {
            for query in &queries {
                before.push(said(&through(door, app.get(query)).await));
            }
        }
        let hidden = |title: &str| with(desk.own_work(title), json!({"tags": ["t"], "section_id": desk.trade}));
        let ids = [app.draft(hidden("b")).await, app.draft(hidden("d")).await, app.live(hidden("f")).await, app.live(hidden("h")).await];
        let later = app.clock.now() + TimeDelta::seconds(3);
        app.set_times(&ids[2], Some(later), None);
        app.set_times(&ids[3], Some(later), Some(later + TimeDelta::seconds(1)));
        app.edit(&format!("/v1/articles/{}", ids[1]), json!({"title": "D"})).await.expect(200);
        let mut after = Vec::new();
        for (_, _, door) in &outside {
            for query in &queries {
                after.push(said(&through(door, app.get(query)).await));
            }
        }
        assert_eq!(before.len(), after.len());
        for (n, (before, after)) in before.iter().zip(&after).enumerate() {
            assert_eq!(before, after, "{} for {}", queries[n % queries.len()], outside[n / queries.len()].0);
        }
        app.clock.advance(TimeDelta::seconds(3));
        let total = app.get("/v1/articles?count=exact").send().await.expect(200).json()["page"]["total"].clone();
        assert_eq!(total, 6, "then they are out");
        cases.suffice(Share::Traces);
    }

    /// Rule 24: whole sentences, at most so many characters, never over half, the same in every format.
    async fn an_excerpt_is_fixed(app) {
        let desk = app.newsroom().await;
        let texts: [(&str, &[&[&str]]); 4] = [
            ("en", &[&["The quay opens on Monday.", " Ships dock from noon.", " Trucks wait."], &["“Nobody knows why,” she said.", " That is all (so far)."], &["The rest is silence and a long, long sentence about nothing in particular."]]),
            ("zh-Hans", &[&["码头周一开放。", "船只中午停靠！", "为什么？"], &["她说：“没有人知道。”", "就这些（暂时）。"], &["其余的是一句关于什么都没有的很长很长很长很长的话。"]]),
            ("en", &[&["One sentence that is half of everything there is to say here."], &["Two."]]),
            ("zh-Hans", &[&["👍🏽好。", "家👨‍👩‍👧‍👦也好。"], &["这一段很长很长很长很长很长很长很长很长。"]]),
        ];
        for (n, (language, paragraphs)) in texts.iter().enumerate() {
            let html: String = paragraphs.iter().map(|sentences| format!("<p>{}</p>", sentences.concat())).collect();
            let body = format!("<h2>Heading</h2>{html}<p><img src=\"/a.jpg\" alt=\"x\"></p>");
            let id = app.live(with(desk.own_work(&format!("Excerpt {n}")), json!({"language": language, "body": {"format": "html", "value": body}}))).await;
            let whole: usize = paragraphs.iter().map(|sentences| sentences.concat().chars().count()).sum::<usize>() + paragraphs.len() - 1;
            for most in [0, 7, 12, 24, 26, 47, 60, 80, 100, 200, 2000] {
                app.edit("/v1/settings", json!({"public_excerpt_chars": most})).await.expect(200);
                // The longest run of whole sentences that fits both bounds.
                let bound = most.min(whole / 2);
                let mut expected = String::new();
                'all: for (p, sentences) in paragraphs.iter().enumerate() {
                    let mut run = expected.clone();
                    if p > 0 {
                        run.push('\n');
                    }
                    for sentence in *sentences {
                        run.push_str(sentence);
                        if run.chars().count() > bound {
                            break 'all;
                        }
                        expected.clone_from(&run);
                    }
                }
                let path = format!("/v1/articles/{id}");
                let mut seen = Vec::new();
                for query in ["", "?body_format=html", "?body_format=markdown", "?body_format=text", "?fields=body", "?fields=body&include=authors"] {
                    let item = app.get(&format!("{path}{query}")).send().await.expect(200).json();
                    assert_eq!(item["attribution"]["usage"]["extent"], "excerpt");
                    let text = plain(&item["body"]);
                    // What carries nothing but its credit is an empty excerpt.
                    seen.push(if text.starts_with("Source: ") || text.starts_with("来源：") { String::new() } else { text });
                }
                let listed = app.get(&format!("/v1/articles?fields=body&language={language}")).send().await.expect(200).json();
                let item = listed["data"].as_array().unwrap().iter().find(|item| item["id"] == id.as_str()).unwrap();
                seen.push(plain(&item["body"]));
                for text in &seen {
                    let text = text.split("\n\n来源：").next().unwrap();
                    assert_eq!(text.replace("\n\n", "\n"), expected, "{n} with {most}: {seen:?}");
                }
                assert!(expected.chars().count() * 2 <= whole && expected.chars().count() <= most);
            }
        }
    }
}
