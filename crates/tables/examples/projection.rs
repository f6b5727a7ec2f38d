//! What the projection costs: CPU per row for the three writes of a sale, in large and small transactions, with few
//! and with many rows already there; and how long a start takes to load them.
//!
//! `cargo run --release -p onsale-tables --example projection [tickets already there, 1000000 unless said]`

#![allow(clippy::print_stdout, reason = "a report for whoever runs it")]

use std::path::Path;
use std::time::Instant;

use onsale_domain::ids::{KeyId, PaymentId, QueueId, ReservationId, ScheduleId, SeatId, TicketId, TransferId, UserId};
use onsale_domain::queue::State;
use onsale_domain::reservation;
use onsale_domain::row::{Account, Counters, Mark, PaymentRow, ReservationRow, Row, TicketRow, TransferRow};
use onsale_domain::time::Time;
use onsale_tables::{Coalesced, Tables};

const USERS: u64 = 200_000;
const ROWS_MEASURED: usize = 400_000;
const NOW: Time = Time(1_800_000_000_000);

/// One kind of write, and the rows it makes.
struct Shape {
    name: &'static str,
    rows: fn(u64, &mut dyn FnMut(Row)),
}

const SHAPES: &[Shape] = &[
    Shape { name: "token issue (1 row)", rows: issue },
    Shape { name: "charge (2 rows)", rows: charge },
    Shape { name: "reserve (1 row)", rows: reserve },
    Shape { name: "payment (5 rows)", rows: pay },
];

/// The tables, and how far each kind of write has come in them.
struct Bench {
    tables: Tables,
    seq: u64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let present: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |tickets| tickets.parse())?;
    for tickets in [0, present] {
        for rows_per_transaction in [20_000, 64] {
            println!("{tickets} tickets there, transactions of {rows_per_transaction} rows");
            let dir = tempfile::tempdir()?;
            let mut bench = Bench::open(dir.path())?;
            bench.write(issue, 0..tickets, 20_000)?;
            let mut done = tickets;
            for shape in SHAPES {
                done = bench.measure(shape, done, rows_per_transaction)?;
            }
            bench.measure_load()?;
        }
    }
    Ok(())
}

impl Bench {
    fn open(dir: &Path) -> Result<Self, onsale_tables::Error> {
        let mut tables = Tables::open(dir)?;
        tables.claim(1)?;
        Ok(Self { tables, seq: 0 })
    }

    /// Times one shape; numbers start at 0 but for tickets, of which `issued` are there. Says how many there are now.
    fn measure(&mut self, shape: &Shape, issued: u64, per: usize) -> Result<u64, onsale_tables::Error> {
        let mut rows_each = 0;
        (shape.rows)(0, &mut |_| rows_each += 1);
        let writes = (ROWS_MEASURED / rows_each) as u64;
        let first = if shape.name.starts_with("token") { issued } else { 0 };
        let (started, cpu) = (Instant::now(), cpu_us());
        self.write(shape.rows, first..first + writes, per)?;
        let rows = (writes * rows_each as u64) as f64;
        let (cpu_us, wall_us) = (cpu_us() - cpu, started.elapsed().as_secs_f64() * 1e6);
        println!(
            "  {:<20} {:>5.2} µs CPU a row, {:>5.2} µs a write, {:>9.0} rows/s",
            shape.name,
            cpu_us / rows,
            cpu_us / writes as f64,
            rows / wall_us * 1e6
        );
        Ok(issued.max(first + writes))
    }

    fn write(
        &mut self,
        shape: fn(u64, &mut dyn FnMut(Row)),
        numbers: std::ops::Range<u64>,
        per: usize,
    ) -> Result<(), onsale_tables::Error> {
        let mut coalesced = Coalesced::default();
        for number in numbers {
            shape(number, &mut |row| coalesced.push(row));
            if coalesced.len() >= per {
                self.project(&mut coalesced)?;
            }
        }
        self.project(&mut coalesced)
    }

    fn project(&mut self, coalesced: &mut Coalesced) -> Result<(), onsale_tables::Error> {
        let from = self.seq;
        self.seq += 1;
        self.tables.project(from, &mark(self.seq), &[7; 32], &coalesced.drain())
    }

    fn measure_load(&mut self) -> Result<(), onsale_tables::Error> {
        let (started, cpu) = (Instant::now(), cpu_us());
        let rows = self.tables.load(&mut |row| {
            std::hint::black_box(row);
            Ok(())
        })?;
        println!(
            "  load of {rows} rows: {:.2} s, {:.2} s CPU",
            started.elapsed().as_secs_f64(),
            (cpu_us() - cpu) / 1e6
        );
        Ok(())
    }
}

/// The CPU time of this thread so far (Linux).
fn cpu_us() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1e3
}

/// Spreads users over the wallets, as a crowd does.
fn user(number: u64) -> UserId {
    UserId(1 + number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % USERS)
}

fn ticket(number: u64, state: State) -> Row {
    let ticket = TicketId { queue: QueueId(0), number: u32::try_from(number).unwrap_or(u32::MAX) };
    Row::Ticket(TicketRow {
        ticket,
        user: user(number),
        key: KeyId(0xdead_beef),
        issued_at: NOW,
        joined_at: None,
        tier: None,
        admitted_at: None,
        state,
    })
}

fn issue(number: u64, push: &mut dyn FnMut(Row)) {
    push(ticket(number, State::Waiting));
}

fn charge(number: u64, push: &mut dyn FnMut(Row)) {
    let user = user(number);
    push(Row::Wallet { user, balance: 50_000 + number });
    push(transfer(2 * number, Account::Cash, Account::Wallet(user), None));
}

fn reserve(number: u64, push: &mut dyn FnMut(Row)) {
    push(reservation(number, reservation::State::Held));
}

fn pay(number: u64, push: &mut dyn FnMut(Row)) {
    let (id, user) = (PaymentId(number), user(number));
    push(reservation(number, reservation::State::Paid { payment: id, at: NOW }));
    push(Row::Payment(PaymentRow { id, reservation: ReservationId(number), user, amount: 50_000, paid_at: NOW }));
    push(transfer(2 * number + 1, Account::Wallet(user), Account::Sales, Some(id)));
    push(Row::Wallet { user, balance: number });
    push(ticket(number, State::Done { at: NOW }));
}

fn reservation(number: u64, state: reservation::State) -> Row {
    Row::Reservation(ReservationRow {
        id: ReservationId(number),
        user: user(number),
        schedule: ScheduleId(1),
        seats: Box::new([SeatId(1 + number)]),
        amount: 50_000,
        amounts: Box::default(),
        price_types: Box::default(),
        reserved_at: NOW,
        reserved_until: NOW.plus_ms(300_000),
        extended: false,
        state,
    })
}

fn transfer(id: u64, debit: Account, credit: Account, payment: Option<PaymentId>) -> Row {
    Row::Transfer(TransferRow { id: TransferId(id), at: NOW, debit, credit, amount: 50_000, payment })
}

fn mark(seq: u64) -> Mark {
    let counters = Counters {
        next_reservation: ReservationId(1),
        next_payment: PaymentId(1),
        next_transfer: TransferId(1),
        charged: 0,
        sold: 0,
    };
    Mark { seq, time: NOW, fingerprint: seq, counters }
}
