//! IPTC ninjs 3.1: <https://iptc.org/std/ninjs/>. The credit stands in the members that the format
//! has for it, and in the body, which is copied without them.

use serde_json::{Value, json};

use super::lean;
use super::text::corrected;
use crate::articles::model::Article;
use crate::kernel::id::Id as _;
use crate::rights::{Attribution, ContributorRole, CreditBlock, Extent, Origin, Stage};

pub(super) fn document(article: &Article, credit: CreditBlock<'_>) -> Value {
    let of = credit.attribution();
    let content = &article.content;
    let uri = article.state.id.uuid().urn().to_string();
    let full = article.extent == Extent::Full;
    let body = corrected(article);
    let dateline = content.dateline.as_ref().filter(|_| full);
    lean(json!({
        "standard": {
            "name": "ninjs",
            "version": "3.1",
            "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#",
        },
        "uri": uri,
        "altIds": [{"role": "id", "value": article.state.id}, {"role": "digest", "value": article.digest}],
        "type": "text",
        "representationType": if full { "full" } else { "partial" },
        "version": article.version.to_string(),
        "contentCreated": article.published_at,
        "versionCreated": article.updated_at,
        "embargoedUntil": article.published_at.filter(|_| of.usage.embargoed == Some(true)),
        "pubStatus": status(article.state.stage),
        "language": content.language,
        "title": content.title,
        "headlines": headlines(article, of),
        "slugline": content.slug,
        "by": of.byline,
        "located": dateline.and_then(|line| line.place.as_ref()),
        "descriptions": descriptions(article, credit),
        "bodies": [{
            "role": "main",
            "contentType": "text/html",
            "charCount": content.body.plain_len(),
            "value": format!("{}\n{}", body.to_html(), credit.html_alone()),
        }],
        "people": people(article, of),
        "infoSources": sources(of),
        "subjects": subjects(article, full),
        "genres": if full { json!([{"name": content.genre}]) } else { Value::Null },
        "renditions": [{"name": "web", "href": of.canonical_url, "contentType": "text/html", "title": content.title}],
        "copyrightHolder": of.copyright.holder,
        "copyrightNotice": of.copyright_notice(),
        "usageTerms": of.terms(),
        "rightsInfo": {
            "langId": "http://www.w3.org/ns/odrl/2/",
            "encodedRights": of.policy(&uri, article.published_at).to_string(),
        },
        "digitalSourceType": of.ai_label.digital_source_type().map(|uri| json!({"uri": uri})),
    }))
}

fn status(stage: Stage) -> &'static str {
    match stage {
        Stage::Published => "usable",
        Stage::Withdrawn => "canceled",
        Stage::Draft | Stage::Review | Stage::Scheduled => "withheld",
    }
}

fn headlines(article: &Article, credit: &Attribution) -> Value {
    let original = credit.original.as_ref();
    let all = [
        ("main", Some(&article.content.title)),
        ("subtitle", article.content.subtitle.as_ref()),
        (
            "original",
            original.and_then(|original| original.title.as_ref()),
        ),
    ];
    let all = all.into_iter();
    all.filter_map(|(role, text)| said(role, text?)).collect()
}

/// A text under a role, if there is one.
fn said(role: &str, text: &str) -> Option<Value> {
    let said = json!({"role": role, "contentType": "text/plain", "value": text});
    (!text.is_empty()).then_some(said)
}

/// What has no member of its own: the credit line, the whole credit, the notices, what was put
/// right, and that the text is derived.
fn descriptions(article: &Article, credit: CreditBlock<'_>) -> Value {
    let of = credit.attribution();
    let mut all = vec![
        said("summary", &article.content.summary),
        said("creditline", &of.credit_line),
        said("credit", &credit.text()),
    ];
    let notes = article.content.corrections.iter();
    all.extend(notes.map(|one| said("correction", &one.note)));
    all.extend(
        of.derived
            .as_ref()
            .map(|derived| said("derived", derived.from.as_str())),
    );
    all.into_iter().flatten().collect()
}

fn people(article: &Article, credit: &Attribution) -> Value {
    let mut all: Vec<Value> = match article.origin {
        Some(Origin::Reprint) => {
            let names = credit.names().iter();
            names
                .map(|name| json!({"name": name, "rel": "author"}))
                .collect()
        }
        Some(Origin::Own) | None => article
            .contributors
            .iter()
            .filter(|one| one.role != ContributorRole::Editor)
            .map(|one| json!({"name": one.person.name, "rel": one.role, "literal": one.person.id}))
            .collect(),
    };
    all.extend(
        credit
            .editor
            .as_ref()
            .map(|editor| json!({"name": editor, "rel": "editor"})),
    );
    json!(all)
}

/// Whom the text comes from: the source, and of a reprint the original.
fn sources(credit: &Attribution) -> Value {
    let mut all = vec![json!({
        "name": credit.credit_label(), "role": "source", "literal": credit.source.name, "uri": credit.source.url,
    })];
    all.extend(credit.original.as_ref().map(|original| {
        json!({"name": credit.byline, "role": "original", "literal": original.print_ref, "uri": original.url})
    }));
    json!(all)
}

fn subjects(article: &Article, full: bool) -> Value {
    let path = article.section.iter().flat_map(|section| &section.path);
    let sections =
        path.map(|crumb| json!({"name": crumb.name, "rel": "section", "literal": crumb.slug}));
    let tags = article.content.tags.iter().filter(|_| full);
    let tags = tags.map(|tag| json!({"name": tag, "rel": "keyword"}));
    sections.chain(tags).collect()
}
