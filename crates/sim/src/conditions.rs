//! What becomes of each operation of the database at this moment: who is cut off, and what fails by chance.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use onsale_journal::postgres::connection::Role;
use onsale_journal::postgres::model::{Fate, Operation, Step};
use onsale_postgres::Kind;
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::plan::Part;

/// From this number on clients are not nodes: nothing befalls them.
pub(crate) const NOBODY: u64 = 90;
/// Who compacts the journal: nothing befalls them until they die.
pub(crate) const COMPACTER: u64 = 92;

#[derive(Clone)]
pub(crate) struct Conditions(Arc<Mutex<Inner>>);

struct Inner {
    chance: SmallRng,
    now: Duration,
    /// Of a thousand operations.
    failing: u32,
    cuts: Vec<Cut>,
    /// After how many operations more who compacts dies.
    compacter_dies_after: Option<u32>,
}

struct Cut {
    node: u64,
    part: Option<Part>,
    until: Duration,
}

impl Conditions {
    pub(crate) fn new(seed: u64, failing: u32) -> Self {
        let chance = SmallRng::seed_from_u64(seed ^ 0xfa17);
        Self(Arc::new(Mutex::new(Inner {
            chance,
            now: Duration::ZERO,
            failing,
            cuts: Vec::new(),
            compacter_dies_after: None,
        })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_now(&self, now: Duration) {
        self.inner().now = now;
    }

    pub(crate) fn cut(&self, node: usize, part: Option<Part>, until: Duration) {
        self.inner().cuts.push(Cut { node: node as u64, part, until });
    }

    pub(crate) fn compacter_dies(&self, after: Option<u32>) {
        self.inner().compacter_dies_after = after;
    }

    /// From now on nothing fails any more.
    pub(crate) fn mend(&self) {
        let mut inner = self.inner();
        inner.failing = 0;
        inner.cuts.clear();
    }

    /// What becomes of an operation of the journal's.
    pub(crate) fn fate(&self, step: &Step) -> Fate {
        let mut inner = self.inner();
        if step.node == COMPACTER {
            return inner.compacted();
        }
        if step.node >= NOBODY {
            return Fate::Pass;
        }
        let part = match step.role {
            Role::Journal => Some(Part::Sequencer),
            Role::Tail => Some(Part::Follower),
            // Readers are of whoever needs one, and a pulse is a thread of its own.
            Role::Reader | Role::Pulse => None,
        };
        if inner.is_cut(step.node, part) {
            return inner.cut_off(step.operation);
        }
        if inner.fails() { inner.failed() } else { Fate::Pass }
    }

    /// Whether an operation on the tables is carried out, and whether it is answered.
    pub(crate) fn tables(&self, node: usize) -> (bool, bool) {
        self.reaches(node, Some(Part::Projector))
    }

    /// The same of what a node says to the others, and hears of them.
    pub(crate) fn meeting(&self, node: usize) -> (bool, bool) {
        self.reaches(node, None)
    }

    fn reaches(&self, node: usize, part: Option<Part>) -> (bool, bool) {
        let mut inner = self.inner();
        if inner.is_cut(node as u64, part) {
            return (false, false);
        }
        if inner.fails() {
            let is_done = inner.chance.random_bool(0.5);
            return (is_done, false);
        }
        (true, true)
    }
}

impl Inner {
    fn compacted(&mut self) -> Fate {
        match &mut self.compacter_dies_after {
            None => Fate::Pass,
            Some(0) => Fate::Refuse(Kind::Gone),
            Some(left) => {
                *left -= 1;
                Fate::Pass
            }
        }
    }

    fn fails(&mut self) -> bool {
        self.failing > 0 && self.chance.random_range(0..1_000) < self.failing
    }

    fn is_cut(&self, node: u64, part: Option<Part>) -> bool {
        let applies = |cut: &Cut| cut.node == node && self.now < cut.until && (cut.part.is_none() || cut.part == part);
        self.cuts.iter().any(applies)
    }

    /// What is sent into a cut arrives or not, and is answered never.
    fn cut_off(&mut self, operation: Operation) -> Fate {
        match operation {
            Operation::Append => [Fate::Lose, Fate::Late, Fate::LoseAnswer, Fate::Lose][self.chance.random_range(0..4)],
            _ => Fate::Lose,
        }
    }

    fn failed(&mut self) -> Fate {
        match self.chance.random_range(0..12) {
            0 | 1 => Fate::Refuse(Kind::Again),
            2 | 3 => Fate::Refuse(Kind::Gone),
            4 => Fate::Refuse(Kind::Full),
            5 => Fate::Lose,
            6 | 7 => Fate::LoseAnswer,
            8 => Fate::Late,
            9 => Fate::Wait,
            10 => Fate::Stall { is_durable: true },
            _ => Fate::Stall { is_durable: false },
        }
    }
}
