//! Webhooks: the log of one API client, pushed to an address of its own by the Standard Webhooks
//! specification.
//!
//! What is told comes from outside: [`store::feed::Feed`] says what is asked of a client's log, and
//! `app` joins the two. An entry becomes a message in the transaction that moves the webhook's
//! position, and stays in the outbox until its receiver has taken it. Start with [`model::Webhook`], then
//! [`store::pump`] (from the log into the outbox), [`store::outbox`] (whose turn it is) and [`sender`].

pub mod address;
pub mod model;
pub mod routes;
pub mod schedule;
pub mod secrets;
pub mod sender;
pub mod signature;
pub mod store;
pub mod transport;
pub mod view;
