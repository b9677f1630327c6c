//! Attestations: signed statements that bind a partner, a licence, a version and its credit
//! (rule 22). Who holds one can have it checked here, or without asking anyone by the public
//! keys of the site.
//!
//! Start with [`model::Subject`] (what a statement is about), then [`signer`] (who makes and
//! checks them). Statements are kept for good: they are evidence.

pub mod model;
pub mod routes;
pub mod signer;
pub mod store;
pub mod token;
pub mod view;
