//! What commands cost in the engine alone: `cargo run --release -p onsale-domain --example commands`.

#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use std::time::Instant;

use onsale_domain::command::{Batch, CatalogPart, Command};
use onsale_domain::concert::{Concert, Schedule, SeatSpec};
use onsale_domain::engine::Engine;
use onsale_domain::ids::{ConcertId, KeyId, QueueId, ReservationId, ScheduleId, SeatId, TicketId, UploadId, UserId};
use onsale_domain::settings::Settings;
use onsale_domain::time::Time;

const COUNT: u64 = 200_000;
const BATCH: u64 = 64;

struct Bench {
    engine: Engine,
    seq: u64,
}

impl Bench {
    fn apply(&mut self, commands: Vec<Command>) {
        self.seq += 1;
        let mut rows = Vec::new();
        let outcomes = self.engine.apply(self.seq, Time(1_800_000_000_000), &Batch { commands }, &mut rows);
        for outcome in outcomes {
            outcome.expect("every command of the benchmark succeeds");
        }
    }

    /// Prints the cost of one command of a kind, in batches of 64.
    fn measure(&mut self, name: &str, command: impl Fn(u64) -> Command) {
        let batches: Vec<Vec<Command>> =
            (0..COUNT / BATCH).map(|b| (b * BATCH + 1..=(b + 1) * BATCH).map(&command).collect()).collect();
        let start = Instant::now();
        for batch in batches {
            self.apply(batch);
        }
        println!("{name:10} {:5} ns", start.elapsed().as_nanos() / u128::from(COUNT / BATCH * BATCH));
    }
}

fn seat(number: u64) -> SeatSpec {
    SeatSpec {
        schedule: ScheduleId(1),
        seat: SeatId(number),
        position: number as u32,
        amount: 50_000,
        section: None,
        row: None,
        number: None,
        terms: None,
        standing: false,
        rank: None,
    }
}

fn main() {
    let mut bench = Bench { engine: Engine::new(), seq: 0 };
    let mut settings = Settings::default();
    settings.queue.active_limit = u32::MAX;
    let part = CatalogPart {
        concerts: vec![Concert { id: ConcertId(1), title: "A".into(), queue: "default".into() }],
        schedules: vec![Schedule {
            id: ScheduleId(1),
            concert: ConcertId(1),
            zone: "Asia/Seoul".into(),
            starts_at: Time(1_900_000_000_000),
            ends_at: Time(1_900_000_000_000),
            price_types: None,
            accessible_until: None,
            on_sale_at: None,
            off_sale_at: None,
            orphans: None,
        }],
        seats: (1..=COUNT).map(seat).collect(),
    };
    bench.apply(vec![
        Command::ConfigureQueue { queue: QueueId(0), settings: Some(settings.queue), mode: None },
        Command::Stage { upload: UploadId(1), part },
        Command::Publish { upload: UploadId(1) },
    ]);
    bench.measure("join", |n| Command::Join { user: UserId(n), queue: QueueId(0), key: KeyId(1) });
    bench.measure("charge", |n| Command::Charge { user: UserId(n), amount: 60_000, key: None });
    bench.measure("reserve", |n| Command::Reserve {
        ticket: TicketId { queue: QueueId(0), number: n as u32 - 1 },
        user: UserId(n),
        schedule: ScheduleId(1),
        seats: vec![SeatId(n)],
        key: None,
    });
    bench.measure("pay", |n| Command::Pay { user: UserId(n), reservation: ReservationId(n), key: None });
}
