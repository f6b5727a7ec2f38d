//! Bodies for clients that take gzip.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// The same as one gzip member (RFC 1952).
pub(crate) fn gzip(plain: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::default());
    encoder.write_all(plain).and_then(|()| encoder.finish()).expect("writing to memory does not fail").into()
}
