//! What only a socket can send, and only a socket can see: a HEAD without content, requests
//! that are not HTTP, heads and bodies that never end.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use masthead::app::bind;
use masthead::rights::Role;

use crate::support::corpus::Corpus;
use crate::support::{Engine, TestApp};

/// Sends bytes and reads until the server closes; the head's lines and the body.
fn exchange(address: SocketAddr, request: &[u8]) -> (Vec<String>, Vec<u8>) {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a timeout");
    // It may stop listening before we are done: that is an answer too.
    let _ = stream.write_all(request);
    let _ = stream.shutdown(Shutdown::Write);
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .map_or(bytes.len(), |at| at + 4);
    let head = String::from_utf8_lossy(&bytes[..end]);
    let lines = head.lines().filter(|line| !line.is_empty());
    (lines.map(str::to_owned).collect(), bytes[end..].to_vec())
}

fn status(lines: &[String]) -> u16 {
    let word = lines.first().and_then(|line| line.split(' ').nth(1));
    word.and_then(|word| word.parse().ok()).unwrap_or_default()
}

/// The head without what differs from one request to the next.
fn stable(lines: &[String]) -> Vec<String> {
    let moving = ["x-request-id:", "date:"];
    let mut lines: Vec<String> = lines.iter().map(|line| line.to_lowercase()).collect();
    lines.retain(|line| !moving.iter().any(|name| line.starts_with(name)));
    lines.sort();
    lines
}

#[actix_web::test]
async fn what_only_a_socket_can_send() {
    let app = TestApp::with(Engine::Sqlite, |raw| {
        raw.listen = "127.0.0.1:0".parse().expect("an address");
        raw.workers = 1;
        raw.body_limit_bytes = 64 * 1024;
    })
    .await;
    let corpus = Corpus::make(&app).await;
    let token = app.token(Role::Admin).await;
    let bound = bind(&app.parts).expect("it binds");
    let (address, handle) = (bound.address, bound.server.handle());
    let serving = actix_web::rt::spawn(bound.server);
    let article = format!("/v1/articles/{}", corpus.article);
    let checked = actix_web::rt::task::spawn_blocking(move || {
        head_is_get(address, &article);
        no_http(address);
        no_end(address, &token);
    });
    let outcome = checked.await;
    handle.stop(false).await;
    serving.await.expect("it ran").expect("it ended well");
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic.into_panic());
    }
}

fn head_is_get(address: SocketAddr, article: &str) {
    for path in [
        article,
        "/v1/articles",
        "/v1/authors?limit=1",
        "/healthz",
        "/openapi.json",
        "/v1/nothing",
        "/v1/articles/art_x",
        "/v1/me",
        "/metrics",
        "/docs",
    ] {
        for coding in ["identity", "gzip"] {
            let ask = |method: &str| {
                let request = format!(
                    "{method} {path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: {coding}\r\nConnection: close\r\n\r\n"
                );
                exchange(address, request.as_bytes())
            };
            let ((got, body), (head, nothing)) = (ask("GET"), ask("HEAD"));
            assert!(status(&got) > 0 && status(&got) < 500, "{path}: {got:?}");
            assert!(!body.is_empty() || path == "/docs", "{path}");
            assert!(
                nothing.is_empty(),
                "{path}: HEAD has content: {}",
                String::from_utf8_lossy(&nothing)
            );
            if path != "/metrics" {
                assert_eq!(stable(&got), stable(&head), "{path} {coding}");
            }
        }
    }
}

fn no_http(address: SocketAddr) {
    let long = "x".repeat(300_000);
    let many: String = (0..500).map(|n| format!("X-{n}: 1\r\n")).collect();
    for (what, request) in [
        ("nothing", Vec::new()),
        ("a word", b"hello\r\n\r\n".to_vec()),
        ("no version", b"GET /v1/articles\r\n\r\n".to_vec()),
        ("another version", b"GET /v1/articles HTTP/9.9\r\nHost: x\r\n\r\n".to_vec()),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec()),
        ("HTTP/2 without agreement", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()),
        ("bytes", (0..=255).cycle().take(5_000).collect()),
        ("bytes in the path", b"GET /v1/\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec()),
        ("a NUL in the path", b"GET /v1/a\0b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec()),
        ("a NUL in a header", b"GET /v1/articles HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\nConnection: close\r\n\r\n".to_vec()),
        ("a blank in a header's name", b"GET /v1/articles HTTP/1.1\r\nHost: x\r\nX A: 1\r\nConnection: close\r\n\r\n".to_vec()),
        ("two lengths", b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\nConnection: close\r\n\r\n{}".to_vec()),
        ("a length that is none", b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\nConnection: close\r\n\r\n{}".to_vec()),
        ("a length and chunks", b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n".to_vec()),
        ("chunks that are none", b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n{}\r\n0\r\n\r\n".to_vec()),
        ("a chunk without end", b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nffffffffffffffff\r\n".to_vec()),
        ("a long path", format!("GET /v1/{long} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").into_bytes()),
        ("a long header", format!("GET /v1/articles HTTP/1.1\r\nHost: x\r\nX-A: {long}\r\nConnection: close\r\n\r\n").into_bytes()),
        ("many headers", format!("GET /v1/articles HTTP/1.1\r\nHost: x\r\n{many}Connection: close\r\n\r\n").into_bytes()),
    ] {
        let (head, body) = exchange(address, &request);
        // Some get an answer, others a closed door; none shakes the house.
        let status = status(&head);
        assert!(status == 0 || (400..500).contains(&status), "{what}: {head:?} {}", String::from_utf8_lossy(&body));
    }
    let (head, _) = exchange(
        address,
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    assert_eq!(status(&head), 200, "it stands");
}

fn no_end(address: SocketAddr, token: &str) {
    let chunk = format!("1000\r\n{}\r\n", " ".repeat(4_096)).repeat(100);
    let head = format!(
        "POST /v1/authors HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
    );
    for (what, request, expected) in [
        (
            "chunks over the limit",
            format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n"),
            &[413][..],
        ),
        (
            "a length over the limit",
            format!("{head}Content-Length: 999999999999\r\n\r\n"),
            &[413],
        ),
        (
            "a length that no machine has",
            format!("{head}Content-Length: 99999999999999999999999\r\n\r\n"),
            &[0, 400, 413],
        ),
        (
            "a body that stops",
            format!("{head}Content-Length: 100\r\n\r\n{{\"name\""),
            &[0, 400],
        ),
    ] {
        let (lines, body) = exchange(address, request.as_bytes());
        assert!(
            expected.contains(&status(&lines)),
            "{what}: {lines:?} {}",
            String::from_utf8_lossy(&body)
        );
    }
}
