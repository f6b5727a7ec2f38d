//! The headline: a stadium sold out, whole journeys of a crowd, over HTTP.

mod audit;
mod buyer;
mod crowd;
mod history;
mod summary;

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::catalog;
use crate::cli::Placement;
use crate::http;
use crate::load::{self, Pace, Plan};
use crate::measure;
use crate::process::{Program, Service};
use crate::report::{Machine, Verdict};
use crate::request;
use crate::sources::token_in;
use crowd::Crowd;

/// The one schedule that is sold.
const SCHEDULE: u64 = 1;

/// The crowd and how it behaves.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Seats of the stadium.
    #[arg(long, value_name = "N", default_value_t = catalog::STADIUM_SEATS)]
    seats: u64,
    /// People who want one each.
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    users: u32,
    /// Connections that they share.
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    connections: usize,
    /// Seconds within which all of them arrive.
    #[arg(long, value_name = "S", default_value_t = 10.0)]
    arrival_seconds: f64,
    /// How many may be inside at once: queue.active_limit.
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    active_limit: u32,
    /// People poll again after this part of pollAfterMillis, at least 100 ms and at most 5 s.
    #[arg(long, value_name = "F", default_value_t = 0.2)]
    poll_factor: f64,
    /// Seconds that a hold lasts: hold.ttl.
    #[arg(long, value_name = "S", default_value_t = 5)]
    hold_seconds: u32,
    /// Percent of the people who hold a seat, let it lapse, and go.
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0)]
    lapse_percent: f64,
    /// Percent of the people who leave the queue soon after they joined it.
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0)]
    leave_percent: f64,
    /// Seed of everything that is left to chance.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Give up after this many seconds.
    #[arg(long, value_name = "S", default_value_t = 600)]
    deadline_seconds: u32,
    #[command(flatten)]
    placement: Placement,
}

/// Sells the stadium out, prints how, and checks the result.
///
/// # Errors
/// When the service fails or does not do what the wire contract says.
pub(crate) fn run(arguments: &Arguments) -> Result<Verdict> {
    arguments.check()?;
    let (server_cores, generator_core) = arguments.placement.clone().choose()?;
    let is_shared = server_cores.overlaps(&generator_core);
    let machine = Machine::look(server_cores.to_string(), generator_core.to_string(), is_shared);
    let program = Program::beside_own(server_cores)?;
    generator_core.pin()?;
    let service = start(&program, arguments)?;
    let observer = observe(&service, arguments)?;

    crate::progress!("{} people want {} seats", arguments.users, arguments.seats);
    let mut crowd = Crowd::new(arguments);
    let limit = Duration::from_secs(arguments.deadline_seconds.into());
    let plan = Plan::new(service.address(), arguments.connections, Pace::Closed, limit);
    let own_cpu = summary::own_cpu()?;
    let (report, server_cpu) = measure::with_cpu(&service, || load::run(&plan, &mut crowd)?.checked())?;
    let generator_cpu = summary::own_cpu()?.saturating_sub(own_cpu);

    let mut out = std::io::stdout();
    let cost = summary::Cost { server_cpu, generator_cpu, resident_bytes: service.server().resident_bytes()? };
    summary::write(&mut out, &machine, arguments, &report, &crowd, &cost)?;
    let checks = audit::run(&program, service, &crowd, &observer)?;
    audit::write(&mut out, &checks)
}

impl Arguments {
    fn check(&self) -> Result<()> {
        ensure!(u64::from(self.users) >= self.seats, "--users must be at least --seats, or nothing sells out");
        ensure!((1..=1_000_000).contains(&self.seats), "--seats must be from 1 to 1000000");
        ensure!((1..=20_000).contains(&self.connections), "--connections must be from 1 to 20000");
        ensure!(self.poll_factor > 0.0 && self.poll_factor <= 1.0, "--poll-factor must be over 0 and at most 1");
        ensure!((0.0..=600.0).contains(&self.arrival_seconds), "--arrival-seconds must be from 0 to 600");
        let staying = 100.0 - self.lapse_percent - self.leave_percent;
        ensure!(self.lapse_percent >= 0.0 && self.leave_percent >= 0.0, "percentages must not be below 0");
        ensure!(
            f64::from(self.users) * staying / 100.0 > self.seats as f64 * 1.02,
            "too few people stay to buy {} seats: raise --users or lower --lapse-percent and --leave-percent",
            self.seats
        );
        Ok(())
    }
}

fn start(program: &Program, arguments: &Arguments) -> Result<Service> {
    // One more, for the observer.
    let active_limit = (u64::from(arguments.active_limit) + 1).to_string();
    let hold_ttl = format!("{}s", arguments.hold_seconds);
    let settings = [
        ("queue.active_limit", active_limit.as_str()),
        ("queue.session_ttl", "12h"),
        ("queue.waiting_ttl", "1h"),
        ("hold.ttl", hold_ttl.as_str()),
    ];
    let service = Service::start(program, &settings)?;
    service.publish(&catalog::concert(1, arguments.seats))?;
    Ok(service)
}

/// The token of somebody who is inside from the start, buys nothing, and looks at the end.
fn observe(service: &Service, arguments: &Arguments) -> Result<Box<[u8]>> {
    let mut request = Vec::new();
    request::issue(u64::from(arguments.users) + 1, &mut request);
    let reply = http::call(service.address(), &request)?.success()?;
    token_in(&reply.body).context("a token issue without a token")
}
