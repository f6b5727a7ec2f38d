//! `onsale migrate-store`: a stopped store in a directory becomes one in a database.
//!
//! The tables go first, then the keys, then the journal, as it is, with its numbers, times and hashes: the chain there
//! proves itself. A database without a journal has no store, so a run that was broken off can be made again, and a run
//! that has come to its end cannot.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use onsale_http::token;
use onsale_journal::local::ReadOnly;
use onsale_journal::{Checkpoint, Limit, postgres};
use onsale_node::{Node, Options, Store, Target};
use onsale_tables::webhooks::Webhooks;
use onsale_tables::{Keys, Place};

use crate::audit::checkpoint_directory;
use crate::cli;

use super::{data, output, place};

pub(super) fn run(arguments: &cli::MigrateStore) -> anyhow::Result<ExitCode> {
    let dir = &arguments.data;
    ensure!(dir.join(onsale_journal::local::FILE).exists(), "there is no store in {}", dir.display());
    let target = place::target(&arguments.store, &arguments.authority)?;
    data::check_not_moved_elsewhere(dir, target.shown())?;
    ensure!(
        !postgres::exists(&target).context("the database cannot be looked at")?,
        "the database has a journal already: name one that is empty"
    );
    catch_up(dir)?;
    // Its lock keeps servers out until all is over there.
    let journal = ReadOnly::open(dir, &mut |_| ()).context("the journal cannot be opened")?;
    let checkpoint = journal.checkpoint();
    let copy = postgres::Copy::begin(&target, journal.store_id(), checkpoint.as_ref());
    let mut copy = copy.context("the journal cannot be made there")?;
    let rows = onsale_tables::copy(dir, &target).context("the tables cannot be copied")?;
    let mut next = 1;
    if let Some(Checkpoint { seq, .. }) = checkpoint {
        let kept = checkpoint_directory(dir, seq);
        ensure!(kept.exists(), "the state at the journal's beginning, entry {seq}, is missing: {}", kept.display());
        onsale_tables::checkpoint::copy_from(&kept, &target, seq)
            .context("the state at the journal's beginning cannot be copied")?;
        next = seq + 1;
    }
    keys(dir, &target)?;
    let webhooks = Webhooks::new(&Place::Directory(dir.clone()), true).all().context("the webhooks cannot be read")?;
    Webhooks::new(&Place::Postgres(target.clone()), true)
        .take_over(&webhooks)
        .context("the webhooks cannot be copied")?;
    let mut reader = journal.reader()?;
    loop {
        let entries = reader.read_from(next, Limit::default())?;
        let Some(last) = entries.last() else { break };
        next = last.seq + 1;
        copy.entries(&entries).context("the journal cannot be copied")?;
    }
    // Before there is a store in the database: at no moment may both be started.
    data::seal(dir, target.shown())?;
    copy.commit().context("the journal cannot be copied")?;
    output::print(&format!(
        "{} journal entries and {rows} rows are in {} now. {} is as it was, but for the file `moved`, which keeps servers out.\n",
        journal.head().seq,
        target.shown(),
        dir.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Opening and stopping a node brings the tables to the journal's end.
fn catch_up(dir: &Path) -> anyhow::Result<()> {
    let store = Store::Directory(dir.to_owned());
    let options = Options::new(store);
    Node::open(&options, &mut |_| ()).context("the store cannot be opened")?.stop();
    Ok(())
}

fn keys(dir: &Path, target: &Target) -> anyhow::Result<()> {
    let file = dir.join(token::FILE_NAME);
    let text = std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let mut keys = Keys::new(target);
    let (text, people) = apart(&text).with_context(|| format!("{} cannot be read", file.display()))?;
    let known = keys.read().context("the keys cannot be copied")?;
    ensure!(
        keys.replace(known.as_deref(), &text).context("the keys cannot be copied")?,
        "somebody else is making a store in the database"
    );
    // There already, where the move was broken off before.
    if let Some(people) = people
        && keys.people(0).context("the keys cannot be copied")?.is_none()
    {
        let is_alone = keys.replace_people(0, &people).context("the keys cannot be copied")?;
        ensure!(is_alone, "somebody else is making a store in the database");
    }
    Ok(())
}

/// What pseudonyms of people are made with is beside the other keys in a database: nodes look at those every second, and it grows.
fn apart(text: &str) -> anyhow::Result<(String, Option<String>)> {
    let mut keys: toml::Table = toml::from_str(text).map_err(|_| anyhow::anyhow!("it is no file of keys"))?;
    let people = match keys.remove("people") {
        Some(toml::Value::Table(mut people)) => {
            // Changes count from the first there.
            people.insert("version".to_owned(), 1.into());
            Some(toml::to_string(&people)?)
        }
        _ => None,
    };
    Ok((toml::to_string(&keys)?, people))
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn what_pseudonyms_are_made_with_goes_apart_from_the_other_keys() {
        let text = "[admin]\nkey = \"a\"\n\n[token]\nkey = \"t\"\nprevious = []\n";
        let (keys, people) = apart(text).expect("keys");
        assert_eq!((keys.as_str(), people), (text, None));
        let with = format!("{text}\n[people]\nversion = 7\nindex = \"i\"\nleft = \"l\"\n");
        let (keys, people) = apart(&with).expect("keys");
        assert_eq!(keys, text, "nothing of it is left");
        assert_eq!(people.as_deref(), Some("index = \"i\"\nleft = \"l\"\nversion = 1\n"));
    }
}
