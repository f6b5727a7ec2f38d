//! What people hold, and what shops and operators do.

use std::time::Duration;

use onsale_domain::command::{Command, Entrant, Entry};
use onsale_domain::concert::{AreaWish, Line, PriceCount, Together, Wish};
use onsale_domain::idempotency::Key;
use onsale_domain::ids::{KeyId, SeatId, TicketId, UserId};
use onsale_domain::level;
use onsale_domain::operator::Operator;
use onsale_domain::queue::{Mode, Opening, Order};
use onsale_domain::reply::{Once, Refusal, Reply};
use onsale_domain::settings::QueueSettings;
use onsale_domain::time::Time;
use onsale_domain::user::{Adjustment, Direction, SingleUse};
use onsale_node::Views;

use super::people::{QUEUE, SCHEDULE};
use super::sale::{AREA, BEGAN_MS, price_types, queue_settings};
use crate::ledger;
use crate::marks::Marks;
use crate::plan::{Errand, Hall, Person, Sale, Wants};

const KEY: KeyId = KeyId(7);
/// So many references are used by all shops together: some by several of them, and some for something else.
const REFERENCES: u64 = 12;
/// For so long an entry token is good that is good once.
const GOOD_FOR_MS: u64 = 25_000;

/// Which seats somebody chooses of those that are shown as free.
pub(super) fn choice(wants: Wants, free: &[SeatId], at: usize) -> Vec<SeatId> {
    let count = match wants {
        Wants::Seat | Wants::Standing { seat: true, .. } => 1,
        Wants::Several { count } => count,
        Wants::Best { .. } | Wants::Standing { seat: false, .. } => 0,
    };
    free[at..].iter().chain(&free[..at]).take(count).copied().collect()
}

/// Who holds, with which ticket.
pub(super) struct Holder<'a> {
    pub(super) person: &'a Person,
    pub(super) user: UserId,
    pub(super) ticket: TicketId,
    pub(super) key: Option<Key>,
}

/// What somebody wants to hold, as the call that it takes.
pub(super) fn hold(holder: &Holder<'_>, hall: &Hall, seats: Vec<SeatId>) -> Command {
    let &Holder { person, user, ticket, key } = holder;
    let schedule = SCHEDULE;
    // Every second person comes with a child.
    let has_child = hall.children && person.user.is_multiple_of(2);
    let [adult, child] = price_types();
    let lines = |seats: Vec<SeatId>| -> Vec<Line> {
        let mut lines: Vec<Line> = seats.into_iter().map(Line::from).collect();
        if let Some(last) = lines.last_mut().filter(|_| has_child) {
            last.price_type = Some(child.clone());
        }
        lines
    };
    match person.wants {
        Wants::Several { .. } if has_child => {
            Command::ReserveLines { ticket, user, schedule, seats: lines(seats), key }
        }
        Wants::Seat | Wants::Several { .. } => Command::Reserve { ticket, user, schedule, seats, key },
        Wants::Best { count, required } => {
            let together = if required { Together::Required } else { Together::Preferred };
            let mut wish = Wish::of(count, together);
            if has_child {
                let each = [(adult, count - 1), (child, 1)].map(|(price_type, count)| PriceCount { price_type, count });
                wish.price_types = Some(each.into_iter().filter(|each| each.count > 0).collect());
            }
            Command::ReserveBest { ticket, user, schedule, wish, key }
        }
        Wants::Standing { count, .. } => {
            let price_type = has_child.then(|| child.clone());
            let areas = vec![AreaWish { area: AREA.to_owned(), quantity: count, price_type }];
            Command::ReserveAreas { ticket, user, schedule, seats: lines(seats), areas, key }
        }
    }
}

/// Comes in with an entry token: some are good for one person once, and several may have got hold of it.
pub(super) fn enter(person: &Person, retry: Option<Key>) -> Command {
    let mut digest = [0x5b; 32];
    digest[..8].copy_from_slice(&person.user.to_le_bytes());
    let mut jti = [0x71; 16];
    jti[..8].copy_from_slice(&person.user.to_le_bytes());
    // A token that names a number is another than one that names a person.
    jti[8] += u8::from(!person.named);
    let until = Time(BEGAN_MS + person.at_ms + GOOD_FOR_MS);
    let once = retry.map(|_| SingleUse { digest: jti, until, retry }).filter(|_| person.user.is_multiple_of(3));
    let entrant = if person.named { Entrant::Subject(digest) } else { Entrant::User(UserId(person.user)) };
    let entry = Entry { entrant, asked: None, once, limit: None, tier: person.tier };
    Command::Enter { entry, queue: QUEUE, key: KEY }
}

/// Who comes in by name, as a node tells the engine of it: from the level of pseudonyms on by that, unless they came by their name before.
pub(super) fn known(mut command: Command, views: &Views) -> Command {
    if let Command::Enter { entry: Entry { entrant, .. }, .. } = &mut command
        && let Entrant::Subject(name) = *entrant
        && views.level() >= level::PRIVACY
        && views.entrants.user(&name).is_none()
    {
        *entrant = ledger::pseudonym(name);
    }
    command
}

/// What a shop moves: the same for the same person, whichever shop does it.
pub(super) fn adjust(person: &Person) -> Command {
    let direction = if person.errand == Errand::Debit { Direction::Debit } else { Direction::Credit };
    let user = person.user;
    let adjustment = Adjustment { user: UserId(user), direction, amount: 100 + user };
    Command::Adjust { reference: format!("order {}", user % REFERENCES), adjustment, by: by() }
}

fn by() -> Operator {
    Operator { key: KeyId(1), name: None }
}

