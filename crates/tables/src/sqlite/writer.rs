//! The statements of one transaction.

use rusqlite::{CachedStatement, Connection, params_from_iter};

use crate::error::Error;
use crate::value::{Upsert, Value};

/// Runs statements inside a transaction. Rows come sorted by kind, so that the next statement is nearly always the
/// last one: it is kept at hand, and looking it up costs a comparison instead of a hash.
pub(super) struct Writer<'c> {
    conn: &'c Connection,
    last: Option<(Kind, CachedStatement<'c>)>,
}

#[derive(Clone, Copy)]
enum Kind {
    Upsert(&'static Upsert),
    Other(&'static str),
}

impl Kind {
    fn is(self, other: Self) -> bool {
        match (self, other) {
            (Self::Upsert(one), Self::Upsert(other)) => core::ptr::eq(one, other),
            (Self::Other(one), Self::Other(other)) => one == other,
            (Self::Upsert(_), Self::Other(_)) | (Self::Other(_), Self::Upsert(_)) => false,
        }
    }

    fn prepare(self, conn: &Connection) -> rusqlite::Result<CachedStatement<'_>> {
        match self {
            Self::Upsert(into) => conn.prepare_cached(&sql(into)),
            Self::Other(sql) => conn.prepare_cached(sql),
        }
    }
}

impl<'c> Writer<'c> {
    pub(super) fn new(conn: &'c Connection) -> Self {
        Self { conn, last: None }
    }

    fn execute(&mut self, kind: Kind, values: &[Value<'_>]) -> Result<(), Error> {
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
        self.execute(Kind::Upsert(into), values)
    }

    fn run(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<(), Error> {
        self.execute(Kind::Other(sql), values)
    }
}

fn sql(into: &Upsert) -> String {
    let names: Vec<&str> = into.columns.iter().map(|(name, _)| *name).collect();
    let places = vec!["?"; names.len()].join(", ");
    format!("INSERT OR REPLACE INTO {} ({}) VALUES ({places})", into.table, names.join(", "))
}
