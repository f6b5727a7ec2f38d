//! Asking, in PostgreSQL's terms.

use futures_util::{StreamExt as _, TryStreamExt as _};
use onsale_postgres::Session;
use onsale_postgres::tokio_postgres::Row;
use onsale_postgres::tokio_postgres::types::private::BytesMut;
use onsale_postgres::tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::error::Error;
use crate::fields::{Cell, Cells, Each, Query};
use crate::value::Value;

/// Rows that are taken over at a time: the rest waits in the server and on the way.
const ROWS_AT_ONCE: usize = 512;

impl Query for Session {
    fn rows(&self, sql: &str, values: &[Value<'_>], each: &mut Each<'_>) -> Result<(), Error> {
        let client = self.client();
        let sql = numbered(sql);
        let rows = self.block(async { client.query_raw(&sql, values).await })?;
        // It must not be asked again once it has ended.
        let mut rows = std::pin::pin!(rows.fuse());
        let mut taken = Vec::with_capacity(ROWS_AT_ONCE);
        loop {
            self.block(async {
                while taken.len() < ROWS_AT_ONCE
                    && let Some(row) = rows.try_next().await?
                {
                    taken.push(row);
                }
                Ok(())
            })?;
            if taken.is_empty() {
                return Ok(());
            }
            for row in taken.drain(..) {
                each(&row)?;
            }
        }
    }

    fn columns(&self, sql: &str) -> Result<Vec<String>, Error> {
        let client = self.client();
        let statement = self.block(async { client.prepare(sql).await })?;
        Ok(statement.columns().iter().map(|column| column.name().to_owned()).collect())
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, of: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match *self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(value) => value.to_sql(of, out),
            Self::Text(text) => text.to_sql(of, out),
            Self::Bytes(bytes) => bytes.to_sql(of, out),
        }
    }

    fn accepts(of: &Type) -> bool {
        matches!(*of, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

/// PostgreSQL numbers its parameters. None of our statements has a question mark for anything else.
pub(super) fn numbered(sql: &str) -> String {
    let mut parts = sql.split('?');
    let mut numbered = parts.next().unwrap_or_default().to_owned();
    for (part, number) in parts.zip(1..) {
        numbered.push_str(&format!("${number}"));
        numbered.push_str(part);
    }
    numbered
}

impl Cells for Row {
    fn cell(&self, column: usize) -> Result<Cell<'_>, Error> {
        let failed = |source| Error::Postgres(onsale_postgres::Error::Query(source));
        let Some(found) = Row::columns(self).get(column) else { return Ok(Cell::Other) };
        Ok(match *found.type_() {
            Type::INT8 => self.try_get::<_, Option<i64>>(column).map_err(failed)?.map_or(Cell::Null, Cell::Integer),
            Type::TEXT => {
                let text = self.try_get::<_, Option<&str>>(column).map_err(failed)?;
                text.map_or(Cell::Null, |text| Cell::Text(text.as_bytes()))
            }
            Type::BYTEA => self.try_get::<_, Option<&[u8]>>(column).map_err(failed)?.map_or(Cell::Null, Cell::Bytes),
            _ => Cell::Other,
        })
    }

    fn name(&self, column: usize) -> String {
        Row::columns(self).get(column).map_or("a column", |column| column.name()).to_owned()
    }

    fn width(&self) -> usize {
        self.len()
    }
}
