//! People with errands. They poll, and try again what is not answered.

use std::collections::BTreeMap;
use std::time::Duration;

use onsale_domain::command::{Batch, CatalogPart, Command};
use onsale_domain::concert::{Concert, Schedule, SeatSpec};
use onsale_domain::idempotency::Key;
use onsale_domain::ids::{ConcertId, KeyId, QueueId, ReservationId, ScheduleId, SeatId, TicketId, UploadId, UserId};
use onsale_domain::level;
use onsale_domain::queue::Mode;
use onsale_domain::reply::{Outcome, Reply};
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::time::Time;
use onsale_journal::Hash;
use onsale_node::Bookmark;
use onsale_node::core::{Message, ReplyTo};
use rand::RngExt as _;

use super::levels::OLDER;
use super::reads::Wanted;
use super::{Event, World};
use crate::plan::{Errand, Part, Person, Sale};

pub(super) const QUEUE: QueueId = QueueId(0);
pub(super) const SCHEDULE: ScheduleId = ScheduleId(1);
const PRICE: u64 = 1_000;
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
    Reserve(SeatId),
    Linger(ReservationId),
    Pay(ReservationId),
    Cancel(ReservationId),
    Leave,
    /// An operator's: to stop, and to undo it.
    Lever {
        undoes: bool,
    },
    Gone,
}

pub(super) struct Visitor {
    pub(super) person: Person,
    pub(super) step: Step,
    pub(super) ticket: Option<TicketId>,
    pub(super) bookmark: Option<Bookmark>,
    /// What the last poll has shown: whether they were inside, and the place.
    pub(super) shown: Option<(bool, u32)>,
    /// When the operation at hand was first sent, and which it is.
    pub(super) operation: u32,
    pub(super) tries: u32,
    pub(super) polls: u32,
    /// Whether a next moment is set already.
    goes: bool,
    /// What was answered to each operation.
    pub(super) answers: BTreeMap<u32, Outcome>,
}

impl Visitor {
    pub(super) fn new(person: &Person) -> Self {
        let step = match person.errand {
            Errand::Charge | Errand::Buy | Errand::Drop | Errand::Forget => Step::Charge,
            Errand::Leave => Step::Join,
            Errand::Stop | Errand::Pause => Step::Lever { undoes: false },
        };
        Self {
            person: person.clone(),
            step,
            ticket: None,
            bookmark: None,
            shown: None,
            operation: 0,
            tries: 0,
            polls: 0,
            goes: false,
            answers: BTreeMap::new(),
        }
    }

    fn user(&self) -> UserId {
        UserId(self.person.user)
    }

    pub(super) fn next(&mut self, step: Step) {
        self.step = step;
        self.operation += 1;
        self.tries = 0;
    }
}

/// What makes a store and its sale.
pub(super) fn opening(sale: &Sale) -> Batch {
    let queue = QueueSettings {
        active_limit: sale.active_limit,
        admit_per_second: None,
        session_ttl_ms: sale.session_ttl_ms,
        waiting_ttl_ms: sale.waiting_ttl_ms,
        waiting_grace_ms: sale.waiting_grace_ms,
    };
    let settings = Settings { hold_ttl_ms: sale.hold_ttl_ms, queue: queue.clone(), ..Settings::default() };
    let concert = Concert { id: ConcertId(1), title: "First Light".to_owned(), queue: "default".to_owned() };
    let at = |ms: u64| Time(1_900_000_000_000 + ms);
    let (id, zone) = (SCHEDULE, "UTC".to_owned());
    let schedule = Schedule {
        id,
        concert: ConcertId(1),
        zone,
        starts_at: at(0),
        ends_at: at(3_600_000),
        price_types: None,
        accessible_until: None,
        on_sale_at: None,
        off_sale_at: None,
        orphans: None,
    };
    let seat = |number: u64| SeatSpec {
        schedule: SCHEDULE,
        seat: SeatId(number),
        position: number as u32,
        amount: PRICE,
        section: None,
        row: None,
        number: None,
        terms: None,
        standing: false,
    };
    let seats = (1..=sale.seats).map(seat).collect();
    let part = CatalogPart { concerts: vec![concert], schedules: vec![schedule], seats };
    let upload = UploadId(1);
    Batch {
        commands: vec![
            Command::Start,
            Command::Raise { level: if sale.older > 0 { OLDER } else { level::NEWEST } },
            Command::Configure { settings },
            Command::ConfigureQueue { queue: QUEUE, settings: Some(queue), mode: None },
            Command::Stage { upload, part },
            Command::Publish { upload },
        ],
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

    fn send(&mut self, person: usize) {
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
        let mut amount = PRICE + 1 + person as u64 * 1_000;
        if key.is_none() {
            amount += u64::from(visitor.tries);
        }
        let command = match visitor.step {
            Step::Charge => Command::Charge { user, amount, key },
            Step::Join => Command::Join { user, queue: QUEUE, key: KeyId(7) },
            Step::Reserve(seat) => {
                let Some(ticket) = visitor.ticket else { return };
                Command::Reserve { ticket, user, schedule: SCHEDULE, seats: vec![seat], key }
            }
            Step::Pay(reservation) => Command::Pay { user, reservation, key },
            Step::Cancel(reservation) => Command::Cancel { user, reservation },
            Step::Leave => {
                let Some(ticket) = visitor.ticket else { return };
                Command::Leave { ticket, user: Some(user) }
            }
            Step::Lever { undoes } => match visitor.person.errand {
                Errand::Stop => Command::SetSaleClosed { schedule: SCHEDULE, closed: !undoes },
                _ => {
                    let mode = Some(if undoes { Mode::Open } else { Mode::Paused });
                    Command::ConfigureQueue { queue: QUEUE, settings: None, mode }
                }
            },
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
        let with = self.nodes[node].as_ref().filter(|node| node.is_open).map(|node| node.id);
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
                    || !matches!(visitor.step, Step::Charge | Step::Reserve(_) | Step::Pay(_));
                if is_safe && (visitor.tries < TRIES_MAX || self.is_mended) {
                    return self.go_soon(person, 2_000);
                }
                return visitor.next(Step::Gone);
            }
        };
        visitor.answers.insert(operation, outcome.clone());
        let step = match (visitor.step, outcome) {
            (Step::Charge, Ok(_)) if visitor.person.errand == Errand::Charge => Step::Gone,
            (Step::Charge, Ok(_)) => Step::Join,
            (Step::Join, Ok(Reply::Joined(joined))) => {
                visitor.ticket = Some(joined.ticket);
                visitor.shown = None;
                Step::Poll
            }
            (Step::Reserve(_), Ok(Reply::Reserved(reserved))) => Step::Linger(reserved.value.reservation),
            // Somebody was faster.
            (Step::Reserve(_), Err(_)) if visitor.polls < POLLS_MAX => Step::Poll,
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
