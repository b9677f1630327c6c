//! The audit log: what comes into it, its chain, and how it is read.

mod chain;
mod command;
mod log;
mod readings;
mod writes;

use masthead::audit::model::Recorded;
use masthead::audit::store;

use crate::support::TestApp;

/// All events, in the order of their numbers.
fn events(app: &TestApp) -> Vec<Recorded> {
    app.db
        .read_now(|conn| store::after(conn, 0, 100_000, false))
        .expect("the log is read")
}
