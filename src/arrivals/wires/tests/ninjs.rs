use serde_json::{Value, json};

use super::super::{Body, FaultKind, Status, Term, TermKind, Warning, WireItem};
use super::{at, one, party, wire};

/// ninjs 1.0 has the fewest fields; 1.2 to 1.4 add to it.
fn one_zero() -> Value {
    json!({
        "uri": "http://wire.qingshan.example/items/20260504-017",
        "type": "text",
        "mimetype": "text/html",
        "version": "1",
        "versioncreated": "2026-05-04T10:30:00+08:00",
        "embargoed": "2026-05-05T00:00:00+08:00",
        "pubstatus": "usable",
        "copyrightholder": "青山通讯社",
        "copyrightnotice": "© 2026 青山通讯社",
        "usageterms": "仅限签约媒体使用",
        "language": "zh-Hans",
        "person": [{"name": "何映雪", "rel": "subject"}],
        "organisation": [{"name": "青山通讯社", "rel": "provider", "scheme": "http://cv.qingshan.example/org/", "code": "qs"}],
        "place": [{"name": "青山", "code": "P1"}],
        "subject": [{"name": "水利", "scheme": "http://cv.iptc.example/medtop/", "code": "20000419"}],
        "event": [{"name": "春汛"}],
        "object": [{"name": "三号坝"}],
        "byline": "记者 陈望舒 林一舟",
        "headline": "青山水库\n开闸泄洪",
        "located": "青山",
        "description_text": "水位连降三日。",
        "body_text": "水库四日开闸。",
        "body_html": "<p>水库四日开闸。</p>",
        "body_xhtml": "<p>水库<b>四日</b>开闸。</p>",
        "body_caption": "<p>说明</p>",
        "associations": {
            "main": {
                "uri": "urn:pic:1", "type": "picture", "byline": "周野",
                "copyrightholder": "青山图片", "description_text": "泄洪现场",
                "renditions": {"web": {"href": "http://img.qingshan.example/1.jpg", "mimetype": "image/jpeg", "width": 800, "height": 600}}
            },
            "killed": {"uri": "urn:pic:2", "type": "picture", "pubstatus": "canceled",
                "renditions": {"web": {"href": "http://img.qingshan.example/2.jpg"}}},
            "story": {"uri": "urn:text:2", "type": "text", "body_text": "另文"}
        }
    })
}

fn with(mut base: Value, more: Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        base[key] = value.clone();
    }
    base
}

fn check_common(item: &WireItem) {
    assert_eq!(item.guid, "http://wire.qingshan.example/items/20260504-017");
    assert_eq!(item.version.as_deref(), Some("1"));
    assert_eq!(item.status, Status::Usable);
    assert_eq!(item.item_class.as_deref(), Some("text"));
    assert_eq!(item.language.as_deref(), Some("zh-Hans"));
    assert_eq!(item.title.as_deref(), Some("青山水库 开闸泄洪"));
    assert_eq!(item.original_title.as_deref(), Some("青山水库\n开闸泄洪"));
    assert_eq!(item.authors, ["记者 陈望舒 林一舟"]);
    assert_eq!(item.version_created_at, at("2026-05-04T02:30:00Z"));
    assert_eq!(item.embargoed_until, at("2026-05-04T16:00:00Z"));
    assert_eq!(item.copyright_holder, Some(party("青山通讯社", "")));
    assert_eq!(item.copyright_notice.as_deref(), Some("© 2026 青山通讯社"));
    assert_eq!(item.usage_terms.as_deref(), Some("仅限签约媒体使用"));
    assert_eq!(item.located.as_deref(), Some("青山"));
    assert_eq!(item.summary, Some(Body::Text("水位连降三日。".into())));
    let kinds: Vec<_> = item.subjects.iter().map(|term| term.kind).collect();
    assert_eq!(
        kinds,
        [
            TermKind::Subject,
            TermKind::Person,
            TermKind::Organisation,
            TermKind::Event,
            TermKind::Object
        ]
    );
    assert_eq!(item.places[0].name.as_deref(), Some("青山"));
    let provider = item.provider.as_ref().unwrap();
    assert_eq!(provider.name.as_deref(), Some("青山通讯社"));
    assert_eq!(provider.role.as_deref(), Some("provider"));
    assert_eq!(item.images.len(), 1);
    let image = &item.images[0];
    assert_eq!(image.guid.as_deref(), Some("urn:pic:1"));
    assert_eq!(image.caption.as_deref(), Some("泄洪现场"));
    assert_eq!(image.credit.as_deref(), Some("周野"));
    assert_eq!(image.copyright_holder.as_deref(), Some("青山图片"));
    let file = &image.renditions[0];
    assert_eq!(file.name.as_deref(), Some("web"));
    assert_eq!(file.href, "http://img.qingshan.example/1.jpg");
    assert_eq!(file.content_type.as_deref(), Some("image/jpeg"));
    assert_eq!((file.width, file.height), (Some(800), Some(600)));
    assert_eq!(item.digest.len(), 64);
}

