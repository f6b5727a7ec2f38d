//! Concerts.

use onsale_domain::concert::Concert;
use onsale_domain::ids::ConcertId;
use onsale_domain::row::Row;

use super::Receiver;
use crate::code::integer;
use crate::error::Error;
use crate::fields::{Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static TABLE: Table = table! {
    "concerts", key 1: {
        concert_id: Integer,
        title: Text,
        queue: Text,
    },
    from "concerts ORDER BY concert_id"
};

pub(super) fn write(writer: &mut dyn Writer, row: &Concert) -> Result<(), Error> {
    let Concert { id, title, queue } = row;
    writer.upsert(&TABLE.upsert, &[Value::from(integer("the concert", id.0)?), Value::from(title), Value::from(queue)])
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &TABLE.source, &[], |row| {
        into(Row::Concert(Concert { id: ConcertId(row.u64(0)?), title: row.text(1)?, queue: row.text(2)? }))
    })
}
