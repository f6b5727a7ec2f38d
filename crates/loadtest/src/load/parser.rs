//! Replies, parsed from the bytes as they come: status and length are read, the body is counted.

use anyhow::{Context, Result, bail};

use super::chunks::Chunks;

/// The most headers a reply may have.
const HEADERS_MAX: usize = 64;
/// The most bytes a reply's head may have.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// The most bytes that a reply's body may have: fifty times the list of a stadium. One that says it is longer would
/// be read, and kept, for as long as it comes.
const BODY_BYTES_MAX: u64 = 256 << 20;

/// What a piece of input came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fed {
    /// The reply goes on.
    More,
    /// The reply is whole; this many bytes of the piece belong to it.
    Whole { used: usize },
}

/// One reply at a time.
#[derive(Debug, Default)]
pub struct Parser {
    /// What has come of a head that is not whole yet.
    head: Vec<u8>,
    status: u16,
    /// Bytes of the body still to come; `None` while the head is not whole.
    left: Option<u64>,
    /// A body whose length shows as it comes.
    chunks: Option<Chunks>,
    body_bytes: u64,
    keeps_body: bool,
    body: Vec<u8>,
    begins: Begins,
    etag: Vec<u8>,
    closes: bool,
    is_replayed: bool,
    /// Whether heads are kept, and the last one.
    keeps_head: bool,
    last_head: Vec<u8>,
}

/// How many of a body's first bytes are always kept.
const BEGINS_BYTES: usize = 24;

/// The first bytes of a body.
#[derive(Clone, Copy, Debug, Default)]
struct Begins {
    bytes: [u8; BEGINS_BYTES],
    length: usize,
}

impl Begins {
    fn take(&mut self, piece: &[u8]) {
        let taken = piece.len().min(BEGINS_BYTES - self.length);
        self.bytes[self.length..self.length + taken].copy_from_slice(&piece[..taken]);
        self.length += taken;
    }
}

impl Parser {
    /// One that keeps heads, where somebody reads them.
    pub(crate) fn new(keeps_head: bool) -> Self {
        Self { keeps_head, ..Self::default() }
    }

    /// The head as it came; empty where heads are not kept.
    pub(crate) fn last_head(&self) -> &[u8] {
        &self.last_head
    }

    pub fn status(&self) -> u16 {
        self.status
    }

    pub fn body(&self) -> &[u8] {
        &self.body
    }

    pub fn body_bytes(&self) -> u64 {
        self.body_bytes
    }

    /// The first bytes of the body, kept or not.
    pub fn begins(&self) -> &[u8] {
        &self.begins.bytes[..self.begins.length]
    }

    /// The `ETag`; empty where there is none, or bodies are not kept.
    pub fn etag(&self) -> &[u8] {
        &self.etag
    }

    /// Whether it is the answer to an earlier request with the same Idempotency-Key.
    pub fn is_replayed(&self) -> bool {
        self.is_replayed
    }

    /// Whether the server closes the connection after this reply.
    pub fn closes(&self) -> bool {
        self.closes
    }

    /// Takes the next piece. After `Whole` the accessors tell of that reply, until the next piece. Bodies of
    /// failures are kept in any case, to tell what went wrong.
    ///
    /// # Errors
    /// When the bytes are not an HTTP/1.1 reply with a known length.
    pub fn feed(&mut self, piece: &[u8], keeps_body: bool) -> Result<Fed> {
        if self.chunks.is_some() {
            return self.take_chunks(piece, 0);
        }
        if let Some(left) = self.left {
            return Ok(self.take_body(left, piece, 0));
        }
        if self.head.is_empty() {
            self.body.clear();
            return match parse_head(piece, keeps_body)? {
                Some(head) => {
                    self.remember(&piece[..head.bytes]);
                    self.begin_body(&head, piece, head.bytes, keeps_body)
                }
                None => self.keep_head(piece),
            };
        }
        let held = self.head.len();
        self.head.extend_from_slice(piece);
        let Some(head) = parse_head(&self.head, keeps_body)? else { return self.keep_head(&[]) };
        let whole = std::mem::take(&mut self.head);
        self.remember(&whole[..head.bytes]);
        self.begin_body(&head, piece, head.bytes - held, keeps_body)
    }

