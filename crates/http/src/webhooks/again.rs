//! One event sent once more, out of its turn, because an operator wants it: an attempt and no more, whatever becomes of it. What is
//! sent otherwise, and when, is as if there were none.

use onsale_node::events::Cursor;

use super::Answer;
use super::endpoint::Endpoint;
use super::record::{Again, Attempt, Definition, Is, Progress, State};

/// The most that wait for it at a time.
const WAITING_MAX: usize = 8;
/// None is begun with sooner after another.
pub(crate) const APART_MS: u64 = 1_000;

/// Whose turn it is of those that are sent once more.
#[derive(Debug, Default)]
pub(super) struct Turn {
    on_its_way: Option<u64>,
    /// No other before this.
    next_ms: u64,
}

impl Definition {
    /// Has the event at `at` sent once more; false where too many wait for that. Those that are done with are forgotten.
    pub(crate) fn send_again(&mut self, at: Cursor, progress: &Progress) -> bool {
        let last = self.again.last().map_or(0, |again| again.number).max(progress.again);
        self.again.retain(|again| again.number > progress.again);
        let has_room = self.again.len() < WAITING_MAX;
        if has_room {
            self.again.push(Again { number: last + 1, at: Some(at) });
        }
        has_room
    }

    /// Whether it differs from what was before by nothing but events that are sent once more.
    pub(super) fn has_one_more_than(&self, before: &Self) -> bool {
        self.again != before.again && Self { again: before.again.clone(), ..self.clone() } == *before
    }
}

impl Endpoint {
    /// Whether some wait to be sent once more.
    pub(super) fn has_again(&self) -> bool {
        self.state.is != Is::Gone && self.next_again().is_some()
    }

    fn next_again(&self) -> Option<&Again> {
        self.definition.again.iter().find(|again| again.number > self.progress.again)
    }

    /// The next to be sent once more, which is on its way from then on.
    pub(super) fn due_again(&mut self, now_ms: u64) -> Option<(u64, Cursor)> {
        if self.turn.on_its_way.is_some() || self.state.is == Is::Gone || now_ms < self.turn.next_ms {
            return None;
        }
        let next = self.next_again()?;
        let (number, at) = (next.number, next.at?);
        self.turn = Turn { on_its_way: Some(number), next_ms: now_ms + APART_MS };
        Some((number, at))
    }

    /// It was not sent after all, and will be asked for again.
    pub(super) fn put_back_again(&mut self) {
        self.turn.on_its_way = None;
    }

    /// What became of it. Gives why nothing is sent any more, where that follows.
    pub(super) fn ended_again(&mut self, number: u64, answer: &Answer, now_ms: u64) -> Option<State> {
        if self.turn.on_its_way == Some(number) {
            self.turn.on_its_way = None;
        }
        self.is_dirty = true;
        self.progress.again = self.progress.again.max(number);
        let status = answer.said.as_ref().ok().map(|said| said.status);
        self.log.push(Attempt {
            id: answer.at.to_string(),
            at_ms: answer.began_ms,
            took_ms: answer.took_ms,
            number: 1,
            status,
            error: answer.said.as_ref().err().cloned(),
            next_ms: None,
            again: true,
        });
        if status != Some(410) || self.state.is == Is::Gone {
            return None;
        }
        // It wants no more: not those that wait either.
        self.progress.again = self.definition.again.last().map_or(number, |last| last.number.max(number));
        self.state = State { is: Is::Gone, why: None, at_ms: now_ms };
        Some(self.state)
    }
}

#[cfg(test)]
mod tests {
    use onsale_node::webhooks::Stored;

    use super::super::Said;
    use super::super::record::{Order, Pending, Why, written};
    use super::super::signature::Scheme;
    use super::*;

    fn cursor(seq: u64) -> Cursor {
        Cursor { seq, index: 0, proof: 7 }
    }

    fn definition(again: &[u64]) -> Definition {
        let again = again.iter().map(|&number| Again { number, at: Some(cursor(number)) }).collect();
        let url = "https://shop.example/".to_owned();
        Definition {
            url,
            types: None,
            order: Order::Ordered,
            scheme: Scheme::Hmac,
            secrets: Vec::new(),
            made_at_ms: 0,
            again,
        }
    }

