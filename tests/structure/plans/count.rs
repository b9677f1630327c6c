//! How many queries a page of articles takes: a few, however long it is.

use diesel::connection::set_default_instrumentation;
use masthead::articles::search;
use masthead::articles::store::levels::Looked;
use masthead::articles::store::list::{By, Filter, Query, Reader};
use masthead::articles::store::search::{Order, Search};
use masthead::articles::store::works::Works;
use masthead::db::migrate;
use masthead::db::page::{Sort, Window};
use masthead::kernel::han::Lexicon;
use masthead::rights::{Audience, Channel, Use};

use super::{Recorder, now, recorded};
use crate::databases;

/// The name of the thread whose queries are counted.
pub const SUBJECT: &str = "counted";

/// Of a page whose works refer to nothing that is not in memory.
const MOST: usize = 4;

/// Of a page of hits in one order: three for each of the levels at which the public's texts are
/// searched, one more where the first look was not enough, and those of the page itself.
const MOST_OF_HITS: usize = 3 * 6 + MOST;

#[test]
fn a_page_takes_four_queries_however_long_it_is() {
    set_default_instrumentation(|| Some(Box::new(Recorder))).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .thread_name(SUBJECT)
        .build()
        .unwrap();
    for home in [Some(databases::sqlite()), databases::postgres()]
        .into_iter()
        .flatten()
    {
        let db = home.db();
        migrate::up(db).unwrap();
        masthead::seed::fill(db, 200, 1, |_| {}).unwrap();
        // Without the change feed nothing in memory is used.
        db.follow().unwrap();
        let queries = |works: &Works, limit: i64| {
            recorded(SUBJECT);
            let listed = works.list(newest(limit, false), now());
            let page = runtime.block_on(listed).unwrap();
            // With one more, which shows that there is a next page.
            assert_eq!(i64::try_from(page.works.len()), Ok(limit + 1));
            recorded(SUBJECT)
        };
        let first = |limit| queries(&Works::new(db.clone()), limit).len();
        assert_eq!(first(5), first(50), "nothing is in memory");
        let works = Works::new(db.clone());
        queries(&works, 100);
        for limit in [1, 50, 100] {
            let asked = queries(&works, limit);
            assert!((1..=MOST).contains(&asked.len()), "{asked:#?}");
        }
        let hits = |limit: i64, order: Order| {
            let query = search::Query::parse("市场", &Lexicon::default()).unwrap();
            let search = Search {
                list: newest(limit, true),
                looked: Looked {
                    query,
                    use_: Use {
                        audience: Audience::Public,
                        channel: Channel::Web,
                        territory: None,
                        holder: None,
                    },
                },
                order,
                facets: Vec::new(),
            };
            recorded(SUBJECT);
            let page = runtime.block_on(works.search(search, now())).unwrap();
            assert!(!page.works.is_empty());
            recorded(SUBJECT)
        };
        for (order, most) in [
            (Order::Newest, MOST_OF_HITS),
            (Order::Relevance, 2 * MOST_OF_HITS),
        ] {
            for limit in [1, 100] {
                let asked = hits(limit, order);
                assert!((1..=most).contains(&asked.len()), "{asked:#?}");
            }
        }
    }
}

/// The newest works that readers see.
fn newest(limit: i64, with_body: bool) -> Query {
    Query {
        reader: Reader::Outside,
        filter: Filter::default(),
        sort: Sort {
            by: By::PublishedAt,
            descending: true,
        },
        window: Window {
            limit,
            after: None,
            count: false,
        },
        with_body,
        looked: None,
    }
}
