//! `onsale backup`: a copy of a store that is served meanwhile.
//!
//! A copy is a data directory. The tables are copied before the journal, as tables that are behind their journal are brought up to it
//! at a start and tables that are ahead of it are refused. A whole copy is made beside its place and put there by one rename; one that is
//! there already is extended by what the journal has more, in one transaction. So a `kill -9` leaves the copy as it was, or as it was to be.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use onsale_http::token;
use onsale_journal::local::{self, Extended};
use onsale_tables::{FILE_NAME as TABLES, Place, webhooks};
use rustix::fs::{CWD, RenameFlags};

use crate::cli;
use crate::failure::{FAILED, Hint};

use super::{data, output};

pub(super) fn run(arguments: &cli::Backup) -> anyhow::Result<ExitCode> {
    let cli::Backup { data: from, to, every, no_audit } = arguments;
    ensure!(from.join(local::FILE).exists(), "there is no store in {}", from.display());
    data::check_not_moved(from)?;
    ensure!(!is_same(from, to), "--to names the store itself");
    if !bring_up(from, to)? && !no_audit && !prove(to)? {
        return Ok(ExitCode::from(FAILED));
    }
    let Some(every) = every else {
        return Ok(ExitCode::SUCCESS);
    };
    loop {
        std::thread::sleep(*every);
        bring_up(from, to)?;
    }
}

/// Makes the copy, or adds what is new. True where nothing was.
fn bring_up(from: &Path, to: &Path) -> anyhow::Result<bool> {
    if !to.join(local::FILE).exists() {
        ensure!(is_empty(to)?, "there is something else in {}", to.display());
        return whole(from, to).map(|()| false);
    }
    copy_webhooks(from, to)?;
    let extended = local::extend_copy(from, to).with_context(|| format!("{} cannot be extended", to.display()))?;
    let Some(Extended { head, entries }) = extended else {
        output::print("the store was compacted since the last copy: another one is made\n")?;
        return whole(from, to).map(|()| false);
    };
    copy_keys(from, to)?;
    if entries > 0 {
        output::print(&format!("up to entry {}, {entries} of them new, in {}\n", head.seq, to.display()))?;
    }
    Ok(entries == 0)
}

fn whole(from: &Path, to: &Path) -> anyhow::Result<()> {
    let unnamed = beside(to, "new")?;
    remove(&unnamed)?;
    data::make_directory(&unnamed)?;
    copy_webhooks(from, &unnamed)?;
    if from.join(TABLES).exists() {
        onsale_tables::copy_into(from, &unnamed).context("the tables cannot be copied")?;
    }
    for path in checkpoints(from)? {
        let copy = unnamed.join(path.file_name().unwrap_or_default());
        data::make_directory(&copy)?;
        onsale_tables::copy_into(&path, &copy).with_context(|| format!("{} cannot be copied", path.display()))?;
        sync(&copy)?;
    }
    copy_keys(from, &unnamed)?;
    local::copy_into(from, &unnamed).context("the journal cannot be copied")?;
    sync(&unnamed)?;
    // Whoever looks for the copy finds the one of before, or this one.
    let failed = || format!("{} cannot be put in place of {}", unnamed.display(), to.display());
    if to.exists() {
        rustix::fs::renameat_with(CWD, &unnamed, CWD, to, RenameFlags::EXCHANGE).with_context(failed)?;
    } else {
        fs::rename(&unnamed, to).with_context(failed)?;
    }
    sync(to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
    remove(&unnamed)?;
    output::print(&format!("a whole copy is in {}\n", to.display()))?;
    Ok(())
}

/// Who is sent what happened: before the tables and the journal, so that none is ahead of what there is to send.
fn copy_webhooks(from: &Path, to: &Path) -> anyhow::Result<()> {
    webhooks::copy_into(from, to).context("the webhooks cannot be copied")
}

/// The keys, where the store has any of its own: as they are now, or as they were at the last copy.
fn copy_keys(from: &Path, to: &Path) -> anyhow::Result<()> {
    let (source, copy) = (from.join(token::FILE_NAME), to.join(token::FILE_NAME));
    let keys = match fs::read(&source) {
        Ok(keys) => keys,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", source.display())),
    };
    if fs::read(&copy).is_ok_and(|copied| copied == keys) {
        return Ok(());
    }
    let unnamed = copy.with_extension("new");
    let write = || {
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unnamed)?;
        file.write_all(&keys)?;
        file.sync_all()?;
        fs::rename(&unnamed, &copy)?;
        File::open(to)?.sync_all()
    };
    write().with_context(|| format!("{} cannot be written", copy.display()))
}

/// The states at which the journal was compacted.
fn checkpoints(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let listed =
        fs::read_dir(dir).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>());
    let listed = listed.with_context(|| format!("{} cannot be listed", dir.display()))?;
    // One whose copy was broken off has another ending.
    let is_kept = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name.strip_prefix("checkpoint-").is_some_and(|seq| seq.bytes().all(|byte| byte.is_ascii_digit()))
    };
    Ok(listed.into_iter().filter(is_kept).collect())
}

/// Whether an audit finds nothing in the copy; what it finds is told.
fn prove(to: &Path) -> anyhow::Result<bool> {
    let report = super::audit::report(&Place::Directory(to.to_owned()))?;
    output::print(&super::audit::text(&report))?;
    Ok(report.holds())
}

fn beside(to: &Path, ending: &str) -> anyhow::Result<PathBuf> {
    let Some(name) = to.file_name() else { bail!("--to {} names no directory", to.display()) };
    let mut name = name.to_owned();
    name.push(".");
    name.push(ending);
    Ok(to.with_file_name(name))
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

fn is_empty(dir: &Path) -> anyhow::Result<bool> {
    match fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error).with_context(|| format!("{} cannot be listed", dir.display())),
    }
}

fn sync(dir: &Path) -> anyhow::Result<()> {
    File::open(dir).and_then(|dir| dir.sync_all()).with_context(|| format!("{} cannot be synced", dir.display()))
}

fn remove(dir: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).context(Hint(format!("it is what an earlier copy left: remove {} yourself", dir.display())))
        }
        _ => Ok(()),
    }
}
