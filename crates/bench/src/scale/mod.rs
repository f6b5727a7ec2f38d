//! What one journal carries by how many write and on how many nodes, what a model of two figures says of it, and what sales of
//! several sizes need by that. See docs/SCALE.md.

mod measure;
mod model;

use std::io::{self, Write};
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::cli::Placement;
use crate::cluster::Database;
use crate::measure::Spread;
use crate::report::{Machine, Verdict};
use measure::Bench;
use model::{Carries, Costs, Sale, Shared};

/// By how much a prediction may be off.
const OFF_MAX: f64 = 0.20;
/// Of a node that shares all cores with its database and with whoever makes the load: taken from measurements, not from any reason.
const LATE: f64 = 0.5;
/// Those that the model is made of are the first and the last.
const CLIENTS: [usize; 6] = [1, 4, 32, 128, 256, 512];
const NODES_MAX: usize = 3;

/// What is measured, and how large the sales are.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Measure nodes on PostgreSQL too: postgres://user@host:port, of a user that may make databases. `scripts/bench-postgres`
    /// starts one.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Rounds of each figure.
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: usize,
    /// Seconds per round.
    #[arg(long, value_name = "S", default_value_t = 2.0)]
    seconds: f64,
    /// How many people the sales are for.
    #[arg(long, value_name = "N", num_args = 1.., value_delimiter = ',', default_values_t = [100_000, 1_000_000, 10_000_000])]
    people: Vec<u64>,
    /// How many seats each of them sells.
    #[arg(long, value_name = "N", default_value_t = 50_000)]
    seats: u64,
    /// In how many minutes everybody joins.
    #[arg(long, value_name = "M", default_value_t = 5.0)]
    joining: f64,
    /// In how many minutes the seats are sold.
    #[arg(long, value_name = "M", default_value_t = 30.0)]
    selling: f64,
    #[command(flatten)]
    placement: Placement,
}

/// A figure that was measured, and what the model says it is.
struct Row {
    name: String,
    measured: Spread,
    predicted: f64,
    /// Whether the model was made of it.
    is_given: bool,
}

impl Row {
    fn off(&self) -> f64 {
        self.predicted / self.measured.median - 1.0
    }

    fn holds(&self) -> bool {
        self.is_given || self.off().abs() <= OFF_MAX
    }
}

/// Measures everything, and prints it.
///
/// # Errors
/// When a program is missing or fails, or answers otherwise than expected.
pub(crate) fn run(arguments: &Arguments) -> Result<Verdict> {
    ensure!((1..=100).contains(&arguments.rounds), "--rounds must be from 1 to 100");
    ensure!((0.1..=60.0).contains(&arguments.seconds), "--seconds must be from 0.1 to 60");
    ensure!(arguments.joining > 0.0 && arguments.selling > 0.0, "--joining and --selling must be more than 0");
    let database = arguments.server.as_deref().map(Database::new);
    let settings = database.as_ref().map(Database::settings).transpose()?;
    let (server_cores, generator_core) = arguments.placement.clone().choose()?;
    let is_shared = server_cores.overlaps(&generator_core);
    let machine = Machine::look(server_cores.to_string(), generator_core.to_string(), is_shared);
    let bench = Bench::new(server_cores, arguments.rounds, Duration::from_secs_f64(arguments.seconds))?;

    // Nodes and their database have all cores, as has whoever makes the load: before this thread is pinned to one.
    let shared = database.as_ref().map(|database| bench.on_database(database)).transpose()?;
    generator_core.pin()?;
    let embedded = bench.embedded()?;
    let costs = bench.costs()?;

    let mut out = io::stdout();
    writeln!(out, "\n{}", machine.text())?;
    if let Some(settings) = settings {
        writeln!(out, "PostgreSQL: {settings}")?;
    }
    let (carries, mut rows) = by_clients("embedded store", &embedded, 0.0);
    if let Some(figures) = &shared {
        rows.extend(by_clients("PostgreSQL", &figures.clients, LATE).1);
        rows.extend(by_nodes(&figures.nodes));
    }
    write_rows(&mut out, &rows)?;
    write_costs(&mut out, &costs)?;
    write_sales(&mut out, arguments, &carries, &costs)?;
    let verdict = if rows.iter().all(Row::holds) { Verdict::Pass } else { Verdict::Miss };
    writeln!(out, "\nverdict: {}", verdict.text())?;
    Ok(verdict)
}

