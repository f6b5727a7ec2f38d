//! Starts a PostgreSQL, runs a command that finds its address in the environment, and stops it again:
//! `with_postgres cargo nextest run`.

use std::process::{Command, ExitCode};

use onsale_testkit::postgres::{Postgres, SERVER};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else {
        eprintln!("usage: with_postgres COMMAND [ARGUMENT]…");
        return ExitCode::from(2);
    };
    let server = Postgres::start_dying_with_us();
    match Command::new(&program).args(words).env(SERVER, server.url()).status() {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("{}: {error}", program.display());
            ExitCode::FAILURE
        }
    }
}
