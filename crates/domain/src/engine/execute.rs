//! One command after the other.

use roaring::RoaringBitmap;

use crate::changes::Changes;
use crate::command::Command;
use crate::concert::{AreaWish, Line, PriceTypeId, SaleTimes, Wish, is_reason, queue_name_is_valid};
use crate::fingerprint::{Hash, Kind};
use crate::idempotency::{self, Endpoint, Key};
use crate::ids::{INTEGER_MAX, PaymentId, QueueId, ReservationId, ScheduleId, TransferId, UploadId, UserId};
use crate::level;
use crate::queue::Queue;
use crate::refusal::{CatalogRefusal, Refusal};
use crate::reply::{Once, Outcome, Reply};
use crate::row::Row;
use crate::settings::Settings;

use super::Engine;

/// The most queues that a store has.
pub const QUEUES_MAX: usize = 4_096;

impl Engine {
    pub(super) fn execute(&mut self, command: &Command, changes: &mut Changes<'_>) -> Outcome {
        match command {
            Command::Tick => Ok(Reply::Done),
            Command::Start => {
                self.start(changes);
                Ok(Reply::Done)
            }
            Command::Join { user, queue, key } => {
                self.join((*user, None, None), (*queue, *key), None, changes).map(Reply::Joined)
            }
            Command::JoinFrom { user, queue, key, network } => {
                self.join((*user, None, Some(*network)), (*queue, *key), None, changes).map(Reply::Joined)
            }
            Command::JoinWithCode { user, queue, key, code } => {
                self.join((*user, None, None), (*queue, *key), Some(code), changes).map(Reply::Joined)
            }
            Command::Enter { entry, queue, key } => {
                self.enter((entry, *queue, *key), None, changes).map(Reply::Entered)
            }
            Command::EnterWithCode { entry, queue, key, code } => {
                self.enter((entry, *queue, *key), Some(code), changes).map(Reply::Entered)
            }
            Command::SetCampaign { name, queue, key, rules } => {
                self.set_campaign(name, (*queue, *key), *rules).map(|()| Reply::Done)
            }
            Command::AddCodes { campaign, first, digests } => {
                self.codes.add(*campaign, *first, digests, changes).map(Reply::CodesAdded)
            }
            Command::Seen { queue, tickets } => self.seen(*queue, tickets, changes),
            Command::Active { queue, tickets } => self.active(*queue, tickets, changes),
            Command::EndSession { queue, user } => {
                self.queue(*queue)?.end_session(*user, changes).map(|()| Reply::Done)
            }
            Command::KeepSession { queue, user } => {
                let book = &self.book;
                let queue = self.queues.get_mut(usize::from(queue.0)).ok_or(Refusal::QueueNotFound)?;
                queue.keep_session(*user, &|user| book.holds_by(user) > 0, changes).map(Reply::SessionKept)
            }
            Command::Leave { ticket, user } => {
                let queue = self.queue(ticket.queue)?;
                Ok(Reply::Left(queue.leave(ticket.number, *user, changes)))
            }
            Command::Charge { user, amount, key } => self.charge_once(*user, *amount, *key, changes),
            Command::Adjust { reference, adjustment, by } => {
                let adjusted = self.adjustments.make(&mut self.wallets, (reference, *adjustment, by), changes);
                adjusted.map(Reply::Adjusted)
            }
            Command::Reserve { ticket, user, schedule, seats, key } => {
                let fingerprint = seats
                    .iter()
                    .fold(request(Endpoint::Reserve).words([schedule.0, seats.len() as u64]), |hash, seat| {
                        hash.word(seat.0)
                    })
                    .finish();
                self.once((*user, Endpoint::Reserve, *key, fingerprint), changes, |engine, changes| {
                    let lines: Vec<Line> = seats.iter().copied().map(Line::from).collect();
                    engine.reserve_lines(*ticket, *user, *schedule, &lines, changes).map(idempotency::Result::Reserved)
                })
            }
            Command::ReserveLines { ticket, user, schedule, seats, key } => {
                let fingerprint = lines_fingerprint(*schedule, seats);
                self.once((*user, Endpoint::Reserve, *key, fingerprint), changes, |engine, changes| {
                    engine.reserve_lines(*ticket, *user, *schedule, seats, changes).map(idempotency::Result::Reserved)
                })
            }
            Command::ReserveBest { ticket, user, schedule, wish, key } => {
                let fingerprint = wish_fingerprint(*schedule, wish);
                self.once((*user, Endpoint::Reserve, *key, fingerprint), changes, |engine, changes| {
                    engine.reserve_best(*ticket, *user, *schedule, wish, changes).map(idempotency::Result::Reserved)
                })
            }
            Command::ReserveAreas { ticket, user, schedule, seats, areas, key } => {
                let fingerprint = areas_fingerprint(*schedule, seats, areas);
                self.once((*user, Endpoint::Reserve, *key, fingerprint), changes, |engine, changes| {
                    let reserved = engine.reserve_areas(*ticket, *user, *schedule, (seats, areas), changes);
                    reserved.map(idempotency::Result::Reserved)
                })
            }
            Command::Cancel { user, reservation } => self.cancel(*user, *reservation, changes).map(Reply::Cancelled),
            Command::Extend { user, reservation } => self.extend(*user, *reservation, changes).map(Reply::Extended),
            Command::Pay { user, reservation, key } => {
                let fingerprint = request(Endpoint::Pay).word(reservation.0).finish();
                self.once((*user, Endpoint::Pay, *key, fingerprint), changes, |engine, changes| {
                    engine.pay(*user, *reservation, changes).map(idempotency::Result::Paid)
                })
            }
            Command::Stage { upload, part } => self.catalog.stage(*upload, part, changes).map(|()| Reply::Done),
            Command::Publish { upload } => self.publish(*upload, changes),
            Command::Discard { upload } => {
                self.catalog.discard(*upload, changes);
                Ok(Reply::Done)
            }
            Command::OpenQueue { name } => self.open_queue(name, changes).map(Reply::QueueOpened),
            Command::ConfigureQueue { queue, settings, mode } => {
                if let Some(settings) = settings {
                    settings.check().map_err(Refusal::SettingInvalid)?;
                    settings.beyond(self.level).map_or(Ok(()), |setting| Err(Refusal::SettingInvalid(setting)))?;
                }
                let book = &self.book;
                let queue = self.queues.get_mut(usize::from(queue.0)).ok_or(Refusal::QueueNotFound)?;
                queue.configure(settings.clone(), *mode, &|user| book.holds_by(user) > 0, changes);
                Ok(Reply::Done)
            }
            Command::Configure { settings } => self.configure(settings, changes),
            Command::SetSaleClosed { schedule, closed } => {
                self.catalog.set_closed(*schedule, *closed, changes).map(|()| Reply::Done)
            }
            Command::Release { reservation, reason } => {
                if reason.as_deref().is_some_and(|reason| !is_reason(reason)) {
                    return Err(Refusal::SettingInvalid("reason"));
                }
                self.release(*reservation, changes).map(Reply::Cancelled)
            }
            Command::Reissue { reservation, seat, reason } => {
                self.reissue(*reservation, *seat, reason, changes).map(Reply::Reissued)
            }
            Command::Withhold { schedule, seats, reason } => {
                self.withhold(*schedule, seats, reason, changes).map(|()| Reply::Done)
            }
            Command::GiveBack { schedule, seats, reason } => {
                self.catalog.give_back(*schedule, seats, reason, changes).map(|()| Reply::Done)
            }
            Command::SetOrphans { schedule, orphans } => {
                self.catalog.set_orphans(*schedule, *orphans, changes).map(|()| Reply::Done)
            }
            Command::RemoveSchedule { schedule } => self.catalog.remove(*schedule, changes).map(|()| Reply::Done),
            Command::SetOpening { queue, opening } => {
                self.queue(*queue)?.set_opening(*opening, changes).map(|()| Reply::Done)
            }
            Command::SetOrder { queue, order } => self.queue(*queue)?.set_order(*order, changes).map(|()| Reply::Done),
            Command::SetBeacon { queue, beacon } => self.queue(*queue)?.set_beacon(beacon).map(|()| Reply::Done),
            Command::SetSaleTimes { schedule, on_sale_at, off_sale_at } => {
                let times = SaleTimes { on_sale_at: *on_sale_at, off_sale_at: *off_sale_at };
                self.catalog.set_sale_times(*schedule, times, changes).map(|()| Reply::Done)
            }
            Command::Operate { by, command } => self.operate(by, command, changes),
            Command::Announce { queue, text } => self.announce(*queue, text, changes),
            Command::LetSilentGo { queue, silent_ms } => self.let_silent_go(*queue, *silent_ms, changes),
            Command::AddOperator { name, role, digest } => {
                self.roster.add(name, *role, *digest, changes).map(|()| Reply::Done)
            }
            Command::RemoveOperator { name } => self.roster.remove(name, changes).map(|()| Reply::Done),
            // What is to be known of it is in the record.
            Command::NoteWebhook { .. } => Ok(Reply::Done),
            Command::PassOver { numbers, .. } => self.pass_over(*numbers, changes).map(|()| Reply::Done),
            Command::Raise { level } => {
                self.raise(*level, changes);
                Ok(Reply::Done)
            }
            Command::Revoke { user } => self.revoke(*user, changes).map(|()| Reply::Done),
            Command::ErasePerson { entrant, force } => self.erase(entrant, *force, changes).map(Reply::Erased),
        }
    }

