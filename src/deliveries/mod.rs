//! The ledger: one row for each body given to a partner, what licences have given on a day, and
//! reports of it.
//!
//! Start with [`model::Recorded`]; [`ledger::Writer`] is how rows get in, [`model::Standing`]
//! what is checked once more before they do.

pub mod ledger;
pub mod model;
pub mod routes;
pub mod store;
pub mod view;
