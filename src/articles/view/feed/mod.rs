//! Feeds: articles as [`rss`] 2.0, [`atom`] (RFC 4287) or [`json`] (JSON Feed 1.1). Readers of feeds
//! copy single members of them, so each text of an entry has the credit inside (rule 5).

mod atom;
mod json;
mod rss;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::articles::model::{Article, FeedHead, Topic};
use crate::http::page::PageInfo;
use crate::http::reply::{Outward, Owing, Works};
use crate::kernel::id::Id as _;
use crate::kernel::text::{printable, sha256_hex};
use crate::kernel::words::words;
use crate::rights::{Attribution, Carried, CreditBlock, Deliverable, Extent, InBand, Standalone};

words! {
    /// The forms of a feed, by the end of its address.
    FeedForm {
        Rss = "rss",
        Atom = "atom",
        Json = "json",
    }
}

/// An article in a feed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct EntryView {
    /// `urn:uuid:…`: the same in every feed.
    id: String,
    title: String,
    language: String,
    published_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Sections from the root, then tags.
    categories: Vec<String>,
    /// The summary, then the credit; plain text.
    summary: String,
    /// The body, then the credit with the notices; HTML. `None` where no part of the body was granted.
    html: Option<String>,
}

impl EntryView {
    /// Shapes what was granted of an article.
    pub fn of(article: &Article) -> Self {
        let content = &article.content;
        let sections = article.section.iter().flat_map(|section| &section.path);
        let sections = sections.map(|crumb| crumb.name.clone());
        let tags = content
            .tags
            .iter()
            .filter(|_| article.extent == Extent::Full);
        let granted = article.extent >= Extent::Excerpt && article.has_body;
        let given = article.published_at.unwrap_or(article.updated_at);
        Self {
            id: article.state.id.uuid().urn().to_string(),
            title: printable(&content.title),
            language: content.language.as_str().to_owned(),
            published_at: given,
            updated_at: article.updated_at.max(given),
            categories: sections
                .chain(tags.cloned())
                .map(|name| printable(&name))
                .collect(),
            summary: match article.extent >= Extent::Headline {
                true => printable(&content.summary),
                false => String::new(),
            },
            html: granted.then(|| printable(&super::representation::corrected(article).to_html())),
        }
    }
}

impl InBand for EntryView {
    fn carry(&mut self, credit: CreditBlock<'_>) {
        if !self.summary.is_empty() {
            self.summary.push_str("\n\n");
        }
        self.summary.push_str(&printable(&credit.text()));
        if let Some(html) = &mut self.html {
            html.push('\n');
            html.push_str(&printable(&credit.html_alone()));
        }
    }

    fn body(&self) -> Option<Carried> {
        self.html.as_ref().map(|html| Carried {
            format: "html",
            sha256: sha256_hex(html.as_bytes()),
        })
    }
}

impl Standalone for EntryView {}

/// JSON Feed 1.1 (<https://jsonfeed.org/version/1.1>). `_masthead` of an item is its attribution.
#[derive(ToSchema)]
#[schema(value_type = Object)]
pub struct JsonFeed(pub serde_json::Value);

/// An address of a feed for a reader without headers.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FeedLink, example = json!({"path": "/v1/feeds/site.rss?client=cli_01900000000070008000000000000001&signature=q0Zb"}))]
pub struct FeedLinkView {
    /// Path and query, to be put after the host at which this was asked.
    pub path: String,
}

impl Outward for FeedLinkView {}

/// Where a feed stands.
#[derive(Debug, Clone)]
pub struct Place {
    pub path: String,
    /// The query of its first page: what was asked of all pages.
    pub first: String,
    /// The query of this page.
    pub this: String,
    /// The query of the next page, if there is one.
    pub next: Option<String>,
}

/// A page of a feed (RFC 5005).
#[derive(Serialize)]
pub struct FeedReply {
    pub entries: Vec<Deliverable<EntryView>>,
    pub page: PageInfo,
    #[serde(skip)]
    pub head: FeedHead,
    #[serde(skip)]
    pub topic: Topic,
    #[serde(skip)]
    pub place: Place,
    #[serde(skip)]
    pub form: FeedForm,
}

