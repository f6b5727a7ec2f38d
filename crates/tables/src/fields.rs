//! Reading stored rows back. Nothing stored is trusted: what does not fit is named, with its table and key.

use onsale_domain::time::Time;

use crate::code;
use crate::error::Error;
use crate::value::Value;

/// Where a `SELECT` reads from, for messages.
pub(crate) struct Source {
    pub(crate) table: &'static str,
    pub(crate) sql: &'static str,
    /// How many of the first columns are the key.
    pub(crate) key_columns: usize,
}

/// What can be asked with a `SELECT`.
pub(crate) trait Query {
    /// Runs `sql`, with a `?` for each value, and hands each row to `each`.
    fn rows(&self, sql: &str, values: &[Value<'_>], each: &mut Each<'_>) -> Result<(), Error>;

    /// The names of the columns that `sql` gives.
    fn columns(&self, sql: &str) -> Result<Vec<String>, Error>;
}

/// What is done with a row.
pub(crate) type Each<'a> = dyn FnMut(&dyn Cells) -> Result<(), Error> + 'a;

/// The cells of a row.
pub(crate) trait Cells {
    fn cell(&self, column: usize) -> Result<Cell<'_>, Error>;
    fn name(&self, column: usize) -> String;
    fn width(&self) -> usize;
}

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell<'r> {
    Null,
    Integer(i64),
    Text(&'r [u8]),
    Bytes(&'r [u8]),
    /// A type that our tables do not have.
    Other,
}

/// One stored row.
pub(crate) struct Fields<'r> {
    source: &'r Source,
    row: &'r dyn Cells,
}

/// Runs `source` and hands each row to `each`.
pub(crate) fn read(
    query: &dyn Query,
    source: &Source,
    values: &[Value<'_>],
    mut each: impl FnMut(&Fields<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    query.rows(source.sql, values, &mut |row| each(&Fields { source, row }))
}

impl Fields<'_> {
    /// The integer in `column`, as what `convert` makes of it.
    pub(crate) fn map<T>(&self, column: usize, convert: impl FnOnce(i64) -> Option<T>) -> Result<T, Error> {
        match self.row.cell(column)? {
            Cell::Integer(stored) => convert(stored).ok_or_else(|| self.corrupt(column)),
            Cell::Null | Cell::Text(_) | Cell::Bytes(_) | Cell::Other => Err(self.corrupt(column)),
        }
    }

    /// As [`Self::map`], where NULL is `None`.
    pub(crate) fn map_optional<T>(
        &self,
        column: usize,
        convert: impl FnOnce(i64) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        match self.row.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Integer(_) | Cell::Text(_) | Cell::Bytes(_) | Cell::Other => self.map(column, convert).map(Some),
        }
    }

    pub(crate) fn u64(&self, column: usize) -> Result<u64, Error> {
        self.map(column, |stored| u64::try_from(stored).ok())
    }

    pub(crate) fn u32(&self, column: usize) -> Result<u32, Error> {
        self.map(column, |stored| u32::try_from(stored).ok())
    }

    /// 64 bits that mean no quantity, kept as a signed integer.
    pub(crate) fn bits(&self, column: usize) -> Result<u64, Error> {
        self.map(column, |stored| Some(stored.cast_unsigned()))
    }

    pub(crate) fn time(&self, column: usize) -> Result<Time, Error> {
        self.map(column, code::time_from)
    }

    pub(crate) fn time_optional(&self, column: usize) -> Result<Option<Time>, Error> {
        self.map_optional(column, code::time_from)
    }

    pub(crate) fn flag(&self, column: usize) -> Result<bool, Error> {
        self.map(column, |stored| match stored {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        })
    }

    pub(crate) fn text(&self, column: usize) -> Result<String, Error> {
        self.text_optional(column)?.ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn text_optional(&self, column: usize) -> Result<Option<String>, Error> {
        match self.row.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Text(text) => match std::str::from_utf8(text) {
                Ok(text) => Ok(Some(text.to_owned())),
                Err(_) => Err(self.corrupt(column)),
            },
            Cell::Integer(_) | Cell::Bytes(_) | Cell::Other => Err(self.corrupt(column)),
        }
    }

    pub(crate) fn bytes(&self, column: usize) -> Result<&[u8], Error> {
        match self.row.cell(column)? {
            Cell::Bytes(bytes) => Ok(bytes),
            Cell::Null | Cell::Integer(_) | Cell::Text(_) | Cell::Other => Err(self.corrupt(column)),
        }
    }

    pub(crate) fn array<const N: usize>(&self, column: usize) -> Result<[u8; N], Error> {
        self.bytes(column)?.try_into().map_err(|_| self.corrupt(column))
    }

    pub(crate) fn array_optional<const N: usize>(&self, column: usize) -> Result<Option<[u8; N]>, Error> {
        match self.row.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Integer(_) | Cell::Text(_) | Cell::Bytes(_) | Cell::Other => self.array(column).map(Some),
        }
    }

    /// The value in `column` cannot be right.
    pub(crate) fn corrupt(&self, column: usize) -> Error {
        let key: Vec<String> = (0..self.source.key_columns).map(|i| self.show(i)).collect();
        let column = self.row.name(column);
        Error::Corrupt { table: self.source.table, key: key.join(", "), column }
    }

    fn show(&self, column: usize) -> String {
        match self.row.cell(column) {
            Ok(Cell::Integer(value)) => value.to_string(),
            Ok(Cell::Text(text)) => String::from_utf8_lossy(text).into_owned(),
            Ok(Cell::Bytes(bytes)) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            Ok(Cell::Null) => "null".to_owned(),
            Ok(Cell::Other) | Err(_) => "unreadable".to_owned(),
        }
    }
}
