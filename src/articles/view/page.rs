//! Lists of articles on the wire.

use serde::Serialize;
use utoipa::ToSchema;

use super::output::{ArticleSchema, ArticleView};
use crate::http::page::PageInfo;
use crate::http::reply::{Owing, Works};
use crate::rights::Deliverable;

/// A page of articles, each with its attribution.
#[derive(Serialize, ToSchema)]
pub struct ArticlePage {
    #[schema(value_type = Vec<ArticleSchema>)]
    pub data: Vec<Deliverable<ArticleView>>,
    pub page: PageInfo,
}

impl Works for ArticlePage {
    fn works(&mut self) -> Vec<&mut dyn Owing> {
        let works = self.data.iter_mut();
        works.map(|work| work as &mut dyn Owing).collect()
    }

    fn next_cursor(&self) -> Option<&str> {
        self.page.next_cursor.as_deref()
    }
}
