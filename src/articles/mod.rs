//! Articles: the works themselves, their versions and their life.
//!
//! Start with [`model::Article`]. What leaves is decided in `rights`; the store gives works
//! under lock and nothing else.

pub mod body;
pub mod model;
pub mod previews;
pub mod routes;
pub mod search;
pub mod store;
pub mod view;
pub mod workflow;

// What an operation answers that writes one.
pub use routes::Reread;
pub use view::ArticleView;
