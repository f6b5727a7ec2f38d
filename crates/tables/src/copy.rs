//! All tables of a data directory into a database, as they are.

use std::path::Path;

use onsale_postgres::Target;

use crate::error::Error;
use crate::fields::{Cell, Cells, Query};
use crate::value::{Upsert, Value, Writer};
use crate::{Tables, currency, mark, postgres, rows, sqlite};

/// Copies the tables in `dir`, with all their history, into a database, in one transaction, and gives the number of rows.
/// What was there of an earlier copy is replaced. Nobody else may use either meanwhile.
///
/// # Errors
/// When one cannot be read, or the other not be written.
pub fn copy(dir: &Path, target: &Target) -> Result<u64, Error> {
    let store_id = Tables::open(dir)?.store_id()?.ok_or(Error::Unclaimed)?;
    let from = sqlite::open_reader(dir, true)?;
    postgres::refill(target, store_id, &mut |writer| {
        let mut count = 0;
        for table in rows::ALL.iter().copied().chain([&mark::UPSERT, &currency::UPSERT]) {
            count += copy_table(&*from, table, writer)?;
        }
        Ok(count)
    })
}

fn copy_table(from: &dyn Query, table: &'static Upsert, writer: &mut dyn Writer) -> Result<u64, Error> {
    let names: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
    let mut count = 0;
    from.rows(&format!("SELECT {} FROM {}", names.join(", "), table.table), &[], &mut |row| {
        let values = (0..row.width()).map(|column| value(row, column)).collect::<Result<Vec<_>, _>>()?;
        count += 1;
        writer.upsert(table, &values)
    })?;
    Ok(count)
}

fn value(row: &dyn Cells, column: usize) -> Result<Value<'_>, Error> {
    let strange = || Error::Corrupt { table: "a table", key: String::new(), column: row.name(column) };
    match row.cell(column)? {
        Cell::Null => Ok(Value::Null),
        Cell::Integer(value) => Ok(Value::Integer(value)),
        Cell::Text(text) => std::str::from_utf8(text).map(Value::Text).map_err(|_| strange()),
        Cell::Bytes(bytes) => Ok(Value::Bytes(bytes)),
        Cell::Other => Err(strange()),
    }
}
