//! The figures that the model is made of and held against.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use super::model::Costs;
use super::{CLIENTS, NODES_MAX};
use crate::catalog::{self, SEAT_AMOUNT};
use crate::cluster::{Database, busy, together};
use crate::cores::Cores;
use crate::experiments::{inside, waiting};
use crate::measure::{self, Spread};
use crate::process::{Program, Service};
use crate::request::Template;
use crate::sources::{Pay, Repeat, Reserve, Seats, Tokens};

const DATABASE: &str = "bench_scale";
const WARM_UP: Duration = Duration::from_secs(1);
const WRITERS: u64 = 50_000;
const WAITING: u64 = 200_000;
const BUYERS: u64 = 50_000;
/// They join, fill a wallet, hold a seat and pay.
const COMMANDS_EACH: u64 = 4;
/// Of the figures of nodes and of costs.
const CONNECTIONS: usize = 256;
/// So that what the last writes still do is over when memory is read.
const REST: Duration = Duration::from_secs(2);

pub(super) struct Bench {
    program: Program,
    rounds: usize,
    round: Duration,
}

/// Of nodes on a database.
pub(super) struct Figures {
    /// Commands a second of one node, by its clients.
    pub(super) clients: Vec<(usize, Spread)>,
    /// CPU time of a command with one node, two and so on: theirs, the database's, and their clients'.
    pub(super) nodes: Vec<Spread>,
}

impl Bench {
    pub(super) fn new(cores: Cores, rounds: usize, round: Duration) -> Result<Self> {
        Ok(Self { program: Program::beside_own(cores)?, rounds, round })
    }

    /// Commands a second of the embedded store, by how many write.
    pub(super) fn embedded(&self) -> Result<Vec<(usize, Spread)>> {
        let service = Service::start(&self.program, &inside::SETTINGS)?;
        let tokens = inside::admit(&service, 1, WRITERS)?;
        self.by_clients("embedded store", &service, &tokens)
    }

    /// The same of one node on a database, and what more of them cost.
    pub(super) fn on_database(&self, database: &Database) -> Result<Figures> {
        database.make(DATABASE)?;
        let url = database.url(DATABASE);
        let everywhere = Program::beside_own(Cores::available()?)?;
        let settings: Vec<_> = inside::SETTINGS.into_iter().chain([("store.url", url.as_str())]).collect();
        let first = Service::start(&everywhere, &settings)?;
        let tokens = inside::admit(&first, 1, WRITERS)?;
        let clients = self.by_clients("PostgreSQL", &first, &tokens)?;

        let mut team = vec![first];
        let mut nodes = Vec::new();
        while nodes.len() < NODES_MAX {
            if !nodes.is_empty() {
                team.push(Service::start(&everywhere, &settings)?);
            }
            nodes.push(self.cpu_of(&team, &tokens)?);
        }
        Ok(Figures { clients, nodes })
    }

    fn by_clients(&self, name: &str, service: &Service, tokens: &Arc<Tokens>) -> Result<Vec<(usize, Spread)>> {
        let round = |clients, limit| {
            let mut charges = Repeat::new(Template::charge(1_000), Arc::clone(tokens), 200);
            measure::closed(service, clients, limit, &mut charges)
        };
        round(CONNECTIONS, WARM_UP)?;
        let mut found = CLIENTS.map(|clients| (clients, Vec::new()));
        for number in 1..=self.rounds {
            for (clients, rates) in &mut found {
                let rate = round(*clients, self.round)?.per_second();
                crate::progress!("{name}, {clients} clients, round {number}: {rate:.0} commands/s");
                rates.push(rate);
            }
        }
        Ok(found.into_iter().map(|(clients, rates)| (clients, Spread::of(rates))).collect())
    }

    /// CPU time of a command, of the whole machine: nodes, database and clients.
    fn cpu_of(&self, team: &[Service], tokens: &Arc<Tokens>) -> Result<Spread> {
        let team: Vec<&Service> = team.iter().collect();
        let charges = || Repeat::new(Template::charge(1_000), Arc::clone(tokens), 200);
        let connections = CONNECTIONS / team.len();
        together(&team, connections, &charges, WARM_UP)?;
        let mut figures = Vec::new();
        for number in 1..=self.rounds {
            let before = busy()?;
            let round = together(&team, connections, &charges, self.round)?;
            team.iter().try_for_each(|service| service.settle())?;
            let used = busy()?.saturating_sub(before);
            let each = used.as_secs_f64() / round.completed as f64;
            crate::progress!(
                "PostgreSQL, {} nodes, round {number}: {:.0} commands/s, {:.1} µs of CPU each",
                team.len(),
                round.per_second(),
                each * 1e6
            );
            figures.push(each);
        }
        Ok(Spread::of(figures))
    }

    /// What each call costs, until the tables have it; and what people and commands take up.
    pub(super) fn costs(&self) -> Result<Costs> {
        let crowded = Service::start(&self.program, &waiting::SETTINGS)?;
        let resident = || -> Result<u64> {
            crowded.settle()?;
            std::thread::sleep(REST);
            crowded.server().resident_bytes()
        };
        let before = resident()?;
        let (tokens, joining) = measure::with_cpu(&crowded, || waiting::wait(&crowded, WAITING))?;
        let waiting_bytes = resident()?.saturating_sub(before) as f64 / WAITING as f64;
        let mut polls = Vec::new();
        for _ in 0..self.rounds {
            let mut source = Repeat::new(Template::check(), Arc::clone(&tokens), 200);
            polls.push(measure::closed(&crowded, CONNECTIONS, self.round, &mut source)?.per_cpu_second());
        }
        crowded.stop()?;

        let shop = Service::start(&self.program, &inside::SETTINGS)?;
        shop.publish(&catalog::concert(1, BUYERS))?;
        let buyers = inside::admit(&shop, 1, BUYERS)?;
        let charges = Repeat::once_each(Template::charge(SEAT_AMOUNT), Arc::clone(&buyers), 200);
        let seats = Seats { first_schedule: 1, seats_per_schedule: BUYERS };
        let mut holds = Reserve::keeping(seats, 0..BUYERS, Arc::clone(&buyers));
        measure::complete(&shop, &mut { charges })?;
        let ((), holding) = measure::with_cpu(&shop, || measure::complete(&shop, &mut holds))?;
        let mut payments = Pay::once(buyers, holds.into_reservations().into());
        let ((), paying) = measure::with_cpu(&shop, || measure::complete(&shop, &mut payments))?;
        let stored = stored_bytes(&shop.stop()?.path())?;

        let each = |time: Duration, count: u64| time.as_secs_f64() / count as f64;
        Ok(Costs {
            token_s: each(joining, WAITING),
            poll_s: 1.0 / Spread::of(polls).median,
            hold_s: each(holding, BUYERS),
            payment_s: each(paying, BUYERS),
            waiting_bytes,
            command_bytes: stored as f64 / (COMMANDS_EACH * BUYERS) as f64,
        })
    }
}

/// What the files of a data directory hold, whatever the catalog has of it.
fn stored_bytes(data: &Path) -> Result<u64> {
    let mut sum = 0;
    for file in std::fs::read_dir(data)? {
        sum += file?.metadata()?.len();
    }
    Ok(sum)
}
