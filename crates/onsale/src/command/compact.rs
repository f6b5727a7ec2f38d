//! `onsale compact`: the state as it is becomes the journal's new beginning.
//!
//! The order makes a `kill -9` harmless wherever it falls. The tables are brought to the journal's end and copied; the
//! copy gets its name only when it is on stable storage; then the journal seals that place and drops what came before.
//! Until the seal the old journal is whole, and after it the copy is there to replay from.

use std::fs::{self, File};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use onsale_journal::local::Journal;
use onsale_journal::{Checkpoint, Journal as _, Truncated};
use onsale_node::{Node, Options, Overrides, Store};
use onsale_tables::Tables;

use crate::audit::checkpoint_directory;
use crate::cli;

use super::output;

pub(super) fn run(arguments: &cli::Compact) -> anyhow::Result<ExitCode> {
    let dir = &arguments.data;
    ensure!(dir.join(onsale_journal::local::FILE).exists(), "there is no store in {}", dir.display());
    catch_up(dir)?;
    let mut journal = Journal::open(dir).context("the journal cannot be opened")?;
    let checkpoint = copy(dir, &journal)?;
    while journal.truncate(&checkpoint).context("the journal cannot be truncated")? == Truncated::Partly {}
    drop_older(dir, checkpoint.seq)?;
    let kept = checkpoint_directory(dir, checkpoint.seq);
    output::print(&format!(
        "the journal begins behind entry {} now; the state there is in {}\n",
        checkpoint.seq,
        kept.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Opening and stopping a node brings the tables to the journal's end and seals them there.
fn catch_up(dir: &Path) -> anyhow::Result<()> {
    let store = Store::Directory(dir.to_owned());
    let options = Options { store, pending_max: 1, batch_max: Options::BATCH_MAX, overrides: Overrides::default() };
    let node = Node::open(&options, &mut |_| ()).context("the store cannot be opened")?;
    node.stop();
    Ok(())
}

/// Copies the tables to where an audit will look for them, and says what they are.
fn copy(dir: &Path, journal: &Journal) -> anyhow::Result<Checkpoint> {
    let tables = Tables::open(dir).context("the tables cannot be opened")?;
    let stored = tables.mark()?.context("the tables hold nothing yet")?;
    let head = journal.head();
    ensure!(stored.mark.seq == head.seq, "the tables are at entry {}, the journal at {}", stored.mark.seq, head.seq);
    let to = checkpoint_directory(dir, head.seq);
    let unnamed = to.with_extension("new");
    remove(&unnamed)?;
    remove(&to)?;
    fs::create_dir(&unnamed).with_context(|| format!("{} cannot be made", unnamed.display()))?;
    tables.copy_to(&unnamed).context("the tables cannot be copied")?;
    File::open(&unnamed).and_then(|dir| dir.sync_all())?;
    fs::rename(&unnamed, &to)?;
    File::open(dir).and_then(|dir| dir.sync_all())?;
    Ok(Checkpoint { seq: head.seq, time_ms: head.time_ms, hash: head.hash, fingerprint: stored.mark.fingerprint })
}

/// Only the copy at the sealed place is of use.
fn drop_older(dir: &Path, seq: u64) -> anyhow::Result<()> {
    let keep = checkpoint_directory(dir, seq);
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let is_copy = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("checkpoint-"));
        if is_copy && path != keep {
            remove(&path)?;
        }
    }
    Ok(())
}

fn remove(dir: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", dir.display()))
        }
        _ => Ok(()),
    }
}
