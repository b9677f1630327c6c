//! What comes in from outside, as it came: legacy pages and wires, read ([`page`], [`damage`], [`wires`])
//! and kept once each ([`store`]).
//!
//! Must not make articles of it: that is the capability `ingest`.

pub mod damage;
pub mod page;
pub mod store;
pub mod wires;
