//! Where the tables stand, kept in the same transaction as the rows.

use onsale_domain::ids::{PaymentId, ReservationId, TransferId};
use onsale_domain::row::{Counters, Mark};

use crate::code;
use crate::error::Error;
use crate::fields::{Query, Source, read};
use crate::value::Type::{Bytes, Integer};
use crate::value::{Upsert, Value, Writer};

/// The mark that the tables are at, with what proves whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProvenMark {
    pub mark: Mark,
    /// The journal's hash at `mark.seq`: the proof that the tables belong to that journal's history.
    pub hash: [u8; 32],
    /// The store whose journal it is.
    pub store_id: u64,
}

const SOURCE: Source = Source {
    table: "mark",
    sql: "SELECT seq, hash, time, fingerprint, next_reservation_id, next_payment_id, next_transfer_id, \
          charged, sold, charged_high, sold_high, store_id FROM mark JOIN store ON store.one = mark.one",
    key_columns: 1,
};
const SEQ: Source = Source { table: "mark", sql: "SELECT seq FROM mark", key_columns: 1 };
pub(crate) static UPSERT: Upsert = Upsert {
    table: "mark",
    columns: &[
        ("one", Integer),
        ("seq", Integer),
        ("hash", Bytes),
        ("time", Integer),
        ("fingerprint", Integer),
        ("next_reservation_id", Integer),
        ("next_payment_id", Integer),
        ("next_transfer_id", Integer),
        ("charged", Integer),
        ("sold", Integer),
        ("charged_high", Integer),
        ("sold_high", Integer),
    ],
    key: 1,
};

/// `None` before the first projection.
pub(crate) fn stored(query: &dyn Query) -> Result<Option<ProvenMark>, Error> {
    let mut found = None;
    read(query, &SOURCE, &[], |row| {
        let counters = Counters {
            next_reservation: ReservationId(row.u64(4)?),
            next_payment: PaymentId(row.u64(5)?),
            next_transfer: TransferId(row.u64(6)?),
            charged: code::sum_from(row.u64(9)?, row.u64(7)?),
            sold: code::sum_from(row.u64(10)?, row.u64(8)?),
        };
        let mark = Mark { seq: row.u64(0)?, time: row.time(2)?, fingerprint: row.bits(3)?, counters };
        found = Some(ProvenMark { mark, hash: row.array(1)?, store_id: row.bits(11)? });
        Ok(())
    })?;
    Ok(found)
}

/// The batch number alone; 0 before the first projection.
pub(crate) fn seq(query: &dyn Query) -> Result<u64, Error> {
    let mut found = 0;
    read(query, &SEQ, &[], |row| {
        found = row.u64(0)?;
        Ok(())
    })?;
    Ok(found)
}

pub(crate) fn write(writer: &mut dyn Writer, mark: &Mark, hash: &[u8; 32]) -> Result<(), Error> {
    let Mark { seq, time, fingerprint, counters } = mark;
    let Counters { next_reservation, next_payment, next_transfer, charged, sold } = counters;
    let (charged_high, charged) = code::sum("the sum of charges", *charged)?;
    let (sold_high, sold) = code::sum("the sum of sales", *sold)?;
    let values = [
        Value::from(1_i64),
        Value::from(code::integer("the batch number", *seq)?),
        Value::from(hash),
        Value::from(code::time(*time)?),
        Value::from(fingerprint.cast_signed()),
        Value::from(code::integer("the reservation id", next_reservation.0)?),
        Value::from(code::integer("the payment id", next_payment.0)?),
        Value::from(code::integer("the transfer id", next_transfer.0)?),
        Value::from(charged),
        Value::from(sold),
        Value::from(charged_high),
        Value::from(sold_high),
    ];
    writer.upsert(&UPSERT, &values)
}
