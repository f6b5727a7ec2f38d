//! Lines of which each begins with the hash of the one before.

use std::io::{self, BufWriter, Write};

use onsale_domain::queue::hex;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

pub(super) struct Chain<W: Write> {
    out: BufWriter<W>,
    last: [u8; 32],
    lines: u64,
}

#[derive(Serialize)]
struct Line<'a, T> {
    before: String,
    #[serde(flatten)]
    rest: &'a T,
}

impl<W: Write> Chain<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out: BufWriter::new(out), last: [0; 32], lines: 0 }
    }

    /// Adds a line.
    pub(super) fn add(&mut self, rest: &impl Serialize) -> io::Result<()> {
        let line = serde_json::to_vec(&Line { before: hex(&self.last), rest })?;
        self.last = Sha256::digest(&line).into();
        self.lines += 1;
        self.out.write_all(&line)?;
        self.out.write_all(b"\n")
    }

    /// How many lines there are, and the hash of the last.
    pub(super) fn finish(mut self) -> io::Result<(u64, String)> {
        self.out.flush()?;
        Ok((self.lines, hex(&self.last)))
    }
}
