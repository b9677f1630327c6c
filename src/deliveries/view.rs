//! The ledger and its reports on the wire.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde::ser::Error as _;
use utoipa::ToSchema;

use super::model::{Count, Group, Recorded, Usage, UsageGroup, UsageQuery};
use crate::http::page::page_of;
use crate::http::reply::Outward;
use crate::kernel::id::{
    ArticleId, AttestationId, ClientId, DeliveryId, LicenceId, PartnerId, SectionId,
};
use crate::kernel::text::digest_field;
use crate::rights::{Extent, Surface};

/// A body that was given to a partner.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Delivery, example = json!({"id": "dlv_01900000000070008000000000000001", "at": "2026-06-01T12:00:00Z",
    "partner_id": "ptn_01900000000070008000000000000001", "client_id": "cli_01900000000070008000000000000001",
    "licence_id": "lic_01900000000070008000000000000001", "licence_revision": 1,
    "article_id": "art_01900000000070008000000000000001", "section_id": "sec_01900000000070008000000000000001", "version": 1,
    "digest": "sha-256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "content_digest": "sha-256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "credit_line": "Source: Harbour Daily", "extent": "full", "format": "html", "surface": "item",
    "attestation_id": "att_01900000000070008000000000000001", "request_id": "01900000-0000-7000-8000-000000000001"}))]
pub struct DeliveryView {
    pub id: DeliveryId,
    /// When it was given.
    pub at: DateTime<Utc>,
    pub partner_id: PartnerId,
    /// The key that asked.
    pub client_id: ClientId,
    /// The licence that it was given under, and the revision that stood.
    pub licence_id: LicenceId,
    pub licence_revision: i64,
    pub article_id: ArticleId,
    /// Where the article stood when it was given.
    #[schema(required = true)]
    pub section_id: Option<SectionId>,
    /// The version that was given.
    pub version: i64,
    /// `sha-256=…` of that version, as the article's `body.digest` has it.
    pub digest: String,
    /// `sha-256=…` of the body as it went out.
    pub content_digest: String,
    /// The credit line as it was sent.
    pub credit_line: String,
    pub extent: Extent,
    /// What the body was written in.
    pub format: String,
    pub surface: Surface,
    /// The signed statement that went with it.
    #[schema(required = true)]
    pub attestation_id: Option<AttestationId>,
    /// `X-Request-Id` of the answer.
    #[schema(required = true)]
    pub request_id: Option<String>,
}

impl Outward for DeliveryView {}

impl From<Recorded> for DeliveryView {
    fn from(row: Recorded) -> Self {
        Self {
            id: row.id,
            at: row.at,
            partner_id: row.partner,
            client_id: row.client,
            licence_id: row.licence,
            licence_revision: row.licence_revision,
            article_id: row.article,
            section_id: row.section,
            version: row.version,
            digest: digest_field(&row.digest),
            content_digest: digest_field(&row.content_digest),
            credit_line: row.credit_line,
            extent: row.extent,
            format: row.format,
            surface: row.surface,
            attestation_id: row.attestation,
            request_id: row.request_id,
        }
    }
}

page_of! {
    /// A page of the ledger.
    DeliveryPage of DeliveryView
}

/// How many bodies were given.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(example = json!({"bodies": 12, "articles": 7}))]
pub struct UsageTotal {
    pub bodies: i64,
    /// Different articles among them.
    pub articles: i64,
}

impl From<Count> for UsageTotal {
    fn from(count: Count) -> Self {
        Self {
            bodies: count.bodies,
            articles: count.articles,
        }
    }
}

/// What was given within one group. Only what the report is grouped by is there, and what the
/// group has: works without a section are counted without `section_id`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"partner_id": "ptn_01900000000070008000000000000001", "partner_name": "Coastal Gazette", "bodies": 12, "articles": 7}))]
pub struct UsageRow {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub partner_id: Option<PartnerId>,
    /// What the partner is called now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub partner_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub article_id: Option<ArticleId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub section_id: Option<SectionId>,
    /// The day (UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub day: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub extent: Option<Extent>,
    pub bodies: i64,
    /// Different articles among them.
    pub articles: i64,
}

