//! What an answer says of its terms in headers, for machines that read no body.

use actix_web::http::header::{HeaderName, LINK};

use crate::http::auth::Principal;
use crate::http::reply::Reply;
use crate::rights::{Attribution, Audience};

/// A header of an answer.
type Signal = (HeaderName, String);

/// Where the work stands on the site, on what terms it is given or can be had (RFC 8288; the
/// relation `license` is of RFC 4946), and for crawlers what is reserved (rule 25).
pub(super) fn signals(principal: &Principal, credit: &Attribution) -> Vec<Signal> {
    let terms = match credit.usage.licence_id {
        Some(licence) => Some(format!("/v1/licences/{licence}/policy")),
        None => credit.acquire_licence_url.clone(),
    };
    let mut signals = vec![(
        LINK,
        format!("<{}>; rel=\"canonical\"", credit.canonical_url),
    )];
    signals.extend(
        terms
            .iter()
            .map(|url| (LINK, format!("<{url}>; rel=\"license\""))),
    );
    let reserved = reserved(principal, credit.usage.ai_train == Some(true));
    if let (false, Some(url)) = (reserved.is_empty(), terms) {
        signals.push((HeaderName::from_static("tdm-policy"), url));
    }
    signals.extend(reserved);
    signals
}

/// For crawlers: text and data mining is reserved (TDM Reservation Protocol), and whether models
/// may be trained on it (`Content-Usage`, draft-ietf-aipref-attach).
pub(super) fn reserved(principal: &Principal, may_train: bool) -> Vec<Signal> {
    if principal.use_().audience != Audience::AiCrawler {
        return Vec::new();
    }
    let usage = if may_train {
        "train-ai=y"
    } else {
        "train-ai=n"
    };
    vec![
        (HeaderName::from_static("tdm-reservation"), "1".to_owned()),
        (HeaderName::from_static("content-usage"), usage.to_owned()),
    ]
}

pub(super) fn signed<T>(reply: Reply<T>, signals: Vec<Signal>) -> Reply<T> {
    signals
        .into_iter()
        .fold(reply, |reply, (name, value)| reply.header(name, &value))
}
