//! The commands, each in its module.

mod audit;
mod backup;
pub(crate) mod bounded;
mod codes;
mod compact;
mod completions;
mod config;
mod data;
mod export;
mod fairness;
mod import;
mod keys;
mod loadtest;
mod migrate_store;
mod operators;
mod output;
mod person;
mod place;
mod publish;
mod refusal;
mod restore;
mod secret;
mod serve;

use std::process::ExitCode;

use crate::cli::Command;

/// What commands on a store write is money and secrets: for its owner alone, whatever the process was started with, and from
/// the moment that a file is made. SQLite gives the files beside a database the database's own permissions.
fn keep_private(command: &Command) {
    match command {
        Command::Serve(_)
        | Command::Import(_)
        | Command::Audit(_)
        | Command::Backup(_)
        | Command::Restore(_)
        | Command::Compact(_)
        | Command::MigrateStore(_)
        | Command::Export(_)
        | Command::Fairness(_)
        | Command::Person(_) => {
            rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
        }
        Command::Config(_)
        | Command::Keys(_)
        | Command::Operators(_)
        | Command::Codes(_)
        | Command::Loadtest(_)
        | Command::Launch(_)
        | Command::Completions { .. } => {}
    }
}

pub(crate) fn run(command: Command) -> anyhow::Result<ExitCode> {
    keep_private(&command);
    match command {
        Command::Serve(arguments) => serve::run(arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Audit(arguments) => audit::run(&arguments),
        Command::Backup(arguments) => backup::run(&arguments),
        Command::Restore(arguments) => restore::run(&arguments),
        Command::Compact(arguments) => compact::run(&arguments),
        Command::MigrateStore(arguments) => migrate_store::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Fairness(arguments) => fairness::run(&arguments),
        Command::Config(arguments) => config::run(arguments),
        Command::Keys(keys) => keys::run(&keys),
        Command::Operators(operators) => operators::run(&operators),
        Command::Codes(codes) => codes::run(&codes),
        Command::Person(person) => person::run(&person),
        Command::Loadtest(arguments) => loadtest::run(&arguments),
        Command::Launch(launch) => onsale_loadtest::process::become_program(&launch).map(|()| ExitCode::SUCCESS),
        Command::Completions { shell } => completions::run(shell),
    }
}
