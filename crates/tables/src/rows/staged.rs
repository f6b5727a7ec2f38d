//! Parts of catalogs that are uploaded and not yet published.

use onsale_domain::ids::UploadId;
use onsale_domain::row::Row;

use super::Receiver;
use crate::error::Error;
use crate::fields::{Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static TABLE: Table = table! {
    "staged", key 2: {
        upload_id: Integer,
        part: Integer,
        bytes: Bytes,
    },
    from "staged ORDER BY upload_id, part"
};
const REMOVE: &str = "DELETE FROM staged WHERE upload_id = ?";

pub(super) fn write(writer: &mut dyn Writer, upload: UploadId, part: u32, bytes: &[u8]) -> Result<(), Error> {
    writer.upsert(&TABLE.upsert, &[Value::from(upload.0.cast_signed()), Value::from(part), Value::from(bytes)])
}

pub(super) fn remove(writer: &mut dyn Writer, upload: UploadId) -> Result<(), Error> {
    writer.run(REMOVE, &[Value::from(upload.0.cast_signed())])
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &TABLE.source, &[], |row| {
        into(Row::Staged { upload: UploadId(row.bits(0)?), part: row.u32(1)?, bytes: row.bytes(2)?.into() })
    })
}
