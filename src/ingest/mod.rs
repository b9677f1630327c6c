//! Taking texts in: legacy pages and wires become drafts, with a report of what was read, what is
//! damaged and what is in doubt.
//!
//! Nothing is invented on the way: what a page does not say stays empty, an unknown source is never
//! taken for the newsroom's own, and damage that cannot be repaired with certainty is told and left.
//! What came is read and kept by [`crate::arrivals`]; [`compose`] and [`item`] make drafts of it,
//! [`take`] and [`wired`] keep them. Start with [`take::prepare`].

pub mod compose;
pub mod files;
pub mod item;
mod markup;
pub mod registers;
pub mod routes;
pub mod take;
mod terms;
pub mod view;
pub mod wired;
