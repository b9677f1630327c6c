//! Searching articles: which pieces of a text the index holds ([`tokens`]), what a search asks for
//! ([`query`]), and the place that is shown of a hit ([`snippet`]). Pure.
//!
//! The index holds every pair of neighbouring Chinese characters and every other word, each with
//! its place. A Chinese word, name or phrase of any length is then a row of pairs: found wherever it
//! stands, whether a dictionary knows it or not. A dictionary says only where the words of a query
//! part. Must not know an engine's tables; what the engines are told is made here, so that both are
//! told the same.

pub mod facets;
pub mod query;
pub mod snippet;
#[cfg(test)]
mod tests;
pub mod tokens;

pub use query::{Dialect, Field, Level, Query, Unfit};
pub use tokens::Texts;
