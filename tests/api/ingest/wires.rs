//! Wires: each item becomes a reprint, a later version changes it, a canceled one withdraws it.

use masthead::rights::Role;
use serde_json::{Value, json};

use crate::support::{TestApp, both_engines};

async fn sent(app: &TestApp, media_type: &str, document: &str) -> Value {
    let ask = app
        .request("POST", "/v1/ingest/wires")
        .raw(media_type, document.to_owned());
    ask.by_role(Role::Editor).await.expect(200).json()
}

fn ninjs(version: u32, status: &str, headline: &str) -> String {
    json!({
        "uri": "urn:wire.example.com:2026:7", "type": "text", "version": version.to_string(), "pubstatus": status,
        "versioncreated": format!("2026-06-01T1{version}:00:00Z"), "language": "zh-Hans",
        "headline": headline, "byline": "文雅", "body_xhtml": format!("<p>码头周一启用，第{version}版。</p><p>货轮从中午起靠泊。</p>"),
        "copyrightholder": "Coastal Wire", "copyrightnotice": "Coastal Wire, all rights reserved.", "usageterms": "Not for archives.",
        "infosources": [{"name": "Coastal Wire", "role": "provider"}], "located": "澜港",
    })
    .to_string()
}

both_engines! {
    async fn an_item_lives_through_its_versions(app) {
        let desk = app.newsroom().await;
        let first = sent(&app, "application/json", &ninjs(1, "usable", "码头将启用")).await;
        let item = &first["items"][0];
        assert_eq!((&first["format"], &item["outcome"], &item["source_match"]), (&json!("ninjs"), &json!("created"), &json!("external")));
        let id = item["article_id"].as_str().unwrap().to_owned();
        let path = format!("/v1/articles/{id}");
        let article = app.get(&format!("{path}?body_format=text")).by_admin().await.expect(200).json();
        assert_eq!((&article["title"], &article["origin"], &article["stage"]), (&json!("码头将启用"), &json!("reprint"), &json!("draft")));
        assert_eq!(article["attribution"]["original"]["authors"], json!(["文雅"]));
        assert_eq!(article["extra"]["wire"]["usage_terms"], "Not for archives.");
        assert_eq!(article["extra"]["wire"]["digest"], item["digest"]);
        assert_eq!(sent(&app, "application/json", &ninjs(1, "usable", "码头将启用")).await["items"][0]["outcome"], "known");
        // The desk's own additions stay.
        app.edit(&path, json!({"section_id": desk.ports, "editor_id": desk.editor})).await.expect(200);
        let second = sent(&app, "application/json", &ninjs(2, "usable", "码头今启用")).await;
        assert_eq!((&second["items"][0]["outcome"], &second["items"][0]["article_id"]), (&json!("updated"), &json!(id)));
        let article = app.get(&format!("{path}?body_format=text&include=section")).by_admin().await.expect(200).json();
        assert_eq!((&article["title"], &article["section"]["slug"]), (&json!("码头今启用"), &json!("ports")));
        assert!(article["body"]["value"].as_str().unwrap().contains("第2版"));
        assert_eq!(article["attribution"]["original"]["title"], "码头今启用");
        assert_eq!(sent(&app, "application/json", &ninjs(1, "usable", "码头将启用了")).await["items"][0]["outcome"], "stale");
        app.publish(&id).await.expect(200);
        app.get(&path).send().await.expect(200);
        app.clock.advance(chrono::TimeDelta::minutes(1));
        let gone = sent(&app, "application/json", &ninjs(3, "canceled", "码头今启用")).await;
        assert_eq!((&gone["items"][0]["outcome"], &gone["items"][0]["article_id"]), (&json!("withdrawn"), &json!(id)));
        app.get(&path).send().await.expect(410);
        assert_eq!(sent(&app, "application/json", &ninjs(3, "canceled", "码头今启用")).await["items"][0]["outcome"], "known");
    }

    async fn feeds_newsml_and_what_is_no_wire(app) {
        app.newsroom().await;
        let rss = "<rss version=\"2.0\"><channel><title>Coastal Wire</title>\
            <item><guid>r-1</guid><title>Quay to open</title><description>It opens on Monday.</description><author>Wen Ya</author></item>\
            <item><title>No identifier</title><description>It has none.</description></item></channel></rss>";
        let report = sent(&app, "application/rss+xml", rss).await;
        let outcomes: Vec<&str> = report["items"].as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap()).collect();
        assert_eq!(outcomes, ["refused", "created"], "{report}");
        let newsml = r#"<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:n:1" version="1" xml:lang="en">
            <rightsInfo><copyrightHolder><name>Coastal Wire</name></copyrightHolder></rightsInfo>
            <itemMeta><itemClass qcode="ninat:text"/><provider><name>Coastal Wire</name></provider><versionCreated>2026-06-01T10:00:00Z</versionCreated><pubStatus qcode="stat:usable"/></itemMeta>
            <contentMeta><headline>Quay to open</headline><by>Wen Ya</by></contentMeta>
            <contentSet><inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><body><p>It opens on Monday.</p><p>Ships dock.</p></body></html></inlineXML></contentSet></newsItem>"#;
        let report = sent(&app, "application/vnd.iptc.g2.newsitem+xml", newsml).await;
        let item = &report["items"][0];
        assert_eq!((&report["format"], &item["outcome"], &item["source_match"]), (&json!("newsml_g2"), &json!("created"), &json!("external")), "{report}");
        let canceled = newsml.replace("version=\"1\"", "version=\"2\"").replace("stat:usable", "stat:canceled");
        let report = sent(&app, "application/xml", &canceled).await;
        assert_eq!(report["items"][0]["outcome"], "withdrawn", "{report}");
        // A draft that nobody could see is gone, and nothing of it comes back unasked.
        app.get(&format!("/v1/articles/{}", item["article_id"].as_str().unwrap())).by_admin().await.expect(404);
        for (media_type, document) in [
            ("application/json", ""), ("application/json", "{"), ("application/json", "{}"), ("application/xml", "<a/>"), ("application/xml", "<a"),
            ("application/xml", "not xml"), ("application/json", "[]"), ("application/xml", "<!DOCTYPE a [<!ENTITY b \"x\">]><a>&b;</a>"),
        ] {
            let ask = app.request("POST", "/v1/ingest/wires").raw(media_type, document);
            ask.by_role(Role::Editor).await.expect(422);
        }
    }

    async fn an_embargo_holds_from_the_beginning(app) {
        let desk = app.newsroom().await;
        let mut item: Value = serde_json::from_str(&ninjs(1, "usable", "码头将启用")).unwrap();
        item["embargoed"] = json!("2026-06-02T00:00:00Z");
        let report = sent(&app, "application/json", &item.to_string()).await;
        let id = report["items"][0]["article_id"].as_str().unwrap();
        assert_eq!(report["items"][0]["embargoed_until"], "2026-06-02T00:00:00Z");
        app.edit(&format!("/v1/articles/{id}"), json!({"editor_id": desk.editor})).await.expect(200);
        let refused = app.publish(id).await;
        assert_eq!(refused.status, 409, "{}", refused.text());
    }

    async fn a_later_version_moves_the_embargo(app) {
        let desk = app.newsroom().await;
        let version = |n: u32, until: Option<&str>| {
            let mut item: Value = serde_json::from_str(&ninjs(n, "usable", "码头将启用")).unwrap();
            if let Some(until) = until {
                item["embargoed"] = json!(until);
            }
            item.to_string()
        };
        let first = sent(&app, "application/json", &version(1, None)).await;
        let id = first["items"][0]["article_id"].as_str().unwrap().to_owned();
        let path = format!("/v1/articles/{id}");
        app.edit(&path, json!({"editor_id": desk.editor, "section_id": desk.economy})).await.expect(200);
        let second = sent(&app, "application/json", &version(2, Some("2026-06-02T00:00:00Z"))).await;
        assert_eq!((&second["items"][0]["outcome"], &second["items"][0]["warnings"]), (&json!("updated"), &json!([])));
        assert_eq!(app.publish(&id).await.status, 409);
        app.grant(&desk.wire, json!({"channels": ["syndication"]})).await;
        let deal = app.deal("Gazette", &[json!({"selector": {"sections": [desk.economy]}, "extent": "full", "embargo_privilege": true})]).await;
        app.post(&format!("{path}/schedule"), json!({"embargoed_until": "2026-06-02T00:00:00Z"})).by_admin().await.expect(200);
        let given = app.get(&format!("{path}?body_format=text")).key(&deal.key).send().await.expect(200).json();
        sent(&app, "application/json", &version(3, Some("2026-06-03T00:00:00Z"))).await;
        // Who was given the text that stands is told, and not of what nobody has looked at yet.
        let now = app.get(&path).key(&deal.key).send().await.expect(200).json();
        assert_eq!((&now["title"], &given["title"]), (&json!("码头将启用"), &json!("码头将启用")), "{now}");
        let head = app.get(&format!("{path}?body_format=text")).by_admin().await.expect(200).json();
        assert!(head["body"]["value"].as_str().unwrap().contains("第3版"), "{head}");
        let held = app.get(&format!("{path}?body_format=text")).key(&deal.key).send().await.expect(200).json();
        assert!(held["body"]["value"].as_str().unwrap().contains("第2版"), "{held}");
        // A schedule is not brought forward by a wire.
        let early = sent(&app, "application/json", &version(4, Some("2026-06-01T23:00:00Z"))).await;
        assert_eq!(early["items"][0]["warnings"][0]["code"], "embargo_not_set");
        app.set_clock("2026-06-02T12:00:00Z".parse().unwrap());
        app.get(&path).send().await.expect(404);
        // One without a word of it leaves it.
        sent(&app, "application/json", &version(5, None)).await;
        app.get(&path).send().await.expect(404);
        app.set_clock("2026-06-03T00:00:00Z".parse().unwrap());
        app.get(&path).send().await.expect(200);
        let late = sent(&app, "application/json", &version(6, Some("2026-06-09T00:00:00Z"))).await;
        assert_eq!(late["items"][0]["warnings"][0]["code"], "embargo_not_set");
        app.get(&path).send().await.expect(200);
        let held = sent(&app, "application/json", &ninjs(7, "withheld", "码头将启用")).await;
        assert_eq!((&held["items"][0]["outcome"], &held["items"][0]["warnings"][0]["code"]), (&json!("withheld"), &json!("still_published")));
    }

    async fn what_the_desk_has_added_stays(app) {
        let desk = app.newsroom().await;
        let mut item: Value = serde_json::from_str(&ninjs(1, "usable", "码头将启用")).unwrap();
        item["byline"] = json!("");
        // More than there is room for, in characters of three bytes.
        item["usageterms"] = json!("不得转载。".repeat(1_000));
        item["subject"] = json!((0..50).map(|n| json!({"name": format!("{n}{}", "港".repeat(95)), "rel": "about"})).collect::<Vec<_>>());
        item["associations"] = json!({"main": {"type": "picture", "renditions": {"web": {"href": "https://wire.example.com/quay.jpg", "mimetype": "image/jpeg", "width": 800, "height": 600}}}});
        item["expires"] = json!("2026-07-01T00:00:00Z");
        let first = sent(&app, "application/json", &item.to_string()).await;
        assert_eq!(first["items"][0]["outcome"], "created", "{first}");
        let codes: Vec<&str> = first["items"][0]["warnings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
        assert!(codes.contains(&"terms_cut"), "{codes:?}");
        let id = first["items"][0]["article_id"].as_str().unwrap();
        let path = format!("/v1/articles/{id}");
        let read = app.get(&format!("{path}?body_format=html")).by_admin().await.expect(200).json();
        assert!(read["body"]["value"].as_str().unwrap().contains("https://wire.example.com/quay.jpg"), "{}", read["body"]);
        let mut extra = read["extra"].clone();
        extra["ours"] = json!("desk");
        app.edit(&path, json!({"extra": extra, "genre": "analysis", "end_mark": "（完）", "tags": ["港口"], "summary": "编辑写的。",
            "original": {"title": "码头将启用", "author_unstated": {"reason": "The wire names none."}, "print_ref": "urn"}})).await.expect(200);
        item["version"] = json!("2");
        item["headline"] = json!("码头今启用");
        item["keywords"] = json!(["货轮"]);
        let second = sent(&app, "application/json", &item.to_string()).await;
        assert_eq!(second["items"][0]["outcome"], "updated", "{second}");
        let read = app.get(&path).by_admin().await.expect(200).json();
        assert_eq!((&read["title"], &read["genre"], &read["end_mark"], &read["summary"]), (&json!("码头今启用"), &json!("analysis"), &json!("（完）"), &json!("编辑写的。")));
        assert_eq!((&read["extra"]["ours"], &read["extra"]["wire"]["version"]), (&json!("desk"), &json!("2")));
        assert_eq!(read["tags"], json!(["港口", "货轮"]));
        assert_eq!(read["attribution"]["original"]["author_unstated"]["reason"], "The wire names none.");
        // What is left can be saved again.
        app.edit(&path, json!({"section_id": desk.economy})).await.expect(200);
        // A draft that another refers to is not removed, and that is told.
        app.draft(crate::support::newsroom::with(desk.own_work("Beside"), json!({"related": [id]}))).await;
        let gone = sent(&app, "application/json", &ninjs(3, "canceled", "码头今启用")).await;
        assert_eq!((&gone["items"][0]["article_id"], &gone["items"][0]["warnings"][0]["code"]), (&json!(id), &json!("draft_stays")), "{gone}");
    }

    async fn machines_are_labelled_and_unknown_media_reviewed(app) {
        app.newsroom().await;
        let mut item: Value = serde_json::from_str(&ninjs(1, "usable", "码头将启用")).unwrap();
        item["uri"] = json!("urn:other:1");
        item["infosources"] = json!([{"name": "Harbour Daily", "role": "provider"}]);
        item["copyrightholder"] = json!("Nobody");
        let report = sent(&app, "application/json", &item.to_string()).await;
        assert_eq!(report["items"][0]["source_match"], "needs_review", "a wire is never our own by its word");
    }
}