fn by_clients(store: &str, rates: &[(usize, Spread)], late: f64) -> (Carries, Vec<Row>) {
    let (first, last) = (rates[0], rates[rates.len() - 1]);
    let carries = Carries::of(first.1.median, (last.0, last.1.median), late);
    let row = |&(clients, measured): &(usize, Spread)| Row {
        name: format!("{store}, {clients} clients: commands/s"),
        measured,
        predicted: carries.per_second(clients),
        is_given: clients == first.0 || clients == last.0,
    };
    (carries, rates.iter().map(row).collect())
}

fn by_nodes(cpu: &[Spread]) -> Vec<Row> {
    let shared = Shared::of(cpu[0].median, cpu[1].median);
    let row = |(at, &measured): (usize, &Spread)| Row {
        name: format!("PostgreSQL, {} nodes: µs of CPU a command, everybody's", at + 1),
        measured: Spread { median: measured.median * 1e6, min: measured.min * 1e6, max: measured.max * 1e6 },
        predicted: shared.cpu_s(at + 1) * 1e6,
        is_given: at < 2,
    };
    cpu.iter().enumerate().map(row).collect()
}

fn write_rows(out: &mut dyn Write, rows: &[Row]) -> io::Result<()> {
    writeln!(out, "\n| figure | measured [min–max] | by the model | off |\n| --- | ---: | ---: | ---: |")?;
    for row in rows {
        let Spread { median, min, max } = row.measured;
        let off = match (row.is_given, row.holds()) {
            (true, _) => "given".to_owned(),
            (false, true) => format!("{:+.0} %", row.off() * 100.0),
            (false, false) => format!("**{:+.0} %**", row.off() * 100.0),
        };
        writeln!(out, "| {} | {median:.0} [{min:.0}–{max:.0}] | {:.0} | {off} |", row.name, row.predicted)?;
    }
    Ok(())
}

fn write_costs(out: &mut dyn Write, costs: &Costs) -> io::Result<()> {
    let Costs { token_s, poll_s, hold_s, payment_s, waiting_bytes, command_bytes } = costs;
    writeln!(out, "\n| what | costs |\n| --- | ---: |")?;
    for (call, s) in [("token", token_s), ("poll", poll_s), ("hold", hold_s), ("payment", payment_s)] {
        writeln!(out, "| a {call}: CPU of the server | {:.1} µs |", s * 1e6)?;
    }
    writeln!(out, "| somebody who waits: memory | {waiting_bytes:.0} bytes |")?;
    writeln!(out, "| a command: storage | {command_bytes:.0} bytes |")
}

fn write_sales(out: &mut dyn Write, arguments: &Arguments, carries: &Carries, costs: &Costs) -> io::Result<()> {
    let Arguments { seats, joining, selling, .. } = arguments;
    writeln!(out, "\n{seats} seats, everybody joins in {joining} min, sold in {selling} min:\n")?;
    writeln!(
        out,
        "| people | joins/s | of what a journal carries | polls/s, joining | polls/s, selling | purchases/s | cores, joining | cores, selling | memory | storage |"
    )?;
    writeln!(out, "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")?;
    for &people in &arguments.people {
        let sale =
            Sale { people: people as f64, seats: *seats as f64, joining_s: joining * 60.0, selling_s: selling * 60.0 };
        let needs = sale.needs(costs);
        writeln!(
            out,
            "| {people} | {:.0} | {:.0} % | {:.0} | {:.0} | {:.0} | {:.2} | {:.2} | {:.0} MB | {:.0} MB |",
            needs.joins_per_second,
            needs.joins_per_second / carries.most_per_second() * 100.0,
            needs.joining_polls,
            needs.polls_per_second,
            needs.purchases_per_second,
            needs.joining_cores,
            needs.selling_cores,
            needs.memory_bytes / 1e6,
            needs.storage_bytes / 1e6,
        )?;
    }
    Ok(())
}
