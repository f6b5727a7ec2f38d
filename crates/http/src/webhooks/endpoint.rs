//! One webhook at the node that sends it: which message is next, and what follows from what became of it.
//!
//! It looks at no clock and waits for nothing: whoever drives it says what the time is and what has happened.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use onsale_node::events::Cursor;
use onsale_node::webhooks::Stored;

use super::again::Turn;
use super::record::{Attempt, Definition, Is, Log, Pending, Progress, State, Why, read};
use super::{Answer, Message, retry};

/// So many failures in a row are the receiver's, and not a message's.
const AWAY_AFTER: u32 = 4;
/// Within which what had failed is tried again once a receiver is back.
const BACK_WITHIN_MS: u32 = 5_000;

pub(super) struct Endpoint {
    pub(super) id: u64,
    pub(super) version: u64,
    pub(super) moved: u64,
    pub(super) definition: Definition,
    pub(super) state: State,
    pub(super) progress: Progress,
    pub(super) log: Log,
    /// What was read and not begun with, and the place up to which was read.
    waiting: VecDeque<Message>,
    read_to: Option<Cursor>,
    /// What the tables were at when there was nothing more to read.
    pub(super) seen: Option<u64>,
    /// Those of what was begun with, as far as they are at hand.
    messages: HashMap<Cursor, Arc<Message>>,
    on_their_way: HashSet<Cursor>,
    /// Of what operators had sent once more.
    pub(super) turn: Turn,
    /// Whether it has something to keep.
    pub(super) is_dirty: bool,
}

/// A message to be sent.
pub(super) struct Due {
    pub(super) at: Cursor,
    /// `None` where it has to be read again.
    pub(super) message: Option<Arc<Message>>,
}

impl Endpoint {
    /// As it was stored.
    pub(super) fn load(stored: &Stored) -> Result<Self, String> {
        let progress: Progress = read("place", &stored.progress)?;
        let log = if stored.log.is_empty() { Log::default() } else { read("log", &stored.log)? };
        let mut endpoint = Self {
            id: stored.id,
            version: stored.version,
            moved: stored.moved,
            definition: read("definition", &stored.definition)?,
            state: read("state", &stored.state)?,
            waiting: VecDeque::new(),
            read_to: progress.cursor,
            progress,
            log,
            seen: None,
            messages: HashMap::new(),
            on_their_way: HashSet::new(),
            turn: Turn::default(),
            is_dirty: false,
        };
        // An operator had it go on while no node, or another one, sent it.
        if endpoint.log.0.back().is_some_and(|last| last.at_ms < endpoint.state.at_ms) {
            endpoint.try_at_once();
        }
        Ok(endpoint)
    }

    /// Takes up what an operator has changed, other than its place.
    pub(super) fn change(&mut self, stored: &Stored) -> Result<(), String> {
        let definition: Definition = read("definition", &stored.definition)?;
        let state: State = read("state", &stored.state)?;
        let is_one_more = state == self.state && definition.has_one_more_than(&self.definition);
        self.state = state;
        self.version = stored.version;
        if definition.types != self.definition.types {
            // From where it is on it is asked for other events.
            self.waiting.clear();
            (self.read_to, self.seen) = (self.progress.cursor, None);
        }
        self.definition = definition;
        // To have one event sent once more says nothing of the others.
        if !is_one_more {
            self.try_at_once();
        }
        Ok(())
    }

