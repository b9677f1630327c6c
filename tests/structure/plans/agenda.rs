//! The agenda of what comes about by itself.

use diesel::connection::set_default_instrumentation;
use masthead::articles::store::agenda;
use masthead::articles::store::list::{By, Filter, Query, Reader};
use masthead::articles::store::works::Works;
use masthead::db::page::{Sort, Window};
use masthead::db::{Actor, WriteCx, migrate};
use masthead::kernel::id::Mint;
use masthead::rights::Stage;

use super::{Recorder, now, plans_of, recorded};
use crate::databases;

#[actix_web::test]
async fn the_agenda_is_sought() {
    set_default_instrumentation(|| Some(Box::new(Recorder))).unwrap();
    let home = databases::sqlite();
    let db = home.db();
    migrate::up(db).unwrap();
    let cx = WriteCx {
        actor: Actor::System,
        now: now(),
        mint: Mint::seeded(1),
        request_id: None,
        once: None,
    };
    agenda::lateness(db, now()).unwrap();
    db.write_now(&cx, agenda::piece).unwrap();
    let plans = plans_of(db, "article_agenda");
    let bad = |step: &&String| {
        step.starts_with("SCAN") && !step.contains("USING") || step.contains("TEMP B-TREE")
    };
    assert!(
        !plans.iter().any(|step| bad(&step)),
        "{}",
        plans.join(" | ")
    );

    // What a stage holds: the rows of the listing by an index, the agenda by its own.
    for stage in [Stage::Scheduled, Stage::Published, Stage::Withdrawn] {
        let query = Query {
            reader: Reader::Desk,
            filter: Filter {
                stage: Some(stage),
                ..Filter::default()
            },
            sort: Sort {
                by: By::PublishedAt,
                descending: true,
            },
            window: Window {
                limit: 20,
                after: None,
                count: false,
            },
            with_body: false,
            looked: None,
        };
        recorded("article_listings");
        Works::new(db.clone()).list(query, now()).await.unwrap();
        let plans = plans_of(db, "article_listings");
        let scans = plans
            .iter()
            .any(|step| step.starts_with("SCAN") && !step.contains("USING"));
        assert!(!scans, "{stage:?}: {}", plans.join(" | "));
    }
}
