//! `onsale compact`: the state as it is becomes the journal's new beginning.
//!
//! The order makes a `kill -9` harmless wherever it falls. The tables are brought to the journal's end and copied; the
//! copy gets its name only when it is on stable storage; then the journal seals that place and drops what came before.
//! Until the seal the old journal is whole, and after it the copy is there to replay from.
//!
//! In a database the same is done while nodes serve: the state that the tables hold at some moment is copied beside them,
//! and the journal begins there.

use std::fs::{self, File};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use onsale_journal::local::Journal;
use onsale_journal::{Checkpoint, Journal as _, Truncated, postgres};
use onsale_node::{Node, Options, Store, Target};
use onsale_tables::checkpoint::Keeper;
use onsale_tables::{Place, ProvenMark, Tables};

use crate::audit::checkpoint_directory;
use crate::cli;

use super::{data, output, place};

pub(super) fn run(arguments: &cli::Compact) -> anyhow::Result<ExitCode> {
    let (seq, kept) = match place::of(&arguments.of, &arguments.authority)? {
        Place::Directory(dir) => in_directory(&dir)?,
        Place::Postgres(target) => in_database(&target)?,
    };
    output::print(&format!("the journal begins behind entry {seq} now; the state there is in {kept}\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn in_directory(dir: &Path) -> anyhow::Result<(u64, String)> {
    ensure!(dir.join(onsale_journal::local::FILE).exists(), "there is no store in {}", dir.display());
    data::check_not_moved(dir)?;
    catch_up(dir)?;
    let mut journal = Journal::open(dir).context("the journal cannot be opened")?;
    let checkpoint = copy(dir, &journal)?;
    while journal.truncate(&checkpoint).context("the journal cannot be truncated")? == Truncated::Partly {}
    drop_older(dir, checkpoint.seq)?;
    Ok((checkpoint.seq, checkpoint_directory(dir, checkpoint.seq).display().to_string()))
}

fn in_database(target: &Target) -> anyhow::Result<(u64, String)> {
    let summary = postgres::Opener::new(target).summary().context("there is no store to be compacted")?;
    let keeper = Keeper::begin(target).context("the store cannot be compacted now")?;
    let stored = keeper.keep().context("the state cannot be kept in the database, in a schema of its own")?;
    let ProvenMark { mark, hash, store_id } = stored.context("the tables hold nothing yet")?;
    ensure!(store_id == summary.store_id, "the tables belong to another journal");
    let checkpoint =
        Checkpoint { seq: mark.seq, time_ms: mark.time.0, hash: hash.into(), fingerprint: mark.fingerprint };
    let mut journal = postgres::Journal::open(target).context("the journal cannot be opened")?;
    while journal.truncate(&checkpoint).context("the journal cannot be truncated")? == Truncated::Partly {}
    keeper.drop_others(mark.seq).context("the state at the journal's former beginning cannot be dropped")?;
    Ok((mark.seq, target.shown().to_owned()))
}

/// Opening and stopping a node brings the tables to the journal's end and seals them there.
fn catch_up(dir: &Path) -> anyhow::Result<()> {
    let store = Store::Directory(dir.to_owned());
    let options = Options::new(store);
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
