//! Every body that a partner gets is one row of the ledger, and a statement that can be checked.

use std::collections::HashSet;

use diesel::prelude::*;
use masthead::db::schema::deliveries;
use masthead::kernel::text::sha256_hex;
use serde_json::{Value, json};

use super::corpus::Work;
use super::deals::Deal;
use crate::support::{Answer, TestApp};

/// A row of the ledger, or what it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Queryable)]
struct Row {
    article: String,
    partner: String,
    client: String,
    licence: String,
    extent: String,
    format: String,
    surface: String,
    digest: String,
    content_digest: String,
    credit: String,
    attested: Option<String>,
}

/// Holds answers to a partner's key against the ledger.
pub struct Books<'a> {
    app: &'a TestApp,
    checked: HashSet<String>,
    /// Works that somebody withdraws: the clock goes back behind it, and what was signed before
    /// it is worth nothing all the same.
    withdrawn: HashSet<String>,
    pub bodies: usize,
}

impl<'a> Books<'a> {
    pub fn of(app: &'a TestApp, works: &[Work]) -> Self {
        let by_hand =
            |work: &&Work| matches!(work.facts.end, Some((_, class)) if class != "rights_expired");
        Self {
            app,
            checked: HashSet::new(),
            withdrawn: works
                .iter()
                .filter(by_hand)
                .map(|work| work.id.clone())
                .collect(),
            bodies: 0,
        }
    }

    fn rows(&self, answer: &Answer) -> Vec<Row> {
        let request = answer.header("x-request-id").to_owned();
        assert!(!request.is_empty());
        let mut rows: Vec<Row> = self.app.change(|conn| {
            deliveries::table
                .filter(deliveries::request_id.eq(&request))
                .select((
                    deliveries::article_id,
                    deliveries::partner_id,
                    deliveries::client_id,
                    deliveries::licence_id,
                    deliveries::extent,
                    deliveries::format,
                    deliveries::surface,
                    deliveries::digest,
                    deliveries::content_digest,
                    deliveries::credit_line,
                    deliveries::attestation_id,
                ))
                .load(conn)
        });
        rows.sort();
        rows
    }

    /// The answer gave no body, and none is on the books.
    pub fn nothing(&self, answer: &Answer, place: &str) {
        assert_eq!(self.rows(answer), [], "{place}");
    }

    /// The bodies of an answer in JSON are on the books, and nothing else.
    pub async fn items(&mut self, answer: &Answer, deal: &Deal, surface: &str) {
        let place = format!("{} × {surface} at {}", deal.name, self.app.clock.now());
        let json = match answer.status {
            200 => answer.json(),
            _ => Value::Null,
        };
        let items = match json.get("data") {
            Some(items) => items.as_array().unwrap().iter().collect(),
            None => vec![&json],
        };
        let bodies = items.into_iter().filter(|item| item.get("body").is_some());
        let mut expected = Vec::new();
        let mut tokens = Vec::new();
        for item in bodies {
            let (body, credit) = (&item["body"], &item["attribution"]);
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let content = match &body["value"] {
                Value::String(text) => text.clone().into_bytes(),
                blocks => serde_json_canonicalizer::to_vec(blocks).unwrap(),
            };
            expected.push(Row {
                article: text(&item["id"]),
                partner: deal.partner.clone(),
                client: deal.client.clone(),
                licence: text(&credit["usage"]["licence_id"]),
                extent: text(&credit["usage"]["extent"]),
                format: text(&body["format"]),
                surface: surface.to_owned(),
                digest: text(&body["digest"])
                    .trim_start_matches("sha-256=")
                    .to_owned(),
                content_digest: sha256_hex(&content),
                credit: text(&credit["credit_line"]),
                attested: None,
            });
            tokens.push(text(&credit["attestation"]));
        }
        let order: Vec<Row> = expected.clone();
        expected.sort();
        let rows = self.rows(answer);
        let unattested = |row: &Row| Row {
            attested: None,
            ..row.clone()
        };
        assert_eq!(
            rows.iter().map(unattested).collect::<Vec<_>>(),
            expected,
            "{place}"
        );
        self.bodies += rows.len();
        for (row, token) in order.into_iter().zip(tokens) {
            let row = rows.iter().find(|known| unattested(known) == row).unwrap();
            self.attested(row, token, &place).await;
        }
    }

    /// A statement says what the ledger says. Some of them are checked: each is costly.
    async fn attested(&mut self, row: &Row, token: String, place: &str) {
        if !self.checked.insert(token.clone()) || self.checked.len() % 5 != 1 {
            assert!(row.attested.is_some(), "{place}");
            return;
        }
        let ask = self.app.post(
            "/v1/attestations/verify",
            json!({"attestation": token, "credit_line": row.credit}),
        );
        let verdict = ask.send().await.expect(200).json();
        let worth = if self.withdrawn.contains(&row.article) {
            "revoked"
        } else {
            "valid"
        };
        assert_eq!(
            (&verdict["status"], &verdict["credit_matches"]),
            (&json!(worth), &json!(true)),
            "{place}: {verdict}"
        );
        let said = &verdict["attestation"];
        for (claim, known) in [
            ("id", row.attested.as_deref().unwrap_or_default()),
            ("partner", &row.partner),
            ("licence", &row.licence),
            ("article", &row.article),
            ("extent", &row.extent),
            ("format", &row.format),
            ("credit_line", &row.credit),
        ] {
            assert_eq!(said[claim], known, "{place}: {claim} of {said}");
        }
        assert_eq!(
            said["content_digest"],
            format!("sha-256={}", row.content_digest),
            "{place}"
        );
        assert_eq!(said["digest"], format!("sha-256={}", row.digest), "{place}");
    }

    /// A document is on the books, byte for byte.
    pub fn document(&mut self, answer: &Answer, deal: &Deal, article: &str, format: &str) {
        let place = format!("{} × {article} × {format}", deal.name);
        if answer.status != 200 {
            return self.nothing(answer, &place);
        }
        let rows = self.rows(answer);
        let [row] = rows.as_slice() else {
            panic!("{place}: {rows:?}");
        };
        assert_eq!(
            (
                row.article.as_str(),
                row.client.as_str(),
                row.partner.as_str()
            ),
            (article, deal.client.as_str(), deal.partner.as_str()),
            "{place}"
        );
        assert_eq!(
            (row.format.as_str(), row.surface.as_str()),
            (format, "representation"),
            "{place}"
        );
        assert_eq!(row.content_digest, sha256_hex(&answer.body), "{place}");
        assert!(answer.text().contains(&row.credit), "{place}");
        // The licence is named by the link to its terms.
        let links: Vec<&str> = answer
            .headers
            .get_all("link")
            .filter_map(|link| link.to_str().ok())
            .collect();
        let terms = format!("</v1/licences/{}/policy>; rel=\"license\"", row.licence);
        assert!(links.contains(&terms.as_str()), "{place}: {links:?}");
        self.bodies += 1;
    }
}
