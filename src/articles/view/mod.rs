//! Articles on the wire: what comes in ([`input`], [`actions`]) and what goes out ([`output`]).

pub mod actions;
pub mod input;
pub mod output;

pub use input::ArticleInput;
pub use output::{ArticlePage, ArticleView, Projection};
