//! Keyset pages. A cursor holds the sort value and id of the last item, a version, and a
//! hash of the list it belongs to; nothing in it counts what the reader cannot see.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::params::{Params, bad};
use super::problem::{Kind, Problem};
use crate::db::page::{Catalogue, Mark, Sort, Window};
use crate::kernel::text::sha256_hex;

/// The page asked for, and the list that its cursors are bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    pub window: Window,
    bound: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cursor {
    v: u8,
    b: String,
    k: String,
    i: String,
}

/// Version of the cursor's form.
const VERSION: u8 = 1;

/// Reads `sort`, such as `-published_at`.
///
/// # Errors
/// 400 for another word, naming those known.
pub fn sort<C: Copy>(
    params: &Params,
    known: &[(&str, C)],
    default: Sort<C>,
) -> Result<Sort<C>, Problem> {
    let Some(word) = params.one("sort")? else {
        return Ok(default);
    };
    let (name, descending) = match word.strip_prefix('-') {
        Some(name) => (name, true),
        None => (word, false),
    };
    known
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, by)| Sort {
            by: *by,
            descending,
        })
        .ok_or_else(|| {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            let names = names.join(", ");
            bad(
                "sort",
                "choice",
                format!("knows no such order; known are: {names}, each with - for descending"),
            )
        })
}

/// [`sort`] for nouns of the catalogue: by `created_at` or `name`.
///
/// # Errors
/// 400 for another order.
pub fn catalogue_sort(params: &Params) -> Result<Sort<Catalogue>, Problem> {
    sort(
        params,
        &[
            ("created_at", Catalogue::Created),
            ("name", Catalogue::Name),
        ],
        Sort {
            by: Catalogue::Created,
            descending: false,
        },
    )
}

/// [`sort`] for lists in the order of making only; whether it is descending.
///
/// # Errors
/// 400 for another order.
pub fn created_sort(params: &Params) -> Result<bool, Problem> {
    let default = Sort {
        by: (),
        descending: false,
    };
    Ok(sort(params, &[("created_at", ())], default)?.descending)
}

impl Paging {
    /// Reads `limit`, `cursor` and `count`. `route` is the path pattern.
    ///
    /// # Errors
    /// 400 for a limit out of range and for a cursor of another list.
    pub fn read(params: &Params, route: &str) -> Result<Self, Problem> {
        let limit = match params.one("limit")? {
            None => 20,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=100).contains(limit))
                .ok_or_else(|| bad("limit", "range", "must be a whole number from 1 to 100"))?,
        };
        let count = params
            .word("count", |word| (word == "exact").then_some(()), "exact")?
            .is_some();
        let bound = sha256_hex(format!("{route}{:?}", params.bound()).as_bytes())
            .chars()
            .take(16)
            .collect::<String>();
        let after = params
            .one("cursor")?
            .map(|cursor| open(cursor, &bound))
            .transpose()?;
        Ok(Self {
            window: Window {
                limit,
                after,
                count,
            },
            bound,
        })
    }

    /// Cuts the one item too many that tells whether there is more, and makes the page's
    /// description. `rows` holds up to `limit + 1` items.
    pub fn close<T>(
        &self,
        mut rows: Vec<T>,
        total: Option<i64>,
        mark: impl Fn(&T) -> Mark,
    ) -> (Vec<T>, PageInfo) {
        let limit = usize::try_from(self.window.limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows
            .last()
            .filter(|_| has_more)
            .map(|last| self.seal(mark(last)));
        let info = PageInfo {
            next_cursor,
            has_more,
            total,
        };
        (rows, info)
    }

    fn seal(&self, mark: Mark) -> String {
        let cursor = Cursor {
            v: VERSION,
            b: self.bound.clone(),
            k: mark.key,
            i: mark.id,
        };
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
    }
}

fn open(cursor: &str, bound: &str) -> Result<Mark, Problem> {
    let unfit =
        || Problem::new(Kind::BadCursor).parameter("cursor", "cursor", "does not fit this list");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| unfit())?;
    let cursor: Cursor = serde_json::from_slice(&bytes).map_err(|_| unfit())?;
    if cursor.v != VERSION
        || cursor.b != bound
        || cursor.k.contains('\0')
        || cursor.i.contains('\0')
    {
        return Err(unfit());
    }
    Ok(Mark {
        key: cursor.k,
        id: cursor.i,
    })
}

/// A 400 for a cursor whose key cannot be read as its column's type.
pub fn unfit_cursor() -> Problem {
    Problem::new(Kind::BadCursor).parameter("cursor", "cursor", "does not fit this list")
}

/// Where a page stands in its list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"next_cursor": null, "has_more": false}))]
pub struct PageInfo {
    /// Give it as `cursor` for the next page; null on the last one.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
    pub has_more: bool,
    /// How many there are in all, where `count=exact` asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total: Option<i64>,
}

/// Parameters of every list. Only documents them: [`Paging::read`] reads them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
pub struct PageParams {
    /// Items on a page.
    #[param(required = false, minimum = 1, maximum = 100, default = 20)]
    limit: i64,
    /// `page.next_cursor` of the page before.
    #[param(required = false)]
    cursor: String,
    /// `exact` adds `page.total`.
    #[param(required = false, pattern = "^exact$")]
    count: String,
}

/// The order of catalogue lists. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
pub struct CatalogueSortParams {
    /// `created_at` or `name`, with `-` for descending.
    #[param(
        required = false,
        pattern = "^-?(created_at|name)$",
        default = "created_at"
    )]
    sort: String,
}

/// The order of lists that know one. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
pub struct CreatedSortParams {
    /// `created_at`, with `-` for descending.
    #[param(required = false, pattern = "^-?created_at$", default = "created_at")]
    sort: String,
}

/// Declares a page of a noun as a named type, so that the document names it too.
macro_rules! page_of {
    ($(#[$doc:meta])* $name:ident of $item:ty) => {
        $(#[$doc])*
        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            pub data: Vec<$item>,
            pub page: $crate::http::page::PageInfo,
        }

        impl $crate::http::reply::Outward for $name {
            fn next_cursor(&self) -> Option<&str> {
                self.page.next_cursor.as_deref()
            }
        }
    };
}
pub(crate) use page_of;
