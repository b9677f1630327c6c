//! What licences give, over the API: how much, until when, how often, and to whom no more.

mod clocks;
mod documents;
mod excerpt;
mod holding;
mod life;
mod many;
mod quota;
