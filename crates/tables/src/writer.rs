//! The statements of one transaction.

use rusqlite::{CachedStatement, Connection, Params};

use crate::error::Error;

/// Runs statements inside a transaction. Rows come sorted by kind, so that the next statement is nearly always the
/// last one: it is kept at hand, and looking it up costs a comparison instead of a hash.
pub(crate) struct Writer<'c> {
    conn: &'c Connection,
    last: Option<(&'static str, CachedStatement<'c>)>,
}

impl<'c> Writer<'c> {
    pub(crate) fn new(conn: &'c Connection) -> Self {
        Self { conn, last: None }
    }

    pub(crate) fn run(&mut self, sql: &'static str, parameters: impl Params) -> Result<(), Error> {
        let statement = match &mut self.last {
            Some((last, statement)) if *last == sql => statement,
            last => &mut last.insert((sql, self.conn.prepare_cached(sql)?)).1,
        };
        statement.execute(parameters)?;
        Ok(())
    }
}
