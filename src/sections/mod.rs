//! Sections: the tree that a site is ordered by.
//!
//! Start with [`model::Section`]. A section knows its parent; its breadcrumb is computed
//! whenever it is read, so renaming or moving one changes that one record alone.

pub mod model;
pub mod routes;
pub mod store;
pub mod view;
