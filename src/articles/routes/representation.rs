//! An article as a document of its own.

use actix_web::get;
use actix_web::http::header::{CONTENT_LOCATION, VARY};
use actix_web::web::Data;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::read::{Found, find, from_version};
use super::{made_of, record};
use crate::articles::store::load::Name;
use crate::articles::store::works::Works;
use crate::articles::view::representation::{
    DocumentReply, DocumentView, Form, NewsArticle, Ninjs,
};
use crate::http::auth::ReadArticles;
use crate::http::context::{Cx, PathId, PathTwo};
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::settle::Settled;
use crate::http::signals::{signals, signed, spoken};
use crate::kernel::han::Script;
use crate::kernel::id::ArticleId;
use crate::rights::explain::missing;
use crate::rights::{Extent, Rights, Surface, Use, clear, decide_traced};
use chrono::{DateTime, Utc};

const HTML: &str = "<article>\n<h1>Harbour opens its new quay</h1>\n<p>The quay opens on Monday.</p>\n<footer class=\"credit\">…</footer>\n</article>\n";
const MARKDOWN: &str = "# Harbour opens its new quay\n\nThe quay opens on Monday.\n\n<footer class=\"credit\">…</footer>\n";
const TEXT: &str =
    "Harbour opens its new quay\n\nThe quay opens on Monday.\n\nSource: Harbour Daily\n";

fn ninjs() -> Value {
    json!({
        "standard": {"name": "ninjs", "version": "3.1", "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#"},
        "uri": "urn:uuid:01900000-0000-7000-8000-000000000001", "type": "text", "pubStatus": "usable", "language": "en",
        "headlines": [{"role": "main", "contentType": "text/plain", "value": "Harbour opens its new quay"}],
        "descriptions": [{"role": "creditline", "contentType": "text/plain", "value": "Source: Harbour Daily"}]
    })
}

fn news_article() -> Value {
    json!({
        "@context": "https://schema.org", "@type": "NewsArticle", "@id": "https://news.example.org/articles/harbour-opens",
        "headline": "Harbour opens its new quay", "creditText": "Source: Harbour Daily"
    })
}

/// In which script. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct ScriptParams {
    /// The script in which Chinese is read; without it `Accept-Language` tells.
    #[param(required = false, inline)]
    script: Script,
}

/// Read an article as a document, by Accept
///
/// The document of `/representations/{format}` that `Accept` wants most, by its media type:
/// `text/html`, `text/markdown`, `text/plain`, `application/ld+json` (schema.org),
/// `application/json` (ninjs). 406 where it wants none of them.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path), ScriptParams),
    responses(
        (status = 200, description = "The document, as far as this reader may have it; `Content-Location` is its own address.", content(
            (String = "text/html", example = json!(HTML)), (String = "text/markdown", example = json!(MARKDOWN)),
            (String = "text/plain", example = json!(TEXT)), (Ninjs = "application/json", example = json!(ninjs())), (NewsArticle = "application/ld+json", example = json!(news_article())))),
        (status = 406, description = "None of these.", body = crate::http::problem::ProblemDocument, content_type = "application/problem+json"),
        (status = 410, description = "Withdrawn.", body = crate::http::problem::ProblemDocument, content_type = "application/problem+json"),
        (status = 451, description = "Withdrawn on a legal demand.", body = crate::http::problem::ProblemDocument, content_type = "application/problem+json"),
    ),
    extensions(("x-permission" = json!("read_articles"))))]
#[get("/v1/articles/{id}/representations")]
pub async fn negotiate_representation(
    cx: Cx<ReadArticles>,
    PathId(id): PathId<ArticleId>,
    works: Data<Works>,
) -> Result<Settled, Problem> {
    let offered = Form::NEGOTIATED.map(Form::media_type);
    let form = Form::NEGOTIATED[cx.wanted(&offered)?];
    let own = format!("/v1/articles/{id}/representations/{}", form.as_str());
    // What is kept ready is known by its address, and this one has several documents.
    let reply = document(&cx, id, form, &works).await?.made_of(None);
    let reply = reply.header(CONTENT_LOCATION, &own).header(VARY, "Accept");
    reply.settle(&cx, Surface::Representation).await
}

/// Read an article as a document
///
/// Title, body and credit in one text: `html` (a fragment, the credit marked up with schema.org
/// microdata), `markdown`, `text`, `embed` (a fragment for another page, marked up throughout), `ninjs`
/// (IPTC, version 3.1) or `jsonld` (`NewsArticle` of schema.org), with the notices. What JSON says of
/// the terms stands in headers: `Masthead-Usage` (the JSON of `attribution.usage`), `Masthead-Stage`,
/// for partners `Masthead-Attestation`, and `X-Robots-Tag`. Who has no right to a body gets 403, with
/// what is missing.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path), ("format" = String, Path, pattern = "^(html|markdown|text|ninjs|jsonld|embed)$"), ScriptParams),
    responses(
        (status = 200, description = "The document, as far as this reader may have it.", content(
            (String = "text/html", example = json!(HTML)), (String = "text/markdown", example = json!(MARKDOWN)),
            (String = "text/plain", example = json!(TEXT)), (Ninjs = "application/json", example = json!(ninjs())), (NewsArticle = "application/ld+json", example = json!(news_article())))),
        (status = 410, description = "Withdrawn.", body = crate::http::problem::ProblemDocument, content_type = "application/problem+json"),
        (status = 451, description = "Withdrawn on a legal demand.", body = crate::http::problem::ProblemDocument, content_type = "application/problem+json"),
    ),
    extensions(("x-permission" = json!("read_articles"))))]
#[get("/v1/articles/{id}/representations/{format}")]
pub async fn get_representation(
    cx: Cx<ReadArticles>,
    PathTwo(id, format): PathTwo<ArticleId>,
    works: Data<Works>,
) -> Result<Settled, Problem> {
    let form = Form::parse(&format).ok_or_else(Problem::not_found)?;
    let reply = document(&cx, id, form, &works).await?;
    reply.settle(&cx, Surface::Representation).await
}

/// An article in a form, as far as the caller may have it.
async fn document(
    cx: &Cx<ReadArticles>,
    id: ArticleId,
    form: Form,
    works: &Works,
) -> Result<Reply<DocumentReply>, Problem> {
    let Found { work, side, made } = find(cx, works, Name::Id(id)).await?;
    let (version, keys) = (from_version(&work, side), made_of(&work));
    let stage = work.rights().lifecycle.stage;
    let use_ = cx.principal().use_();
    let refused = unlicensed(work.rights(), &use_, cx.now());
    let licensed = clear(work, &use_, cx.now())?.in_script(cx.script()?);
    let language = licensed.language().clone();
    if licensed.extent() < Extent::Excerpt {
        return Err(refused);
    }
    record(cx, [&licensed]).await?;
    let document = licensed.present(|article| DocumentView::of(article, form));
    let until = document.valid_until();
    let signals = signals(cx.principal(), document.attribution());
    let reply = Reply::ok(DocumentReply {
        document,
        form,
        stage,
    })
    .revision(version)
    .until(until)
    .made_of(made)
    .surrogate_keys(keys);
    Ok(spoken(signed(reply, signals), std::iter::once(&language)))
}

/// What is missing for a body (rule 23).
fn unlicensed(rights: &Rights, use_: &Use, now: DateTime<Utc>) -> Problem {
    let mut steps = Vec::new();
    // Whether there is anything to answer is decided by clearing.
    let _refused = decide_traced(rights, use_, now, &mut steps).is_err();
    let url = rights.site.acquire_licence_url.clone();
    Problem::licence_required(missing(&steps), url)
}
