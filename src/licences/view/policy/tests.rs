//! Policies against their schema, in all combinations of terms.

use super::*;
use crate::kernel::id::{ArticleId, LicenceId, PartnerId, SectionId, SourceId};
use crate::kernel::language::Language;
use crate::rights::Alteration;
use crate::rights::{LicenceStatus, Selector};

fn id<I: Id>(n: u8) -> I {
    I::parse(&format!(
        "{}_019000000000700080000000000000{n:02}",
        I::PREFIX
    ))
    .unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn licence() -> Licence {
    Licence {
        id: id::<LicenceId>(1),
        revision: 1,
        partner: id::<PartnerId>(2),
        terms: Terms {
            selector: Selector {
                tags: vec!["port".to_owned()],
                ..Selector::default()
            },
            extent: Extent::Full,
            excerpt_chars: None,
            channels: vec![Channel::Syndication],
            territories: vec![Territory::parse("CN").unwrap()],
            valid_from: at("2026-01-01T00:00:00Z"),
            valid_until: None,
            alteration: Alteration::None,
            embargo_privilege: false,
            archive_days: None,
            quota_per_day: None,
            cache_max_age_seconds: 3_600,
            removal_deadline_hours: 24,
            indexing: Indexing::Noindex,
            ai_input: false,
            ai_train: false,
            status: LicenceStatus::Active,
            contract_ref: Some("Contract 2026/31".to_owned()),
        },
        created_at: at("2026-01-01T00:00:00Z"),
        updated_at: at("2026-01-01T00:00:00.000001Z"),
    }
}

fn policy(licence: &Licence) -> Value {
    let parties = Parties {
        base_url: "https://news.example.org".to_owned(),
        copyright_holder: "Harbour Media Group".to_owned(),
        partner_name: "Gulf Evening Post".to_owned(),
    };
    PolicyView::of(licence, &parties).0
}

fn schema() -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(include_str!("../../policy.schema.json")).unwrap();
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

fn selectors() -> Vec<Selector> {
    let wide = Selector {
        sections: vec![id::<SectionId>(3)],
        sources: vec![id::<SourceId>(4), id::<SourceId>(5)],
        languages: vec![Language::parse("zh").unwrap()],
        tags: vec!["港口".to_owned()],
        articles: Vec::new(),
    };
    let single = Selector {
        articles: vec![id::<ArticleId>(6)],
        ..Selector::default()
    };
    let both = Selector {
        articles: single.articles.clone(),
        ..wide.clone()
    };
    vec![wide, single, both]
}

#[test]
fn every_licence_makes_a_policy_that_fits_the_schema() {
    let schema = schema();
    let mut seen = 0;
    for selector in selectors() {
        for extent in [Extent::Headline, Extent::Excerpt, Extent::Full] {
            for alteration in Alteration::ALL {
                for bits in 0..64_u8 {
                    let on = |bit: u8| bits & (1 << bit) != 0;
                    let mut licence = licence();
                    let terms = &mut licence.terms;
                    terms.selector = selector.clone();
                    terms.extent = extent;
                    terms.excerpt_chars = (extent == Extent::Excerpt).then_some(400);
                    terms.alteration = *alteration;
                    terms.ai_input = on(0);
                    terms.ai_train = on(1);
                    if on(2) {
                        terms.indexing = Indexing::Allowed;
                    }
                    terms.embargo_privilege = on(3);
                    terms.valid_until = on(4).then(|| at("2027-01-01T00:00:00Z"));
                    terms.quota_per_day = on(5).then_some(200);
                    terms.archive_days = on(5).then_some(30);
                    if on(4) {
                        terms.channels = Channel::ALL.to_vec();
                        terms.status = LicenceStatus::Suspended;
                    }
                    let policy = policy(&licence);
                    let faults: Vec<String> = schema
                        .iter_errors(&policy)
                        .map(|error| format!("{} {error}", error.instance_path()))
                        .collect();
                    assert!(faults.is_empty(), "{faults:#?}\n{policy:#}");
                    seen += 1;
                }
            }
        }
    }
    assert_eq!(seen, 3 * 3 * 4 * 64);
}

#[test]
fn the_schema_refuses_what_is_no_policy() {
    let schema = schema();
    let good = policy(&licence());
    for (at, wrong) in [
        ("/profile", json!("https://example.org/profile")),
        ("/@type", json!("Offer")),
        ("/permission", json!([])),
        ("/permission/0/action", json!(["sell"])),
        ("/permission/0/duty", json!([])),
        ("/permission/0/constraint/0/rightOperand", json!(["CN"])),
        ("/permission/0/target/refinement", json!([])),
        ("/prohibition/0/action", json!("distribute")),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(at).unwrap() = wrong;
        assert!(!schema.is_valid(&bad), "{at}");
    }
}

#[test]
fn a_policy_says_what_the_terms_say() {
    let mut licence = licence();
    let terms = &mut licence.terms;
    terms.selector.articles = vec![id::<ArticleId>(6)];
    terms.extent = Extent::Excerpt;
    terms.excerpt_chars = Some(400);
    terms.quota_per_day = Some(200);
    terms.archive_days = Some(30);
    terms.ai_input = true;
    let policy = policy(&licence);
    assert_eq!(
        policy["uid"],
        "urn:uuid:01900000-0000-7000-8000-000000000001"
    );
    assert_eq!(policy["assignee"]["vcard:fn"], "Gulf Evening Post");
    let permissions = policy["permission"].as_array().unwrap();
    assert_eq!(permissions.len(), 2, "the lists and the single articles");
    assert_eq!(
        permissions[1]["target"]["refinement"],
        json!([{"leftOperand": "dcterms:identifier", "operator": "isAnyOf",
            "rightOperand": [{"@id": "urn:uuid:01900000-0000-7000-8000-000000000006"}]}])
    );
    let archive = json!({"leftOperand": "elapsedTime", "operator": "lt",
        "rightOperand": {"@value": "P30D", "@type": "xsd:duration"}});
    for permission in permissions {
        let constraints = permission["constraint"].as_array().unwrap();
        assert!(constraints.contains(&archive), "half-open: {constraints:?}");
        let text = permission.to_string();
        for part in [
            "odrl:extract",
            "\"400\"",
            "\"200\"",
            "P1D",
            "site:aiInput",
            "site:publication",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
    let forbidden: Vec<&str> = policy["prohibition"]
        .as_array()
        .unwrap()
        .iter()
        .take(5)
        .filter_map(|rule| rule["action"].as_str())
        .collect();
    assert_eq!(
        forbidden,
        ["transform", "modify", "translate", "index", "tdm:mine"]
    );
    assert!(
        !policy.to_string().contains("Contract"),
        "what is ours stays ours"
    );
}
