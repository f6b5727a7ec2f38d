//! The journal that is there in the end is the order in which everything happened; what clients were told must be in it.

use std::collections::HashMap;

use onsale_domain::command::{Batch, Command};
use onsale_domain::engine::Engine;
use onsale_domain::ids::UserId;
use onsale_domain::time::Time;

use super::{HEALED, World};

impl World {
    /// Nodes that have applied the same entries are in the same state.
    pub(super) fn came_to(&mut self, seq: u64, fingerprint: u64) {
        let known = *self.states.entry(seq).or_insert(fingerprint);
        assert_eq!(known, fingerprint, "seed {}: two nodes differ at entry {seq}", self.seed);
    }

    pub(super) fn check(&mut self) {
        let seed = self.seed;
        let (mut engine, mut first, mut count) = (Engine::new(), HashMap::new(), HashMap::new());
        for entry in &self.store.entries {
            let batch = Batch::decode(&entry.payload).expect("a batch");
            engine.apply(entry.seq, Time(entry.time_ms), &batch, &mut Vec::new());
            for command in &batch.commands {
                if let Command::Charge { user, .. } = command {
                    first.entry(*user).or_insert(entry.seq);
                    *count.entry(*user).or_insert(0) += 1;
                }
            }
            if let Some(state) = self.states.get(&entry.seq) {
                assert_eq!(engine.mark().fingerprint, *state, "seed {seed}: entry {} led elsewhere", entry.seq);
            }
        }
        self.check_calls(&engine, &count);
        self.check_real_time(&first);
        assert!(engine.wallets().sum() == 0 && engine.seats_agree(), "seed {seed}: money or seats");
        for node in self.nodes.iter().flatten() {
            let applied = node.cluster.applied();
            assert_eq!(applied, self.store.head(), "seed {seed}: node {} has not caught up", node.id);
            assert!(node.is_open, "seed {seed}: node {} has not come back", node.id);
        }
    }

    /// What was acknowledged is in exactly once, and nothing is that was refused.
    fn check_calls(&self, engine: &Engine, count: &HashMap<UserId, u32>) {
        for call in &self.calls {
            let (user, balance) = (call.user, engine.wallets().balance(call.user));
            let entries = count.get(&user).copied().unwrap_or(0);
            let is_last = call.is_last();
            let told = format!("seed {}: {user:?} has {balance} by {entries} entries, done {:?}", self.seed, call.done);
            assert!(balance == 0 || balance == 7, "{told}: more than once");
            assert!(call.done.is_none() || balance == 7, "{told}: acknowledged, and not in");
            assert!(!call.is_refused || entries == 0, "{told}: refused, and in");
            assert!(call.key.is_some() || entries <= 1, "{told}: retried by nobody");
            assert!(call.is_answered(), "{told}: never told what came of it");
            assert!(!is_last || call.done.is_some(), "{told}: a node that is well does not take it at {HEALED:?}");
        }
    }

    /// What began behind an acknowledgement comes behind it in the journal.
    fn check_real_time(&self, first: &HashMap<UserId, u64>) {
        let mut done: Vec<_> =
            self.calls.iter().filter_map(|call| Some((call.done?, first.get(&call.user)?))).collect();
        done.sort();
        let mut begun: Vec<_> =
            self.calls.iter().filter_map(|call| Some((call.began, first.get(&call.user)?))).collect();
        begun.sort();
        let (mut done, mut newest) = (done.into_iter().peekable(), 0);
        for (began, seq) in begun {
            while let Some((_, seq)) = done.next_if(|(at, _)| *at < began) {
                newest = newest.max(*seq);
            }
            assert!(*seq > newest, "seed {}: entry {seq} began behind entry {newest}", self.seed);
        }
    }
}
