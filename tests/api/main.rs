//! The API, in process, on both engines. One binary: one link.

mod support;

mod auth;
mod authors;
mod clients;
mod grants;
mod notices;
mod sections;
mod settings;
mod sources;
mod users;