    fn remember(&mut self, head: &[u8]) {
        if self.keeps_head {
            self.last_head.clear();
            self.last_head.extend_from_slice(head);
        }
    }

    fn keep_head(&mut self, piece: &[u8]) -> Result<Fed> {
        self.head.extend_from_slice(piece);
        if self.head.len() > HEAD_BYTES_MAX {
            bail!("the head of a reply is longer than {HEAD_BYTES_MAX} bytes");
        }
        Ok(Fed::More)
    }

    fn begin_body(&mut self, head: &Head, piece: &[u8], from: usize, keeps_body: bool) -> Result<Fed> {
        self.status = head.status;
        self.closes = head.closes;
        self.is_replayed = head.is_replayed;
        self.begins = Begins::default();
        self.etag.clear();
        if let Some(etag) = &head.etag {
            self.etag.extend_from_slice(etag);
        }
        self.body_bytes = head.body_bytes;
        self.keeps_body = keeps_body || head.status >= 400;
        if head.is_chunked {
            self.chunks = Some(Chunks::default());
            return self.take_chunks(piece, from);
        }
        Ok(self.take_body(head.body_bytes, piece, from))
    }

    fn take_chunks(&mut self, piece: &[u8], from: usize) -> Result<Fed> {
        let Some(mut chunks) = self.chunks.take() else { return Ok(Fed::More) };
        let used = chunks.feed(&piece[from..], |content| {
            self.body_bytes += content.len() as u64;
            if self.begins.length < BEGINS_BYTES {
                self.begins.take(content);
            }
            if self.keeps_body {
                self.body.extend_from_slice(content);
            }
        })?;
        if self.body_bytes > BODY_BYTES_MAX {
            bail!("a reply of more than {BODY_BYTES_MAX} bytes, which are the most that any needs");
        }
        if chunks.is_over() {
            return Ok(Fed::Whole { used: from + used });
        }
        self.chunks = Some(chunks);
        Ok(Fed::More)
    }

    fn take_body(&mut self, left: u64, piece: &[u8], from: usize) -> Fed {
        let there = piece.len() - from;
        let taken = usize::try_from(left).map_or(there, |left| left.min(there));
        if self.begins.length < BEGINS_BYTES {
            self.begins.take(&piece[from..from + taken]);
        }
        if self.keeps_body {
            self.body.extend_from_slice(&piece[from..from + taken]);
        }
        let left = left - taken as u64;
        if left > 0 {
            self.left = Some(left);
            return Fed::More;
        }
        self.left = None;
        Fed::Whole { used: from + taken }
    }
}

struct Head {
    status: u16,
    closes: bool,
    is_replayed: bool,
    etag: Option<Vec<u8>>,
    /// The head's own length.
    bytes: usize,
    body_bytes: u64,
    is_chunked: bool,
}

