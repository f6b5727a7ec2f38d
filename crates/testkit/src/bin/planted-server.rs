//! The planted server as a program, to try a load test on by hand: `planted-server [--fault NAME] [--listen ADDRESS]
//! [--wire own|plain|foreign]`.

use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;

use clap::Parser;
use onsale_testkit::{Fault, PlantedServer, Rules, Wire};

/// Sells tickets out of memory, with one thing wrong.
#[derive(Parser)]
struct Arguments {
    /// What is wrong; nothing, if left out.
    #[arg(long)]
    fault: Option<Fault>,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// What it speaks: own, plain or foreign.
    #[arg(long, default_value = "own")]
    wire: Wire,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let rules = Rules { wire: arguments.wire, ..Rules::default() };
    let server = PlantedServer::listen(arguments.listen, &rules, arguments.fault)?;
    writeln!(std::io::stdout(), "listening on http://{}", server.address())?;
    server.wait();
    Ok(())
}
