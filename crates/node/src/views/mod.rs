//! What readers see: made from the rows that the engine emits, swapped in whole, read without a lock.

mod campaigns;
mod catalog;
mod entrants;
pub mod json;
mod keys;
mod map;
mod pace;
mod people;
mod placed;
mod queues;
mod record;
mod reissued;
mod revoked;
mod roster;
mod sales;
mod seats;
#[cfg(test)]
mod tests;
mod users;
mod withheld;

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use arc_swap::{ArcSwap, Guard};
use bytes::Bytes;
use onsale_domain::concert::{Concert, SeatSpec};
use onsale_domain::engine::Engine;
use onsale_domain::ids::{ConcertId, QueueId, ScheduleId, SeatId, TicketId};
use onsale_domain::queue::{State, Status};
use onsale_domain::reservation;
use onsale_domain::row::{Mark, QueueRow, ReservationRow, Row, ScheduleRow};
use onsale_domain::settings::Settings;
use rustc_hash::FxHashMap;

pub use campaigns::Campaigns;
pub use catalog::{Catalog, Listing, ScheduleView, in_zone, rfc3339};
pub use entrants::Entrants;
pub use keys::{Asking, Keys};
pub use pace::Estimate;
pub use people::People;
pub use queues::{DrawView, QueueView, Rules, TicketView};
pub use record::Record;
pub use reissued::Reissued;
pub use revoked::Revoked;
pub use roster::Roster;
pub use sales::Sales;
pub use seats::{Board, SeatStatus};
pub use users::{RESERVATIONS_SHOWN_MAX, Users};
pub use withheld::Withheld;

/// Everything that can be read.
#[derive(Debug)]
pub struct Views {
    queues: ArcSwap<Vec<Arc<QueueView>>>,
    catalog: ArcSwap<Catalog>,
    pub users: Users,
    pub revoked: Revoked,
    /// Whom entry tokens name.
    pub entrants: Entrants,
    /// How much is remembered of people.
    pub people: People,
    pub roster: Roster,
    /// What operators did, and what those who wait were told.
    pub record: Record,
    /// Holds, and what became of them.
    pub sales: Sales,
    /// Which tickets count, where they were issued anew.
    pub reissued: Reissued,
    /// The seats that operators hold back.
    pub withheld: Withheld,
    /// Campaigns of codes, and how much of them is used.
    pub campaigns: Campaigns,
    /// The live Idempotency-Keys.
    pub keys: Keys,
    settings: ArcSwap<Settings>,
    level: AtomicU32,
    mark: ArcSwap<Mark>,
    /// Counts the batches that changed seats or the catalog.
    seats_version: AtomicU64,
    deadlines_behind: AtomicBool,
}

impl Views {
    #[doc(hidden)]
    #[must_use]
    pub fn new(engine: &Engine) -> Self {
        Self {
            queues: ArcSwap::from_pointee(
                engine.queues().iter().map(|queue| Arc::new(QueueView::new(queue))).collect(),
            ),
            catalog: ArcSwap::default(),
            users: Users::default(),
            revoked: Revoked::default(),
            entrants: Entrants::default(),
            people: People::default(),
            roster: Roster::default(),
            record: Record::default(),
            sales: Sales::default(),
            reissued: Reissued::default(),
            withheld: Withheld::default(),
            campaigns: Campaigns::default(),
            keys: Keys::default(),
            settings: ArcSwap::from_pointee(engine.settings().clone()),
            level: AtomicU32::new(engine.level()),
            mark: ArcSwap::from_pointee(engine.mark()),
            seats_version: AtomicU64::new(0),
            deadlines_behind: AtomicBool::new(false),
        }
    }

    /// The queue with that id.
    #[must_use]
    pub fn queue(&self, id: QueueId) -> Option<Arc<QueueView>> {
        self.queues.load().get(usize::from(id.0)).cloned()
    }

    /// All queues, by id.
    #[must_use]
    pub fn queues(&self) -> Guard<Arc<Vec<Arc<QueueView>>>> {
        self.queues.load()
    }

