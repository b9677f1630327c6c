//! Licensing notices: what the site says about the use of own works and reprints, and whom to
//! turn to. Texts come in revisions that never change; the one in force at an instant is given out.
//!
//! Start with [`model::in_force`].

pub mod model;
pub mod routes;
pub mod store;
pub mod view;
