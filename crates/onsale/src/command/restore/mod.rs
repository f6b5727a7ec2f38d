//! `onsale restore`: a store of a copy, whose end is lost.
//!
//! It is made beside its place, audited, and put there by one rename: a `kill -9` leaves nothing there, or all of it. Its first own
//! entry passes over every number that may have been given out in what is lost, so that no two things ever have the same.

mod lost;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use jiff::Timestamp;
use onsale_domain::command::Command;
use onsale_domain::ids::KeyId;
use onsale_domain::operator::Operator;
use onsale_domain::row::Mark;
use onsale_domain::time::Time;
use onsale_http::token;
use onsale_journal::Head;
use onsale_journal::local::{self, Copy, ReadOnly};
use onsale_node::{Currency, Node, Options, Store};
use onsale_tables::{FILE_NAME as TABLES, Place, Tables, webhooks};

use crate::audit::checkpoint_directory;
use crate::bucket::{Bucket, Fetched, fetch};
use crate::cli::{self, CopyPlace};
use crate::failure::{FAILED, Hint};

use super::{audit, backup, data, output};
use lost::Lost;

/// The most numbers of one kind that are given out in a millisecond: a million a second is several times what a node carries out.
const NUMBERS_PER_MS: u64 = 1_000;
/// So far the clocks of the lost server, the operator and this machine may be apart.
const CLOCKS_APART_MS: u64 = 60_000;
/// A clock may be a day's zone wrong.
const DAY_MS: u64 = 24 * 3_600_000;
/// What a store is in where nobody has said otherwise; one that was served has said so.
const CURRENCY: &str = "KRW";

pub(super) fn run(arguments: &cli::Restore) -> anyhow::Result<ExitCode> {
    let address = match &arguments.from {
        CopyPlace::Directory(from) => return from_directory(arguments, from, Time(0)),
        CopyPlace::Bucket(address) => address,
    };
    // What a copy is got for in vain is known before.
    check(arguments, None)?;
    let bucket = Bucket::open(address)?;
    let Fetched { scratch, latest, told } = fetch(&bucket, arguments.until)?;
    output::print(&told)?;
    from_directory(arguments, scratch.path(), latest)
}

/// `latest` is the time of an entry that was in the copy, where not all of it is there.
fn from_directory(arguments: &cli::Restore, from: &Path, latest: Time) -> anyhow::Result<ExitCode> {
    ensure!(from.join(local::FILE).exists(), "there is no copy in {}", from.display());
    data::check_not_moved(from)?;
    let unnamed = check(arguments, Some(from))?;
    data::make_directory(&unnamed)?;
    // Who else restores to there at this moment is refused, and removes nothing.
    let owned = Copy::own(&unnamed).with_context(|| format!("a store cannot be made in {}", unnamed.display()))?;
    let done = restore(arguments, from, &unnamed, owned, latest);
    if !matches!(done, Ok(ExitCode::SUCCESS)) {
        // It has the keys.
        backup::remove(&unnamed)?;
    }
    done
}

/// Where the store is made, which gets its name when it is whole.
///
/// # Errors
/// Where something is in the way.
fn check(arguments: &cli::Restore, from: Option<&Path>) -> anyhow::Result<PathBuf> {
    let cli::Restore { data, old, lost, .. } = arguments;
    for (flag, dir) in [("--from", from), ("--old", old.as_deref())] {
        ensure!(!dir.is_some_and(|dir| is_in(data, dir)), "--data is in what {flag} names");
    }
    let hint = || Hint("move what is there away, and keep it: --old lists what can be read of it".to_owned());
    ensure_empty(data).with_context(hint)?;
    if let Some(file) = lost {
        ensure!(!file.exists(), "the file of --lost exists already");
        ensure!(parent(file).is_dir(), "--lost is in {}, which is no directory", parent(file).display());
        let is_in_one = is_in(file, data) || from.is_some_and(|from| is_in(file, from));
        ensure!(!is_in_one, "--lost is in what --data or --from names");
    }
    ensure!(!data.is_symlink(), "--data {} is a link: name the directory that it leads to", data.display());
    let unnamed = unnamed(data)?;
    ensure!(backup::is_a_copy(&unnamed)?, "there is something else in {}, where it would be made", unnamed.display());
    Ok(unnamed)
}

