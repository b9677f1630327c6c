//! The text index: the words of each side of an article, kept in the transaction that writes it.
//!
//! The one place where the engines keep different tables: FTS5 on SQLite, a `tsvector` on PostgreSQL.
//! Rows are numbered in the order of publication, so that the newest that match are read without a
//! look at the others. Texts are made by [`crate::articles::search`]; who may find what is in
//! [`super::search`].

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel::{QueryableByName, sql_query};

use super::load::content;
use super::prints;
use super::reach::Condition;
use crate::articles::model::{Content, Side, State};
use crate::articles::search::tokens::LEAD_CHARS;
use crate::articles::search::{Dialect, Texts};
use crate::db::schema::search_docs as docs;
use crate::db::{Conn, DbError, Engine, StoreError, insert_rows};
use crate::kernel::id::{ArticleId, Id as _};

/// Bits of a number that tell texts of one instant apart.
const TIE_BITS: u32 = 20;

/// From this instant on, in milliseconds since 1970, numbers are of what has no time yet.
const UNTIMED: i64 = 1 << 42;

/// How much later than its publication a text is numbered when its time is moved by `time`.
pub(super) fn span(time: chrono::TimeDelta) -> i64 {
    time.num_milliseconds() << TIE_BITS
}

/// The numbers of the texts that readers see from this instant on begin here.
pub(super) fn first_at(from: DateTime<Utc>) -> i64 {
    let millis = from.timestamp_millis();
    millis.clamp(-UNTIMED, UNTIMED - 1) << TIE_BITS
}

/// Where the numbers of a text begin: by its time; without one behind all others, by its creation.
fn first_of(state: &State) -> i64 {
    match state.lifecycle().visible_from() {
        Some(from) => first_at(from),
        None => {
            let millis = state.created_at.timestamp_millis().clamp(0, UNTIMED - 1);
            (UNTIMED + millis) << TIE_BITS
        }
    }
}

#[derive(Insertable, Queryable, Selectable, Clone)]
#[diesel(table_name = docs, treat_none_as_default_value = false)]
struct DocRow {
    article_id: String,
    side: String,
    version: i64,
    doc: i64,
    prints: i64,
}

impl DocRow {
    fn of(id: ArticleId, side: Side, version: i64, doc: i64, prints: usize) -> Self {
        Self {
            article_id: id.to_string(),
            side: side.as_str().to_owned(),
            version,
            doc,
            prints: i64::try_from(prints).unwrap_or(i64::MAX),
        }
    }
}

/// What is searched of an article: a reprint's original title stands in every answer, so it is one of
/// the titles.
fn texts(content: &Content) -> Texts {
    let original = content.original.as_ref();
    let titles = [
        Some(content.title.as_str()),
        content.subtitle.as_deref(),
        original.and_then(|original| original.title.as_deref()),
    ];
    let titles: Vec<&str> = titles.into_iter().flatten().collect();
    let lead = content.body.excerpt(LEAD_CHARS);
    let lead = lead.map(|lead| lead.to_text()).unwrap_or_default();
    let mut body = vec![content.body.to_text()];
    body.extend(content.tags.iter().cloned());
    if let Some(dateline) = &content.dateline {
        body.extend(dateline.place.iter().chain(&dateline.agency).cloned());
    }
    Texts::of([
        &titles.join("\n"),
        &content.summary,
        &lead,
        &body.join("\n"),
    ])
}

/// The rows of an article.
fn rows(conn: &mut Conn, id: ArticleId) -> Result<Vec<DocRow>, DbError> {
    Ok(docs::table
        .filter(docs::article_id.eq(id.to_string()))
        .select(DocRow::as_select())
        .load(conn)?)
}

/// Keeps the text of one side.
pub(super) fn keep(
    conn: &mut Conn,
    side: Side,
    state: &State,
    version: i64,
    text: &Content,
) -> Result<(), StoreError> {
    let first = first_of(state);
    let fits = |row: &&DocRow| row.version == version && row.doc >> TIE_BITS == first >> TIE_BITS;
    let rows = rows(conn, state.id)?;
    let own = rows.iter().find(|row| row.side == side.as_str());
    let other = rows.iter().find(|row| row.side != side.as_str());
    if own.is_some_and(|row| fits(&row)) {
        return Ok(());
    }
    let doc = match other.filter(fits) {
        Some(other) => other.doc,
        None => {
            let doc = free(conn, first, state.id)?;
            insert(conn, doc, &texts(text))?;
            doc
        }
    };
    forget(conn, side, state.id)?;
    let of = seen(side, text);
    prints::keep(conn, doc, &of)?;
    let row = DocRow::of(state.id, side, version, doc, of.len());
    diesel::insert_into(docs::table).values(row).execute(conn)?;
    Ok(())
}

