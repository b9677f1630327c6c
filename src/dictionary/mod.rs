//! The newsroom's own dictionary: names and places that searches do not part into words.
//!
//! It bears on queries alone: what the index holds does not rest on any dictionary, so that a word is
//! of use at once. Start with [`model::Word`].

pub mod model;
pub mod routes;
pub mod store;
pub mod view;
