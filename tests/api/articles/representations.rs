//! Articles as documents for machines and for other pages: each carries the whole credit, and what reads
//! it gets the credit back.

use masthead::rights::Channel;
use scraper::{ElementRef, Html, Selector};
use serde_json::{Value, json};

use crate::support::newsroom::with;
use crate::support::request::Answer;
use crate::support::{TestApp, both_engines};

const FORMS: [&str; 6] = ["html", "markdown", "text", "embed", "ninjs", "jsonld"];

/// A credit as one reads it from a document.
#[derive(Debug, PartialEq)]
struct Credit {
    line: String,
    authors: Vec<String>,
    editor: Option<String>,
    original_title: Option<String>,
    original_url: Option<String>,
}

impl Credit {
    /// As the article's own JSON has it.
    fn of(attribution: &Value, form: &str) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let byline = text(&attribution["byline"]);
        Self {
            line: text(&attribution["credit_line"]).unwrap(),
            authors: match form {
                // One line for all.
                "text" => byline.into_iter().collect(),
                _ => byline
                    .iter()
                    .flat_map(|line| line.split(", "))
                    .map(str::to_owned)
                    .collect(),
            },
            editor: text(&attribution["editor"]),
            original_title: text(&attribution["original"]["title"]),
            original_url: text(&attribution["original"]["url"]),
        }
    }

    fn read(form: &str, document: &str) -> Self {
        match form {
            "html" | "markdown" | "embed" => Self::from_microdata(document),
            "text" => Self::from_text(document),
            "ninjs" => Self::from_ninjs(&serde_json::from_str(document).unwrap()),
            _ => Self::from_jsonld(&serde_json::from_str(document).unwrap()),
        }
    }

    fn from_microdata(document: &str) -> Self {
        let page = Html::parse_fragment(document);
        let all = |path: &str| -> Vec<String> {
            let path = Selector::parse(path).unwrap();
            page.select(&path)
                .map(|found: ElementRef<'_>| found.text().collect())
                .collect()
        };
        let one = |path: &str| all(path).into_iter().next();
        Self {
            line: one("[itemprop=creditText]").unwrap(),
            authors: all("[itemprop=author] [itemprop=name]"),
            editor: one("[itemprop=editor] [itemprop=name]"),
            original_title: one("[itemprop=isBasedOn] [itemprop=name]"),
            original_url: one("[itemprop=isBasedOn] [itemprop=url]"),
        }
    }

    fn from_text(document: &str) -> Self {
        let after = |label: &str| {
            document
                .lines()
                .find_map(|line| line.strip_prefix(label))
                .map(str::to_owned)
        };
        Self {
            line: document
                .lines()
                .find(|line| line.starts_with("Source: "))
                .unwrap()
                .to_owned(),
            authors: after("By: ").into_iter().collect(),
            editor: after("Editor: "),
            original_title: after("Original title: "),
            original_url: after("Original: "),
        }
    }

    fn from_ninjs(item: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let list = |name: &str| item[name].as_array().cloned().unwrap_or_default();
        let said = |name: &str, role: &str| {
            list(name)
                .iter()
                .find(|one| one["role"] == role)
                .and_then(|one| text(&one["value"]))
        };
        let people = |wanted: &str| -> Vec<String> {
            list("people")
                .iter()
                .filter(|one| (one["rel"] == "editor") == (wanted == "editor"))
                .filter_map(|one| text(&one["name"]))
                .collect()
        };
        let sources = list("infoSources");
        let original = sources.iter().find(|one| one["role"] == "original");
        Self {
            line: said("descriptions", "creditline").unwrap(),
            authors: people("author"),
            editor: people("editor").into_iter().next(),
            original_title: said("headlines", "original"),
            original_url: original.and_then(|one| text(&one["uri"])),
        }
    }

    fn from_jsonld(work: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let authors = work["author"].as_array().cloned().unwrap_or_default();
        Self {
            line: text(&work["creditText"]).unwrap(),
            authors: authors
                .iter()
                .filter_map(|one| text(&one["name"]))
                .collect(),
            editor: text(&work["editor"]["name"]),
            original_title: text(&work["isBasedOn"]["name"]),
            original_url: text(&work["isBasedOn"]["url"]),
        }
    }
}

async fn by_key(app: &TestApp, key: &str, path: &str) -> Answer {
    app.get(path).key(key).send().await.expect(200)
}

