//! The program's pure readers, and nothing of it besides: taken in by their paths, under the names by which they know each
//! other.
#![allow(dead_code, reason = "not every reader has a target of its own")]

#[path = "../../src/kernel"]
pub mod kernel {
    pub mod han;
    pub mod markup;
    pub mod text;
    pub mod time;
    pub mod words;
}

#[path = "../../src/arrivals"]
pub mod arrivals {
    pub mod damage;
    pub mod page;
    pub mod wires;
}

#[path = "../../src/articles"]
pub mod articles {
    pub mod search;
}
