//! Who has what, as the journal's commands and what came of them say: a small account of seats, money and names beside the
//! engine's own.

use std::collections::{BTreeMap, BTreeSet};

use onsale_domain::command::{Command, Entrant, Entry};
use onsale_domain::concert::{Line, PriceTypeId, Together};
use onsale_domain::engine::Engine;
use onsale_domain::ids::{ReservationId, SeatId, UserId};
use onsale_domain::level;
use onsale_domain::reply::{Once, Outcome, Reply};
use onsale_domain::row::{ReservationRow, Row};
use onsale_domain::settings::QueueSettings;
use onsale_domain::user::{Adjustment, Direction, SUBJECT_FIRST};

use crate::check::{Check, Failure};
use crate::plan::Sale;

pub(crate) struct Ledger {
    sale: Sale,
    /// What is held and paid.
    kept: BTreeMap<ReservationId, ReservationRow>,
    owners: BTreeMap<SeatId, ReservationId>,
    withheld: BTreeSet<SeatId>,
    wallets: BTreeMap<UserId, u64>,
    references: BTreeMap<String, Adjustment>,
    subjects: BTreeMap<[u8; 32], UserId>,
    /// Who came in with a token that is good once.
    entries: BTreeMap<[u8; 16], UserId>,
    level: u32,
}

/// The level from which on a command may be in the journal.
pub(crate) fn level_of(command: &Command) -> u32 {
    match command {
        Command::JoinFrom { .. }
        | Command::ConfigureQueue { settings: Some(QueueSettings { network_places: Some(_), .. }), .. } => {
            level::NETWORKS
        }
        Command::PassOver { .. } => level::RESTORED,
        Command::ConfigureQueue { settings: Some(QueueSettings { proof_bits: Some(_), .. }), .. } => level::PROOFS,
        Command::JoinWithCode { .. }
        | Command::EnterWithCode { .. }
        | Command::SetCampaign { .. }
        | Command::AddCodes { .. } => level::CODES,
        Command::ConfigureQueue { settings: Some(QueueSettings { session_max_ms: Some(_), .. }), .. } => {
            level::SESSIONS
        }
        Command::Active { .. }
        | Command::ConfigureQueue { settings: Some(QueueSettings { session_idle_ms: Some(_), .. }), .. } => level::IDLE,
        Command::Enter { entry: Entry { entrant: Entrant::Pseudonym(_), .. }, .. } | Command::ErasePerson { .. } => {
            level::PRIVACY
        }
        Command::Enter { entry, .. } if entry.tier.is_some() => level::TIERS,
        Command::ReserveLines { .. }
        | Command::ReserveAreas { .. }
        | Command::Extend { .. }
        | Command::Withhold { .. }
        | Command::GiveBack { .. }
        | Command::SetOpening { .. }
        | Command::SetOrder { .. }
        | Command::SetBeacon { .. }
        | Command::SetSaleTimes { .. } => level::OFFERS,
        Command::ReserveBest { wish, .. } if wish.price_types.is_some() => level::OFFERS,
        Command::ReserveBest { .. } | Command::Enter { .. } | Command::Adjust { .. } => level::SELLING,
        _ => 0,
    }
}

/// What tells a pseudonym from the name that it is made of.
const KEYED: u8 = 0x80;

/// What the store's key makes of a name.
pub(crate) fn pseudonym(mut name: [u8; 32]) -> Entrant {
    name[31] |= KEYED;
    Entrant::Pseudonym(name)
}

/// The name that a pseudonym was made of, or that it is.
fn name_of(mut known_by: [u8; 32]) -> [u8; 32] {
    known_by[31] &= !KEYED;
    known_by
}

impl Ledger {
    pub(crate) fn new(sale: &Sale) -> Self {
        Self {
            sale: sale.clone(),
            kept: BTreeMap::new(),
            owners: BTreeMap::new(),
            withheld: BTreeSet::new(),
            wallets: BTreeMap::new(),
            references: BTreeMap::new(),
            subjects: BTreeMap::new(),
            entries: BTreeMap::new(),
            level: 0,
        }
    }

    /// The same, before anything was sold.
    pub(crate) fn anew(&self) -> Self {
        Self::new(&self.sale)
    }

