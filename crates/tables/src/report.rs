//! The views, read as a stream: what an export or a report is made of.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::error::Error;
use crate::{migrate, store};

/// What can be read, one view each. Their columns are in docs/sql.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    Tickets,
    Schedules,
    Seats,
    Reservations,
    Payments,
    Ledger,
    Accounts,
    Levers,
    News,
}

/// One value of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
}

/// What to do with the lines. A failure ends the reading and comes back as [`Error::Refused`].
pub type Line<'a> = dyn FnMut(&[Cell<'_>]) -> Result<(), crate::Refused> + 'a;

/// The tables of one data directory, opened for reading only, also beside a running server.
pub struct Reader {
    conn: Connection,
}

impl View {
    /// The view's name in the schema, and the columns that its lines are in the order of.
    fn name_and_order(self) -> (&'static str, &'static str) {
        match self {
            Self::Tickets => ("tickets_now", "queue_id, number"),
            Self::Schedules => ("schedules_now", "schedule_id"),
            Self::Seats => ("seats_now", "schedule_id, position"),
            Self::Reservations => ("reservations_detail", "reservation_id"),
            Self::Payments => ("payments_detail", "payment_id"),
            Self::Ledger => ("ledger_entries", "transfer_id, amount"),
            Self::Accounts => ("accounts_now", "account, user_id"),
            Self::Levers => ("levers_detail", "seq, at"),
            Self::News => ("news_detail", "news_id"),
        }
    }
}

impl Reader {
    /// # Errors
    /// When there are no tables in `dir`, or they are a newer program's.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let conn = store::open_reader(dir)?;
        migrate::check(&conn, dir)?;
        Ok(Self { conn })
    }

    /// The names of a view's columns, in order.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn columns(&self, view: View) -> Result<Vec<String>, Error> {
        let (name, _) = view.name_and_order();
        let statement = self.conn.prepare(&format!("SELECT * FROM {name}"))?;
        Ok(statement.column_names().map(str::to_owned).collect())
    }

    /// Hands every line of `view`, as of one moment, to `each`; says how many there were.
    ///
    /// # Errors
    /// When the file cannot be read; [`Error::Refused`] when `each` fails.
    pub fn read(&self, view: View, each: &mut Line<'_>) -> Result<u64, Error> {
        let (name, order) = view.name_and_order();
        let mut statement = self.conn.prepare(&format!("SELECT * FROM {name} ORDER BY {order}"))?;
        let width = statement.column_count();
        let mut rows = statement.query([])?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            let cells: Vec<Cell<'_>> = (0..width).map(|column| cell(row, column)).collect::<Result<_, _>>()?;
            each(&cells).map_err(Error::Refused)?;
            count += 1;
        }
        Ok(count)
    }
}

fn cell<'r>(row: &'r rusqlite::Row<'_>, column: usize) -> Result<Cell<'r>, rusqlite::Error> {
    let value = row.get_ref(column)?;
    match value {
        ValueRef::Null => Ok(Cell::Null),
        ValueRef::Integer(value) => Ok(Cell::Integer(value)),
        // Views have no other types: a real or a blob would be somebody's own change to the schema.
        ValueRef::Text(_) | ValueRef::Real(_) | ValueRef::Blob(_) => Ok(Cell::Text(value.as_str()?)),
    }
}
