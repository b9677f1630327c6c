//! Partners: organisations to which we license works. A partner is never deleted, since the
//! ledger names it; it ends, and its keys and licences with it.
//!
//! Start with [`model::Partner`].

pub mod model;
pub mod routes;
pub mod store;
pub mod view;
