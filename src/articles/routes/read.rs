//! Reading articles: by id, by slug, in lists.

use actix_web::get;
use actix_web::http::header::LINK;
use utoipa::IntoParams;

use super::{made_of, record, revision};
use crate::articles::body::BodyFormat;
use crate::articles::model::{Article, Side};
use crate::articles::store::list::{self, By, Filter, Query, Reader};
use crate::articles::store::load::{self, Name};
use crate::articles::view::output::{ArticleSchema, FIELDS, INCLUDES};
use crate::articles::view::{ArticlePage, ArticleView, Projection};
use crate::db::page::Sort;
use crate::http::auth::{Principal, ReadArticles};
use crate::http::context::{Cx, PathId, PathWord};
use crate::http::page::{PageParams, Paging, sort, unfit_cursor};
use crate::http::params::{Params, bad};
use crate::http::problem::{Kind, Problem};
use crate::http::reply::Reply;
use crate::http::settle::Settled;
use crate::kernel::id::ArticleId;
use crate::kernel::language::Language;
use crate::rights::{
    Attribution, Audience, Deliverable, Held, Licensed, Origin, Role, Stage, Surface, clear,
};

/// Newest versions that `include=versions` lists.
const VERSIONS: i64 = 100;

/// How an article is shaped. Only documents the parameters.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct ShapeParams {
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
}

/// Filters of the list. Only documents them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct ArticleParams {
    /// Id or slug of the section.
    #[param(required = false)]
    section: String,
    /// Whether the sections below count too.
    #[param(required = false)]
    section_descendants: bool,
    /// Id of a contributor.
    #[param(required = false, pattern = "^aut_[0-9a-f]{32}$")]
    author: String,
    /// Id of the editor.
    #[param(required = false, pattern = "^aut_[0-9a-f]{32}$")]
    editor: String,
    /// Id of the source.
    #[param(required = false, pattern = "^src_[0-9a-f]{32}$")]
    source: String,
    #[param(required = false, inline)]
    origin: Origin,
    #[param(required = false, inline)]
    language: Language,
    /// A tag; may be repeated.
    #[param(required = false)]
    tag: Vec<String>,
    /// With several tags: `any` of them or `all`.
    #[param(required = false, pattern = "^(any|all)$", default = "any")]
    tag_match: String,
    #[param(required = false)]
    genre: String,
    /// For the desk.
    #[param(required = false, inline)]
    stage: Stage,
    /// For partners: also works of which they get a stub only. All others see these anyway.
    #[param(required = false)]
    include_stubs: bool,
    /// At this time or later.
    #[param(required = false, format = DateTime)]
    published_from: String,
    /// Before this time.
    #[param(required = false, format = DateTime)]
    published_until: String,
    /// At this time or later.
    #[param(required = false, format = DateTime)]
    updated_from: String,
    /// Before this time.
    #[param(required = false, format = DateTime)]
    updated_until: String,
    /// `published_at`, `updated_at` or `title`, with `-` for descending.
    #[param(
        required = false,
        pattern = "^-?(published_at|updated_at|title)$",
        default = "-published_at"
    )]
    sort: String,
}

/// List articles
///
/// Readers outside the desk see what can be seen now; each item says its extent. Partners see the
/// works that a licence gives them more than a stub of; each body that they ask for is one delivery
/// and one unit of quota. The desk sees the newest versions, drafts included.
#[utoipa::path(tag = "articles", params(ArticleParams, ShapeParams, PageParams),
    responses((status = 200, description = "A page of articles.", body = ArticlePage)),
    extensions(("x-permission" = json!("read_articles"))))]
