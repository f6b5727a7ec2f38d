//! Counting what was checked and what did not hold.

use serde::Serialize;

/// The most violations that are told one by one.
const TOLD_MAX: usize = 20;

/// One thing that must hold, and how often it was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Tally {
    pub(crate) name: &'static str,
    pub(crate) cases: u64,
    pub(crate) violated: u64,
    /// The first of them, for people.
    pub(crate) violations: Vec<String>,
}

impl Tally {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, cases: 0, violated: 0, violations: Vec::new() }
    }

    pub(crate) fn holds(&self) -> bool {
        self.violated == 0
    }

    /// Notes a case, and the violation where it does not hold.
    pub(super) fn check(&mut self, holds: bool, violation: impl FnOnce() -> String) {
        self.cases += 1;
        if holds {
            return;
        }
        self.violated += 1;
        if self.violations.len() < TOLD_MAX {
            self.violations.push(violation());
        }
    }
}

impl From<onsale_tables::audit::Finding> for Tally {
    fn from(finding: onsale_tables::audit::Finding) -> Self {
        let onsale_tables::audit::Finding { name, checked, violated, violations } = finding;
        Self { name, cases: checked, violated, violations }
    }
}
