//! Statements that are made, given out again and checked, over a database.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::super::model::AttestationStatus;
use super::*;
use crate::db::schema::attestations;
use crate::db::{DatabaseUrl, PoolOptions, migrate};
use crate::kernel::time::Clock;
use crate::keys::rotation::rotate;
use crate::keys::{Foreign, Rings};
use crate::rights::Extent;
use crate::users::model::Bearer;
use crate::users::tokens::Tokens;

const SECRET: &str = "a secret of an installation, long enough";

struct Site {
    db: Db,
    rings: Rings,
    clock: Clock,
    _folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("news.db");
        let url = DatabaseUrl::parse(&format!("sqlite://{}", path.display())).unwrap();
        let db = Db::open(&url, PoolOptions::default()).unwrap();
        migrate::up(&db).unwrap();
        let clock = Clock::fixed(DateTime::UNIX_EPOCH + TimeDelta::days(20_000));
        Self {
            rings: Rings::open(&db, SECRET, &clock, Foreign::Refuse).unwrap(),
            db,
            clock,
            _folder: folder,
        }
    }

    /// One more node over the same database.
    fn node(&self) -> Signer {
        let rings = Rings::open(&self.db, SECRET, &self.clock, Foreign::Refuse).unwrap();
        let signer = Signer::new(self.db.clone(), rings.attestation, Mint::default());
        signer.issued_by("https://news.example.org");
        signer
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn rotate(&self, hours: u32) {
        let cx = WriteCx {
            actor: Actor::Operator,
            now: self.now(),
            mint: Mint::default(),
            request_id: None,
            once: None,
        };
        let purpose = KeyPurpose::Attestation;
        rotate(&self.db, SECRET, &cx, purpose, hours, Foreign::Refuse).unwrap();
    }

    fn kept(&self) -> i64 {
        self.db
            .read_now(|conn| {
                attestations::table
                    .count()
                    .get_result(conn)
                    .map_err(DbError::from)
            })
            .unwrap()
    }

    async fn one(&self, signer: &Signer, delivery: &Delivery) -> Attested {
        let given = signer.attest(std::slice::from_ref(delivery), self.now());
        given.await.unwrap().remove(0)
    }
}

fn delivery() -> Delivery {
    let (mint, now) = (Mint::seeded(1), DateTime::UNIX_EPOCH);
    Delivery {
        partner: mint.id(now),
        client: mint.id(now),
        client_revision: 1,
        licence: mint.id(now),
        licence_revision: 2,
        valid_until: None,
        embargoed: false,
        article: mint.id(now),
        section: None,
        version: 3,
        digest: "ab".repeat(32),
        content_digest: crate::kernel::text::sha256_hex(b"<p>The quay opens.</p>"),
        credit_line: "来源：滨海日报".to_owned(),
        extent: Extent::Full,
        format: "html",
        attestation: None,
    }
}

fn parts(token: &str) -> [String; 3] {
    let parts: Vec<&str> = token.split('.').collect();
    let read = |part| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    [read(parts[0]), read(parts[1]), parts[2].to_owned()]
}

fn claims(token: &str) -> Value {
    serde_json::from_str(&parts(token)[1]).unwrap()
}

/// The token with another header or other claims.
fn forged(token: &str, header: Option<&Value>, claims: Option<&Value>) -> String {
    let [old_header, old_claims, signature] = parts(token);
    let header = header.map_or(old_header, Value::to_string);
    let claims = claims.map_or(old_claims, Value::to_string);
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{claims}.{signature}")
}

#[tokio::test]
async fn header_and_claims_are_canonical_and_exact() {
    let site = Site::new();
    let delivery = delivery();
    let given = site.one(&site.node(), &delivery).await;
    let key = site.rings.attestation.newest(site.now()).await.unwrap();
    let [header, payload, signature] = parts(&given.token);
    assert_eq!(
        header,
        format!(
            r#"{{"alg":"EdDSA","kid":"{}","typ":"masthead-attestation+jwt"}}"#,
            key.kid()
        )
    );
    let iat = site.now().timestamp();
    let Delivery {
        article,
        licence,
        partner,
        ..
    } = &delivery;
    let (content, digest) = (&delivery.content_digest, &delivery.digest);
    assert_eq!(
        payload,
        format!(
            r#"{{"article":"{article}","content_digest":"sha-256={content}","credit_line":"来源：滨海日报","digest":"sha-256={digest}","exp":{},"extent":"full","format":"html","iat":{iat},"iss":"https://news.example.org","jti":"{}","licence":"{licence}","licence_revision":2,"sub":"{partner}","version":3}}"#,
            iat + 30 * 86_400,
            given.id
        )
    );
    let message = given.token.rsplit_once('.').unwrap().0;
    assert!(key.verifies(message.as_bytes(), &signature));
    assert!(given.token.len() < 8_192);
}

