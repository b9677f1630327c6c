//! Jobs: work that is too long for a request, done piece by piece, with its progress to be looked
//! at and a way to stop it.
//!
//! Must not know what the work is: whoever does it (see `bulk`) claims a job, does some of its
//! items and writes their outcome down, all in one transaction. Start with [`model::Job`].

pub mod model;
pub mod routes;
pub mod store;
pub mod view;

// What an operation answers that begins one.
pub use view::JobView;
