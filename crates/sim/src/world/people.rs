//! People with errands. They poll, and try again what is not answered.

use std::collections::BTreeMap;
use std::time::Duration;

use onsale_domain::command::Command;
use onsale_domain::idempotency::Key;
use onsale_domain::ids::{KeyId, QueueId, ReservationId, ScheduleId, SeatId, TicketId, UserId};
use onsale_domain::reply::{Outcome, Refusal, Reply};
use onsale_journal::Hash;
use onsale_node::Bookmark;
use onsale_node::core::{Message, ReplyTo};
use rand::RngExt as _;

use super::reads::Wanted;
use super::wishes::{self, Holder};
use super::{Event, World};
use crate::ledger;
use crate::node::Node;
use crate::plan::{Errand, Part, Person, Sale};

pub(super) const QUEUE: QueueId = QueueId(0);
pub(crate) const SCHEDULE: ScheduleId = ScheduleId(1);
/// How often somebody tries one thing.
const TRIES_MAX: u32 = 8;
const POLLS_MAX: u32 = 60;

/// One command that was sent to one node.
pub(super) struct Call {
    /// Whose it is; nobody's for the last ones.
    pub(super) person: Option<usize>,
    /// Which of the person's operations it is for.
    pub(super) operation: u32,
    pub(super) command: Command,
    /// The node that it is with.
    pub(super) with: u64,
    pub(super) began: Duration,
    /// Where it is in the journal, as its node knows.
    pub(super) place: Option<(u64, Hash, usize)>,
    pub(super) placed_at: Duration,
    pub(super) told: Option<Told>,
    pub(super) told_at: Duration,
}

/// What somebody was told of a command.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Told {
    Outcome(Outcome),
    Unavailable,
    Unknown,
}

/// Where somebody is on the way through an errand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Charge,
    Join,
    Poll,
    Look,
    /// To say that they are there: what they ask for next is answered once it is journaled.
    Stay,
    Reserve,
    Linger(ReservationId),
    Extend(ReservationId),
    Pay(ReservationId),
    Cancel(ReservationId),
    Leave,
    /// An operator's: to stop, and to undo it.
    Lever {
        undoes: bool,
    },
    /// A shop's.
    Adjust,
    Gone,
}

pub(super) struct Visitor {
    pub(super) person: Person,
    pub(super) step: Step,
    pub(super) ticket: Option<TicketId>,
    /// The number of somebody who came in by name.
    number: Option<UserId>,
    /// The seats that they want by name.
    pub(super) choice: Vec<SeatId>,
    pub(super) bookmark: Option<Bookmark>,
    /// What the last poll has shown: whether they were inside, and the place.
    pub(super) shown: Option<(bool, u32)>,
    /// When the operation at hand was first sent, and which it is.
    pub(super) operation: u32,
    pub(super) tries: u32,
    pub(super) polls: u32,
    /// Whether it was journaled that they do something, since they last had an answer.
    pub(super) has_stayed: bool,
    /// Whether they have asked for more time.
    has_extended: bool,
    /// Whether a next moment is set already.
    goes: bool,
    /// What was answered to each operation.
    pub(super) answers: BTreeMap<u32, Outcome>,
}

impl Visitor {
    pub(super) fn new(person: &Person) -> Self {
        let step = match person.errand {
            Errand::Credit | Errand::Debit => Step::Adjust,
            Errand::Stop
            | Errand::Pause
            | Errand::Withhold
            | Errand::Opening
            | Errand::SaleTimes
            | Errand::Draw
            | Errand::Beacon
            | Errand::Prequeue
            | Errand::Idle => Step::Lever { undoes: false },
            Errand::Leave => Step::Join,
            // Only by coming in do they learn whose wallet theirs is.
            Errand::Charge | Errand::Buy | Errand::Drop | Errand::Forget if person.named => Step::Join,
            Errand::Charge | Errand::Buy | Errand::Drop | Errand::Forget => Step::Charge,
        };
        Self {
            person: person.clone(),
            step,
            ticket: None,
            number: None,
            choice: Vec::new(),
            bookmark: None,
            shown: None,
            operation: 0,
            tries: 0,
            polls: 0,
            has_stayed: false,
            has_extended: false,
            goes: false,
            answers: BTreeMap::new(),
        }
    }