#[test]
fn version_1_0() {
    let wire = wire(&one_zero().to_string());
    let item = &wire.items[0];
    check_common(item);
    assert_eq!(
        item.body,
        Some(Body::Html("<p>水库<b>四日</b>开闸。</p>".into()))
    );
    assert_eq!(
        item.subjects[0],
        Term {
            kind: TermKind::Subject,
            name: Some("水利".into()),
            uri: None,
            code: Some("20000419".into()),
            scheme: Some("http://cv.iptc.example/medtop/".into()),
            rel: None,
        }
    );
    assert_eq!(wire.warnings, [Warning::ImageLeftOut { index: 0 }]);
}

#[test]
fn versions_1_1_to_1_4_add_fields() {
    let item = one(&with(
        one_zero(),
        json!({
            "firstcreated": "2026-05-04T01:00:00Z", // 1.2
            "ednote": "稿件有更新",
            "title": "水库稿",
            "slugline": "QS-WATER",
            "infosource": [{"name": "水文站", "scheme": "http://cv.qingshan.example/", "code": "sw"}],
            "headline_sub": "下游已疏散", // 1.3
            "genre": [{"name": "Current", "scheme": "http://cv.iptc.example/genre/", "code": "Current"}],
            "$standard": {"name": "ninjs", "version": "1.4"},
            "altids": {"old": "77"},
            "contentcreated": "2026-05-03T23:00:00Z", // 1.4
            "expires": "2026-06-01T00:00:00Z",
            "rightsinfo": {"langid": "http://odrl.example", "linkedrights": "https://rights.qingshan.example/1"}
        }),
    )
    .to_string());
    check_common(&item);
    assert_eq!(item.first_created_at, at("2026-05-04T01:00:00Z"));
    assert_eq!(item.content_created_at, at("2026-05-03T23:00:00Z"));
    assert_eq!(item.expires_at, at("2026-06-01T00:00:00Z"));
    assert_eq!(item.ed_note.as_deref(), Some("稿件有更新"));
    assert_eq!(item.slugline.as_deref(), Some("QS-WATER"));
    assert_eq!(item.subtitle.as_deref(), Some("下游已疏散"));
    assert_eq!(item.sources, [party("水文站", "sw")]);
    assert_eq!(item.genres[0].code.as_deref(), Some("Current"));
    assert_eq!(item.rights_links, ["https://rights.qingshan.example/1"]);
}

