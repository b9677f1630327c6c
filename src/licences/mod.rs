//! Licences: what we grant partners, over which works and until when.
//!
//! Start with [`model::Terms`]. What a licence means for a work is decided in `rights`.

pub mod model;
pub mod routes;
pub mod store;
pub mod view;
