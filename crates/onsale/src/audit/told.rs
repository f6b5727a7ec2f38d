//! The feed, held against what a replay tells.

use std::collections::VecDeque;

use anyhow::Context as _;
use onsale_domain::feed::{Before, Entry};
use onsale_domain::row::Row;
use onsale_domain::time::Time;
use onsale_tables::Place;
use onsale_tables::feed::Reader;

use super::tally::Tally;

/// What the tables have of the feed, as of one moment, read as far as the replay has come.
pub(super) struct Told {
    reader: Reader,
    /// The entry that the tables are at.
    ends: u64,
    /// The first entry of the feed; `None` where there is none.
    begins: Option<u64>,
    /// The piece that was read last, by its first entry.
    piece: u64,
    read: VecDeque<Entry>,
    tally: Tally,
}

impl Told {
    pub(super) fn open(place: &Place) -> anyhow::Result<Self> {
        let reader = Reader::snapshot(place).context("the feed cannot be looked at")?;
        let ends = reader.seq().context("the feed cannot be looked at")?;
        let tally = Tally::new("the feed tells all that changed, and nothing else");
        let mut told = Self { reader, ends, begins: None, piece: 0, read: VecDeque::new(), tally };
        told.begins = told.next()?.map(|entry| entry.seq);
        Ok(told)
    }

    /// The next entry that the tables have.
    fn next(&mut self) -> anyhow::Result<Option<&Entry>> {
        if self.read.is_empty()
            && let Some((first, entries)) = self.reader.after(self.piece).context("the feed cannot be looked at")?
        {
            self.piece = first;
            self.read = entries.into();
        }
        Ok(self.read.front())
    }

    /// What the replay begins behind is not told again.
    pub(super) fn begin_after(&mut self, from: u64) -> anyhow::Result<()> {
        while self.next()?.is_some_and(|entry| entry.seq <= from) {
            self.read.pop_front();
        }
        Ok(())
    }

    /// An entry was replayed.
    pub(super) fn entry(&mut self, before: Before, entry: &onsale_journal::Entry, rows: &[Row]) -> anyhow::Result<()> {
        let seq = entry.seq;
        // What was let go is before all that is kept, and the newest is kept.
        if seq > self.ends || self.begins.is_some_and(|begins| seq < begins) {
            return Ok(());
        }
        let expected = before.told(seq, Time(entry.time_ms), entry.hash.as_bytes(), rows);
        let stored = if self.next()?.is_some_and(|entry| entry.seq <= seq) { self.read.pop_front() } else { None };
        let expected = expected.and_then(|told| Entry::decode_all(&told.bytes).ok()?.pop());
        if expected.is_some() || stored.is_some() {
            self.tally.check(expected == stored, || format!("entry {seq} is not told as a replay tells it"));
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> anyhow::Result<Tally> {
        let rest = self.next()?.map(|entry| entry.seq);
        if let Some(seq) = rest {
            self.tally.check(seq > self.ends, || format!("entry {seq} is told, and tells nothing"));
        }
        Ok(self.tally)
    }
}
