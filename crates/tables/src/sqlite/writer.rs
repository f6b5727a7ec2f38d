//! The statements of one transaction.

use rusqlite::{CachedStatement, Connection, params_from_iter};

use crate::error::Error;
use crate::value::{Upsert, Value};

/// How many rows of a table one statement puts in, the most that are announced first. Of the instructions that a row takes when it
/// goes in alone, beginning and ending its statement are a fifth, and keeping its page to go back to is a tenth.
const TOGETHER: [usize; 4] = [64, 16, 4, 1];

/// Runs statements inside a transaction. Rows come sorted by kind, so that those of one table go in together, and the next statement is
/// nearly always the last one. It is kept at hand, and looking it up costs a comparison instead of a hash.
pub(super) struct Writer<'c> {
    conn: &'c Connection,
    last: Option<(Kind, CachedStatement<'c>)>,
    /// How many rows are announced that have not come.
    announced: usize,
    /// How many rows the last statement has, of those that it is run with.
    bound: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    /// So many rows of a table.
    Upsert(&'static Upsert, usize),
    Other(&'static str),
}

impl Kind {
    fn is(self, other: Self) -> bool {
        match (self, other) {
            (Self::Upsert(one, rows), Self::Upsert(other, others)) => core::ptr::eq(one, other) && rows == others,
            (Self::Other(one), Self::Other(other)) => one == other,
            (Self::Upsert(..) | Self::Other(_), _) => false,
        }
    }

    fn prepare(self, conn: &Connection) -> rusqlite::Result<CachedStatement<'_>> {
        match self {
            Self::Upsert(into, rows) => conn.prepare_cached(&sql(into, rows)),
            Self::Other(sql) => conn.prepare_cached(sql),
        }
    }
}

impl<'c> Writer<'c> {
    pub(super) fn new(conn: &'c Connection) -> Self {
        Self { conn, last: None, announced: 0, bound: 0 }
    }

    /// All that was announced has come.
    pub(super) fn finish(self) {
        assert!(self.announced == 0 && self.bound == 0, "rows were announced that did not come");
    }

    /// The statement, with how many rows it has of those that it is run with.
    fn statement(&mut self, kind: Kind) -> Result<&mut CachedStatement<'c>, Error> {
        let is_at_hand = self.last.as_ref().is_some_and(|(last, _)| last.is(kind));
        assert!(is_at_hand || self.bound == 0, "other rows were announced");
        if !is_at_hand {
            self.last = None;
        }
        Ok(match &mut self.last {
            Some((_, statement)) => statement,
            last => &mut last.insert((kind, kind.prepare(self.conn)?)).1,
        })
    }
}

impl crate::value::Writer for Writer<'_> {
    fn announce(&mut self, rows: usize) {
        assert!(self.announced == 0, "rows were announced that did not come");
        self.announced = rows;
    }

    fn upsert(&mut self, into: &'static Upsert, values: &[Value<'_>]) -> Result<(), Error> {
        let rows = match self.last {
            Some((Kind::Upsert(_, rows), _)) if self.bound > 0 => rows,
            _ => TOGETHER.into_iter().find(|&rows| rows <= self.announced).unwrap_or(1),
        };
        let before = self.bound * into.columns.len();
        let statement = self.statement(Kind::Upsert(into, rows))?;
        for (nth, value) in values.iter().enumerate() {
            statement.raw_bind_parameter(before + nth + 1, value)?;
        }
        self.announced = self.announced.saturating_sub(1);
        self.bound += 1;
        if self.bound == rows {
            self.bound = 0;
            self.statement(Kind::Upsert(into, rows))?.raw_execute()?;
        }
        Ok(())
    }

    fn run(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<(), Error> {
        self.statement(Kind::Other(sql))?.execute(params_from_iter(values))?;
        Ok(())
    }
}

fn sql(into: &Upsert, rows: usize) -> String {
    let names: Vec<&str> = into.columns.iter().map(|(name, _)| *name).collect();
    let row = format!("({})", vec!["?"; names.len()].join(", "));
    let rows = vec![row; rows].join(", ");
    format!("INSERT OR REPLACE INTO {} ({}) VALUES {rows}", into.table, names.join(", "))
}
