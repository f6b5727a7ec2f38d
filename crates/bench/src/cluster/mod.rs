//! Many nodes on one PostgreSQL: durable reservations against what the same server does without us, and polls.
//!
//! Everything shares the machine's cores: the database, the node, and whoever makes the load. So it is in production of
//! the smallest kind, and so it is for both sides of each ratio; who used how much of the cores is printed.

mod database;
mod polls;
mod reservations;
mod row_locks;
mod rows;
mod shares;

use std::io::Write as _;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;

use crate::cores::Cores;
use crate::process::Program;
use crate::report::{Machine, Verdict};
pub(crate) use database::Server as Database;
use database::Server;
pub(crate) use polls::together;
use reservations::Kind;
pub(crate) use row_locks::{Arguments as RowLocksArguments, serve as serve_row_locks};
use rows::Rows;
pub(crate) use shares::busy;

/// What is measured, and on which server.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The server: postgres://user@host:port, of a user that may make databases. `scripts/bench-postgres` starts one.
    #[arg(long, value_name = "URL")]
    server: String,
    /// Clients of each kind.
    #[arg(long, value_name = "N", num_args = 1.., value_delimiter = ',', default_values_t = [32, 256])]
    clients: Vec<usize>,
    /// Rounds of each kind, in turns.
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: usize,
    /// Seconds per round.
    #[arg(long, value_name = "S", default_value_t = 5.0)]
    seconds: f64,
    /// Only this.
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Only these kinds of reservations.
    #[arg(long, value_enum, num_args = 1.., value_delimiter = ',')]
    kinds: Vec<Kind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Durable reservations.
    Reservations,
    /// Polls of one node, and of two.
    Polls,
}

/// What all parts share.
struct Bench {
    server: Server,
    kinds: Vec<Kind>,
    rounds: usize,
    round: Duration,
}

impl Bench {
    fn program(cores: &Cores) -> Result<Program> {
        Program::beside_own(cores.clone())
    }
}

/// Runs all parts, or one, and prints what they came to.
///
/// # Errors
/// When a program is missing or fails, or the server is not durable.
pub(crate) fn run(arguments: &Arguments) -> Result<Verdict> {
    let server = Server::new(&arguments.server);
    let all = Cores::available()?;
    let machine = Machine::look(all.to_string(), all.to_string(), true);
    let bench = Bench {
        server,
        kinds: if arguments.kinds.is_empty() { reservations::ALL.to_vec() } else { arguments.kinds.clone() },
        rounds: arguments.rounds,
        round: Duration::from_secs_f64(arguments.seconds),
    };
    let settings = bench.server.settings()?;
    let mut rows = Rows::default();
    if arguments.only != Some(Part::Polls) {
        for &clients in &arguments.clients {
            reservations::run(&bench, clients, &mut rows)?;
        }
    }
    if arguments.only != Some(Part::Reservations) {
        polls::run(&bench, &mut rows)?;
    }
    let mut out = std::io::stdout();
    writeln!(out, "\n{}\nPostgreSQL: {settings}\n", machine.text())?;
    rows.write(&mut out)?;
    Ok(rows.verdict())
}
