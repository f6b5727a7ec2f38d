//! Reading stored rows back. Nothing stored is trusted: what does not fit is named, with its table and key.

use onsale_domain::time::Time;
use rusqlite::types::ValueRef;

use crate::code;
use crate::error::Error;

/// Where a `SELECT` reads from, for messages.
pub(crate) struct Source {
    pub(crate) table: &'static str,
    pub(crate) sql: &'static str,
    /// How many of the first columns are the key.
    pub(crate) key_columns: usize,
}

/// One stored row.
pub(crate) struct Fields<'r> {
    source: &'r Source,
    row: &'r rusqlite::Row<'r>,
}

/// Runs `source` and hands each row to `each`.
pub(crate) fn read(
    conn: &rusqlite::Connection,
    source: &Source,
    parameters: impl rusqlite::Params,
    mut each: impl FnMut(&Fields<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut statement = conn.prepare_cached(source.sql)?;
    let mut rows = statement.query(parameters)?;
    while let Some(row) = rows.next()? {
        each(&Fields { source, row })?;
    }
    Ok(())
}

impl Fields<'_> {
    /// The integer in `column`, as what `convert` makes of it.
    pub(crate) fn map<T>(&self, column: usize, convert: impl FnOnce(i64) -> Option<T>) -> Result<T, Error> {
        match self.row.get_ref(column)? {
            ValueRef::Integer(stored) => convert(stored).ok_or_else(|| self.corrupt(column)),
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_) => Err(self.corrupt(column)),
        }
    }

    /// As [`Self::map`], where NULL is `None`.
    pub(crate) fn map_optional<T>(
        &self,
        column: usize,
        convert: impl FnOnce(i64) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        match self.row.get_ref(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_) => {
                self.map(column, convert).map(Some)
            }
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
        match self.row.get_ref(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(text) => match std::str::from_utf8(text) {
                Ok(text) => Ok(Some(text.to_owned())),
                Err(_) => Err(self.corrupt(column)),
            },
            ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => Err(self.corrupt(column)),
        }
    }

    pub(crate) fn bytes(&self, column: usize) -> Result<&[u8], Error> {
        match self.row.get_ref(column)? {
            ValueRef::Blob(bytes) => Ok(bytes),
            ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Text(_) => Err(self.corrupt(column)),
        }
    }

    pub(crate) fn array<const N: usize>(&self, column: usize) -> Result<[u8; N], Error> {
        self.bytes(column)?.try_into().map_err(|_| self.corrupt(column))
    }

    /// The value in `column` cannot be right.
    pub(crate) fn corrupt(&self, column: usize) -> Error {
        let key: Vec<String> = (0..self.source.key_columns).map(|i| self.show(i)).collect();
        let column = self.row.as_ref().column_name(column).unwrap_or("a column").to_owned();
        Error::Corrupt { table: self.source.table, key: key.join(", "), column }
    }

    fn show(&self, column: usize) -> String {
        match self.row.get_ref(column) {
            Ok(ValueRef::Integer(value)) => value.to_string(),
            Ok(ValueRef::Real(value)) => value.to_string(),
            Ok(ValueRef::Text(text)) => String::from_utf8_lossy(text).into_owned(),
            Ok(ValueRef::Blob(bytes)) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            Ok(ValueRef::Null) => "null".to_owned(),
            Err(_) => "unreadable".to_owned(),
        }
    }
}
