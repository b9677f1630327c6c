//! The parts of an article as the desk sends them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::articles::model::{Dateline, Seo};
use crate::kernel::fault::Faults;
use crate::kernel::id::AuthorId;
use crate::rights::{ContributorRole, Original, Unstated};

/// Where and when a report was written, and for whom.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"place": "Langang", "date": "2026-03-01", "agency": "Harbour Press"}))]
pub struct DatelineInput {
    #[serde(default)]
    #[schema(max_length = 200)]
    pub place: Option<String>,
    #[serde(default)]
    pub date: Option<NaiveDate>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub agency: Option<String>,
}

/// Who did what.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"author_id": "aut_01900000000070008000000000000001", "role": "reporter"}))]
pub struct ContributionInput {
    pub author_id: AuthorId,
    pub role: ContributorRole,
}

/// What search engines are told instead of title and summary.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Harbour opens", "description": "Ships dock from Monday."}))]
pub struct SeoInput {
    #[serde(default)]
    #[schema(max_length = 300)]
    pub title: Option<String>,
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub description: Option<String>,
}

/// Where a reprint comes from.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Quay opens", "authors": ["Wen Ya"], "url": "https://paper.example.com/quay", "published_at": "2026-03-01T08:00:00Z"}))]
pub struct OriginalInput {
    #[serde(default)]
    #[schema(max_length = 300)]
    pub title: Option<String>,
    #[serde(default)]
    #[schema(max_items = 50)]
    pub authors: Vec<String>,
    /// Declares that the original states no author.
    #[serde(default)]
    pub author_unstated: Option<Unstated>,
    /// Where the original stands on the web.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub url: Option<String>,
    /// Where it stands in print, such as issue and page.
    #[serde(default)]
    #[schema(max_length = 300)]
    pub print_ref: Option<String>,
    #[serde(default)]
    pub published_at: Option<DateTime<Utc>>,
}

impl DatelineInput {
    pub(super) fn parse(self, faults: &mut Faults) -> Option<Dateline> {
        let dateline = Dateline {
            place: faults.optional_line("/dateline/place", self.place.as_deref(), 200),
            date: self.date.map(|date| faults.day("/dateline/date", date)),
            agency: faults.optional_line("/dateline/agency", self.agency.as_deref(), 200),
        };
        (dateline != Dateline::default()).then_some(dateline)
    }
}

impl SeoInput {
    pub(super) fn parse(self, faults: &mut Faults) -> Option<Seo> {
        let seo = Seo {
            title: faults.optional_line("/seo/title", self.title.as_deref(), 300),
            description: faults.optional_line(
                "/seo/description",
                self.description.as_deref(),
                1000,
            ),
        };
        (seo != Seo::default()).then_some(seo)
    }
}

impl OriginalInput {
    pub(super) fn parse(self, faults: &mut Faults) -> Original {
        if !self.authors.is_empty() && self.author_unstated.is_some() {
            faults.push(
                "/original/author_unstated",
                "contradiction",
                "authors are named: they cannot be unstated at the same time",
            );
        }
        Original {
            title: faults.optional_line("/original/title", self.title.as_deref(), 300),
            authors: self
                .authors
                .iter()
                .enumerate()
                .map(|(at, name)| faults.line(&format!("/original/authors/{at}"), name, 1..=200))
                .collect(),
            author_unstated: self.author_unstated.map(|unstated| Unstated {
                reason: faults.line(
                    "/original/author_unstated/reason",
                    &unstated.reason,
                    1..=500,
                ),
            }),
            url: self.url.map(|url| faults.web_url("/original/url", &url)),
            print_ref: faults.optional_line("/original/print_ref", self.print_ref.as_deref(), 300),
            published_at: self
                .published_at
                .map(|at| faults.instant("/original/published_at", at)),
        }
    }
}
