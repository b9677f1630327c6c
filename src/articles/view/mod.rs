//! Articles on the wire: what comes in ([`input`], [`actions`]) and what goes out
//! ([`output`], made of [`parts`], and
//! [`representation`]s that stand alone, and [`feed`]s); what the desk has besides ([`versions`], [`desk`],
//! [`previews`]).

pub mod actions;
pub mod body;
pub mod desk;
pub mod feed;
pub mod input;
pub mod input_parts;
pub mod output;
pub mod page;
pub mod parts;
pub mod previews;
pub mod representation;
pub mod search;
pub mod versions;

pub use input::ArticleInput;
pub use output::{ArticleView, Projection};
pub use page::ArticlePage;
