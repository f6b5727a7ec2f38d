//! Where the tables stand, kept in the same transaction as the rows.

use onsale_domain::ids::{PaymentId, ReservationId, TransferId};
use onsale_domain::row::{Counters, Mark};
use rusqlite::{Connection, OptionalExtension};

use crate::code;
use crate::error::Error;
use crate::fields::{Source, read};
use crate::writer::Writer;

/// The batch that the tables are at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    pub mark: Mark,
    /// The journal's hash at `mark.seq`: the proof that the tables belong to that journal's history.
    pub hash: [u8; 32],
    /// The store whose journal it is.
    pub store_id: u64,
}

const SOURCE: Source = Source {
    table: "mark",
    sql: "SELECT seq, hash, time, fingerprint, next_reservation_id, next_payment_id, next_transfer_id, \
          charged, sold, store_id FROM mark JOIN store ON store.one = mark.one",
    key_columns: 1,
};
const UPSERT: &str = "INSERT OR REPLACE INTO mark (one, seq, hash, time, fingerprint, next_reservation_id, \
    next_payment_id, next_transfer_id, charged, sold) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// `None` before the first projection.
pub(crate) fn stored(conn: &Connection) -> Result<Option<Stored>, Error> {
    let mut found = None;
    read(conn, &SOURCE, [], |row| {
        let counters = Counters {
            next_reservation: ReservationId(row.u64(4)?),
            next_payment: PaymentId(row.u64(5)?),
            next_transfer: TransferId(row.u64(6)?),
            charged: row.u64(7)?,
            sold: row.u64(8)?,
        };
        let mark = Mark { seq: row.u64(0)?, time: row.time(2)?, fingerprint: row.bits(3)?, counters };
        found = Some(Stored { mark, hash: row.array(1)?, store_id: row.bits(9)? });
        Ok(())
    })?;
    Ok(found)
}

/// The batch number alone; 0 before the first projection.
pub(crate) fn seq(conn: &Connection) -> Result<u64, Error> {
    let seq: Option<i64> = conn.prepare_cached("SELECT seq FROM mark")?.query_row([], |row| row.get(0)).optional()?;
    Ok(seq.map_or(0, i64::cast_unsigned))
}

pub(crate) fn write(writer: &mut Writer<'_>, mark: &Mark, hash: &[u8; 32]) -> Result<(), Error> {
    let Mark { seq, time, fingerprint, counters } = mark;
    let Counters { next_reservation, next_payment, next_transfer, charged, sold } = counters;
    let values = (
        code::integer("the batch number", *seq)?,
        hash,
        code::time(*time)?,
        fingerprint.cast_signed(),
        code::integer("the reservation id", next_reservation.0)?,
        code::integer("the payment id", next_payment.0)?,
        code::integer("the transfer id", next_transfer.0)?,
        code::integer("the sum of charges", *charged)?,
        code::integer("the sum of sales", *sold)?,
    );
    writer.run(UPSERT, values)
}
