//! Settings: what the site is called and how it shows itself. One record, made by the
//! first migration.
//!
//! Start with [`model::Settings`].

pub mod model;
pub mod routes;
pub mod store;
pub mod view;