fn two_one() -> Value {
    serde_json::from_str(
        r#"{
        "standard": {"name": "ninjs", "version": "2.1"},
        "uri": "http://wire.qingshan.example/items/20260504-017",
        "type": "text",
        "version": "1",
        "firstcreated": "2026-05-04T01:00:00Z",
        "versioncreated": "2026-05-04T02:30:00Z",
        "contentcreated": "2026-05-03T23:00:00Z",
        "embargoed": "2026-05-04T16:00:00Z",
        "expires": "2026-06-01T00:00:00Z",
        "pubstatus": "usable",
        "copyrightholder": "青山通讯社",
        "copyrightnotice": "© 2026 青山通讯社",
        "usageterms": "仅限签约媒体使用",
        "ednote": "稿件有更新",
        "language": "zh-Hans",
        "title": "水库稿",
        "by": "记者 陈望舒 林一舟",
        "slugline": "QS-WATER",
        "located": "青山",
        "headlines": [
            {"role": "sub", "value": "下游已疏散"},
            {"role": "main", "contenttype": "text/plain", "value": "青山水库\n开闸泄洪"}
        ],
        "descriptions": [
            {"role": "caption", "value": "不是摘要"},
            {"role": "summary", "contenttype": "text/plain", "value": "水位连降三日。"}
        ],
        "bodies": [
            {"role": "caption", "contenttype": "text/html", "wordcount": 900, "value": "<p>说明</p>"},
            {"role": "main", "contenttype": "text/plain", "wordcount": 50, "value": "水库四日开闸。"},
            {"role": "short", "contenttype": "text/html", "wordcount": 20, "value": "<p>短稿</p>"},
            {"role": "main", "contenttype": "text/html", "wordcount": 50, "value": "<p>水库<b>四日</b>开闸。</p>"}
        ],
        "people": [{"name": "何映雪", "rel": "subject", "uri": "http://cv.qingshan.example/p/1"}],
        "organisations": [{"name": "青山通讯社", "rel": "provider", "uri": "http://qingshan.example/"}],
        "places": [{"name": "青山", "literal": "P1"}],
        "subjects": [{"name": "水利", "uri": "http://cv.iptc.example/medtop/20000419"}],
        "events": [{"name": "春汛"}],
        "objects": [{"name": "三号坝"}],
        "infosources": [{"name": "水文站", "role": "http://cv.example/role/info", "uri": "http://sw.example/"}],
        "genres": [{"name": "Current", "uri": "http://cv.iptc.example/genre/Current"}],
        "altids": [{"role": "old", "value": "77"}],
        "rightsinfo": {"linkedrights": "https://rights.qingshan.example/1"},
        "associations": [{
            "name": "main", "uri": "urn:pic:1", "type": "picture", "by": "周野", "copyrightholder": "青山图片",
            "descriptions": [{"role": "caption", "value": "泄洪现场"}],
            "renditions": [{"name": "web", "href": "http://img.qingshan.example/1.jpg", "contenttype": "image/jpeg", "width": 800, "height": 600}]
        }]
    }"#,
    )
    .unwrap()
}

fn check_later(item: &WireItem) {
    check_common(item);
    assert_eq!(
        item.body,
        Some(Body::Html("<p>水库<b>四日</b>开闸。</p>".into()))
    );
    assert_eq!(item.subtitle.as_deref(), Some("下游已疏散"));
    assert_eq!(item.first_created_at, at("2026-05-04T01:00:00Z"));
    assert_eq!(item.content_created_at, at("2026-05-03T23:00:00Z"));
    assert_eq!(item.expires_at, at("2026-06-01T00:00:00Z"));
    assert_eq!(item.sources[0].name.as_deref(), Some("水文站"));
    assert_eq!(item.sources[0].uri.as_deref(), Some("http://sw.example/"));
    assert_eq!(
        item.subjects[0].uri.as_deref(),
        Some("http://cv.iptc.example/medtop/20000419")
    );
    assert_eq!(item.genres[0].name.as_deref(), Some("Current"));
    assert_eq!(item.rights_links, ["https://rights.qingshan.example/1"]);
    assert_eq!(item.ed_note.as_deref(), Some("稿件有更新"));
    assert_eq!(item.slugline.as_deref(), Some("QS-WATER"));
}

#[test]
fn versions_2_0_and_2_1() {
    check_later(&one(&two_one().to_string()));
    let mut two_zero = two_one();
    two_zero.as_object_mut().unwrap().remove("expires");
    two_zero["standard"]["version"] = "2.0".into();
    assert_eq!(one(&two_zero.to_string()).expires_at, None);
}

/// 3.0 spells the same fields in camel case.
#[test]
fn version_3_0() {
    fn camel(value: &Value) -> Value {
        let rename = |key: &str| {
            [
                "firstCreated",
                "versionCreated",
                "contentCreated",
                "pubStatus",
                "copyrightHolder",
                "copyrightNotice",
                "usageTerms",
                "edNote",
                "contentType",
                "wordCount",
                "infoSources",
                "altIds",
                "rightsInfo",
                "linkedRights",
            ]
            .into_iter()
            .find(|name| name.to_ascii_lowercase() == key)
            .unwrap_or(key)
            .to_owned()
        };
        match value {
            Value::Object(map) => {
                Value::Object(map.iter().map(|(k, v)| (rename(k), camel(v))).collect())
            }
            Value::Array(list) => Value::Array(list.iter().map(camel).collect()),
            other => other.clone(),
        }
    }
    let three = camel(&two_one());
    assert!(three.get("pubStatus").is_some() && three.get("pubstatus").is_none());
    check_later(&one(&three.to_string()));
    let canceled = with(three, json!({"pubStatus": "canceled", "version": "2"}));
    assert_eq!(one(&canceled.to_string()).status, Status::Canceled);
}

