//! Backups of one series in a folder: what they are called, and which of them stay.

use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::{BackupError, Manifest, at};

/// As times stand in names: they sort as they follow each other, and no file system minds them.
const STAMP: &str = "%Y%m%dT%H%M%S%3fZ";

/// The name of a backup: `<series>-<stamp>.<extension>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    series: String,
    stamp: String,
    extension: String,
}

impl Name {
    /// # Errors
    /// [`BackupError::SeriesName`].
    pub fn of(series: &str, taken_at: DateTime<Utc>, extension: &str) -> Result<Self, BackupError> {
        let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        match !series.is_empty() && series.len() <= 64 && series.bytes().all(good) {
            true => Ok(Self {
                series: series.to_owned(),
                stamp: taken_at.format(STAMP).to_string(),
                extension: extension.to_owned(),
            }),
            false => Err(BackupError::SeriesName(series.to_owned())),
        }
    }

    pub fn text(&self) -> String {
        format!("{}-{}.{}", self.series, self.stamp, self.extension)
    }

    /// Reads a name of this series, exactly as it is written.
    fn parse(text: &str, series: &str) -> Option<Self> {
        let (name, extension) = text.rsplit_once('.')?;
        let (found, stamp) = name.split_once('-')?;
        let time = NaiveDateTime::parse_from_str(stamp, STAMP).ok()?;
        (matches!(extension, "db" | "dump")
            && found == series
            && time.format(STAMP).to_string() == stamp)
            .then(|| Self {
                series: found.to_owned(),
                stamp: stamp.to_owned(),
                extension: extension.to_owned(),
            })
    }
}

/// Which backups of a series stay. One that any of the two keeps stays; the newest always does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Keep {
    /// So many of the newest.
    pub newest: Option<usize>,
    /// Those that are not older than so many days.
    pub days: Option<u32>,
}

/// A backup of the series that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    path: PathBuf,
    taken_at: DateTime<Utc>,
}

/// Which go, the oldest first.
fn outdated(mut found: Vec<Found>, keep: Keep, newest: &Path, now: DateTime<Utc>) -> Vec<Found> {
    if keep == Keep::default() {
        return Vec::new();
    }
    found.sort_by(|a, b| (b.taken_at, &b.path).cmp(&(a.taken_at, &a.path)));
    let since = keep.days.map(|days| {
        now.checked_sub_signed(TimeDelta::days(i64::from(days)))
            .unwrap_or(now)
    });
    let mut going: Vec<Found> = found
        .into_iter()
        .enumerate()
        .filter(|(at, one)| {
            let is_new = keep.newest.is_some_and(|n| *at < n);
            let is_young = since.is_some_and(|since| one.taken_at >= since);
            one.path != newest && !is_new && !is_young
        })
        .map(|(_, one)| one)
        .collect();
    going.reverse();
    going
}

/// Removes what is not to be kept of a series, and what belongs to it. A file that is not called as
/// we call ours, or has no manifest that says that it is one of this series, is not ours.
///
/// # Errors
/// [`BackupError::File`].
pub fn prune(
    folder: &Path,
    series: &str,
    keep: Keep,
    newest: &Path,
    now: DateTime<Utc>,
) -> Result<Vec<PathBuf>, BackupError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(at(folder))? {
        let entry = entry.map_err(at(folder))?;
        let name = entry.file_name();
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        let path = folder.join(&name);
        let ours = name.to_str().and_then(|name| Name::parse(name, series));
        if let (true, Some(_), Ok(manifest)) = (is_file, ours, Manifest::of(&path))
            && manifest.series == series
        {
            found.push(Found {
                path,
                taken_at: manifest.taken_at,
            });
        }
    }
    let mut removed = Vec::new();
    for one in outdated(found, keep, newest, now) {
        // The copy first: it is what makes it a backup.
        std::fs::remove_file(&one.path).map_err(at(&one.path))?;
        for path in [
            Manifest::secret_beside(&one.path),
            Manifest::beside(&one.path),
        ] {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(BackupError::File(path, error));
                }
                _ => {}
            }
        }
        removed.push(one.path);
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn only_our_own_names_are_read() {
        let name = Name::of("masthead", at("2026-11-25T02:30:00.120Z"), "db").unwrap();
        assert_eq!(name.text(), "masthead-20261125T023000120Z.db");
        assert_eq!(Name::parse(&name.text(), "masthead"), Some(name));
        for other in [
            "masthead-20261125T023000120Z.db.json",
            "masthead-20261125T023000120Z.db.secret",
            "masthead-20261125T023000120Z.sql",
            "masthead-20261125T023000120Z",
            "masthead-20261125T023000Z.db",
            "masthead-20261325T023000120Z.db",
            "masthead-20261125T023000120Z (1).db",
            "masthead2-20261125T023000120Z.db",
            "Masthead-20261125T023000120Z.db",
            "masthead.db",
            "",
        ] {
            assert_eq!(Name::parse(other, "masthead"), None, "{other}");
        }
        for series in ["", "a-b", "../x", "A", "a b", &"a".repeat(65)] {
            assert!(
                Name::of(series, at("2026-11-25T02:30:00Z"), "db").is_err(),
                "{series}"
            );
        }
    }

    #[test]
    fn what_either_rule_keeps_stays() {
        let now = at("2026-11-25T12:00:00Z");
        let days = ["01", "10", "18", "24", "25"];
        let found: Vec<Found> = days
            .iter()
            .map(|day| Found {
                path: PathBuf::from(*day),
                taken_at: at(&format!("2026-11-{day}T12:00:00Z")),
            })
            .collect();
        let keep = |newest, days| Keep { newest, days };
        for (rule, newest, going) in [
            (keep(None, None), "25", vec![]),
            (keep(Some(2), None), "25", vec!["01", "10", "18"]),
            (keep(Some(1), None), "25", vec!["01", "10", "18", "24"]),
            (keep(Some(9), None), "25", vec![]),
            (keep(None, Some(7)), "25", vec!["01", "10"]),
            (keep(None, Some(0)), "25", vec!["01", "10", "18", "24"]),
            (keep(Some(4), Some(7)), "25", vec!["01"]),
            (keep(Some(1), Some(15)), "25", vec!["01"]),
            // A clock that was set back: what was just taken stays all the same.
            (keep(Some(1), None), "01", vec!["10", "18", "24"]),
        ] {
            let gone: Vec<PathBuf> = outdated(found.clone(), rule, Path::new(newest), now)
                .into_iter()
                .map(|one| one.path)
                .collect();
            assert_eq!(
                gone,
                going.into_iter().map(PathBuf::from).collect::<Vec<_>>(),
                "{rule:?}"
            );
        }
    }
}
