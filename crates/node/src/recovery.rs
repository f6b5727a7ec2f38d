//! From what is stored to a running engine: the tables, then the journal's tail.

use std::sync::Arc;

use onsale_domain::command::Batch;
use onsale_domain::engine::{Engine, Loader};
use onsale_domain::feed::Before;
use onsale_domain::row::Row;
use onsale_domain::time::Time;
use onsale_journal::{Entry, Error as JournalError, Head, Journal, Limit, Reader};
use onsale_tables::{Error as TablesError, ProvenMark, Refused, Tables};

use crate::core::projector::Batch as Changed;
use crate::open_error::OpenError;
use crate::views::Views;

/// Rows shown to the views at a time while they are loaded.
const SHOWN_ROWS: usize = 10_000;

/// Tables that give back what they hold.
pub trait Loads {
    /// See [`Tables::load`].
    ///
    /// # Errors
    /// As there.
    fn load(&mut self, into: &mut dyn FnMut(Row) -> Result<(), Refused>) -> Result<u64, TablesError>;
}

impl Loads for Tables {
    fn load(&mut self, into: &mut dyn FnMut(Row) -> Result<(), Refused>) -> Result<u64, TablesError> {
        Self::load(self, into)
    }
}

/// The engine as the tables have it, and views that show it.
pub fn load(tables: &mut dyn Loads, stored: Option<&ProvenMark>) -> Result<(Engine, Arc<Views>), OpenError> {
    let Some(stored) = stored else {
        let engine = Engine::new();
        let views = Arc::new(Views::new(&engine));
        return Ok((engine, views));
    };
    let mut loader = Loader::new();
    let views = Arc::new(Views::new(loader.engine()));
    let mut shown = Vec::new();
    tables.load(&mut |row| {
        if is_shown(&row) {
            shown.push(row.clone());
        }
        loader.load(row)?;
        if shown.len() >= SHOWN_ROWS {
            views.show(loader.engine(), &shown, stored.mark);
            shown.clear();
        }
        Ok(())
    })?;
    let engine = loader.finish(&stored.mark)?;
    views.show(&engine, &shown, stored.mark);
    views.check_all_seats(&engine);
    Ok((engine, views))
}

/// The engine as the tables have it, and nothing that shows it.
pub fn engine(tables: &mut dyn Loads, stored: Option<&ProvenMark>) -> Result<Engine, OpenError> {
    let Some(stored) = stored else { return Ok(Engine::new()) };
    let mut loader = Loader::new();
    tables.load(&mut |row| Ok(loader.load(row)?))?;
    Ok(loader.finish(&stored.mark)?)
}

/// Tickets show through the line that the engine shares; history shows nowhere.
fn is_shown(row: &Row) -> bool {
    match row {
        Row::Settings(_)
        | Row::Level(_)
        | Row::Queue(_)
        | Row::Wallet { .. }
        | Row::Revoked { .. }
        | Row::Operator(_)
        | Row::Subject { .. }
        | Row::Erased(_)
        | Row::Entry(_)
        | Row::Concert(_)
        | Row::Schedule(_)
        | Row::Seats { .. }
        | Row::Reservation(_)
        | Row::Reissued(_)
        | Row::Withheld(_)
        | Row::Campaign(_)
        | Row::Idempotency(_)
        | Row::News(_)
        | Row::Lever(_) => true,
        Row::Ticket(_)
        | Row::Adjustment(_)
        | Row::Code(_)
        | Row::CodeUse(_)
        | Row::EntryForgotten(_)
        | Row::SubjectForgotten(_)
        | Row::SeatLimit { .. }
        | Row::OperatorRemoved(_)
        | Row::Presence(_)
        | Row::Activity(_)
        | Row::Networks(_)
        | Row::TicketsForgotten { .. }
        | Row::Transfer(_)
        | Row::ScheduleRemoved(_)
        | Row::ReservationForgotten(_)
        | Row::GivenBack { .. }
        | Row::Payment(_)
        | Row::IdempotencyForgotten { .. }
        | Row::Staged { .. }
        | Row::Unstaged(_)
        | Row::Told(_) => false,
    }
}

/// How many entries before the last a node looks at once more when it opens: what clients saw before a failover that lost
/// the end is near to it.
const LOOKED_BACK: u64 = 64;

/// The last entries before `seq`, or as many of them as are kept.
pub fn before(journal: &dyn Journal, reader: &mut dyn Reader, seq: u64) -> Result<Vec<Head>, OpenError> {
    let kept = journal.checkpoint().map_or(0, |checkpoint| checkpoint.seq) + 1;
    let mut next = seq.saturating_sub(LOOKED_BACK).max(kept);
    let mut before = Vec::new();
    while next < seq {
        let read = match reader.read_from(next, Limit::default()) {
            // They have just been compacted away.
            Err(JournalError::Truncated { .. }) => break,
            read => read?,
        };
        let Some(last) = read.last() else { break };
        next = last.seq + 1;
        before.extend(read.iter().map(Entry::head));
    }
    before.retain(|head| head.seq < seq);
    Ok(before)
}

/// Applies what the journal has beyond the engine. Gives the number of entries.
pub fn replay(
    journal: &dyn Journal,
    reader: &mut dyn Reader,
    stored: Option<&ProvenMark>,
    engine: &mut Engine,
    views: &Views,
    feed: &mut dyn FnMut(Changed),
) -> Result<u64, OpenError> {
    if let Some(ProvenMark { mark, hash, .. }) = stored {
        reader.expect(&Head { seq: mark.seq, time_ms: mark.time.0, hash: (*hash).into() })?;
    } else if let Some(checkpoint) = journal.checkpoint() {
        return Err(OpenError::TablesMissing { checkpoint: checkpoint.seq });
    }
    let mut entries = 0;
    loop {
        let next = engine.mark().seq + 1;
        let read = reader.read_from(next, Limit::default())?;
        if read.is_empty() {
            return Ok(entries);
        }
        for entry in read {
            let batch = Batch::decode(&entry.payload)
                .map_err(|error| OpenError::Undecodable { seq: entry.seq, reason: error.to_string() })?;
            let (before, mut rows) = (Before::of(engine), Vec::new());
            engine.apply(entry.seq, Time(entry.time_ms), &batch, &mut rows);
            views.update(engine, &rows);
            feed(Changed::new(before, views.mark(), entry.hash, rows));
            entries += 1;
        }
    }
}
