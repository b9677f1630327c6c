//! Articles on the wire: what comes in ([`input`], [`actions`]) and what goes out
//! ([`output`], made of [`parts`]).

pub mod actions;
pub mod body;
pub mod input;
pub mod input_parts;
pub mod output;
pub mod parts;

pub use input::ArticleInput;
pub use output::{ArticlePage, ArticleView, Projection};
