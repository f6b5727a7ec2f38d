//! A row of the feed.

use onsale_domain::cbor;
use onsale_domain::feed::{Counts, Entry, FAMILIES};
use onsale_domain::time::Time;

use crate::code;
use crate::error::Error;
use crate::fields::{Fields, Query, Source, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(crate) static TABLE: Table = table! {
    "feed", key 1: {
        first_seq: Integer,
        last_seq: Integer,
        at: Integer,
        counts: Bytes,
        entries: Bytes,
    },
    from "feed WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1"
};
const NEXT: Source = Source {
    table: "feed",
    sql: "SELECT first_seq, last_seq, at, counts, entries FROM feed WHERE first_seq > ? ORDER BY first_seq LIMIT 1",
    key_columns: 1,
};

/// Entries that follow each other.
pub(super) struct Piece {
    pub(super) first_seq: u64,
    pub(super) last_seq: u64,
    /// The time of the last.
    pub(super) at: Time,
    /// How many events there were up to its end.
    pub(super) counts: Counts,
    pub(super) entries: Vec<u8>,
}

impl Piece {
    /// The one that entry `seq` is in, where it is in any.
    pub(super) fn of(query: &dyn Query, seq: u64) -> Result<Option<Self>, Error> {
        Self::one(query, &TABLE.source, seq)
    }

    /// The one that comes after the one that begins with entry `seq`.
    pub(super) fn after(query: &dyn Query, seq: u64) -> Result<Option<Self>, Error> {
        Self::one(query, &NEXT, seq)
    }

    pub(super) fn last(query: &dyn Query) -> Result<Option<Self>, Error> {
        Self::one(query, &TABLE.source, i64::MAX.unsigned_abs())
    }

    fn one(query: &dyn Query, source: &Source, seq: u64) -> Result<Option<Self>, Error> {
        let mut found = None;
        // Numbers that no journal reaches find what the last one finds.
        let seq = i64::try_from(seq).unwrap_or(i64::MAX);
        read(query, source, &[Value::from(seq)], |row| {
            let entries = row.bytes(4)?.to_vec();
            found = Some(Self {
                first_seq: row.u64(0)?,
                last_seq: row.u64(1)?,
                at: row.time(2)?,
                counts: counts(row)?,
                entries,
            });
            Ok(())
        })?;
        Ok(found)
    }

    pub(super) fn write(&self, writer: &mut dyn Writer) -> Result<(), Error> {
        let counts = cbor::encoded(&self.counts);
        let values = [
            Value::from(code::integer("the entry", self.first_seq)?),
            Value::from(code::integer("the entry", self.last_seq)?),
            Value::from(code::time(self.at)?),
            Value::from(&counts),
            Value::from(&self.entries),
        ];
        writer.upsert(&TABLE.upsert, &values)
    }

    /// What is in it.
    pub(super) fn decoded(&self) -> Result<Vec<Entry>, Error> {
        Entry::decode_all(&self.entries).map_err(|_| Error::Corrupt {
            table: "feed",
            key: self.first_seq.to_string(),
            column: "entries".to_owned(),
        })
    }
}

/// Families that a later program has added are not asked for here, and those of before have fewer.
fn counts(row: &Fields<'_>) -> Result<Counts, Error> {
    let stored: Vec<u64> = minicbor::decode(row.bytes(3)?).map_err(|_| row.corrupt(3))?;
    let mut counts = [0; FAMILIES];
    counts.iter_mut().zip(stored).for_each(|(to, from)| *to = from);
    Ok(counts)
}
