//! Concerts.

use onsale_domain::concert::Concert;
use onsale_domain::ids::ConcertId;
use onsale_domain::row::Row;
use rusqlite::Connection;

use super::Receiver;
use crate::code::integer;
use crate::error::Error;
use crate::fields::{Source, read};
use crate::writer::Writer;

const UPSERT: &str = "INSERT OR REPLACE INTO concerts (concert_id, title, queue) VALUES (?, ?, ?)";
const SOURCE: Source = Source {
    table: "concerts",
    sql: "SELECT concert_id, title, queue FROM concerts ORDER BY concert_id",
    key_columns: 1,
};

pub(super) fn write(writer: &mut Writer<'_>, row: &Concert) -> Result<(), Error> {
    let Concert { id, title, queue } = row;
    writer.run(UPSERT, (integer("the concert", id.0)?, title, queue))
}

pub(super) fn load(conn: &Connection, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(conn, &SOURCE, [], |row| {
        into(Row::Concert(Concert { id: ConcertId(row.u64(0)?), title: row.text(1)?, queue: row.text(2)? }))
    })
}