fn restore(
    arguments: &cli::Restore,
    from: &Path,
    unnamed: &Path,
    owned: Copy,
    latest: Time,
) -> anyhow::Result<ExitCode> {
    let cli::Restore { data, .. } = arguments;
    let Copied { end, latest: copied, store_id, currency } = copy(arguments, from, unnamed, owned)?;
    let latest = latest.max(copied);
    let lost = arguments.old.as_ref().map(|old| lost::read(old, unnamed, store_id, end)).transpose()?;
    let until = lost_until(arguments, latest, lost.as_ref())?;
    let numbers = numbers(end, until);
    let mark = begin(arguments, unnamed, currency, (end, until, numbers))?;
    if !backup::prove(unnamed)? {
        output::print(&format!("nothing is restored of {}: it is not what the store was\n", arguments.from))?;
        return Ok(ExitCode::from(FAILED));
    }
    let paused = pause_webhooks(unnamed)?;
    if let Some((lost, file)) = lost.as_ref().zip(arguments.lost.as_ref()) {
        lost.write(file, arguments.format)?;
    }
    put(unnamed, data).inspect_err(|_| drop(arguments.lost.as_ref().map(fs::remove_file)))?;
    let Head { seq, time_ms, .. } = end;
    let counters = mark.counters;
    output::print(&format!(
        "the store is in {}, as it was at entry {seq}, {}\n\
         lost is what came until {}: reservations go on from number {}, payments from {}\n",
        data.display(),
        moment(Time(time_ms)),
        moment(until),
        counters.next_reservation,
        counters.next_payment
    ))?;
    if let Some(lost) = lost {
        output::print(&lost.summary())?;
    }
    if paused > 0 {
        output::print(&format!("{paused} webhooks are paused: their receivers were told what is lost\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What was copied.
struct Copied {
    /// Its last entry.
    end: Head,
    /// The time of the last entry that the copy has.
    latest: Time,
    store_id: u64,
    /// What the amounts are in, where the tables that say so are to be made anew.
    currency: Option<String>,
}

fn copy(arguments: &cli::Restore, from: &Path, to: &Path, owned: Copy) -> anyhow::Result<Copied> {
    backup::empty(to)?;
    // Its lock keeps everybody from adding to the copy meanwhile.
    let journal = ReadOnly::open(from, &mut |_| ())
        .context("the copy cannot be read")
        .map_err(|error| audit::with_hint(&Place::Directory(from.to_owned()), error))?;
    let (first, head) = (journal.checkpoint().map_or(0, |checkpoint| checkpoint.seq), journal.head());
    let end = match arguments.until {
        None => head,
        Some(until) => journal.last(until)?.with_context(|| {
            let ends = moment(Time(head.time_ms));
            format!("--until is not in the copy: it has what came from entry {first} to {}, {ends}", head.seq)
        })?,
    };
    if let Err(error) = webhooks::copy_into(from, to) {
        eprintln!("webhooks.db cannot be copied ({error}): make the webhooks anew");
    }
    if from.join(TABLES).exists() {
        onsale_tables::copy_into(from, to).context("the tables cannot be copied")?;
    }
    let mut kept = None;
    if let Some(checkpoint) = journal.checkpoint() {
        let (source, copy) = (checkpoint_directory(from, checkpoint.seq), checkpoint_directory(to, checkpoint.seq));
        data::make_directory(&copy)?;
        onsale_tables::copy_into(&source, &copy).with_context(|| format!("{} cannot be copied", source.display()))?;
        backup::sync(&copy)?;
        kept = Some(copy);
    }
    backup::copy_keys(from, to)?;
    check_keys(to, journal.store_id())?;
    owned.fill(from).context("the journal cannot be copied")?;
    drop(owned);
    if end != head {
        local::cut(to, end.seq).context("what came behind --until cannot be left out")?;
    }
    let currency = take_back(to, kept.as_deref(), end)?;
    Ok(Copied { end, latest: Time(head.time_ms), store_id: journal.store_id(), currency })
}

/// Tables that are ahead of where the journal ends are taken back to where it begins: the start makes the rest again.
fn take_back(dir: &Path, checkpoint: Option<&Path>, end: Head) -> anyhow::Result<Option<String>> {
    let mut tables = Tables::open(dir).context("the tables cannot be opened")?;
    let stored = tables.mark().context("the tables cannot be read")?;
    if stored.is_none_or(|stored| stored.mark.seq <= end.seq) {
        return Ok(None);
    }
    let currency = tables.currency(CURRENCY).context("the tables cannot be read")?;
    drop(tables);
    for ending in ["", "-wal", "-shm"] {
        let path = dir.join(format!("{TABLES}{ending}"));
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("{} cannot be removed", path.display()));
            }
            _ => {}
        }
    }
    if let Some(checkpoint) = checkpoint {
        onsale_tables::copy_into(checkpoint, dir).context("the tables cannot be copied")?;
    }
    Ok(Some(currency))
}

/// Until when something may have been given out that is lost.
fn lost_until(arguments: &cli::Restore, latest: Time, lost: Option<&Lost>) -> anyhow::Result<Time> {
    let known = latest.max(lost.map_or(latest, Lost::latest));
    let Some(said) = arguments.lost_until else {
        return Ok(known.max(Time(u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0))));
    };
    // Numbers that are passed over are gone for ever: a year that is mistyped would take most of them.
    let latest = Time(u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0)).plus_ms(DAY_MS).max(known);
    ensure!(said <= latest, "--lost-until is {}, which has not been", moment(said));
    ensure!(said >= known, "--lost-until is {}, and there is an entry of {}", moment(said), moment(known));
    Ok(said)
}

