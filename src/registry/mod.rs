//! The registry: dated editions of the state's list of sources that may be reprinted, and the
//! reviews that a delisting leaves to the desk.
//!
//! An edition is never changed, and it changes no article: what was published by the list of its
//! date stays published. Start with [`model::Draft`]; [`sheet`] reads a list that comes as CSV.

pub mod model;
pub mod routes;
pub mod sheet;
pub mod store;
pub mod view;
