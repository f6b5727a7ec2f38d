//! A copy in a bucket, made and kept up.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use crate::bucket::{self, Address, Failed, Keeper};
use crate::failure::{FAILED, describe};

use super::{output, prove, tell, without};

pub(super) fn run(from: &Path, to: &Address, every: Option<Duration>, is_audited: bool) -> anyhow::Result<ExitCode> {
    let mut keeper = Keeper::new(from, to)?;
    let missing = bring_up(&mut keeper, to, true)?;
    if is_audited {
        let fetched = bucket::fetch(keeper.bucket(), None)?;
        if !prove(fetched.scratch.path())? {
            tell(missing.as_ref());
            return Ok(ExitCode::from(FAILED));
        }
    }
    keeper.sweep();
    let Some(every) = every else {
        return missing.map_or(Ok(ExitCode::SUCCESS), Err);
    };
    tell(missing.as_ref());
    let mut told = missing.as_ref().map(kind);
    loop {
        std::thread::sleep(every);
        let missing = match bring_up(&mut keeper, to, false) {
            // A bucket may be away for a while. What it does not have yet is in the store.
            Err(error) if is_of_bucket(&error) => Some(error),
            brought => brought?,
        };
        let now = missing.as_ref().map(kind);
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

/// Brings the copy up and says so; gives why `webhooks.db` is not in it, or is older than the rest.
fn bring_up(keeper: &mut Keeper<'_>, to: &Address, is_told: bool) -> anyhow::Result<Option<anyhow::Error>> {
    let brought = keeper.bring_up(super::fill, super::copy_webhooks)?;
    let (seq, without) = (brought.seq, without(brought.missing.as_ref()));
    if brought.is_anew {
        output::print("the store was compacted since the last copy: another one is made\n")?;
    }
    if brought.is_whole {
        output::print(&format!("a whole copy is in {to}{without}\n"))?;
    } else if brought.entries > 0 {
        output::print(&format!("up to entry {seq}, {} of them new, in {to}{without}\n", brought.entries))?;
    } else if is_told {
        output::print(&format!("nothing is new since entry {seq}, in {to}\n"))?;
    }
    Ok(brought.missing)
}

fn is_of_bucket(error: &anyhow::Error) -> bool {
    error.chain().any(<dyn std::error::Error>::is::<Failed>)
}

/// What is told once. A bucket that is away says so in other words each time.
fn kind(missing: &anyhow::Error) -> String {
    if is_of_bucket(missing) { "the bucket".to_owned() } else { describe(missing) }
}
