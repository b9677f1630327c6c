//! Following what changes: each client's log is brought forward ([`advance`]) when the client asks
//! for it ([`routes`]), or when somebody waits for it.
//!
//! What a client is told is found by comparing what it was last told with what it may have now,
//! for the works that the change log names and for those that time has reached. Where something
//! bears on all works (a licence, a grant, a section), all are gone through in pieces. So whatever
//! makes the difference, a killed process or a clock included, it is found by the next who looks.
//! Start with [`advance::advance`].

pub mod advance;
mod compare;
pub mod routes;
pub mod view;
mod wake;

pub use wake::Wake;
