//! What holds for the code as a whole: who imports whom, what may leave, how long a file
//! is, and that the two engines' migrations and the schema file tell one story.
//!
//! Each rule is a function from sources to complaints, so that beside the test which wants
//! none stands one which feeds it a wrong sample and wants one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test a panic is the failure we want"
)]

mod databases;
mod directions;
mod filling;
mod leaving;
mod migrations;
mod plans;
mod records;
mod schema;
mod source;
mod style;
mod versions;

/// Fails with every complaint, one a line.
fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
