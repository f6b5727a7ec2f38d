//! The statements of one transaction: rows of one table go in many at a time.

use onsale_postgres::Session;
use onsale_postgres::tokio_postgres::types::ToSql;

use super::query::numbered;
use crate::error::Error;
use crate::value::{Type, Upsert, Value};

/// The most rows in one statement.
const ROWS_MAX: usize = 4_096;

/// Gathers rows of one table, as a column each, until another table comes.
pub(super) struct Writer<'s> {
    session: &'s Session,
    gathered: Option<(&'static Upsert, Vec<Cells>)>,
    rows: usize,
}

/// One column's values.
enum Cells {
    Integers(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

impl Cells {
    fn new(of: Type) -> Self {
        match of {
            Type::Integer => Self::Integers(Vec::new()),
            Type::Text => Self::Texts(Vec::new()),
            Type::Bytes => Self::Bytes(Vec::new()),
        }
    }

    fn push(&mut self, value: Value<'_>) {
        match (self, value) {
            (Self::Integers(cells), Value::Integer(value)) => cells.push(Some(value)),
            (Self::Texts(cells), Value::Text(text)) => cells.push(Some(text.to_owned())),
            (Self::Bytes(cells), Value::Bytes(bytes)) => cells.push(Some(bytes.to_owned())),
            (Self::Integers(cells), Value::Null) => cells.push(None),
            (Self::Texts(cells), Value::Null) => cells.push(None),
            (Self::Bytes(cells), Value::Null) => cells.push(None),
            (
                Self::Integers(_) | Self::Texts(_) | Self::Bytes(_),
                Value::Integer(_) | Value::Text(_) | Value::Bytes(_),
            ) => {
                unreachable!("a row's values are of its columns' types")
            }
        }
    }

    fn to_sql(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Integers(cells) => cells,
            Self::Texts(cells) => cells,
            Self::Bytes(cells) => cells,
        }
    }
}

impl<'s> Writer<'s> {
    pub(super) fn new(session: &'s Session) -> Self {
        Self { session, gathered: None, rows: 0 }
    }

    /// Sends what is gathered.
    pub(super) fn flush(&mut self) -> Result<(), Error> {
        self.rows = 0;
        let Some((into, columns)) = self.gathered.take() else { return Ok(()) };
        let sql = sql(into);
        let values: Vec<&(dyn ToSql + Sync)> = columns.iter().map(Cells::to_sql).collect();
        let client = self.session.client();
        self.session.block(async { client.execute(&sql, &values).await })?;
        Ok(())
    }
}

impl crate::value::Writer for Writer<'_> {
    fn upsert(&mut self, into: &'static Upsert, values: &[Value<'_>]) -> Result<(), Error> {
        if self.rows >= ROWS_MAX || self.gathered.as_ref().is_none_or(|(other, _)| !core::ptr::eq(*other, into)) {
            self.flush()?;
        }
        let (_, columns) =
            self.gathered.get_or_insert_with(|| (into, into.columns.iter().map(|(_, of)| Cells::new(*of)).collect()));
        for (column, value) in columns.iter_mut().zip(values) {
            column.push(*value);
        }
        self.rows += 1;
        Ok(())
    }

    fn run(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<(), Error> {
        self.flush()?;
        let client = self.session.client();
        self.session.block(async { client.execute_raw(&numbered(sql), values).await })?;
        Ok(())
    }
}

/// All rows in one statement. Of a key that comes more than once the last counts; in order of keys, so that whoever
/// writes the same rows at the same time waits for the first of them.
fn sql(into: &Upsert) -> String {
    let names: Vec<&str> = into.columns.iter().map(|(name, _)| *name).collect();
    let arrays: Vec<String> = (1..).zip(into.columns).map(|(at, (_, of))| format!("${at}::{}[]", array(*of))).collect();
    let key = names[..into.key].join(", ");
    let changed: Vec<String> = names[into.key..].iter().map(|name| format!("{name} = excluded.{name}")).collect();
    let (columns, changed) = (names.join(", "), changed.join(", "));
    format!(
        "INSERT INTO {} ({columns}) SELECT DISTINCT ON ({key}) {columns} \
         FROM unnest({}) WITH ORDINALITY AS rows ({columns}, ordinality) ORDER BY {key}, ordinality DESC \
         ON CONFLICT ({key}) DO UPDATE SET {changed}",
        into.table,
        arrays.join(", ")
    )
}

fn array(of: Type) -> &'static str {
    match of {
        Type::Integer => "bigint",
        Type::Text => "text",
        Type::Bytes => "bytea",
    }
}
