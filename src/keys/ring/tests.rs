//! The ring of keys over a database.

use std::path::Path;

use super::*;
use crate::db::{DatabaseUrl, PoolOptions, migrate};
use crate::keys::rotation::{list, rotate};

const SECRET: &str = "a secret of an installation, long enough";

fn clock() -> Clock {
    Clock::fixed(chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_000))
}

fn database(folder: &Path) -> Db {
    let path = folder.join("news.db");
    let url = DatabaseUrl::parse(&format!("sqlite://{}", path.display())).unwrap();
    let db = Db::open(&url, PoolOptions::default()).unwrap();
    migrate::up(&db).unwrap();
    db
}

#[tokio::test]
async fn nodes_share_keys_and_find_each_others() {
    let folder = tempfile::tempdir().unwrap();
    let db = database(folder.path());
    let open = |secret, foreign| Keys::open(&db, secret, &clock(), foreign, KeyPurpose::Access);
    let one = open(SECRET, Foreign::Refuse).unwrap();
    let other = open(SECRET, Foreign::Refuse).unwrap();
    let kid = one.newest(clock().now()).await.unwrap().kid;
    assert_eq!(other.newest(clock().now()).await.unwrap().kid, kid);

    let later = open(SECRET, Foreign::Refuse).unwrap();
    let cx = WriteCx {
        actor: Actor::Operator,
        now: clock().now() + chrono::TimeDelta::seconds(1),
        mint: Mint::default(),
        request_id: None,
        once: None,
    };
    let added = db
        .write_now(&cx, |tx| add(tx, &Seal::of(SECRET), KeyPurpose::Access))
        .unwrap();
    assert!(later.known(&added.kid, clock().now()).is_none());
    assert!(
        later
            .find(&added.kid, clock().now())
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        later.find(&kid, clock().now()).await.unwrap().is_some(),
        "the older one still verifies"
    );
    assert_eq!(
        later.newest(clock().now()).await.unwrap().kid,
        added.kid,
        "the newest signs"
    );
    assert!(
        later
            .find("nobody's", clock().now())
            .await
            .unwrap()
            .is_none()
    );
}

#[test]
fn keys_of_another_secret_are_refused_or_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let db = database(folder.path());
    let open = |secret, foreign| Keys::open(&db, secret, &clock(), foreign, KeyPurpose::Access);
    let first = open(SECRET, Foreign::Refuse).unwrap().0.ring.read()[0]
        .key
        .kid
        .clone();
    let strange = "another secret of enough length!";
    let refused = open(strange, Foreign::Refuse).err().unwrap();
    assert!(matches!(&refused, KeysError::Foreign(kid) if *kid == first));
    assert!(refused.to_string().contains("MASTHEAD_SECRET_KEY"));
    let replaced = open(strange, Foreign::Replace).unwrap();
    assert_ne!(replaced.0.ring.read()[0].key.kid, first);
    assert_eq!(replaced.0.ring.read().len(), 1);
    assert!(
        open(SECRET, Foreign::Refuse).is_err(),
        "the new key is the other secret's"
    );
}

fn cx(now: DateTime<Utc>) -> WriteCx {
    WriteCx {
        actor: Actor::Operator,
        now,
        mint: Mint::default(),
        request_id: None,
        once: None,
    }
}

#[tokio::test]
async fn a_key_is_followed_and_taken_for_a_while_yet() {
    let folder = tempfile::tempdir().unwrap();
    let db = database(folder.path());
    let clock = clock();
    let open = |purpose| Keys::open(&db, SECRET, &clock, Foreign::Refuse, purpose).unwrap();
    let (access, attestation) = (open(KeyPurpose::Access), open(KeyPurpose::Attestation));
    let begun = clock.now();
    let first = access.newest(begun).await.unwrap();
    let other = attestation.newest(begun).await.unwrap();
    assert!(
        access.find(&other.kid, begun).await.unwrap().is_none(),
        "each ring has its own"
    );

    let next = |hours| {
        rotate(
            &db,
            SECRET,
            &cx(clock.now()),
            KeyPurpose::Access,
            hours,
            Foreign::Refuse,
        )
        .unwrap()
    };
    // Opened before, and reads the table with its first question.
    let node = open(KeyPurpose::Access);
    let second = next(1);
    let fresh = || open(KeyPurpose::Access);
    assert_eq!(fresh().newest(clock.now()).await.unwrap().kid, second);
    assert_eq!(fresh().public(clock.now()).await.unwrap().len(), 2);
    assert_eq!(attestation.newest(begun).await.unwrap().kid, other.kid);
    // A node that runs signs by the old key for a minute at most, which is within the overlap.
    assert!(node.find(&second, begun).await.unwrap().is_some());
    assert!(!node.holds(&first.kid, begun + chrono::TimeDelta::hours(2)));
    assert!(node.holds(&first.kid, begun + chrono::TimeDelta::hours(1)));

    clock.advance(chrono::TimeDelta::minutes(59));
    assert!(node.find(&first.kid, clock.now()).await.unwrap().is_some());
    clock.advance(chrono::TimeDelta::minutes(1));
    assert!(node.find(&first.kid, clock.now()).await.unwrap().is_none());
    let kids = |keys: Vec<PublicKey>| keys.into_iter().map(|key| key.kid).collect::<Vec<_>>();
    assert_eq!(
        kids(fresh().public(clock.now()).await.unwrap()),
        std::slice::from_ref(&second)
    );

    // A stolen key ends at once, and so does one before it that had a while to go.
    let third = next(5);
    let fourth = next(0);
    assert_eq!(
        kids(fresh().public(clock.now()).await.unwrap()),
        std::slice::from_ref(&fourth)
    );
    let told = list(&db).unwrap();
    let ends: Vec<_> = told
        .iter()
        .filter(|key| key.purpose == KeyPurpose::Access)
        .map(|key| (key.kid.clone(), key.retired_at))
        .collect();
    let end_of = |kid: &str| ends.iter().find(|(known, _)| known == kid).unwrap().1;
    assert_eq!(ends.len(), 4);
    assert_eq!(end_of(&fourth), None);
    assert_eq!(end_of(&third), Some(clock.now()));
    assert_eq!(end_of(&second), Some(clock.now()));
    assert_eq!(
        end_of(&first.kid),
        Some(begun + chrono::TimeDelta::hours(1))
    );
}

#[test]
fn a_lost_secret_has_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let db = database(folder.path());
    let clock = clock();
    Rings::open(&db, SECRET, &clock, Foreign::Refuse).unwrap();
    let strange = "another secret of enough length!";
    let turn = |foreign| {
        KeyPurpose::ALL
            .iter()
            .map(|purpose| rotate(&db, strange, &cx(clock.now()), *purpose, 1, foreign))
            .collect::<Result<Vec<_>, _>>()
    };
    let refused = turn(Foreign::Refuse).unwrap_err();
    assert!(refused.to_string().contains("--replace-lost"), "{refused}");
    assert_eq!(turn(Foreign::Replace).unwrap().len(), KeyPurpose::ALL.len());
    Rings::open(&db, strange, &clock, Foreign::Refuse).unwrap();
    assert!(Rings::open(&db, SECRET, &clock, Foreign::Refuse).is_err());
}
