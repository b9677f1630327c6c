//! Why a reader gets what it gets of a work: the decision itself, run once more with its steps
//! taken down. Works across nouns: a reader is a client, what it holds are licences, a work is
//! an article.
//!
//! Must not decide anything: `rights` does. Start with [`routes`].

pub mod reader;
pub mod routes;
pub mod view;
