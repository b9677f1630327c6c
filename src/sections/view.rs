//! Sections on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Crumb, Draft, LAST_POSITION, Node, RESERVED, Section};
use crate::http::page::page_of;
use crate::http::reply::Outward;
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::SectionId;
use crate::kernel::text::is_slug;

/// A section, as the desk writes it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"slug": "economy", "name": "Economy", "position": 10, "description": "Trade, work and money."}))]
pub struct SectionInput {
    /// Name in addresses. Made from the name where it is left out or null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub slug: Option<String>,
    /// Name as printed.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// The section above; none for one at the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<SectionId>,
    /// Place among its siblings, lowest first.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000, default = 0)]
    pub position: i64,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub description: String,
}

impl SectionInput {
    /// Checks what the schema cannot say.
    ///
    /// # Errors
    /// All faults.
    pub fn parse(&self) -> Result<Draft, Vec<Fault>> {
        let mut faults = Faults::default();
        if let Some(slug) = &self.slug {
            if !is_slug(slug) {
                let detail = "must be words of a-z and 0-9 with single hyphens between them";
                faults.push("/slug", "pattern", detail);
            } else if RESERVED.contains(&slug.as_str()) {
                faults.push(
                    "/slug",
                    "reserved",
                    "stands for something else in addresses",
                );
            }
        }
        if !(0..=LAST_POSITION).contains(&self.position) {
            let detail = format!("must be a whole number from 0 to {LAST_POSITION}");
            faults.push("/position", "range", detail);
        }
        let draft = Draft {
            slug: self.slug.clone(),
            name: faults.line("/name", &self.name, 1..=200),
            parent_id: self.parent_id,
            position: self.position,
            description: faults.prose("/description", &self.description, 0..=2000),
        };
        faults.finish(draft)
    }
}

impl From<&Section> for SectionInput {
    fn from(section: &Section) -> Self {
        Self {
            slug: Some(section.slug.clone()),
            name: section.name.clone(),
            parent_id: section.parent_id,
            position: section.position,
            description: section.description.clone(),
        }
    }
}

/// One section on the way from the root.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Crumb, example = json!({"id": "sec_01900000000070008000000000000001", "slug": "economy", "name": "Economy"}))]
pub struct CrumbView {
    pub id: SectionId,
    pub slug: String,
    pub name: String,
}

impl From<Crumb> for CrumbView {
    fn from(Crumb { id, slug, name }: Crumb) -> Self {
        Self { id, slug, name }
    }
}

/// A section of the site.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Section, example = json!({"id": "sec_01900000000070008000000000000001", "slug": "economy", "name": "Economy", "position": 10, "description": "Trade, work and money.", "breadcrumb": [{"id": "sec_01900000000070008000000000000001", "slug": "economy", "name": "Economy"}], "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}))]
pub struct SectionView {
    pub id: SectionId,
    /// Name in addresses.
    pub slug: String,
    /// Name as printed.
    pub name: String,
    /// The section above; a section at the root has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub parent_id: Option<SectionId>,
    /// Place among its siblings, lowest first.
    pub position: i64,
    pub description: String,
    /// From the root to the section itself.
    pub breadcrumb: Vec<CrumbView>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl SectionView {
    pub fn of(section: Section) -> Self {
        Self {
            id: section.id,
            slug: section.slug,
            name: section.name,
            parent_id: section.parent_id,
            position: section.position,
            description: section.description,
            breadcrumb: section
                .breadcrumb
                .into_iter()
                .map(CrumbView::from)
                .collect(),
            created_at: section.created_at,
            updated_at: section.updated_at,
        }
    }
}

impl Outward for SectionView {}

page_of! {
    /// A page of sections.
    SectionPage of SectionView
}

/// A section with everything below it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"id": "sec_01900000000070008000000000000001", "slug": "economy", "name": "Economy", "position": 10, "description": "Trade, work and money.", "children": []}))]
pub struct SectionNode {
    pub id: SectionId,
    pub slug: String,
    pub name: String,
    pub position: i64,
    pub description: String,
    /// The sections right below, by position.
    #[schema(no_recursion)]
    pub children: Vec<SectionNode>,
}

impl From<Node> for SectionNode {
    fn from(Node { leaf, children }: Node) -> Self {
        Self {
            id: leaf.id,
            slug: leaf.slug,
            name: leaf.name,
            position: leaf.position,
            description: leaf.description,
            children: children.into_iter().map(Self::from).collect(),
        }
    }
}

/// The whole tree of sections.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"data": [{"id": "sec_01900000000070008000000000000001", "slug": "economy", "name": "Economy", "position": 10, "description": "Trade, work and money.", "children": []}]}))]
pub struct SectionTree {
    /// The sections at the root, by position.
    pub data: Vec<SectionNode>,
}

impl Outward for SectionTree {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_faults_come_at_once() {
        let input = SectionInput {
            slug: Some("tree".to_owned()),
            name: " \u{200B}".to_owned(),
            parent_id: None,
            position: -1,
            description: "a\u{7}".to_owned(),
        };
        let faults = input.parse().unwrap_err();
        let told: Vec<(&str, &str)> = faults
            .iter()
            .map(|fault| (fault.pointer.as_str(), fault.code))
            .collect();
        assert_eq!(
            told,
            [
                ("/slug", "reserved"),
                ("/position", "range"),
                ("/name", "unsafe_character"),
                ("/description", "unsafe_character"),
            ]
        );
    }

    #[test]
    fn the_schema_and_the_parse_agree_on_slugs() {
        for (slug, code) in [
            ("Economy", "pattern"),
            ("a--b", "pattern"),
            ("root", "reserved"),
        ] {
            let input = SectionInput {
                slug: Some(slug.to_owned()),
                name: "Economy".to_owned(),
                parent_id: None,
                position: 0,
                description: String::new(),
            };
            assert_eq!(input.parse().unwrap_err()[0].code, code, "{slug}");
        }
    }
}
