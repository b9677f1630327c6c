//! The audit log: its lists, its export, its seals.

use diesel::connection::set_default_instrumentation;
use masthead::audit::model::{ActorKind, Filter as Events, Place};
use masthead::audit::store as audit;
use masthead::db::page::Window;
use masthead::db::{Actor, WriteCx, migrate};
use masthead::kernel::id::Mint;

use super::{Recorder, now, plan, recorded};
use crate::databases;

/// What the audit log is asked, by name.
fn audit_filters() -> Vec<(&'static str, Events)> {
    let all = Events::default;
    let actor = || Some("usr_01900000000070008000000000000001".to_owned());
    vec![
        ("all", all()),
        (
            "actor",
            Events {
                actor: actor(),
                ..all()
            },
        ),
        (
            "kind of actor",
            Events {
                actor_kind: Some(ActorKind::Operator),
                ..all()
            },
        ),
        (
            "action and noun",
            Events {
                action: Some("deleted"),
                resource: Some("article".to_owned()),
                ..all()
            },
        ),
        (
            "noun",
            Events {
                resource: Some("article".to_owned()),
                ..all()
            },
        ),
        (
            "record and period",
            Events {
                resource_id: Some("art_01900000000070008000000000000001".to_owned()),
                from: Some(now()),
                until: Some(now()),
                ..all()
            },
        ),
        (
            "period",
            Events {
                from: Some(now()),
                until: Some(now()),
                ..all()
            },
        ),
    ]
}

#[actix_web::test]
async fn the_audit_log_is_sought_in_its_order() {
    set_default_instrumentation(|| Some(Box::new(Recorder))).unwrap();
    let home = databases::sqlite();
    let db = home.db();
    migrate::up(db).unwrap();
    let mut complaints = Vec::new();
    let mut look = |what: &str| {
        let seen = recorded("audit_");
        assert!(!seen.is_empty(), "{what}: the recorder sees the queries");
        for text in seen {
            let plan = plan(db, &text);
            // An index that is read in its own order from one of its ends is no table read through.
            let through = |step: &String| {
                step.starts_with("SCAN") && !step.contains("USING") || step.contains("TEMP B-TREE")
            };
            if plan.iter().any(through) {
                complaints.push(format!("{what}: {}\n    {text}", plan.join(" | ")));
            }
        }
    };
    for (name, filter) in audit_filters() {
        for after in [false, true] {
            let window = Window {
                limit: 20,
                after: None,
                count: false,
            };
            let place = after.then(|| Place { at: now(), seq: 7 });
            recorded("audit_");
            audit::list(db, filter.clone(), place, window)
                .await
                .unwrap();
            look(&format!("{name} after={after}"));
        }
    }
    for sealed in [false, true] {
        db.read_now(|conn| audit::after(conn, 7, 100, sealed))
            .unwrap();
        look("export");
    }
    audit::verify::examine(db, 1, &[]).unwrap();
    look("examination");
    let cx = WriteCx {
        actor: Actor::User("usr_01900000000070008000000000000001".to_owned()),
        now: now(),
        mint: Mint::seeded(1),
        request_id: None,
        once: None,
    };
    audit::note_reader(db, cx.clone()).await.unwrap();
    look("whether a reader is noted, and the next number");
    audit::seal::seal(db, &cx).unwrap();
    look("sealing");
    crate::none(&complaints);
}
