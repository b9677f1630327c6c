//! A database that was filled for measuring is like any other: its indexes are there again.

use masthead::db::migrate;

use crate::databases;

#[test]
fn what_was_filled_has_all_its_indexes() {
    for home in [Some(databases::sqlite()), databases::postgres()]
        .into_iter()
        .flatten()
    {
        migrate::up(home.db()).unwrap();
        let before = home.tables();
        masthead::seed::fill(home.db(), 40, 1, |_| {}).unwrap();
        assert_eq!(home.tables(), before);
    }
}
