//! Snapshots: written once, never changed, with what they refer to under foreign keys.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::stored;
use crate::articles::model::{ChangeKind, Content};
use crate::db::schema::{version_references as refs, versions};
use crate::db::{Actor, Conn, DbError, StoreError, Tx, insert_rows};
use crate::kernel::id::{ArticleId, Id, UserId};
use crate::kernel::time::to_db;

/// A snapshot's row.
#[derive(Insertable)]
#[diesel(table_name = versions, treat_none_as_default_value = false)]
pub(super) struct VersionRow {
    article_id: String,
    n: i64,
    change_kind: &'static str,
    note: Option<String>,
    digest: String,
    content: String,
    body: String,
    created_by: Option<String>,
    created_at: chrono::NaiveDateTime,
}

/// The member of staff who writes, if it is one.
pub(super) fn author_of(tx: &Tx<'_>) -> Option<UserId> {
    match &tx.cx.actor {
        Actor::User(id) => UserId::parse(id),
        Actor::Client(_) | Actor::Anonymous | Actor::Operator | Actor::System => None,
    }
}

/// Keeps a snapshot.
pub(super) fn add_version(
    tx: &mut Tx<'_>,
    id: ArticleId,
    n: i64,
    kind: ChangeKind,
    note: Option<String>,
    text: &Content,
) -> Result<(), StoreError> {
    let version = row(id, n, kind, note, text, author_of(tx), tx.now())?;
    insert(tx.conn, &[version], &references_of(id, n, text))?;
    Ok(())
}

/// Makes a snapshot's row.
pub(super) fn row(
    id: ArticleId,
    n: i64,
    kind: ChangeKind,
    note: Option<String>,
    text: &Content,
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<VersionRow, DbError> {
    let columns = stored::write(text)?;
    Ok(VersionRow {
        article_id: id.to_string(),
        n,
        change_kind: kind.as_str(),
        note,
        digest: columns.digest,
        content: columns.content,
        body: columns.body,
        created_by: by.map(|user| user.to_string()),
        created_at: to_db(now),
    })
}

/// Adds rows.
pub(super) fn insert(
    conn: &mut Conn,
    rows: &[VersionRow],
    references: &[Reference],
) -> Result<(), DbError> {
    insert_rows!(&mut *conn, versions::table, rows);
    insert_rows!(conn, refs::table, references);
    Ok(())
}

/// What a snapshot refers to.
#[derive(Insertable)]
#[diesel(table_name = refs, treat_none_as_default_value = false)]
pub(super) struct Reference {
    article_id: String,
    n: i64,
    position: i64,
    role: &'static str,
    author_id: Option<String>,
    section_id: Option<String>,
    source_id: Option<String>,
    target_id: Option<String>,
}

/// Everything that a text refers to.
pub(super) fn references_of(id: ArticleId, n: i64, text: &Content) -> Vec<Reference> {
    let mut rows: Vec<Reference> = Vec::new();
    let mut add = |role: &'static str, fill: &dyn Fn(&mut Reference)| {
        let mut row = Reference {
            article_id: id.to_string(),
            n,
            position: i64::try_from(rows.len()).unwrap_or(i64::MAX),
            role,
            author_id: None,
            section_id: None,
            source_id: None,
            target_id: None,
        };
        fill(&mut row);
        rows.push(row);
    };
    if let Some(section) = text.section_id {
        add("section", &|row| row.section_id = Some(section.to_string()));
    }
    if let Some(source) = text.source_id {
        add("source", &|row| row.source_id = Some(source.to_string()));
    }
    if let Some(editor) = text.editor_id {
        add("editor", &|row| row.author_id = Some(editor.to_string()));
    }
    for one in &text.contributors {
        add(one.role.as_str(), &|row| {
            row.author_id = Some(one.author_id.to_string());
        });
    }
    for related in &text.related {
        add("related", &|row| row.target_id = Some(related.to_string()));
    }
    if let Some(original) = text.translation_of {
        add("translation_of", &|row| {
            row.target_id = Some(original.to_string());
        });
    }
    rows
}
