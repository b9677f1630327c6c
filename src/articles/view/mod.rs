//! Articles on the wire: what comes in ([`input`], [`actions`]) and what goes out
//! ([`output`], made of [`parts`], and
//! [`representation`]s that stand alone).

pub mod actions;
pub mod body;
pub mod input;
pub mod input_parts;
pub mod output;
pub mod page;
pub mod parts;
pub mod representation;

pub use input::ArticleInput;
pub use output::{ArticleView, Projection};
pub use page::ArticlePage;
