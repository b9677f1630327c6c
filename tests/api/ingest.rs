//! Taking pages in: what is read of them, whose they are, what is damaged, and what is refused.

mod files;
mod wires;

use masthead::rights::Role;
use serde_json::{Value, json};

use crate::support::newsroom::Newsroom;
use crate::support::{Answer, TestApp, both_engines};

/// A page with the same kinds of damage as real archives have.
pub const DAMAGED: &str = include_str!("ingest/damaged.txt");

/// A clean page of another medium.
const REPRINT: &str = "首页 > 财经\n\n海湾渔港完成扩建\n2024年05月02日 09:10 来源：海湾晚报（非本网） 编辑：陈安\n\n\
    海湾晚报海湾5月2日电 (记者 周平)海湾渔港扩建工程周四完成，泊位增至三十个。\n\n港务部门说，渔船进港时间缩短一半。（完）\n";

async fn newsroom(app: &TestApp) -> Newsroom {
    let desk = app.newsroom().await;
    app.edit(
        "/v1/settings",
        json!({"time_zone": "Asia/Shanghai", "default_language": "zh-Hans"}),
    )
    .await
    .expect(200);
    app.made("/v1/sources", json!({"name": "澜港新闻网", "credit_label": "澜港新闻网·东海新闻", "aliases": ["澜港网东海"], "kind": "own"})).await;
    app.made(
        "/v1/sources",
        json!({"name": "海湾晚报", "credit_label": "海湾晚报", "kind": "external"}),
    )
    .await;
    app.made(
        "/v1/authors",
        json!({"name": "陈安", "real_name": "陈安", "kind": "editor"}),
    )
    .await;
    app.made("/v1/sections", json!({"name": "财经"})).await;
    desk
}

async fn ingest(app: &TestApp, query: &str, media_type: &str, page: impl Into<Vec<u8>>) -> Answer {
    let ask = app
        .request("POST", &format!("/v1/ingest{query}"))
        .raw(media_type, page);
    ask.by_role(Role::Editor).await
}

fn of(report: &Value, kind: &str) -> Vec<(u64, String)> {
    let all = report["damage"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["kind"] == kind);
    all.map(|one| {
        (
            one["offset"].as_u64().unwrap(),
            one["quote"].as_str().unwrap().to_owned(),
        )
    })
    .collect()
}