    /// An entry has been applied.
    pub(crate) fn look(
        &mut self,
        engine: &Engine,
        (commands, outcomes, rows): (&[Command], &[Outcome], &[Row]),
    ) -> Result<(), Failure> {
        for (command, outcome) in commands.iter().zip(outcomes) {
            if level_of(command) > self.level {
                let text = format!("{command:?} is in the journal at level {}", self.level);
                return Err(Failure { check: Check::State, text });
            }
            if let (Command::Raise { level }, Ok(_)) = (command, outcome) {
                self.level = self.level.max(*level);
            }
            if let Ok(reply) = outcome {
                self.done(command, reply, rows)?;
            }
        }
        rows.iter().try_for_each(|row| self.changed(row, commands))?;
        let wallets = engine.wallets();
        match self.wallets.iter().find(|(user, balance)| wallets.balance(**user) != **balance) {
            Some((user, balance)) => {
                money(format!("user {user} has {}, and by the journal {balance}", wallets.balance(*user)))
            }
            None => Ok(()),
        }
    }

    /// How many seats and places to stand are free.
    pub(crate) fn free(&self) -> u64 {
        self.sale.seats + self.sale.hall.standing - (self.owners.len() + self.withheld.len()) as u64
    }

    /// A command was carried out.
    fn done(&mut self, command: &Command, reply: &Reply, rows: &[Row]) -> Result<(), Failure> {
        match (command, reply) {
            (Command::Charge { user, amount, .. }, Reply::Charged(Once { replayed: false, .. })) => {
                *self.wallets.entry(*user).or_default() += amount;
                Ok(())
            }
            (Command::Pay { user, .. }, Reply::Paid(Once { value, replayed: false })) => {
                self.takes(*user, value.amount)
            }
            (Command::Adjust { reference, adjustment, .. }, Reply::Adjusted(adjusted)) => {
                self.adjusted(reference, *adjustment, adjusted.replayed)
            }
            (Command::Enter { entry, .. }, Reply::Entered(entered)) => {
                if let Entrant::Subject(name) | Entrant::Pseudonym(name) = &entry.entrant {
                    self.is_called(name_of(*name), entered.user)?;
                }
                let used_by = entry.once.map(|once| *self.entries.entry(once.digest).or_insert(entered.user));
                match used_by.filter(|user| *user != entered.user) {
                    Some(other) => twice(format!("user {} came in with the token of {other}", entered.user)),
                    None => Ok(()),
                }
            }
            (_, Reply::Reserved(Once { value, replayed: false })) => {
                let held = rows.iter().find_map(|row| match row {
                    Row::Reservation(row) if row.id == value.reservation => Some(row),
                    _ => None,
                });
                match held {
                    Some(held) => self.is_as_wished(command, held),
                    None => money(format!("reservation {} is in no row", value.reservation)),
                }
            }
            _ => Ok(()),
        }
    }

    fn takes(&mut self, user: UserId, amount: u64) -> Result<(), Failure> {
        let balance = self.wallets.entry(user).or_default();
        match balance.checked_sub(amount) {
            Some(rest) => {
                *balance = rest;
                Ok(())
            }
            None => money(format!("{amount} are taken from user {user}, who has {balance}")),
        }
    }

    /// A reference moves money once.
    fn adjusted(&mut self, reference: &str, adjustment: Adjustment, replayed: bool) -> Result<(), Failure> {
        let before = self.references.insert(reference.to_owned(), adjustment);
        match (before, replayed) {
            (Some(before), true) if before == adjustment => Ok(()),
            (None, false) => match adjustment.direction {
                Direction::Credit => {
                    *self.wallets.entry(adjustment.user).or_default() += adjustment.amount;
                    Ok(())
                }
                Direction::Debit => self.takes(adjustment.user, adjustment.amount),
            },
            (before, replayed) => twice(format!(
                "{reference:?} stood for {before:?}, and was {adjustment:?}, which {} before",
                if replayed { "was made" } else { "was not made" }
            )),
        }
    }

    /// Somebody has one number, and nobody else has it.
    fn is_called(&mut self, digest: [u8; 32], user: UserId) -> Result<(), Failure> {
        let others = self.subjects.iter().find(|(other, number)| (**other == digest) != (**number == user));
        if let Some((_, number)) = others {
            return twice(format!("somebody is user {user}, and they or another were {number}"));
        }
        if user.0 < SUBJECT_FIRST {
            return twice(format!("user {user} is somebody's own number, and was given to another"));
        }
        self.subjects.insert(digest, user);
        Ok(())
    }

