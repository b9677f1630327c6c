//! The audit log: who did what to which record, and a chain over it that shows tampering.
//!
//! `db::journal` writes the events, in the transaction of what they tell of. This noun reads
//! them, seals them afterwards ([`store::seal`]) and holds what stands against the seals
//! ([`store::verify`]). It must not write events but for its own reading, nor ever change one.
//!
//! Start with [`chain`].

pub mod chain;
pub mod model;
pub mod routes;
pub mod store;
pub mod view;
