//! The commands, each in its module.

mod audit;
mod compact;
mod completions;
mod config;
mod data;
mod export;
mod import;
mod keys;
mod loadtest;
mod migrate_store;
mod output;
mod place;
mod publish;
mod refusal;
mod serve;

use std::process::ExitCode;

use crate::cli::Command;

pub(crate) fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(arguments) => serve::run(arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Audit(arguments) => audit::run(&arguments),
        Command::Compact(arguments) => compact::run(&arguments),
        Command::MigrateStore(arguments) => migrate_store::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Config(arguments) => config::run(arguments),
        Command::Keys(keys) => keys::run(&keys),
        Command::Loadtest(arguments) => loadtest::run(&arguments),
        Command::Launch(launch) => onsale_loadtest::process::become_program(&launch).map(|()| ExitCode::SUCCESS),
        Command::Completions { shell } => completions::run(shell),
    }
}