/// The fingerprints of a side: only of what readers see.
fn seen(side: Side, text: &Content) -> Vec<i64> {
    match side {
        Side::Live => prints::of(text),
        Side::Head => Vec::new(),
    }
}

/// Numbers the texts of an article by its time as it is now.
pub(super) fn retime(conn: &mut Conn, state: &State) -> Result<(), StoreError> {
    let first = first_of(state);
    for row in rows(conn, state.id)? {
        if row.doc >> TIE_BITS != first >> TIE_BITS
            && let Some(side) = Side::parse(&row.side)
        {
            let text = content(conn, state.id, row.version)?;
            keep(conn, side, state, row.version, &text)?;
        }
    }
    Ok(())
}

/// Takes the text of one side away.
pub(super) fn forget(conn: &mut Conn, side: Side, id: ArticleId) -> Result<(), StoreError> {
    let rows = rows(conn, id)?;
    let Some(own) = rows.iter().find(|row| row.side == side.as_str()) else {
        return Ok(());
    };
    diesel::delete(docs::table.find((&own.article_id, &own.side))).execute(conn)?;
    if own.prints > 0 {
        // Made again, so that no second index of them has to be kept.
        let text = content(conn, id, own.version)?;
        prints::forget(conn, own.doc, &seen(side, &text))?;
    }
    let shared = rows
        .iter()
        .any(|row| row.side != own.side && row.doc == own.doc);
    if !shared {
        delete(conn, own.doc)?;
    }
    Ok(())
}

/// The text of a new article, whose sides are the same, ready to be kept.
pub(super) struct New {
    id: ArticleId,
    first: i64,
    sides: Vec<(Side, i64)>,
    texts: Texts,
    prints: Vec<i64>,
}

impl New {
    /// Cuts it into its words, for which no database is needed.
    pub(super) fn of(state: &State, text: &Content) -> Self {
        let live = state.live_version.map(|version| (Side::Live, version));
        Self {
            id: state.id,
            first: first_of(state),
            sides: live
                .into_iter()
                .chain([(Side::Head, state.head_version)])
                .collect(),
            texts: texts(text),
            prints: live.map(|(side, _)| seen(side, text)).unwrap_or_default(),
        }
    }
}

/// Keeps the texts of new articles.
pub(super) fn keep_new(conn: &mut Conn, new: Vec<New>) -> Result<(), DbError> {
    for new in new {
        let doc = free(conn, new.first, new.id)?;
        insert(conn, doc, &new.texts)?;
        prints::keep(conn, doc, &new.prints)?;
        let sides = new.sides.iter();
        let rows: Vec<DocRow> = sides
            .map(|(side, version)| {
                let prints = match side {
                    Side::Live => new.prints.len(),
                    Side::Head => 0,
                };
                DocRow::of(new.id, *side, *version, doc, prints)
            })
            .collect();
        insert_rows!(&mut *conn, docs::table, rows);
    }
    Ok(())
}

/// A number that no text has, of this instant: told apart by the article's id.
fn free(conn: &mut Conn, first: i64, id: ArticleId) -> Result<i64, DbError> {
    let ties = 1 << TIE_BITS;
    let [.., a, b, c] = id.uuid().into_bytes();
    let random = i64::from(u32::from_be_bytes([0, a, b, c]));
    for n in 0..ties {
        let doc = first + (random + n) % ties;
        let taken: Option<i64> = docs::table
            .filter(docs::doc.eq(doc))
            .select(docs::doc)
            .first(conn)
            .optional()?;
        if taken.is_none() {
            return Ok(doc);
        }
    }
    // More than a million of one millisecond: the next one has room.
    free(conn, first + ties, id)
}

