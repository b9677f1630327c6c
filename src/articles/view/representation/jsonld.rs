//! `NewsArticle` of schema.org as JSON-LD, to be set into a page or read by machines. Every member
//! is a property that schema.org has of a `NewsArticle` or of what stands in it.

use serde_json::{Value, json};

use super::lean;
use super::text::corrected;
use crate::articles::model::{Article, Correction, Dateline};
use crate::kernel::id::Id as _;
use crate::rights::{Attribution, CreditBlock, Extent};

pub(super) fn document(article: &Article, credit: CreditBlock<'_>) -> Value {
    let of = credit.attribution();
    let content = &article.content;
    let full = article.extent == Extent::Full;
    let dateline = content.dateline.as_ref().filter(|_| full);
    let sections = article.section.iter().flat_map(|section| &section.path);
    lean(json!({
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": of.canonical_url,
        "identifier": article.state.id,
        "url": of.canonical_url,
        "mainEntityOfPage": of.canonical_url,
        "headline": content.title,
        "alternativeHeadline": content.subtitle,
        "abstract": content.summary,
        "inLanguage": content.language,
        "datePublished": article.published_at,
        "dateModified": article.updated_at,
        "version": article.version,
        "creativeWorkStatus": article.state.stage,
        "articleSection": sections.map(|crumb| crumb.name.as_str()).collect::<Vec<_>>(),
        "keywords": content.tags.iter().filter(|_| full).collect::<Vec<_>>(),
        "genre": full.then_some(&content.genre),
        "dateline": dateline.and_then(line),
        "locationCreated": dateline.and_then(|line| line.place.as_ref()).map(|name| json!({"@type": "Place", "name": name})),
        "articleBody": format!("{}\n\n{}", corrected(article).to_text(), credit.text_alone()),
        "author": of.names().iter().map(|name| person(name)).collect::<Vec<_>>(),
        "editor": of.editor.as_deref().map(person),
        "sourceOrganization": organization(&of.source.name, of.source.url.as_deref()),
        "creditText": of.credit_line,
        "copyrightNotice": of.copyright_notice(),
        "copyrightHolder": organization(&of.copyright.holder, None),
        "copyrightYear": of.copyright.year,
        "isBasedOn": based_on(of),
        "correction": content.corrections.iter().map(correction).collect::<Vec<_>>(),
        "usageInfo": usage(&of.terms()),
        "acquireLicensePage": of.acquire_licence_url,
        "license": of.usage.licence_id.map(|licence| licence.uuid().urn().to_string()),
        "expires": of.usage.valid_until,
        "isAccessibleForFree": of.usage.licence_id.is_none() && full,
        "digitalSourceType": of.ai_label.digital_source_type(),
        "translationOfWork": content.translation_of.filter(|_| full).map(|id| json!({"@type": "NewsArticle", "identifier": id})),
    }))
}

fn line(line: &Dateline) -> Option<String> {
    let date = line.date.map(|date| date.to_string());
    let parts = [line.place.clone(), date, line.agency.clone()];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// On what terms, in words.
fn usage(terms: &str) -> Value {
    match terms.is_empty() {
        true => Value::Null,
        false => json!({"@type": "CreativeWork", "text": terms}),
    }
}

fn person(name: &str) -> Value {
    json!({"@type": "Person", "name": name})
}

fn organization(name: &str, url: Option<&str>) -> Value {
    json!({"@type": "Organization", "name": name, "url": url})
}

/// What a reprint is a reprint of.
fn based_on(credit: &Attribution) -> Value {
    let Some(original) = &credit.original else {
        return Value::Null;
    };
    json!({
        "@type": "CreativeWork",
        "name": original.title,
        "author": original.authors.iter().map(|name| person(name)).collect::<Vec<_>>(),
        "url": original.url,
        "identifier": original.print_ref,
        "datePublished": original.published_at,
        "publisher": organization(&credit.source.name, credit.source.url.as_deref()),
    })
}

fn correction(one: &Correction) -> Value {
    json!({"@type": "CorrectionComment", "text": one.note, "datePublished": one.at})
}
