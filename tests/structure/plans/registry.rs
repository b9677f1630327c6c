//! Editions of the list of permitted sources, and the reviews of what a delisting leaves.

use diesel::connection::set_default_instrumentation;
use masthead::db::page::{Mark, Window};
use masthead::db::{migrate, permitted};
use masthead::kernel::id::Id;
use masthead::registry::model::{Draft, Listed, RegistryReviewStatus};
use masthead::registry::store::import::import_now;
use masthead::registry::store::{self, reviews};

use super::{RECORDED, Recorder, now, plan, recorded};
use crate::databases;

/// The thread of a pass over reprints: whatever it asks belongs to the registry.
const PASS: &str = "registry_";

#[actix_web::test]
async fn the_registry_is_sought_and_not_read_through() {
    set_default_instrumentation(|| Some(Box::new(Recorder))).unwrap();
    let home = databases::sqlite();
    let db = home.db();
    migrate::up(db).unwrap();
    let mut complaints = Vec::new();
    let mut look = |name: &str, sorts: bool| {
        let seen = recorded("registry_");
        assert!(!seen.is_empty(), "the recorder sees the queries of {name}");
        for text in seen {
            let plan = plan(db, &text);
            let bad = |step: &String| {
                step.starts_with("SCAN") || !sorts && step.contains("TEMP B-TREE FOR ORDER BY")
            };
            if plan.iter().any(bad) {
                complaints.push(format!("{name}: {}\n    {text}", plan.join(" | ")));
            }
        }
    };
    let review = reviews::Filter::default;
    for (name, filter) in [
        (
            "open reviews",
            reviews::Filter {
                status: Some(RegistryReviewStatus::Open),
                ..review()
            },
        ),
        (
            "reviews of a source",
            reviews::Filter {
                source: Id::parse("src_01900000000070008000000000000001"),
                ..review()
            },
        ),
        (
            "reviews of an edition",
            reviews::Filter {
                edition: Id::parse("reg_01900000000070008000000000000001"),
                ..review()
            },
        ),
    ] {
        for after in [false, true] {
            let window = Window {
                limit: 20,
                after: after.then(|| Mark {
                    key: String::new(),
                    id: "rrv_01900000000070008000000000000001".to_owned(),
                }),
                count: true,
            };
            reviews::list(db, filter.clone(), after, window)
                .await
                .unwrap();
            look(name, false);
        }
    }
    let listed = |name: &str| Listed {
        name: name.to_owned(),
        category: None,
        region: None,
        homepage_url: None,
    };
    let cx = masthead::db::WriteCx {
        actor: masthead::db::Actor::Operator,
        now: now(),
        mint: masthead::kernel::id::Mint::seeded(1),
        request_id: None,
        once: None,
    };
    let mut editions = Vec::new();
    for (name, day) in [("1", 1), ("2", 2)] {
        let draft = Draft {
            name: name.to_owned(),
            valid_from: now() + chrono::TimeDelta::days(day),
            valid_until: None,
            entries: vec![listed(&format!("Wire {name}"))],
        };
        editions.push(import_now(db, &cx, &draft).unwrap().id);
    }
    look("an import", false);
    for q in [None, Some("wire".to_owned())] {
        for after in [false, true] {
            let window = Window {
                limit: 20,
                after: after.then(|| Mark {
                    key: String::new(),
                    id: "wire".to_owned(),
                }),
                count: true,
            };
            store::entries(db, editions[0], q.clone(), window)
                .await
                .unwrap();
            look("entries", false);
        }
    }
    // A source that the second edition drops, so that its reprints are asked for.
    let profile = masthead::sources::model::Profile {
        name: "Wire 1".to_owned(),
        credit_label: "Wire 1".to_owned(),
        aliases: Vec::new(),
        official_forms: std::collections::BTreeMap::new(),
        kind: masthead::rights::SourceKind::External,
        homepage_url: None,
        registry: Vec::new(),
    };
    masthead::sources::store::create(db, cx.clone(), profile)
        .await
        .unwrap();
    recorded("registry_");
    let pass = std::thread::Builder::new().name(PASS.to_owned());
    std::thread::scope(|scope| {
        let work = || while reviews::open_due(db, &cx).unwrap() {};
        pass.spawn_scoped(scope, work).unwrap().join().unwrap();
    });
    let asked = RECORDED.lock().unwrap();
    let concerned =
        |(about, text): &(&str, String)| *about == "registry_" && text.contains("article_listings");
    assert!(asked.iter().any(concerned), "reprints are asked for");
    drop(asked);
    // The sources of an edition are few, and sorted by hand where the engine likes it better.
    look("a pass", true);
    permitted_at(db);
    look("the list at a date", false);
    crate::none(&complaints);
}

/// What publishing a reprint asks.
fn permitted_at(db: &masthead::db::Db) {
    let at = (now() + chrono::TimeDelta::days(1)).naive_utc();
    let source = vec!["src_01900000000070008000000000000001".to_owned()];
    let found = db.read_now(|conn| {
        let edition = permitted::edition_at(conn, at)?.expect("one is in force");
        permitted::on_edition(conn, &edition, &source)
    });
    assert_eq!(found.unwrap(), Vec::<String>::new());
}
