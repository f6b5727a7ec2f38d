//! Queues.

use onsale_domain::ids::QueueId;
use onsale_domain::queue::Mode;
use onsale_domain::row::{QueueRow, Row};
use rusqlite::Connection;

use super::{Receiver, settings};
use crate::code::{self, cbor};
use crate::error::Error;
use crate::fields::{Source, read};
use crate::writer::Writer;

const UPSERT: &str = "INSERT OR REPLACE INTO queues (queue_id, name, mode, active_limit, admit_per_second, \
    session_ttl_ms, waiting_ttl_ms, waiting_grace_ms, next_number, first_number, next_return, seen_floor, admitted) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const SOURCE: Source = Source {
    table: "queues",
    sql: "SELECT queue_id, name, mode, active_limit, admit_per_second, session_ttl_ms, waiting_ttl_ms, \
          waiting_grace_ms, next_number, first_number, next_return, seen_floor, admitted FROM queues ORDER BY queue_id",
    key_columns: 1,
};

pub(super) fn write(writer: &mut Writer<'_>, row: &QueueRow) -> Result<(), Error> {
    let QueueRow { id, name, mode, settings, next_number, first_number, next_return, seen_floor, admitted } = row;
    let (active_limit, admit_per_second, session_ttl_ms, waiting_ttl_ms, waiting_grace_ms) =
        settings::queue_values(settings)?;
    let values = (
        id.0,
        name,
        mode_code(*mode),
        active_limit,
        admit_per_second,
        session_ttl_ms,
        waiting_ttl_ms,
        waiting_grace_ms,
        next_number,
        first_number,
        next_return,
        code::time(*seen_floor)?,
        cbor(admitted),
    );
    writer.run(UPSERT, values)
}

pub(super) fn load(conn: &Connection, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(conn, &SOURCE, [], |row| {
        into(Row::Queue(QueueRow {
            id: QueueId(row.map(0, |id| u16::try_from(id).ok())?),
            name: row.text(1)?,
            mode: row.map(2, mode_from)?,
            settings: settings::queue_settings(row, 3)?,
            next_number: row.u32(8)?,
            first_number: row.u32(9)?,
            next_return: row.u32(10)?,
            seen_floor: row.time(11)?,
            admitted: minicbor::decode(row.bytes(12)?).map_err(|_| row.corrupt(12))?,
        }))
    })
}

fn mode_code(mode: Mode) -> i64 {
    match mode {
        Mode::Open => 0,
        Mode::Paused => 1,
        Mode::Draining => 2,
        Mode::Closed => 3,
    }
}

fn mode_from(stored: i64) -> Option<Mode> {
    match stored {
        0 => Some(Mode::Open),
        1 => Some(Mode::Paused),
        2 => Some(Mode::Draining),
        3 => Some(Mode::Closed),
        _ => None,
    }
}
