//! Parts of catalogs that are uploaded and not yet published.

use onsale_domain::ids::UploadId;
use onsale_domain::row::Row;

use super::Receiver;
use crate::error::Error;
use crate::fields::{Query, Source, read};
use crate::value::Type::{Bytes, Integer};
use crate::value::{Upsert, Value, Writer};

pub(super) static UPSERT: Upsert =
    Upsert { table: "staged", columns: &[("upload_id", Integer), ("part", Integer), ("bytes", Bytes)], key: 2 };
const REMOVE: &str = "DELETE FROM staged WHERE upload_id = ?";
const SOURCE: Source = Source {
    table: "staged",
    sql: "SELECT upload_id, part, bytes FROM staged ORDER BY upload_id, part",
    key_columns: 2,
};

pub(super) fn write(writer: &mut dyn Writer, upload: UploadId, part: u32, bytes: &[u8]) -> Result<(), Error> {
    writer.upsert(&UPSERT, &[Value::from(upload.0.cast_signed()), Value::from(part), Value::from(bytes)])
}

pub(super) fn remove(writer: &mut dyn Writer, upload: UploadId) -> Result<(), Error> {
    writer.run(REMOVE, &[Value::from(upload.0.cast_signed())])
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &SOURCE, &[], |row| {
        into(Row::Staged { upload: UploadId(row.bits(0)?), part: row.u32(1)?, bytes: row.bytes(2)?.into() })
    })
}