    /// Raises the store to `level`. Several nodes may find at the same moment that it can be; it never goes back.
    fn raise(&mut self, level: u32, changes: &mut Changes<'_>) {
        if level > self.level {
            changes.replace(level::hash(self.level), level::hash(level));
            self.level = level;
            changes.row(Row::Level(level));
            if level >= level::FAIRNESS {
                self.queues.iter_mut().for_each(|queue| queue.listen_inside(changes.now));
            }
            if level >= level::TIERS {
                self.queues.iter_mut().for_each(Queue::heed_tiers);
            }
        }
    }

    /// Has the next number of each kind be so much higher. Tickets of queues are told apart by their owners and moments instead: their
    /// numbers are places in line.
    fn pass_over(&mut self, numbers: u64, changes: &mut Changes<'_>) -> Result<(), Refusal> {
        let counters = self.counters();
        let furthest = counters.next_reservation.0.max(counters.next_payment.0).max(counters.next_transfer.0);
        let is_room = furthest.checked_add(numbers).is_some_and(|next| next <= INTEGER_MAX);
        if numbers == 0 || !is_room {
            return Err(Refusal::SettingInvalid("numbers"));
        }
        self.subjects.pass_over(numbers, changes).ok_or(Refusal::SettingInvalid("numbers"))?;
        self.book.next = ReservationId(counters.next_reservation.0 + numbers);
        self.next_payment = PaymentId(counters.next_payment.0 + numbers);
        self.wallets.next_transfer = TransferId(counters.next_transfer.0 + numbers);
        Ok(())
    }

