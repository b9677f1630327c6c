//! Articles: written, published, read, listed.

mod actions;
mod assignments;
mod bodies;
mod comments;
mod drafts;
mod journal;
mod lists;
mod people;
mod previews;
mod reading;
mod slugs;
mod versions;