both_engines! {
    async fn a_damaged_page_comes_out_clean_and_told(app) {
        newsroom(&app).await;
        let answer = ingest(&app, "", "text/plain", DAMAGED).await.expect(201);
        let (article, report) = (&answer.json()["article"], &answer.json()["report"]);
        assert_eq!(report["title"], "澜港:建設現代化漁港 服務沿海漁民".replace('澜', "瀾"));
        assert_eq!((&report["source_match"], &report["source"]["label"]), (&json!("own"), &json!("瀾港網東海")));
        assert_eq!(report["published"]["at"], "2024-05-06T01:20:00Z");
        assert_eq!(report["editor"]["name"], "陳安");
        assert!(report["editor"]["author_id"].is_string(), "the register has the name in the other script");
        let names: Vec<&str> = report["reporters"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["林月", "周海平"]);
        assert_eq!(report["subheads"].as_array().unwrap().len(), 2);
        assert_eq!(report["paragraphs"], 6);
        assert_eq!(report["end_mark"], "(完)");
        let notices = &report["notices"];
        let kinds: Vec<&str> = notices["clauses"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["own_work", "reprint", "contact"]);
        assert_eq!(notices["credit_line"], "來源:瀾港新聞網·東海新聞");
        assert_eq!((&notices["window_days"], &notices["contact"]["phones"]), (&json!(30), &json!(["+86-570-5550123"])));
        assert!(report["section_id"].is_string());
        // Every place is where it is told to be, and none of what was injected is left.
        let raw: Vec<char> = DAMAGED.chars().collect();
        for (offset, quote) in of(report, "pinyin").into_iter().chain(of(report, "encoding")) {
            let at = usize::try_from(offset).unwrap();
            let there: String = raw[at..at + quote.chars().count()].iter().collect();
            assert_eq!(there, quote);
        }
        assert!(of(report, "pinyin").len() > 40, "{}", of(report, "pinyin").len());
        let broken = of(report, "encoding");
        assert!(broken.iter().any(|(_, quote)| quote.contains("?!")), "{broken:?}");
        assert!(broken.iter().any(|(_, quote)| quote.contains('!') && quote.chars().count() > 5), "{broken:?}");
        let body = article["body"]["value"].as_str().unwrap();
        let pinyin = |c: char| c.is_alphabetic() && !('\u{2E80}'..='\u{9FFF}').contains(&c) && c.is_lowercase();
        let bracketed = body.split('(').skip(1).filter(|rest| rest.starts_with(pinyin)).count();
        assert!(bracketed <= 1, "only beside what is broken: {body}");
        assert_eq!((&article["dateline"]["agency"], article["stage"].as_str()), (&json!("瀾港網東海新聞"), Some("draft")));
        assert_eq!(article["contributors"], json!([]), "the register has none of the reporters");
        // Raw bytes are kept, and the same bytes are the same draft.
        let again = ingest(&app, "", "text/plain", DAMAGED).await.expect(200).json();
        assert_eq!((&again["article"]["id"], &again["report"]["outcome"]), (&article["id"], &json!("known")));
        let id = report["id"].as_str().unwrap();
        let kept = app.get(&format!("/v1/ingest/{id}")).by_role(Role::Editor).await.expect(200).json();
        assert_eq!(kept["damage"], report["damage"]);
        let raw = app.get(&format!("/v1/ingest/{id}/raw")).by_role(Role::Editor).await.expect(200);
        assert_eq!(raw.body, DAMAGED.as_bytes());
    }

    async fn whose_it_is_is_never_guessed(app) {
        newsroom(&app).await;
        let report = ingest(&app, "", "text/plain", REPRINT).await.expect(201).json();
        assert_eq!(report["report"]["source_match"], "external");
        let original = &report["article"]["attribution"]["original"];
        assert_eq!((&original["title"], &original["authors"]), (&json!("海湾渔港完成扩建"), &json!(["周平"])));
        assert_eq!(original["published_at"], "2024-05-02T01:10:00Z");
        for (label, matched) in [
            ("来源：谁也不知道的报", "needs_review"),
            ("来源：澜港新闻网（非本网）", "needs_review"),
            ("来源：澜港新闻网", "own"),
            ("来源：瀾港新聞網·東海新聞", "own"),
            ("", "needs_review"),
        ] {
            let page = REPRINT.replace("来源：海湾晚报（非本网）", label);
            let answer = ingest(&app, "?dry_run=true", "text/plain", page).await.expect(200).json();
            assert_eq!(answer["report"]["source_match"], matched, "{label}");
            assert_eq!(answer["draft"]["source_id"].is_string(), matched == "own", "{label}");
        }
    }

    async fn nothing_is_kept_of_a_dry_run(app) {
        newsroom(&app).await;
        app.token(Role::Editor).await;
        let before = app.changes().len();
        let answer = ingest(&app, "?dry_run=true", "text/plain", DAMAGED).await.expect(200).json();
        assert_eq!((&answer["article"], &answer["report"]["outcome"], &answer["report"]["id"]), (&json!(null), &json!("dry_run"), &json!(null)));
        let draft = answer["draft"].clone();
        assert_eq!(app.changes().len(), before);
        // What is shown can be sent as it is.
        app.post("/v1/articles", draft).by_role(Role::Editor).await.expect(201);
    }

    async fn people_are_added_when_asked_for(app) {
        newsroom(&app).await;
        let answer = ingest(&app, "?add_authors=true", "text/plain", DAMAGED).await.expect(201).json();
        let people = answer["article"]["contributors"].as_array().unwrap();
        let names: Vec<&str> = people.iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["林月", "周海平"]);
        assert!(answer["report"]["reporters"][0]["author_id"].is_string());
    }

    async fn people_in_doubt_are_nobodys(app) {
        newsroom(&app).await;
        let person = async |name: &str| app.made("/v1/authors", json!({"name": name, "kind": "reporter"})).await;
        let moon = person("林月").await;
        let (one, other) = (person("周海平").await, person("周海平").await);
        // Who may be either is neither, and is not added a third time.
        let answer = ingest(&app, "?add_authors=true", "text/plain", DAMAGED).await.expect(201).json();
        let people = answer["article"]["contributors"].as_array().unwrap();
        let ids: Vec<&str> = people.iter().map(|one| one["author_id"].as_str().unwrap_or_else(|| panic!("{one}"))).collect();
        assert_eq!(ids, [&moon], "neither {one} nor {other}");
        let codes: Vec<&str> = answer["report"]["warnings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
        assert!(codes.contains(&"ambiguous_reporter") && !codes.contains(&"unknown_reporter"), "{codes:?}");
        // Whose reporters they are is not known of a text of which that is not known, or which is another's.
        for label in ["来源：谁也不知道的报", "来源：海湾晚报"] {
            let page = REPRINT.replace("来源：海湾晚报（非本网）", label).replace("周平", "林月");
            let answer = ingest(&app, "?add_authors=true", "text/plain", page).await.expect(201).json();
            assert_eq!(answer["article"]["contributors"], json!([]), "{label}");
            assert_eq!(answer["report"]["reporters"][0]["author_id"], json!(moon));
            let page = REPRINT.replace("来源：海湾晚报（非本网）", label);
            ingest(&app, "?add_authors=true", "text/plain", page).await.expect(201);
        }
        let authors = app.get("/v1/authors?limit=100").by_admin().await.expect(200).json();
        let names: Vec<&str> = authors["data"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert!(!names.contains(&"周平"), "{names:?}");
        assert_eq!(names.iter().filter(|name| **name == "周海平").count(), 2);
    }

    async fn authors_are_not_told_of_others_works(app) {
        newsroom(&app).await;
        let known = ingest(&app, "", "text/plain", REPRINT).await.expect(201).json();
        let send = |query: &str, page: &str| app.request("POST", &format!("/v1/ingest{query}")).raw("text/plain", page.to_owned());
        let refused = send("", REPRINT).by_role(Role::Author).await.expect(409);
        assert!(!refused.text().contains(known["article"]["id"].as_str().unwrap()), "{}", refused.text());
        let own = REPRINT.replace("三十个", "四十个");
        let first = send("", &own).by_role(Role::Author).await.expect(201).json();
        let again = send("", &own).by_role(Role::Author).await.expect(200).json();
        assert_eq!(again["article"]["id"], first["article"]["id"]);
        // The register is for those who may change it.
        send("?add_authors=true", &own.replace("周四", "周五")).by_role(Role::Author).await.expect(403);
    }

    async fn control_characters_are_left_out(app) {
        newsroom(&app).await;
        let page = REPRINT.replace("扩建\n", "扩\u{0}建\u{8}\n").replace("海湾晚报（", "海湾\u{0}晚报（").replace("泊位", "泊\u{0}\u{FFFD}位").replace("财经", "财\u{0}经");
        let answer = ingest(&app, "?add_authors=true", "text/plain", page).await.expect(201).json();
        assert_eq!((&answer["article"]["title"], &answer["report"]["source_match"]), (&json!("海湾渔港完成扩建"), &json!("external")));
        assert!(of(&answer["report"], "encoding").len() >= 4, "{}", answer["report"]["damage"]);
        let id = answer["article"]["id"].as_str().unwrap();
        let body = app.get(&format!("/v1/articles/{id}?body_format=text")).by_admin().await.expect(200).json();
        assert!(body["body"]["value"].as_str().unwrap().contains("泊\u{FFFD}位"));
    }

    async fn encodings_and_markup(app) {
        newsroom(&app).await;
        let html = |head: &str| format!("<html><head>{head}<title>海湾渔港完成扩建_海湾晚报</title></head><body><div class=nav><a href=/>首页</a> &gt; <a href=/f>财经</a></div>\
            <h1>海湾渔港完成扩建</h1><p>2024-05-02 09:10 来源：海湾晚报</p><div class=content><p>海湾渔港扩建工程周四完成，泊位增至三十个。</p>\
            <p><img src=\"https://pic.example.com/a.jpg\" alt=\"渔港\"><img src=\"//pic.example.com/b.jpg\"></p><h2>渔民说法</h2><p>港务部门说，渔船进港时间缩短一半。</p><script>alert(1)</script></div></body></html>");
        for (head, media_type, encoding) in [
            ("<meta charset=gbk>", "text/html", encoding_rs::GBK),
            ("", "text/html; charset=gb2312", encoding_rs::GBK),
            ("", "text/html", encoding_rs::GBK),
            ("", "text/html", encoding_rs::UTF_8),
            ("<meta charset=gbk>", "text/html; charset=utf-8", encoding_rs::UTF_8),
        ] {
            let page = html(head);
            let (bytes, _, _) = encoding.encode(&page);
            let answer = ingest(&app, "?dry_run=true", media_type, bytes.into_owned()).await.expect(200).json();
            let what = format!("{head} {media_type} {}: {}", encoding.name(), answer["report"]);
            assert_eq!(answer["report"]["title"], "海湾渔港完成扩建", "{what}");
            assert_eq!(answer["report"]["source_match"], "external", "{what}");
            let blocks = answer["draft"]["body"]["value"].as_array().unwrap();
            let kinds: Vec<&str> = blocks.iter().map(|block| block["type"].as_str().unwrap()).collect();
            assert_eq!(kinds, ["paragraph", "image", "image", "heading", "paragraph"], "{what}");
            assert_eq!(blocks[2]["url"], "https://pic.example.com/b.jpg", "{what}");
            assert!(!answer["draft"].to_string().contains("alert"), "{what}");
        }
        let big5 = encoding_rs::BIG5.encode("漁港完成擴建\n\n海灣漁港擴建工程週四完成，泊位增至三十個。\n\n港務部門說，漁船進港時間縮短一半。");
        let answer = ingest(&app, "?dry_run=true", "text/plain", big5.0.into_owned()).await.expect(200).json();
        assert_eq!((&answer["report"]["title"], &answer["report"]["language"]), (&json!("漁港完成擴建"), &json!("zh-Hant")));
    }

    async fn bad_pages_are_told_and_nothing_breaks(app) {
        newsroom(&app).await;
        let deep = "<div>".repeat(100_000);
        for (what, media_type, page, status) in [
            ("empty", "text/html", Vec::new(), 422),
            ("blanks", "text/plain", b" \n\n ".to_vec(), 422),
            ("binary", "text/html", (0..5_000_u32).map(|n| (n * 7 % 256) as u8).collect(), 422),
            ("a picture", "text/html", b"\x89PNG\r\n\x1a\n0000".to_vec(), 422),
            ("a zip", "text/plain", b"PK\x03\x04".repeat(50), 422),
            ("no article", "text/html", b"<html><body><nav><a href=/>Home</a></nav></body></html>".to_vec(), 422),
            ("deep", "text/html", deep.into_bytes(), 422),
            ("another type", "application/pdf", b"x".to_vec(), 415),
            ("too long", "text/plain", vec![b'a'; 3 * 1024 * 1024], 413),
        ] {
            let answer = ingest(&app, "", media_type, page).await;
            assert_eq!(answer.status, status, "{what}: {}", answer.text());
        }
        // Half a character at the end, and two encodings in one page: read, and said.
        let mut half = REPRINT.as_bytes().to_vec();
        half.truncate(half.len() - 2);
        let answer = ingest(&app, "?dry_run=true", "text/plain", half).await.expect(200).json();
        let codes: Vec<&str> = answer["report"]["warnings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
        assert!(codes.contains(&"malformed_bytes"), "{codes:?}");
        let mut mixed = REPRINT.as_bytes().to_vec();
        mixed.extend(encoding_rs::GBK.encode("\n\n读出来不对").0.iter());
        let answer = ingest(&app, "?dry_run=true", "text/plain", mixed).await.expect(200).json();
        assert!(answer["report"]["encoding"]["malformed"].as_u64().unwrap() > 0, "{answer}");
        // Undeclared, and less of the one than of the other: each part is read as what it is.
        let (one, other) = ("标题在此\n\n第一段用统一码写成。", "第二段用国标码写成，内容比第一段长得多，讲的是港口新码头启用以后船舶不必等待的新闻。");
        let mut mixed = one.as_bytes().to_vec();
        mixed.extend(encoding_rs::GBK.encode(&format!("\n\n{other}")).0.iter());
        let answer = ingest(&app, "?dry_run=true", "text/plain", mixed).await.expect(200).json();
        assert_eq!(answer["draft"]["title"], "标题在此", "{answer}");
        let body = answer["draft"]["body"]["value"].to_string();
        assert!(body.contains("第一段用统一码写成。") && body.contains(other), "{body}");
        let tabbed = ingest(&app, "?dry_run=true", "text/plain", "新码头\t启用\n\n它在周一启用。").await.expect(200).json();
        assert_eq!(tabbed["draft"]["title"], "新码头 启用", "{tabbed}");
        let table = "<table><tr><td>甲</td><td>乙</td></tr><tr><td>一</td><td>二</td></tr></table>";
        ingest(&app, "?dry_run=true", "text/html", table).await.expect(200);
        let table = "<html><body><h1>表</h1><table><tr><td>甲</td><td>乙</td></tr><tr><td>一</td></tr></table></body></html>";
        let answer = ingest(&app, "?dry_run=true", "text/html", table).await.expect(200).json();
        let codes: Vec<&str> = answer["report"]["warnings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
        assert!(codes.contains(&"table_only"), "{codes:?}");
    }
}
