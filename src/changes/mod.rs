//! What each API client is told of the works that it may read: a log of its own, in one order,
//! without gaps. It begins when the client first asks, and is brought forward from there by the
//! capability `following`, which compares what the client was last told with what it may have now.
//!
//! The log's numbers are its own and are not shown: nothing in it counts what the client cannot
//! see (rule 19). No entry has a text of a work (rules 1 and 12). Start with [`model::Entry`], then
//! [`model::tell`].

pub mod model;
pub mod store;
