//! An article as a document of its own.

use actix_web::get;
use actix_web::web::Data;
use utoipa::IntoParams;

use super::read::{Found, find, from_version};
use super::signals::{signals, signed, spoken};
use super::{made_of, record};
use crate::articles::store::load::Name;
use crate::articles::store::works::Works;
use crate::articles::view::representation::{DocumentReply, DocumentView, format_of};
use crate::http::auth::ReadArticles;
use crate::http::context::{Cx, PathTwo};
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::settle::Settled;
use crate::kernel::han::Script;
use crate::kernel::id::ArticleId;
use crate::rights::explain::missing;
use crate::rights::{Extent, Rights, Surface, Use, clear, decide_traced};
use chrono::{DateTime, Utc};

/// In which script. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct ScriptParams {
    /// The script in which Chinese is read; without it `Accept-Language` tells.
    #[param(required = false, inline)]
    script: Script,
}

/// Read an article as a document
///
/// Title, body and credit in one text: `html` (a fragment, the credit marked up with schema.org
/// microdata), `markdown` or `text`, the notices behind it. What JSON says of the terms stands in
/// headers: `Masthead-Usage` (the JSON of `attribution.usage`), `Masthead-Stage`, for partners
/// `Masthead-Attestation`, and `X-Robots-Tag`. Who has no right to a body gets 403, with what is missing.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path), ("format" = String, Path, pattern = "^(html|markdown|text)$"), ScriptParams),
    responses(
        (status = 200, description = "The document, as far as this reader may have it.", content(
            (String = "text/html", example = json!("<article>\n<h1>Harbour opens its new quay</h1>\n<p>The quay opens on Monday.</p>\n<footer class=\"credit\">…</footer>\n</article>\n")),
            (String = "text/markdown", example = json!("# Harbour opens its new quay\n\nThe quay opens on Monday.\n\n<footer class=\"credit\">…</footer>\n")),
            (String = "text/plain", example = json!("Harbour opens its new quay\n\nThe quay opens on Monday.\n\nSource: Harbour Daily\n")))),
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
    let format = format_of(&format).ok_or_else(Problem::not_found)?;
    let Found { work, side, made } = find(&cx, &works, Name::Id(id)).await?;
    let (version, keys) = (from_version(&work, side), made_of(&work));
    let stage = work.rights().lifecycle.stage;
    let use_ = cx.principal().use_();
    let refused = unlicensed(work.rights(), &use_, cx.now());
    let licensed = clear(work, &use_, cx.now())?.in_script(cx.script()?);
    let language = licensed.language().clone();
    if licensed.extent() < Extent::Excerpt {
        return Err(refused);
    }
    record(&cx, [&licensed]).await?;
    let document = licensed.present(|article| DocumentView::of(article, format));
    let until = document.valid_until();
    let signals = signals(cx.principal(), document.attribution());
    let reply = Reply::ok(DocumentReply {
        document,
        format,
        stage,
    })
    .revision(version)
    .until(until)
    .made_of(made)
    .surrogate_keys(keys);
    let reply = spoken(signed(reply, signals), std::iter::once(&language));
    reply.settle(&cx, Surface::Representation).await
}

/// What is missing for a body (rule 23).
fn unlicensed(rights: &Rights, use_: &Use, now: DateTime<Utc>) -> Problem {
    let mut steps = Vec::new();
    // Whether there is anything to answer is decided by clearing.
    let _refused = decide_traced(rights, use_, now, &mut steps).is_err();
    let url = rights.site.acquire_licence_url.clone();
    Problem::licence_required(missing(&steps), url)
}
