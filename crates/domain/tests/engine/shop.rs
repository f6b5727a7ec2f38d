//! An engine with its tables, and the small catalog that the tests sell.

use onsale_domain::command::{Batch, CatalogPart, Command};
use onsale_domain::concert::{Concert, Schedule, SeatSpec};
use onsale_domain::engine::Engine;
use onsale_domain::idempotency::Key;
use onsale_domain::ids::{ConcertId, KeyId, QueueId, ReservationId, ScheduleId, SeatId, TicketId, UploadId, UserId};
use onsale_domain::reply::{Outcome, Reply};
use onsale_domain::row::Row;
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::time::Time;
use roaring::RoaringBitmap;

use crate::tables::Tables;

/// 2026-11-23T00:00:00Z.
pub(crate) const BEGIN_MS: u64 = 1_795_392_000_000;
pub(crate) const QUEUE: QueueId = QueueId(0);

pub(crate) struct Shop {
    pub engine: Engine,
    pub tables: Tables,
    pub now: u64,
}

impl Shop {
    pub(crate) fn new() -> Self {
        Self { engine: Engine::new(), tables: Tables::default(), now: BEGIN_MS }
    }

    /// A shop whose default queue has these settings, and which sells `seats` seats in schedule 1.
    pub(crate) fn open(queue: QueueSettings, settings: Settings, seats: u64) -> Self {
        Self::open_at(BEGIN_MS, queue, settings, seats)
    }

    /// The same at another time.
    pub(crate) fn open_at(now: u64, queue: QueueSettings, settings: Settings, seats: u64) -> Self {
        let mut shop = Self { now, ..Self::new() };
        shop.all(vec![
            Command::Configure { settings },
            Command::ConfigureQueue { queue: QUEUE, settings: Some(queue), mode: None },
            Command::Stage { upload: UploadId(1), part: catalog(seats) },
            Command::Publish { upload: UploadId(1) },
        ]);
        shop
    }

    /// Applies one batch now; the rows that it made.
    pub(crate) fn batch(&mut self, batch: &Batch) -> (Vec<Outcome>, Vec<Row>) {
        let mut rows = Vec::new();
        let seq = self.engine.mark().seq + 1;
        let outcomes = self.engine.apply(seq, Time(self.now), batch, &mut rows);
        self.tables.fold(rows.clone());
        (outcomes, rows)
    }

    pub(crate) fn all(&mut self, commands: Vec<Command>) -> Vec<Outcome> {
        self.batch(&Batch { commands }).0
    }

    /// Everybody from 1 to `users` joins, in batches as large as a node makes them.
    pub(crate) fn crowd(&mut self, users: u64) {
        for first in (1..=users).step_by(1_024) {
            self.all((first..=users.min(first + 1_023)).map(join).collect());
        }
    }

    pub(crate) fn one(&mut self, command: Command) -> Outcome {
        self.all(vec![command]).remove(0)
    }

    pub(crate) fn tick(&mut self) {
        self.all(vec![Command::Tick]);
    }

    /// Lets time pass without a gap in the journal that would count as everybody seen.
    pub(crate) fn walk(&mut self, ms: u64) {
        let quarter = self.engine.queues().iter().map(|queue| queue.settings().patience_ms() / 4).min().unwrap_or(1);
        let end = self.now + ms;
        while self.now < end {
            self.now = end.min(self.now + quarter);
            self.tick();
        }
    }

    /// An engine of the rows so far takes over.
    pub(crate) fn restart(&mut self) {
        let mark = self.engine.mark();
        self.engine = self.tables.load(&mark).expect("the rows make the engine that wrote them");
        assert_eq!(self.engine.mark(), mark);
    }

    pub(crate) fn hold(&mut self, number: u32, user: u64, seat: u64) -> ReservationId {
        match self.one(reserve(number, user, seat)) {
            Ok(Reply::Reserved(stored)) => stored.value.reservation,
            other => panic!("no hold: {other:?}"),
        }
    }
}

pub(crate) fn catalog(seats: u64) -> CatalogPart {
    CatalogPart {
        concerts: vec![Concert { id: ConcertId(1), title: "서울".to_owned(), queue: "default".to_owned() }],
        schedules: vec![schedule(1, 1)],
        seats: (1..=seats).map(|id| seat(1, id, id as u32, 100)).collect(),
    }
}

pub(crate) fn schedule(id: u64, concert: u64) -> Schedule {
    let (starts_at, ends_at) = (Time(BEGIN_MS + 1_000), Time(BEGIN_MS + 2_000));
    Schedule {
        id: ScheduleId(id),
        concert: ConcertId(concert),
        zone: "Asia/Seoul".to_owned(),
        starts_at,
        ends_at,
        price_types: None,
        accessible_until: None,
        on_sale_at: None,
        off_sale_at: None,
        orphans: None,
    }
}

pub(crate) fn seat(schedule: u64, id: u64, position: u32, amount: u64) -> SeatSpec {
    let section = Some("A".to_owned());
    let (schedule, seat) = (ScheduleId(schedule), SeatId(id));
    let number = Some(id.to_string());
    SeatSpec { schedule, seat, position, amount, section, row: None, number, terms: None, standing: false, rank: None }
}

pub(crate) fn join(user: u64) -> Command {
    Command::Join { user: UserId(user), queue: QUEUE, key: KeyId(7) }
}

pub(crate) fn ticket(number: u32) -> TicketId {
    TicketId { queue: QUEUE, number }
}

pub(crate) fn reserve(number: u32, user: u64, seat: u64) -> Command {
    reserve_all(number, user, &[seat])
}

pub(crate) fn reserve_all(number: u32, user: u64, seats: &[u64]) -> Command {
    let seats = seats.iter().copied().map(SeatId).collect();
    Command::Reserve { ticket: ticket(number), user: UserId(user), schedule: ScheduleId(1), seats, key: None }
}

pub(crate) fn pay(user: u64, reservation: ReservationId) -> Command {
    Command::Pay { user: UserId(user), reservation, key: None }
}

pub(crate) fn charge(user: u64, amount: u64) -> Command {
    Command::Charge { user: UserId(user), amount, key: None }
}

pub(crate) fn key(n: u64) -> Option<Key> {
    Some(Key { hash: u128::from(n).to_be_bytes() })
}

pub(crate) fn bitmap(numbers: impl IntoIterator<Item = u32>) -> Vec<u8> {
    let mut bytes = Vec::new();
    numbers.into_iter().collect::<RoaringBitmap>().serialize_into(&mut bytes).expect("memory takes it");
    bytes
}

pub(crate) fn active(numbers: impl IntoIterator<Item = u32>) -> Command {
    Command::Active { queue: QUEUE, tickets: bitmap(numbers) }
}

pub(crate) fn seen(numbers: impl IntoIterator<Item = u32>) -> Command {
    Command::Seen { queue: QUEUE, tickets: bitmap(numbers) }
}
