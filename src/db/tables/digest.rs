//! One digest for the same rows on either engine: over a form of each value that no engine has a
//! say in.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Row, Table, Value};

/// Rows of a table, and SHA-256 over them in the order of the primary key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    pub rows: u64,
    pub sha256: String,
}

/// A digest that grows row by row.
///
/// Each value is a letter for its type and its bytes, texts and names with their length before
/// them: no two tables with other rows, columns or order have one form. It is part of what
/// manifests of backups hold, and so must not change without another name at its beginning.
#[derive(Debug)]
pub struct Digest {
    hash: Sha256,
    rows: u64,
    /// Kept, so that a row costs no allocation.
    form: Vec<u8>,
}

impl Digest {
    pub fn of(table: &Table) -> Self {
        let mut form = b"masthead table 1\0".to_vec();
        text(&mut form, &table.name);
        for column in &table.columns {
            text(&mut form, &column.name);
        }
        Self {
            hash: Sha256::new_with_prefix(&form),
            rows: 0,
            form,
        }
    }

    pub fn add(&mut self, row: &Row) {
        self.form.clear();
        self.form.push(b'R');
        for value in &row.0 {
            canonical(&mut self.form, value);
        }
        self.hash.update(&self.form);
        self.rows += 1;
    }

    pub fn finish(self) -> Summary {
        Summary {
            rows: self.rows,
            sha256: hex::encode(self.hash.finalize()),
        }
    }
}

fn text(form: &mut Vec<u8>, text: &str) {
    form.push(b'T');
    form.extend_from_slice(&(text.len() as u64).to_be_bytes());
    form.extend_from_slice(text.as_bytes());
}

fn canonical(form: &mut Vec<u8>, value: &Value) {
    let mut number = |letter: u8, number: i64| {
        form.push(letter);
        form.extend_from_slice(&number.to_be_bytes());
    };
    match value {
        Value::Text(value) => text(form, value),
        Value::Big(value) => number(b'I', *value),
        Value::Int(value) => number(b'I', i64::from(*value)),
        Value::Flag(value) => form.extend_from_slice(&[b'B', u8::from(*value)]),
        Value::Time(value) => number(b'M', value.and_utc().timestamp_micros()),
        Value::Null => form.push(b'N'),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Column, Kind};
    use super::*;

    fn digest(name: &str, columns: &[&str], rows: &[Vec<Value>]) -> Summary {
        let table = Table {
            name: name.to_owned(),
            columns: columns
                .iter()
                .map(|name| Column {
                    name: (*name).to_owned(),
                    kind: Kind::Text,
                })
                .collect(),
            key: Vec::new(),
        };
        let mut digest = Digest::of(&table);
        for row in rows {
            digest.add(&Row(row.clone()));
        }
        digest.finish()
    }

    #[test]
    fn whatever_differs_has_another_digest() {
        let text = |text: &str| Value::Text(text.to_owned());
        let at = |text: &str| Value::Time(text.parse().unwrap());
        let mut seen = std::collections::BTreeSet::new();
        for (name, columns, rows) in [
            ("a", vec!["b", "c"], vec![]),
            ("ab", vec!["c"], vec![]),
            ("a", vec!["bc"], vec![]),
            ("a", vec!["b"], vec![vec![Value::Null]]),
            ("a", vec!["b"], vec![vec![text("")]]),
            ("a", vec!["b"], vec![vec![text("N")]]),
            ("a", vec!["b"], vec![vec![Value::Big(0)]]),
            ("a", vec!["b"], vec![vec![Value::Flag(false)]]),
            ("a", vec!["b"], vec![vec![Value::Flag(true)]]),
            ("a", vec!["b"], vec![vec![at("1970-01-01T00:00:00")]]),
            ("a", vec!["b"], vec![vec![at("1970-01-01T00:00:00.000001")]]),
            ("a", vec!["b"], vec![vec![at("9999-01-01T00:00:00")]]),
            ("a", vec!["b"], vec![vec![text("é")]]),
            ("a", vec!["b"], vec![vec![text("e\u{301}")]]),
            ("a", vec!["b", "c"], vec![vec![text("x"), text("yz")]]),
            ("a", vec!["b", "c"], vec![vec![text("xy"), text("z")]]),
            ("a", vec!["b"], vec![vec![text("x")], vec![text("y")]]),
            ("a", vec!["b"], vec![vec![text("y")], vec![text("x")]]),
            ("a", vec!["b"], vec![vec![text("x")]]),
        ] {
            let count = rows.len() as u64;
            let summary = digest(name, &columns, &rows);
            assert_eq!(summary.rows, count);
            assert!(seen.insert(summary.sha256), "{name} {columns:?} {rows:?}");
        }
    }

    #[test]
    fn the_form_stays_what_it_is() {
        // Manifests hold it: change the name at its beginning when this must change.
        let summary = digest("a", &["b"], &[vec![Value::Text("文".to_owned())]]);
        let mut form = b"masthead table 1\0T".to_vec();
        form.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 1]);
        form.extend_from_slice(b"aT");
        form.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 1]);
        form.extend_from_slice(b"bRT");
        form.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 3]);
        form.extend_from_slice("文".as_bytes());
        assert_eq!(summary.sha256, hex::encode(Sha256::digest(&form)));
        assert_eq!(
            digest("a", &[], &[vec![Value::Int(7)]]),
            digest("a", &[], &[vec![Value::Big(7)]]),
            "how wide a number is kept is the engine's business"
        );
    }
}
