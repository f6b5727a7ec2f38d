//! Reading the feed from a place on.

use onsale_domain::feed::{Counts, Entry, Event};
use onsale_domain::time::Time;

use super::cursor::Cursor;
use super::piece::Piece;
use crate::error::Error;
use crate::fields::Query;
use crate::mark;
use crate::place::Place;

/// The most pieces that are looked through at a time: who asks for what seldom happens is told how far that came.
const PIECES_MAX: usize = 32;

/// The feed of the tables, opened for reading only, beside whoever writes.
pub struct Reader {
    query: Box<dyn Query + Send>,
}

/// An event, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub cursor: Cursor,
    pub time: Time,
    /// Which one of its family it is, counted from 1 without a gap.
    pub number: u64,
    pub event: Event,
}

/// What there is behind a place.
#[derive(Debug)]
pub enum Page {
    Items {
        items: Vec<Item>,
        /// The place up to which all was looked through; `None` where the feed has not begun.
        at: Option<Cursor>,
        /// Whether there may be more already.
        more: bool,
    },
    /// What came behind the place is not kept any more. The oldest event that is.
    Trimmed(Item),
    /// There is no such place in this history.
    Elsewhere,
    /// The place is that of an entry which the tables do not hold yet, or not any more.
    Ahead,
}

impl Reader {
    /// # Errors
    /// When there are no tables in that place, or they are a newer program's.
    pub fn open(place: &Place) -> Result<Self, Error> {
        Ok(Self { query: place.reader(false)? })
    }

    /// As [`Self::open`], of what is there now, whatever is written meanwhile.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn snapshot(place: &Place) -> Result<Self, Error> {
        Ok(Self { query: place.reader(true)? })
    }

    /// The entry that the tables are at.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn seq(&self) -> Result<u64, Error> {
        mark::seq(&*self.query)
    }

    /// The piece behind the one that begins with entry `seq`: its first entry's number, and all that is in it.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub fn after(&self, seq: u64) -> Result<Option<(u64, Vec<Entry>)>, Error> {
        let piece = Piece::after(&*self.query, seq)?;
        piece.map(|piece| Ok((piece.first_seq, piece.decoded()?))).transpose()
    }

    /// The one event at `at`; `None` where there is none, or not any more.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub fn one(&self, at: Cursor) -> Result<Option<Item>, Error> {
        let Some(piece) = Piece::of(&*self.query, at.seq)? else { return Ok(None) };
        let entries = piece.decoded()?;
        let mut counts = before(&piece, &entries);
        for Entry { seq, time, proof, events } in entries {
            for (event, index) in events.into_iter().zip(0_u32..) {
                let number = &mut counts[event.family() as usize];
                *number += 1;
                let cursor = Cursor { seq, index, proof };
                if cursor == at {
                    return Ok(Some(Item { cursor, time, number: *number, event }));
                }
            }
        }
        Ok(None)
    }

    /// The place of the newest event; `None` where the feed has not begun.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub fn newest(&self) -> Result<Option<Cursor>, Error> {
        let Some(piece) = Piece::last(&*self.query)? else { return Ok(None) };
        let last = piece.decoded()?.into_iter().rfind(|entry| !entry.events.is_empty());
        Ok(last.map(|Entry { seq, proof, events, .. }| Cursor { seq, index: events.len() as u32 - 1, proof }))
    }

    /// The first events behind `after`, or from the oldest on, that are `wanted`: at most `limit` of them.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub fn read(&self, after: Option<Cursor>, limit: usize, wanted: &dyn Fn(&Event) -> bool) -> Result<Page, Error> {
        let query = &*self.query;
        let first = match after {
            None => Piece::after(query, 0)?,
            Some(after) => Piece::of(query, after.seq)?,
        };
        let Some(first) = first else {
            return match (after, Piece::after(query, 0)?) {
                // The feed begins later.
                (Some(_), Some(oldest)) => Ok(oldest_of(&oldest)?.map_or(Page::Elsewhere, Page::Trimmed)),
                (Some(after), None) => Ok(if after.seq > mark::seq(query)? { Page::Ahead } else { Page::Elsewhere }),
                (None, _) => Ok(Page::Items { items: Vec::new(), at: None, more: false }),
            };
        };
        if let Some(after) = after {
            let is_there = first.decoded()?.iter().any(|entry| holds(entry, after));
            if !is_there && after.seq > first.last_seq && after.seq > mark::seq(query)? {
                return Ok(Page::Ahead);
            }
            if !is_there {
                return Ok(Page::Elsewhere);
            }
        }
        let mut gathered = Gathered { items: Vec::new(), at: after, limit, wanted };
        let mut piece = first;
        for _ in 0..PIECES_MAX {
            if !gathered.take(&piece)? {
                return Ok(gathered.page(true));
            }
            match Piece::after(query, piece.first_seq)? {
                None => return Ok(gathered.page(false)),
                // Something in between was let go just now: whoever asks again is told so.
                Some(next) if counts_before(&next)? != piece.counts => return Ok(gathered.page(true)),
                Some(next) => piece = next,
            }
        }
        Ok(gathered.page(true))
    }
}

struct Gathered<'a> {
    items: Vec<Item>,
    at: Option<Cursor>,
    limit: usize,
    wanted: &'a dyn Fn(&Event) -> bool,
}

impl Gathered<'_> {
    /// Takes what of the piece lies behind where this is. Says whether there is room for more.
    fn take(&mut self, piece: &Piece) -> Result<bool, Error> {
        let entries = piece.decoded()?;
        let mut counts = before(piece, &entries);
        for Entry { seq, time, proof, events } in entries {
            for (event, index) in events.into_iter().zip(0_u32..) {
                let number = &mut counts[event.family() as usize];
                *number += 1;
                if self.at.is_some_and(|at| (at.seq, at.index) >= (seq, index)) {
                    continue;
                }
                let is_wanted = (self.wanted)(&event);
                if is_wanted && self.items.len() >= self.limit {
                    return Ok(false);
                }
                let cursor = Cursor { seq, index, proof };
                self.at = Some(cursor);
                if is_wanted {
                    self.items.push(Item { cursor, time, number: *number, event });
                }
            }
        }
        Ok(true)
    }

    fn page(self, more: bool) -> Page {
        Page::Items { items: self.items, at: self.at, more }
    }
}

fn holds(entry: &Entry, cursor: Cursor) -> bool {
    entry.seq == cursor.seq && entry.proof == cursor.proof && (cursor.index as usize) < entry.events.len()
}

fn oldest_of(piece: &Piece) -> Result<Option<Item>, Error> {
    let entries = piece.decoded()?;
    let mut counts = before(piece, &entries);
    let mut entries = entries.into_iter();
    Ok(entries.next().and_then(|Entry { seq, time, proof, events }| {
        let event = events.into_iter().next()?;
        let number = &mut counts[event.family() as usize];
        *number += 1;
        Some(Item { cursor: Cursor { seq, index: 0, proof }, time, number: *number, event })
    }))
}

fn counts_before(piece: &Piece) -> Result<Counts, Error> {
    Ok(before(piece, &piece.decoded()?))
}

/// How many events there were before the piece.
fn before(piece: &Piece, entries: &[Entry]) -> Counts {
    let mut counts = piece.counts;
    for event in entries.iter().flat_map(|entry| &entry.events) {
        let count = &mut counts[event.family() as usize];
        *count = count.saturating_sub(1);
    }
    counts
}
