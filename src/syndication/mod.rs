//! What crawlers look for: where the works are, and what may be done with them.
//!
//! One answer to that, [`Reservation`](model::Reservation), stands behind robots.txt, the file of the TDM
//! Reservation Protocol and the licence file, as it stands behind the headers of each answer
//! (rule 25). Start with [`routes`].

pub mod cuts;
pub mod model;
pub mod routes;
pub mod view;
