//! What must hold of the journal as it is in the end, and once all is mended.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use onsale_domain::command::Command;
use onsale_domain::ids::UserId;
use onsale_domain::level;
use onsale_node::recovery;

use super::people::Told;
use super::sale::BEGAN_MS;
use super::{Check, STORE, World};
use crate::check::Failure;
use crate::oracle::{Oracle, encoded};

/// So many entries in a second may have nothing that anybody has asked for, for each node.
const OWN_MAX: u32 = 25;
/// The journal's time may be so far ahead of the true one beside what a clock was off: a call that is tried again and again
/// happens at one moment here, and is stamped with the time of its last try.
const AHEAD_MS_MAX: u64 = 15_000;
/// Once all has been mended for so long, what is due is done when it is, and not when somebody looks.
const SETTLED: Duration = Duration::from_secs(12);
const LATE_MS_MAX: u64 = 400;
/// What was appended so long before the end is in the tables, and every node knows it.
const PROJECTED: Duration = Duration::from_secs(8);
/// What was sent so shortly before the end need not be answered by then.
const ANSWERED: Duration = Duration::from_secs(3);
/// The operation of the last calls of all, which are nobody's.
const LAST: u32 = 0;

fn failed<T>(check: Check, text: String) -> Result<T, Failure> {
    Err(Failure { check, text })
}

