//! What all experiments share: the programs, the cores, and how long everything takes.

use std::time::Duration;

use anyhow::Result;

use crate::cores::Cores;
use crate::process::Program;

/// How a run is done.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) server_cores: Cores,
    pub(crate) pairs: usize,
    /// The length of a measured round.
    pub(crate) round: Duration,
    /// The length of the round before the measured ones, which is thrown away.
    pub(crate) warm_up: Duration,
    /// Smaller states, for a smoke run.
    pub(crate) is_quick: bool,
}

impl Context {
    /// The service's executable.
    ///
    /// # Errors
    /// When it has not been built.
    pub(crate) fn program(&self) -> Result<Program> {
        Program::beside_own(self.server_cores.clone())
    }

    /// A size that is smaller in a quick run.
    pub(crate) fn sized(&self, full: u64, quick: u64) -> u64 {
        if self.is_quick { quick } else { full }
    }

    /// How many requests a round can have at most when `per_second` is the most per second.
    pub(crate) fn supply(&self, per_second: u64) -> u64 {
        self.round.as_secs_f64().mul_add(per_second as f64, 1.0) as u64
    }
}
