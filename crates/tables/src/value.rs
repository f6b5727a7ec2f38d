//! Values on their way into SQL, of the three types that there are.

/// A value of a column.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A column's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Integer,
    Text,
    Bytes,
}

/// A column, by name.
pub(crate) type Column = (&'static str, Type);

/// A table that rows are put into, each in the place of the one with the same key.
#[derive(Debug)]
pub(crate) struct Upsert {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static [Column],
    /// How many of the first columns are the key.
    pub(crate) key: usize,
}

/// Where the rows of one transaction go.
pub(crate) trait Writer {
    /// Says that the next so many calls of [`Writer::upsert`] are of one table, for less than they cost one by one.
    fn announce(&mut self, _rows: usize) {}

    /// Puts a row in. Values are those of the columns, in order.
    fn upsert(&mut self, into: &'static Upsert, values: &[Value<'_>]) -> Result<(), crate::Error>;

    /// Runs any other statement, with a `?` for each value.
    fn run(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<(), crate::Error>;
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl From<$type> for Value<'_> {
            fn from(value: $type) -> Self {
                Self::Integer(i64::from(value))
            }
        }

        impl From<&$type> for Value<'_> {
            fn from(value: &$type) -> Self {
                Self::Integer(i64::from(*value))
            }
        }
    )*};
}
integers!(i64, u32, u16, bool);

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(value)
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(value: &'a Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(value: &'a [u8; N]) -> Self {
        Self::Bytes(value)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