impl World<'_> {
    /// One more command through each node.
    pub(super) fn last(&mut self) {
        for node in 0..self.nodes.len() {
            let command = Command::Charge { user: UserId(1_000 + node as u64), amount: 7, key: None };
            self.call(None, LAST, node, command);
        }
    }

    /// An entry has come in.
    pub(super) fn check_entry(&mut self, seq: u64) -> Result<(), Failure> {
        let Oracle { turns, idle, .. } = &mut self.oracle;
        for mark in turns.reached.drain(..).chain(idle.reached.drain(..)) {
            self.marks.hit(mark);
        }
        let Some(known) = self.oracle.known(seq) else { return Ok(()) };
        let true_ms = BEGAN_MS + self.now.as_millis() as u64;
        if known.head.time_ms > true_ms + AHEAD_MS_MAX + self.off_ms_max {
            let ahead_ms = known.head.time_ms - true_ms;
            return failed(Check::Time, format!("entry {seq} is stamped {ahead_ms} ms ahead of the truth"));
        }
        let is_settled = self.is_mended && self.off_ms_max == 0 && self.now > self.hurt() + SETTLED;
        if is_settled && known.late_ms > LATE_MS_MAX {
            let text = format!("what was due {} ms before entry {seq} had to wait for it", known.late_ms);
            return failed(Check::Liveness, text);
        }
        let second = self.now.as_secs();
        if known.is_own() {
            self.own = if self.own.0 == second { (second, self.own.1 + 1) } else { (second, 1) };
        }
        let most = OWN_MAX * self.nodes.len() as u32;
        if self.own.1 > most {
            return failed(Check::Bounds, format!("{} entries in a second that nobody asked for", self.own.1));
        }
        Ok(())
    }

    pub(super) fn check_end(&mut self) -> Result<(), Failure> {
        self.look();
        self.oracle.count()?;
        self.check_counts()?;
        self.check_real_time()?;
        self.check_tables()?;
        self.check_liveness()
    }

    /// What was acknowledged is in, and nothing is more often than it was sent and not refused.
    fn check_counts(&self) -> Result<(), Failure> {
        let counts = self.oracle.commands();
        let counts_any: u64 = counts.values().sum();
        let mut sent: BTreeMap<Vec<u8>, (u64, u64)> = BTreeMap::new();
        for call in &self.calls {
            let (may, must) = sent.entry(encoded(&call.command)).or_default();
            // That somebody does something nodes say by themselves, too.
            let more = if matches!(call.command, Command::Active { .. }) { counts_any } else { 0 };
            *may += more + u64::from(call.told != Some(Told::Unavailable));
            let is_there = call.place.is_some_and(|(seq, hash, _)| self.oracle.hash(seq) == Some(hash));
            *must += u64::from(is_there && matches!(call.told, Some(Told::Outcome(_))));
        }
        for call in &self.calls {
            let command = encoded(&call.command);
            let count = counts.get(&command).copied().unwrap_or(0);
            let (may, must) = sent[&command];
            if !(must..=may).contains(&count) {
                let command = &call.command;
                let text = format!("{command:?} is in {count} times; {must} were acknowledged, {may} not refused");
                return failed(Check::ExactlyOne, text);
            }
        }
        Ok(())
    }

    /// What began behind an acknowledgement comes behind it.
    fn check_real_time(&self) -> Result<(), Failure> {
        let there = self.calls.iter().filter_map(|call| {
            let (seq, hash, _) = call.place?;
            (self.oracle.hash(seq) == Some(hash)).then_some((call, seq))
        });
        let mut begun: Vec<_> = there.clone().map(|(call, seq)| (call.began, seq)).collect();
        let is_told = |call: &super::people::Call| matches!(call.told, Some(Told::Outcome(_)));
        let mut done: Vec<_> = there.filter(|(call, _)| is_told(call)).map(|(call, seq)| (call.told_at, seq)).collect();
        begun.sort();
        done.sort();
        let (mut done, mut newest) = (done.into_iter().peekable(), 0);
        for (began, seq) in begun {
            while let Some((_, seq)) = done.next_if(|(at, _)| *at < began) {
                newest = newest.max(seq);
            }
            // Two commands may share an entry only if neither began behind the other's end.
            if seq <= newest && self.oracle.losses.is_empty() {
                return failed(Check::RealTime, format!("entry {seq} has what began behind entry {newest}"));
            }
        }
        Ok(())
    }

    /// The tables are at the journal's end, and hold what it came to.
    fn check_tables(&self) -> Result<(), Failure> {
        let (seq, head) = (self.tables.seq(), self.oracle.seq());
        if seq > head {
            return failed(Check::Tables, format!("the tables are at entry {seq}, the journal at {head}"));
        }
        let stored = self.tables.mark(STORE);
        let engine = recovery::engine(&mut &self.tables, stored.as_ref()).map_err(|error| Failure {
            check: Check::Tables,
            text: format!("the tables at entry {seq} hold no state: {error}"),
        })?;
        if seq == head && engine.mark() != self.oracle.engine.mark() {
            return failed(Check::Tables, format!("the tables at entry {seq} hold another state than the journal"));
        }
        if seq < self.oracle.seq_before(self.now.saturating_sub(PROJECTED)) {
            return failed(Check::Liveness, format!("the tables stand at entry {seq}, the journal at {head}"));
        }
        Ok(())
    }

    /// Everybody is answered, and every node has caught up.
    fn check_liveness(&self) -> Result<(), Failure> {
        for (node, found) in self.nodes.iter().enumerate() {
            let Some(found) = found else {
                return failed(Check::Liveness, format!("node {node} is not there"));
            };
            let applied = found.cluster.applied().seq;
            if !found.is_open {
                return failed(Check::Liveness, format!("node {node} takes nothing"));
            }
            let least = self.oracle.seq_before(self.now.saturating_sub(Duration::from_secs(2)));
            if applied < least {
                return failed(Check::Liveness, format!("node {node} is at entry {applied}, the journal at {least}"));
            }
            let projected = found.stats.projected_seq.load(Ordering::Relaxed);
            let least = self.oracle.seq_before(self.now.saturating_sub(PROJECTED));
            if projected < least {
                let text = format!("node {node} says that the tables are at entry {projected}, the journal at {least}");
                return failed(Check::Liveness, text);
            }
        }
        for call in &self.calls {
            let is_last = call.person.is_none() && call.operation == LAST;
            match &call.told {
                None if call.began + ANSWERED > self.now => {}
                None => return failed(Check::Liveness, format!("{:?} is never answered", call.command)),
                Some(Told::Unavailable | Told::Unknown) if is_last => {
                    return failed(Check::Liveness, format!("{:?} is told {:?}", call.command, call.told));
                }
                Some(_) => {}
            }
        }
        let level = self.oracle.engine.level();
        if level < level::NEWEST {
            return failed(
                Check::Liveness,
                format!("the store is at level {level}, and every node can read the newest"),
            );
        }
        let (due, time) = (self.oracle.engine.next_deadline(), self.oracle.engine.mark().time);
        let now_ms = BEGAN_MS + self.now.as_millis() as u64;
        if due.0.saturating_add(2_000) < now_ms && self.off_ms_max == 0 {
            return failed(Check::Liveness, format!("what is due at {due:?} is not done at {time:?}, it is {now_ms}"));
        }
        Ok(())
    }
}
