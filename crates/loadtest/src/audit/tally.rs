//! Cases of one rule, counted.

use super::Rule;
use crate::report::Check;

const EXAMPLES_MAX: usize = Check::EXAMPLES_MAX;

/// How often a rule was judged, and how often it did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    rule: Rule,
    cases: u64,
    wrong: u64,
    examples: Vec<String>,
}

impl Tally {
    #[must_use]
    pub fn new(rule: Rule) -> Self {
        Self { rule, cases: 0, wrong: 0, examples: Vec::new() }
    }

    /// Judges one case; `example` tells what is wrong with it.
    pub fn judge(&mut self, holds: bool, example: impl FnOnce() -> String) {
        self.cases += 1;
        if !holds {
            self.wrong += 1;
            if self.examples.len() < EXAMPLES_MAX {
                self.examples.push(example());
            }
        }
    }

    /// Counts cases that hold.
    pub fn hold(&mut self, cases: u64) {
        self.cases += cases;
    }

    /// Takes over what another one has counted.
    pub fn add(&mut self, other: Self) {
        self.cases += other.cases;
        self.wrong += other.wrong;
        let room = EXAMPLES_MAX.saturating_sub(self.examples.len());
        self.examples.extend(other.examples.into_iter().take(room));
    }

    #[must_use]
    pub fn cases(&self) -> u64 {
        self.cases
    }

    #[must_use]
    pub fn wrong(&self) -> u64 {
        self.wrong
    }

    /// The result, for this part of the run. No cases at all is a failure; whether it was the server's is for the run to say,
    /// which knows whether the load was late.
    #[must_use]
    pub fn into_check(self, part: &str) -> Check {
        let mut examples = self.examples;
        if self.cases == 0 {
            examples.push("there was no case to judge".to_owned());
        }
        Check {
            id: self.rule.id().to_owned(),
            title: self.rule.title().to_owned(),
            part: part.to_owned(),
            cases: self.cases,
            wrong: self.wrong,
            passed: self.cases > 0 && self.wrong == 0,
            examples,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_case_is_a_failure() {
        let check = Tally::new(Rule::NoStall).into_check("reserve");
        assert!(!check.passed && check.examples.len() == 1);
    }

    #[test]
    fn one_wrong_case_fails_it_and_is_told() {
        let mut tally = Tally::new(Rule::SeatSoldOnce);
        tally.judge(true, || unreachable!());
        for seat in 0..9 {
            tally.judge(false, || format!("seat {seat}"));
        }
        let check = tally.into_check("journey");
        assert_eq!((check.passed, check.cases, check.wrong, check.examples.len()), (false, 10, 9, 5));
    }
}
