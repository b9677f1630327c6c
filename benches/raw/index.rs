//! The index of texts as words and places, to be written again by raw statements.

use std::collections::HashMap;
use std::iter;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::Failure;

/// What the index holds, read before anything is timed: where which word stands, and fingerprints.
#[derive(Default)]
pub struct Index {
    terms: Vec<String>,
    /// Of each text: column, place and word.
    places: HashMap<i64, Vec<(u8, u32, u32)>>,
    prints: HashMap<i64, Vec<i64>>,
}

impl Index {
    /// Of one text, or of all.
    pub fn of(database: &Path, only: Option<i64>) -> Result<Self, Failure> {
        let conn = Connection::open(database)?;
        conn.execute_batch(
            "CREATE VIRTUAL TABLE temp.places USING fts5vocab(main, search_texts, instance)",
        )?;
        let mut index = Self::default();
        let sql = "SELECT term, doc, col, offset FROM temp.places WHERE ?1 IS NULL OR doc = ?1";
        let mut statement = conn.prepare(sql)?;
        let mut rows = statement.query([only])?;
        while let Some(row) = rows.next()? {
            let term = row.get_ref(0)?.as_str()?;
            if index.terms.last().is_none_or(|last| last != term) {
                index.terms.push(term.to_owned());
            }
            let column = match row.get_ref(2)?.as_str()? {
                "title" => 0,
                "summary" => 1,
                "lead" => 2,
                _ => 3,
            };
            let term = u32::try_from(index.terms.len() - 1)?;
            let places = index.places.entry(row.get(1)?).or_default();
            places.push((column, row.get(3)?, term));
        }
        let sql = "SELECT doc, fingerprint FROM search_prints WHERE ?1 IS NULL OR doc = ?1";
        let mut statement = conn.prepare(sql)?;
        let mut rows = statement.query([only])?;
        while let Some(row) = rows.next()? {
            index
                .prints
                .entry(row.get(0)?)
                .or_default()
                .push(row.get(1)?);
        }
        Ok(index)
    }

    /// The words of a text by column; of each text once.
    pub fn words(&mut self, doc: i64) -> Option<[String; 4]> {
        let mut places = self.places.remove(&doc)?;
        places.sort_unstable();
        let mut columns: [String; 4] = Default::default();
        for (column, _, term) in places {
            let text = &mut columns[usize::from(column)];
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&self.terms[usize::try_from(term).unwrap_or_default()]);
        }
        Some(columns)
    }

    /// The rows of the texts that rows of `search_docs` name, and of their fingerprints.
    pub fn take(&mut self, docs: &[Vec<Value>]) -> (Vec<Vec<Value>>, Vec<Vec<Value>>) {
        let (mut texts, mut prints) = (Vec::new(), Vec::new());
        for row in docs {
            let Some(Value::Integer(doc)) = row.get(3) else {
                continue;
            };
            if let Some(words) = self.words(*doc) {
                let columns = words.into_iter().map(Value::Text);
                texts.push(iter::once(Value::Integer(*doc)).chain(columns).collect());
            }
            for print in self.prints.remove(doc).unwrap_or_default() {
                prints.push(vec![Value::Integer(print), Value::Integer(*doc)]);
            }
        }
        (texts, prints)
    }
}