/// The head at the start of `input`; `None` when it is not whole.
fn parse_head(input: &[u8], wants_etag: bool) -> Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(bytes) = response.parse(input).context("a reply's head")? else {
        return Ok(None);
    };
    let status = response.code.context("a reply without a status")?;
    let value = |name: &str| {
        let mut headers = response.headers.iter();
        headers.find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value)
    };
    let has_none = matches!(status, 204 | 304);
    let coded = value("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case(b"chunked"));
    let is_chunked = coded && !has_none;
    let body_bytes = match value("content-length") {
        _ if has_none || is_chunked => 0,
        Some(length) => std::str::from_utf8(length)?.trim().parse().context("content-length")?,
        None => bail!("a reply {status} with neither a content-length nor chunks: where its body ends is not known"),
    };
    if body_bytes > BODY_BYTES_MAX {
        bail!("a reply {status} of {body_bytes} bytes, and {BODY_BYTES_MAX} are the most that any needs");
    }
    let closes = value("connection").is_some_and(|value| value.eq_ignore_ascii_case(b"close"));
    let is_replayed = value("idempotency-replayed").is_some();
    let etag = value("etag").filter(|_| wants_etag).map(<[u8]>::to_vec);
    Ok(Some(Head { status, closes, is_replayed, etag, bytes, body_bytes, is_chunked }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPLY: &[u8] = b"HTTP/1.1 409 Conflict\r\nContent-Type: a/b\r\ncontent-length: 5\r\n\r\nhello";

    #[test]
    fn a_head_is_kept_where_somebody_reads_it() {
        let (first, second) = REPLY.split_at(20);
        let mut parser = Parser::new(true);
        assert_eq!(parser.feed(first, false).unwrap(), Fed::More);
        parser.feed(second, false).unwrap();
        assert!(parser.last_head().starts_with(b"HTTP/1.1 409") && parser.last_head().ends_with(b"\r\n\r\n"));
        let mut parser = Parser::default();
        parser.feed(REPLY, false).unwrap();
        assert!(parser.last_head().is_empty());
    }

    #[test]
    fn a_reply_in_one_piece() {
        let mut parser = Parser::default();
        assert_eq!(parser.feed(REPLY, true).unwrap(), Fed::Whole { used: REPLY.len() });
        assert_eq!((parser.status(), parser.body(), parser.body_bytes()), (409, &b"hello"[..], 5));
    }

    #[test]
    fn a_reply_that_says_it_is_endless_is_none() {
        let endless = b"HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\n";
        let error = Parser::default().feed(endless, true).unwrap_err().to_string();
        assert!(error.contains("999999999999 bytes"), "{error}");
    }

    #[test]
    fn a_reply_cut_at_every_place() {
        for cut in 1..REPLY.len() {
            let mut parser = Parser::default();
            assert_eq!(parser.feed(&REPLY[..cut], true).unwrap(), Fed::More, "cut at {cut}");
            let rest = &REPLY[cut..];
            assert_eq!(parser.feed(rest, true).unwrap(), Fed::Whole { used: rest.len() }, "cut at {cut}");
            assert_eq!((parser.status(), parser.body()), (409, &b"hello"[..]), "cut at {cut}");
        }
    }

    #[test]
    fn a_body_in_chunks_cut_at_every_place() {
        let reply =
            b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nA: b\r\n\r\n";
        for cut in 1..reply.len() {
            let mut parser = Parser::default();
            for _ in 0..2 {
                assert_eq!(parser.feed(&reply[..cut], true).unwrap(), Fed::More, "cut at {cut}");
                let rest = &reply[cut..];
                assert_eq!(parser.feed(rest, true).unwrap(), Fed::Whole { used: rest.len() }, "cut at {cut}");
                let told = (parser.status(), parser.body(), parser.body_bytes(), parser.begins());
                assert_eq!(told, (201, &b"hello"[..], 5, &b"hello"[..]), "cut at {cut}");
            }
        }
        let nonsense = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
        assert!(Parser::default().feed(nonsense, true).is_err());
    }

    #[test]
    fn what_follows_a_reply_is_left_alone() {
        let mut parser = Parser::default();
        let two = [REPLY, REPLY].concat();
        assert_eq!(parser.feed(&two, false).unwrap(), Fed::Whole { used: REPLY.len() });
        assert_eq!(parser.feed(&two[REPLY.len()..], false).unwrap(), Fed::Whole { used: REPLY.len() });
    }

    #[test]
    fn a_long_body_is_counted_and_not_kept() {
        let mut parser = Parser::default();
        parser.feed(b"HTTP/1.1 200 OK\r\ncontent-length: 3000000\r\n\r\n", false).unwrap();
        let piece = vec![0; 1_000_000];
        assert_eq!(parser.feed(&piece, false).unwrap(), Fed::More);
        assert_eq!(parser.feed(&piece, false).unwrap(), Fed::More);
        assert_eq!(parser.feed(&piece, false).unwrap(), Fed::Whole { used: 1_000_000 });
        assert_eq!((parser.body_bytes(), parser.body().len()), (3_000_000, 0));
    }

    #[test]
    fn a_304_has_no_body_whatever_its_length_says() {
        let reply = b"HTTP/1.1 304 Not Modified\r\ncontent-length: 99\r\n\r\n";
        assert_eq!(Parser::default().feed(reply, false).unwrap(), Fed::Whole { used: reply.len() });
    }

    #[test]
    fn nonsense_and_unknown_lengths_are_errors() {
        assert!(Parser::default().feed(b"SMTP ready\r\n\r\n", false).is_err());
        assert!(Parser::default().feed(b"HTTP/1.1 200 OK\r\n\r\n", false).is_err());
        assert!(Parser::default().feed(b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n", false).is_err());
    }
}
