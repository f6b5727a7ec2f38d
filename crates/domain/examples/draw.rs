//! What a draw costs where a million wait: how long the entry that opens holds the engine, what a position costs, and whether
//! where people stand says anything of when they joined.
//! Usage: `cargo run --release -p onsale-domain --example draw`

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

use std::hint::black_box;
use std::time::Instant;

use onsale_domain::command::{Batch, Command};
use onsale_domain::engine::Engine;
use onsale_domain::ids::{KeyId, QueueId, TicketId, UserId};
use onsale_domain::level;
use onsale_domain::queue::{Line, Opening, Order, Permutation, place, position};
use onsale_domain::row::Row;
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::time::Time;

const PEOPLE: u32 = 1_000_000;
/// As many as a busy node puts into one entry.
const BATCH: u32 = 1_024;
const ROUNDS: usize = 7;
const SEEDS: u8 = 20;
const QUEUE: QueueId = QueueId(0);
const BEGINS_MS: u64 = 1_800_000_000_000;
const OPENS_MS: u64 = BEGINS_MS + 1_800_000;

/// An engine with a pre-queue in which all have joined.
struct Crowd {
    engine: Engine,
    seq: u64,
    rows: Vec<Row>,
}

impl Crowd {
    fn join(order: Order) -> Self {
        let mut crowd = Self { engine: Engine::new(), seq: 0, rows: Vec::new() };
        let queue = QueueSettings { active_limit: 1_000, waiting_ttl_ms: 3_600_000, ..QueueSettings::default() };
        let opening = Opening { prequeue_at: Some(Time(BEGINS_MS)), opens_at: Some(Time(OPENS_MS)), closes_at: None };
        crowd.apply(
            BEGINS_MS,
            vec![
                Command::Raise { level: level::OFFERS },
                Command::Configure { settings: Settings { queue: queue.clone(), ..Settings::default() } },
                Command::ConfigureQueue { queue: QUEUE, settings: Some(queue), mode: None },
                Command::SetOrder { queue: QUEUE, order },
                Command::SetOpening { queue: QUEUE, opening },
            ],
        );
        for first in (0..PEOPLE).step_by(BATCH as usize) {
            let join = |nth: u32| Command::Join { user: UserId(u64::from(nth) + 1), queue: QUEUE, key: KeyId(1) };
            let at = BEGINS_MS + u64::from(first);
            crowd.apply(at, (first..PEOPLE.min(first + BATCH)).map(join).collect());
        }
        crowd
    }

    /// How long it holds the engine, in milliseconds.
    fn apply(&mut self, at_ms: u64, commands: Vec<Command>) -> f64 {
        self.seq += 1;
        self.rows.clear();
        let batch = Batch { commands };
        let began = Instant::now();
        let outcomes = self.engine.apply(self.seq, Time(at_ms), &batch, &mut self.rows);
        let took = began.elapsed();
        assert!(outcomes.iter().all(Result::is_ok), "nothing is refused");
        took.as_secs_f64() * 1e3
    }

    /// Some give their places up before the opening.
    fn leave(&mut self, many: u32) {
        for first in (0..many).step_by(BATCH as usize) {
            let leave = |nth: u32| {
                // All over the line.
                let number = (u64::from(nth) * 7_919 % u64::from(PEOPLE)) as u32;
                Command::Leave { ticket: TicketId { queue: QUEUE, number }, user: None }
            };
            self.apply(OPENS_MS - 1_000, (first..many.min(first + BATCH)).map(leave).collect());
        }
    }

    fn line(&self) -> &Line {
        self.engine.queues()[0].line()
    }

