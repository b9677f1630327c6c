//! Inbound grants: what a source allows us, axis by axis, over a period. For the desk only.
//!
//! Start with [`model::Terms`]. What a grant means for a work is decided in `rights`.

pub mod model;
pub mod routes;
pub mod store;
pub mod view;
