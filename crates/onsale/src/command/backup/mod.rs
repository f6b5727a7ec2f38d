//! `onsale backup`: a copy of a store that is served meanwhile.
//!
//! A copy is a data directory. The tables are copied before the journal, as tables that are behind their journal are brought up to it
//! at a start and tables that are ahead of it are refused. A whole copy is made beside its place and put there by one rename; one that is
//! there already is extended by what the journal has more, in one transaction. So a `kill -9` leaves the copy as it was, or as it was to be.

mod bucket;

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use onsale_http::token;
use onsale_journal::local::{self, Copy, Extended};
use onsale_tables::{FILE_NAME as TABLES, Place, webhooks};
use rustix::fs::{CWD, RenameFlags};

use crate::cli;
use crate::failure::{FAILED, Hint, describe};

use super::{data, output};

/// What is locked of a data directory.
const LOCK: &str = "lock";

pub(super) fn run(arguments: &cli::Backup) -> anyhow::Result<ExitCode> {
    let cli::Backup { data: from, to, every, no_audit } = arguments;
    ensure!(from.join(local::FILE).exists(), "there is no store in {}", from.display());
    data::check_not_moved(from)?;
    let to = match to {
        cli::CopyPlace::Directory(to) => to,
        cli::CopyPlace::Bucket(to) => return bucket::run(from, to, *every, !no_audit),
    };
    // What a link leads to is the copy, not the link.
    let to = &fs::canonicalize(to).unwrap_or_else(|_| to.clone());
    check_apart(from, to)?;
    let missing = bring_up(from, to, &mut |head| {
        output::print(&format!("nothing is new since entry {head}, in {}\n", to.display()))
    })?;
    if !no_audit && !prove(to)? {
        tell(missing.as_ref());
        return Ok(ExitCode::from(FAILED));
    }
    let Some(every) = every else {
        return missing.map_or(Ok(ExitCode::SUCCESS), Err);
    };
    tell(missing.as_ref());
    let mut told = missing.map(|missing| describe(&missing));
    loop {
        std::thread::sleep(*every);
        // Whoever looks at the copy, an audit for one, has it for a moment: what is new comes with the next round.
        let missing = match bring_up(from, to, &mut |_| Ok(())) {
            Err(error) if is_in_use(&error) => Some(error),
            brought => brought?,
        };
        let now = missing.as_ref().map(describe);
        // What goes on to be missing is told once.
        if now != told {
            tell(missing.as_ref());
            if missing.is_none() {
                output::print("all is copied again\n")?;
            }
            told = now;
        }
    }
}

fn is_in_use(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(onsale_journal::Error::Locked { .. }))
}

fn tell(missing: Option<&anyhow::Error>) {
    if let Some(missing) = missing {
        eprintln!("{}", describe(missing));
    }
}

/// Makes the copy, or adds what is new; says so, also where nothing was. Gives why `webhooks.db` is not in it, or is older than the rest:
/// a file of webhooks that is broken keeps no sale from being copied.
fn bring_up(
    from: &Path,
    to: &Path,
    nothing: &mut dyn FnMut(u64) -> std::io::Result<()>,
) -> anyhow::Result<Option<anyhow::Error>> {
    loop {
        if !to.join(local::FILE).exists() {
            ensure!(is_empty(to)?, "there is something else in {}", to.display());
            match whole(from, to, None)? {
                Made::Whole(missing) => return Ok(missing),
                Made::Elsewhere => continue,
            }
        }
        let failed = || format!("{} cannot be extended", to.display());
        let copy = Copy::own(to).with_context(failed)?;
        if !copy.is_there() {
            continue;
        }
        let missing = copy_webhooks(from, to).err();
        let Some(Extended { head, entries }) = copy.extend(from).with_context(failed)? else {
            output::print("the store was compacted since the last copy: another one is made\n")?;
            match whole(from, to, Some(&copy))? {
                Made::Whole(missing) => return Ok(missing),
                Made::Elsewhere => continue,
            }
        };
        copy_keys(from, to)?;
        if entries > 0 {
            let seq = head.seq;
            let without = without(missing.as_ref());
            output::print(&format!("up to entry {seq}, {entries} of them new, in {}{without}\n", to.display()))?;
        } else {
            nothing(head.seq)?;
        }
        return Ok(missing);
    }
}

/// What stands behind what is said to be copied.
fn without(missing: Option<&anyhow::Error>) -> &'static str {
    if missing.is_some() { ", without webhooks.db" } else { "" }
}

/// What came of making a whole copy.
enum Made {
    /// It is there; and why `webhooks.db` is not in it.
    Whole(Option<anyhow::Error>),
    /// Another backup has put one there just before.
    Elsewhere,
}