    /// Whoever touches it wants it to go on now, and for as long as one that is new.
    fn try_at_once(&mut self) {
        for pending in &mut self.progress.pending {
            (pending.since_ms, pending.next_ms) = (None, 0);
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.state.is == Is::On
    }

    /// Where to read on, where there is need of it.
    pub(super) fn wants(&self, projected: u64) -> Option<Option<Cursor>> {
        let has_room = self.progress.pending.len() < self.definition.order.window();
        (self.is_on() && has_room && self.waiting.is_empty() && self.seen != Some(projected)).then_some(self.read_to)
    }

    /// Takes what was read up to `at`.
    pub(super) fn take(&mut self, messages: Vec<Message>, at: Option<Cursor>) {
        self.waiting.extend(messages);
        self.read_to = at;
        self.begin();
    }

    /// Begins with as many as may be on their way.
    fn begin(&mut self) {
        while self.progress.pending.len() < self.definition.order.window()
            && let Some(message) = self.waiting.pop_front()
        {
            let (at, time_ms) = (message.cursor, message.time_ms);
            self.progress.pending.push(Pending { at: Some(at), time_ms, tries: 0, since_ms: None, next_ms: 0 });
            self.progress.cursor = Some(at);
            self.messages.insert(at, Arc::new(message));
            self.is_dirty = true;
        }
        if self.waiting.is_empty() && self.progress.cursor != self.read_to {
            self.progress.cursor = self.read_to;
            self.is_dirty = true;
        }
    }

    /// The next message to be sent, which is on its way from then on.
    pub(super) fn due(&mut self, now_ms: u64) -> Option<Due> {
        let is_away = self.progress.failures >= AWAY_AFTER;
        let at_once = if is_away { 1 } else { self.definition.order.at_once() };
        if !self.is_on() || self.on_their_way.len() >= at_once {
            return None;
        }
        let due = |pending: &&Pending| {
            pending.next_ms <= now_ms && pending.at.is_some_and(|at| !self.on_their_way.contains(&at))
        };
        let pending = self.progress.pending.iter().find(due)?;
        let at = pending.at?;
        self.on_their_way.insert(at);
        Some(Due { at, message: self.messages.get(&at).cloned() })
    }

    /// A message that was read again.
    pub(super) fn found(&mut self, message: Arc<Message>) {
        self.messages.insert(message.cursor, message);
    }

    /// It was not sent after all, and will be asked for again.
    pub(super) fn put_back(&mut self, at: Cursor) {
        self.on_their_way.remove(&at);
    }

    /// When the oldest event happened that was begun with and not delivered, in the journal's time.
    pub(super) fn oldest_ms(&self) -> Option<u64> {
        let waiting = self.waiting.front().map(|message| message.time_ms);
        self.progress.pending.iter().map(|pending| pending.time_ms).chain(waiting).min()
    }

    /// What became of a message. Gives why nothing is sent any more, where that follows.
    pub(super) fn ended(&mut self, answer: &Answer, now_ms: u64, chance: u32, tried_for: Duration) -> Option<State> {
        let at = answer.at;
        self.on_their_way.remove(&at);
        let index = self.progress.pending.iter().position(|pending| pending.at == Some(at))?;
        self.is_dirty = true;
        let status = answer.said.as_ref().ok().map(|said| said.status);
        let mut attempt = Attempt {
            id: at.to_string(),
            at_ms: answer.began_ms,
            took_ms: answer.took_ms,
            number: self.progress.pending[index].tries + 1,
            status,
            error: answer.said.as_ref().err().cloned(),
            next_ms: None,
            again: false,
        };
        if attempt.is_delivered() {
            self.delivered(index, now_ms, chance);
            self.log.push(attempt);
            return None;
        }
        let pending = &mut self.progress.pending[index];
        pending.tries = pending.tries.saturating_add(1);
        let since_ms = *pending.since_ms.get_or_insert(answer.began_ms);
        self.progress.failures = self.progress.failures.saturating_add(1);
        let halted = match status {
            Some(410) => Some((Is::Gone, None)),
            _ if now_ms.saturating_sub(since_ms.max(self.state.at_ms)) >= tried_for.as_millis() as u64 => {
                Some((Is::Paused, Some(Why::RetriesExhausted)))
            }
            _ => None,
        };
        let asked = answer.said.as_ref().ok().and_then(|said| said.retry_after.as_deref());
        let asked_ms = asked.map_or(0, |asked| retry::asked_ms(asked, now_ms));
        pending.next_ms = now_ms + retry::wait_ms(pending.tries, chance).max(asked_ms);
        attempt.next_ms = halted.is_none().then_some(pending.next_ms);
        self.log.push(attempt);
        let (is, why) = halted?;
        self.state = State { is, why, at_ms: now_ms };
        Some(self.state)
    }

    fn delivered(&mut self, index: usize, now_ms: u64, chance: u32) {
        let was_away = self.progress.failures >= AWAY_AFTER;
        let done = self.progress.pending.remove(index);
        if let Some(at) = done.at {
            self.messages.remove(&at);
        }
        self.progress.failures = 0;
        if was_away {
            // The others failed because it was away: they need not wait until they are due.
            let soon_ms = now_ms + u64::from(chance % BACK_WITHIN_MS);
            self.progress.pending.iter_mut().for_each(|pending| pending.next_ms = pending.next_ms.min(soon_ms));
        }
        self.begin();
    }

    /// Nothing more can be sent.
    pub(super) fn halt(&mut self, why: Why, now_ms: u64) -> State {
        self.state = State { is: Is::Paused, why: Some(why), at_ms: now_ms };
        self.state
    }
}

#[cfg(test)]
mod tests {
    use super::super::Said;
    use super::super::record::{Order, Secret, written};
    use super::super::signature::Scheme;
    use super::*;

