//! `masthead mirror` against a server that says what a test wants said: `server.rs` speaks the API as far as a mirror
//! asks it. `just mirror-crash` runs it against the real one.

mod advisories;
mod limits;
mod rebuild;
mod server;
mod steps;