#[get("/v1/articles")]
pub async fn list_articles(cx: Cx<ReadArticles>) -> Result<Settled, Problem> {
    let params = cx.params();
    let shape = projection(&cx)?;
    if shape.include.iter().any(|name| name == "versions") {
        return Err(bad(
            "include",
            "choice",
            "versions are given with one article, not in lists",
        ));
    }
    let with_body = params.one("body_format")?.is_some()
        || shape
            .fields
            .as_ref()
            .is_some_and(|fields| fields.iter().any(|name| name == "body"));
    let (sort, paging) = (order(params)?, cx.paging()?);
    check_cursor(&paging, sort)?;
    let query = Query {
        reader: list_reader(&cx)?,
        filter: filter(&cx)?,
        sort,
        window: paging.window.clone(),
        with_body,
    };
    let (found, total) = list::list(cx.db(), query, cx.now()).await?;
    let (found, page) = paging.close(found, total, |(mark, _)| mark.clone());
    let use_ = cx.principal().use_();
    let licensed = found
        .into_iter()
        .map(|(_, work)| clear(work, &use_, cx.now()))
        .collect::<Result<Vec<Licensed<Article>>, _>>()?;
    // A list gives out no embargoed or withdrawn body without saying so in the log.
    record(&cx, licensed.iter().filter(|_| with_body)).await?;
    let mut keys = vec!["articles".to_owned()];
    keys.extend(licensed.iter().map(|work| work.article().to_string()));
    let data: Vec<Deliverable<ArticleView>> = licensed
        .into_iter()
        .map(|work| work.present(|article| present(cx.principal(), article, &shape)))
        .collect();
    let until = data.iter().filter_map(Deliverable::valid_until).min();
    let reply = Reply::ok(ArticlePage { data, page })
        .until(until)
        .surrogate_keys(keys);
    reply.settle(&cx, Surface::List).await
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
) -> Result<Settled, Problem> {
    let (work, side) = find(&cx, Name::Id(id)).await?;
    let reply = answer(&cx, work, side).await?;
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
) -> Result<Settled, Problem> {
    if !crate::kernel::text::is_slug(&slug) {
        return Err(Problem::not_found());
    }
    let (work, side) = find(&cx, Name::Slug(slug.clone())).await?;
    let now_called = work.rights().slug.clone();
    let reply = answer(&cx, work, side).await?;
    if now_called == slug {
        return reply.settle(&cx, Surface::Item).await;
    }
    let location = format!("/v1/articles/slug/{now_called}{}", cx.query());
    let moved = Reply::moved(&location).until(reply.valid_until());
    Ok(moved.settled(&cx))
}

/// The article of this name, on the side that the caller looks at: authors meet what others
/// wrote as readers do.
pub(super) async fn find(
    cx: &Cx<ReadArticles>,
    name: Name,
) -> Result<(Held<Article>, Side), Problem> {
    let on = |name, side| load::get(cx.db(), name, side, cx.now());
    let user = match reader(cx.principal()) {
        Reader::Outside | Reader::Partner { .. } => {
            return Ok((on(name, Side::Live).await?, Side::Live));
        }
        Reader::Desk => return Ok((on(name, Side::Head).await?, Side::Head)),
        Reader::Author(user) => user,
    };
    let work = on(name.clone(), Side::Head).await?;
    if work.rights().created_by == Some(user) {
        return Ok((work, Side::Head));
    }
    Ok((on(name, Side::Live).await?, Side::Live))
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
    work: Held<Article>,
    side: Side,
) -> Result<Reply<Deliverable<ArticleView>>, Problem> {
    let id = work.rights().article;
    let (version, keys) = (work.rights().facts.version, made_of(&work));
    let revision = from_version(&work, side);
    // First whether there is anything to answer: a fault of the request must not tell of a work
    // that its sender may not know of.
    let licensed = clear(work, &cx.principal().use_(), cx.now())?;
    let mut shape = projection(cx)?;
    if shape.include.iter().any(|name| name == "versions") {
        let mut versions = load::versions_of(cx.db(), id, VERSIONS).await?;
        versions.retain(|line| line.n <= version);
        shape.versions = Some(versions);
    }
    record(cx, [&licensed]).await?;
    let item = licensed.present(|article| present(cx.principal(), article, &shape));
    let until = item.valid_until();
    let links = links(item.attribution());
    let reply = Reply::ok(item)
        .revision(revision)
        .until(until)
        .surrogate_keys(keys);
    let reply = links
        .iter()
        .fold(reply, |reply, link| reply.header(LINK, link));
    Ok(reply)
}