/// Makes a whole copy, in the place of the one that is there, if any is.
fn whole(from: &Path, to: &Path, there: Option<&Copy>) -> anyhow::Result<Made> {
    let unnamed = beside(to, "new")?;
    ensure!(is_a_copy(&unnamed)?, "there is something else in {}, where the copy would be made", unnamed.display());
    data::make_directory(&unnamed)?;
    let copy = Copy::own(&unnamed).with_context(|| format!("a copy cannot be made in {}", unnamed.display()))?;
    if !copy.is_there() || (there.is_none() && to.join(local::FILE).exists()) {
        return Ok(Made::Elsewhere);
    }
    // It has the keys, and may be on another disk than it was meant for.
    let missing = fill(from, &unnamed, &copy).or_else(|error| remove(&unnamed).and(Err(error)))?;
    // Whoever looks for the copy finds the one of before, or this one.
    let put = if to.exists() {
        rustix::fs::renameat_with(CWD, &unnamed, CWD, to, RenameFlags::EXCHANGE).map_err(std::io::Error::from)
    } else {
        fs::rename(&unnamed, to)
    };
    if let Err(error) = put {
        remove(&unnamed)?;
        let hint = Hint("where something is mounted there, name a directory below it".to_owned());
        return Err(error).with_context(|| format!("{} cannot be replaced", to.display())).context(hint);
    }
    sync(to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
    remove(&unnamed)?;
    output::print(&format!("a whole copy is in {}{}\n", to.display(), without(missing.as_ref())))?;
    Ok(Made::Whole(missing))
}

/// Copies all of the store into the directory `unnamed`, of which only the lock stays as it is.
fn fill(from: &Path, unnamed: &Path, copy: &Copy) -> anyhow::Result<Option<anyhow::Error>> {
    empty(unnamed)?;
    let missing = copy_webhooks(from, unnamed).err();
    if from.join(TABLES).exists() {
        onsale_tables::copy_into(from, unnamed).context("the tables cannot be copied")?;
    }
    for path in checkpoints(from)? {
        let copy = unnamed.join(path.file_name().unwrap_or_default());
        data::make_directory(&copy)?;
        onsale_tables::copy_into(&path, &copy).with_context(|| format!("{} cannot be copied", path.display()))?;
        sync(&copy)?;
    }
    copy.fill(from).context("the journal cannot be copied")?;
    // Behind the journal: whoever is in it by a pseudonym is known by a key that was stored before.
    copy_keys(from, unnamed)?;
    sync(unnamed)?;
    Ok(missing)
}

/// # Errors
/// Where the copy would be the store, or in it.
fn check_apart(from: &Path, to: &Path) -> anyhow::Result<()> {
    let from = fs::canonicalize(from).with_context(|| format!("{} cannot be found", from.display()))?;
    let parent = to.ancestors().skip(1).find_map(|above| {
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        fs::canonicalize(above).ok()
    });
    ensure!(*to != from, "--to names the store itself");
    ensure!(!parent.is_some_and(|parent| parent.starts_with(&from)), "--to is in the store itself");
    Ok(())
}

/// Whether there is nothing in it but what a copy leaves that was broken off, or put in the place of one that was served.
pub(super) fn is_a_copy(dir: &Path) -> anyhow::Result<bool> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be listed", dir.display())),
    };
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let is_ours = ["journal.", "onsale.", "webhooks.", "history.", "keys.", "checkpoint-"];
        let is_ours = is_ours.iter().any(|begin| name.starts_with(begin));
        if !is_ours && name != LOCK {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Who is sent what happened: before the tables and the journal, so that none is ahead of what there is to send.
fn copy_webhooks(from: &Path, to: &Path) -> anyhow::Result<()> {
    webhooks::copy_into(from, to).context("the rest is copied, and webhooks.db cannot be")
}

/// The keys, where the store has any of its own: as they are now, or as they were at the last copy.
pub(super) fn copy_keys(from: &Path, to: &Path) -> anyhow::Result<()> {
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
pub(super) fn prove(to: &Path) -> anyhow::Result<bool> {
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

pub(super) fn is_empty(dir: &Path) -> anyhow::Result<bool> {
    match fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error).with_context(|| format!("{} cannot be listed", dir.display())),
    }
}

pub(super) fn sync(dir: &Path) -> anyhow::Result<()> {
    File::open(dir).and_then(|dir| dir.sync_all()).with_context(|| format!("{} cannot be synced", dir.display()))
}

pub(super) fn remove(dir: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error).context(left(dir)),
        _ => Ok(()),
    }
}

/// Removes what an earlier copy left, but for the lock that is held.
pub(super) fn empty(dir: &Path) -> anyhow::Result<()> {
    let clear = || {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else if entry.file_name() != LOCK {
                fs::remove_file(entry.path())?;
            }
        }
        Ok::<(), std::io::Error>(())
    };
    clear().context(left(dir))
}

fn left(dir: &Path) -> Hint {
    Hint(format!("it is what an earlier copy left: remove {} yourself", dir.display()))
}
