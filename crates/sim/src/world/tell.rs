//! What people are told of their commands, held against the journal as it is then.

use std::time::Duration;

use onsale_domain::reply::Reply;
use onsale_node::Bookmark;
use onsale_node::core::Answers;
use onsale_node::core::entry::Durable;

use super::people::{Call, Told};
use super::{Check, World, wishes};

/// So long after its last look at what others append a node takes commands at most: one look more fails, it is cut off a while
/// later, and all of that takes its time.
const UNFOLLOWED_MAX: Duration = Duration::from_secs(8);
/// So long after an entry is in the journal whoever waits for it is told something.
const UNTOLD_MAX: Duration = Duration::from_secs(8);

impl World<'_> {
    /// A node appends what people have sent it. One that has not read for long what others append could not answer them.
    pub(super) fn check_follows(&mut self, node: usize, gathered: &[usize]) {
        let Some(found) = &self.nodes[node] else { return };
        // A part that stands still notices nothing.
        let since = found.followed.max(found.stood_until);
        let unfollowed = self.now.saturating_sub(since);
        if unfollowed > UNFOLLOWED_MAX && gathered.iter().any(|call| self.calls[*call].told.is_none()) {
            let ms = unfollowed.as_millis();
            let text = format!("node {node} appends commands, and has not read for {ms} ms what others append");
            self.fail(Check::Bounds, text);
        }
    }

    /// The sequencer says where the commands of an entry are.
    pub(super) fn place(&mut self, entry: &Durable) {
        self.marks.hit("entry: own, appended");
        for (place, to) in entry.replies.iter().enumerate() {
            let call = &mut self.calls[to.told_as()];
            (call.place, call.placed_at) = (Some((entry.appended.seq, entry.appended.hash, place)), self.now);
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
        let (with, placed_at, is_placed) = (call.with, call.placed_at, call.place.is_some());
        if let Some(found) = self.nodes.iter().flatten().find(|node| is_placed && node.id == with) {
            let untold = now.saturating_sub(placed_at.max(found.stood_until));
            if untold > UNTOLD_MAX {
                let text = format!(
                    "{:?} is in the journal, and told {} ms later",
                    self.calls[number].command,
                    untold.as_millis()
                );
                self.fail(Check::Bounds, text);
            }
        }
        match told {
            Told::Outcome(outcome) => {
                wishes::mark(&mut self.marks, &self.calls[number].command, outcome);
                self.check_acknowledged(number);
            }
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
        (Reply::Entered(one), Reply::Entered(other)) => one.user == other.user,
        _ => true,
    }
}
