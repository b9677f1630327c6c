//! Sitemaps (sitemaps.org): the index, its parts, and what is newest.

use std::iter;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::SiteFile;
use super::xml::{document, element, text};
use crate::articles::model::{Address, Article};
use crate::http::reply::{Owing, Works};
use crate::kernel::han::Script;
use crate::rights::{Carried, CreditBlock, Deliverable, InBand, Standalone};
use crate::syndication::model::Site;

const SITEMAP: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
const NEWS: &str = "http://www.google.com/schemas/sitemap-news/0.9";
const DC: &str = "http://purl.org/dc/terms/";

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl SiteFile {
    /// The index of the parts that end at these places, and of the one behind them.
    pub fn sitemap_index(site: &Site, ends: &[String]) -> Self {
        let afters = iter::once(None).chain(ends.iter().map(Some));
        let untils = ends.iter().map(Some).chain(iter::once(None));
        Self::xml(document(|out| {
            element(out, "sitemapindex", &[("xmlns", SITEMAP)], |out| {
                for (after, until) in afters.zip(untils) {
                    let after = after.map(|place| format!("after={place}"));
                    let until = until.map(|place| format!("until={place}"));
                    let query: Vec<String> = after.into_iter().chain(until).collect();
                    let sign = if query.is_empty() { "" } else { "?" };
                    let path = format!("/sitemaps/articles.xml{sign}{}", query.join("&"));
                    let at = site.url(&path);
                    element(out, "sitemap", &[], |out| text(out, "loc", &[], &at))?;
                }
                Ok(())
            })
        }))
    }

    /// A part: addresses, and when what is there last changed.
    pub fn sitemap(site: &Site, works: &[Address]) -> Self {
        Self::xml(document(|out| {
            element(out, "urlset", &[("xmlns", SITEMAP)], |out| {
                for work in works {
                    element(out, "url", &[], |out| {
                        text(
                            out,
                            "loc",
                            &[],
                            &site.url(&format!("/articles/{}", work.slug)),
                        )?;
                        text(out, "lastmod", &[], &time(work.updated_at))
                    })?;
                }
                Ok(())
            })
        }))
    }
}

/// A work in the sitemap of news: its title, and so its credit.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NewsView {
    title: String,
    language: String,
    published_at: DateTime<Utc>,
    credit: String,
}

impl NewsView {
    pub fn of(article: Article) -> Self {
        Self {
            // The language that is asked for has two or three letters, but for Chinese.
            language: match article.content.language.script() {
                Some(Script::Hant) => "zh-tw".to_owned(),
                Some(Script::Hans) => "zh-cn".to_owned(),
                None => {
                    let tag = article.content.language.as_str();
                    tag.split('-').next().unwrap_or_default().to_owned()
                }
            },
            published_at: article.published_at.unwrap_or(article.updated_at),
            title: article.content.title,
            credit: String::new(),
        }
    }
}

impl InBand for NewsView {
    fn carry(&mut self, credit: CreditBlock<'_>) {
        self.credit = credit.text();
    }

    fn body(&self) -> Option<Carried> {
        None
    }
}

impl Standalone for NewsView {}

/// The newest works, as search engines for news want them.
#[derive(Serialize)]
pub struct NewsSitemap {
    pub works: Vec<Deliverable<NewsView>>,
    #[serde(skip)]
    pub site: Site,
}

impl Works for NewsSitemap {
    fn works(&mut self) -> Vec<&mut dyn Owing> {
        let works = self.works.iter_mut();
        works.map(|work| work as &mut dyn Owing).collect()
    }

    fn bytes(&self) -> Result<(Vec<u8>, &'static str), serde_json::Error> {
        let spaces = [
            ("xmlns", SITEMAP),
            ("xmlns:news", NEWS),
            ("xmlns:dcterms", DC),
        ];
        let text = document(|out| {
            element(out, "urlset", &spaces, |out| {
                for work in &self.works {
                    let (view, url) = (work.alone(), &work.attribution().canonical_url);
                    element(out, "url", &[], |out| {
                        text(out, "loc", &[], url)?;
                        element(out, "news:news", &[], |out| {
                            element(out, "news:publication", &[], |out| {
                                text(out, "news:name", &[], &self.site.name)?;
                                text(out, "news:language", &[], &view.language)
                            })?;
                            text(out, "news:publication_date", &[], &time(view.published_at))?;
                            text(out, "news:title", &[], &view.title)
                        })?;
                        text(out, "dcterms:source", &[], &view.credit)
                    })?;
                }
                Ok(())
            })
        });
        Ok((text.into_bytes(), "application/xml; charset=utf-8"))
    }
}
