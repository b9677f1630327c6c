//! Editions and reviews on the wire. A review names the article and says nothing of its text.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{
    Draft, Edition, EntryList, Listed, Place, RegistryDecision, RegistryReviewStatus, Resolution,
    Review, edition,
};
use crate::http::page::page_of;
use crate::http::reply::Outward;
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::{ArticleId, EditionId, RegistryReviewId, SourceId, UserId};
use crate::kernel::text::digest_field;

/// Most faults that one answer lists.
const MOST_FAULTS: usize = 100;

/// An edition of the list of permitted sources, as the desk brings it in. A larger one comes in by
/// `masthead registry import`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "List of 2026", "valid_from": "2026-05-01T00:00:00Z", "entries": [
    {"name": "Coastal Wire", "category": "agency", "region": "Langang", "homepage_url": "https://wire.example.org"}, {"name": "海岸日报"}]}))]
pub struct RegistryEditionInput {
    /// A name means one edition.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub valid_from: DateTime<Utc>,
    /// The first instant at which it no longer holds. Without it, it holds until a later one begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<DateTime<Utc>>,
    #[schema(min_items = 1, max_items = 5_000)]
    pub entries: Vec<RegistryEntryInput>,
}

/// A source that an edition permits, as the desk brings it in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Coastal Wire", "region": "Langang"}))]
pub struct RegistryEntryInput {
    /// Stands in an edition once. Widths, case and runs of blanks make no other name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub category: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub region: Option<String>,
    /// An absolute http or https URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub homepage_url: Option<String>,
}

impl RegistryEditionInput {
    /// Checks what the schema cannot say.
    ///
    /// # Errors
    /// All faults, a hundred at most.
    pub fn parse(&self) -> Result<Draft, Vec<Fault>> {
        let mut faults = Faults::default();
        let mut list = EntryList::default();
        for (index, entry) in self.entries.iter().enumerate() {
            let more = [&entry.category, &entry.region, &entry.homepage_url];
            let more = more.map(Option::as_deref);
            list.add(Place::Item(index), &entry.name, more, &mut faults);
        }
        let (from, until) = (self.valid_from, self.valid_until);
        let draft = edition(&self.name, from, until, list.finish(), &mut faults);
        faults.finish(draft).map_err(|mut all| {
            all.truncate(MOST_FAULTS);
            all
        })
    }
}

/// An edition of the list of permitted sources.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RegistryEdition, example = json!({"id": "reg_01900000000070008000000000000001", "name": "List of 2026",
    "valid_from": "2026-05-01T00:00:00Z", "valid_until": null,
    "digest": "sha-256=2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", "entries": 1358,
    "imported_at": "2026-04-20T08:00:00Z", "imported_by": null}))]
pub struct RegistryEditionView {
    pub id: EditionId,
    pub name: String,
    pub valid_from: DateTime<Utc>,
    /// The first instant at which it no longer holds; null while no later edition has ended it.
    #[schema(required = true)]
    pub valid_until: Option<DateTime<Utc>>,
    /// Of the entries in their order, as a JSON list of lists of `name`, `category`, `region`, `homepage_url`.
    pub digest: String,
    /// How many sources stand on it.
    pub entries: i64,
    pub imported_at: DateTime<Utc>,
    /// Null where it came in by the command line.
    #[schema(required = true)]
    pub imported_by: Option<UserId>,
}

impl From<Edition> for RegistryEditionView {
    fn from(edition: Edition) -> Self {
        Self {
            id: edition.id,
            name: edition.name,
            valid_from: edition.valid_from,
            valid_until: edition.valid_until,
            digest: digest_field(&edition.digest),
            entries: edition.entries,
            imported_at: edition.imported_at,
            imported_by: edition.imported_by,
        }
    }
}

impl Outward for RegistryEditionView {}

page_of! {
    /// A page of the editions.
    RegistryEditionPage of RegistryEditionView
}

