//! Walking the tree of sections. It stands here because more than one noun needs it, and
//! no noun may ask another one's store. Rows in, plain ids and names out; every walk is a
//! bounded number of queries.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::schema::sections;
use super::{Conn, DbError};

/// Most sections that a tree may hold.
pub const MOST_SECTIONS: i64 = 2_000;

/// Most levels that a tree may have; a section at the root is on the first.
pub const DEEPEST: usize = 8;

/// A section on somebody's way.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = sections)]
pub struct Step {
    pub id: String,
    pub slug: String,
    pub name: String,
    pub parent_id: Option<String>,
}

/// The way from the root to each of these sections, itself included, by id. A section
/// that is not there has no way. At most [`DEEPEST`] queries.
///
/// # Errors
/// A [`DbError`].
pub fn paths(conn: &mut Conn, ids: &[String]) -> Result<HashMap<String, Vec<Step>>, DbError> {
    let mut known: HashMap<String, Step> = HashMap::new();
    let mut wanted: HashSet<String> = ids.iter().cloned().collect();
    for _ in 0..DEEPEST {
        if wanted.is_empty() {
            break;
        }
        let level: Vec<Step> = sections::table
            .filter(sections::id.eq_any(wanted.drain().collect::<Vec<_>>()))
            .select(Step::as_select())
            .load(conn)?;
        let parents: Vec<String> = level
            .iter()
            .filter_map(|step| step.parent_id.clone())
            .collect();
        known.extend(level.into_iter().map(|step| (step.id.clone(), step)));
        wanted.extend(parents.into_iter().filter(|id| !known.contains_key(id)));
    }
    Ok(ids
        .iter()
        .filter(|id| known.contains_key(*id))
        .map(|id| (id.clone(), way(&known, id)))
        .collect())
}

fn way(known: &HashMap<String, Step>, id: &str) -> Vec<Step> {
    let mut way: Vec<Step> =
        std::iter::successors(known.get(id), |step| known.get(step.parent_id.as_deref()?))
            .take(DEEPEST)
            .cloned()
            .collect();
    way.reverse();
    way
}

/// The ids below a section, one list for each level, its children first. At most
/// [`DEEPEST`] queries.
///
/// # Errors
/// A [`DbError`].
pub fn levels_below(conn: &mut Conn, id: &str) -> Result<Vec<Vec<String>>, DbError> {
    let mut levels = Vec::new();
    let mut level = vec![id.to_owned()];
    for _ in 0..DEEPEST {
        level = sections::table
            .filter(sections::parent_id.eq_any(level))
            .order(sections::id.asc())
            .select(sections::id)
            .load(conn)?;
        if level.is_empty() {
            break;
        }
        levels.push(level.clone());
    }
    Ok(levels)
}

/// The ids of all sections below one, without itself. At most [`DEEPEST`] queries.
///
/// # Errors
/// A [`DbError`].
pub fn descendants(conn: &mut Conn, id: &str) -> Result<Vec<String>, DbError> {
    Ok(levels_below(conn, id)?.concat())
}
