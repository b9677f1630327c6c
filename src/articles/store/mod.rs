//! Articles in the database: loaded under lock ([`load`]), listed ([`list`]), written
//! ([`write`]). What comes about by itself is written down by the [`agenda`]. A text is kept as JSON
//! ([`stored`]).

pub mod agenda;
pub mod bulk;
mod check;
pub mod desk;
pub mod filing;
mod holders;
mod index;
pub mod list;
pub mod load;
mod reach;
mod registers;
mod slugs;
mod stored;
mod versions;
pub mod write;
