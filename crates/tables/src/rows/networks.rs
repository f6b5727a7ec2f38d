//! How many joined from which network, those whose tags begin alike in a row.

use onsale_domain::ids::QueueId;
use onsale_domain::row::{NetworksRow, Row};

use super::Receiver;
use crate::error::Error;
use crate::fields::{Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static TABLE: Table = table! {
    "networks", key 1: {
        block_id: Integer,
        joins: Bytes,
    },
    from "networks ORDER BY block_id"
};

/// A network's tag, and how many joined: 64 and 32 bits, little-endian.
const ENTRY: usize = 12;

/// A queue has so many blocks.
const BLOCKS: i64 = 1 << 12;

pub(super) fn write(writer: &mut dyn Writer, row: &NetworksRow) -> Result<(), Error> {
    let NetworksRow { queue, block, joins } = row;
    let mut bytes = Vec::with_capacity(joins.len() * ENTRY);
    for (tag, joins) in joins {
        bytes.extend_from_slice(&tag.to_le_bytes());
        bytes.extend_from_slice(&joins.to_le_bytes());
    }
    let id = i64::from(queue.0) * BLOCKS + i64::from(*block);
    writer.upsert(&TABLE.upsert, &[Value::from(id), Value::from(&bytes)])
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &TABLE.source, &[], |row| {
        let queue = row.map(0, |id| u16::try_from(id.div_euclid(BLOCKS)).ok())?;
        let block = row.map(0, |id| u16::try_from(id.rem_euclid(BLOCKS)).ok())?;
        let (entries, rest) = row.bytes(1)?.as_chunks::<ENTRY>();
        if !rest.is_empty() {
            return Err(row.corrupt(1));
        }
        let entry =
            |&[ref tag @ .., a, b, c, d]: &[u8; ENTRY]| (u64::from_le_bytes(*tag), u32::from_le_bytes([a, b, c, d]));
        let joins = entries.iter().map(entry).collect();
        into(Row::Networks(NetworksRow { queue: QueueId(queue), block, joins }))
    })
}