/// What an operator does, and undoes later. A moment is so far away as `after` says.
pub(super) fn lever(person: &Person, sale: &Sale, undoes: bool, now: Duration, after: Duration) -> Command {
    let at = |since: Duration| Time(BEGAN_MS + (now + since).as_millis() as u64);
    let ends = person.user.is_multiple_of(2);
    match person.errand {
        Errand::Stop => Command::SetSaleClosed { schedule: SCHEDULE, closed: !undoes },
        Errand::Withhold => {
            let (seats, reason) = (vec![SeatId(1 + person.user % sale.seats)], "for the camera".to_owned());
            match undoes {
                false => Command::Withhold { schedule: SCHEDULE, seats, reason },
                true => Command::GiveBack { schedule: SCHEDULE, seats, reason },
            }
        }
        Errand::Opening => {
            let opening = match undoes {
                true => Opening::default(),
                false => Opening {
                    prequeue_at: Some(at(after / 4)),
                    opens_at: Some(at(after)),
                    closes_at: ends.then(|| at(after * 2)),
                },
            };
            Command::SetOpening { queue: QUEUE, opening }
        }
        Errand::Draw => {
            // Once it has been drawn, and nobody waits, the next has another seed.
            let seed = [person.user as u8 ^ u8::from(undoes); 32];
            Command::SetOrder { queue: QUEUE, order: Order::Draw { seed } }
        }
        Errand::Beacon => Command::SetBeacon { queue: QUEUE, beacon: format!("round {}", person.user) },
        Errand::Prequeue => {
            let moments = sale.draw.map_or_else(Opening::default, |draw| Opening {
                prequeue_at: Some(Time(BEGAN_MS + draw.prequeue_ms)),
                opens_at: Some(Time(BEGAN_MS + draw.opens_ms)),
                closes_at: None,
            });
            Command::SetOpening { queue: QUEUE, opening: moments }
        }
        Errand::SaleTimes => {
            let on_sale_at = (!undoes).then(|| at(after));
            let off_sale_at = (!undoes && ends).then(|| at(after * 2));
            Command::SetSaleTimes { schedule: SCHEDULE, on_sale_at, off_sale_at }
        }
        Errand::Idle => {
            // Half of them switch it off again, the others have it as it was at first.
            let idle_ms = sale.session_idle_ms.map(|idle_ms| if undoes { idle_ms } else { idle_ms / 2 });
            let idle_ms = idle_ms.filter(|_| !(undoes && ends));
            // No command of theirs is the one that opened the sale.
            let waiting_grace_ms = sale.waiting_grace_ms + 1;
            let settings = QueueSettings { waiting_grace_ms, ..queue_settings(sale, idle_ms) };
            Command::ConfigureQueue { queue: QUEUE, settings: Some(settings), mode: None }
        }
        _ => {
            let mode = Some(if undoes { Mode::Open } else { Mode::Paused });
            Command::ConfigureQueue { queue: QUEUE, settings: None, mode }
        }
    }
}

/// Counts what an outcome shows that was reached.
pub(super) fn mark(marks: &mut Marks, command: &Command, outcome: &Result<Reply, Refusal>) {
    let reached = match (command, outcome) {
        (Command::ReserveBest { wish, .. }, Ok(_)) if wish.count > 1 => "hold: the best of several",
        (Command::ConfigureQueue { settings: Some(_), .. }, Ok(_)) => "idle: changed by an operator",
        (Command::ReserveBest { .. }, Err(Refusal::SeatsNotTogether)) => "hold: none side by side",
        (Command::ReserveAreas { .. }, Ok(_)) => "hold: places to stand",
        (Command::ReserveAreas { .. }, Err(Refusal::AreaTooFew(_))) => "hold: too few places to stand",
        (Command::Reserve { .. } | Command::ReserveLines { .. }, Err(Refusal::SeatLeftAlone(_))) => {
            "hold: would leave a single seat"
        }
        (Command::ReserveLines { .. }, Ok(_)) => "hold: at several prices",
        (Command::Reserve { seats, .. }, Ok(_)) if seats.len() > 1 => "hold: several by name",
        (Command::Extend { .. }, Ok(_)) => "hold: made longer",
        (Command::Extend { .. }, Err(Refusal::OthersWait)) => "hold: not longer, as others wait",
        (Command::Withhold { .. }, Ok(_)) => "seat: held back",
        (Command::GiveBack { .. }, Ok(_)) => "seat: given back",
        (Command::Adjust { .. }, Ok(Reply::Adjusted(Once { replayed: true, .. }))) => "wallet: a reference again",
        (Command::Adjust { .. }, Ok(_)) => "wallet: credited or debited",
        (Command::Adjust { .. }, Err(Refusal::ReferenceReused)) => "wallet: a reference for something else",
        (Command::Enter { entry: Entry { tier: Some(_), .. }, .. }, Ok(_)) => "tiers: somebody has one",
        (Command::Enter { .. }, Ok(_)) => "person: came in by name",
        (Command::Enter { .. }, Err(Refusal::EntryReplayed)) => "person: token was used",
        (Command::Join { .. } | Command::Enter { .. }, Err(Refusal::QueueNotYetOpen { .. })) => "queue: not yet open",
        (Command::Join { .. } | Command::Enter { .. }, Err(Refusal::QueueOver)) => "queue: over",
        (Command::SetOrder { .. }, Ok(_)) => "draw: order set",
        (Command::SetOrder { .. }, Err(Refusal::QueueInUse)) => "draw: order refused, as others wait",
        (Command::SetBeacon { .. }, Ok(_)) => "draw: beacon given",
        (_, Err(Refusal::SaleNotYetOpen { .. })) => "sale: not yet open",
        (_, Err(Refusal::SaleOver)) => "sale: over",
        _ => return,
    };
    marks.hit(reached);
}