#[tokio::test]
async fn one_statement_for_a_subject_until_it_is_near_its_end() {
    let site = Site::new();
    let (here, there) = (site.node(), site.node());
    let delivery = delivery();
    let first = site.one(&here, &delivery).await;
    assert_eq!(site.one(&here, &delivery).await, first);
    assert_eq!(
        site.one(&there, &delivery).await,
        first,
        "all nodes give out the same"
    );
    site.clock.advance(TimeDelta::days(27));
    assert_eq!(
        site.one(&here, &delivery).await,
        first,
        "three days are left"
    );
    site.clock.advance(TimeDelta::microseconds(1));
    let second = site.one(&here, &delivery).await;
    assert_ne!(second, first);
    assert_eq!(site.one(&there, &delivery).await, second);
    assert_eq!(site.kept(), 2, "the old one is kept: it is evidence");

    let mut others = vec![delivery.clone(); 6];
    others[1].credit_line = "Source: Harbour Daily".to_owned();
    others[2].licence_revision = 3;
    others[3].valid_until = Some(site.now() + TimeDelta::days(300));
    others[4].client_revision = 9;
    others[5].format = "text";
    let given = here.attest(&others, site.now()).await.unwrap();
    let same: Vec<bool> = given.iter().map(|one| *one == second).collect();
    assert_eq!(same, [true, false, false, false, true, false]);
    assert_eq!(site.kept(), 6);
    here.issued_by("https://moved.example.org");
    assert_ne!(site.one(&here, &delivery).await, second);
}

#[tokio::test]
async fn a_statement_ends_with_the_right() {
    let site = Site::new();
    let signer = site.node();
    let now = site.now();
    for (left, exp) in [
        (TimeDelta::days(40), 30 * 86_400),
        (TimeDelta::days(10), 10 * 86_400),
        (TimeDelta::milliseconds(2_900), 2),
        (TimeDelta::milliseconds(900), 1),
    ] {
        let mut delivery = delivery();
        delivery.valid_until = Some(now + left);
        let given = site.one(&signer, &delivery).await;
        let told = claims(&given.token);
        assert_eq!(told["iat"], now.timestamp());
        assert_eq!(told["exp"], now.timestamp() + exp, "{left}");
        // To the right's own end there is no other one, however near it is.
        assert_eq!(site.one(&signer, &delivery).await, given);
    }
    // The one of a right that goes on for longer is followed by one that ends with it.
    let mut long = delivery();
    long.valid_until = Some(now + TimeDelta::days(31));
    let first = site.one(&signer, &long).await;
    site.clock.advance(TimeDelta::days(28));
    let second = site.one(&signer, &long).await;
    assert_ne!(first, second);
    assert_eq!(
        claims(&second.token)["exp"],
        (now + TimeDelta::days(31)).timestamp()
    );
    site.clock.advance(TimeDelta::days(2));
    assert_eq!(site.one(&signer, &long).await, second);
}

#[tokio::test]
async fn a_rotated_key_is_followed_and_a_stolen_one_at_once() {
    let site = Site::new();
    let delivery = delivery();
    let first = site.one(&site.node(), &delivery).await;
    site.rotate(31 * 24);
    assert_eq!(
        site.one(&site.node(), &delivery).await,
        first,
        "what it has signed is taken up to its end"
    );
    site.rotate(0);
    let second = site.one(&site.node(), &delivery).await;
    assert_ne!(second, first);
    assert_ne!(parts(&second.token)[0], parts(&first.token)[0]);
}

fn tampered(verdict: Verdict) -> Vec<String> {
    match verdict {
        Verdict::Tampered(fields) => fields,
        Verdict::Authentic { status, .. } => panic!("it is {status:?}"),
    }
}

