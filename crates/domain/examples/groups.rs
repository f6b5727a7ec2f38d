//! What it costs the engine to find seats together, against seats that are named, and how full a hall becomes: a sell-out of
//! 50,000 seats by groups of 1 to 6. Usage: `cargo run --release -p onsale-domain --example groups`

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

use std::time::Instant;

use onsale_domain::command::{Batch, CatalogPart, Command};
use onsale_domain::concert::{Concert, Schedule, SeatSpec, Together, Wish};
use onsale_domain::engine::Engine;
use onsale_domain::ids::{ConcertId, KeyId, QueueId, ReservationId, ScheduleId, SeatId, TicketId, UploadId, UserId};
use onsale_domain::level;
use onsale_domain::reply::Outcome;
use onsale_domain::row::Row;
use onsale_domain::settings::Settings;
use onsale_domain::time::Time;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

const SEATS: u64 = 49_984;
const SEATS_PER_ROW: u64 = 50;
const ROWS_PER_SECTION: u64 = 20;
/// As many as a busy node puts into one entry.
const BATCH: usize = 64;
const ROUNDS: u64 = 15;
const AT: Time = Time(1_800_000_000_000);

/// An engine with one hall, and everybody inside.
struct Hall {
    engine: Engine,
    seq: u64,
    rows: Vec<Row>,
}

impl Hall {
    fn new() -> Self {
        let mut hall = Self { engine: Engine::new(), seq: 0, rows: Vec::new() };
        let mut settings = Settings { hold_limit_per_user: u32::MAX, ..Settings::default() };
        settings.queue.active_limit = u32::MAX;
        let seat = |number: u64| {
            let row = (number - 1) / SEATS_PER_ROW;
            SeatSpec {
                schedule: ScheduleId(1),
                seat: SeatId(number),
                position: number as u32,
                amount: 5,
                section: Some((row / ROWS_PER_SECTION).to_string()),
                row: Some(row.to_string()),
                number: None,
                terms: None,
                standing: false,
                rank: None,
            }
        };
        let part = CatalogPart {
            concerts: vec![Concert { id: ConcertId(1), title: "Sold out".into(), queue: "default".into() }],
            schedules: vec![Schedule {
                id: ScheduleId(1),
                concert: ConcertId(1),
                zone: "Asia/Seoul".into(),
                starts_at: AT,
                ends_at: AT,
                price_types: None,
                accessible_until: None,
                on_sale_at: None,
                off_sale_at: None,
                orphans: None,
            }],
            seats: (1..=SEATS).map(seat).collect(),
        };
        let queue = QueueId(0);
        let set_up = vec![
            Command::Raise { level: level::SELLING },
            Command::Configure { settings: settings.clone() },
            Command::ConfigureQueue { queue, settings: Some(settings.queue), mode: None },
            Command::Stage { upload: UploadId(1), part },
            Command::Publish { upload: UploadId(1) },
        ];
        for outcome in hall.apply(set_up) {
            outcome.expect("the hall is set up");
        }
        for user in (1..=SEATS).map(UserId) {
            hall.apply(vec![Command::Join { user, queue, key: KeyId(1) }]);
        }
        hall
    }

    fn apply(&mut self, commands: Vec<Command>) -> Vec<Outcome> {
        self.seq += 1;
        self.rows.clear();
        self.engine.apply(self.seq, AT, &Batch { commands }, &mut self.rows)
    }

    /// Nanoseconds for each hold of one named seat, until all are held. The order is one that no cache likes.
    fn sell_named(mut self) -> f64 {
        let seat = |number: u64| vec![SeatId((number * 7919) % SEATS + 1)];
        let hold = |number: u64| {
            let (ticket, user) = whose(number);
            Command::Reserve { ticket, user, schedule: ScheduleId(1), seats: seat(number), key: None }
        };
        let batches: Vec<Vec<_>> = (0..SEATS)
            .collect::<Vec<_>>()
            .chunks(BATCH)
            .map(|part| part.iter().map(|&number| hold(number)).collect())
            .collect();
        let began = Instant::now();
        for batch in batches {
            assert!(self.apply(batch).iter().all(Result::is_ok), "each seat is free");
        }
        began.elapsed().as_nanos() as f64 / SEATS as f64
    }

    /// Groups hold what they wish for, until as many as a batch in a row got nothing.
    fn sell_wished(mut self, together: Together, seed: u64) -> Wished {
        let mut rng = StdRng::seed_from_u64(seed);
        let (mut holds, mut wishes, mut attempts, mut failed, mut spent) = (0_u64, 0_u64, 0, 0, 0);
        while failed < BATCH && wishes + BATCH as u64 <= SEATS {
            let wish = |number: u64| {
                let (ticket, user) = whose(number);
                let wish = Wish::of(rng.random_range(1..=6), together);
                Command::ReserveBest { ticket, user, schedule: ScheduleId(1), wish, key: None }
            };
            let batch = (wishes..).take(BATCH).map(wish).collect();
            let began = Instant::now();
            let outcomes = self.apply(batch);
            // What is refused at the end, when next to nothing is free, is no part of a hold's price.
            spent += if outcomes.iter().any(Result::is_ok) { began.elapsed().as_nanos() } else { 0 };
            for outcome in outcomes {
                wishes += 1;
                failed += 1;
                if outcome.is_ok() {
                    (holds, attempts, failed) = (holds + 1, wishes, 0);
                }
            }
        }
        let free: Vec<bool> = (1..=SEATS).map(|number| self.is_free(SeatId(number))).collect();
        let in_rows = || free.chunks(SEATS_PER_ROW as usize).flat_map(|row| row.split(|is_free| !is_free));
        Wished {
            per_hold: spent as f64 / holds as f64,
            holds,
            attempts,
            free: free.iter().filter(|is_free| **is_free).count(),
            single: in_rows().filter(|run| run.len() == 1).count(),
        }
    }

    fn is_free(&self, seat: SeatId) -> bool {
        self.engine.seat(ScheduleId(1), seat).is_some_and(|(_, taken): (_, Option<ReservationId>)| taken.is_none())
    }
}

struct Wished {
    per_hold: f64,
    holds: u64,
    /// Wishes up to the last hold.
    attempts: u64,
    free: usize,
    single: usize,
}

/// Whose turn it is: each holds once.
fn whose(number: u64) -> (TicketId, UserId) {
    (TicketId { queue: QueueId(0), number: number as u32 }, UserId(number + 1))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    println!("{SEATS} seats in rows of {SEATS_PER_ROW}; medians of {ROUNDS} rounds, in turn");
    for together in [Together::Required, Together::Preferred] {
        let (mut ratios, mut named, mut last) = (Vec::new(), Vec::new(), None);
        for round in 0..ROUNDS {
            eprint!("\rround {} of {ROUNDS} ", round + 1);
            let one = Hall::new().sell_named();
            let wished = Hall::new().sell_wished(together, round);
            ratios.push(wished.per_hold / one);
            named.push(one);
            last = Some(wished);
        }
        let Wished { holds, attempts, free, single, .. } = last.expect("a round");
        println!(
            "\r{together:?}: {:.2} of one named seat's {:.0} ns for each hold of 1 to 6 seats; {holds} holds by \
             {attempts} wishes, {free} seats left, {single} of them with no free neighbour",
            median(ratios),
            median(named),
        );
    }
}