    /// What a look at somebody's position costs, in nanoseconds, and with what they drew.
    fn look(&self) -> (f64, f64) {
        let numbers: Vec<u32> = (0..PEOPLE).map(|nth| (u64::from(nth) * 514_229 % u64::from(PEOPLE)) as u32).collect();
        let nanos = |look: &dyn Fn(u32)| {
            let began = Instant::now();
            numbers.iter().for_each(|&number| look(number));
            began.elapsed().as_nanos() as f64 / numbers.len() as f64
        };
        let line = self.line();
        let bare = nanos(&|number| _ = black_box(position(line, number)));
        let all = nanos(&|number| _ = black_box(place(line, number)));
        (bare, all)
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn draw(seed: u8) -> Order {
    Order::Draw { seed: [seed; 32] }
}

/// How likely chance alone puts those who joined first so unevenly (Kolmogorov and Smirnov): the first half of them against the
/// second.
fn likely(order: &[u32]) -> f64 {
    let half = order.len() / 2;
    let (mut first, mut second, mut most) = (0_u32, 0_u32, 0.0_f64);
    for nth in order {
        if (*nth as usize) < half {
            first += 1;
        } else {
            second += 1;
        }
        let apart = f64::from(first) / half as f64 - f64::from(second) / (order.len() - half) as f64;
        most = most.max(apart.abs());
    }
    let effective = (half as f64 * (order.len() - half) as f64 / order.len() as f64).sqrt();
    let x = (effective + 0.12 + 0.11 / effective) * most;
    let term = |k: i32| 2.0 * f64::from(if k % 2 == 1 { 1 } else { -1 }) * (-2.0 * f64::from(k * k) * x * x).exp();
    (1..=100).map(term).sum::<f64>().clamp(0.0, 1.0)
}

/// How far the places go with the order of joining: 0 for not at all, 1 for the same.
fn correlation(places: &Permutation) -> f64 {
    let n = f64::from(places.len());
    let apart = |nth: u32| (f64::from(places.forward(nth)) - f64::from(nth)).powi(2);
    1.0 - 6.0 * (0..places.len()).map(apart).sum::<f64>() / (n * (n * n - 1.0))
}

fn main() {
    println!("{PEOPLE} joined; medians of {ROUNDS} rounds, in turn");
    let mut sealed = [const { Vec::new() }; 3];
    let mut looks = [const { Vec::new() }; 4];
    for round in 0..ROUNDS {
        eprint!("\rround {} of {ROUNDS} ", round + 1);
        for (nth, (order, left)) in [(Order::Fifo, 0), (draw(1), 0), (draw(2), 200_000)].into_iter().enumerate() {
            let mut crowd = Crowd::join(order);
            crowd.leave(left);
            sealed[nth].push(crowd.apply(OPENS_MS, vec![Command::Tick]));
            if nth < 2 {
                let (bare, all) = crowd.look();
                looks[nth].push(bare);
                looks[nth + 2].push(all);
            }
        }
    }
    let most = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
    for (what, values) in ["in order of joining", "by a draw", "by a draw, 200,000 having left"].iter().zip(&sealed) {
        println!("\rthe entry that opens, {what}: {:.2} ms, at most {:.2} ms", median(values.clone()), most(values));
    }
    let [order, drawn, order_all, drawn_all] = looks.map(median);
    println!(
        "a position: {order:.0} ns in order, {drawn:.0} ns drawn; with what was drawn {order_all:.0} and {drawn_all:.0} ns"
    );
    let (mut even, mut least, mut related) = (0, 1.0_f64, 0.0_f64);
    for seed in 0..SEEDS {
        eprint!("\rseed {} of {SEEDS} ", seed + 1);
        let crowd = Crowd::join(draw(seed));
        let places = crowd.engine.queues()[0].draw().map(onsale_domain::queue::Draw::key);
        let places = Permutation::new(&places.expect("it is by a draw"), PEOPLE);
        let order: Vec<u32> = (0..PEOPLE).map(|place| places.backward(place)).collect();
        let p = likely(&order);
        (even, least) = (even + u32::from(p > 0.01), least.min(p));
        related = related.max(correlation(&places).abs());
    }
    println!(
        "\rplaces against joining, Kolmogorov and Smirnov: p > 0.01 with {even} of {SEEDS} seeds, {least:.3} the least; \
         rank correlation at most {related:.4}"
    );
}
