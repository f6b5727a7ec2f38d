//! A body that comes in chunks (RFC 9112, 7.1): how long it is shows only as it comes.

use anyhow::{Context as _, Result, ensure};

/// The most bytes of a line between chunks: a size, and what some servers add to it.
const LINE_BYTES_MAX: usize = 1_024;

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// The line with the size of the next chunk.
    #[default]
    Size,
    /// A chunk, of which so many bytes are to come.
    Chunk(u64),
    /// The end of the line after a chunk.
    AfterChunk,
    /// The lines after the last chunk, up to an empty one.
    Trailer,
    Over,
}

/// How far a chunked body is.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    place: Place,
    line: Vec<u8>,
}

impl Chunks {
    pub(super) fn is_over(&self) -> bool {
        self.place == Place::Over
    }

    /// Takes what belongs to the body from the start of `piece`, and hands each part of its content to `take`; gives how
    /// many bytes it used.
    ///
    /// # Errors
    /// When it is not in chunks.
    pub(super) fn feed(&mut self, piece: &[u8], mut take: impl FnMut(&[u8])) -> Result<usize> {
        let mut used = 0;
        while used < piece.len() && self.place != Place::Over {
            let rest = &piece[used..];
            if let Place::Chunk(left) = self.place {
                let taken = usize::try_from(left).map_or(rest.len(), |left| left.min(rest.len()));
                take(&rest[..taken]);
                used += taken;
                let left = left - taken as u64;
                self.place = if left == 0 { Place::AfterChunk } else { Place::Chunk(left) };
                continue;
            }
            let end = memchr::memchr(b'\n', rest);
            let taken = end.map_or(rest.len(), |end| end + 1);
            self.line.extend_from_slice(&rest[..taken]);
            used += taken;
            ensure!(self.line.len() <= LINE_BYTES_MAX, "a line between chunks of more than {LINE_BYTES_MAX} bytes");
            if end.is_some() {
                self.end_of_line()?;
            }
        }
        Ok(used)
    }

    fn end_of_line(&mut self) -> Result<()> {
        let line = std::str::from_utf8(&self.line).context("a line between chunks")?.trim();
        self.place = match self.place {
            Place::Size => {
                let size = line.split(';').next().unwrap_or_default().trim();
                let size = u64::from_str_radix(size, 16).with_context(|| format!("`{line}` is no size of a chunk"))?;
                if size == 0 { Place::Trailer } else { Place::Chunk(size) }
            }
            Place::AfterChunk => {
                ensure!(line.is_empty(), "a chunk that is longer than it says");
                Place::Size
            }
            Place::Trailer if line.is_empty() => Place::Over,
            Place::Trailer | Place::Chunk(_) | Place::Over => self.place,
        };
        self.line.clear();
        Ok(())
    }
}
