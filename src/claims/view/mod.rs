//! Claims on the wire: what claimants say in [`input`], what the desk says in [`moves`], what it
//! sees in [`desk`], what a claimant sees in [`claimant`], numbers in [`report`].
//!
//! Texts of claims are texts: nothing in them is ever markup.

pub mod claimant;
pub mod desk;
pub mod input;
pub mod moves;
pub mod report;
