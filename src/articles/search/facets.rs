//! How hits part.

use crate::kernel::words::words;

words! {
    /// What the hits of a search are parted by.
    Facet {
        Section = "section",
        Source = "source",
        /// The year of publication, in the site's time zone.
        Year = "year",
    }
}

/// A value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Id of the section or source, or the year.
    pub value: String,
    pub slug: Option<String>,
    pub name: Option<String>,
    pub count: i64,
}
