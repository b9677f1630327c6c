//! Lists of articles: filters, order and page, and whose list it is.

use actix_web::get;
use actix_web::web::Data;
use utoipa::IntoParams;

use super::read::{ShapeParams, present, projection, reader};
use super::record;
use super::signals::{list_signals, signed};
use crate::articles::model::Article;
use crate::articles::store::list::{self, By, Filter, Query, Reader};
use crate::articles::store::works::Works;
use crate::articles::view::{ArticlePage, ArticleView};
use crate::db::page::Sort;
use crate::http::auth::ReadArticles;
use crate::http::context::Cx;
use crate::http::page::{PageParams, Paging, sort, unfit_cursor};
use crate::http::params::{Params, bad};
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::settle::Settled;
use crate::kernel::language::Language;
use crate::rights::{Audience, Deliverable, Licensed, Origin, Stage, Surface, clear};

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
pub async fn list_articles(cx: Cx<ReadArticles>, works: Data<Works>) -> Result<Settled, Problem> {
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
    let listed = works.list(query, cx.now()).await?;
    let (found, page) = paging.close(listed.works, listed.total, |(mark, _)| mark.clone());
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
    let first = data.first().map(Deliverable::attribution);
    let signals = list_signals(cx.principal(), first);
    let reply = Reply::ok(ArticlePage { data, page })
        .until(until)
        .made_of(listed.made)
        .surrogate_keys(keys);
    let reply = signed(reply, signals);
    reply.settle(&cx, Surface::List).await
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
