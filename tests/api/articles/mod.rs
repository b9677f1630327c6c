//! Articles: written, published, read, listed.

mod actions;
mod agenda;
mod bodies;
mod drafts;
mod embargo;
mod journal;
mod lists;
mod people;
mod reading;
mod schedule;
mod slugs;
