//! How a check is put and answered.

use rusqlite::Connection;

use crate::error::Error;

/// The most violations that a finding names.
const NAMED_MAX: usize = 20;

/// A check: how many things are looked at, and queries whose every row is the text of a violation.
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) count: &'static str,
    pub(super) violations: &'static [&'static str],
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was checked, in a few words.
    pub name: &'static str,
    /// How many things were looked at.
    pub checked: u64,
    /// How many violations there are.
    pub violated: u64,
    /// The first of them, for people.
    pub violations: Vec<String>,
}

impl Finding {
    #[must_use]
    pub fn holds(&self) -> bool {
        self.violated == 0
    }
}

pub(super) fn run(conn: &Connection, check: &Check) -> Result<Finding, Error> {
    let checked: i64 = conn.query_row(check.count, [], |row| row.get(0))?;
    let mut finding =
        Finding { name: check.name, checked: checked.cast_unsigned(), violated: 0, violations: Vec::new() };
    for sql in check.violations {
        let mut statement = conn.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            finding.violated += 1;
            if finding.violations.len() < NAMED_MAX {
                finding.violations.push(row.get(0)?);
            }
        }
    }
    Ok(finding)
}
