//! Articles: written, published, read, listed.

mod actions;
mod bodies;
mod drafts;
mod journal;
mod lists;
mod people;
mod reading;
mod slugs;
