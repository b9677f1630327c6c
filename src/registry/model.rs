//! What an edition of the list is, what stands on it, and what a review is.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::sheet;
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::{ArticleId, EditionId, RegistryReviewId, SourceId, UserId};
use crate::kernel::text::name_key;
use crate::kernel::words::words;

/// Most sources that one edition holds.
pub const MOST_ENTRIES: usize = 100_000;

words! {
    /// Whether somebody has decided.
    RegistryReviewStatus {
        Open = "open",
        Resolved = "resolved",
    }

    /// What becomes of a reprint whose source left the list. Only says so: nothing is withdrawn
    /// or granted by it.
    RegistryDecision {
        /// It stays, by the list of its date.
        Keep = "keep",
        /// It is to be withdrawn.
        WithdrawPlanned = "withdraw_planned",
        /// Its source has allowed it anew, or another permitted source has it.
        Regranted = "regranted",
        /// What the note says.
        Other = "other",
    }
}

/// An edition of the list, without what stands on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    pub id: EditionId,
    pub name: String,
    pub valid_from: DateTime<Utc>,
    /// The first instant at which it no longer holds; open while no later edition ends it.
    pub valid_until: Option<DateTime<Utc>>,
    /// SHA-256 of what stands on it, in hexadecimal.
    pub digest: String,
    pub entries: i64,
    pub imported_at: DateTime<Utc>,
    /// `None` where it came in by the command line.
    pub imported_by: Option<UserId>,
}

/// A source that an edition permits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    pub category: Option<String>,
    pub region: Option<String>,
    pub homepage_url: Option<String>,
}

/// An edition that is to come in, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub name: String,
    pub valid_from: DateTime<Utc>,
    pub valid_until: Option<DateTime<Utc>>,
    pub entries: Vec<Listed>,
}

/// A published reprint whose source an edition dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    pub id: RegistryReviewId,
    pub edition: EditionId,
    pub source: SourceId,
    pub article: ArticleId,
    /// The time from which readers see the reprint, as it was when the review was made.
    pub reprint_at: DateTime<Utc>,
    /// When the edition comes into force.
    pub due_at: DateTime<Utc>,
    pub resolution: Option<Resolved>,
    pub created_at: DateTime<Utc>,
}

impl Review {
    pub fn status(&self) -> RegistryReviewStatus {
        match self.resolution {
            None => RegistryReviewStatus::Open,
            Some(_) => RegistryReviewStatus::Resolved,
        }
    }

    /// Whether the list of the reprint's own date permitted it, as that of an earlier edition. Else it
    /// came out, or is to, under the edition that drops its source.
    pub fn was_permitted(&self) -> bool {
        self.reprint_at < self.due_at
    }
}

/// What somebody decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    pub decision: RegistryDecision,
    pub note: Option<String>,
}

/// What was decided, when and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    pub resolution: Resolution,
    pub at: DateTime<Utc>,
    pub by: Option<UserId>,
}

/// Where an entry stands in what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A line of a file.
    Line(u64),
    /// An item of a JSON document.
    Item(usize),
}

impl Place {
    fn member(self, name: &str) -> String {
        match self {
            Self::Line(line) => format!("line {line}, {name}"),
            Self::Item(index) => format!("/entries/{index}/{name}"),
        }
    }

    fn told(self) -> String {
        match self {
            Self::Line(line) => format!("line {line}"),
            Self::Item(index) => format!("/entries/{index}"),
        }
    }
}

/// Checks what is to stand on an edition: each value, and that no name stands there twice.
#[derive(Debug, Default)]
pub struct EntryList {
    entries: Vec<Listed>,
    names: HashMap<String, Place>,
}

impl EntryList {
    pub fn add(
        &mut self,
        at: Place,
        name: &str,
        [category, region, homepage_url]: [Option<&str>; 3],
        faults: &mut Faults,
    ) {
        let place = at.member("name");
        let name = faults.line(&place, name, 1..=200);
        // A blank name is a fault of its own.
        if !name.is_empty() {
            match self.names.get(&name_key(&name)) {
                Some(first) => {
                    let detail = format!("is the same name as {}", first.told());
                    faults.push(place, "duplicate", detail);
                }
                None => {
                    self.names.insert(name_key(&name), at);
                }
            }
        }
        let category = faults.optional_line(&at.member("category"), category, 100);
        let region = faults.optional_line(&at.member("region"), region, 100);
        let homepage_url = homepage_url
            .map(str::trim)
            .filter(|url| !url.is_empty())
            .map(|url| faults.web_url(&at.member("homepage_url"), url));
        self.entries.push(Listed {
            name,
            category,
            region,
            homepage_url,
        });
    }