impl From<Group> for UsageRow {
    fn from(group: Group) -> Self {
        Self {
            partner_id: group.partner,
            partner_name: group.partner_name,
            article_id: group.article,
            section_id: group.section,
            day: group.day,
            extent: group.extent,
            bodies: group.count.bodies,
            articles: group.count.articles,
        }
    }
}

/// What was given to partners over some days (UTC).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"from": "2026-05-03", "until": "2026-06-02", "group_by": ["partner"],
    "data": [{"partner_id": "ptn_01900000000070008000000000000001", "partner_name": "Coastal Gazette", "bodies": 12, "articles": 7}],
    "total": {"bodies": 12, "articles": 7}}))]
pub struct UsageReport {
    pub from: NaiveDate,
    /// The first day that is not in it.
    pub until: NaiveDate,
    pub group_by: Vec<UsageGroup>,
    pub data: Vec<UsageRow>,
    pub total: UsageTotal,
    /// Whether it goes out as CSV.
    #[serde(skip)]
    as_csv: bool,
}

impl UsageReport {
    pub fn new(asked: &UsageQuery, usage: Usage, as_csv: bool) -> Self {
        Self {
            from: asked.from,
            until: asked.until,
            group_by: asked.group_by.clone(),
            data: usage.groups.into_iter().map(UsageRow::from).collect(),
            total: usage.total.into(),
            as_csv,
        }
    }

    /// The rows with a header, as CSV (RFC 4180).
    fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        let mut header: Vec<&str> = Vec::new();
        for by in &self.group_by {
            header.extend(columns(*by));
        }
        header.extend(["bodies", "articles"]);
        csv.write_record(header)?;
        for row in &self.data {
            let cells = self.group_by.iter().flat_map(|by| row.cells(*by));
            let counts = [row.bodies.to_string(), row.articles.to_string()];
            csv.write_record(cells.map(guarded).chain(counts))?;
        }
        csv.into_inner()
            .map_err(|error| csv::Error::from(error.into_error()))
    }
}

impl Outward for UsageReport {
    fn bytes(&self) -> Result<(Vec<u8>, &'static str), serde_json::Error> {
        if self.as_csv {
            let bytes = self.csv().map_err(serde_json::Error::custom)?;
            return Ok((bytes, "text/csv; charset=utf-8"));
        }
        Ok((serde_json::to_vec(self)?, "application/json"))
    }
}

/// The columns that a group takes.
fn columns(by: UsageGroup) -> &'static [&'static str] {
    match by {
        UsageGroup::Partner => &["partner_id", "partner_name"],
        UsageGroup::Article => &["article_id"],
        UsageGroup::Section => &["section_id"],
        UsageGroup::Day => &["day"],
        UsageGroup::Extent => &["extent"],
    }
}

impl UsageRow {
    /// What stands in the columns of a group.
    fn cells(&self, by: UsageGroup) -> Vec<String> {
        fn cell(value: Option<impl ToString>) -> String {
            value.map(|value| value.to_string()).unwrap_or_default()
        }
        match by {
            UsageGroup::Partner => vec![cell(self.partner_id), cell(self.partner_name.as_deref())],
            UsageGroup::Article => vec![cell(self.article_id)],
            UsageGroup::Section => vec![cell(self.section_id)],
            UsageGroup::Day => vec![cell(self.day)],
            UsageGroup::Extent => vec![cell(self.extent.map(Extent::as_str))],
        }
    }
}

/// A cell that no spreadsheet takes for a formula: a name is what somebody typed.
fn guarded(cell: String) -> String {
    // Some take the full-width forms for the same.
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        format!("'{cell}")
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for cell in [
            "=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠x",
        ] {
            assert_eq!(guarded(cell.to_owned()), format!("'{cell}"));
        }
        for cell in ["", "Gazette", "港口日报", "a=b", "'=1"] {
            assert_eq!(guarded(cell.to_owned()), cell);
        }
    }
}
