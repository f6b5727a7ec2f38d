//! The views, read as a stream: what an export or a report is made of.

use std::path::Path;

use crate::error::Error;
use crate::fields::{self, Cells, Query};
use crate::place::Place;

/// What can be read, one view each. Their columns are in docs/sql.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    Tickets,
    Schedules,
    Seats,
    Reservations,
    Payments,
    Ledger,
    Adjustments,
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
    query: Box<dyn Query>,
}

impl View {
    /// What is read of it: the view, and of what has seats where they are.
    fn select(self) -> String {
        /// One list for each column, in the order of `seat_ids`. SQLite and PostgreSQL read it alike.
        const SEATS: [&str; 3] = ["section", "seat_row", "seat_number"];
        let (name, _) = self.name_and_order();
        let (Self::Reservations | Self::Payments) = self else { return format!("SELECT * FROM {name}") };
        let lists = SEATS.map(|column| {
            format!(
                "(SELECT string_agg(s.{column}, ',' ORDER BY x.place) FROM reserved_seats x JOIN seats s ON s.schedule_id = \
                 x.schedule_id AND s.seat_id = x.seat_id WHERE x.reservation_id = v.reservation_id) AS {column}"
            )
        });
        format!("SELECT v.*, {} FROM {name} v", lists.join(", "))
    }

    /// The view's name in the schema, and the columns that its lines are in the order of.
    fn name_and_order(self) -> (&'static str, &'static str) {
        match self {
            Self::Tickets => ("tickets_now", "queue_id, number"),
            Self::Schedules => ("schedules_now", "schedule_id"),
            Self::Seats => ("seats_now", "schedule_id, position"),
            Self::Reservations => ("reservations_detail", "reservation_id"),
            Self::Payments => ("payments_detail", "payment_id"),
            Self::Ledger => ("ledger_entries", "transfer_id, amount"),
            Self::Adjustments => ("adjustments_detail", "transfer_id"),
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
        Self::of(&Place::Directory(dir.to_owned()))
    }

    /// As [`Self::open`], of tables wherever they are.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn of(place: &Place) -> Result<Self, Error> {
        Ok(Self { query: place.reader(false)? })
    }

    /// The names of a view's columns, in order.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn columns(&self, view: View) -> Result<Vec<String>, Error> {
        self.query.columns(&view.select())
    }

    /// Hands every line of `view`, as of one moment, to `each`; says how many there were.
    ///
    /// # Errors
    /// When the file cannot be read; [`Error::Refused`] when `each` fails.
    pub fn read(&self, view: View, each: &mut Line<'_>) -> Result<u64, Error> {
        let (_, order) = view.name_and_order();
        let mut count = 0;
        self.query.rows(&format!("{} ORDER BY {order}", view.select()), &[], &mut |row| {
            let cells: Vec<Cell<'_>> = (0..row.width()).map(|column| cell(row, column)).collect::<Result<_, _>>()?;
            count += 1;
            each(&cells).map_err(Error::Refused)
        })?;
        Ok(count)
    }
}

fn cell(row: &dyn Cells, column: usize) -> Result<Cell<'_>, Error> {
    // Views have no other types: a real or a blob would be somebody's own change to the schema.
    let strange = || Error::Corrupt { table: "a view", key: String::new(), column: row.name(column) };
    match row.cell(column)? {
        fields::Cell::Null => Ok(Cell::Null),
        fields::Cell::Integer(value) => Ok(Cell::Integer(value)),
        fields::Cell::Text(text) => std::str::from_utf8(text).map(Cell::Text).map_err(|_| strange()),
        fields::Cell::Bytes(_) | fields::Cell::Other => Err(strange()),
    }
}
