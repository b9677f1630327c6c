//! Operations on articles: reading ([`list`], [`read`],
//! [`representation`], [`feeds`]), writing ([`write`]), the desk's actions
//! ([`actions`]), and what else it has: [`versions`], [`comments`], [`assignments`],
//! [`previews`].

pub mod actions;
pub mod assignments;
pub mod comments;
mod desk;
pub mod feeds;
pub mod list;
pub mod previews;
pub mod read;
pub mod representation;
pub mod search;
pub mod versions;
pub mod write;

use utoipa_actix_web::service_config::ServiceConfig;

use super::model::Article;
use super::store::desk::log_read;
use super::store::works::Works;
use super::view::{ArticleView, Projection};
use crate::http::auth::Permission;
use crate::http::context::Cx;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::settle::Settled;
use crate::kernel::id::ArticleId;
use crate::rights::{Deliverable, Held, Licensed, Purpose, Surface, clear};

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(list::list_articles)
        .service(search::search_articles)
        .service(write::create_article)
        .service(read::get_article_by_slug)
        .service(read::get_article)
        .service(feeds::get_feed_link)
        .service(feeds::get_site_feed)
        .service(feeds::get_section_feed)
        .service(feeds::get_author_feed)
        .service(feeds::get_tag_feed)
        .service(representation::negotiate_representation)
        .service(representation::get_representation)
        .service(write::update_article)
        .service(write::delete_article)
        .service(actions::submit_article)
        .service(actions::return_article)
        .service(actions::schedule_article)
        .service(actions::publish_article)
        .service(actions::correct_article)
        .service(actions::withdraw_article)
        .service(actions::reinstate_article)
        .service(versions::list_versions)
        .service(versions::get_version)
        .service(versions::compare_versions)
        .service(versions::restore_version)
        .service(comments::list_comments)
        .service(comments::create_comment)
        .service(comments::get_comment)
        .service(comments::resolve_comment)
        .service(comments::delete_comment)
        .service(assignments::list_assignments)
        .service(assignments::list_article_assignments)
        .service(assignments::create_assignment)
        .service(assignments::get_assignment)
        .service(assignments::complete_assignment)
        .service(assignments::delete_assignment)
        .service(previews::create_preview)
        .service(previews::end_previews)
        .service(previews::get_preview);
}

/// What a writer gets back: the article as the desk sees it.
pub struct Reread {
    pub revision: i64,
    pub article: Deliverable<ArticleView>,
}

impl Reread {
    /// Reads what was just written.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn of<P: Permission>(
        cx: &Cx<P>,
        works: &Works,
        id: ArticleId,
    ) -> Result<Self, Problem> {
        // Not the time at which the request came: what it has done is later.
        let now = cx.shared().clock.now().max(cx.now());
        let work = works.written(id, now).await?;
        let revision = revision(&work);
        let shape = Projection {
            desk: true,
            ..Projection::default()
        };
        let licensed = clear(work, &cx.principal().use_(), now)?;
        // The answer to a change is a reading as well, above all where nothing was changed.
        record(cx, [&licensed]).await?;
        Ok(Self {
            revision,
            article: licensed.present(|article| ArticleView::of(article, &shape)),
        })
    }
}

/// Puts readings on record that must be; without the record there is no answer.
async fn record<'a, P: Permission, T: 'a>(
    cx: &Cx<P>,
    works: impl IntoIterator<Item = &'a Licensed<T>>,
) -> Result<(), Problem> {
    let logged: Vec<ArticleId> = works
        .into_iter()
        .filter(|work| work.logged())
        .map(Licensed::article)
        .collect();
    if logged.is_empty() {
        return Ok(());
    }
    Ok(log_read(cx.db(), cx.write(), logged).await?)
}

/// The article as it is now, after a change.
async fn changed<P: Permission>(
    cx: &Cx<P>,
    works: &Works,
    id: ArticleId,
) -> Result<Settled, Problem> {
    let Reread { revision, article } = Reread::of(cx, works, id).await?;
    let reply = Reply::ok(article).revision(revision);
    reply.settle(cx, Surface::Item).await
}

/// The revision that the desk's entity tag begins with.
fn revision(work: &Held<Article>) -> i64 {
    work.inspect(Purpose::Edit, |article| article.state.revision)
}

/// The ids whose change makes a cached copy of an article stale.
fn made_of(work: &Held<Article>) -> Vec<String> {
    work.inspect(Purpose::Edit, ids_in)
}

fn ids_in(article: &Article) -> Vec<String> {
    let mut keys = vec![article.state.id.to_string()];
    let section = article.section.iter().flat_map(|section| &section.path);
    keys.extend(section.map(|crumb| crumb.id.to_string()));
    keys.extend(article.source.iter().map(|source| source.id.to_string()));
    keys.extend(
        article
            .contributors
            .iter()
            .map(|one| one.person.id.to_string()),
    );
    keys.extend(article.content.editor_id.iter().map(ToString::to_string));
    keys
}
