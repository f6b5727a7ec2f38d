//! One request at a time over a connection of its own: for the admin API, and to learn what a reply looks like.

use std::io::{ErrorKind, Read as _, Write as _};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::endpoint::Endpoint;
use crate::interrupt;
use crate::load::{self, Fed, Parser, SAYS_SUCCESS, Unanswered};
use crate::profile::Came;
use crate::words;

/// Publishing a large catalog may take a while, and says nothing meanwhile.
const REPLY_MAX: Duration = Duration::from_secs(120);

/// For what a server answers from memory: one that accepts and never answers is no server to wait minutes for.
pub(crate) const ANSWER_MAX: Duration = load::REPLY_MAX;

/// How often it is looked whether the run was asked to stop, while nothing comes.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// A reply that is no success.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct Refused {
    pub status: u16,
    /// The status, and what the server said.
    pub text: String,
}

/// A whole reply with all of its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub status: u16,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
    /// The bytes as they came.
    pub raw: Vec<u8>,
}

impl Received {
    /// The reply in `raw`; `None` when it is not whole.
    ///
    /// # Errors
    /// When it is not an HTTP/1.1 reply with a known length.
    pub fn parse(raw: &[u8]) -> Result<Option<Self>> {
        let mut parser = Parser::default();
        match parser.feed(raw, true)? {
            Fed::More => Ok(None),
            Fed::Whole { used } => Ok(Some(Self {
                status: parser.status(),
                headers: headers(raw)?,
                body: parser.body().to_vec(),
                raw: raw[..used].to_vec(),
            })),
        }
    }

    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let header = self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        header.map(|(_, value)| value.as_slice())
    }

    /// Whether its body says that it is a success.
    #[must_use]
    pub fn says_success(&self) -> bool {
        self.body.starts_with(SAYS_SUCCESS)
    }

    /// Itself when the status is 200.
    ///
    /// # Errors
    /// With what the server said.
    pub fn success(self) -> Result<Self> {
        if self.status == 200 {
            return Ok(self);
        }
        Err(Refused { status: self.status, text: words::refusal(self.status, &self.body) }.into())
    }
}

fn headers(raw: &[u8]) -> Result<Vec<(String, Vec<u8>)>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    response.parse(raw)?;
    Ok(response.headers.iter().map(|header| (header.name.to_owned(), header.value.to_vec())).collect())
}

/// Sends `request` over a connection of its own and waits for the reply.
///
/// # Errors
/// When the connection fails, no whole reply comes within two minutes, or the run was asked to stop.
pub fn call(server: impl Into<Endpoint>, request: &[u8]) -> Result<Received> {
    call_within(server, request, REPLY_MAX)
}

/// The same with another limit: for what a server answers at once. The limit is that of the whole reply, however its
/// bytes trickle.
///
/// # Errors
/// As [`call`].
pub fn call_within(server: impl Into<Endpoint>, request: &[u8], limit: Duration) -> Result<Received> {
    let server = server.into();
    let ends = Instant::now() + limit;
    let mut request = request.to_vec();
    let asked = server.speak(&mut request)?;
    server.address(&mut request);
    let mut wire = server.connect()?;
    wire.stream().set_read_timeout(Some(LOOK_EVERY))?;
    wire.stream().set_write_timeout(Some(limit))?;
    wire.write_all(&request)?;
    wire.flush()?;
    let mut raw = Vec::new();
    let mut parser = Parser::default();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        interrupt::check()?;
        if Instant::now() >= ends {
            server.unanswered(&request);
            let call = crate::request::call_of(&request);
            let error = anyhow::anyhow!("{server} gave no whole reply within {} s", limit.as_secs());
            return Err(error.context(Unanswered(call)));
        }
        let count = match wire.read(&mut buffer) {
            // A process that was stopped and goes on again, or nothing yet.
            Err(error)
                if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
            {
                continue;
            }
            count => count.context("waiting for a reply")?,
        };
        if count == 0 {
            bail!("the server closed the connection before its reply was whole");
        }
        raw.extend_from_slice(&buffer[..count]);
        if let Fed::Whole { .. } = parser.feed(&buffer[..count], false)? {
            let mut received = Received::parse(&raw)?.context("a whole reply that does not parse")?;
            let came = Came { status: received.status, head: &raw, body: &received.body };
            if let Some(heard) = asked.and_then(|asked| server.hear(&asked, &came, true)) {
                (received.status, received.body) = (heard.status, heard.body);
            }
            return Ok(received);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_with_all_of_its_parts() {
        let raw = b"HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 2\r\n\r\nhi";
        let received = Received::parse(raw).unwrap().unwrap();
        assert_eq!((received.status, &received.body[..], &received.raw[..]), (200, &b"hi"[..], &raw[..]));
        assert_eq!(received.header("etag"), Some(&b"\"1\""[..]));
        assert_eq!(received.header("date"), None);
    }

    /// It trickles a byte at a time, for ever: no single read takes long.
    #[test]
    fn a_reply_that_never_ends_is_given_up() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut goes_on = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n").is_ok();
            while goes_on {
                std::thread::sleep(Duration::from_millis(5));
                goes_on = stream.write_all(b" ").is_ok();
            }
        });
        let error = call_within(address, b"GET / HTTP/1.1\r\n\r\n", Duration::from_secs(1)).unwrap_err();
        assert!(format!("{error:#}").contains("no whole reply within 1 s"), "{error:#}");
        server.join().unwrap();
    }

    #[test]
    fn a_server_that_never_answers_is_given_up() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let error = call_within(address, b"GET / HTTP/1.1\r\n\r\n", Duration::from_secs(1)).unwrap_err();
        assert!(format!("{error:#}").contains("no whole reply within 1 s"), "{error:#}");
    }

    #[test]
    fn half_a_reply_is_none() {
        assert_eq!(Received::parse(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh").unwrap(), None);
    }

    #[test]
    fn a_refusal_is_not_a_success() {
        let refused = |body: &str| {
            let raw = format!("HTTP/1.1 403 Forbidden\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            Received::parse(raw.as_bytes()).unwrap().unwrap().success().unwrap_err().to_string()
        };
        assert_eq!(refused("shut"), "403 shut");
        assert_eq!(refused(""), "403");
        assert_eq!(refused("<html>\n  <p>no\n</html>"), "403 <html> <p>no </html>");
        assert_eq!(refused(r#"{"title":"Closed","message":"later","detail":"at ten"}"#), "403 Closed: at ten");
        assert_eq!(refused(r#"{"message":"later"}"#), "403 later");
    }
}