    pub(super) fn user(&self) -> UserId {
        self.number.unwrap_or(UserId(self.person.user))
    }

    pub(super) fn next(&mut self, step: Step) {
        self.step = step;
        self.operation += 1;
        self.tries = 0;
    }
}

impl World<'_> {
    /// A person does what is next.
    pub(super) fn go(&mut self, person: usize) {
        let visitor = &mut self.people[person];
        visitor.goes = false;
        match visitor.step {
            Step::Poll => {
                visitor.polls += 1;
                let Some(ticket) = visitor.ticket.filter(|_| visitor.polls < POLLS_MAX) else {
                    return visitor.next(Step::Gone);
                };
                self.read(person, Wanted::Ticket(ticket));
            }
            Step::Look => self.read(person, Wanted::Seats),
            Step::Linger(reservation) if visitor.person.extends && !visitor.has_extended => {
                visitor.has_extended = true;
                visitor.next(Step::Extend(reservation));
                self.send(person);
            }
            Step::Linger(reservation) => {
                let step = match visitor.person.errand {
                    Errand::Drop => Step::Cancel(reservation),
                    Errand::Buy => Step::Pay(reservation),
                    _ => Step::Gone,
                };
                visitor.next(step);
                self.go_soon(person, 1_000);
            }
            Step::Gone => {}
            _ => self.send(person),
        }
    }

    pub(super) fn go_soon(&mut self, person: usize, within_ms: u64) {
        if !std::mem::replace(&mut self.people[person].goes, true) {
            let after = Duration::from_millis(self.chance.random_range(1..=within_ms));
            self.at(self.now + after, Event::Go { person });
        }
    }

    pub(super) fn send(&mut self, person: usize) {
        let visitor = &mut self.people[person];
        visitor.tries += 1;
        let (user, operation) = (visitor.user(), visitor.operation);
        let key = visitor.person.keyed.then(|| {
            let mut hash = [0; 16];
            hash[..8].copy_from_slice(&(person as u64).to_le_bytes());
            hash[8..12].copy_from_slice(&operation.to_le_bytes());
            Key { hash }
        });
        let times = if visitor.person.doubles && key.is_some() { 2 } else { 1 };
        // No two charges are of one amount, so each can be told from others in the journal.
        let mut amount = Sale::PRICE + 1 + person as u64 * 1_000;
        if key.is_none() {
            amount += u64::from(visitor.tries);
        }
        let command = match visitor.step {
            Step::Charge => Command::Charge { user, amount, key },
            Step::Join if visitor.person.named || visitor.person.tier.is_some() => wishes::enter(&visitor.person, key),
            Step::Join => Command::Join { user, queue: QUEUE, key: KeyId(7) },
            Step::Reserve => {
                let Some(ticket) = visitor.ticket else { return };
                let holder = Holder { person: &visitor.person, user, ticket, key };
                wishes::hold(&holder, &self.plan.sale.hall, visitor.choice.clone())
            }
            Step::Stay => {
                let Some(ticket) = visitor.ticket else { return };
                onsale_node::active(QUEUE, &[ticket.number])
            }
            Step::Extend(reservation) => Command::Extend { user, reservation },
            Step::Adjust => wishes::adjust(&visitor.person),
            Step::Pay(reservation) => Command::Pay { user, reservation, key },
            Step::Cancel(reservation) => Command::Cancel { user, reservation },
            Step::Leave => {
                let Some(ticket) = visitor.ticket else { return };
                Command::Leave { ticket, user: Some(user) }
            }
            Step::Lever { undoes } => {
                let after = match visitor.person.errand {
                    Errand::Opening | Errand::SaleTimes => self.chance.random_range(100..1_500),
                    _ => 0,
                };
                wishes::lever(&visitor.person, &self.plan.sale, undoes, self.now, Duration::from_millis(after))
            }
            Step::Poll | Step::Look | Step::Linger(_) | Step::Gone => return,
        };
        for _ in 0..times {
            let node = self.chance.random_range(0..self.nodes.len());
            self.call(Some(person), operation, node, command.clone());
        }
    }

    /// Sends a command to a node.
    pub(super) fn call(&mut self, person: Option<usize>, operation: u32, node: usize, command: Command) {
        let number = self.calls.len();
        let began = self.now;
        let command = match &self.nodes[node] {
            Some(found) => wishes::known(command, &found.views),
            None => command,
        };
        // What a node knows of the store's level is never more than the journal has.
        let takes = |node: &&Node| node.is_open && node.views.level() >= ledger::level_of(&command);
        let with = self.nodes[node].as_ref().filter(takes).map(|node| node.id);
        self.calls.push(Call {
            person,
            operation,
            command: command.clone(),
            with: with.unwrap_or_default(),
            began,
            place: None,
            placed_at: began,
            told: None,
            told_at: began,
        });
        match (&mut self.nodes[node], with) {
            (Some(found), Some(_)) => {
                found.commands.push_back(Message::Command(command, ReplyTo::number(number)));
                self.hand(node, Part::Sequencer);
            }
            _ => self.told(number, &Told::Unavailable),
        }
    }

    /// Whoever sent a command hears of it, and goes on.
    pub(super) fn go_on_told(&mut self, person: usize, operation: u32, told: &Told) {
        let visitor = &mut self.people[person];
        if visitor.operation != operation || visitor.answers.contains_key(&operation) {
            return;
        }
        let outcome = match told {
            Told::Outcome(outcome) => outcome.clone(),
            Told::Unavailable | Told::Unknown => {
                // Without a key nobody can know whether it would be done twice.
                let is_safe = visitor.person.keyed
                    || *told == Told::Unavailable
                    || !matches!(visitor.step, Step::Charge | Step::Reserve | Step::Pay(_));
                if is_safe && (visitor.tries < TRIES_MAX || self.is_mended) {
                    return self.go_soon(person, 2_000);
                }
                return visitor.next(Step::Gone);
            }
        };
        visitor.answers.insert(operation, outcome.clone());
        let step = match (visitor.step, outcome) {
            (Step::Charge, Ok(_)) if visitor.person.errand == Errand::Charge => Step::Gone,
            (Step::Charge, Ok(_)) if visitor.ticket.is_some() => Step::Poll,
            (Step::Charge, Ok(_)) => Step::Join,
            (Step::Join, Ok(Reply::Joined(joined))) => {
                visitor.ticket = Some(joined.ticket);
                visitor.shown = None;
                Step::Poll
            }
            (Step::Join, Ok(Reply::Entered(entered))) => {
                (visitor.ticket, visitor.number) = (Some(entered.joined.ticket), Some(entered.user));
                visitor.shown = None;
                // Who comes by name has not charged before.
                if visitor.person.named && visitor.person.errand != Errand::Leave { Step::Charge } else { Step::Poll }
            }
            // They come again when it opens.
            (Step::Join, Err(Refusal::QueueNotYetOpen { .. })) if visitor.polls < POLLS_MAX => {
                visitor.polls += 1;
                Step::Join
            }
            (Step::Reserve, Ok(Reply::Reserved(reserved))) => Step::Linger(reserved.value.reservation),
            (Step::Stay, _) => Step::Look,
            (Step::Extend(reservation), _) => Step::Linger(reservation),
            // Somebody was faster.
            (Step::Reserve, Err(_)) if visitor.polls < POLLS_MAX => Step::Poll,
            (Step::Pay(_), Ok(_)) => {
                self.marks.hit("hold: paid");
                Step::Gone
            }
            (Step::Cancel(_), Ok(_)) => {
                self.marks.hit("hold: dropped");
                Step::Gone
            }
            (Step::Pay(_) | Step::Cancel(_), Err(_)) => {
                self.marks.hit("hold: lapsed");
                Step::Gone
            }
            // What was announced stands.
            (Step::Lever { .. }, _) if matches!(visitor.person.errand, Errand::Beacon | Errand::Prequeue) => Step::Gone,
            (Step::Lever { undoes: false }, _) => Step::Lever { undoes: true },
            _ => Step::Gone,
        };
        let within_ms = if matches!(step, Step::Lever { .. } | Step::Linger(_)) { 3_000 } else { 500 };
        visitor.next(step);
        if step != Step::Gone {
            self.go_soon(person, within_ms);
        }
    }

    /// An operator who undoes what others have stopped and could not resume.
    pub(super) fn resume_sale(&mut self) {
        for person in 0..self.people.len() {
            let visitor = &mut self.people[person];
            if matches!(visitor.step, Step::Lever { .. }) {
                visitor.next(Step::Lever { undoes: true });
                self.go_soon(person, 5_000);
            }
        }
    }
}
