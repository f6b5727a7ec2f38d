//! Adding to the feed, and letting go of what was kept for long enough.

use onsale_domain::feed::Told;
use onsale_domain::row::Row;
use onsale_domain::time::Time;

use super::piece::Piece;
use crate::code;
use crate::error::Error;
use crate::fields::Query;
use crate::value::{Value, Writer};

/// A piece below this is gone on with: in a quiet hour each transaction has an event or two. As it is written again with
/// each, it is not to be much.
const SMALL_BYTES: usize = 4 << 10;
/// The most in one piece, unless one entry has more: whoever reads an event reads its piece.
const LARGE_BYTES: usize = 64 << 10;
/// The newest piece stays: it says how many events there were, and where the feed is.
const TRIM: &str = "DELETE FROM feed WHERE first_seq IN (SELECT first_seq FROM feed WHERE at < ? AND first_seq < \
                    (SELECT max(first_seq) FROM feed) ORDER BY at LIMIT 64)";

/// Adds what the entries after `from` tell. `rows` may have what was told before, and is in the order of the journal.
pub(crate) fn write(query: &dyn Query, writer: &mut dyn Writer, from: u64, rows: &[Row]) -> Result<(), Error> {
    let mut told = rows.iter().filter_map(|row| match row {
        Row::Told(told) if told.seq > from => Some(told),
        _ => None,
    });
    let Some(first) = told.next() else { return Ok(()) };
    let last = Piece::last(query)?;
    let counts = last.as_ref().map_or_else(Default::default, |last| last.counts);
    let small = last.filter(|last| last.entries.len() < SMALL_BYTES);
    let mut piece = small.unwrap_or_else(|| Piece::begin(first, counts));
    for told in std::iter::once(first).chain(told) {
        if !piece.entries.is_empty() && piece.entries.len() + told.bytes.len() > LARGE_BYTES {
            piece.write(writer)?;
            piece = Piece::begin(told, piece.counts);
        }
        piece.add(told);
    }
    piece.write(writer)
}

/// Lets go of what was told before `since`, some of it at a time: much may have become old at once.
pub(crate) fn trim(writer: &mut dyn Writer, since: Time) -> Result<(), Error> {
    writer.run(TRIM, &[Value::from(code::time(since)?)])
}

impl Piece {
    fn begin(first: &Told, counts: onsale_domain::feed::Counts) -> Self {
        Self { first_seq: first.seq, last_seq: first.seq, at: first.time, counts, entries: Vec::new() }
    }

    fn add(&mut self, told: &Told) {
        (self.last_seq, self.at) = (told.seq, told.time);
        self.counts.iter_mut().zip(told.counts.iter()).for_each(|(sum, count)| *sum += count);
        self.entries.extend_from_slice(&told.bytes);
    }
}
