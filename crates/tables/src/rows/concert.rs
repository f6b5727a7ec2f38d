//! Concerts.

use onsale_domain::concert::Concert;
use onsale_domain::ids::ConcertId;
use onsale_domain::row::Row;

use super::Receiver;
use crate::code::integer;
use crate::error::Error;
use crate::fields::{Query, Source, read};
use crate::value::Type::{Integer, Text};
use crate::value::{Upsert, Value, Writer};

pub(super) static UPSERT: Upsert =
    Upsert { table: "concerts", columns: &[("concert_id", Integer), ("title", Text), ("queue", Text)], key: 1 };
const SOURCE: Source = Source {
    table: "concerts",
    sql: "SELECT concert_id, title, queue FROM concerts ORDER BY concert_id",
    key_columns: 1,
};

pub(super) fn write(writer: &mut dyn Writer, row: &Concert) -> Result<(), Error> {
    let Concert { id, title, queue } = row;
    writer.upsert(&UPSERT, &[Value::from(integer("the concert", id.0)?), Value::from(title), Value::from(queue)])
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &SOURCE, &[], |row| {
        into(Row::Concert(Concert { id: ConcertId(row.u64(0)?), title: row.text(1)?, queue: row.text(2)? }))
    })
}
