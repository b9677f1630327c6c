//! Fingerprints of texts that readers were given: by them a page that derives from an article is found
//! ([`crate::kernel::fingerprint`]). Of a body alone: titles, credits and notices are alike on pages
//! that have nothing else in common.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use crate::articles::model::{Content, Side};
use crate::db::schema::{search_docs as docs, search_prints as prints};
use crate::db::{Conn, Db, DbError, StoreError, insert_rows};
use crate::kernel::fingerprint::{Folded, fingerprints};
use crate::kernel::id::{ArticleId, Id};

/// A fingerprint that more texts share than this is a set phrase, and leads nowhere.
const COMMON: i64 = 200;

/// Fingerprints of one query.
const CHUNK: usize = 500;

#[derive(Insertable)]
#[diesel(table_name = prints, treat_none_as_default_value = false)]
struct Row {
    fingerprint: i64,
    doc: i64,
}

/// The fingerprints of a text.
pub(super) fn of(content: &Content) -> Vec<i64> {
    fingerprints(&Folded::of(&content.body.to_text()))
}

pub(super) fn keep(conn: &mut Conn, doc: i64, of: &[i64]) -> Result<(), DbError> {
    let rows = of.iter().map(|fingerprint| Row {
        fingerprint: *fingerprint,
        doc,
    });
    let rows: Vec<Row> = rows.collect();
    insert_rows!(conn, prints::table, rows);
    Ok(())
}

/// Takes away what was kept of a text.
pub(super) fn forget(conn: &mut Conn, doc: i64, of: &[i64]) -> Result<(), DbError> {
    for some in of.chunks(CHUNK) {
        diesel::delete(
            prints::table
                .filter(prints::fingerprint.eq_any(some))
                .filter(prints::doc.eq(doc)),
        )
        .execute(conn)?;
    }
    Ok(())
}

/// An article that shares fingerprints with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shared {
    pub article: ArticleId,
    pub shared: usize,
    /// Fingerprints of the article.
    pub total: usize,
}

/// What the index knows of a text's fingerprints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sharing {
    pub articles: Vec<Shared>,
    /// Those of the text's fingerprints by which something was looked up.
    pub telling: HashSet<i64>,
}

/// The articles that share fingerprints with a text, whoever may read them.
///
/// # Errors
/// A database error.
pub async fn sharing(db: &Db, of: Vec<i64>) -> Result<Sharing, StoreError> {
    db.read_scaled(move |conn| {
        let mut shared: HashMap<i64, usize> = HashMap::new();
        let mut all = HashSet::new();
        for some in of.chunks(CHUNK) {
            let telling = telling(conn, some)?;
            let found: Vec<i64> = prints::table
                .filter(prints::fingerprint.eq_any(&telling))
                .select(prints::doc)
                .load(conn)?;
            for doc in found {
                *shared.entry(doc).or_default() += 1;
            }
            all.extend(telling);
        }
        let numbers: Vec<i64> = shared.keys().copied().collect();
        let mut found = Vec::new();
        for some in numbers.chunks(CHUNK) {
            let rows: Vec<(i64, String, i64)> = docs::table
                .filter(docs::doc.eq_any(some))
                .filter(docs::side.eq(Side::Live.as_str()))
                .select((docs::doc, docs::article_id, docs::prints))
                .load(conn)?;
            found.extend(rows.into_iter().filter_map(|(doc, id, total)| {
                Some(Shared {
                    article: ArticleId::parse(&id)?,
                    shared: shared.get(&doc).copied()?,
                    total: usize::try_from(total).ok()?,
                })
            }));
        }
        Ok(Sharing {
            articles: found,
            telling: all,
        })
    })
    .await
}

/// Of these fingerprints those that texts have, and few texts.
fn telling(conn: &mut Conn, some: &[i64]) -> Result<Vec<i64>, DbError> {
    let counted: Vec<(i64, i64)> = prints::table
        .filter(prints::fingerprint.eq_any(some))
        .group_by(prints::fingerprint)
        .select((prints::fingerprint, diesel::dsl::count_star()))
        .load(conn)?;
    let few = counted.into_iter().filter(|(_, texts)| *texts <= COMMON);
    Ok(few.map(|(fingerprint, _)| fingerprint).collect())
}