/// Where the work stands on the site, and on what terms it is given or can be had (RFC 8288;
/// `license` is of RFC 4946).
pub(super) fn links(credit: &Attribution) -> Vec<String> {
    let terms = match credit.usage.licence_id {
        Some(licence) => Some(format!("/v1/licences/{licence}/policy")),
        None => credit.acquire_licence_url.clone(),
    };
    let mut links = vec![format!("<{}>; rel=\"canonical\"", credit.canonical_url)];
    links.extend(terms.map(|url| format!("<{url}>; rel=\"license\"")));
    links
}

/// Shapes an article for this caller. What the desk works with goes to those who may work
/// on it: authors meet what others wrote as readers do.
fn present(principal: &Principal, article: Article, shape: &Projection) -> ArticleView {
    let desk = match reader(principal) {
        Reader::Outside | Reader::Partner { .. } => false,
        Reader::Desk => true,
        Reader::Author(user) => article.state.created_by == Some(user),
    };
    let shape = Projection {
        desk,
        ..shape.clone()
    };
    ArticleView::of(article, &shape)
}

fn projection(cx: &Cx<ReadArticles>) -> Result<Projection, Problem> {
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

fn reader(principal: &Principal) -> Reader {
    match principal {
        Principal::Staff(staff) => match staff.role {
            Role::Author => Reader::Author(staff.user),
            Role::Admin | Role::Rights | Role::Editor | Role::Viewer => Reader::Desk,
        },
        Principal::Anonymous { .. } | Principal::Client(_) => Reader::Outside,
    }
}

/// [`reader`] of lists: a partner's hold the works above a stub, unless the rest is asked for.
fn list_reader(cx: &Cx<ReadArticles>) -> Result<Reader, Problem> {
    let stubs = cx.params().flag("include_stubs")?;
    let use_ = cx.principal().use_();
    Ok(match (use_.audience, &use_.holder) {
        (Audience::Partner, holder) => Reader::Partner {
            reach: holder
                .as_ref()
                .map(|holder| holder.reach(&use_, cx.now()))
                .unwrap_or_default(),
            stubs,
        },
        _ => reader(cx.principal()),
    })
}

fn order(params: &Params) -> Result<Sort<By>, Problem> {
    sort(
        params,
        &[
            ("published_at", By::PublishedAt),
            ("updated_at", By::UpdatedAt),
            ("title", By::Title),
        ],
        Sort {
            by: By::PublishedAt,
            descending: true,
        },
    )
}

/// A cursor's key must be of its column's type.
fn check_cursor(paging: &Paging, sort: Sort<By>) -> Result<(), Problem> {
    let timed = sort.by != By::Title;
    match &paging.window.after {
        Some(mark) if timed && list::instant(&mark.key).is_none() => Err(unfit_cursor()),
        _ => Ok(()),
    }
}

fn filter(cx: &Cx<ReadArticles>) -> Result<Filter, Problem> {
    let params = cx.params();
    let stage = params.word(
        "stage",
        Stage::parse,
        "draft, review, scheduled, published, withdrawn",
    )?;
    if stage.is_some() && !cx.principal().is_staff() {
        return Err(bad(
            "stage",
            "desk_only",
            "is for the desk: others see what is published",
        ));
    }
    let tags: Vec<String> = params.all("tag").map(str::to_owned).collect();
    if tags.len() > 20 {
        return Err(bad("tag", "items", "may stand at most twenty times"));
    }
    Ok(Filter {
        section: params.one("section")?.map(str::to_owned),
        section_descendants: params.flag("section_descendants")?,
        author: params.id("author")?,
        editor: params.id("editor")?,
        source: params.id("source")?,
        origin: params.word("origin", Origin::parse, "own, reprint")?,
        language: params.word(
            "language",
            Language::parse,
            "language tags such as zh-Hans or en",
        )?,
        tags,
        all_tags: params
            .word(
                "tag_match",
                |word| match word {
                    "any" => Some(false),
                    "all" => Some(true),
                    _ => None,
                },
                "any, all",
            )?
            .unwrap_or(false),
        genre: params.one("genre")?.map(str::to_owned),
        stage,
        published_from: params.time("published_from")?,
        published_until: params.time("published_until")?,
        updated_from: params.time("updated_from")?,
        updated_until: params.time("updated_until")?,
    })
}
