//! Keys: what signs access tokens, attestations and preview links. Ed25519, kept in the database and sealed
//! there by the installation's secret, so that all nodes share them and a stolen copy of the
//! database signs nothing.
//!
//! Each purpose has a ring of its own, and what one ring signs is never taken for the
//! other's. Start with [`Keys`]; then [`rotation`] (how a key is followed by the next one).

pub mod installation;
mod locker;
pub mod model;
mod pair;
mod ring;
pub mod rotation;
pub mod routes;
mod seal;
mod store;
pub mod view;

pub use locker::Locker;
pub use model::{Foreign, KeyPurpose};
pub use pair::Key;
pub use ring::{Keys, KeysError, Rings};
