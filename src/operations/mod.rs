//! What operators and machines ask of the server itself: is it alive, is it ready, how is
//! it doing, what can it do, and how partners use it.

mod guide;
pub mod routes;
