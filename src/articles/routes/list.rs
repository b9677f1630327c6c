//! Lists of articles: filters, order and page, and whose list it is.

use std::sync::Arc;

use actix_web::get;
use actix_web::web::Data;
use utoipa::IntoParams;

use super::read::{ShapeParams, present, projection, reader};
use super::record;
use crate::articles::model::Article;
use crate::articles::search;
use crate::articles::store::levels::Looked;
use crate::articles::store::list::{self, By, Filter, Query, Reader};
use crate::articles::store::works::Works;
use crate::articles::view::{ArticlePage, ArticleView, Projection};
use crate::db::page::{Mark, Sort};
use crate::http::auth::ReadArticles;
use crate::http::context::Cx;
use crate::http::page::{PageParams, Paging, sort, unfit_cursor};
use crate::http::params::{Params, bad};
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::settle::Settled;
use crate::http::signals::{list_signals, signed, spoken};
use crate::kernel::language::Language;
use crate::rights::{Audience, Deliverable, Held, Licensed, Origin, Stage, Surface, clear};

/// What is asked of the list. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct ArticleParams {
    /// Words that the text holds, as far as this reader may have it; written as for `/v1/search`.
    #[param(required = false, max_length = 300)]
    q: String,
    /// `published_at`, `updated_at` or `title`, with `-` for descending.
    #[param(
        required = false,
        pattern = "^-?(published_at|updated_at|title)$",
        default = "-published_at"
    )]
    sort: String,
}

/// Filters of lists and searches. Only documents them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
pub(super) struct FilterParams {
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
}

/// List articles
///
/// Readers outside the desk see what can be seen now; each item says its extent. Partners see the
/// works that a licence gives them more than a stub of; each body that they ask for is one delivery
/// and one unit of quota. The desk sees the newest versions, drafts included.
#[utoipa::path(tag = "articles", params(ArticleParams, FilterParams, ShapeParams, PageParams),
    responses((status = 200, description = "A page of articles.", body = ArticlePage)),
    extensions(("x-permission" = json!("read_articles"))))]
#[get("/v1/articles")]
pub async fn list_articles(cx: Cx<ReadArticles>, works: Data<Works>) -> Result<Settled, Problem> {
    let params = cx.params();
    let shape = list_shape(&cx)?;
    let with_body = asks_for_bodies(&cx, &shape)?;
    let (sort, paging) = (order(params)?, cx.paging()?);
    check_cursor(&paging, sort)?;
    let query = Query {
        reader: list_reader(&cx)?,
        filter: filter(&cx)?,
        sort,
        window: paging.window.clone(),
        with_body,
        looked: params.one("q")?.map(|q| looked(&cx, q)).transpose()?,
    };
    let listed = works.list(query, cx.now()).await?;
    let (found, page) = paging.close(listed.works, listed.total, |(mark, _)| mark.clone());
    // A list gives out no embargoed or withdrawn body without saying so in the log.
    let Opened {
        works: licensed,
        keys,
        languages,
    } = opened(&cx, found, with_body).await?;
    let data: Vec<Deliverable<ArticleView>> = licensed
        .into_iter()
        .map(|work| work.present(|article| present(cx.principal(), article, &shape)))
        .collect();
    let until = data.iter().filter_map(Deliverable::valid_until).min();
    let terms = listed.acquire_licence_url.as_deref();
    let signals = list_signals(cx.principal(), terms);
    let reply = Reply::ok(ArticlePage { data, page })
        .until(until)
        .made_of(listed.made)
        .surrogate_keys(keys);
    let reply = spoken(signed(reply, signals), languages.iter());
    reply.settle(&cx, Surface::List).await
}

/// The works of a page, opened for its reader.
pub(super) struct Opened {
    pub works: Vec<Licensed<Article>>,
    /// The ids whose change makes a copy of the page stale.
    pub keys: Vec<String>,
    pub languages: Vec<Language>,
}

/// Opens the works of a page. `shown` tells whether anything of their bodies is: such readings of what
/// is embargoed or withdrawn are put on record.
pub(super) async fn opened(
    cx: &Cx<ReadArticles>,
    found: Vec<(Mark, Held<Article>)>,
    shown: bool,
) -> Result<Opened, Problem> {
    let (use_, script) = (cx.principal().use_(), cx.script()?);
    let works = found
        .into_iter()
        .map(|(_, work)| Ok(clear(work, &use_, cx.now())?.in_script(script)))
        .collect::<Result<Vec<Licensed<Article>>, Problem>>()?;
    record(cx, works.iter().filter(|_| shown)).await?;
    let mut keys = vec!["articles".to_owned()];
    keys.extend(works.iter().map(|work| work.article().to_string()));
    let languages = works.iter().map(|work| work.language().clone());
    Ok(Opened {
        keys,
        languages: languages.collect(),
        works,
    })
}

/// How the items of a list are shaped.
pub(super) fn list_shape(cx: &Cx<ReadArticles>) -> Result<Projection, Problem> {
    let shape = projection(cx)?;
    match shape.include.iter().any(|name| name == "versions") {
        true => Err(bad(
            "include",
            "choice",
            "versions are given with one article, not in lists",
        )),
        false => Ok(shape),
    }
}

/// Items of lists have bodies only where these are asked for.
pub(super) fn asks_for_bodies(cx: &Cx<ReadArticles>, shape: &Projection) -> Result<bool, Problem> {
    let named = shape.fields.as_ref();
    let named = named.is_some_and(|fields| fields.iter().any(|name| name == "body"));
    Ok(named || cx.params().one("body_format")?.is_some())
}

/// What a list's texts must hold, for this reader.
pub(super) fn looked(cx: &Cx<ReadArticles>, q: &str) -> Result<Looked, Problem> {
    let lexicon = Arc::clone(&cx.shared().lexicon.read());
    let query = search::Query::parse(q, &lexicon)
        .map_err(|unfit| bad("q", unfit.code(), unfit.to_string()))?;
    Ok(Looked {
        query,
        use_: cx.principal().use_(),
    })
}

/// [`reader`] of lists: a partner's hold the works above a stub, unless the rest is asked for.
pub(super) fn list_reader(cx: &Cx<ReadArticles>) -> Result<Reader, Problem> {
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

pub(super) fn filter(cx: &Cx<ReadArticles>) -> Result<Filter, Problem> {
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