    pub(super) fn queue(&mut self, id: QueueId) -> Result<&mut Queue, Refusal> {
        self.queues.get_mut(usize::from(id.0)).ok_or(Refusal::QueueNotFound)
    }

    fn seen(&mut self, queue: QueueId, tickets: &[u8], changes: &mut Changes<'_>) -> Outcome {
        let queue = self.queue(queue)?;
        // A node encodes what it sends; what cannot be read says nothing of anybody.
        if let Ok(numbers) = RoaringBitmap::deserialize_from(tickets) {
            // Only what was issued: a few bytes may claim four thousand million tickets.
            queue.seen(numbers.range(..queue.issued()), changes);
        }
        Ok(Reply::Done)
    }

    fn active(&mut self, queue: QueueId, tickets: &[u8], changes: &mut Changes<'_>) -> Outcome {
        let book = &self.book;
        let queue = self.queues.get_mut(usize::from(queue.0)).ok_or(Refusal::QueueNotFound)?;
        if let Ok(numbers) = RoaringBitmap::deserialize_from(tickets) {
            queue.active_again(numbers.range(..queue.issued()), &|user| book.holds_by(user) > 0, changes);
        }
        Ok(Reply::Done)
    }

    fn charge_once(&mut self, user: UserId, amount: u64, key: Option<Key>, changes: &mut Changes<'_>) -> Outcome {
        let fingerprint = request(Endpoint::Charge).word(amount).finish();
        self.once((user, Endpoint::Charge, key, fingerprint), changes, |engine, changes| {
            let (limit, level) = (engine.settings.charge_limit, engine.level);
            engine.wallets.charge(user, amount, limit, level, changes).map(idempotency::Result::Charged)
        })
    }

