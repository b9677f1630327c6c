//! The rules: who may have which part of a work, and the credit that goes with it.
//!
//! Pure: no database, no HTTP, no clock, no async. Every decision takes `now`.
//! Start with [`decide`] (the matrix), then [`attribution`] (the credit), then
//! [`custody`] (the types that make forgetting a matter of compilation).
//!
//! Rule numbers in comments refer to the rule book in ARCHITECTURE.md.

pub mod attribution;
mod credit;
pub mod custody;
pub mod decide;
pub mod derived;
mod excess;
pub mod explain;
pub mod licence;
pub mod lifecycle;
mod markup;
mod policy;
pub mod publish;
pub mod rendered;
mod reservation;
pub mod terms;
mod usage;

pub use attribution::{Attribution, CreditBlock};
pub use custody::{
    Carried, Cut, Deliverable, Delivery, Held, InBand, Licensed, Purpose, Standalone, clear,
};
pub use decide::{Audience, Decision, Refusal, Use, decide, decide_traced};
pub use derived::{Derived, InScript};
pub use explain::{Step, Trace};
pub use licence::{Axis, Granted, Holder, Indexing, Licence, LicenceStatus, Selector};
pub use lifecycle::{Lifecycle, Visibility};
pub use rendered::{Fingerprint, Rendered};
pub use reservation::Reservation;
pub use terms::{
    AiLabel, Alteration, Channel, ClientKind, Contact, Contributor, ContributorRole, Editor,
    Extent, Facts, Grant, Notice, NoticeKind, Origin, Original, PublicExtent, ReasonClass, Rights,
    Role, Scope, Site, SourceFacts, SourceKind, Stage, Surface, Unstated,
};

#[cfg(test)]
mod tests;
