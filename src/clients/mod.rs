//! Clients: API keys of frontends, partners and crawlers.
//!
//! Start with [`model::Client`], then [`keys`] (what a key is, and how a request's key is
//! looked up). A key is shown once, when it is made; only its hash is kept.

pub mod keys;
pub mod model;
pub mod routes;
pub mod store;
pub mod view;
