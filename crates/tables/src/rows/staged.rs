//! Parts of catalogs that are uploaded and not yet published.

use onsale_domain::ids::UploadId;
use onsale_domain::row::Row;
use rusqlite::Connection;

use super::Receiver;
use crate::error::Error;
use crate::fields::{Source, read};
use crate::writer::Writer;

const UPSERT: &str = "INSERT OR REPLACE INTO staged (upload_id, part, bytes) VALUES (?, ?, ?)";
const REMOVE: &str = "DELETE FROM staged WHERE upload_id = ?";
const SOURCE: Source = Source {
    table: "staged",
    sql: "SELECT upload_id, part, bytes FROM staged ORDER BY upload_id, part",
    key_columns: 2,
};

pub(super) fn write(writer: &mut Writer<'_>, upload: UploadId, part: u32, bytes: &[u8]) -> Result<(), Error> {
    writer.run(UPSERT, (upload.0.cast_signed(), part, bytes))
}

pub(super) fn remove(writer: &mut Writer<'_>, upload: UploadId) -> Result<(), Error> {
    writer.run(REMOVE, [upload.0.cast_signed()])
}

pub(super) fn load(conn: &Connection, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(conn, &SOURCE, [], |row| {
        into(Row::Staged { upload: UploadId(row.bits(0)?), part: row.u32(1)?, bytes: row.bytes(2)?.into() })
    })
}
