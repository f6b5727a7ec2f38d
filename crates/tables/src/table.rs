//! A table that is written and read: its columns, said once for both.

use crate::fields::Source;
use crate::value::Upsert;

/// What rows of the table are put in with, and what they are read back with: the same columns in the same order.
pub(crate) struct Table {
    pub(crate) upsert: Upsert,
    pub(crate) source: Source,
}

/// A [`Table`] of its name, how many of its first columns are the key, its columns, and all that comes after the `FROM` with
/// which it is read.
macro_rules! table {
    (
        $table:literal, key $key:literal:
        { $first:ident: $first_type:ident, $($column:ident: $type:ident,)* },
        from $from:literal
    ) => {
        $crate::table::Table {
            upsert: $crate::value::Upsert {
                table: $table,
                columns: &[
                    (stringify!($first), $crate::value::Type::$first_type),
                    $((stringify!($column), $crate::value::Type::$type),)*
                ],
                key: $key,
            },
            source: $crate::fields::Source {
                table: $table,
                sql: concat!(
                    "SELECT ", stringify!($first), $(", ", stringify!($column),)* " FROM ", $from
                ),
                key_columns: $key,
            },
        }
    };
}
pub(crate) use table;
