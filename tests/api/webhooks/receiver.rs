//! A receiver of webhooks on this machine, which answers as it is told to.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What a request brought.
#[derive(Debug, Clone)]
pub struct Got {
    /// Method and target.
    pub line: String,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Got {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The number of the entry that it tells of.
    pub fn n(&self) -> i64 {
        self.json()["data"]["n"].as_i64().unwrap_or(0)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// How it answers.
#[derive(Debug, Clone)]
pub enum Manner {
    Status(u16),
    /// A status with a header.
    With(u16, &'static str, String),
    /// It reads and never answers.
    Hangs,
    /// It closes the connection without a word.
    Drops,
}

/// Answers in some manner, and remembers what came.
pub struct Receiver {
    pub url: String,
    manner: Arc<Mutex<Manner>>,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/in?from=desk", listener.local_addr().unwrap());
        let manner = Arc::new(Mutex::new(Manner::Status(204)));
        let got = Arc::new(Mutex::new(Vec::new()));
        let (how, keep) = (Arc::clone(&manner), Arc::clone(&got));
        actix_web::rt::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (how, keep) = (Arc::clone(&how), Arc::clone(&keep));
                actix_web::rt::spawn(serve(stream, how, keep));
            }
        });
        Self { url, manner, got }
    }

    pub fn becomes(&self, manner: Manner) {
        *self.manner.lock() = manner;
    }

    /// What came since the last call.
    pub fn got(&self) -> Vec<Got> {
        std::mem::take(&mut self.got.lock())
    }

    /// The numbers of the entries that came since the last call.
    pub fn numbers(&self) -> Vec<i64> {
        self.got().iter().map(Got::n).collect()
    }
}

async fn serve(mut stream: TcpStream, how: Arc<Mutex<Manner>>, keep: Arc<Mutex<Vec<Got>>>) {
    let mut raw = Vec::new();
    let got = loop {
        if let Some(got) = whole(&raw) {
            break got;
        }
        let mut some = [0; 4096];
        match stream.read(&mut some).await {
            Ok(read) if read > 0 => raw.extend_from_slice(&some[..read]),
            _ => return,
        }
    };
    keep.lock().push(got);
    let manner = how.lock().clone();
    let (status, header) = match manner {
        Manner::Drops => return,
        Manner::Hangs => {
            // Until the other side has had enough.
            let _ = stream.read(&mut [0; 1]).await;
            return;
        }
        Manner::Status(status) => (status, String::new()),
        Manner::With(status, name, value) => (status, format!("{name}: {value}\r\n")),
    };
    let answer =
        format!("HTTP/1.1 {status} x\r\n{header}content-length: 2\r\nconnection: close\r\n\r\nok");
    let length = if status == 204 {
        answer
            .replace("content-length: 2\r\n", "")
            .trim_end_matches("ok")
            .to_owned()
    } else {
        answer
    };
    let _ = stream.write_all(length.as_bytes()).await;
}

/// The request, once all of it is there.
fn whole(raw: &[u8]) -> Option<Got> {
    let text = String::from_utf8_lossy(raw);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let line = lines.next()?.to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.and_then(|(_, value)| value.parse().ok())?;
    (body.len() >= length).then(|| Got {
        line,
        headers,
        body: body.to_owned(),
    })
}
