//! The API, in process, on both engines. One binary: one link.

mod support;

mod access;
mod auth;
mod authors;
mod bad_input;
mod clients;
mod grants;
mod notices;
mod openapi;
mod sections;
mod settings;
mod sources;
mod users;
