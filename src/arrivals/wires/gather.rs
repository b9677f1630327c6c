//! Collects the items of a document with their faults and warnings, and keeps the limits.
//!
//! Must not know a format. Start with [`Gather::next`].

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::item::{FaultKind, ItemFault, Status, Warning, WireItem};
use super::{Format, MAX_ITEMS, Wire, WireError, words};

/// What has been read so far.
#[derive(Debug, Default)]
pub(super) struct Gather {
    items: Vec<WireItem>,
    faults: Vec<ItemFault>,
    warnings: Vec<Warning>,
    guids: HashSet<String>,
    seen: usize,
}

impl Gather {
    pub(super) fn warn(&mut self, warning: Warning) {
        self.warnings.push(warning);
    }

    /// The number of the next item, or `None` when the limit is reached and it is only counted.
    pub(super) fn next(&mut self) -> Option<usize> {
        let index = self.seen;
        self.seen = self.seen.saturating_add(1);
        (index < MAX_ITEMS).then_some(index)
    }

    /// Notes an item of a kind that is not read.
    pub(super) fn skip(&mut self, what: &str) {
        if let Some(index) = self.next() {
            let what = words::short(what);
            self.warn(Warning::Skipped { index, what });
        }
    }

    pub(super) fn fault(&mut self, index: usize, guid: Option<String>, kind: FaultKind) {
        self.faults.push(ItemFault { index, guid, kind });
    }

    /// Takes an item in, or the reason why there is none.
    pub(super) fn put(&mut self, index: usize, item: Result<WireItem, FaultKind>, guid: &str) {
        match item {
            Ok(item) if item.guid.is_empty() => {
                self.fault(index, None, FaultKind::MissingGuid);
            }
            Ok(item) => {
                if !self.guids.insert(item.guid.clone()) {
                    self.warn(Warning::RepeatedGuid { index });
                }
                self.items.push(item.seal());
            }
            Err(kind) => {
                let guid = words::line(guid);
                self.fault(index, guid, kind);
            }
        }
    }

    /// A time of an item; one that can't be read is a warning.
    pub(super) fn time(
        &mut self,
        index: usize,
        field: &'static str,
        value: Option<&str>,
    ) -> Option<DateTime<Utc>> {
        let value = value.filter(|value| !value.trim().is_empty())?;
        let at = words::instant(value);
        if at.is_none() {
            let value = words::short(value.trim());
            self.warn(Warning::UnreadableTime {
                index,
                field,
                value,
            });
        }
        at
    }

    /// An embargo. One without an end withholds the item; one that can't be read is a fault.
    pub(super) fn embargo(
        &mut self,
        index: usize,
        value: Option<&str>,
        status: &mut Status,
    ) -> Result<Option<DateTime<Utc>>, FaultKind> {
        let Some(value) = value else {
            return Ok(None);
        };
        if value.trim().is_empty() {
            self.warn(Warning::OpenEmbargo { index });
            if *status == Status::Usable {
                *status = Status::Withheld;
            }
            return Ok(None);
        }
        words::instant(value)
            .map(Some)
            .ok_or_else(|| FaultKind::UnreadableEmbargo {
                value: words::short(value.trim()),
            })
    }

    /// A status word; none is `usable`, as the standards have it, and an unknown one is not.
    pub(super) fn status(&mut self, index: usize, value: Option<&str>) -> Status {
        let Some(value) = value.filter(|value| !value.trim().is_empty()) else {
            return Status::Usable;
        };
        match words::tail(value).to_ascii_lowercase().as_str() {
            "usable" => Status::Usable,
            "canceled" | "cancelled" => Status::Canceled,
            "withheld" => Status::Withheld,
            _ => {
                let value = words::short(value.trim());
                self.warn(Warning::UnknownStatus { index, value });
                Status::Withheld
            }
        }
    }

    /// The wire, unless there was nothing in it.
    pub(super) fn finish(mut self, format: Format) -> Result<Wire, WireError> {
        if self.seen == 0 {
            return Err(WireError::NoItems);
        }
        if let Some(left_out) = self.seen.checked_sub(MAX_ITEMS).filter(|&n| n > 0) {
            self.warn(Warning::TooManyItems { left_out });
        }
        Ok(Wire {
            format,
            items: self.items,
            faults: self.faults,
            warnings: self.warnings,
        })
    }
}
