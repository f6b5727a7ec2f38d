//! How a check is put and answered.

use crate::error::Error;
use crate::fields::{Cell, Query};

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

/// That nothing was looked at yet.
pub(super) fn nothing(name: &'static str) -> Finding {
    Finding { name, checked: 0, violated: 0, violations: Vec::new() }
}

/// Something is wrong; the text is made only where it is kept.
pub(super) fn violated(finding: &mut Finding, text: impl FnOnce() -> String) {
    finding.violated += 1;
    if finding.violations.len() < NAMED_MAX {
        finding.violations.push(text());
    }
}

pub(super) fn run(query: &dyn Query, check: &Check) -> Result<Finding, Error> {
    let mut finding = nothing(check.name);
    query.rows(check.count, &[], &mut |row| {
        if let Cell::Integer(count) = row.cell(0)? {
            finding.checked = count.cast_unsigned();
        }
        Ok(())
    })?;
    for sql in check.violations {
        query.rows(sql, &[], &mut |row| {
            finding.violated += 1;
            if finding.violations.len() < NAMED_MAX
                && let Cell::Text(text) = row.cell(0)?
            {
                finding.violations.push(String::from_utf8_lossy(text).into_owned());
            }
            Ok(())
        })?;
    }
    Ok(finding)
}
