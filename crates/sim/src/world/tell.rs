//! What people are told of their commands, held against the journal as it is then.

use onsale_domain::reply::Reply;
use onsale_node::Bookmark;
use onsale_node::core::Answers;
use onsale_node::core::entry::Durable;

use super::people::{Call, Told};
use super::{Check, World};

impl World<'_> {
    /// The sequencer says where the commands of an entry are.
    pub(super) fn place(&mut self, entry: &Durable) {
        self.marks.hit("entry: own, appended");
        for (place, to) in entry.replies.iter().enumerate() {
            self.calls[to.told_as()].place = Some((entry.appended.seq, entry.appended.hash, place));
        }
    }

    pub(super) fn answer(&mut self, answers: Answers) {
        match answers {
            Answers::Outcomes(replies, outcomes) => {
                for (to, outcome) in replies.into_iter().zip(outcomes) {
                    self.told(to.told_as(), &Told::Outcome(outcome));
                }
            }
            Answers::All(replies, error) => {
                let told = match error {
                    onsale_node::Error::OutcomeUnknown => Told::Unknown,
                    onsale_node::Error::Unavailable
                    | onsale_node::Error::Overloaded
                    | onsale_node::Error::Refused(_) => Told::Unavailable,
                };
                replies.into_iter().for_each(|to| self.told(to.told_as(), &told));
            }
        }
    }

    pub(super) fn told(&mut self, number: usize, told: &Told) {
        let now = self.now;
        let call = &mut self.calls[number];
        if let Some(before) = &call.told {
            let text = format!("{:?} is told {told:?} after {before:?}", call.command);
            return self.fail(Check::ExactlyOne, text);
        }
        (call.told, call.told_at) = (Some(told.clone()), now);
        match told {
            Told::Outcome(_) => self.check_acknowledged(number),
            Told::Unavailable => self.marks.hit("call: refused by a node"),
            Told::Unknown => self.marks.hit("call: outcome unknown"),
        }
        let Call { person, operation, .. } = self.calls[number];
        if let Some(person) = person {
            self.check_double(person, operation, told);
            self.go_on_told(person, operation, told);
        }
    }

    /// What is acknowledged is in the journal by now, and came to what is said.
    fn check_acknowledged(&mut self, number: usize) {
        let call = &self.calls[number];
        let Some((seq, hash, place)) = call.place else {
            let text = format!("{:?} is acknowledged, and was never made durable", call.command);
            return self.fail(Check::Durable, text);
        };
        if self.oracle.hash(seq) != Some(hash) {
            if !self.oracle.is_lost(&hash) {
                let text = format!("{:?} is acknowledged at entry {seq}, which is not in the journal", call.command);
                self.fail(Check::Durable, text);
            }
            return;
        }
        let Some((command, outcome)) = self.oracle.known(seq).and_then(|known| known.at(place)) else {
            return self.fail(Check::ExactlyOne, format!("entry {seq} has no command {place}"));
        };
        if *command != call.command || call.told != Some(Told::Outcome(outcome.clone())) {
            let text = format!(
                "{:?} is told {:?}; entry {seq} has {command:?} there, which came to {outcome:?}",
                call.command, call.told
            );
            return self.fail(Check::ExactlyOne, text);
        }
        self.acknowledged = self.acknowledged.max(seq);
        if let Some(visitor) = call.person.map(|person| &mut self.people[person])
            && let Some(head) = self.oracle.known(seq).map(|known| known.head)
            && visitor.bookmark.is_none_or(|bookmark| bookmark.seq < seq)
        {
            visitor.bookmark = Some(Bookmark::from(&head));
        }
    }

    /// The same key is answered the same.
    fn check_double(&mut self, person: usize, operation: u32, told: &Told) {
        let visitor = &self.people[person];
        let (Some(Ok(before)), Told::Outcome(Ok(reply))) = (visitor.answers.get(&operation), told) else { return };
        if !is_same(before, reply) && self.oracle.losses.is_empty() {
            let text = format!("person {person} is told {before:?}, and then {reply:?} for the same key");
            return self.fail(Check::ExactlyOne, text);
        }
        self.marks.hit("call: answered the same as its double");
    }

    /// A node has died, and who waited for it does not know what came of it.
    pub(super) fn lose_calls(&mut self, id: u64) {
        for number in 0..self.calls.len() {
            if self.calls[number].with == id && self.calls[number].told.is_none() {
                self.told(number, &Told::Unknown);
            }
        }
    }
}

/// Whether two answers are the same but for who was first.
fn is_same(one: &Reply, other: &Reply) -> bool {
    match (one, other) {
        (Reply::Charged(one), Reply::Charged(other)) => one.value == other.value,
        (Reply::Reserved(one), Reply::Reserved(other)) => one.value == other.value,
        (Reply::Paid(one), Reply::Paid(other)) => one.value == other.value,
        _ => true,
    }
}
