//! The `onsale` program: serves a store, and looks after it.

mod admin;
mod audit;
mod cli;
mod command;
mod config;
mod failure;
mod fairness;
mod log;

use std::process::ExitCode;

use clap::Parser as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match command::run(cli.command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}", failure::describe(&error));
            failure::code(&error)
        }
    }
}
