//! The fairness record of a queue: who joined when, which places were drawn, and who was let in, as the journal has it, without
//! names, in a form that an outsider can recompute. `docs/fairness.md` is its form.

mod chain;
mod record;

use std::io::Write;

use anyhow::{Context as _, ensure};
use onsale_domain::command::Batch;
use onsale_domain::row::Row;
use onsale_domain::time::Time;
use onsale_journal::Limit;
use onsale_journal::local::Progress;
use onsale_tables::Place;

use crate::audit::{self, Journal};

use chain::Chain;
use record::Record;

/// What was written.
pub(crate) struct Written {
    pub(crate) lines: u64,
    /// The SHA-256 of the last line, in hexadecimal: what is published.
    pub(crate) end: String,
    /// From which entry on, and to which, the journal was read.
    pub(crate) entries: (u64, u64),
}

/// Writes the record of the queue with this name, from the journal's beginning to its end.
///
/// # Errors
/// Where the store cannot be read, has no such queue, or `out` takes no more.
pub(crate) fn write(
    place: &Place,
    queue: &str,
    out: impl Write,
    progress: &mut dyn FnMut(Progress),
) -> anyhow::Result<Written> {
    let journal = Journal::open(place, progress).context("the journal cannot be read")?;
    let mut record = Record::begin(queue, Chain::new(out))?;
    let mut known = Vec::new();
    let mut engine = audit::begin(place, &journal, &mut |row| {
        if matches!(row, Row::Queue(_) | Row::Ticket(_)) {
            known.push(row.clone());
        }
    })?;
    let from = engine.mark().seq;
    record.load(&known)?;
    let (mut reader, end, mut rows) = (journal.reader()?, journal.head().seq, Vec::new());
    while engine.mark().seq < end {
        let mut entries = reader.read_from(engine.mark().seq + 1, Limit::default())?;
        // Others may go on to append: what was verified is what is written.
        entries.retain(|entry| entry.seq <= end);
        ensure!(!entries.is_empty(), "the journal ends before entry {end}, which it had");
        for entry in &entries {
            let batch = Batch::decode(&entry.payload).with_context(|| format!("entry {} cannot be read", entry.seq))?;
            rows.clear();
            engine.apply(entry.seq, Time(entry.time_ms), &batch, &mut rows);
            record.entry((entry.seq, entry.time_ms), &rows)?;
        }
    }
    ensure!(record.has_queue(), "the store has no queue with the name {queue}");
    let (lines, end_hash) = record.finish()?;
    Ok(Written { lines, end: end_hash, entries: (from, end) })
}
