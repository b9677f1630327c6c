//! The API, in process, on both engines. One binary: one link.

mod support;

mod authors;
mod grants;
mod notices;
mod sections;
mod settings;
mod sources;
