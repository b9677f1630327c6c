//! Articles: written, published, read, listed.

mod actions;
mod agenda;
mod assignments;
mod bodies;
mod comments;
mod drafts;
mod embargo;
mod feeds;
mod journal;
mod lists;
mod people;
mod previews;
mod reading;
mod representations;
mod schedule;
mod scripts;
mod slugs;
mod versions;
