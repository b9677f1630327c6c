//! Articles in the database: loaded under lock ([`load`]), listed ([`list`]), written
//! ([`write`]). What comes about by itself is written down by the [`agenda`]. A text is kept as JSON
//! ([`stored`]); what it was before is in [`history`], what the desk says about it in [`comments`]
//! and [`assignments`], who may see it early in [`previews`].

pub mod agenda;
pub mod assignments;
pub mod bulk;
mod check;
pub mod comments;
pub mod desk;
mod facets;
mod feeds;
pub mod filing;
pub mod history;
mod holders;
mod index;
pub mod levels;
pub mod list;
pub mod load;
mod memory;
mod merge;
mod pages;
pub mod previews;
pub mod prints;
mod reach;
mod registers;
pub mod reindex;
mod relations;
pub mod restore;
pub mod search;
pub mod sitemaps;
mod slugs;
mod span;
mod staged;
mod stored;
mod texts;
mod versions;
pub mod works;
pub mod write;