both_engines! {
    /// parse(emit(work)).credit = credit.
    async fn the_credit_comes_back_out_of_every_document(app) {
        let desk = app.newsroom().await;
        let key = app.first_party_key(Channel::Web);
        let hostile = "Quay & \"Sons\" </script><footer>";
        let works = [
            app.live(with(desk.own_work(hostile), json!({"summary": "Ships & <b>docks</b>."}))).await,
            app.live(with(desk.reprint_of(&desk.wire, "The quay"), json!({"slug": "reprint",
                "original": {"title": "Der Kai <öffnet> & schließt", "authors": ["Wen \"Y\" Ya", "Bo <i>Li</i>"], "url": "https://wire.example.com/kai?a=1&b=2"}}))).await,
            app.live(with(desk.own_work("Made"), json!({"slug": "made", "ai_label": "generated"}))).await,
        ];
        for id in &works {
            let item = by_key(&app, &key, &format!("/v1/articles/{id}")).await.json();
            for form in FORMS {
                let answer = by_key(&app, &key, &format!("/v1/articles/{id}/representations/{form}")).await;
                let (document, place) = (answer.text(), format!("{form} of {}", item["title"]));
                assert_eq!(Credit::read(form, &document), Credit::of(&item["attribution"], form), "{place}: {document}");
                // The notices, the AI label, and no markup that a text brought along.
                assert!(document.contains("Complain within 30 days."), "{place}");
                if item["attribution"]["ai_label"] == "generated" {
                    assert!(document.contains("trainedAlgorithmicMedia") || document.contains("artificial intelligence"), "{place}");
                }
                assert!(form == "text" || form == "ninjs" || form == "markdown" || !document.contains("</script>"), "{place}: {document}");
            }
        }
    }

    async fn a_reprint_and_what_became_of_it(app) {
        let desk = app.newsroom().await;
        let key = app.first_party_key(Channel::Web);
        let id = app.live(desk.own_work("Quay")).await;
        let path = format!("/v1/articles/{id}");
        app.edit(&path, json!({"title": "The quay"})).await.expect(200);
        app.post(&format!("{path}/correct"), json!({"public_note": "It opens on Tuesday."})).by_admin().await.expect(200);
        let ninjs = by_key(&app, &key, &format!("{path}/representations/ninjs")).await;
        assert_eq!(ninjs.header("content-type"), "application/json");
        let item = ninjs.json();
        let uuid = id.strip_prefix("art_").unwrap();
        let plain = |urn: &Value| urn.as_str().unwrap().replace("urn:uuid:", "").replace('-', "");
        assert_eq!(plain(&item["uri"]), uuid.replace('-', ""));
        assert_eq!((&item["version"], &item["pubStatus"], &item["representationType"]), (&json!("3"), &json!("usable"), &json!("full")));
        let notes: Vec<&Value> = item["descriptions"].as_array().unwrap().iter().filter(|one| one["role"] == "correction").collect();
        assert_eq!(notes[0]["value"], "It opens on Tuesday.");
        assert!(item["bodies"][0]["value"].as_str().unwrap().contains("Correction: It opens on Tuesday."));
        let rights: Value = serde_json::from_str(item["rightsInfo"]["encodedRights"].as_str().unwrap()).unwrap();
        assert_eq!(rights["permission"][0]["target"], item["uri"]);
        let linked = by_key(&app, &key, &format!("{path}/representations/jsonld")).await;
        assert_eq!(linked.header("content-type"), "application/ld+json");
        assert_eq!(linked.json()["correction"][0]["text"], "It opens on Tuesday.");
        app.clock.advance(chrono::TimeDelta::minutes(1));
        // Withdrawn: a tombstone for readers, and for the desk a work that is cancelled.
        app.withdraw(&id, "editorial").await.expect(200);
        for form in FORMS {
            app.get(&format!("{path}/representations/{form}")).key(&key).send().await.expect(410);
        }
        let seen = app.get(&format!("{path}/representations/ninjs")).by_admin().await.expect(200).json();
        assert_eq!(seen["pubStatus"], "canceled");
    }

    async fn accept_chooses_among_them(app) {
        let desk = app.newsroom().await;
        let key = app.first_party_key(Channel::Web);
        let id = app.live(desk.own_work("Quay")).await;
        let path = format!("/v1/articles/{id}/representations");
        for (accept, form) in [
            ("", "html"),
            ("*/*", "html"),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
            ("text/markdown", "markdown"),
            ("text/plain, text/html;q=0.5", "text"),
            ("application/ld+json", "jsonld"),
            ("application/json", "ninjs"),
            ("application/*", "jsonld"),
        ] {
            let ask = app.get(&path).key(&key);
            let ask = if accept.is_empty() { ask } else { ask.header("accept", accept) };
            let answer = ask.send().await.expect(200);
            let own = format!("{path}/{form}");
            assert_eq!(answer.header("content-location"), own, "{accept}");
            let varies = answer.header("vary");
            for name in ["Authorization", "X-Api-Key", "Accept-Encoding", "Accept-Language", "Accept"] {
                assert!(varies.split(',').any(|one| one.trim() == name), "{accept}: {varies}");
            }
            let named = by_key(&app, &key, &own).await;
            assert_eq!((answer.text(), answer.header("content-type")), (named.text(), named.header("content-type")), "{accept}");
        }
        let refused = app.get(&path).key(&key).header("accept", "image/png").send().await.expect(406);
        assert_eq!(refused.json()["type"], "/problems/not-acceptable");
        assert!(!refused.text().contains("Quay"));
        app.get(&format!("{path}/docx")).key(&key).send().await.expect(404);
    }
}