fn insert(conn: &mut Conn, doc: i64, texts: &Texts) -> Result<(), DbError> {
    match conn {
        Conn::Sqlite(conn) => {
            let [title, summary, lead, body] = texts.columns();
            sql_query("INSERT INTO search_texts (rowid, title, summary, lead, body) VALUES ($1, $2, $3, $4, $5)")
                .bind::<BigInt, _>(doc)
                .bind::<Text, _>(title)
                .bind::<Text, _>(summary)
                .bind::<Text, _>(lead)
                .bind::<Text, _>(body)
                .execute(conn)?
        }
        Conn::Postgres(conn) => {
            sql_query("INSERT INTO search_texts (doc, words) VALUES ($1, $2::tsvector)")
                .bind::<BigInt, _>(doc)
                .bind::<Text, _>(texts.vector())
                .execute(conn)?
        }
    };
    Ok(())
}

fn delete(conn: &mut Conn, doc: i64) -> Result<(), DbError> {
    let query = match conn {
        Conn::Sqlite(_) => "DELETE FROM search_texts WHERE rowid = $1",
        Conn::Postgres(_) => "DELETE FROM search_texts WHERE doc = $1",
    };
    sql_query(query).bind::<BigInt, _>(doc).execute(conn)?;
    Ok(())
}

/// How an engine is asked.
pub(super) fn dialect(engine: Engine) -> Dialect {
    match engine {
        Engine::Sqlite => Dialect::Fts5,
        Engine::Postgres => Dialect::Tsquery,
    }
}

/// Numbers of texts that match, in their order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// Beyond this one, or from the end.
    pub after: Option<i64>,
    /// As far as this one, or to the other end.
    pub until: Option<i64>,
    pub descending: bool,
    pub most: i64,
}

impl Span {
    /// What it lies beyond, and what it ends with.
    pub fn bounds(&self) -> (i64, i64) {
        let (first, last) = match self.descending {
            true => (i64::MAX, i64::MIN),
            false => (i64::MIN, i64::MAX),
        };
        (self.after.unwrap_or(first), self.until.unwrap_or(last))
    }
}

/// The next texts that match an expression.
pub(super) fn matching(conn: &mut Conn, expression: &str, span: Span) -> Result<Vec<i64>, DbError> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = BigInt)]
        doc: i64,
    }
    let (beyond, within, order) = match span.descending {
        true => ("<", ">=", "DESC"),
        false => (">", "<=", "ASC"),
    };
    let (after, until) = span.bounds();
    let (doc, found, place) = match conn {
        Conn::Sqlite(_) => ("rowid", "search_texts MATCH $1", "rowid"),
        // Not by the key: for a rare word the planner would walk it from one end to the other.
        Conn::Postgres(_) => ("doc", "words @@ $1::tsquery", "doc + 0"),
    };
    let query = format!(
        "SELECT {doc} AS doc FROM search_texts WHERE {found} AND {doc} {beyond} $2 AND {doc} {within} $3 \
         ORDER BY {place} {order} LIMIT $4"
    );
    let found: Vec<Found> = sql_query(query)
        .bind::<Text, _>(expression)
        .bind::<BigInt, _>(after)
        .bind::<BigInt, _>(until)
        .bind::<BigInt, _>(span.most)
        .load(conn)?;
    Ok(found.into_iter().map(|found| found.doc).collect())
}

/// Whether the text of a row matches an expression.
pub(super) fn matches(dialect: Dialect, expression: String) -> Condition {
    let (before, after) = match dialect {
        Dialect::Fts5 => (
            "EXISTS (SELECT 1 FROM search_docs d WHERE d.article_id = article_listings.article_id \
             AND d.side = article_listings.side \
             AND d.doc IN (SELECT rowid FROM search_texts WHERE search_texts MATCH ",
            "))",
        ),
        Dialect::Tsquery => (
            "EXISTS (SELECT 1 FROM search_docs d WHERE d.article_id = article_listings.article_id \
             AND d.side = article_listings.side \
             AND d.doc IN (SELECT t.doc FROM search_texts t WHERE t.words @@ (",
            ")::tsquery))",
        ),
    };
    Box::new(
        diesel::dsl::sql::<Bool>(before)
            .bind::<Text, _>(expression)
            .sql(after),
    )
}
