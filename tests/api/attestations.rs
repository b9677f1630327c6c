//! Attestations as partners and those who meet a reprint have them checked.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use masthead::db::DbError;
use masthead::db::schema::{articles, attestations, licences, partners};
use masthead::http::ledger::Attest as _;
use masthead::kernel::id::{Id, LicenceId, PartnerId};
use masthead::kernel::text::sha256_hex;
use masthead::kernel::time::to_db;
use masthead::keys::rotation::rotate;
use masthead::keys::{Foreign, KeyPurpose};
use masthead::rights::{Delivery, Extent, Role};
use serde_json::{Value, json};

use crate::support::corpus::Corpus;
use crate::support::request::faults;
use crate::support::{TestApp, both_engines};

const BODY: &str = "<p>The quay opens on Monday.</p>";

fn write(app: &TestApp, change: impl FnOnce(&mut masthead::db::Conn) -> QueryResult<usize>) {
    app.db
        .write_now(&app.write(), |tx| {
            change(tx.conn).map(|_| ()).map_err(DbError::from)
        })
        .unwrap();
}

/// A delivery of the corpus' article to a partner with a licence.
async fn licensed(app: &TestApp) -> Delivery {
    let corpus = Corpus::make(app).await;
    let now = to_db(app.clock.now());
    let partner: PartnerId = app.parts.shared.mint.id(app.clock.now());
    let licence: LicenceId = app.parts.shared.mint.id(app.clock.now());
    write(app, |conn| {
        diesel::insert_into(partners::table)
            .values((
                partners::id.eq(partner.to_string()),
                partners::revision.eq(1),
                partners::name.eq("Coastal Portal"),
                partners::name_key.eq("coastal portal"),
                partners::created_at.eq(now),
                partners::updated_at.eq(now),
            ))
            .execute(conn)
    });
    write(app, |conn| {
        diesel::insert_into(licences::table)
            .values((
                licences::id.eq(licence.to_string()),
                licences::revision.eq(1),
                licences::partner_id.eq(partner.to_string()),
                licences::extent.eq("full"),
                licences::channels.eq(r#"["web"]"#),
                licences::territories.eq(r#"["CN"]"#),
                licences::valid_from.eq(now),
                licences::alteration.eq("none"),
                licences::embargo_privilege.eq(false),
                licences::cache_max_age_seconds.eq(3_600),
                licences::removal_deadline_hours.eq(24),
                licences::indexing.eq("noindex"),
                licences::ai_input.eq(false),
                licences::ai_train.eq(false),
                licences::status.eq("active"),
                licences::created_at.eq(now),
                licences::updated_at.eq(now),
            ))
            .execute(conn)
    });
    Delivery {
        partner,
        client: Id::parse(&corpus.client).unwrap(),
        client_revision: 1,
        licence,
        licence_revision: 1,
        valid_until: None,
        embargoed: false,
        article: Id::parse(&corpus.article).unwrap(),
        section: None,
        version: 1,
        digest: "ab".repeat(32),
        content_digest: sha256_hex(BODY.as_bytes()),
        credit_line: "来源：滨海日报".to_owned(),
        extent: Extent::Full,
        format: "html",
        attestation: None,
    }
}

async fn signed(app: &TestApp, delivery: &Delivery) -> String {
    let given = app
        .parts
        .signer
        .attest(std::slice::from_ref(delivery), app.clock.now());
    given.await.unwrap().remove(0).token
}

async fn verified(app: &TestApp, body: Value) -> Value {
    let answer = app
        .post("/v1/attestations/verify", body)
        .send()
        .await
        .expect(200);
    assert!(answer.header("cache-control").contains("no-store"));
    answer.json()
}

async fn status(app: &TestApp, token: &str) -> String {
    let seen = verified(app, json!({"attestation": token})).await;
    seen["status"].as_str().unwrap().to_owned()
}

fn later(app: &TestApp, by: TimeDelta) -> DateTime<Utc> {
    app.clock.now() + by
}

both_engines! {
    async fn a_statement_is_checked(app) {
        let delivery = licensed(&app).await;
        let token = signed(&app, &delivery).await;
        let seen = verified(&app, json!({"attestation": token})).await;
        assert_eq!((&seen["status"], &seen["tampered_fields"]), (&json!("valid"), &json!([])));
        assert!(seen.get("credit_matches").is_none() && seen.get("content_matches").is_none());
        let said = &seen["attestation"];
        assert_eq!(said["partner"], json!(delivery.partner));
        assert_eq!(said["licence"], json!(delivery.licence));
        assert_eq!(said["article"], json!(delivery.article));
        assert_eq!(said["credit_line"], "来源：滨海日报");
        assert_eq!((&said["extent"], &said["format"], &said["version"]), (&json!("full"), &json!("html"), &json!(1)));
        assert_eq!(said["issued_at"], "2026-06-01T12:00:00Z");
        assert_eq!(said["expires_at"], "2026-07-01T12:00:00Z");
        let settings = app.get("/v1/settings").by_admin().await.json();
        assert_eq!(said["issuer"], settings["base_url"]);

        let printed = verified(&app, json!({"attestation": token, "credit_line": " 来源:滨海日报 ", "content": BODY})).await;
        assert_eq!((&printed["credit_matches"], &printed["content_matches"]), (&json!(true), &json!(true)));
        let other = verified(&app, json!({"attestation": token, "credit_line": "滨海日报", "content": "<p>Ours.</p>"})).await;
        assert_eq!((&other["credit_matches"], &other["content_matches"]), (&json!(false), &json!(false)));
        assert_eq!(other["status"], "valid");

        app.clock.advance(TimeDelta::days(30));
        let past = verified(&app, json!({"attestation": token})).await;
        assert_eq!((&past["status"], past["attestation"].is_object()), (&json!("expired"), true));
    }

    async fn a_statement_ends_with_what_it_rests_on(app) {
        let delivery = licensed(&app).await;
        let token = signed(&app, &delivery).await;
        assert_eq!(status(&app, &token).await, "valid");
        let licence = delivery.licence.to_string();
        for word in ["suspended", "revoked", "active"] {
            write(&app, |conn| diesel::update(licences::table.find(&licence)).set(licences::status.eq(word)).execute(conn));
            assert_eq!(status(&app, &token).await, if word == "active" { "valid" } else { "revoked" });
        }
        let partner = delivery.partner.to_string();
        for (ended, expected) in [(Some(later(&app, TimeDelta::seconds(1))), "valid"), (Some(app.clock.now()), "revoked"), (None, "valid")] {
            write(&app, |conn| diesel::update(partners::table.find(&partner)).set(partners::ended_at.eq(ended.map(to_db))).execute(conn));
            assert_eq!(status(&app, &token).await, expected);
        }
        let article = delivery.article.to_string();
        for (end, expected) in [(Some(later(&app, TimeDelta::seconds(1))), "valid"), (Some(app.clock.now()), "revoked"), (None, "valid")] {
            write(&app, |conn| diesel::update(articles::table.find(&article)).set(articles::unpublish_at.eq(end.map(to_db))).execute(conn));
            assert_eq!(status(&app, &token).await, expected);
        }
        app.post(&format!("/v1/articles/{article}/withdraw"), json!({"reason_class": "editorial", "reason": "Wrong."})).by_role(Role::Editor).await.expect(200);
        let gone = verified(&app, json!({"attestation": token})).await;
        assert_eq!((&gone["status"], &gone["attestation"]["id"]), (&json!("revoked"), &gone["attestation"]["id"]));
        app.clock.advance(TimeDelta::days(31));
        assert_eq!(status(&app, &token).await, "revoked", "it was before it ended");
    }

    async fn what_is_no_statement_is_tampered_and_no_error(app) {
        let delivery = licensed(&app).await;
        let token = signed(&app, &delivery).await;
        let tampered = async |token: &str| {
            let seen = verified(&app, json!({"attestation": token, "credit_line": "x", "content": "x"})).await;
            assert_eq!(seen["status"], "tampered", "{token}");
            assert_eq!(seen.as_object().unwrap().len(), 2, "{seen}");
            seen["tampered_fields"].clone()
        };
        for garbage in ["", "x", "..", "a.b.c", "e30.e30.AAAA", "mh_key", "来源", "\0", "e30.e30.\0", "\u{202e}", &".".repeat(8_192), &"A".repeat(8_192)] {
            assert_eq!(tampered(garbage).await, json!([]));
        }
        // What no statement is as long as is not looked at.
        for long in ["A".repeat(8_193), "\0".repeat(100_000), "来".repeat(200_000), format!("{token}{}", "A".repeat(8_193))] {
            assert_eq!(tampered(&long).await, json!([]));
        }
        // What is beside it is compared and no more.
        let beside = verified(&app, json!({"attestation": token, "credit_line": "\0".repeat(2_001), "content": "\0"})).await;
        assert_eq!((&beside["status"], &beside["credit_matches"], &beside["content_matches"]), (&json!("valid"), &json!(false), &json!(false)));
        assert_eq!(tampered(&format!("{token}\0")).await, json!(["signature"]));
        // An access token is none, and a statement is no access token.
        assert_eq!(tampered(&app.token(Role::Admin).await).await, json!([]));
        app.get("/v1/me").bearer(&token).send().await.expect(401);
        let (message, _) = token.rsplit_once('.').unwrap();
        assert_eq!(tampered(&format!("{message}.AAAA")).await, json!(["signature"]));

        let none = app.post("/v1/attestations/verify", json!({"attestation": 7})).send().await.expect(422);
        assert_eq!(none.faults(), faults(&[("/attestation", "type")]));
        app.post("/v1/attestations/verify", json!({"attestation": "x", "more": 1})).send().await.expect(422);
    }

    async fn keys_follow_each_other_while_statements_hold(app) {
        let delivery = licensed(&app).await;
        let token = signed(&app, &delivery).await;
        let keys = async || {
            let set = app.get("/.well-known/jwks.json").send().await.expect(200).json();
            set["keys"].as_array().unwrap().clone()
        };
        let before = keys().await;
        assert_eq!(before.len(), 2, "one of each purpose");
        assert!(before.iter().all(|key| key["use"] == "sig" && key["alg"] == "EdDSA" && key["kid"].is_string()));
        let head: Value = {
            use base64::Engine as _;
            let head = token.split('.').next().unwrap();
            serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(head).unwrap()).unwrap()
        };
        assert!(before.iter().any(|key| key["kid"] == head["kid"]));
        let secret = "a secret for tests that is long enough";
        rotate(&app.db, secret, &app.write(), KeyPurpose::Attestation, 31 * 24, Foreign::Refuse).unwrap();
        assert_eq!(status(&app, &token).await, "valid");
        // What was given out is known, whatever becomes of its key.
        rotate(&app.db, secret, &app.write(), KeyPurpose::Attestation, 0, Foreign::Refuse).unwrap();
        assert_eq!(status(&app, &token).await, "valid");
        // A fresh node tells the keys of now.
        let rings = masthead::keys::Rings::open(&app.db, secret, &app.clock, Foreign::Refuse).unwrap();
        let now = rings.public(app.clock.now()).await.unwrap();
        assert_eq!(now.len(), 2);
        assert!(now.iter().all(|key| head["kid"] != key.kid));
    }

    async fn statements_leave_no_trace_in_the_change_log(app) {
        let delivery = licensed(&app).await;
        let last = || app.db.read_now(|conn| {
            use masthead::db::schema::changes;
            changes::table.select(diesel::dsl::max(changes::seq)).first::<Option<i64>>(conn).map_err(DbError::from)
        }).unwrap();
        let before = last();
        signed(&app, &delivery).await;
        assert_eq!(last(), before);
        let kept: i64 = app.db.read_now(|conn| attestations::table.count().get_result(conn).map_err(DbError::from)).unwrap();
        assert_eq!(kept, 1);
    }
}
