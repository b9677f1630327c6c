//! What an answer says of its terms in headers, for machines that read no body.

use std::collections::BTreeSet;

use actix_web::http::header::{CONTENT_LANGUAGE, HeaderName, LINK};

use super::auth::Principal;
use super::reply::Reply;
use crate::kernel::language::Language;
use crate::rights::{Attribution, Audience, Reservation};

/// A header of an answer.
pub type Signal = (HeaderName, String);

/// Where the work stands on the site, on what terms it is given or can be had (RFC 8288; the
/// relation `license` is of RFC 4946), and for crawlers what is reserved (rule 25).
pub fn signals(principal: &Principal, credit: &Attribution) -> Vec<Signal> {
    let terms = match credit.usage.licence_id {
        Some(licence) => Some(format!("/v1/licences/{licence}/policy")),
        None => credit.acquire_licence_url.as_deref().and_then(in_header),
    };
    let canonical = in_header(&credit.canonical_url);
    let mut signals: Vec<Signal> = canonical
        .map(|url| (LINK, format!("<{url}>; rel=\"canonical\"")))
        .into_iter()
        .collect();
    signals.extend(terms.as_deref().map(license));
    signals.extend(reserved(principal, terms, Reservation::of(&credit.usage)));
    signals
}

/// [`signals`] of what is no single work: what is reserved, whatever is in it. `terms` is where a licence can be had.
pub fn list_signals(principal: &Principal, terms: Option<&str>) -> Vec<Signal> {
    if !mines(principal) {
        return Vec::new();
    }
    let terms = terms.and_then(in_header);
    let mut signals: Vec<Signal> = terms.as_deref().map(license).into_iter().collect();
    signals.extend(reserved(principal, terms, Reservation::UNLICENSED));
    signals
}

fn license(url: &str) -> Signal {
    (LINK, format!("<{url}>; rel=\"license\""))
}

/// A URL as it may stand in a header: what is not ASCII, or would end it, is escaped.
fn in_header(url: &str) -> Option<String> {
    url::Url::parse(url).ok().map(String::from)
}

/// Whether a caller may be a crawler: one that says so, or anybody of whom nothing is known.
fn mines(principal: &Principal) -> bool {
    matches!(
        principal.use_().audience,
        Audience::AiCrawler | Audience::Public
    )
}

/// For who may be a crawler: text and data mining is reserved (TDM Reservation Protocol), and whether models
/// may be trained on it (`Content-Usage`, draft-ietf-aipref-attach).
fn reserved(principal: &Principal, terms: Option<String>, reserved: Reservation) -> Vec<Signal> {
    if !mines(principal) {
        return Vec::new();
    }
    let policy = terms.map(|url| (HeaderName::from_static("tdm-policy"), url));
    [
        ("tdm-reservation", Reservation::TDM.to_string()),
        ("content-usage", reserved.content_usage().to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (HeaderName::from_static(name), value))
    .chain(policy)
    .collect()
}

/// Says in which languages the works are.
pub fn spoken<'a, T>(reply: Reply<T>, works: impl Iterator<Item = &'a Language>) -> Reply<T> {
    let languages: BTreeSet<&str> = works.map(Language::as_str).collect();
    let languages: Vec<&str> = languages.into_iter().collect();
    match languages.is_empty() {
        true => reply,
        false => reply.header(CONTENT_LANGUAGE, &languages.join(", ")),
    }
}

/// Says what is reserved.
pub fn signed<T>(reply: Reply<T>, signals: Vec<Signal>) -> Reply<T> {
    signals
        .into_iter()
        .fold(reply, |reply, (name, value)| reply.header(name, &value))
}
