//! Starts a PostgreSQL, runs a command that finds its address in the environment, and stops it again:
//! `with_postgres cargo nextest run`. With `--tables PROGRAM`, that program makes a store's tables in a database first, of which
//! tests that begin with a store get copies.

use std::process::{Command, ExitCode};

use onsale_testkit::postgres::{Postgres, SERVER, TEMPLATE};

const USAGE: &str = "usage: with_postgres [--tables PROGRAM] COMMAND [ARGUMENT]…";

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1).peekable();
    let has_tables = words.next_if(|word| word == "--tables").is_some();
    let tables = has_tables.then(|| words.next());
    let (Some(program), None | Some(Some(_))) = (words.next(), &tables) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let server = Postgres::start_dying_with_us();
    let mut command = Command::new(&program);
    command.args(words).env(SERVER, server.url());
    if let Some(tables) = tables.flatten() {
        let template = server.database();
        match Command::new(&tables).arg(template.url()).status() {
            Ok(status) if status.success() => {}
            failed => {
                eprintln!("{} made no tables: {failed:?}", tables.display());
                return ExitCode::FAILURE;
            }
        }
        command.env(TEMPLATE, template.name());
    }
    match command.status() {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("{}: {error}", program.display());
            ExitCode::FAILURE
        }
    }
}