/// How many numbers of each kind may have been given out behind the end.
fn numbers(end: Head, until: Time) -> u64 {
    until.0.saturating_sub(end.time_ms).saturating_add(CLOCKS_APART_MS).saturating_mul(NUMBERS_PER_MS)
}

/// The first entries of the store's own.
fn begin(
    arguments: &cli::Restore,
    dir: &Path,
    currency: Option<String>,
    (end, lost_until, numbers): (Head, Time, u64),
) -> anyhow::Result<Mark> {
    let options = Options {
        trust_clock: arguments.trust_clock,
        currency: currency.map_or(Currency::Unsaid, Currency::Given),
        ..Options::new(Store::Directory(dir.to_owned()))
    };
    let node = Node::open(&options, &mut |_| ()).map_err(|error| match error {
        error @ onsale_node::OpenError::Clock(_) => {
            anyhow::Error::new(error).context(Hint("where the clock is right, say --trust-clock here".to_owned()))
        }
        error => error.into(),
    });
    let node = node.context("the copy cannot be opened").map_err(|error| {
        let hint = "where it is onsale.db alone that is damaged, remove it from a copy of the copy: it is made anew from the journal, unless that \
                    was compacted";
        if error.downcast_ref::<Hint>().is_some() { error } else { error.context(Hint(hint.to_owned())) }
    })?;
    let by = Operator { key: KeyId(0), name: Some("onsale restore".to_owned()) };
    let pass_over = Command::PassOver { numbers, entry: end.seq, lost_from: Time(end.time_ms), lost_until };
    let command = Command::Operate { by, command: Box::new(pass_over) };
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let done = runtime.block_on(async { node.lane().submit(command).await });
    node.stop();
    done.context("the numbers of what is lost cannot be passed over")?;
    Ok(node.views().mark())
}

fn pause_webhooks(dir: &Path) -> anyhow::Result<usize> {
    if !dir.join(webhooks::FILE_NAME).exists() {
        return Ok(0);
    }
    let mut stored = webhooks::Webhooks::new(&Place::Directory(dir.to_owned()), true);
    onsale_http::webhooks::pause_restored(&mut stored)
        .map_err(anyhow::Error::msg)
        .context("the webhooks cannot be paused; without webhooks.db in the copy there are none")
}

/// The keys of the copy are looked at now, when another copy can still be chosen.
fn check_keys(dir: &Path, store_id: u64) -> anyhow::Result<()> {
    if !dir.join(token::FILE_NAME).exists() {
        eprintln!(
            "the copy has no {}: the store starts only with the keys that it had, by the configuration",
            token::FILE_NAME
        );
        return Ok(());
    }
    let keys = token::KeyStore::in_directory(dir, store_id, token::Overrides::default()).load();
    keys.map(drop).context("the keys of the copy cannot be used")
}

fn put(unnamed: &Path, data: &Path) -> anyhow::Result<()> {
    backup::sync(unnamed)?;
    fs::rename(unnamed, data)
        .with_context(|| format!("{} cannot be put there", data.display()))
        .with_context(|| Hint("where something is mounted there, name a directory below it".to_owned()))?;
    File::open(parent(data)).and_then(|parent| parent.sync_all()).context("the directory's name cannot be synced")
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn unnamed(data: &Path) -> anyhow::Result<PathBuf> {
    let mut name =
        data.file_name().with_context(|| format!("--data {} names no directory", data.display()))?.to_owned();
    name.push(".new");
    Ok(data.with_file_name(name))
}

fn ensure_empty(data: &Path) -> anyhow::Result<()> {
    ensure!(backup::is_empty(data)?, "there is something in {}", data.display());
    Ok(())
}

/// Whether `path`, which need not be there, would be in `dir`, or is it.
fn is_in(path: &Path, dir: &Path) -> bool {
    let found = path
        .ancestors()
        .find_map(|above| fs::canonicalize(if above.as_os_str().is_empty() { Path::new(".") } else { above }).ok());
    found.zip(fs::canonicalize(dir).ok()).is_some_and(|(found, dir)| found.starts_with(dir))
}

/// In UTC, as the record of levers has it.
fn moment(time: Time) -> String {
    let timestamp = i64::try_from(time.0).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    format!("{:.3}", timestamp.unwrap_or(Timestamp::MAX))
}
