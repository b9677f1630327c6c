//! Advisories are answered once what they ask for is done.

use masthead::mirror::Format;
use serde_json::{Value, json};

use super::server::{Says, Server};

fn advisory(server: &Server, id: &str) -> Value {
    let path = server.folder.path().join(format!("advisories/{id}.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[actix_web::test]
async fn a_withdrawal_is_acknowledged_when_the_file_is_gone() {
    // Whichever the order in which the two are told, and on one page or on two.
    for (advisory_first, together) in [(true, true), (true, false), (false, true), (false, false)] {
        let server = Server::start().await;
        let article = server.publish();
        server.mirror().await;
        let gone = Says::Status(410, "gone");
        server.said.lock().articles.insert(article, gone.clone());
        let mut told = None;
        for step in [advisory_first, !advisory_first] {
            match step {
                true => told = Some(server.advise(article, "withdrawal", 2)),
                false => server.tell(article, "withdrawn", gone.clone()),
            }
            if !together {
                server.mirror().await;
            }
        }
        server.mirror().await;
        let id = told.unwrap();
        let said = server.said.lock();
        assert_eq!(
            said.acknowledged,
            [(id, json!({"action": "removed"}), vec![])]
        );
        drop(said);
        assert_eq!(advisory(&server, &id.to_string())["status"], "acknowledged");
    }
}

#[actix_web::test]
async fn a_correction_is_acknowledged_when_the_new_version_is_there() {
    for format in [Format::Json, Format::Markdown] {
        let server = Server::start().await;
        let article = server.publish();
        server.run(format).await.unwrap();
        server.tell(article, "corrected", Says::Text(2));
        let id = server.advise(article, "correction", 2);
        server.run(format).await.unwrap();
        let there: Vec<String> = server.readable(format).into_values().collect();
        let said = server.said.lock();
        assert_eq!(
            said.acknowledged,
            [(id, json!({"action": "corrected"}), there)]
        );
    }
}

/// A node that is behind gives the old version yet: nothing is claimed of it.
#[actix_web::test]
async fn an_older_version_than_was_told_is_not_acknowledged() {
    let server = Server::start().await;
    let article = server.publish();
    server.mirror().await;
    server.advise(article, "correction", 2);
    let before = server.state();
    let mut mirror = masthead::mirror::Mirror::open(server.options(Format::Json)).unwrap();
    let asked = async {
        let mut times = 0;
        while times < 2 {
            times += server
                .came()
                .iter()
                .filter(|came| came.path.starts_with("/v1/articles/"))
                .count();
            tokio::task::yield_now().await;
        }
    };
    let mut tell = |_| ();
    tokio::select! {
        ended = mirror.run(&mut tell) => panic!("{ended:?}"),
        () = asked => {}
    }
    assert_eq!(server.said.lock().acknowledged.len(), 0);
    assert_eq!(server.state(), before);
    server.said.lock().articles.insert(article, Says::Text(2));
    mirror.run(&mut tell).await.unwrap();
    assert_eq!(server.said.lock().acknowledged.len(), 1);
    server.is_in_step(Format::Json);
}

/// One that cannot be answered does not hold up all the rest.
#[actix_web::test]
async fn an_advisory_that_stays_ahead_is_left_open() {
    let server = Server::start().await;
    let article = server.publish();
    server.mirror().await;
    let ahead = server.advise(article, "correction", 2);
    let other = server.publish();
    let next = server.advise(other, "correction", 1);
    server.mirror().await;
    server.is_in_step(Format::Json);
    assert_eq!(advisory(&server, &ahead.to_string())["status"], "open");
    assert_eq!(
        advisory(&server, &next.to_string())["status"],
        "acknowledged"
    );
}

#[actix_web::test]
async fn what_came_back_and_what_is_answered_already() {
    let server = Server::start().await;
    let article = server.publish();
    let other = server.publish();
    server.mirror().await;
    server.tell(article, "withdrawn", Says::Status(410, "gone"));
    let first = server.advise(article, "withdrawal", 2);
    // Readers get the version again that they had.
    server.tell(article, "reinstated", Says::Text(1));
    let second = server.advise(article, "reinstatement", 3);
    let answered = server.advise(other, "correction", 1);
    server.said.lock().advisories.get_mut(&answered).unwrap()["status"] = json!("acknowledged");
    server.mirror().await;
    let said = server.said.lock();
    let given: Vec<_> = said
        .acknowledged
        .iter()
        .map(|(id, given, _)| (*id, given["action"].clone()))
        .collect();
    assert_eq!(given, [(first, json!("none")), (second, json!("restored"))]);
}

#[actix_web::test]
async fn nothing_is_answered_unless_asked_to() {
    let server = Server::start().await;
    let article = server.publish();
    server.mirror().await;
    server.tell(article, "withdrawn", Says::Status(410, "gone"));
    let id = server.advise(article, "withdrawal", 2);
    let mut options = server.options(Format::Json);
    options.acknowledge = false;
    let mut mirror = masthead::mirror::Mirror::open(options).unwrap();
    mirror.run(&mut |_| ()).await.unwrap();
    assert_eq!(advisory(&server, &id.to_string())["status"], "open");
    assert!(server.came().iter().all(|came| came.method == "GET"));
}
