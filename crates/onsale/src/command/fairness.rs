//! `onsale fairness`.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use onsale_tables::Place;

use crate::cli::Fairness;
use crate::fairness::{Written, write};

use super::{audit, export, place};

pub(super) fn run(arguments: &Fairness) -> anyhow::Result<ExitCode> {
    let place = place::of(&arguments.of, &arguments.authority)?;
    let written = match &arguments.output {
        Some(path) => to_file(&place, &arguments.queue, path),
        None => write(&place, &arguments.queue, io::stdout().lock(), &mut |_| ()),
    };
    let Written { lines, end, entries: (from, to) } = match written {
        Err(error) if export::is_broken_pipe(&error) => return Ok(ExitCode::SUCCESS),
        written => written.map_err(|error| audit::with_hint(&place, error))?,
    };
    eprintln!("{lines} lines, as of entry {to} of the journal");
    if from > 0 {
        eprintln!("the journal begins behind entry {from}: when those of before were let in is not in it any more");
    }
    eprintln!("the last line has the hash {end}: publish it, and nobody can change a line");
    Ok(ExitCode::SUCCESS)
}

/// A file that could not be written whole is taken away again.
fn to_file(place: &Place, queue: &str, path: &Path) -> anyhow::Result<Written> {
    let failed = || format!("{} cannot be written", path.display());
    let file = File::create_new(path).with_context(failed)?;
    let written = write(place, queue, &file, &mut |_| ()).and_then(|written| {
        file.sync_all().with_context(failed)?;
        Ok(written)
    });
    written.inspect_err(|_| drop(std::fs::remove_file(path)))
}
