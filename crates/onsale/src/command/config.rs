//! `onsale config`.

use std::process::ExitCode;

use crate::cli::ShowConfig;
use crate::config::{Config, DEFAULT, Layers, effective};

use super::output;

pub(super) fn run(arguments: ShowConfig) -> anyhow::Result<ExitCode> {
    if !arguments.effective {
        output::print(DEFAULT)?;
        return Ok(ExitCode::SUCCESS);
    }
    let layers = Layers::gather(&arguments.settings.sources())?;
    // What cannot be used is said here as it would be at a start.
    Config::from_layers(&layers)?;
    output::print(&effective(&layers))?;
    Ok(ExitCode::SUCCESS)
}
