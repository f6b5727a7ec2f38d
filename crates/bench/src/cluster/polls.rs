//! Polls of a node on PostgreSQL, to those of an embedded server; and of two nodes together, to those of one.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::Bench;
use super::rows::Rows;
use crate::cores::Cores;
use crate::experiments::waiting;
use crate::load::{self, Pace, Plan, Source};
use crate::measure::{self, Round, Spread};
use crate::process::Service;
use crate::request::Template;
use crate::sources::{Repeat, Tokens};

const DATABASE: &str = "bench_polls";
const WAITING: u64 = 100_000;
const CONNECTIONS: usize = 256;
const WARM_UP: Duration = Duration::from_secs(1);

/// Measures both.
///
/// # Errors
/// When a server fails, or answers otherwise than expected.
pub(super) fn run(bench: &Bench, rows: &mut Rows) -> Result<()> {
    let (first, last) = Cores::available()?.split()?;
    last.pin()?;
    let (embedded, embedded_tokens) = waiting::service_with_waiting(&Bench::program(&first)?, WAITING)?;
    bench.server.make(DATABASE)?;
    let url = bench.server.url(DATABASE);
    let node = |cores: &Cores| -> Result<Service> {
        let settings: Vec<(&str, &str)> = waiting::SETTINGS.into_iter().chain([("store.url", url.as_str())]).collect();
        Service::start(&Bench::program(cores)?, &settings)
    };
    let one = node(&first)?;
    let tokens = waiting::wait(&one, WAITING)?;
    to_embedded(bench, (&embedded, &embedded_tokens), (&one, &tokens), rows)?;
    embedded.stop()?;
    two_nodes(bench, [&one, &node(&first)?, &node(&last)?], &tokens, rows)
}

/// As the row `check` of the other benchmark measures both: server on one core, generator on the other, in turns.
fn to_embedded(
    bench: &Bench,
    embedded: (&Service, &Arc<Tokens>),
    node: (&Service, &Arc<Tokens>),
    rows: &mut Rows,
) -> Result<()> {
    let round = |(service, tokens): (&Service, &Arc<Tokens>), limit| {
        let mut source = Repeat::new(Template::check(), Arc::clone(tokens), 200);
        measure::closed(service, CONNECTIONS, limit, &mut source)
    };
    let mut rounds = Vec::new();
    for side in [embedded, node] {
        round(side, WARM_UP)?;
    }
    for number in 0..bench.rounds {
        let (of_embedded, of_node) = if number % 2 == 0 {
            let of_embedded = round(embedded, bench.round)?;
            (of_embedded, round(node, bench.round)?)
        } else {
            let of_node = round(node, bench.round)?;
            (round(embedded, bench.round)?, of_node)
        };
        rounds.push((of_node, of_embedded));
    }
    let ratios = |of: fn(&Round) -> f64| rounds.iter().map(move |(node, embedded)| of(node) / of(embedded));
    rows.ratio("polls per second of a node to an embedded server's".to_owned(), ratios(Round::per_second), Some(0.9));
    rows.ratio("the same per second of the server's CPU".to_owned(), ratios(Round::per_cpu_second), Some(0.9));
    let (of_node, of_embedded): (Vec<Round>, Vec<Round>) = rounds.into_iter().unzip();
    rows.note(told("polls, embedded server", &of_embedded));
    rows.note(told("polls, node on PostgreSQL", &of_node));
    Ok(())
}

/// One node, two that share a core, and two on a core each, of which one is the generator's too. Nodes get what CPU there
/// is, so polls are counted by it.
fn two_nodes(bench: &Bench, [one, beside, apart]: [&Service; 3], tokens: &Arc<Tokens>, rows: &mut Rows) -> Result<()> {
    let teams: [&[&Service]; 3] = [&[one], &[one, beside], &[one, apart]];
    let polls = || Repeat::new(Template::check(), Arc::clone(tokens), 200);
    let mut rounds = [Vec::new(), Vec::new(), Vec::new()];
    for team in teams {
        together(team, CONNECTIONS, &polls, WARM_UP)?;
    }
    for _ in 0..bench.rounds {
        for (team, rounds) in teams.iter().zip(&mut rounds) {
            rounds.push(together(team, CONNECTIONS, &polls, bench.round)?);
        }
    }
    let [one, beside, apart] = rounds;
    let ratios = |of: fn(&Round) -> f64, two: &[Round]| -> Vec<f64> {
        two.iter().zip(&one).map(|(two, one)| of(two) / of(one)).collect()
    };
    let name = |which: &str| format!("polls per second of CPU, two nodes {which} to one");
    rows.ratio(name("on one core"), ratios(Round::per_cpu_second, &beside), Some(0.9));
    rows.ratio(name("on two cores"), ratios(Round::per_cpu_second, &apart), Some(0.9));
    rows.ratio("polls per second, two nodes on two cores to one".to_owned(), ratios(Round::per_second, &apart), None);
    rows.ratio("CPU time, two nodes on two cores to one".to_owned(), ratios(Round::cores_busy, &apart), None);
    rows.note(told("polls, one node", &one));
    rows.note(told("polls, two nodes on one core", &beside));
    rows.note(told("polls, two nodes on two cores", &apart));
    Ok(())
}

/// One generator for each of these nodes, with so many connections and a source of its own, all at the same time.
pub(crate) fn together<S: Source>(
    team: &[&Service],
    connections: usize,
    source: &(dyn Fn() -> S + Sync),
    limit: Duration,
) -> Result<Round> {
    let cpu = || team.iter().map(|service| service.server().cpu()).sum::<Result<Duration>>();
    team.iter().try_for_each(|service| service.settle())?;
    let before = cpu()?;
    let reports = thread::scope(|scope| {
        let running: Vec<_> = team
            .iter()
            .map(|service| {
                let plan = Plan::new(service.address(), connections, Pace::Closed, limit);
                scope.spawn(move || load::run(&plan, &mut source())?.checked())
            })
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().ok().context("a generator panicked")?)
            .collect::<Result<Vec<_>>>()
    })?;
    let wall = reports.iter().map(|report| report.elapsed).max().unwrap_or_default();
    let completed = reports.iter().map(|report| report.completed).sum();
    Ok(Round { completed, wall, cpu: cpu()?.saturating_sub(before) })
}

fn told(name: &str, rounds: &[Round]) -> String {
    let median = |of: fn(&Round) -> f64| Spread::of(rounds.iter().map(of)).median;
    let (wall, cpu) = (median(Round::per_second), median(Round::per_cpu_second));
    format!("{name}: {wall:.0}/s on {:.2} cores, {cpu:.0} per second of CPU", median(Round::cores_busy))
}
