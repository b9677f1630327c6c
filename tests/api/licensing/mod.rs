//! What licences give, over the API: how much, until when, how often, and to whom no more.

mod clocks;
mod excerpt;
mod holding;
mod life;
mod quota;