/// Prefix and namespace of what a licence says of an entry.
const TERMS: (&str, &str) = ("licence", "urn:masthead:licence");

/// Elements of other namespaces by prefix and name, as the writers of RSS and of Atom both take them.
type Foreign<E> = BTreeMap<String, BTreeMap<String, Vec<E>>>;

/// What a partner's entry says of its licence, for forms that have no members for it: `usage` as JSON and the signed
/// statement. `element` makes one of a qualified name and a text.
fn terms<E>(
    credit: &Attribution,
    element: impl Fn(String, String) -> E,
) -> Result<Foreign<E>, serde_json::Error> {
    if credit.usage.licence_id.is_none() {
        return Ok(Foreign::new());
    }
    let usage = serde_json::to_string(&credit.usage)?;
    let statement = credit.attestation.clone();
    let said = [("usage", Some(usage)), ("attestation", statement)].into_iter();
    let said = said.filter_map(|(name, text)| {
        let element = element(format!("{}:{name}", TERMS.0), text?);
        Some((name.to_owned(), vec![element]))
    });
    Ok([(TERMS.0.to_owned(), said.collect())].into())
}

/// Where the terms stand: of a licence its policy, else where one can be had.
fn license(feed: &FeedReply, credit: &Attribution) -> Option<String> {
    match credit.usage.licence_id {
        Some(id) => Some(format!("{}/v1/licences/{id}/policy", feed.head.base_url)),
        None => credit.acquire_licence_url.clone(),
    }
}

impl FeedReply {
    fn title(&self) -> String {
        let site = printable(&self.head.site_name);
        match &self.head.about {
            Some((about, _)) => format!("{} - {site}", printable(about)),
            None => site,
        }
    }

    fn description(&self) -> String {
        match &self.head.about {
            Some((_, about)) if !about.is_empty() => printable(about),
            _ => self.title(),
        }
    }

    /// The page of the site that the feed is of.
    fn home(&self) -> String {
        let base = &self.head.base_url;
        match &self.topic {
            Topic::Section(slug) => format!("{base}/sections/{slug}"),
            Topic::Site | Topic::Author(_) | Topic::Tag(_) => format!("{base}/"),
        }
    }

    /// Its address with a query.
    fn address(&self, query: &str) -> String {
        let sign = if query.is_empty() { "" } else { "?" };
        format!("{}{}{sign}{query}", self.head.base_url, self.place.path)
    }

    /// `(relation, URL)` of its pages: this one, the first, and the next if there is one.
    fn pages(&self) -> Vec<(&'static str, String)> {
        let Place {
            first, this, next, ..
        } = &self.place;
        let pages = [
            ("self", Some(this)),
            ("first", Some(first)),
            ("next", next.as_ref()),
        ];
        let pages = pages.into_iter();
        pages
            .filter_map(|(rel, query)| Some((rel, self.address(query?))))
            .collect()
    }

    /// When something of it last changed.
    fn updated_at(&self) -> DateTime<Utc> {
        let entries = self.entries.iter().map(|entry| entry.alone().updated_at);
        entries.max().unwrap_or(self.head.updated_at)
    }
}

impl Works for FeedReply {
    fn works(&mut self) -> Vec<&mut dyn Owing> {
        let entries = self.entries.iter_mut();
        entries.map(|entry| entry as &mut dyn Owing).collect()
    }

    fn next_cursor(&self) -> Option<&str> {
        self.page.next_cursor.as_deref()
    }

    fn bytes(&self) -> Result<(Vec<u8>, &'static str), serde_json::Error> {
        Ok(match self.form {
            FeedForm::Rss => (rss::feed(self)?, "application/rss+xml; charset=utf-8"),
            FeedForm::Atom => (atom::feed(self)?, "application/atom+xml; charset=utf-8"),
            FeedForm::Json => (
                serde_json::to_vec(&json::feed(self))?,
                "application/feed+json",
            ),
        })
    }
}
