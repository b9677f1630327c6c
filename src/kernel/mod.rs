//! What every layer may use: identifiers, time, text, faults. Nothing here knows a
//! database, a request or a noun.
//!
//! Start with [`id`] (typed identifiers) and [`fault`] (what is wrong with an input).

pub mod fault;
pub mod fingerprint;
pub mod han;
pub mod id;
pub mod language;
pub mod markup;
pub mod secret;
pub mod text;
pub mod time;
pub mod words;