    pub fn finish(self) -> Vec<Listed> {
        self.entries
    }
}

/// What stands on a list that comes as CSV.
///
/// # Errors
/// A fault for everything wrong with any of its lines.
pub fn read_sheet(bytes: &[u8]) -> Result<Vec<Listed>, Vec<Fault>> {
    let (rows, mut faults) = sheet::read(bytes);
    if faults.is_empty() && rows.is_empty() {
        faults.push("the file", "empty", "names no source");
    }
    if rows.len() > MOST_ENTRIES {
        let detail = format!("names more than {MOST_ENTRIES} sources");
        faults.push("the file", "too_large", detail);
        return faults.finish(Vec::new());
    }
    let mut listing = EntryList::default();
    for row in &rows {
        let more =
            [&row.category, &row.region, &row.homepage_url].map(|value| Some(value.as_str()));
        listing.add(Place::Line(row.line), &row.name, more, &mut faults);
    }
    faults.finish(listing.finish())
}

/// The period and name of an edition that is to come in, checked.
pub fn edition(
    name: &str,
    valid_from: DateTime<Utc>,
    valid_until: Option<DateTime<Utc>>,
    entries: Vec<Listed>,
    faults: &mut Faults,
) -> Draft {
    let name = faults.line("/name", name, 1..=100);
    let (valid_from, valid_until) = faults.period("", valid_from, valid_until);
    Draft {
        name,
        valid_from,
        valid_until,
        entries,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bytes: &[u8]) -> Vec<(String, &'static str)> {
        let found = read_sheet(bytes).err().unwrap_or_default();
        found
            .into_iter()
            .map(|fault| (fault.pointer, fault.code))
            .collect()
    }

    #[test]
    fn a_sheet_becomes_entries() {
        let entries =
            read_sheet("\u{feff}name,region\n 海岸通讯社 , \nWire,滨海\n".as_bytes()).unwrap();
        let wire = |name: &str, region: Option<&str>| Listed {
            name: name.to_owned(),
            category: None,
            region: region.map(str::to_owned),
            homepage_url: None,
        };
        assert_eq!(
            entries,
            [wire("海岸通讯社", None), wire("Wire", Some("滨海"))]
        );
    }

    #[test]
    fn faults_of_form_and_of_values_are_told_together() {
        let sheet = "name,homepage_url\nWire,ftp://x\n,https://a.example.org\nＷＩＲＥ,\nA,B,C\nB\u{200b}ay,\n\0,\nwire,";
        let expected = [
            ("line 5", "columns"),
            ("line 2, homepage_url", "url"),
            ("line 3, name", "blank"),
            ("line 4, name", "duplicate"),
            ("line 6, name", "unsafe_character"),
            ("line 7, name", "unsafe_character"),
            ("line 8, name", "duplicate"),
        ];
        assert_eq!(
            told(sheet.as_bytes()),
            expected.map(|(at, code)| (at.to_owned(), code))
        );
        let faults = read_sheet("name\nA\n\nA\n".as_bytes()).unwrap_err();
        assert_eq!(faults[0].detail, "is the same name as line 2");
        assert_eq!(told(b"name\n\n"), [("the file".to_owned(), "empty")]);
    }

    #[test]
    fn a_list_has_an_end() {
        let lines: String = (0..=MOST_ENTRIES).map(|n| format!("n{n}\n")).collect();
        let sheet = format!("name\n{lines}");
        assert_eq!(
            told(sheet.as_bytes()),
            [("the file".to_owned(), "too_large")]
        );
        let fits = sheet.trim_end().rsplit_once('\n').unwrap().0;
        assert_eq!(read_sheet(fits.as_bytes()).unwrap().len(), MOST_ENTRIES);
    }
}