    fn stored(definition: &Definition, is: Is, progress: &Progress) -> Stored {
        let why = (is == Is::Paused).then_some(Why::Operator);
        Stored {
            id: 1,
            version: 1,
            definition: written(definition),
            state: written(&State { is, why, at_ms: 0 }),
            moved: 0,
            progress: written(progress),
            log: String::new(),
            holder: Some(1),
        }
    }

    fn endpoint(again: &[u64], is: Is, done: u64) -> Endpoint {
        let progress = Progress { again: done, ..Progress::default() };
        Endpoint::load(&stored(&definition(again), is, &progress)).expect("what was stored")
    }

    fn answer(number: u64, status: u16) -> Answer {
        let said = Ok(Said { status, retry_after: None });
        Answer { id: 1, moved: 0, at: cursor(number), again: Some(number), began_ms: 1, took_ms: 1, said }
    }

    #[test]
    fn each_is_tried_once_one_at_a_time_and_apart_also_while_it_is_paused() {
        for is in [Is::On, Is::Paused] {
            let mut endpoint = endpoint(&[3, 4, 5], is, 3);
            assert_eq!(endpoint.due_again(10), Some((4, cursor(4))));
            assert_eq!(endpoint.due_again(99_999), None, "it is on its way");
            assert!(endpoint.ended_again(4, &answer(4, 500), 11).is_none());
            assert_eq!(endpoint.due_again(10 + APART_MS - 1), None);
            assert_eq!(endpoint.due_again(10 + APART_MS), Some((5, cursor(5))), "the one before is not tried again");
            endpoint.put_back_again();
            assert_eq!(endpoint.due_again(10 + 2 * APART_MS), Some((5, cursor(5))));
            assert!(endpoint.ended_again(5, &answer(5, 204), 12).is_none());
            assert_eq!((endpoint.due_again(u64::MAX), endpoint.has_again()), (None, false));
            let tried: Vec<_> = endpoint.log.0.iter().map(|one| (one.again, one.number, one.status)).collect();
            assert_eq!(tried, [(true, 1, Some(500)), (true, 1, Some(204))]);
            assert_eq!((endpoint.progress.again, endpoint.progress.failures, endpoint.state.is), (5, 0, is));
        }
    }

    #[test]
    fn with_410_it_is_gone_and_those_that_wait_are_forgotten() {
        let mut endpoint = endpoint(&[1, 2, 3], Is::Paused, 0);
        endpoint.due_again(0);
        assert_eq!(endpoint.ended_again(1, &answer(1, 410), 9).map(|state| state.is), Some(Is::Gone));
        assert_eq!((endpoint.due_again(u64::MAX), endpoint.progress.again), (None, 3));
    }

    #[test]
    fn it_does_not_hurry_what_waits_to_be_tried_again_and_other_changes_do() {
        let pending = Pending { at: Some(cursor(9)), time_ms: 0, tries: 3, since_ms: Some(1), next_ms: 5_000 };
        let progress = Progress { cursor: Some(cursor(9)), pending: vec![pending], ..Progress::default() };
        let mut endpoint = Endpoint::load(&stored(&definition(&[]), Is::On, &progress)).expect("what was stored");
        let with_one = stored(&definition(&[1]), Is::On, &progress);
        endpoint.change(&with_one).expect("a change");
        assert_eq!((endpoint.due(4_999).map(|due| due.at), endpoint.due_again(0)), (None, Some((1, cursor(1)))));
        endpoint.change(&with_one).expect("a change");
        assert_eq!(endpoint.due(0).map(|due| due.at), Some(cursor(9)));
    }

    #[test]
    fn so_many_wait_at_most_and_a_number_is_never_given_twice() {
        let mut definition = definition(&[]);
        let mut progress = Progress::default();
        for seq in 1..=WAITING_MAX as u64 {
            assert!(definition.send_again(cursor(seq), &progress));
        }
        assert!(!definition.send_again(cursor(99), &progress));
        progress.again = 3;
        assert!(definition.send_again(cursor(99), &progress));
        let numbers: Vec<u64> = definition.again.iter().map(|again| again.number).collect();
        assert_eq!(numbers, (4..=WAITING_MAX as u64 + 1).collect::<Vec<_>>());
        progress.again = 100;
        assert!(definition.send_again(cursor(1), &progress));
        assert_eq!(definition.again, [Again { number: 101, at: Some(cursor(1)) }]);
    }
}