#[tokio::test]
async fn whatever_was_changed_is_named() {
    let site = Site::new();
    let signer = site.node();
    let given = site.one(&signer, &delivery()).await.token;
    let verify = async |token: &str| signer.verify(token, site.now()).await.unwrap();
    assert!(
        matches!(
            verify(&given).await,
            Verdict::Authentic {
                status: AttestationStatus::Revoked,
                ..
            }
        ),
        "there is no such licence"
    );

    let told = claims(&given);
    for (name, value) in told.as_object().unwrap() {
        let mut changed = told.clone();
        changed[name] = match value {
            Value::Number(number) => json!(number.as_i64().unwrap() + 1),
            _ => json!(format!("{} ", value.as_str().unwrap())),
        };
        let mut missing = told.clone();
        missing.as_object_mut().unwrap().remove(name);
        for claims in [changed, missing] {
            let fields = tampered(verify(&forged(&given, None, Some(&claims))).await);
            // Without its id it is not known what was signed.
            let expected: &[&str] = if name == "jti" { &[] } else { &[name] };
            assert_eq!(fields, expected);
        }
    }
    let mut more = told.clone();
    more["aud"] = json!("everyone");
    more["credit_line"] = json!("Source: nobody");
    let fields = tampered(verify(&forged(&given, None, Some(&more))).await);
    assert_eq!(fields, ["aud", "credit_line"]);

    let header: Value = serde_json::from_str(&parts(&given)[0]).unwrap();
    for (name, value) in [
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("typ", json!("at+jwt")),
        ("kid", json!("nobody's")),
        ("jwk", json!({})),
    ] {
        let mut changed = header.clone();
        changed[name] = value;
        let fields = tampered(verify(&forged(&given, Some(&changed), None)).await);
        assert_eq!(fields, ["header"]);
    }
    let (message, signature) = given.rsplit_once('.').unwrap();
    for wrong in ["", "AAAA", &signature[1..], "not base64!"] {
        let fields = tampered(verify(&format!("{message}.{wrong}")).await);
        assert_eq!(fields, ["signature"]);
    }
    let spaced = URL_SAFE_NO_PAD.encode(format!("{told:#}"));
    let head = message.split_once('.').unwrap().0;
    let fields = tampered(verify(&format!("{head}.{spaced}.{signature}")).await);
    assert_eq!(fields, ["payload"]);
    for garbage in [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "e30.e30.",
        "e30.W10.e30",
        "来源：滨海日报",
        &"e30.".repeat(2_000),
    ] {
        assert!(tampered(verify(garbage).await).is_empty(), "{garbage}");
    }
}

#[tokio::test]
async fn a_key_alone_makes_no_statement() {
    let site = Site::new();
    let signer = site.node();
    let given = site.one(&signer, &delivery()).await.token;
    let key = site.rings.attestation.newest(site.now()).await.unwrap();
    let sign = |key: &Key, claims: &Value| {
        let message = token::message(key.kid(), &claims.to_string());
        format!("{message}.{}", key.sign(message.as_bytes()).unwrap())
    };
    // An id that nobody has given.
    let mut unknown = claims(&given);
    unknown["jti"] = json!(Mint::default().id::<AttestationId>(site.now()));
    let verdict = signer
        .verify(&sign(&key, &unknown), site.now())
        .await
        .unwrap();
    assert!(tampered(verdict).is_empty());
    // Other words under an id that is known.
    let mut other = claims(&given);
    other["version"] = json!(4);
    let verdict = signer
        .verify(&sign(&key, &other), site.now())
        .await
        .unwrap();
    assert_eq!(tampered(verdict), ["version"]);
    // The same words by a key of the other ring, or of nobody.
    let access = site.rings.access.newest(site.now()).await.unwrap();
    for stranger in [access, Key::fresh()] {
        let token = sign(&stranger, &claims(&given));
        let verdict = signer.verify(&token, site.now()).await.unwrap();
        assert_eq!(tampered(verdict), ["header", "signature"]);
    }
}

#[tokio::test]
async fn access_tokens_and_statements_are_not_taken_for_each_other() {
    let site = Site::new();
    let signer = site.node();
    let tokens = Tokens::new(site.db.clone(), site.rings.access.clone(), 30);
    let bearer = Bearer {
        user: Mint::default().id(site.now()),
        session: Mint::default().id(site.now()),
    };
    let access = tokens.access(bearer, site.now()).await.unwrap();
    let verdict = signer.verify(&access, site.now()).await.unwrap();
    assert!(tampered(verdict).is_empty());
    let statement = site.one(&signer, &delivery()).await.token;
    assert!(tokens.staff(&statement, site.now()).await.is_err());
    // Nor where one ring would be given for both.
    let mixed = Tokens::new(site.db.clone(), site.rings.attestation.clone(), 30);
    assert!(mixed.staff(&statement, site.now()).await.is_err());
}
