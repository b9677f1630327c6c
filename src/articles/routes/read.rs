//! Reading one article: by id, by slug.

use actix_web::get;
use actix_web::web::Data;
use utoipa::IntoParams;

use super::{made_of, record, revision};
use crate::articles::body::BodyFormat;
use crate::articles::model::{Article, Side};
use crate::articles::store::history;
use crate::articles::store::list::Reader;
use crate::articles::store::load::{self, Name};
use crate::articles::store::works::Works;
use crate::articles::view::output::{ArticleSchema, FIELDS, INCLUDES};
use crate::articles::view::{ArticleView, Projection};
use crate::db::Made;
use crate::http::auth::{Permission, Principal, ReadArticles};
use crate::http::context::{Cx, PathId, PathWord};
use crate::http::problem::{Kind, Problem};
use crate::http::reply::Reply;
use crate::http::settle::Settled;
use crate::http::signals::{signals, signed, spoken};
use crate::kernel::han::Script;
use crate::kernel::id::ArticleId;
use crate::rights::{Deliverable, Held, Role, Surface, clear};

/// Newest versions that `include=versions` lists.
const VERSIONS: i64 = 100;

/// How an article is shaped. Only documents the parameters.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
pub(super) struct ShapeParams {
    /// Members to keep, comma-separated. `id`, `stage` and `attribution` always stay.
    #[param(required = false, example = "title,body")]
    fields: String,
    /// Relations to expand, comma-separated: `section`, `authors`, `source`, and for the
    /// desk `versions`.
    #[param(required = false, example = "section,authors")]
    include: String,
    /// The form of the body. In lists, bodies come only if this or `fields` asks for them.
    #[param(required = false, inline)]
    body_format: BodyFormat,
    /// The script in which Chinese is read; without it `Accept-Language` tells outside the desk, or else
    /// each work is in its own. What is converted says so in `attribution.derived`; a reprint is not where its
    /// source, and for partners the licence, allows no alteration of form.
    #[param(required = false, inline)]
    script: Script,
}

/// Read an article
///
/// What is left of it depends on the reader; `attribution.usage.extent` says how much it is.
#[utoipa::path(tag = "articles", params(("id" = ArticleId, Path), ShapeParams),
    responses(
        (status = 200, description = "The article, as far as this reader may have it.", body = ArticleSchema),
        (status = 410, description = "Withdrawn.", body = crate::http::problem::ProblemDocument, content_type = "application/problem+json"),
        (status = 451, description = "Withdrawn on a legal demand.", body = crate::http::problem::ProblemDocument, content_type = "application/problem+json"),
    ),
    extensions(("x-permission" = json!("read_articles"))))]
#[get("/v1/articles/{id}")]
pub async fn get_article(
    cx: Cx<ReadArticles>,
    PathId(id): PathId<ArticleId>,
    works: Data<Works>,
) -> Result<Settled, Problem> {
    let found = find(&cx, &works, Name::Id(id)).await?;
    let reply = answer(&cx, found).await?;
    reply.settle(&cx, Surface::Item).await
}

/// Read an article by its slug
///
/// A slug that the article no longer has answers 308 with the address of the one it has.
#[utoipa::path(tag = "articles", params(("slug" = String, Path), ShapeParams),
    responses(
        (status = 200, description = "The article, as far as this reader may have it.", body = ArticleSchema),
        (status = 308, description = "The article has another slug now.", headers(("Location" = String, description = "Its address by the new slug."))),
        (status = 410, description = "Withdrawn.", body = crate::http::problem::ProblemDocument, content_type = "application/problem+json"),
        (status = 451, description = "Withdrawn on a legal demand.", body = crate::http::problem::ProblemDocument, content_type = "application/problem+json"),
    ),
    extensions(("x-permission" = json!("read_articles"))))]
#[get("/v1/articles/slug/{slug}")]
pub async fn get_article_by_slug(
    cx: Cx<ReadArticles>,
    PathWord(slug): PathWord,
    works: Data<Works>,
) -> Result<Settled, Problem> {
    if !crate::kernel::text::is_slug(&slug) {
        return Err(Problem::not_found());
    }
    let found = find(&cx, &works, Name::Slug(slug.clone())).await?;
    let now_called = found.work.rights().slug.clone();
    let reply = answer(&cx, found).await?;
    if now_called == slug {
        return reply.settle(&cx, Surface::Item).await;
    }
    let location = format!("/v1/articles/slug/{now_called}{}", cx.query());
    let moved = Reply::moved(&location).until(reply.valid_until());
    Ok(moved.settled(&cx))
}

