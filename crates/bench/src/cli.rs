//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::{Args, Parser, Subcommand};

use crate::cluster;
use crate::context::Context;
use crate::cores::Cores;
use crate::experiments::Experiment;
use crate::process::{FloorArguments, Launch};
use crate::scale;

/// Measures onsale against a floor server, in requests per second of server CPU time.
///
/// Needs the service beside it: cargo build --release -p onsale. The exit status is 0 when every target is met,
/// 1 when one is missed, 3 when something could not be measured.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compare a node on PostgreSQL with what the same server does without us, and with an embedded server.
    Cluster(cluster::Arguments),
    /// Measure what one journal carries, hold a model against it, and say what sales need by that.
    Scale(scale::Arguments),
    /// A server with a constant reply.
    #[command(hide = true)]
    Floor(FloorArguments),
    /// A service that locks rows.
    #[command(hide = true)]
    RowLocks(cluster::RowLocksArguments),
    /// Become a program that is pinned and ends with its parent.
    #[command(hide = true)]
    Launch(Launch),
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// A smoke run: one short pair on small states. Its figures mean little.
    #[arg(long)]
    quick: bool,
    /// Only these, in this order.
    #[arg(long, value_name = "NAME", value_enum, num_args = 1.., value_delimiter = ',')]
    pub(crate) only: Vec<Experiment>,
    /// Compare the floor with itself: shows how far the method can be trusted. Needs no service.
    #[arg(long, conflicts_with = "only")]
    pub(crate) self_test: bool,
    /// Write all figures to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Pairs of rounds per path [default: 5].
    #[arg(long, value_name = "N")]
    pairs: Option<usize>,
    /// Seconds per round [default: 3].
    #[arg(long, value_name = "S")]
    seconds: Option<f64>,
    #[command(flatten)]
    pub(crate) placement: Placement,
}

/// Where server and generator run.
#[derive(Clone, Debug, Args)]
pub(crate) struct Placement {
    /// The cores of the server, such as 0 or 0,1 [default: the first].
    #[arg(long, value_name = "CORES")]
    server_cores: Option<Cores>,
    /// The core of the generator [default: the last].
    #[arg(long, value_name = "CORE")]
    generator_core: Option<Cores>,
}

impl Placement {
    /// The cores of the server and of the generator.
    ///
    /// # Errors
    /// When this process may use no core.
    pub(crate) fn choose(self) -> Result<(Cores, Cores)> {
        let (server, generator) = Cores::available()?.split()?;
        Ok((self.server_cores.unwrap_or(server), self.generator_core.unwrap_or(generator)))
    }
}

impl RunArguments {
    /// How the run is done, with the server on these cores.
    ///
    /// # Errors
    /// When a number makes no sense.
    pub(crate) fn context(&self, server_cores: Cores) -> Result<Context> {
        let (pairs, seconds, warm_up) = if self.quick { (1, 0.5, 0.2) } else { (5, 3.0, 1.0) };
        let (pairs, seconds) = (self.pairs.unwrap_or(pairs), self.seconds.unwrap_or(seconds));
        ensure!((1..=100).contains(&pairs), "--pairs must be from 1 to 100");
        ensure!((0.1..=60.0).contains(&seconds), "--seconds must be from 0.1 to 60");
        Ok(Context {
            server_cores,
            pairs,
            round: Duration::from_secs_f64(seconds),
            warm_up: Duration::from_secs_f64(warm_up),
            is_quick: self.quick,
        })
    }
}
