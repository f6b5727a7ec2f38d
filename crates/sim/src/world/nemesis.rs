//! What goes wrong, and that it is mended.

use std::time::Duration;

use onsale_journal::postgres::Journal;
use onsale_journal::{Checkpoint, Journal as _, Truncated};

use super::{Check, Event, STORE, World};
use crate::conditions::COMPACTER;
use crate::plan::{Part, What};

impl World<'_> {
    pub(super) fn befall(&mut self, number: usize) {
        let what = self.plan.faults[number].what.clone();
        if self.is_mended {
            return;
        }
        let until = |for_ms: u64| self.now + Duration::from_millis(for_ms);
        match what {
            What::Kill { node, for_ms } => self.kill(node, until(for_ms)),
            What::Cut { node, part, for_ms } => {
                self.conditions.cut(node, part, until(for_ms));
                self.database.end_sessions(|of| of == node as u64 && part.is_none());
            }
            What::Freeze { node, part, for_ms } => self.freeze(node, part, until(for_ms)),
            What::Away { for_ms } => {
                self.marks.hit("database: away");
                self.away_until = self.away_until.max(until(for_ms));
                self.database.set_away(true);
                self.beginnings += 1;
                self.at(self.away_until, Event::Back);
            }
            What::Full { for_ms } => {
                self.full_until = self.full_until.max(until(for_ms));
                self.database.set_full(true);
                self.at(self.full_until, Event::Back);
            }
            What::Crash { keeps_projections } => {
                self.marks.hit("database: crashed");
                self.database.crash();
                self.go_back(usize::from(!keeps_projections), true);
            }
            What::Promote => {
                self.marks.hit("database: promoted");
                self.database.promote();
                self.go_back(0, self.plan.sale.synchronous);
            }
            What::Clock { offset_ms } => {
                self.marks.hit("database: clock stepped");
                self.database.set_clock_offset_ms(offset_ms);
            }
            What::Compact { dies_after } => self.compact(dies_after),
            What::Restore { fewer } => {
                self.marks.hit("database: restored");
                // The sale was opened in the first two.
                let copy = self.database.copy().saturating_sub(fewer).max(2);
                self.database.restore(copy);
                self.go_back(0, false);
            }
            What::Upgrade { node, for_ms } => self.upgrade(node, until(for_ms)),
        }
    }

    pub(super) fn is_away(&self) -> bool {
        self.now < self.away_until
    }

    pub(super) fn is_full(&self) -> bool {
        self.now < self.full_until
    }

    pub(super) fn come_back(&mut self) {
        self.database.set_away(self.is_away());
        self.database.set_full(self.is_full());
        // Transactions may have gone on where nobody could read them.
        self.look();
    }

    /// The database goes on with what it has now. `keeps_all`: nothing that was committed may be gone.
    fn go_back(&mut self, loses: usize, keeps_all: bool) {
        self.beginnings += 1;
        let back = self.tables.go_back(self.database.copy(), loses);
        if back {
            self.marks.hit("tables: went back");
        }
        // Who sees everything sees it also where nobody else is let in.
        self.database.set_away(false);
        let gone = self.oracle.look_back(self.now);
        let gone = self.require(gone);
        self.look();
        self.database.set_away(self.is_away());
        if gone == 0 {
            return;
        }
        self.marks.hit("history: lost");
        self.tell(&format!("the journal has lost {gone} entries, and goes on behind {}", self.oracle.seq()));
        self.acknowledged = self.acknowledged.min(self.oracle.seq());
        self.compactions.retain(|(_, seq)| *seq <= self.oracle.seq());
        if keeps_all {
            self.fail(Check::Durable, format!("{gone} entries that were committed are gone"));
        }
    }

    fn kill(&mut self, node: usize, until: Duration) {
        if let Some(killed) = self.nodes.get_mut(node).and_then(Option::take) {
            self.marks.hit("node: killed");
            self.lose_calls(killed.id);
            drop(killed);
            self.at(until, Event::Start { node });
        }
    }

    fn freeze(&mut self, node: usize, part: Option<Part>, until: Duration) {
        if let Some(Some(found)) = self.nodes.get_mut(node) {
            for stands in Part::ALL.into_iter().filter(|stands| part.is_none_or(|part| part == *stands)) {
                found.stands_until[stands as usize] = until;
            }
            found.stood_until = found.stood_until.max(until);
            self.marks.hit("node: part stands still");
        }
    }

    /// As `onsale compact` does it over a database.
    fn compact(&mut self, dies_after: Option<u32>) {
        if self.is_away() || self.is_full() {
            return;
        }
        let Some(stored) = self.tables.mark(STORE) else { return };
        self.tables.seal();
        let mark = stored.mark;
        let fingerprint = mark.fingerprint;
        let checkpoint = Checkpoint { seq: mark.seq, time_ms: mark.time.0, hash: stored.hash.into(), fingerprint };
        self.conditions.compacter_dies(None);
        let Ok(mut journal) = Journal::open(&self.database.client(COMPACTER)) else { return };
        self.conditions.compacter_dies(dies_after);
        loop {
            match journal.truncate(&checkpoint) {
                Ok(Truncated::Partly) => {}
                Ok(Truncated::Done) => {
                    self.marks.hit("compaction: done");
                    break;
                }
                Err(error) => {
                    self.marks.hit("compaction: interrupted");
                    self.tell(&format!("the journal is not compacted: {error}"));
                    break;
                }
            }
        }
        self.database.take_spent();
        // It may be sealed, whatever was answered.
        self.compactions.push((self.now, mark.seq));
    }

    /// All that goes wrong is over.
    pub(super) fn mend(&mut self) {
        self.is_mended = true;
        self.conditions.mend();
        (self.away_until, self.full_until) = (self.now, self.now);
        self.come_back();
        for node in 0..self.nodes.len() {
            if let Some(found) = &mut self.nodes[node] {
                found.stands_until = [Duration::ZERO; 4];
            }
            self.at(self.now, Event::Start { node });
        }
        self.upgrade_all();
        self.resume_sale();
    }
}
