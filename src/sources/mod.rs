//! Sources: where works come from, the site itself included.
//!
//! Start with [`model::Profile`]. A name means one source: its name, credit label, aliases and
//! official forms belong to no other. What a source allows us stands in `grants`.

pub mod model;
pub mod routes;
pub mod store;
pub mod view;
