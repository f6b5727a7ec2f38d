//! When those who are inside last did something, a block of tickets a row.

use onsale_domain::queue::PRESENCE_BLOCK;
use onsale_domain::row::{ActivityRow, Row};
use onsale_domain::time::Time;

use super::Receiver;
use crate::code;
use crate::error::Error;
use crate::fields::{Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static TABLE: Table = table! {
    "activity", key 1: {
        block_id: Integer,
        since: Bytes,
    },
    from "activity LEFT JOIN tickets_forgotten ON queue_id = block_id >> 40 \
          WHERE (block_id & 1099511627775) + ? > coalesce(before_number, 0) ORDER BY block_id"
};
pub(super) const FORGET: &str = "DELETE FROM activity WHERE block_id BETWEEN ? AND ?";

/// A ticket's number, and the moment: 32 and 64 bits, little-endian.
const ENTRY: usize = 12;

pub(super) fn write(writer: &mut dyn Writer, row: &ActivityRow) -> Result<(), Error> {
    let ActivityRow { queue, first, since } = row;
    let mut bytes = Vec::with_capacity(since.len() * ENTRY);
    for (number, at) in since {
        bytes.extend_from_slice(&number.to_le_bytes());
        bytes.extend_from_slice(&at.0.to_le_bytes());
    }
    writer.upsert(&TABLE.upsert, &[Value::from(code::ticket(*queue, *first)), Value::from(&bytes)])
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &TABLE.source, &[Value::from(PRESENCE_BLOCK)], |row| {
        let block = row.map(0, code::ticket_from)?;
        let (entries, rest) = row.bytes(1)?.as_chunks::<ENTRY>();
        if !rest.is_empty() {
            return Err(row.corrupt(1));
        }
        let entry = |&[a, b, c, d, ref at @ ..]: &[u8; ENTRY]| {
            (u32::from_le_bytes([a, b, c, d]), Time(u64::from_le_bytes(*at)))
        };
        let since = entries.iter().map(entry).collect();
        into(Row::Activity(ActivityRow { queue: block.queue, first: block.number, since }))
    })
}