    const FOR: Duration = Duration::from_secs(100);

    fn cursor(seq: u64) -> Cursor {
        Cursor { seq, index: 0, proof: 7 }
    }

    fn message(seq: u64) -> Message {
        Message { cursor: cursor(seq), time_ms: seq, body: b"{}".to_vec() }
    }

    fn endpoint(order: Order) -> Endpoint {
        let secret = Secret { sealed: String::new(), public: None, made_at_ms: 0, until_ms: None };
        let (url, scheme, secrets) = ("https://shop.example/".to_owned(), Scheme::Hmac, vec![secret]);
        let definition = Definition { url, types: None, order, scheme, secrets, made_at_ms: 0, again: Vec::new() };
        let stored = Stored {
            id: 1,
            version: 1,
            definition: written(&definition),
            state: written(&State { is: Is::On, why: None, at_ms: 0 }),
            moved: 0,
            progress: written(&Progress::default()),
            log: String::new(),
            holder: Some(1),
        };
        Endpoint::load(&stored).expect("what was stored")
    }

    fn answered(at: Cursor, status: u16, now_ms: u64) -> Answer {
        let said = Ok(Said { status, retry_after: None });
        Answer { id: 1, moved: 0, at, again: None, began_ms: now_ms, took_ms: 1, said }
    }

    fn all_due(endpoint: &mut Endpoint, now_ms: u64) -> Vec<u64> {
        std::iter::from_fn(|| endpoint.due(now_ms)).map(|due| due.at.seq).collect()
    }

    #[test]
    fn an_ordered_one_has_the_next_wait_for_the_one_before() {
        let mut endpoint = endpoint(Order::Ordered);
        assert_eq!(endpoint.wants(9), Some(None));
        endpoint.take((1..=3).map(message).collect(), Some(cursor(9)));
        assert_eq!(endpoint.wants(9), None, "it has enough");
        assert_eq!(all_due(&mut endpoint, 0), [1]);
        assert!(endpoint.ended(&answered(cursor(1), 500, 0), 0, 0, FOR).is_none());
        assert!(all_due(&mut endpoint, 700).is_empty(), "not before it is due");
        assert_eq!(all_due(&mut endpoint, 750), [1], "the same again");
        assert!(endpoint.ended(&answered(cursor(1), 204, 750), 750, 0, FOR).is_none());
        assert_eq!((endpoint.progress.cursor, all_due(&mut endpoint, 750)), (Some(cursor(2)), vec![2]));
        endpoint.ended(&answered(cursor(2), 200, 751), 751, 0, FOR);
        assert_eq!(all_due(&mut endpoint, 751), [3]);
        // What was looked through behind the last message counts once that is begun with.
        assert_eq!(endpoint.progress.cursor, Some(cursor(9)));
        endpoint.ended(&answered(cursor(3), 299, 752), 752, 0, FOR);
        assert_eq!((endpoint.oldest_ms(), endpoint.wants(9)), (None, Some(Some(cursor(9)))));
    }

    #[test]
    fn of_a_parallel_one_a_message_that_fails_holds_up_no_other() {
        let mut endpoint = endpoint(Order::Parallel);
        endpoint.take((1..=100).map(message).collect(), Some(cursor(100)));
        assert_eq!(endpoint.progress.pending.len(), Order::Parallel.window());
        let mut sent = Vec::new();
        for now_ms in 1..2_000 {
            for seq in all_due(&mut endpoint, now_ms) {
                let status = if seq == 5 { 500 } else { 200 };
                if status == 200 {
                    sent.push(seq);
                }
                endpoint.ended(&answered(cursor(seq), status, now_ms), now_ms, 0, FOR);
            }
        }
        sent.sort_unstable();
        assert_eq!(sent, (1..=100).filter(|&seq| seq != 5).collect::<Vec<_>>());
        assert_eq!((endpoint.progress.pending.len(), endpoint.oldest_ms()), (1, Some(5)));
        assert!(endpoint.progress.pending[0].tries < 5, "it is not hammered");
    }

