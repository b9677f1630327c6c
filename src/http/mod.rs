//! The outer wall: requests in, answers out. Knows no noun.
//!
//! Start with [`context::Cx`] (what a handler gets), [`reply::Reply`] (what it gives) and
//! [`problem::Problem`] (what it says when it cannot).

mod accept;
pub mod auth;
pub mod body;
mod coding;
pub mod conditional;
pub mod context;
pub mod edge;
pub mod events;
mod express;
pub mod identity;
pub mod ledger;
pub mod limits;
pub mod metrics;
pub mod openapi;
pub mod page;
pub mod params;
mod path;
pub mod problem;
pub mod ready;
pub mod reply;
pub mod schemas;
pub mod script;
pub mod settle;
pub mod signals;
