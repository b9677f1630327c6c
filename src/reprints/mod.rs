//! Reprint check: which articles a printed text derives from, what was altered, and whether the
//! credit, the title and the notices are there.
//!
//! All but [`check`], `looked`, [`routes`] and [`view`] is pure: texts in, findings out, without a database, a
//! request or a licence.
//! Every offset is in Unicode scalar values of the text that was given.
//!
//! Start with [`rank_candidates`] (which articles to look at), then [`compare`] and [`is_derived`];
//! [`Printed`] and [`credit`] for the credit line, [`title`] and [`notice`] for the rest.

mod candidates;
pub mod check;
mod credit;
mod looked;
mod notice;
mod overlap;
mod printed;
pub mod routes;
mod title;
mod verdict;
pub mod view;

pub use candidates::{Candidate, MAX_CANDIDATES, rank_candidates};
pub use credit::{CreditPrint, credit};
pub use notice::{NoticePrint, notice};
pub use overlap::{Alteration, AlterationKind, Overlap, Passage, Run, compare};
pub use printed::Printed;
pub use title::{TitlePrint, title};
pub use verdict::is_derived;

#[cfg(test)]
mod tests;
