//! What is wrong with a file, and where.

use std::fmt;

use crate::SEATS_IN_ROWS_MAX;

/// How many problems are told one by one; of the others, only how many there are.
const LISTED_MAX: usize = 50;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The place: a JSON path such as `concerts[0].schedules[2].startsAt`, or a line and a column of a CSV file.
    /// Empty where it is the file as a whole.
    pub at: String,
    /// What is wrong there, for people.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at.is_empty() { f.write_str(&self.what) } else { write!(f, "{}: {}", self.at, self.what) }
    }
}

/// Everything that is wrong with a file, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    listed: Vec<Problem>,
    more: usize,
    /// Seats that rows were written out to so far.
    seats_in_rows: u64,
}

impl Problems {
    /// Counts seats that rows are about to be written out to; false where the document has too many of them.
    pub(crate) fn has_room_for(&mut self, seats: u64) -> bool {
        self.seats_in_rows += seats;
        self.seats_in_rows <= SEATS_IN_ROWS_MAX as u64
    }

    /// The first fifty.
    #[must_use]
    pub fn listed(&self) -> &[Problem] {
        &self.listed
    }

    /// How many there are beyond those listed.
    #[must_use]
    pub fn more(&self) -> usize {
        self.more
    }

    pub(crate) fn one(at: impl fmt::Display, what: impl Into<String>) -> Self {
        let mut problems = Self::default();
        problems.add(at, what);
        problems
    }

    pub(crate) fn add(&mut self, at: impl fmt::Display, what: impl Into<String>) {
        if self.listed.len() < LISTED_MAX {
            self.listed.push(Problem { at: at.to_string(), what: what.into() });
        } else {
            self.more += 1;
        }
    }

    /// The value, or `None` with its error noted.
    pub(crate) fn note<T>(&mut self, at: impl fmt::Display, result: Result<T, String>) -> Option<T> {
        result.map_err(|what| self.add(at, what)).ok()
    }

    /// `value`, when nothing is wrong.
    pub(crate) fn or<T>(self, value: T) -> Result<T, Self> {
        if self.listed.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.listed.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        if self.more > 0 {
            write!(f, "\nand {} more", self.more)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_fifty_and_counts_the_rest() {
        let mut problems = Problems::default();
        for line in 1..=53 {
            problems.add(format_args!("line {line}"), "is wrong");
        }
        assert_eq!(problems.listed().len(), 50);
        assert_eq!(problems.more(), 3);
        assert!(problems.to_string().ends_with("line 50: is wrong\nand 3 more"), "{problems}");
    }

    #[test]
    fn no_problem_is_a_value() {
        assert_eq!(Problems::default().or(1), Ok(1));
        assert_eq!(Problems::one("", "is empty").or(1).unwrap_err().to_string(), "is empty");
    }
}
