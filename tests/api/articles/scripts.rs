//! The two scripts of Chinese: what is converted, what is not, and what is said of it.

use masthead::rights::Channel;
use serde_json::{Value, json};

use crate::support::newsroom::{Newsroom, with};
use crate::support::{TestApp, both_engines};

fn chinese(of: Value, slug: &str) -> Value {
    with(
        of,
        json!({
            "slug": slug, "title": "经济发展的头发", "summary": "国际贸易。", "language": "zh-Hans",
            "body": {"format": "html", "value": "<p>里面的<a href=\"https://news.example.org/发展\">经济</a>新闻。公里以后。</p><p>第二段更长一些，说明前因后果。</p>"},
        }),
    )
}

async fn newsroom(app: &TestApp) -> Newsroom {
    app.newsroom().await
}

both_engines! {
    async fn own_works_are_read_in_either_script(app) {
        let desk = newsroom(&app).await;
        let id = app.live(chinese(desk.own_work(""), "one")).await;
        let key = app.first_party_key(Channel::Web);
        let path = format!("/v1/articles/{id}?body_format=html");
        let plain = app.get(&path).key(&key).send().await.expect(200);
        assert_eq!((plain.header("content-language"), &plain.json()["attribution"]["derived"]), ("zh-Hans", &json!(null)));
        assert!(plain.header("vary").contains("Accept-Language"));
        for (param, header) in [("&script=hant", "zh-Hans"), ("", "zh-TW, en;q=0.5"), ("", "zh-Hant")] {
            let answer = app.get(&format!("{path}{param}")).key(&key).header("accept-language", header).send().await.expect(200);
            let article = answer.json();
            assert_eq!(answer.header("content-language"), "zh-Hant");
            assert_eq!(article["title"], "經濟發展的頭髮");
            assert_eq!(article["language"], "zh-Hant");
            let body = article["body"]["value"].as_str().unwrap();
            assert!(body.contains(">經濟</a>新聞。公里以後。") && body.contains("https://news.example.org/"), "{body}");
            let credit = &article["attribution"];
            assert_eq!(credit["derived"], json!({"kind": "script", "language": "zh-Hant", "from": "zh-Hans"}));
            // The label of the source, which has no form of its own in this script.
            assert_eq!(credit["credit_line"], "來源：Harbour Daily");
            assert_eq!(credit["notices"][0]["language"], "zh-Hant");
            assert_eq!(credit["notices"][0]["text"], "未經授權不得轉載。");
            assert_eq!(article["body"]["digest"], plain.json()["body"]["digest"], "of the version that it is derived from");
        }
        let same = app.get(&format!("{path}&script=hans")).key(&key).send().await.expect(200).json();
        assert_eq!(same["attribution"]["derived"], json!(null));
        app.get(&format!("{path}&script=latn")).key(&key).send().await.expect(400);
        let list = app.get("/v1/articles?script=hant&fields=title").key(&key).send().await.expect(200);
        assert_eq!((list.header("content-language"), &list.json()["data"][0]["title"]), ("zh-Hant", &json!("經濟發展的頭髮")));
        let hit = app.get("/v1/search?q=%E7%BB%8F%E6%B5%8E&script=hant").key(&key).send().await.expect(200).json();
        assert_eq!(hit["data"][0]["found"][0], json!({"field": "title", "text": "經濟發展的頭髮", "highlights": [[0, 2]]}));
        let text = app.get(&format!("/v1/articles/{id}/representations/text?script=hant")).key(&key).send().await.expect(200);
        assert!(text.text().contains("本文由簡體中文自動轉換") && text.text().contains("來源：Harbour Daily"), "{}", text.text());
    }

    async fn a_source_says_its_name_itself(app) {
        let desk = newsroom(&app).await;
        let named = app.made("/v1/sources", json!({"name": "里港发报", "credit_label": "里港发报", "kind": "own",
            "official_forms": {"zh-Hant": "里港發報社"}})).await;
        let other = app.made("/v1/sources", json!({"name": "海发报", "credit_label": "海发报", "kind": "own"})).await;
        let a = app.live(with(chinese(desk.own_work(""), "a"), json!({"source_id": named}))).await;
        let b = app.live(with(chinese(desk.own_work(""), "b"), json!({"source_id": other}))).await;
        let credit = async |id: &str| {
            let article = app.get(&format!("/v1/articles/{id}?script=hant")).send().await.expect(200).json();
            let credit = &article["attribution"];
            (credit["credit_line"].clone(), credit["source"]["name"].clone())
        };
        assert_eq!(credit(&a).await, (json!("來源：里港發報社"), json!("里港發報社")));
        // None is made for it: a label has one form, or those that the register has.
        assert_eq!(credit(&b).await, (json!("來源：海发报"), json!("海发报")));
        // Nor for agencies in a dateline, or for those whose a picture is or who is quoted.
        let body = json!({"format": "blocks", "value": [
            {"type": "quote", "text": "发展经济。", "cite": "里松"},
            {"type": "image", "url": "/a.jpg", "alt": "发展", "credit": "海发报"}]});
        let d = app.live(with(chinese(desk.own_work(""), "d"), json!({"dateline": {"place": "里港", "agency": "海发报"}, "body": body}))).await;
        let article = app.get(&format!("/v1/articles/{d}?script=hant&body_format=blocks")).key(&app.first_party_key(Channel::Web)).send().await.expect(200).json();
        assert_eq!(article["dateline"]["agency"], "海发报");
        let blocks = &article["body"]["value"];
        assert_eq!((&blocks[0]["text"], &blocks[0]["cite"]), (&json!("發展經濟。"), &json!("里松")), "{blocks}");
        assert_eq!((&blocks[1]["alt"], &blocks[1]["credit"]), (&json!("發展"), &json!("海发报")));
        // Nor for people.
        let person = async |name: &str, kind: &str| app.made("/v1/authors", json!({"name": name, "kind": kind, "bio": "报道经济。"})).await;
        let (pine, after, editor) = (person("里松", "reporter").await, person("后发", "reporter").await, person("发叔", "editor").await);
        let c = app.live(with(chinese(desk.own_work(""), "c"), json!({"editor_id": editor, "contributors":
            [{"author_id": pine, "role": "reporter"}, {"author_id": after, "role": "reporter"}]}))).await;
        let article = app.get(&format!("/v1/articles/{c}?script=hant&include=authors")).key(&app.first_party_key(Channel::Web)).send().await.expect(200).json();
        let credit = &article["attribution"];
        assert_eq!((&credit["editor"], &article["title"]), (&json!("发叔"), &json!("經濟發展的頭髮")));
        assert_eq!(credit["byline"], "里松 后发");
        assert_eq!((&article["contributors"][0]["author"]["name"], &article["contributors"][0]["author"]["bio"]), (&json!("里松"), &json!("報道經濟。")));
    }

    async fn the_desk_reads_what_was_written(app) {
        let desk = newsroom(&app).await;
        let own = app.draft(chinese(desk.own_work(""), "own")).await;
        let strict = app.source("严格社").await;
        app.grant(&strict, json!({"alteration": "none"})).await;
        let fixed = app.draft(chinese(desk.reprint_of(&strict, ""), "fixed")).await;
        let open = app.source("开放社").await;
        app.grant(&open, json!({"alteration": "format"})).await;
        let free = app.draft(chinese(desk.reprint_of(&open, ""), "free")).await;
        let bare = app.draft(with(chinese(desk.own_work(""), "bare"), json!({"source_id": null}))).await;
        for (id, converted) in [(&own, true), (&fixed, false), (&free, true), (&bare, false)] {
            let path = format!("/v1/articles/{id}");
            let read = app.get(&path).header("accept-language", "zh-Hant").by_admin().await.expect(200).json();
            assert_eq!((&read["title"], &read["attribution"]["derived"]), (&json!("经济发展的头发"), &json!(null)), "{id}");
            let read = app.get(&format!("{path}?script=hant")).by_admin().await.expect(200).json();
            assert_eq!(read["title"] == "經濟發展的頭髮", converted, "{id}");
            assert_eq!(read["attribution"]["derived"].is_object(), converted, "{id}");
            let link = app.post(&format!("{path}/previews"), json!({})).by_admin().await.expect(201).json();
            let seen = app.get(&format!("{}&script=hant", link["url"].as_str().unwrap())).send().await;
            match id == &bare {
                // It has no credit yet.
                true => assert_eq!(seen.status, 409),
                false => assert_eq!(seen.expect(200).json()["title"] == "經濟發展的頭髮", converted, "{id}"),
            }
        }
    }

    async fn what_may_not_be_altered_stays_as_it_is(app) {
        let desk = newsroom(&app).await;
        let strict = app.source("严格社").await;
        app.grant(&strict, json!({"channels": ["web", "app", "syndication"], "alteration": "none"})).await;
        let open = app.source("开放社").await;
        app.grant(&open, json!({"channels": ["web", "app", "syndication"], "alteration": "format"})).await;
        let own = app.live(chinese(desk.own_work(""), "own")).await;
        let fixed = app.live(chinese(desk.reprint_of(&strict, ""), "fixed")).await;
        let free = app.live(chinese(desk.reprint_of(&open, ""), "free")).await;
        let all = json!({"sections": [desk.economy]});
        let none = app.deal("Gazette", &[json!({"selector": all, "alteration": "none"})]).await;
        let format = app.deal("Post", &[json!({"selector": all, "alteration": "format"})]).await;
        let web = app.first_party_key(Channel::Web);
        for (who, key, id, converted) in [
            ("web", &web, &own, true), ("web", &web, &fixed, false), ("web", &web, &free, true),
            ("no alteration", &none.key, &own, false), ("no alteration", &none.key, &free, false),
            ("format", &format.key, &own, true), ("format", &format.key, &fixed, false), ("format", &format.key, &free, true),
        ] {
            let answer = app.get(&format!("/v1/articles/{id}?script=hant")).key(key).send().await.expect(200);
            let article = answer.json();
            assert_eq!(article["attribution"]["derived"].is_object(), converted, "{who} {id}");
            assert_eq!(article["title"] == "經濟發展的頭髮", converted, "{who} {id}");
            assert_eq!(answer.header("content-language"), if converted { "zh-Hant" } else { "zh-Hans" });
            assert_eq!(article["attribution"]["usage"]["extent"], "full");
        }
        // A stub rests on no right at all.
        let bare = app.deal("Nobody", &[]).await;
        let stub = app.get(&format!("/v1/articles/{own}?script=hant")).key(&bare.key).send().await.expect(200).json();
        assert_eq!(stub["title"], "经济发展的头发");
    }

    async fn kept_answers_are_told_apart(app) {
        let desk = newsroom(&app).await;
        let id = app.live(chinese(desk.own_work(""), "one")).await;
        let path = format!("/v1/articles/{id}");
        for _ in 0..3 {
            for (header, title) in [("zh-Hant", "經濟發展的頭髮"), ("zh-CN", "经济发展的头发"), ("en", "经济发展的头发"), ("zh-HK;q=0.9", "經濟發展的頭髮")] {
                let answer = app.get(&path).header("accept-language", header).send().await.expect(200);
                assert_eq!(answer.json()["title"], title, "{header}");
            }
        }
        let hant = app.get(&path).header("accept-language", "zh-Hant").send().await.etag();
        app.get(&path).header("accept-language", "zh-Hant").header("if-none-match", &hant).send().await.expect(304);
        app.get(&path).header("accept-language", "zh-Hans").header("if-none-match", &hant).send().await.expect(200);
    }
}