    /// Whether a hold is what was asked for, at the price that it has.
    fn is_as_wished(&self, command: &Command, held: &ReservationRow) -> Result<(), Failure> {
        let seats: BTreeSet<u64> = held.seats.iter().map(|seat| seat.0).collect();
        let standing = seats.range(self.sale.seats + 1..).count();
        let named = |lines: &[Line]| lines.iter().all(|line| seats.contains(&line.seat.0));
        let is_as_wished = match command {
            Command::Reserve { seats: wished, .. } => **wished == *held.seats,
            Command::ReserveLines { seats: wished, .. } => wished.len() == seats.len() && named(wished),
            Command::ReserveBest { wish, .. } => {
                let row = |seat: &u64| (seat - 1).checked_div(self.sale.hall.row);
                let (first, last) = (seats.first(), seats.last());
                let span = last.zip(first).map_or(0, |(last, first)| last - first + 1);
                let together = span == seats.len() as u64 && first.map(row) == last.map(row);
                seats.len() == wish.count as usize
                    && standing == 0
                    && (together || wish.together == Together::Preferred)
            }
            Command::ReserveAreas { seats: wished, areas, .. } => {
                let places: usize = areas.iter().map(|area| area.quantity as usize).sum();
                let beside = wished.iter().filter(|line| line.seat.0 > self.sale.seats).count();
                seats.len() == places + wished.len() && standing == places + beside && named(wished)
            }
            _ => true,
        };
        let price = |price_type: &PriceTypeId| if price_type.as_str() == "child" { Sale::CHILD } else { Sale::PRICE };
        let amount = match self.sale.hall.children {
            true => held.price_types.iter().map(price).sum(),
            false => Sale::PRICE * held.seats.len() as u64,
        };
        if is_as_wished && seats.len() == held.seats.len() && amount == held.amount {
            return Ok(());
        }
        money(format!("{command:?} came to {held:?}"))
    }

    /// A row has changed.
    fn changed(&mut self, row: &Row, commands: &[Command]) -> Result<(), Failure> {
        match row {
            Row::Reservation(row) => self.reserved(row, commands),
            Row::Withheld(row) => {
                self.withheld.insert(row.seat);
                match self.owners.get(&row.seat) {
                    Some(owner) => money(format!("seat {} is held back, and reservation {owner} has it", row.seat)),
                    None => Ok(()),
                }
            }
            Row::GivenBack { seat, .. } => {
                if self.withheld.remove(seat) {
                    return Ok(());
                }
                money(format!("seat {seat} is given back, and was not held back"))
            }
            _ => Ok(()),
        }
    }

    fn reserved(&mut self, row: &ReservationRow, commands: &[Command]) -> Result<(), Failure> {
        if let Some(before) = self.kept.remove(&row.id) {
            for seat in &before.seats {
                self.owners.remove(seat);
            }
            let is_longer = row.reserved_until != before.reserved_until;
            let more_ms = row.reserved_until.ms_since(before.reserved_until);
            let asked =
                |command: &Command| matches!(command, Command::Extend { reservation, .. } if *reservation == row.id);
            let is_due = !before.extended && more_ms == self.sale.hall.extend_ms && commands.iter().any(asked);
            if is_longer && !is_due {
                return money(format!("{before:?} became {row:?}"));
            }
        }
        if !row.state.keeps_seats() {
            return Ok(());
        }
        for seat in &row.seats {
            if let Some(other) = self.owners.insert(*seat, row.id) {
                return money(format!("reservations {other} and {} both have seat {seat}", row.id));
            }
            if self.withheld.contains(seat) {
                return money(format!("reservation {} has seat {seat}, which is held back", row.id));
            }
        }
        self.kept.insert(row.id, row.clone());
        Ok(())
    }
}

fn money(text: String) -> Result<(), Failure> {
    Err(Failure { check: Check::Money, text })
}

fn twice(text: String) -> Result<(), Failure> {
    Err(Failure { check: Check::ExactlyOne, text })
}
