//! Content codings: which one an answer goes out in, and the answers that are coded once and
//! kept. All others are coded on their way out, by the framework's layer.

use std::io::Write as _;

use actix_web::HttpMessage;
use actix_web::http::header::{self, AcceptEncoding, Encoding, Header as _};
use actix_web::web::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// The content codings that answers go out in, best first.
const CODINGS: [Encoding; 5] = [
    Encoding::brotli(),
    Encoding::zstd(),
    Encoding::gzip(),
    Encoding::deflate(),
    Encoding::identity(),
];

/// What goes out as it is.
pub(super) const IDENTITY: &str = "identity";

/// How hard a kept answer is pressed: it is coded once and sent often.
const BROTLI_QUALITY: u32 = 5;
const ZSTD_LEVEL: i32 = 6;
const GZIP_LEVEL: u32 = 6;

/// Longer bytes are coded off the threads that answer: others wait for those.
const LONG: usize = 8 * 1024;

/// The content coding that an answer to this request goes out in; `None` where the caller refuses
/// every one, the plain one included.
pub(super) fn accepted(request: &impl HttpMessage) -> Option<&'static str> {
    if !request.headers().contains_key(header::ACCEPT_ENCODING) {
        return Some(IDENTITY);
    }
    let Ok(accepted) = AcceptEncoding::parse(request) else {
        return Some(IDENTITY);
    };
    let chosen = accepted.negotiate(CODINGS.iter())?;
    Some(if chosen == Encoding::brotli() {
        "br"
    } else if chosen == Encoding::zstd() {
        "zstd"
    } else if chosen == Encoding::gzip() {
        "gzip"
    } else if chosen == Encoding::deflate() {
        "deflate"
    } else {
        IDENTITY
    })
}

/// The bytes in a coding; `None` where it is left to the layer that codes on the way out.
pub(super) async fn coded(bytes: Bytes, coding: &'static str) -> Option<Vec<u8>> {
    if bytes.len() < LONG || coding == IDENTITY {
        return pressed(&bytes, coding);
    }
    let pressed = tokio::task::spawn_blocking(move || pressed(&bytes, coding));
    pressed.await.ok().flatten()
}

fn pressed(bytes: &[u8], coding: &str) -> Option<Vec<u8>> {
    match coding {
        "br" => {
            let mut coder = brotli::CompressorWriter::new(Vec::new(), 4_096, BROTLI_QUALITY, 22);
            coder.write_all(bytes).ok()?;
            Some(coder.into_inner())
        }
        "zstd" => zstd::encode_all(bytes, ZSTD_LEVEL).ok(),
        "gzip" => {
            let mut coder = GzEncoder::new(Vec::new(), Compression::new(GZIP_LEVEL));
            coder.write_all(bytes).ok()?;
            coder.finish().ok()
        }
        _ => None,
    }
}
