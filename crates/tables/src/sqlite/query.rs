//! Asking, in SQLite's terms.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Row, params_from_iter};

use crate::error::Error;
use crate::fields::{Cell, Cells, Each, Query};
use crate::value::Value;

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Integer(value) => ValueRef::Integer(value),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl Query for Connection {
    fn rows(&self, sql: &str, values: &[Value<'_>], each: &mut Each<'_>) -> Result<(), Error> {
        let mut statement = self.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            each(row)?;
        }
        Ok(())
    }

    fn columns(&self, sql: &str) -> Result<Vec<String>, Error> {
        Ok(self.prepare_cached(sql)?.column_names().map(str::to_owned).collect())
    }
}

impl Cells for Row<'_> {
    fn cell(&self, column: usize) -> Result<Cell<'_>, Error> {
        Ok(match self.get_ref(column)? {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(value) => Cell::Integer(value),
            ValueRef::Text(text) => Cell::Text(text),
            ValueRef::Blob(bytes) => Cell::Bytes(bytes),
            ValueRef::Real(_) => Cell::Other,
        })
    }

    fn name(&self, column: usize) -> String {
        self.as_ref().column_name(column).unwrap_or("a column").to_owned()
    }

    fn width(&self) -> usize {
        self.as_ref().column_count()
    }
}
