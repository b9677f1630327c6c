//! Advisories: what each partner that was given a work is told when the work is corrected,
//! withdrawn or reinstated, open until it is acknowledged (rule 18).
//!
//! They are issued in the transaction of the action itself, by [`crate::db::advisories`]; this
//! noun keeps them, and must not hold a text of a work. Start with [`model::Advisory`].

pub mod model;
pub mod routes;
pub mod store;
pub mod view;
