//! The index of texts as a whole: making it again, as a job.
//!
//! Searching itself is the articles' affair ([`crate::articles::search`]). Start with [`work::run`].

pub mod routes;
pub mod work;
