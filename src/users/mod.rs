//! Users: the people of the newsroom, how they sign in, and their sessions.
//!
//! Start with [`model::User`]; then [`tokens`] (what a request proves who calls with),
//! [`sessions`] (what a sign-in leaves in the database) and [`passwords`] (how a password is
//! kept). No password or token ever comes out, neither in an answer nor in the journal nor in
//! the log.

pub mod model;
pub mod passwords;
pub mod routes;
pub mod sessions;
pub mod store;
pub mod tokens;
pub mod view;