    /// Carries a command out unless its key has a result already. A refusal leaves the key free.
    fn once(
        &mut self,
        (user, endpoint, key, fingerprint): (UserId, Endpoint, Option<Key>, u64),
        changes: &mut Changes<'_>,
        carry_out: impl FnOnce(&mut Self, &mut Changes<'_>) -> Result<idempotency::Result, Refusal>,
    ) -> Outcome {
        let gives_way = self.level >= level::FAIRNESS;
        if let Some(kept) = self.keys.look_up((user, endpoint, key, fingerprint), gives_way)? {
            return Ok(answer(kept, true));
        }
        let result = carry_out(self, changes)?;
        self.keys.store(user, endpoint, key, fingerprint, result, changes);
        Ok(answer(result, false))
    }

    fn publish(&mut self, upload: UploadId, changes: &mut Changes<'_>) -> Outcome {
        self.catalog.check_staged(upload, self.level).map_err(Refusal::Catalog)?;
        let names = self.catalog.staged_queues(upload);
        let new = names.iter().filter(|name| self.queue_named(name).is_none()).count();
        if self.queues.len() + new > QUEUES_MAX {
            return Err(Refusal::Full("queues"));
        }
        for name in &names {
            self.open_queue(name, changes)?;
        }
        let queues = &self.queues;
        let find = |name: &str| {
            queues.iter().find(|queue| queue.name() == name).map(Queue::id).expect("all were opened just now")
        };
        Ok(Reply::Published(self.catalog.publish(upload, find, changes)))
    }

    /// The queue of that name.
    #[must_use]
    pub fn queue_named(&self, name: &str) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.name() == name)
    }

    fn open_queue(&mut self, name: &str, changes: &Changes<'_>) -> Result<QueueId, Refusal> {
        if let Some(queue) = self.queue_named(name) {
            return Ok(queue.id());
        }
        if !queue_name_is_valid(name) {
            return Err(Refusal::Catalog(CatalogRefusal::QueueName { name: name.to_owned() }));
        }
        if self.queues.len() >= QUEUES_MAX {
            return Err(Refusal::Full("queues"));
        }
        let id = QueueId(self.queues.len() as u16);
        let mut queue = Queue::new(id, name.to_owned(), self.settings.queue.clone());
        if self.level >= level::FAIRNESS {
            queue.listen_inside(changes.now);
        }
        if self.level >= level::TIERS {
            queue.heed_tiers();
        }
        self.queues.push(queue);
        Ok(id)
    }

    fn configure(&mut self, settings: &Settings, changes: &mut Changes<'_>) -> Outcome {
        settings.check().map_err(Refusal::SettingInvalid)?;
        settings.beyond(self.level).map_or(Ok(()), |setting| Err(Refusal::SettingInvalid(setting)))?;
        changes.replace(self.settings.hash(), settings.hash());
        self.settings = settings.clone();
        changes.row(Row::Settings(Box::new(settings.clone())));
        Ok(Reply::Done)
    }
}

fn answer(kept: idempotency::Result, replayed: bool) -> Reply {
    match kept {
        idempotency::Result::Charged(value) => Reply::Charged(Once { value, replayed }),
        idempotency::Result::Reserved(value) => Reply::Reserved(Once { value, replayed }),
        idempotency::Result::Paid(value) => Reply::Paid(Once { value, replayed }),
    }
}

/// The start of a request's fingerprint.
fn request(endpoint: Endpoint) -> Hash {
    Hash::new(Kind::Idempotency).word(endpoint as u64)
}

/// No number of seats by name is 0, so this is no request's that names them.
fn wish_fingerprint(schedule: ScheduleId, wish: &Wish) -> u64 {
    let hash = request(Endpoint::Reserve)
        .words([schedule.0, 0, u64::from(wish.count), wish.together as u64])
        .text(wish.section.as_deref());
    if wish.category.is_none() && wish.price_types.is_none() && wish.accessible.is_none() {
        return hash.finish();
    }
    let hash = hash.text(wish.category.as_deref()).word(wish.accessible.map_or(0, u64::from));
    let price_types = wish.price_types.iter().flatten();
    price_types.fold(hash, |hash, one| hash.word(u64::from(one.count)).text(Some(one.price_type.as_str()))).finish()
}

/// So many seats are never named without more, so this is no request's that names them alone.
fn lines_fingerprint(schedule: ScheduleId, lines: &[Line]) -> u64 {
    let hash = request(Endpoint::Reserve).words([schedule.0, u64::MAX, lines.len() as u64]);
    let line = |hash: Hash, line: &Line| {
        let price_type = line.price_type.as_ref().map(PriceTypeId::as_str);
        hash.words([line.seat.0, u64::from(line.accessible)]).text(price_type)
    };
    lines.iter().fold(hash, line).finish()
}

/// With areas it is no request's that names seats alone: those begin with less.
fn areas_fingerprint(schedule: ScheduleId, named: &[Line], areas: &[AreaWish]) -> u64 {
    let hash = request(Endpoint::Reserve).words([schedule.0, u64::MAX - 1, lines_fingerprint(schedule, named)]);
    let area = |hash: Hash, wish: &AreaWish| {
        let price_type = wish.price_type.as_ref().map(PriceTypeId::as_str);
        hash.text(Some(&wish.area)).word(u64::from(wish.quantity)).text(price_type)
    };
    areas.iter().fold(hash, area).finish()
}