/// A source that an edition permits.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PermittedSource, example = json!({"name": "Coastal Wire", "category": "agency", "region": "Langang", "homepage_url": "https://wire.example.org"}))]
pub struct PermittedSourceView {
    pub name: String,
    #[schema(required = true)]
    pub category: Option<String>,
    #[schema(required = true)]
    pub region: Option<String>,
    #[schema(required = true)]
    pub homepage_url: Option<String>,
}

impl From<Listed> for PermittedSourceView {
    fn from(listed: Listed) -> Self {
        Self {
            name: listed.name,
            category: listed.category,
            region: listed.region,
            homepage_url: listed.homepage_url,
        }
    }
}

page_of! {
    /// A page of the sources that an edition permits.
    PermittedSourcePage of PermittedSourceView
}

/// A published reprint to look at again, since an edition of the list dropped its source.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RegistryReview, example = json!({"id": "rrv_01900000000070008000000000000001",
    "edition_id": "reg_01900000000070008000000000000001", "source_id": "src_01900000000070008000000000000001",
    "article_id": "art_01900000000070008000000000000001", "reprint_at": "2026-03-01T00:00:00Z",
    "was_permitted": true, "due_at": "2026-05-01T00:00:00Z", "status": "open", "decision": null, "note": null,
    "resolved_at": null, "resolved_by": null, "created_at": "2026-04-20T08:00:00Z"}))]
pub struct RegistryReviewView {
    pub id: RegistryReviewId,
    pub edition_id: EditionId,
    pub source_id: SourceId,
    pub article_id: ArticleId,
    /// The time from which readers see it, as it was when the review was made.
    pub reprint_at: DateTime<Utc>,
    /// Whether it came out before the edition begins: then it stays by the list of its date. Else it
    /// was published, or is scheduled, for a time at which its source is not on the list.
    pub was_permitted: bool,
    /// When the edition comes into force.
    pub due_at: DateTime<Utc>,
    pub status: RegistryReviewStatus,
    #[schema(required = true)]
    pub decision: Option<RegistryDecision>,
    #[schema(required = true)]
    pub note: Option<String>,
    #[schema(required = true)]
    pub resolved_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub resolved_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
}

impl From<Review> for RegistryReviewView {
    fn from(review: Review) -> Self {
        let (status, was_permitted) = (review.status(), review.was_permitted());
        let resolved = review.resolution;
        Self {
            id: review.id,
            edition_id: review.edition,
            source_id: review.source,
            article_id: review.article,
            reprint_at: review.reprint_at,
            was_permitted,
            due_at: review.due_at,
            status,
            decision: resolved.as_ref().map(|it| it.resolution.decision),
            resolved_at: resolved.as_ref().map(|it| it.at),
            resolved_by: resolved.as_ref().and_then(|it| it.by),
            note: resolved.and_then(|it| it.resolution.note),
            created_at: review.created_at,
        }
    }
}

impl Outward for RegistryReviewView {}

page_of! {
    /// A page of the reviews.
    RegistryReviewPage of RegistryReviewView
}

/// What becomes of a reprint whose source left the list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"decision": "keep", "note": "By the list of its date."}))]
pub struct ResolveRegistryReviewInput {
    pub decision: RegistryDecision,
    /// Why. Needed with `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub note: Option<String>,
}

impl ResolveRegistryReviewInput {
    /// Checks what the schema cannot say.
    ///
    /// # Errors
    /// All faults.
    pub fn parse(&self) -> Result<Resolution, Vec<Fault>> {
        let mut faults = Faults::default();
        let note = self.note.as_deref().map(str::trim);
        let note = note
            .filter(|note| !note.is_empty())
            .map(|note| faults.prose("/note", note, 1..=2_000));
        if note.is_none() && self.decision == RegistryDecision::Other {
            faults.push("/note", "required", "another decision is told by its note");
        }
        faults.finish(Resolution {
            decision: self.decision,
            note,
        })
    }
}
