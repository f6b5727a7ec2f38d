//! The `onsale` program: serves a store, and looks after it.

mod admin;
mod audit;
mod bucket;
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
    // The first touch of a huge page takes the kernel milliseconds where it has to make one, and whoever asks for memory waits
    // (docs/adr/0053). Where it cannot be had, as on kernels without them, nothing is lost.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    let cli = cli::Cli::parse();
    match command::run(cli.command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}", failure::describe(&error));
            failure::code(&error)
        }
    }
}
