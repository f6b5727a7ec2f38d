//! A comparison as a table for a terminal.

use std::fmt;

use super::{Change, Comparison, Row};
use crate::words;

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for caveat in &self.caveats {
            writeln!(f, "note: {caveat}")?;
        }
        for change in &self.changes {
            writeln!(f, "changed: {change}")?;
        }
        if !self.caveats.is_empty() || !self.changes.is_empty() {
            writeln!(f)?;
        }
        let cells: Vec<[String; 4]> = self.rows.iter().map(cells).collect();
        let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let (title, before, after) = (width(0), width(1).max("before".len()), width(2).max("after".len()));
        writeln!(f, "{:title$}  {:>before$}  {:>after$}", "", "before", "after")?;
        let mut part = "";
        for (row, [name, old, new, change]) in self.rows.iter().zip(&cells) {
            if row.part != part {
                part = &row.part;
                writeln!(f, "{part}")?;
            }
            writeln!(f, "{name:title$}  {old:>before$}  {new:>after$}  {change}")?;
        }
        let count = |is: fn(&Change) -> bool| self.rows.iter().filter(|row| is(&row.change)).count();
        writeln!(
            f,
            "\n{} better, {} worse, {} within the noise",
            count(|change| matches!(change, Change::Better(_))),
            count(|change| matches!(change, Change::Worse(_))),
            count(|change| matches!(change, Change::Noise(_))),
        )
    }
}

fn cells(row: &Row) -> [String; 4] {
    let value = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| words::quantity(value, &row.unit));
    let percent = |percent: f64, word: &str| format!("{percent:+.1} %{word}");
    let change = match row.change {
        Change::Better(by) => percent(by, ", better"),
        Change::Worse(by) => percent(by, ", WORSE"),
        Change::Noise(0.0) => "same".to_owned(),
        Change::Noise(by) => percent(by, ", within the noise"),
        Change::Neutral(by) => percent(by, ""),
        Change::Unknown => String::new(),
    };
    [format!("  {}", row.title), value(row.before), value(row.after), change]
}
