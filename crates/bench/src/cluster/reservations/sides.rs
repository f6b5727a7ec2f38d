//! What is loaded with reservations, and how.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::hot::Hot;
use super::{FLOOR, Kind, WARM_UP};
use crate::catalog::{self, STADIUM_SEATS};
use crate::cluster::Bench;
use crate::cluster::database::script;
use crate::cluster::row_locks::{How, RowLocks};
use crate::cluster::shares::Used;
use crate::cores::Cores;
use crate::experiments::inside;
use crate::load::{self, Pace, Plan, Source};
use crate::process::{Server, Service};
use crate::sources::{Reserve, Seats, Tokens};

const SEATS: Seats = Seats { first_schedule: 1, seats_per_schedule: STADIUM_SEATS };
/// As `seats.sql` has them: the first half for pgbench, which takes any of them, and the second for the services that lock
/// rows, one after the other.
const ROW_LOCK_SEATS: u64 = 2_000_000;
const USERS: u64 = 100_000;
/// More than this machine makes in a second: a round that uses its seats up ends early.
const PER_SECOND_MAX: u64 = 80_000;

/// One round of one kind.
pub(super) struct Figures {
    /// Answers per second; where any is a reservation, all are.
    pub(super) per_second: f64,
    /// The same, until the tables have what the journal has.
    pub(super) settled: f64,
    /// The server's log.
    pub(super) wal_bytes_each: f64,
    pub(super) shares: String,
}

/// What is loaded, and how.
pub(super) struct Sides {
    ours: Ours,
    /// Statement by statement.
    plain: RowLocks,
    one_message: RowLocks,
    /// The seats which are free of those that lock rows.
    free: u64,
    clients: usize,
}

impl Sides {
    /// Starts both services, ours on an empty database, and makes what they need.
    pub(super) fn start(bench: &Bench, database: &str, clients: usize) -> Result<Self> {
        let ours = Ours::start(bench, database)?;
        let floor = bench.server.url(FLOOR);
        let plain = RowLocks::start(&floor, How::Statements)?;
        let one_message = RowLocks::start(&floor, How::OneMessage)?;
        Ok(Self { ours, plain, one_message, free: ROW_LOCK_SEATS / 2, clients })
    }

    /// One round of one kind.
    ///
    /// # Errors
    /// When anything fails, or is answered otherwise than expected.
    pub(super) fn round(&mut self, bench: &Bench, kind: Kind, time: Duration) -> Result<Figures> {
        let count = (time.as_secs_f64() * PER_SECOND_MAX as f64) as u64;
        let clients = self.clients as u64;
        let script = script("reserve").display().to_string();
        match kind {
            Kind::Simple => self.pgbench(bench, time, &["-N"]),
            Kind::Prepared => self.pgbench(bench, time, &["-N", "-M", "prepared"]),
            Kind::ForUpdateDirect => self.pgbench(
                bench,
                time,
                &["-M", "prepared", "-D", &format!("seats={}", ROW_LOCK_SEATS / 2), "-f", &script],
            ),
            Kind::Ours => {
                let mut source = Reserve::new(SEATS, self.ours.take(count), Arc::clone(&self.ours.tokens));
                self.ours(bench, time, &mut source)
            }
            Kind::OursWaves => {
                // One of so many is sold.
                let range = self.ours.take(count.div_ceil(clients));
                self.ours(bench, time, &mut Hot::new(SEATS, range, clients, Arc::clone(&self.ours.tokens)))
            }
            Kind::OursHot => {
                let range = self.ours.take(1);
                self.ours(bench, time, &mut Hot::new(SEATS, range, u64::MAX, Arc::clone(&self.ours.tokens)))
            }
            Kind::ForUpdate | Kind::ForUpdateAtOnce => {
                let service = if kind == Kind::ForUpdate { &self.plain } else { &self.one_message };
                // Of both services, one share for each round and the warm-up.
                let range = self.free..self.free + ROW_LOCK_SEATS / 4 / (bench.rounds as u64 + 1);
                self.free = range.end;
                let mut source = Reserve::new(SEATS, range, Arc::clone(&self.ours.tokens));
                self.loaded(bench, time, service.server(), &mut source, || Ok(()))
            }
            Kind::ForUpdateHot => {
                let mut source = Hot::new(SEATS, 0..1, u64::MAX, Arc::clone(&self.ours.tokens));
                self.loaded(bench, time, self.plain.server(), &mut source, || Ok(()))
            }
        }
    }

    fn ours(&self, bench: &Bench, time: Duration, source: &mut dyn Source) -> Result<Figures> {
        let service = &self.ours.service;
        self.loaded(bench, time, service.server(), source, || service.settle())
    }

    fn pgbench(&self, bench: &Bench, time: Duration, arguments: &[&str]) -> Result<Figures> {
        let logged = bench.server.wal_bytes()?;
        let (before, began) = (Used::now(&[])?, Instant::now());
        let rate = bench.server.pgbench(FLOOR, self.clients, time.as_secs_f64(), arguments)?;
        let shares = Used::now(&[])?.since(&before, began.elapsed());
        let wal_bytes_each = (bench.server.wal_bytes()? - logged) / (rate * time.as_secs_f64());
        Ok(Figures { per_second: rate, settled: rate, wal_bytes_each, shares })
    }

    fn loaded(
        &self,
        bench: &Bench,
        time: Duration,
        server: &Server,
        source: &mut dyn Source,
        settle: impl Fn() -> Result<()>,
    ) -> Result<Figures> {
        let plan = Plan::new(server.address(), self.clients, Pace::Closed, time);
        let logged = bench.server.wal_bytes()?;
        let (before, began) = (Used::now(&[server])?, Instant::now());
        let report = load::run(&plan, source)?.checked()?;
        let shares = Used::now(&[server])?.since(&before, began.elapsed());
        settle()?;
        let settled = began.elapsed();
        ensure!(report.completed > 0, "no reservation was answered");
        let answers = report.completed as f64;
        Ok(Figures {
            per_second: answers / report.elapsed.as_secs_f64(),
            settled: answers / settled.as_secs_f64(),
            wal_bytes_each: (bench.server.wal_bytes()? - logged) / answers,
            shares,
        })
    }
}

/// One node, its users, and what is left of its seats.
struct Ours {
    service: Service,
    tokens: Arc<Tokens>,
    free: u64,
}

impl Ours {
    fn start(bench: &Bench, database: &str) -> Result<Self> {
        let url = bench.server.url(database);
        let settings: Vec<(&str, &str)> = inside::SETTINGS.into_iter().chain([("store.url", url.as_str())]).collect();
        let service = Service::start(&Bench::program(&Cores::available()?)?, &settings)?;
        let rounds = (bench.rounds as f64).mul_add(bench.round.as_secs_f64(), WARM_UP.as_secs_f64());
        let schedules = (rounds * PER_SECOND_MAX as f64 * 1.1) as u64 / STADIUM_SEATS + 1;
        crate::progress!("publishing {schedules} × {STADIUM_SEATS} seats");
        service.publish(&catalog::concert(schedules, STADIUM_SEATS))?;
        let tokens = inside::admit(&service, 1, USERS)?;
        Ok(Self { service, tokens, free: 0 })
    }

    fn take(&mut self, count: u64) -> Range<u64> {
        let first = self.free;
        self.free += count;
        first..self.free
    }
}
