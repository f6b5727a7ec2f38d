//! The store's feature level: one row, and none at level 0.

use onsale_domain::row::Row;

use super::Receiver;
use crate::error::Error;
use crate::fields::{Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static TABLE: Table = table! {
    "level", key 1: {
        one: Integer,
        level: Integer,
    },
    from "level"
};
/// From here on the schema's newer versions count: a program that does not know them would not load what follows.
const MERGE_AHEAD: [&str; 4] = [
    "INSERT INTO schema_version (version, name) SELECT version, name FROM schema_ahead WHERE level <= ?",
    "DELETE FROM schema_ahead WHERE level <= ?",
    "INSERT INTO schema_version (version, name) SELECT version, name FROM schema_coming WHERE level <= ?",
    "DELETE FROM schema_coming WHERE level <= ?",
];

pub(super) fn write(writer: &mut dyn Writer, level: u32) -> Result<(), Error> {
    writer.upsert(&TABLE.upsert, &[Value::from(1_i64), Value::from(level)])?;
    MERGE_AHEAD.iter().try_for_each(|sql| writer.run(sql, &[Value::from(level)]))
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &TABLE.source, &[], |row| into(Row::Level(row.u32(1)?)))
}
