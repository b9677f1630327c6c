//! Bulk: one action on many articles. Works across nouns: it is asked for as a job, its items are
//! the operations on articles, and each is carried out in the name of whoever asked.
//!
//! Must not have rules of its own about articles: what an action may and does is the single
//! operation's. Start with [`action::Action`]; [`work`] does the items.

pub mod action;
pub mod routes;
pub mod view;
pub mod work;
