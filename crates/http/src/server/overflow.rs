//! The connection that is one too many.

use std::time::Duration;

use http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER};
use http_body_util::BodyExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::negotiate::Language;
use crate::problem::{Code, Problem};
use crate::request_id::{self, REQUEST_ID};

/// How long a client gets to read that there is no room.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many clients of a thread are told at a time; beyond it, connections are just closed.
pub(super) const TOLD_MAX: usize = 128;

/// The whole answer but for the request's name, ready to be written.
pub(super) struct Answer {
    head: Vec<u8>,
    body: Vec<u8>,
}

pub(super) async fn answer() -> Answer {
    let (head, body) = Problem::new(Code::Overloaded).with_retry_after_s(1).response(Language::En).into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let mut lines = b"HTTP/1.1 503 Service Unavailable\r\n".to_vec();
    for name in [CONTENT_TYPE, CONTENT_LANGUAGE, RETRY_AFTER] {
        if let Some(value) = head.headers.get(&name) {
            lines.extend_from_slice(name.as_str().as_bytes());
            lines.extend_from_slice(b": ");
            lines.extend_from_slice(value.as_bytes());
            lines.extend_from_slice(b"\r\n");
        }
    }
    lines.extend_from_slice(format!("content-length: {}\r\nconnection: close\r\n", body.len()).as_bytes());
    Answer { head: lines, body: body.to_vec() }
}

impl Answer {
    /// To a request of which so much was read.
    fn to(&self, request: &[u8]) -> Vec<u8> {
        let (name, id) = (REQUEST_ID, request_id::of_head(request));
        [&self.head, name.as_str().as_bytes(), b": ", id.as_bytes(), b"\r\n\r\n", &self.body].concat()
    }
}

/// Answers whatever the client asks, and closes. It is read first and to its end, for a close with unread bytes would
/// take the answer back.
pub(super) async fn turn_away(mut stream: TcpStream, answer: &Answer) {
    let told = async {
        let mut scratch = [0; 4096];
        let read = stream.read(&mut scratch).await?;
        if read > 0 {
            stream.write_all(&answer.to(&scratch[..read])).await?;
            stream.shutdown().await?;
            while stream.read(&mut scratch).await? > 0 {}
        }
        std::io::Result::Ok(())
    };
    // Whether the client heard it is its own affair.
    let _ = timeout(PATIENCE, told).await;
}
