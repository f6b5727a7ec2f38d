//! The planted server as a program, to try a load test on by hand: `planted-server [--fault NAME] [--listen ADDRESS]
//! [--wire own|plain|foreign] [--entry-secret SECRET]`.

use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;

use clap::Parser;
use onsale_testkit::{Entry, Fault, PlantedServer, Rules, Wire};

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
    /// Lets in only whom somebody has signed for with this secret, as `docs/profiles/onsale-signed.toml` has it.
    #[arg(long)]
    entry_secret: Option<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let entry = arguments.entry_secret.map(|secret| Entry {
        issuer: "https://shop.example".to_owned(),
        audience: "tickets".to_owned(),
        secret,
    });
    let rules = Rules { wire: arguments.wire, entry, ..Rules::default() };
    let server = PlantedServer::listen(arguments.listen, &rules, arguments.fault)?;
    writeln!(std::io::stdout(), "listening on http://{}", server.address())?;
    server.wait();
    Ok(())
}
