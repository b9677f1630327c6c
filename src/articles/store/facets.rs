//! How many hits a search has, and how they part by section, source and year.

use std::collections::HashMap;

use chrono::{DateTime, Datelike as _, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::search::Asked;
use crate::articles::search::facets::{Facet, Value};
use crate::db::schema::{article_listings as listings, sections, sources};
use crate::db::{Conn, StoreError};
use crate::kernel::time::{from_db, unless_never};

/// Values of a facet that are told: those with the most hits.
const MOST_VALUES: usize = 50;

impl Asked<'_> {
    /// How many there are, and how they part, where that was asked for.
    #[expect(clippy::type_complexity, reason = "the two are read in one pass")]
    pub(super) fn told(
        &self,
        conn: &mut Conn,
    ) -> Result<(Option<i64>, Vec<(Facet, Vec<Value>)>), StoreError> {
        let (count, facets) = (self.search.list.window.count, &self.search.facets);
        if !count && facets.is_empty() {
            return Ok((None, Vec::new()));
        }
        let condition = self.looker.found(self.dialect, &self.search.looked.query);
        let found = self.matching().filter(condition);
        if facets.is_empty() {
            return Ok((Some(found.count().get_result(conn)?), Vec::new()));
        }
        let mut tallies: HashMap<(Facet, String), i64> = HashMap::new();
        let mut total = 0;
        // Row by row: the hits may be many.
        let rows = found
            .select((
                listings::section_id,
                listings::source_id,
                listings::visible_from,
            ))
            .load_iter::<(Option<String>, Option<String>, NaiveDateTime), _>(conn)?;
        for row in rows {
            let (section, source, from) = row?;
            total += 1;
            for facet in facets {
                let value = match facet {
                    Facet::Section => section.clone(),
                    Facet::Source => source.clone(),
                    Facet::Year => self.year(from_db(from)),
                };
                if let Some(value) = value {
                    *tallies.entry((*facet, value)).or_default() += 1;
                }
            }
        }
        let facets = facets
            .iter()
            .map(|facet| Ok((*facet, named(conn, *facet, &tallies)?)))
            .collect::<Result<_, StoreError>>()?;
        Ok((count.then_some(total), facets))
    }

    fn year(&self, from: DateTime<Utc>) -> Option<String> {
        let from = unless_never(from)?;
        let year = from.with_timezone(&self.looker.site.time_zone).year();
        Some(year.to_string())
    }
}

/// The values of one facet that have the most hits, with their names.
fn named(
    conn: &mut Conn,
    facet: Facet,
    tallies: &HashMap<(Facet, String), i64>,
) -> Result<Vec<Value>, StoreError> {
    let mut values: Vec<Value> = tallies
        .iter()
        .filter(|((of, _), _)| *of == facet)
        .map(|((_, value), count)| Value {
            value: value.clone(),
            slug: None,
            name: None,
            count: *count,
        })
        .collect();
    values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    values.truncate(MOST_VALUES);
    let ids: Vec<String> = values.iter().map(|value| value.value.clone()).collect();
    let names: HashMap<String, (Option<String>, String)> = match facet {
        Facet::Section => sections::table
            .filter(sections::id.eq_any(ids))
            .select((sections::id, sections::slug, sections::name))
            .load::<(String, String, String)>(conn)?
            .into_iter()
            .map(|(id, slug, name)| (id, (Some(slug), name)))
            .collect(),
        Facet::Source => sources::table
            .filter(sources::id.eq_any(ids))
            .select((sources::id, sources::name))
            .load::<(String, String)>(conn)?
            .into_iter()
            .map(|(id, name)| (id, (None, name)))
            .collect(),
        Facet::Year => HashMap::new(),
    };
    for value in &mut values {
        if let Some((slug, name)) = names.get(&value.value) {
            value.slug.clone_from(slug);
            value.name = Some(name.clone());
        }
    }
    Ok(values)
}
