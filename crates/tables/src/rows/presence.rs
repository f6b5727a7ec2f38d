//! When tickets were last heard from, a block of tickets a row.

use onsale_domain::queue::PRESENCE_BLOCK;
use onsale_domain::row::{PresenceRow, Row};

use super::Receiver;
use crate::code;
use crate::error::Error;
use crate::fields::{Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static TABLE: Table = table! {
    "presence", key 1: {
        block_id: Integer,
        seen: Bytes,
    },
    from "presence LEFT JOIN tickets_forgotten ON queue_id = block_id >> 40 \
          WHERE (block_id & 1099511627775) + ? > coalesce(before_number, 0) ORDER BY block_id"
};
pub(super) const FORGET: &str = "DELETE FROM presence WHERE block_id BETWEEN ? AND ?";

pub(super) fn write(writer: &mut dyn Writer, row: &PresenceRow) -> Result<(), Error> {
    let PresenceRow { queue, first, seen } = row;
    let bytes: Vec<u8> = seen.iter().flat_map(|at| at.to_le_bytes()).collect();
    writer.upsert(&TABLE.upsert, &[Value::from(code::ticket(*queue, *first)), Value::from(&bytes)])
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &TABLE.source, &[Value::from(PRESENCE_BLOCK)], |row| {
        let block = row.map(0, code::ticket_from)?;
        let (ticks, rest) = row.bytes(1)?.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(row.corrupt(1));
        }
        let seen = ticks.iter().map(|tick| u32::from_le_bytes(*tick)).collect();
        into(Row::Presence(PresenceRow { queue: block.queue, first: block.number, seen }))
    })
}
