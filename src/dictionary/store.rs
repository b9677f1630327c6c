//! Words of the dictionary in the database.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::model::{MOST, Word};
use crate::db::error::stored;
use crate::db::page::{Window, id_page};
use crate::db::schema::dictionary_words as words;
use crate::db::{Change, Conn, Db, Entry, StoreError, WriteCx, Written};
use crate::kernel::han::Lexicon;
use crate::kernel::id::{Id, WordId};
use crate::kernel::time::{from_db, to_db};

pub const NOUN: &str = "dictionary_word";

type Row = (String, String, NaiveDateTime);

fn read((id, word, at): Row) -> Result<Word, StoreError> {
    Ok(Word {
        id: stored(WordId::parse(&id), "dictionary_words.id")?,
        word,
        created_at: from_db(at),
    })
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, id: WordId) -> Result<Word, StoreError> {
    db.read(move |conn| {
        let row: Row = words::table
            .find(id.to_string())
            .select((words::id, words::word, words::created_at))
            .first(conn)?;
        read(row)
    })
    .await
}

/// One page, with one word too many if there are more, and the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    descending: bool,
    window: Window,
) -> Result<(Vec<Word>, Option<i64>), StoreError> {
    db.read_scaled(move |conn| {
        let total = match window.count {
            true => Some(words::table.count().get_result(conn)?),
            false => None,
        };
        let after = window.after.clone().map(|mark| mark.id).unwrap_or_default();
        let rows: Vec<Row> = id_page!(
            words::table.into_boxed(),
            window,
            descending,
            words::id,
            after
        )
        .select((words::id, words::word, words::created_at))
        .load(conn)?;
        let page = rows.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok((page, total))
    })
    .await
}

/// Adds a word.
///
/// # Errors
/// [`StoreError::Taken`] if it is there, in whatever script; [`StoreError::State`] if there are too
/// many; a database error, or the idempotency key's.
pub async fn create(
    db: &Db,
    cx: WriteCx,
    word: String,
    key: String,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let count: i64 = words::table.count().get_result(tx.conn)?;
        if count >= MOST {
            let full = format!("The dictionary holds {MOST} words at most; remove some first.");
            return Err(StoreError::State(full));
        }
        let id: WordId = tx.cx.mint.id(tx.now());
        diesel::insert_into(words::table)
            .values((
                words::id.eq(id.to_string()),
                words::word.eq(&word),
                words::word_key.eq(&key),
                words::created_at.eq(to_db(tx.now())),
            ))
            .execute(tx.conn)
            .map_err(|error| {
                StoreError::from(error).taken("word_key", "/word", "the dictionary has this word")
            })?;
        tx.record(Entry::new(Change::Created, NOUN, &id.to_string()))?;
        Ok(Written::created(id))
    })
    .await
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn delete(db: &Db, cx: WriteCx, id: WordId) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        let gone = diesel::delete(words::table.find(id.to_string())).execute(tx.conn)?;
        if gone == 0 {
            return Err(StoreError::NotFound);
        }
        tx.record(Entry::new(Change::Deleted, NOUN, &id.to_string()))?;
        Ok(())
    })
    .await
}

/// All words, as searches use them.
///
/// # Errors
/// A database error.
pub fn lexicon(conn: &mut Conn) -> Result<Lexicon, StoreError> {
    let all: Vec<String> = words::table
        .select(words::word_key)
        .order(words::id)
        .limit(MOST)
        .load(conn)?;
    Ok(Lexicon::of(all))
}
