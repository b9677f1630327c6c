//! A fragment for somebody else's page: one element, marked up throughout with schema.org microdata,
//! with the link to where the work stands. No script and no style, so that the page's own hold.

use maud::{PreEscaped, html};

use super::text::corrected;
use crate::articles::model::Article;
use crate::rights::CreditBlock;

pub(super) fn document(article: &Article, credit: CreditBlock<'_>) -> String {
    let of = credit.attribution();
    let content = &article.content;
    html! {
        article class="masthead-embed" lang=(content.language.as_str())
            itemscope itemtype="https://schema.org/NewsArticle" itemid=(of.canonical_url) {
            h1 itemprop="headline" {
                a itemprop="mainEntityOfPage" href=(of.canonical_url) { (content.title) }
            }
            @if let Some(subtitle) = &content.subtitle {
                p itemprop="alternativeHeadline" { (subtitle) }
            }
            @if let Some(at) = article.published_at {
                p {
                    time itemprop="datePublished" datetime=(at.to_rfc3339()) {
                        (at.format("%Y-%m-%d %H:%M UTC"))
                    }
                }
            }
            div itemprop="articleBody" { (PreEscaped(corrected(article).to_html())) }
            (PreEscaped(credit.html_within()))
        }
    }
    .into_string()
}
