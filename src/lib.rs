//! Masthead: a headless CMS for newsrooms that cannot forget the credit.
//!
//! The modules stand in the order of their imports: each may use those above it.

pub mod kernel;

pub mod rights;

pub mod db;

pub mod config;

pub mod http;

pub mod keys;

pub mod advisories;
pub mod arrivals;
pub mod attestations;
pub mod audit;
pub mod authors;
pub mod changes;
pub mod claims;
pub mod clients;
pub mod deliveries;
pub mod dictionary;
pub mod grants;
pub mod jobs;
pub mod licences;
pub mod notices;
pub mod partners;
pub mod registry;
pub mod sections;
pub mod settings;
pub mod sources;
pub mod users;
pub mod webhooks;

pub mod articles;

pub mod backup;
pub mod bulk;
pub mod decisions;
pub mod demo;
pub mod following;
pub mod ingest;
pub mod mirror;
pub mod operations;
pub mod reprints;
pub mod search;
pub mod seed;
pub mod syndication;
pub mod transfer;

pub mod app;
pub mod command;
