//! Whether a stopped store is what it claims to be.

mod journal;
mod observer;
mod replay;
mod tally;
#[cfg(test)]
mod tests;
mod told;

use anyhow::Context as _;
use onsale_journal::local::Progress;
use onsale_tables::Place;
use serde::Serialize;

pub(crate) use journal::Journal;
pub(crate) use replay::{begin, checkpoint_directory};
pub(crate) use tally::Tally;

/// What an audit found.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// The last entry of the journal.
    pub(crate) seq: u64,
    /// Where the replay began: 0 unless the journal was truncated.
    pub(crate) replayed_from: u64,
    /// Everything that was checked.
    pub(crate) checks: Vec<Tally>,
    /// What could not be, and why.
    pub(crate) unchecked: Vec<String>,
}

impl Report {
    pub(crate) fn holds(&self) -> bool {
        self.checks.iter().all(Tally::holds)
    }
}

/// Looks at everything in a store: a data directory that no server owns, or a database. No file is made, and nothing is changed
/// but the schema of tables that an older program made.
///
/// # Errors
/// Where the store cannot be looked at: it is not there, a server owns it, or the disk fails. What is wrong in the
/// store is not an error but in the report.
pub(crate) fn run(place: &Place, progress: &mut dyn FnMut(Progress)) -> anyhow::Result<Report> {
    let mut chain = Tally::new("the journal is an unbroken chain");
    // The tables first: servers that share them go on meanwhile, and the journal is to have all that they hold.
    let held = replay::Held::load(place)?;
    let exist = held.exist;
    let told = exist.then(|| told::Told::open(place)).transpose()?;
    let journal = match Journal::open(place, progress) {
        Ok(journal) => journal,
        Err(error @ onsale_journal::Error::Corrupt { seq, .. }) => {
            chain.cases = seq.saturating_sub(1);
            chain.check(false, || error.to_string());
            let unchecked = vec!["all that a replay shows, and the tables: the journal cannot be read".to_owned()];
            return Ok(Report { seq, replayed_from: 0, checks: vec![chain], unchecked });
        }
        Err(error) => return Err(error).context("the journal cannot be looked at"),
    };
    let head = journal.head();
    chain.cases = head.seq - journal.checkpoint().map_or(0, |checkpoint| checkpoint.seq);
    let is_none = !held.is_any() && head.seq > 0;
    let unchecked = is_none.then(|| without_tables(place, &journal)).into_iter().collect();
    let replay::Replayed { from, tallies } = replay::run(place, &journal, held, told)?;
    let mut checks = vec![chain];
    checks.extend(tallies);
    if exist {
        let tables = onsale_tables::audit::Audit::of(place).context("the tables cannot be looked at")?;
        let findings = tables.all().context("the tables cannot be looked at")?;
        checks.extend(findings.into_iter().map(Tally::from));
    }
    Ok(Report { seq: head.seq, replayed_from: from, checks, unchecked })
}

/// What is not checked of a store whose tables hold nothing.
fn without_tables(place: &Place, journal: &Journal) -> String {
    let there = match place {
        Place::Directory(dir) => dir.join(onsale_tables::FILE_NAME).display().to_string(),
        Place::Postgres(target) => target.shown().to_owned(),
    };
    let next = if journal.checkpoint().is_some() { "a start is refused" } else { "a start makes them of the journal" };
    format!("the tables: nothing is in {there}; {next}")
}
