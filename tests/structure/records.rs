//! Every write is on record: who opens a write transaction puts something into the journal, or
//! stands here with a reason. `tests/api/audit/writes.rs` asks the same of the operations.

use std::collections::BTreeSet;

use crate::source::{Source, all};

/// Files that write without a line of their own in the journal, and why.
const WITHOUT: &[(&str, &str)] = &[
    // The index of texts is made from what is on record.
    ("src/articles/store/reindex.rs", "the index"),
    // A statement is itself the record of what was licensed, kept word for word.
    ("src/attestations/signer.rs", "keeps signed statements"),
    // A seal is no event: sealing would never end.
    ("src/audit/store/seal.rs", "seals"),
    // The stores of jobs and of articles put on record what is begun and each thing that is done.
    ("src/bulk/routes.rs", "by jobs::store"),
    ("src/bulk/work.rs", "by articles::store::write"),
    // The ledger is itself the record, row by row.
    ("src/deliveries/store/record.rs", "the ledger"),
    // A client's log is made from what is on record.
    ("src/following/advance.rs", "clients' logs"),
    // The store of articles puts on record what is made of what comes in.
    ("src/ingest/files.rs", "by articles::store::write"),
    ("src/ingest/routes.rs", "by articles::store::write"),
    // The store beside them puts keys on record.
    ("src/keys/ring.rs", "by keys::store"),
    ("src/keys/rotation.rs", "by keys::store"),
    // The store of jobs puts on record that the index is made again.
    ("src/search/routes.rs", "by jobs::store"),
    ("src/search/work.rs", "the index"),
    // What was sent when, and what came of it, is itself a log; old lines of it go.
    ("src/webhooks/store/outbox.rs", "the delivery log"),
    ("src/webhooks/store/log.rs", "the delivery log"),
    // The store of articles puts them on record; what they refer to is content for measuring.
    ("src/seed/mod.rs", "by articles::store::bulk"),
];

/// Whether the source opens a write transaction, and whether it puts something on record.
fn writes(source: &Source) -> (bool, bool) {
    let called = |receiver: &str, method: &str| {
        (0..source.tokens.len()).any(|at| {
            !source.is_test(&source.tokens[at])
                && source.starts_with(at, &[receiver, ".", method, "("])
                // Without an argument it is a lock's.
                && !source.starts_with(at + 4, &[")"])
        })
    };
    let any =
        |receiver: &str, methods: [&str; 3]| methods.iter().any(|method| called(receiver, method));
    (
        any("db", ["write", "write_now", "write_once"])
            || any(")", ["write", "write_now", "write_once"]),
        any("tx", ["record", "record_all", "audit"]),
    )
}

/// Who writes and puts nothing on record.
fn silent(sources: &[Source]) -> BTreeSet<String> {
    sources
        .iter()
        .filter(|source| source.module.first().is_none_or(|name| name != "db"))
        .filter(|source| writes(source) == (true, false))
        .map(|source| source.name.clone())
        .collect()
}

#[test]
fn who_writes_puts_it_on_record() {
    let known: BTreeSet<String> = WITHOUT.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(
        silent(&all()),
        known,
        "who writes without a line in the journal has changed: see that nothing is left out, then change WITHOUT"
    );
}

#[test]
fn a_silent_write_is_caught() {
    let of = |code: &str| silent(&[Source::of("src/authors/store.rs", code)]).len();
    assert_eq!(
        of("async fn f(db: &Db) { db.write(cx, move |tx| tx.conn) }"),
        1
    );
    assert_eq!(
        of("fn f(cx: &Cx) { cx.db().write_once(write, |tx| g(tx)) }"),
        1
    );
    assert_eq!(
        of("fn f(db: &Db) { db.write(cx, |tx| tx.record(entry)) }"),
        0
    );
    assert_eq!(of("fn f(ring: &RwLock<A>) { ring.db.write().x() }"), 0);
    assert_eq!(
        of("#[cfg(test)] mod tests { fn f(db: &Db) { db.write(cx, |tx| g(tx)) } }"),
        0
    );
}