/// An article as its reader meets it.
pub(super) struct Found {
    pub work: Held<Article>,
    pub side: Side,
    /// What an answer with it is made of, where it may be kept.
    pub made: Option<Made>,
}

/// The article of this name, on the side that the caller looks at: authors meet what others
/// wrote as readers do.
pub(super) async fn find(
    cx: &Cx<ReadArticles>,
    works: &Works,
    name: Name,
) -> Result<Found, Problem> {
    let head = |name| load::get(cx.db(), name, Side::Head, cx.now());
    let at_desk = |work| Found {
        work,
        side: Side::Head,
        made: None,
    };
    match reader(cx.principal()) {
        Reader::Outside | Reader::Partner { .. } => {}
        Reader::Desk => return Ok(at_desk(head(name).await?)),
        Reader::Author(user) => {
            let work = head(name.clone()).await?;
            if work.rights().created_by == Some(user) {
                return Ok(at_desk(work));
            }
        }
    }
    let (work, made) = works.get(name, cx.now()).await?;
    Ok(Found {
        work,
        side: Side::Live,
        made: Some(made),
    })
}

/// What an entity tag begins with: outside the desk the version, so that edits which wait
/// leave no trace (rule 19).
pub(super) fn from_version(work: &Held<Article>, side: Side) -> i64 {
    match side {
        Side::Head => revision(work),
        Side::Live => work.rights().facts.version,
    }
}

async fn answer(
    cx: &Cx<ReadArticles>,
    found: Found,
) -> Result<Reply<Deliverable<ArticleView>>, Problem> {
    let Found { work, side, made } = found;
    let id = work.rights().article;
    let (version, keys) = (work.rights().facts.version, made_of(&work));
    let revision = from_version(&work, side);
    // First whether there is anything to answer: a fault of the request must not tell of a work
    // that its sender may not know of.
    let licensed = clear(work, &cx.principal().use_(), cx.now())?.in_script(cx.script()?);
    let language = licensed.language().clone();
    let mut shape = projection(cx)?;
    if shape.include.iter().any(|name| name == "versions") {
        let mut versions = history::newest(cx.db(), id, VERSIONS).await?;
        versions.retain(|line| line.n <= version);
        shape.versions = Some(versions);
    }
    record(cx, [&licensed]).await?;
    let item = licensed.present(|article| present(cx.principal(), article, &shape));
    let until = item.valid_until();
    let signals = signals(cx.principal(), item.attribution());
    let reply = Reply::ok(item)
        .revision(revision)
        .until(until)
        .made_of(made)
        .surrogate_keys(keys);
    Ok(spoken(signed(reply, signals), std::iter::once(&language)))
}

/// Shapes an article for this caller. What the desk works with goes to those who may work
/// on it: authors meet what others wrote as readers do.
pub(super) fn present(principal: &Principal, article: Article, shape: &Projection) -> ArticleView {
    let shape = shape_for(principal, &article, shape);
    ArticleView::of(article, &shape)
}

/// The shape of an article for this caller.
pub(super) fn shape_for(
    principal: &Principal,
    article: &Article,
    shape: &Projection,
) -> Projection {
    let desk = match reader(principal) {
        Reader::Outside | Reader::Partner { .. } => false,
        Reader::Desk => true,
        Reader::Author(user) => article.state.created_by == Some(user),
    };
    Projection {
        desk,
        ..shape.clone()
    }
}

pub(super) fn projection<P: Permission>(cx: &Cx<P>) -> Result<Projection, Problem> {
    let params = cx.params();
    let formats = "blocks, html, markdown, text";
    let desk = cx.principal().is_staff();
    let include = params.list("include", INCLUDES)?.unwrap_or_default();
    if !desk && include.iter().any(|name| name == "versions") {
        return Err(Problem::new(Kind::Forbidden).detail("Versions are for the desk."));
    }
    Ok(Projection {
        fields: params.list("fields", FIELDS)?,
        include,
        body_format: params
            .word("body_format", format_of, formats)?
            .unwrap_or_default(),
        desk,
        versions: None,
    })
}

fn format_of(word: &str) -> Option<BodyFormat> {
    [
        BodyFormat::Blocks,
        BodyFormat::Html,
        BodyFormat::Markdown,
        BodyFormat::Text,
    ]
    .into_iter()
    .find(|format| format.as_str() == word)
}

pub(super) fn reader(principal: &Principal) -> Reader {
    match principal {
        Principal::Staff(staff) => match staff.role {
            Role::Author => Reader::Author(staff.user),
            Role::Admin | Role::Rights | Role::Editor | Role::Viewer => Reader::Desk,
        },
        Principal::Anonymous { .. } | Principal::Client(_) => Reader::Outside,
    }
}