    /// The queue of that name.
    #[must_use]
    pub fn queue_named(&self, name: &str) -> Option<QueueId> {
        self.queues.load().iter().find(|queue| queue.name == name).map(|queue| queue.id)
    }

    /// What a ticket is, and its place.
    #[must_use]
    pub fn ticket(&self, ticket: TicketId) -> TicketView {
        match self.queues.load().get(usize::from(ticket.queue.0)) {
            Some(queue) => queue.ticket(ticket.number),
            None => TicketView { state: None, position: 0, drawn: None },
        }
    }

    #[must_use]
    pub fn catalog(&self) -> Guard<Arc<Catalog>> {
        self.catalog.load()
    }

    /// The schedules that the queue's tickets open, and whether the list was at hand.
    #[must_use]
    pub fn listing(&self, queue: QueueId, concert: Option<ConcertId>) -> (Arc<Listing>, bool) {
        self.catalog.load().listing(queue, concert, &self.seats_version)
    }

    #[must_use]
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.load_full()
    }

    /// The store's level, see [`onsale_domain::level`].
    #[must_use]
    pub fn level(&self) -> u32 {
        self.level.load(Ordering::Relaxed)
    }

    /// Where the engine stood after the last batch.
    #[must_use]
    pub fn mark(&self) -> Mark {
        **self.mark.load()
    }

    /// Whether more was due at the last batch than one batch does: then some holds that show are over, and the engine
    /// would give their seats away. Ask after looking at the seats.
    #[must_use]
    pub fn deadlines_behind(&self) -> bool {
        self.deadlines_behind.load(Ordering::Acquire)
    }

    /// Shows what a batch changed. One thread calls this; readers see each list before or after it, never between.
    #[doc(hidden)]
    pub fn update(&self, engine: &Engine, rows: &[Row]) {
        let mark = engine.mark();
        let behind = engine.next_deadline() <= mark.time;
        // It is set as long as any such hold can be seen: before the first, until after the last.
        if behind {
            self.deadlines_behind.store(true, Ordering::Release);
        }
        for schedule in self.show(engine, rows, mark) {
            self.check_seats(engine, schedule);
        }
        self.sales.count(rows);
        if !behind {
            self.deadlines_behind.store(false, Ordering::Release);
        }
    }

    /// Shows rows of a state that was stored at `mark`. Lists get its number as their version: at one number they are
    /// always the same, so a tag that a client kept from before means what it meant then. Gives the schedules whose seats
    /// changed.
    pub(crate) fn show(&self, engine: &Engine, rows: &[Row], mark: Mark) -> Vec<ScheduleId> {
        self.users.set_time(mark.time);
        let mut seats: FxHashMap<ScheduleId, Vec<(SeatId, SeatStatus)>> = FxHashMap::default();
        let mut catalog = None;
        // How many were let in, and how many were passed over.
        let mut moved: FxHashMap<QueueId, (u32, u32)> = FxHashMap::default();
        // Whoever was inside goes on there under another token, and is not let in again.
        let mut revoked = Vec::new();
        for row in rows {
            match row {
                Row::Settings(settings) => self.settings.store(Arc::new(Settings::clone(settings))),
                Row::Level(level) => self.level.store(*level, Ordering::Relaxed),
                Row::Queue(row) => self.put_queue(engine, row),
                Row::Ticket(row) => {
                    self.queues.load()[usize::from(row.ticket.queue.0)].note_place(row);
                    let enters = row.state.status() == Status::Progress && !revoked.contains(&row.user);
                    let (admitted, passed_over) = moved.entry(row.ticket.queue).or_default();
                    *admitted += u32::from(enters);
                    *passed_over += u32::from(matches!(row.state, State::Absent { .. }));
                }
                Row::Wallet { user, balance } => self.users.set_balance(*user, *balance),
                Row::Revoked { user, since } => {
                    self.revoked.put(*user, *since);
                    revoked.push(*user);
                }
                Row::Subject { digest, user } => self.entrants.put(*digest, *user),
                Row::SubjectForgotten(digest) => self.entrants.forget_subject(digest),
                Row::Erased(row) => self.entrants.erase(row),
                Row::Entry(row) => self.entrants.use_up(row.once.digest),
                Row::EntryForgotten(digest) => self.entrants.forget(digest),
                Row::Operator(row) => self.roster.put(row),
                Row::OperatorRemoved(name) => self.roster.remove(name),
                Row::Concert(concert) => {
                    self.draft(&mut catalog).concerts.insert(concert.id, Arc::new(concert.clone()));
                }
                Row::Schedule(row) => {
                    self.draft(&mut catalog).schedules.insert(row.schedule.id, ScheduleRow::clone(row));
                }
                Row::Seats { schedule, seats } => {
                    self.draft(&mut catalog).seats.push((*schedule, seats.clone()));
                }
                Row::ScheduleRemoved(schedule) => {
                    let draft = self.draft(&mut catalog);
                    draft.schedules.remove(schedule);
                    // Published again in the same entry, even without seats, it must not get its old board back.
                    draft.seats.push((*schedule, Arc::default()));
                }
                Row::Reservation(row) => {
                    let status = status_of(row);
                    seats.entry(row.schedule).or_default().extend(row.seats.iter().map(|&seat| (seat, status)));
                    self.users.put(row);
                }
                Row::Withheld(row) => {
                    seats.entry(row.schedule).or_default().push((row.seat, SeatStatus::Withheld));
                    self.withheld.put(row);
                }
                Row::GivenBack { schedule, seat } => {
                    seats.entry(*schedule).or_default().push((*seat, SeatStatus::Available));
                    self.withheld.remove(*schedule, *seat);
                }
                Row::Reissued(row) => self.reissued.put(row),
                Row::Campaign(row) => self.campaigns.put(row),
                Row::ReservationForgotten(id) => self.users.forget(*id),
                Row::Idempotency(_) | Row::IdempotencyForgotten { .. } => self.keys.count(row),
                Row::News(news) => self.record.tell(news),
                Row::Lever(lever) => self.record.note(lever),
                Row::Told(_)
                | Row::Code(_)
                | Row::CodeUse(_)
                | Row::Presence(_)
                | Row::Activity(_)
                | Row::Networks(_)
                | Row::Adjustment(_)
                | Row::SeatLimit { .. }
                | Row::TicketsForgotten { .. }
                | Row::Transfer(_)
                | Row::Payment(_)
                | Row::Staged { .. }
                | Row::Unstaged(_) => {}
            }
        }
        let mut touched: Vec<ScheduleId> = seats.keys().copied().collect();
        let catalog_changed = catalog.is_some();
        if let Some(draft) = catalog {
            touched.extend(draft.seats.iter().map(|(schedule, _)| *schedule));
            self.put_catalog(draft, mark);
        }
        let seats_changed = self.put_seats(&seats, mark.seq);
        if catalog_changed || seats_changed {
            self.seats_version.fetch_add(1, Ordering::Release);
        }
        for queue in self.queues.load().iter() {
            let (admitted, passed_over) = moved.get(&queue.id).copied().unwrap_or_default();
            queue.note(admitted, passed_over, mark.time);
            queue.set_silent(engine.queues().get(usize::from(queue.id.0)).map_or(0, |queue| queue.silent(mark.time)));
        }
        self.people.count(engine);
        self.mark.store(Arc::new(mark));
        touched
    }

    /// What readers are told of every schedule's seats is what the engine has.
    ///
    /// # Panics
    /// Where it is not.
    pub(crate) fn check_all_seats(&self, engine: &Engine) {
        self.catalog.load().schedules.keys().for_each(|&schedule| self.check_seats(engine, schedule));
    }

    /// The engine and the board count for themselves, so that a seat which either of them loses or has twice is found
    /// before anybody is told of it.
    fn check_seats(&self, engine: &Engine, schedule: ScheduleId) {
        let catalog = self.catalog.load();
        let Some(view) = catalog.schedules.get(&schedule) else { return };
        let shown = view.board().seat_counts();
        assert_eq!(Some(shown), engine.seat_counts(schedule), "what is shown of the seats of schedule {schedule}");
    }

    fn put_queue(&self, engine: &Engine, row: &QueueRow) {
        let queues = self.queues.load();
        let Some(queue) = engine.queues().get(usize::from(row.id.0)) else { return };
        match queues.get(usize::from(row.id.0)) {
            Some(view) => view.refresh(queue),
            None => {
                let all = engine.queues().iter().map(|queue| match queues.get(usize::from(queue.id().0)) {
                    Some(view) => view.clone(),
                    None => Arc::new(QueueView::new(queue)),
                });
                self.queues.store(Arc::new(all.collect()));
            }
        }
    }

    fn put_seats(&self, changes: &FxHashMap<ScheduleId, Vec<(SeatId, SeatStatus)>>, seq: u64) -> bool {
        let catalog = self.catalog.load();
        let mut changed = false;
        for (schedule, changes) in changes {
            if let Some(schedule) = catalog.schedules.get(schedule) {
                let board = schedule.shared_board();
                board.store(Arc::new(board.load().changed(changes, seq)));
                changed = true;
            }
        }
        changed
    }

    /// The catalog as it is, taken apart to be changed.
    fn draft<'a>(&self, draft: &'a mut Option<Draft>) -> &'a mut Draft {
        draft.get_or_insert_with(|| {
            let catalog = self.catalog.load();
            let rows = catalog
                .schedules
                .iter()
                .map(|(&id, view)| (id, ScheduleRow { schedule: view.schedule.clone(), closed: view.closed }));
            Draft { concerts: catalog.concerts.clone(), schedules: rows.collect(), seats: Vec::new() }
        })
    }

    fn put_catalog(&self, draft: Draft, mark: Mark) {
        let Mark { seq, time: now, .. } = mark;
        let old = self.catalog.load();
        let mut boards: BTreeMap<ScheduleId, Arc<ArcSwap<Board>>> =
            old.schedules.iter().map(|(&id, view)| (id, view.shared_board().clone())).collect();
        for (schedule, seats) in draft.seats {
            let board = match boards.get(&schedule) {
                Some(board) => board.load().relaid(seats, seq),
                None => Board::new(seats, seq),
            };
            boards.insert(schedule, Arc::new(ArcSwap::from_pointee(board)));
        }
        let view = |row: ScheduleRow| {
            let concert = draft.concerts.get(&row.schedule.concert)?.clone();
            let queue = self.queue_named(&concert.queue)?;
            let board = boards
                .get(&row.schedule.id)
                .cloned()
                .unwrap_or_else(|| Arc::new(ArcSwap::from_pointee(Board::new(Arc::default(), seq))));
            let ScheduleRow { schedule, closed } = row;
            Some((schedule.id, Arc::new(ScheduleView::new(schedule, concert, queue, (closed, now), board))))
        };
        let schedules = draft.schedules.into_values().filter_map(view).collect();
        self.catalog.store(Arc::new(Catalog::new(draft.concerts.clone(), schedules)));
    }
}

struct Draft {
    concerts: BTreeMap<ConcertId, Arc<Concert>>,
    schedules: BTreeMap<ScheduleId, ScheduleRow>,
    seats: Vec<(ScheduleId, Arc<[SeatSpec]>)>,
}

fn status_of(row: &ReservationRow) -> SeatStatus {
    match row.state {
        reservation::State::Held => SeatStatus::TempReserved,
        reservation::State::Paid { .. } => SeatStatus::Reserved,
        reservation::State::Lapsed { .. }
        | reservation::State::Cancelled { .. }
        | reservation::State::Released { .. } => SeatStatus::Available,
    }
}

/// One gzip member (RFC 1952).
pub(crate) fn gzip(plain: &[u8]) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(plain.len() / 4), flate2::Compression::new(4));
    encoder.write_all(plain).and_then(|()| encoder.finish()).expect("writing to memory does not fail").into()
}
