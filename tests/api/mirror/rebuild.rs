//! A cursor that the server does not know: all is asked for anew, and what was not told again goes.

use masthead::mirror::Format;
use serde_json::json;

use super::server::{Says, Server};

/// The server is put back to another history: two of the articles were never told in it.
fn put_back(server: &Server, history: usize) {
    let mut said = server.said.lock();
    let log: Vec<_> = said.log.drain(..).skip(2).collect();
    said.log = log
        .into_iter()
        .enumerate()
        .map(|(at, mut entry)| {
            entry["id"] = json!(format!("chg_{:032x}", 0xabc_0000 + 0x1000 * history + at));
            entry
        })
        .collect();
}

#[actix_web::test]
async fn what_is_not_told_again_goes_at_the_end() {
    let server = Server::start().await;
    let ids: Vec<_> = (0..120).map(|_| server.publish()).collect();
    server.mirror().await;
    put_back(&server, 1);
    for id in &ids[..2] {
        server
            .said
            .lock()
            .articles
            .insert(*id, Says::Status(404, "not-found"));
    }
    let (summary, lines) = server.run(Format::Json).await.unwrap();
    server.is_in_step(Format::Json);
    assert_eq!((summary.written, summary.swept), (118, 2));
    assert!(lines[0].contains("all is asked for anew"), "{}", lines[0]);
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.ends_with("not told again: removed"))
            .count(),
        2
    );
    let state = server.state();
    assert!(!state.rebuilding && state.cursor.is_some());
    assert_eq!(server.mirror().await.changes, 0);
}

#[actix_web::test]
async fn it_may_be_cut_off_at_any_answer() {
    for answers in [0, 1, 2, 50, 101, 102, 103, 118, 119, 120, 121] {
        let mut server = Server::start().await;
        let ids: Vec<_> = (0..120).map(|_| server.publish()).collect();
        server.mirror().await;
        put_back(&server, 1);
        for id in &ids[..2] {
            server
                .said
                .lock()
                .articles
                .insert(*id, Says::Status(404, "not-found"));
        }
        server.said.lock().dies_after = Some(answers);
        let cut = server.run(Format::Json).await;
        if cut.is_err() {
            // Until all is told, what is there stays: a reader of the folder misses nothing meanwhile.
            assert_eq!(server.held().len(), 120, "after {answers} answers");
        }
        server.revive().await;
        server.mirror().await;
        server.is_in_step(Format::Json);
        assert!(!server.state().rebuilding);
    }
}

#[actix_web::test]
async fn a_cursor_may_be_lost_again_on_the_way() {
    let mut server = Server::start().await;
    let ids: Vec<_> = (0..120).map(|_| server.publish()).collect();
    server.mirror().await;
    put_back(&server, 1);
    server.said.lock().dies_after = Some(102);
    server.run(Format::Json).await.unwrap_err();
    assert!(server.state().rebuilding && server.state().cursor.is_some());
    server.revive().await;
    // Told by then, and in the second history no more.
    put_back(&server, 2);
    for id in &ids[..4] {
        server
            .said
            .lock()
            .articles
            .insert(*id, Says::Status(404, "not-found"));
    }
    server.mirror().await;
    server.is_in_step(Format::Json);
}

#[actix_web::test]
async fn an_empty_log_empties_the_folder() {
    let server = Server::start().await;
    server.publish();
    server.mirror().await;
    server.said.lock().log.clear();
    server.said.lock().articles.clear();
    let summary = server.mirror().await;
    assert_eq!((summary.swept, server.held().len()), (1, 0));
    server.publish();
    server.mirror().await;
    server.is_in_step(Format::Json);
}
