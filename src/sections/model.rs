//! What a section is, and how a tree is made of them.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use crate::kernel::id::SectionId;

/// Slugs that stand for something else in addresses and filters.
pub const RESERVED: &[&str] = &["root", "tree"];

/// Highest position among siblings.
pub const LAST_POSITION: i64 = 1_000_000;

/// A section of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub id: SectionId,
    pub revision: i64,
    pub slug: String,
    pub name: String,
    pub parent_id: Option<SectionId>,
    pub position: i64,
    pub description: String,
    /// From the root to the section itself.
    pub breadcrumb: Vec<Crumb>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// One section on the way from the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    pub id: SectionId,
    pub slug: String,
    pub name: String,
}

/// What the desk says of a section, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Made from the name where it is not given.
    pub slug: Option<String>,
    pub name: String,
    pub parent_id: Option<SectionId>,
    /// Place among siblings.
    pub position: i64,
    pub description: String,
}

/// A section as a tree shows it, before it has a place there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    pub id: SectionId,
    pub slug: String,
    pub name: String,
    pub parent_id: Option<SectionId>,
    pub position: i64,
    pub description: String,
}

/// A section with everything below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub leaf: Leaf,
    pub children: Vec<Node>,
}

/// Makes the tree. Siblings keep the order in which they come.
pub fn grow(leaves: Vec<Leaf>) -> Vec<Node> {
    let mut by_parent: HashMap<Option<SectionId>, Vec<Leaf>> = HashMap::new();
    for leaf in leaves {
        by_parent.entry(leaf.parent_id).or_default().push(leaf);
    }
    below(None, &mut by_parent)
}

// Each list of siblings is taken out once, so this ends whatever the rows say.
fn below(
    parent: Option<SectionId>,
    by_parent: &mut HashMap<Option<SectionId>, Vec<Leaf>>,
) -> Vec<Node> {
    let siblings = by_parent.remove(&parent).unwrap_or_default();
    siblings
        .into_iter()
        .map(|leaf| Node {
            children: below(Some(leaf.id), by_parent),
            leaf,
        })
        .collect()
}

/// The first of `base`, `base-2`, `base-3` … that is neither taken nor reserved.
pub fn free_slug(base: &str, taken: &HashSet<String>) -> String {
    let is_free = |slug: &str| !taken.contains(slug) && !RESERVED.contains(&slug);
    let mut slug = base.to_owned();
    let mut n: u32 = 1;
    while !is_free(&slug) {
        n += 1;
        slug = format!("{base}-{n}");
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::{Id, Mint};

    fn leaf(id: SectionId, parent_id: Option<SectionId>, name: &str) -> Leaf {
        Leaf {
            id,
            slug: name.to_owned(),
            name: name.to_owned(),
            parent_id,
            position: 0,
            description: String::new(),
        }
    }

    #[test]
    fn a_tree_nests_and_keeps_the_order() {
        let mint = Mint::seeded(1);
        let ids: Vec<SectionId> = (0..4).map(|_| mint.id(DateTime::UNIX_EPOCH)).collect();
        let tree = grow(vec![
            leaf(ids[2], Some(ids[0]), "economy/markets"),
            leaf(ids[1], None, "sport"),
            leaf(ids[0], None, "economy"),
            leaf(ids[3], Some(ids[2]), "economy/markets/gold"),
        ]);
        let names = |nodes: &[Node]| -> Vec<String> {
            nodes.iter().map(|node| node.leaf.name.clone()).collect()
        };
        assert_eq!(names(&tree), ["sport", "economy"]);
        assert_eq!(names(&tree[1].children), ["economy/markets"]);
        assert_eq!(
            names(&tree[1].children[0].children),
            ["economy/markets/gold"]
        );
    }

    #[test]
    fn rows_that_contradict_each_other_end_nowhere() {
        let id = SectionId::from_uuid(uuid::Uuid::nil());
        assert_eq!(grow(vec![leaf(id, Some(id), "loop")]), []);
    }

    #[test]
    fn slugs_are_made_unique() {
        let taken: HashSet<String> = ["sport", "sport-2", "sport-4"].map(str::to_owned).into();
        for (base, slug) in [
            ("sport", "sport-3"),
            ("economy", "economy"),
            ("tree", "tree-2"),
            ("root", "root-2"),
        ] {
            assert_eq!(free_slug(base, &taken), slug, "{base}");
        }
    }
}
