//! People who charge their wallets once, and what they are told.

use std::time::Duration;

use onsale_domain::command::Command;
use onsale_domain::idempotency::Key;
use onsale_domain::ids::UserId;
use onsale_domain::reply::Outcome;
use rand::RngExt as _;

use super::{Error, Event, HURT, Message, NODES, SEQUENCER, World};
use crate::lane::ReplyTo;

/// How often somebody tries who has a key.
const TRIES_MAX: u32 = 6;

/// One charge. Whoever has a key tries again until it has an answer.
pub(super) struct Call {
    pub(super) user: UserId,
    pub(super) key: Option<Key>,
    /// Where it is to go, if not anywhere.
    node: Option<usize>,
    tries: u32,
    /// The node that it is with.
    with: Option<u64>,
    pub(super) began: Duration,
    /// When its success was told.
    pub(super) done: Option<Duration>,
    /// Whether each try was told that nothing was done.
    pub(super) is_refused: bool,
}

impl Call {
    pub(super) fn new(number: usize) -> Self {
        let key = number.is_multiple_of(2).then(|| {
            let mut hash = [0; 16];
            hash[..8].copy_from_slice(&(number as u64).to_le_bytes());
            Key { hash }
        });
        let user = UserId(number as u64 + 1);
        Self { user, key, node: None, tries: 0, with: None, began: Duration::ZERO, done: None, is_refused: true }
    }

    pub(super) fn at(number: usize, node: usize) -> Self {
        Self { key: None, node: Some(node), ..Self::new(number) }
    }

    pub(super) fn is_answered(&self) -> bool {
        self.with.is_none()
    }

    pub(super) fn is_last(&self) -> bool {
        self.node.is_some()
    }
}

impl World {
    pub(super) fn call(&mut self, number: usize) {
        let node = self.calls[number].node.unwrap_or_else(|| self.chance.random_range(0..NODES));
        let call = &mut self.calls[number];
        if call.tries == 0 {
            call.began = self.now;
        }
        call.tries += 1;
        let command = Command::Charge { user: call.user, amount: 7, key: call.key };
        match &mut self.nodes[node] {
            Some(found) if found.is_open => {
                call.with = Some(found.id);
                found.commands.push_back(Message::Command(command, ReplyTo::number(number)));
                self.hand(node, SEQUENCER);
            }
            _ => self.told(number, Err(Error::Unavailable)),
        }
    }

    pub(super) fn told(&mut self, number: usize, told: Result<Outcome, Error>) {
        let call = &mut self.calls[number];
        call.with = None;
        match told {
            Ok(outcome) => {
                outcome.expect("a charge is refused to nobody");
                assert!(call.done.is_none(), "seed {}: {:?} is told twice", self.seed, call.user);
                (call.done, call.is_refused) = (Some(self.now), false);
                return;
            }
            Err(Error::OutcomeUnknown) => call.is_refused = false,
            Err(Error::Unavailable | Error::Overloaded) => {}
            Err(Error::Refused(refusal)) => unreachable!("the engine's word is an outcome: {refusal:?}"),
        }
        if call.key.is_some() && (call.tries < TRIES_MAX || self.now >= HURT) {
            let again = self.now + Duration::from_millis(self.chance.random_range(10..2_000));
            self.at(again, Event::Call { call: number });
        }
    }

    /// A node has died, and who waited for it does not know what came of it.
    pub(super) fn lose_calls(&mut self, id: u64) {
        for number in 0..self.calls.len() {
            if self.calls[number].with == Some(id) {
                self.told(number, Err(Error::OutcomeUnknown));
            }
        }
    }
}
