//! Usage reports: the ledger counted by SQL over whole days.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::db::error::stored;
use crate::db::schema::{deliveries, partners};
use crate::db::{Conn, Db, DbError, StoreError};
use crate::deliveries::model::{Count, Group, Usage, UsageGroup, UsageQuery};
use crate::kernel::id::{ArticleId, Id, PartnerId, SectionId};
use crate::rights::Extent;

/// What was given, by partner, article, section, day and extent, and counted. What the report
/// is not grouped by is NULL.
type Row = (
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    i64,
    i64,
);

fn column(by: UsageGroup) -> &'static str {
    match by {
        UsageGroup::Partner => "partner_id",
        UsageGroup::Article => "article_id",
        UsageGroup::Section => "section_id",
        UsageGroup::Day => "day",
        UsageGroup::Extent => "extent",
    }
}

/// Counts what was given over some days.
///
/// # Errors
/// A database error.
pub async fn usage(db: &Db, query: UsageQuery) -> Result<Usage, StoreError> {
    db.read(move |conn| {
        let rows = groups(conn, &query)?;
        let ids = rows.iter().filter_map(|row| row.0.as_deref()).collect();
        let names = names(conn, ids)?;
        let groups = rows.into_iter().map(|row| read(row, &names));
        Ok(Usage {
            groups: groups.collect::<Result<_, _>>()?,
            total: total(conn, &query)?,
        })
    })
    .await
}

/// The rows that a report is about, of a query that is not yet boxed.
macro_rules! within {
    ($query:expr, $asked:expr) => {{
        let mut query = $query
            .filter(deliveries::day.ge($asked.from.to_string()))
            .filter(deliveries::day.lt($asked.until.to_string()))
            .into_boxed();
        if let Some(partner) = $asked.partner {
            query = query.filter(deliveries::partner_id.eq(partner.to_string()));
        }
        if let Some(licence) = $asked.licence {
            query = query.filter(deliveries::licence_id.eq(licence.to_string()));
        }
        if let Some(article) = $asked.article {
            query = query.filter(deliveries::article_id.eq(article.to_string()));
        }
        if let Some(section) = $asked.section {
            query = query.filter(deliveries::section_id.eq(section.to_string()));
        }
        query
    }};
}

/// The counts of each group. The query builder groups by columns that it knows when it is
/// compiled; these are chosen when it is asked, by words of ours alone.
fn groups(conn: &mut Conn, asked: &UsageQuery) -> Result<Vec<Row>, DbError> {
    let shown = |by| {
        let is_asked = asked.group_by.contains(&by);
        sql::<Nullable<Text>>(if is_asked { column(by) } else { "NULL" })
    };
    let columns: Vec<&str> = asked.group_by.iter().map(|by| column(*by)).collect();
    // The engines do not agree on where NULL sorts.
    let order: Vec<String> = columns
        .iter()
        .map(|column| format!("COALESCE({column}, '')"))
        .collect();
    let query = deliveries::table
        .group_by(sql::<Text>(&columns.join(", ")))
        .select((
            shown(UsageGroup::Partner),
            shown(UsageGroup::Article),
            shown(UsageGroup::Section),
            shown(UsageGroup::Day),
            shown(UsageGroup::Extent),
            sql::<BigInt>("COUNT(*)"),
            sql::<BigInt>("COUNT(DISTINCT article_id)"),
        ));
    let query = within!(query, asked);
    Ok(query
        .order(sql::<Text>(&order.join(", ")))
        .limit(i64::try_from(asked.most).unwrap_or(i64::MAX - 1) + 1)
        .load(conn)?)
}

fn total(conn: &mut Conn, asked: &UsageQuery) -> Result<Count, DbError> {
    let query = deliveries::table.select((
        sql::<BigInt>("COUNT(*)"),
        sql::<BigInt>("COUNT(DISTINCT article_id)"),
    ));
    let (bodies, articles) = within!(query, asked).first(conn)?;
    Ok(Count { bodies, articles })
}

/// What partners are called now.
fn names(conn: &mut Conn, ids: BTreeSet<&str>) -> Result<HashMap<String, String>, DbError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let named: Vec<(String, String)> = partners::table
        .filter(partners::id.eq_any(ids))
        .select((partners::id, partners::name))
        .load(conn)?;
    Ok(named.into_iter().collect())
}

fn read(row: Row, names: &HashMap<String, String>) -> Result<Group, DbError> {
    let (partner, article, section, day, extent, bodies, articles) = row;
    Ok(Group {
        partner_name: partner.as_ref().and_then(|id| names.get(id)).cloned(),
        partner: known(partner, PartnerId::parse, "deliveries.partner_id")?,
        article: known(article, ArticleId::parse, "deliveries.article_id")?,
        section: known(section, SectionId::parse, "deliveries.section_id")?,
        day: known(day, |day| day.parse::<NaiveDate>().ok(), "deliveries.day")?,
        extent: known(extent, Extent::parse, "deliveries.extent")?,
        count: Count { bodies, articles },
    })
}

fn known<T>(
    text: Option<String>,
    parse: impl Fn(&str) -> Option<T>,
    what: &str,
) -> Result<Option<T>, DbError> {
    text.map(|text| stored(parse(&text), what)).transpose()
}
