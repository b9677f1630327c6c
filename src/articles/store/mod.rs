//! Articles in the database: loaded under lock ([`load`]), listed ([`list`]), written
//! ([`write`]). A text is kept as JSON ([`stored`]).

mod check;
mod index;
pub mod list;
pub mod load;
mod registers;
mod slugs;
mod stored;
pub mod write;
