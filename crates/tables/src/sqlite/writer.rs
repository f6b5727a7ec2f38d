//! The statements of one transaction.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, params_from_iter};

use crate::error::Error;
use crate::value::{Upsert, Value};

/// How many rows of a table one statement puts in. Of the instructions that a row takes when it goes in alone, beginning and ending its
/// statement are a fifth.
const TOGETHER: usize = 16;
/// A row with a longer text or more bytes goes in alone: to copy it would cost more than that.
const HELD_MAX: usize = 64;

/// Runs statements inside a transaction. Rows come sorted by kind: those of one table wait until they can go in together, and the next
/// statement is nearly always the last one. It is kept at hand, and looking it up costs a comparison instead of a hash.
pub(super) struct Writer<'c> {
    conn: &'c Connection,
    last: Option<(Kind, CachedStatement<'c>)>,
    /// Rows that are to go in, of one table.
    waiting: Vec<Held>,
    into: Option<&'static Upsert>,
}

/// What waits to go in.
enum Held {
    Null,
    Integer(i64),
    Text(Box<str>),
    Bytes(Box<[u8]>),
}

#[derive(Clone, Copy)]
enum Kind {
    Upsert(&'static Upsert),
    /// So many rows as go in together.
    Upserts(&'static Upsert),
    Other(&'static str),
}

impl Kind {
    fn is(self, other: Self) -> bool {
        match (self, other) {
            (Self::Upsert(one), Self::Upsert(other)) | (Self::Upserts(one), Self::Upserts(other)) => {
                core::ptr::eq(one, other)
            }
            (Self::Other(one), Self::Other(other)) => one == other,
            (Self::Upsert(_) | Self::Upserts(_) | Self::Other(_), _) => false,
        }
    }

    fn prepare(self, conn: &Connection) -> rusqlite::Result<CachedStatement<'_>> {
        match self {
            Self::Upsert(into) => conn.prepare_cached(&sql(into, 1)),
            Self::Upserts(into) => conn.prepare_cached(&sql(into, TOGETHER)),
            Self::Other(sql) => conn.prepare_cached(sql),
        }
    }
}

impl<'c> Writer<'c> {
    pub(super) fn new(conn: &'c Connection) -> Self {
        Self { conn, last: None, waiting: Vec::new(), into: None }
    }

    /// Puts in what waits.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.flush()
    }

    fn flush(&mut self) -> Result<(), Error> {
        let Some(into) = self.into.take() else { return Ok(()) };
        let waiting = std::mem::take(&mut self.waiting);
        let columns = into.columns.len();
        let mut together = waiting.chunks_exact(columns * TOGETHER);
        for rows in &mut together {
            self.execute(Kind::Upserts(into), rows)?;
        }
        for row in together.remainder().chunks_exact(columns) {
            self.execute(Kind::Upsert(into), row)?;
        }
        self.waiting = waiting;
        self.waiting.clear();
        Ok(())
    }

    fn execute<V: ToSql>(&mut self, kind: Kind, values: &[V]) -> Result<(), Error> {
        let statement = match &mut self.last {
            Some((last, statement)) if last.is(kind) => statement,
            last => &mut last.insert((kind, kind.prepare(self.conn)?)).1,
        };
        statement.execute(params_from_iter(values))?;
        Ok(())
    }
}

impl crate::value::Writer for Writer<'_> {
    fn upsert(&mut self, into: &'static Upsert, values: &[Value<'_>]) -> Result<(), Error> {
        if !self.into.is_some_and(|waiting| core::ptr::eq(waiting, into)) {
            self.flush()?;
        }
        if values.iter().any(|value| value.extent() > HELD_MAX) {
            self.flush()?;
            return self.execute(Kind::Upsert(into), values);
        }
        self.into = Some(into);
        self.waiting.extend(values.iter().map(|&value| Held::from(value)));
        if self.waiting.len() == into.columns.len() * TOGETHER {
            self.flush()?;
        }
        Ok(())
    }

    fn run(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<(), Error> {
        self.flush()?;
        self.execute(Kind::Other(sql), values)
    }
}

impl From<Value<'_>> for Held {
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Integer(value) => Self::Integer(value),
            Value::Text(text) => Self::Text(text.into()),
            Value::Bytes(bytes) => Self::Bytes(bytes.into()),
        }
    }
}

impl ToSql for Held {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(value) => ValueRef::Integer(*value),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn sql(into: &Upsert, rows: usize) -> String {
    let names: Vec<&str> = into.columns.iter().map(|(name, _)| *name).collect();
    let row = format!("({})", vec!["?"; names.len()].join(", "));
    let rows = vec![row; rows].join(", ");
    format!("INSERT OR REPLACE INTO {} ({}) VALUES {rows}", into.table, names.join(", "))
}
