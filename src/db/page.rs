//! Keyset windows: which part of a sorted list a query takes.

/// Which part of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Items on a page, 1 to 100.
    pub limit: i64,
    /// Where the page before ended.
    pub after: Option<Mark>,
    /// Whether the total is asked for.
    pub count: bool,
}

impl Window {
    /// One more than asked for: whether there is a next page costs no second query.
    pub fn fetch(&self) -> i64 {
        self.limit + 1
    }
}

/// A place in a sorted list: the value of the sort column as text, and the id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub key: String,
    pub id: String,
}

/// A sort order: a column, and a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort<C> {
    pub by: C,
    pub descending: bool,
}

/// How nouns of the catalogue are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Catalogue {
    /// In the order in which they were made: ids sort by time.
    Created,
    /// By name, folded and by pinyin.
    Name,
}

/// Cuts a boxed query to a window in the order of a key column, ties broken by id.
/// The bound on the key alone lets the index seek; the rest settles ties.
macro_rules! keyset {
    ($query:expr, $window:expr, $descending:expr, $key:expr, $value:expr, $id:expr) => {{
        let query = $query.limit($window.fetch());
        match ($descending, $window.after.as_ref()) {
            (false, None) => query.order(($key.asc(), $id.asc())),
            (true, None) => query.order(($key.desc(), $id.desc())),
            (false, Some(mark)) => query
                .filter(
                    $key.ge($value)
                        .and($key.gt($value).or($id.gt(mark.id.clone()))),
                )
                .order(($key.asc(), $id.asc())),
            (true, Some(mark)) => query
                .filter(
                    $key.le($value)
                        .and($key.lt($value).or($id.lt(mark.id.clone()))),
                )
                .order(($key.desc(), $id.desc())),
        }
    }};
}
pub(crate) use keyset;

/// Cuts a boxed query to a window in the order of its unique key alone, which a mark holds
/// as `$id`.
macro_rules! id_page {
    ($query:expr, $window:expr, $descending:expr, $column:expr, $id:expr) => {{
        let query = $query.limit($window.fetch());
        match ($descending, $window.after.is_some()) {
            (false, false) => query.order($column.asc()),
            (true, false) => query.order($column.desc()),
            (false, true) => query.filter($column.gt($id)).order($column.asc()),
            (true, true) => query.filter($column.lt($id)).order($column.desc()),
        }
    }};
}
pub(crate) use id_page;

/// [`keyset!`] for a noun of the catalogue: by id, or by name and id.
macro_rules! catalogue_page {
    ($query:expr, $window:expr, $sort:expr, $table:ident) => {{
        use $crate::db::page::Catalogue;
        let (key, id) = $window
            .after
            .clone()
            .map(|mark| (mark.key, mark.id))
            .unwrap_or_default();
        match $sort.by {
            Catalogue::Created => {
                $crate::db::page::id_page!($query, $window, $sort.descending, $table::id, id)
            }
            Catalogue::Name => $crate::db::page::keyset!(
                $query,
                $window,
                $sort.descending,
                $table::name_key,
                key.clone(),
                $table::id
            ),
        }
    }};
}
pub(crate) use catalogue_page;