#[test]
fn statuses_are_read_and_unknown_ones_withhold() {
    for (word, status, warns) in [
        (json!("usable"), Status::Usable, false),
        (json!(null), Status::Usable, false),
        (json!("withheld"), Status::Withheld, false),
        (json!("canceled"), Status::Canceled, false),
        (json!("Cancelled"), Status::Canceled, false),
        (
            json!("http://cv.iptc.org/newscodes/pubstatusg2/canceled"),
            Status::Canceled,
            false,
        ),
        (json!("spiked"), Status::Withheld, true),
        (json!(3), Status::Withheld, true),
    ] {
        let wire = wire(&json!({"uri": "urn:a", "pubstatus": word}).to_string());
        assert_eq!(wire.items[0].status, status, "{word}");
        assert_eq!(!wire.warnings.is_empty(), warns, "{word}");
    }
}

#[test]
fn an_embargo_is_never_lost() {
    for (value, until) in [
        (json!(null), Ok((None, Status::Usable))),
        (json!(""), Ok((None, Status::Withheld))),
        (
            json!("2026-05-04T08:00:00+0800"),
            Ok((at("2026-05-04T00:00:00Z"), Status::Usable)),
        ),
        (json!("2026-05-04T08:00:00"), Err("2026-05-04T08:00:00")),
        (json!("明天"), Err("明天")),
        (json!(1_777_000_000), Err("1777000000")),
    ] {
        let text = json!({"items": [{"uri": "urn:a", "embargoed": value}, {"uri": "urn:b"}]});
        let wire = wire(&text.to_string());
        match until {
            Ok((until, status)) => {
                let item = &wire.items[0];
                assert_eq!((item.embargoed_until, item.status), (until, status));
            }
            Err(value) => {
                assert_eq!(wire.items[0].guid, "urn:b");
                assert_eq!(wire.faults[0].guid.as_deref(), Some("urn:a"));
                let value = value.to_owned();
                assert_eq!(wire.faults[0].kind, FaultKind::UnreadableEmbargo { value });
            }
        }
    }
}

#[test]
fn faults_of_items_leave_the_others() {
    let wire = wire(
        &json!({"items": [
            {"headline": "no identifier"}, {"uri": "urn:a"}, 7, {"guid": "urn:b", "version": 2},
            {"type": "planning", "uri": "urn:plan"}, {"uri": "urn:a", "versioncreated": "today"}
        ]})
        .to_string(),
    );
    let guids: Vec<_> = wire.items.iter().map(|item| item.guid.as_str()).collect();
    assert_eq!(guids, ["urn:a", "urn:b", "urn:a"]);
    let faults: Vec<_> = wire.faults.iter().map(|f| (f.index, &f.kind)).collect();
    assert_eq!(
        faults,
        [(0, &FaultKind::MissingGuid), (2, &FaultKind::NotAnObject)]
    );
    assert_eq!(wire.warnings.len(), 3, "{:?}", wire.warnings);
    assert_eq!(wire.items[1].version.as_deref(), Some("2"));
}

#[test]
fn a_second_version_has_the_guid_and_another_digest() {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let first = one(&one_zero().to_string());
    let again = one(&one_zero().to_string());
    assert_eq!(first.digest, again.digest);
    for (more, order) in [
        (json!({"version": "10", "headline": "更正"}), Less),
        (json!({"pubstatus": "canceled"}), Equal),
        (json!({"usageterms": "不得转载"}), Equal),
        (json!({"body_xhtml": "<p>水库</p>"}), Equal),
        (
            json!({"version": "x", "versioncreated": "2020-01-01T00:00:00Z"}),
            Greater,
        ),
    ] {
        let second = one(&with(one_zero(), more.clone()).to_string());
        assert_eq!(first.guid, second.guid);
        assert_ne!(first.digest, second.digest, "{more}");
        assert_eq!(
            first.compare_version(second.version.as_deref(), second.version_created_at),
            Some(order),
            "{more}"
        );
    }
}
