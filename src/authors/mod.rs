//! Authors: the register of people that contributors and editors are chosen from.
//!
//! Start with [`model::Author`]. `real_name` and `contact` are for the desk only; the real
//! name leaves as the editor's name in a credit, and there alone.

pub mod model;
pub mod routes;
pub mod store;
pub mod view;
