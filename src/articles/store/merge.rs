//! Lists of several sections in the order of publication. An index holds that order within each
//! section; over all of them at once the engine would sort whatever they hold. So each section is
//! asked for its page, and the page of all is taken from these.

use std::cmp::Reverse;

use super::list::{By, Query, instant};
use crate::db::page::Mark;

/// Sections that are asked one by one at most; with more, the engine sorts.
const MOST: usize = 64;

/// The groups of sections that are asked for a page each.
pub(super) fn parts<'a>(
    sections: &'a [String],
    query: &Query,
) -> impl Iterator<Item = &'a [String]> + use<'a> {
    let is_apart = query.sort.by == By::PublishedAt && sections.len() <= MOST;
    let size = if is_apart { 1 } else { sections.len().max(1) };
    sections.chunks(size)
}

/// The page of all, from the pages of each group.
pub(super) fn first(mut marks: Vec<Mark>, query: &Query) -> Vec<Mark> {
    if query.sort.by == By::PublishedAt {
        match query.sort.descending {
            true => marks.sort_by_cached_key(|mark| Reverse((instant(&mark.key), mark.id.clone()))),
            false => marks.sort_by_cached_key(|mark| (instant(&mark.key), mark.id.clone())),
        }
        marks.truncate(usize::try_from(query.window.fetch()).unwrap_or(usize::MAX));
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::articles::store::list::{Filter, Reader};
    use crate::db::page::{Sort, Window};

    fn query(by: By, descending: bool) -> Query {
        Query {
            reader: Reader::Outside,
            filter: Filter::default(),
            sort: Sort { by, descending },
            window: Window {
                limit: 2,
                after: None,
                count: false,
            },
            with_body: false,
            looked: None,
        }
    }

    fn marks(of: &[(&str, &str)]) -> Vec<Mark> {
        let mark = |(key, id): &(&str, &str)| Mark {
            key: (*key).to_owned(),
            id: (*id).to_owned(),
        };
        of.iter().map(mark).collect()
    }

    #[test]
    fn a_page_of_all_is_what_one_list_would_begin_with() {
        // Times are numbers: 999 comes before 1000. Of one time, ids tell apart.
        let pages = marks(&[
            ("1000", "b"),
            ("999", "a"),
            ("1000", "c"),
            ("5", "d"),
            ("-7", "e"),
        ]);
        let ids = |descending| -> String {
            first(pages.clone(), &query(By::PublishedAt, descending))
                .into_iter()
                .map(|mark| mark.id)
                .collect()
        };
        assert_eq!(ids(true), "cba");
        assert_eq!(ids(false), "eda");
    }

    #[test]
    fn only_what_an_index_orders_is_asked_in_parts() {
        let some: Vec<String> = (0..3).map(|n| n.to_string()).collect();
        let many: Vec<String> = (0..MOST + 1).map(|n| n.to_string()).collect();
        let parts = |by, of: &[String]| parts(of, &query(by, true)).count();
        assert_eq!(parts(By::PublishedAt, &some), 3);
        assert_eq!(parts(By::PublishedAt, &many), 1);
        assert_eq!(parts(By::Title, &some), 1);
        assert_eq!(parts(By::PublishedAt, &[]), 0);
    }
}
