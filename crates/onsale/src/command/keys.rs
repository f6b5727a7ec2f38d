//! `onsale keys`.

use std::process::ExitCode;

use crate::cli::Keys;

use super::{output, secret};

pub(super) fn run(keys: &Keys) -> anyhow::Result<ExitCode> {
    match keys {
        Keys::Rotate(running) => {
            secret::enter(running)?.rotate_keys()?;
            output::print("A new key signs from now on; tokens that are out stay valid.\n")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
