//! The API, in process, on both engines. One binary: one link.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test a panic is the failure we want"
)]

mod support;
mod syndication;

mod access;
mod advisories;
mod articles;
mod attestations;
mod audit;
mod auth;
mod authors;
mod backup;
mod bad_input;
mod bulk;
mod changes;
mod claims;
mod clients;
mod deliveries;
mod feed;
mod grants;
mod ingest;
mod jobs;
mod licences;
mod licensing;
mod mirror;
mod notices;
mod openapi;
mod operations;
mod partners;
mod ready;
mod registry;
mod replica;
mod reprints;
mod rulebook;
mod search;
mod sections;
mod settings;
mod shapes;
mod sources;
mod stopping;
mod transfer;
mod users;
mod webhooks;
mod writes;