    #[test]
    fn a_receiver_that_was_away_has_the_rest_soon_after_it_is_back() {
        let mut endpoint = endpoint(Order::Parallel);
        endpoint.take((1..=20).map(message).collect(), Some(cursor(20)));
        let mut now_ms = 0;
        while now_ms < 90_000 {
            for seq in all_due(&mut endpoint, now_ms) {
                assert!(endpoint.ended(&answered(cursor(seq), 503, now_ms), now_ms, u32::MAX / 2, FOR).is_none());
            }
            now_ms += 100;
        }
        // One at a time now, and all of them within seconds.
        let until_ms = now_ms + 60_000;
        let (mut sent, mut back_ms) = (0, None);
        while now_ms < until_ms {
            let due = all_due(&mut endpoint, now_ms);
            assert!(back_ms.is_some() || due.len() <= 1);
            for seq in due {
                back_ms.get_or_insert(now_ms);
                sent += 1;
                endpoint.ended(&answered(cursor(seq), 200, now_ms), now_ms, u32::MAX / 2, FOR);
            }
            if sent == 20 {
                break;
            }
            now_ms += 100;
        }
        assert_eq!(sent, 20);
        assert!(now_ms - back_ms.expect("it was tried") <= 6_000);
    }

    #[test]
    fn it_ends_with_410_and_is_paused_when_it_was_tried_for_long_enough() {
        let mut endpoint = endpoint(Order::Ordered);
        endpoint.take(vec![message(1)], Some(cursor(1)));
        all_due(&mut endpoint, 0);
        assert!(endpoint.ended(&answered(cursor(1), 404, 0), 0, 0, FOR).is_none());
        assert_eq!(all_due(&mut endpoint, 100_000), [1]);
        let halted = endpoint.ended(&answered(cursor(1), 404, 100_000), 100_000, 0, FOR).expect("it is over");
        assert_eq!((halted.is, halted.why), (Is::Paused, Some(Why::RetriesExhausted)));
        assert_eq!((all_due(&mut endpoint, u64::MAX), endpoint.wants(9)), (vec![], None));
        assert_eq!(endpoint.log.0.back().and_then(|attempt| attempt.next_ms), None);

        // An operator has it go on: its time begins anew.
        let on = State { is: Is::On, why: None, at_ms: 200_000 };
        let stored = Stored {
            id: 1,
            version: 3,
            definition: written(&endpoint.definition),
            state: written(&on),
            moved: 0,
            progress: String::new(),
            log: String::new(),
            holder: None,
        };
        endpoint.change(&stored).expect("a change");
        assert_eq!(all_due(&mut endpoint, 200_000), [1]);
        assert!(endpoint.ended(&answered(cursor(1), 404, 200_000), 200_000, 0, FOR).is_none());
        assert_eq!(all_due(&mut endpoint, 300_000), [1]);
        let halted = endpoint.ended(&answered(cursor(1), 410, 300_000), 300_000, 0, FOR).expect("it is gone");
        assert_eq!((halted.is, halted.why), (Is::Gone, None));
        assert_eq!(endpoint.progress.pending.len(), 1, "it was not delivered");
    }

    #[test]
    fn it_goes_on_at_once_at_a_node_that_had_it_not() {
        let mut before = endpoint(Order::Ordered);
        before.take(vec![message(1)], Some(cursor(1)));
        all_due(&mut before, 0);
        before.ended(&answered(cursor(1), 500, 0), 0, 0, FOR);
        let stored = |at_ms| Stored {
            id: 1,
            version: 2,
            definition: written(&before.definition),
            state: written(&State { is: Is::On, why: None, at_ms }),
            moved: 0,
            progress: written(&before.progress),
            log: written(&before.log),
            holder: None,
        };
        let mut same = Endpoint::load(&stored(0)).expect("what was stored");
        assert!(all_due(&mut same, 700).is_empty());
        let mut turned_on = Endpoint::load(&stored(600)).expect("what was stored");
        assert_eq!(all_due(&mut turned_on, 700), [1]);
    }

    #[test]
    fn a_receiver_says_when_it_wants_to_be_asked_again() {
        let mut endpoint = endpoint(Order::Ordered);
        endpoint.take(vec![message(1)], Some(cursor(1)));
        all_due(&mut endpoint, 0);
        let said = Ok(Said { status: 429, retry_after: Some("30".to_owned()) });
        endpoint.ended(&Answer { said, ..answered(cursor(1), 429, 0) }, 0, 0, FOR);
        assert_eq!((endpoint.progress.pending[0].next_ms, all_due(&mut endpoint, 29_999)), (30_000, vec![]));
        assert_eq!(all_due(&mut endpoint, 30_000), [1]);
    }
}
