//! Hits on the wire: articles, and the places in them that were found.

use serde::Serialize;
use utoipa::ToSchema;

use super::output::{ArticleView, Projection};
use crate::articles::model::Article;
use crate::articles::search::facets::{Facet, Value};
use crate::articles::search::snippet::{Snippet, piece, whole};
use crate::articles::search::{Field, Query};
use crate::http::page::PageInfo;
use crate::http::reply::{Owing, Works};
use crate::rights::{Attribution, Carried, CreditBlock, Deliverable, InBand};

/// A place that was found, with what stands around it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"field": "title", "text": "Harbour opens its new quay", "highlights": [[0, 7]]}))]
pub struct SnippetView {
    pub field: Field,
    pub text: String,
    /// From and until where each word stands, in Unicode scalar values of `text`.
    #[schema(value_type = Vec<Vec<u64>>)]
    pub highlights: Vec<[usize; 2]>,
}

impl From<Snippet> for SnippetView {
    fn from(snippet: Snippet) -> Self {
        let highlights = snippet.highlights.into_iter();
        Self {
            field: snippet.field,
            text: snippet.text,
            highlights: highlights.map(|range| [range.start, range.end]).collect(),
        }
    }
}

/// An article that was found, as its reader may have it.
#[derive(Debug, Clone, Serialize)]
pub struct HitView {
    #[serde(flatten)]
    article: ArticleView,
    found: Vec<SnippetView>,
}

/// An article that was found, with its attribution.
#[derive(Serialize, ToSchema)]
#[schema(as = Hit)]
pub struct HitSchema {
    #[serde(flatten)]
    pub article: ArticleView,
    /// Where, in what this reader may have of it. Empty where the words stand in what is not shown,
    /// such as tags; to partners and crawlers bodies are not shown here.
    pub found: Vec<SnippetView>,
    pub attribution: Attribution,
}

impl HitView {
    /// Shapes a hit. `delivered` tells that bodies go to this reader by the ledger only: then none of
    /// them is quoted, since a search is no delivery.
    pub fn of(article: Article, shape: &Projection, query: &Query, delivered: bool) -> Self {
        let content = &article.content;
        let body = match delivered {
            true => String::new(),
            false => content.body.to_text(),
        };
        let subtitle = content.subtitle.as_deref().unwrap_or_default();
        let found = [
            whole(Field::Title, &content.title, query),
            whole(Field::Title, subtitle, query),
            piece(Field::Summary, &content.summary, query),
            piece(Field::Body, &body, query),
        ];
        Self {
            found: found.into_iter().flatten().map(SnippetView::from).collect(),
            article: ArticleView::of(article, shape),
        }
    }
}

impl InBand for HitView {
    fn carry(&mut self, credit: CreditBlock<'_>) {
        self.article.carry(credit);
    }

    fn body(&self) -> Option<Carried> {
        self.article.body()
    }
}

/// A value by which hits part.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"value": "sec_01900000000070008000000000000001", "slug": "economy", "name": "Economy", "count": 12}))]
pub struct FacetValueView {
    /// Id of the section or source, or the year.
    pub value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub slug: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
    pub count: i64,
}

/// How all hits part: for each facet that was asked for its fifty values with the most hits.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct FacetsView {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub section: Option<Vec<FacetValueView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub source: Option<Vec<FacetValueView>>,
    /// Years of publication, in the site's time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub year: Option<Vec<FacetValueView>>,
}

impl FacetsView {
    /// `None` where none was asked for.
    pub fn of(facets: Vec<(Facet, Vec<Value>)>) -> Option<Self> {
        if facets.is_empty() {
            return None;
        }
        let mut view = Self::default();
        for (facet, values) in facets {
            let values = values.into_iter().map(|value| FacetValueView {
                value: value.value,
                slug: value.slug,
                name: value.name,
                count: value.count,
            });
            let place = match facet {
                Facet::Section => &mut view.section,
                Facet::Source => &mut view.source,
                Facet::Year => &mut view.year,
            };
            *place = Some(values.collect());
        }
        Some(view)
    }
}

/// A page of hits.
#[derive(Serialize, ToSchema)]
pub struct SearchPage {
    #[schema(value_type = Vec<HitSchema>)]
    pub data: Vec<Deliverable<HitView>>,
    pub page: PageInfo,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub facets: Option<FacetsView>,
}

impl Works for SearchPage {
    fn works(&mut self) -> Vec<&mut dyn Owing> {
        let works = self.data.iter_mut();
        works.map(|work| work as &mut dyn Owing).collect()
    }

    fn next_cursor(&self) -> Option<&str> {
        self.page.next_cursor.as_deref()
    }
}
