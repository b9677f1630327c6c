//! Complaints under the contact notice: from the claim that anyone may file to its end, and the
//! evidence that is frozen on the way.
//!
//! A claim takes works back from readers and gives them back. How that is done is the business
//! of `articles`: [`store::takedown::Takedown`] says what is asked, and `app` joins the two. This
//! noun must not look into a text: evidence is kept as digests and numbers.
//!
//! Start with [`model::Claim`] and [`workflow`].

pub mod model;
pub mod routes;
pub mod store;
pub mod view;
pub mod workflow;
