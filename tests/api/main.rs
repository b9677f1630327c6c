//! The API, in process, on both engines. One binary: one link.

mod support;

mod articles;
mod authors;
