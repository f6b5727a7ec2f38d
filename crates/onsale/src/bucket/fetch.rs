use std::fs::File;
use std::io::Write as _;
use std::path::{Component, Path};

use anyhow::{Context as _, ensure};
use onsale_domain::time::Time;
use onsale_journal::local::{Bounds, Copy, Until};

use crate::failure::Hint;

use super::client::{Bucket, Version};
use super::manifest::{Manifest, Part, Stored};
use super::scratch::Scratch;

/// A copy is read again from its new manifest where somebody has put another in its place meanwhile.
const TRIES: usize = 5;

/// A copy that was got from its bucket, as a data directory.
pub(crate) struct Fetched {
    pub(crate) scratch: Scratch,
    /// The time of the last entry in the bucket, which may be behind what was got.
    pub(crate) latest: Time,
    /// What there is, in words.
    pub(crate) told: String,
}

/// Gets the copy in a bucket, as far as it is needed for what was until then. All of it is held against its sums, and the journal against
/// its chain.
///
/// # Errors
/// Where there is none; where it is damaged, with a hint; where the bucket does not answer.
pub(crate) fn fetch(bucket: &Bucket, until: Option<Until>) -> anyhow::Result<Fetched> {
    let mut tries = 0;
    loop {
        tries += 1;
        let load = || Manifest::load(bucket, None).map(Option::flatten);
        let (manifest, version) = load()?.with_context(|| format!("there is no copy in {}", bucket.address()))?;
        let scratch = Scratch::new()?;
        match into(bucket, &manifest, scratch.path(), until) {
            Ok(()) => {
                return Ok(Fetched { scratch, latest: Time(manifest.ends().time_ms), told: told(bucket, &manifest) });
            }
            Err(error) if tries < TRIES && is_another(load()?.as_ref(), &version) => drop(error),
            Err(error) => return Err(error),
        }
    }
}

fn is_another(now: Option<&(Manifest, Version)>, then: &Version) -> bool {
    now.is_some_and(|(_, now)| now != then)
}

fn told(bucket: &Bucket, manifest: &Manifest) -> String {
    let (objects, bytes) = manifest.parts().fold((0, 0), |(count, sum), part| (count + 1, sum + part.bytes));
    let (first, ends) = (manifest.begins().seq, manifest.ends());
    let at = i64::try_from(ends.time_ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    format!(
        "{} has what came from entry {first} to {}, {:.3}, in {objects} objects of {bytes} bytes\n",
        bucket.address(),
        ends.seq,
        at.unwrap_or(jiff::Timestamp::MAX)
    )
}

fn into(bucket: &Bucket, manifest: &Manifest, to: &Path, until: Option<Until>) -> anyhow::Result<()> {
    for file in &manifest.files {
        write(bucket, file, to)?;
    }
    let copy = Copy::own(to)?;
    let damaged = || format!("the copy in {} is damaged", bucket.address());
    let found = Bounds::of(to).with_context(damaged)?;
    let named = manifest.bounds(&manifest.whole)?;
    let is_it = found.store_id == named.store_id && found.begins == named.begins && found.ends == named.ends;
    ensure!(is_it, "the journal in {} is not the one that its manifest names", bucket.address());
    for (nth, segment) in manifest.segments.iter().enumerate() {
        let before = manifest.before(nth);
        let is_enough = match until {
            None => false,
            Some(Until::Seq(seq)) => before.seq >= seq,
            // Others of the same moment may follow.
            Some(Until::TimeMs(time_ms)) => before.time_ms > time_ms,
        };
        if is_enough {
            break;
        }
        let got = get(bucket, &segment.part).map_err(|error| with_way_out(error, before.seq))?;
        let head = copy.append(&got).with_context(damaged).map_err(|error| with_way_out(error, before.seq))?;
        ensure!(
            head == segment.last.head()?,
            "{}: what it has of entry {} is not what its manifest names",
            damaged(),
            head.seq
        );
    }
    Ok(())
}

fn with_way_out(error: anyhow::Error, seq: u64) -> anyhow::Error {
    if error.chain().any(<dyn std::error::Error>::is::<super::Failed>) {
        return error;
    }
    error.context(Hint(format!(
        "what came before is whole: restore with --until {seq}, and begin another copy at another place"
    )))
}

fn write(bucket: &Bucket, file: &Stored, to: &Path) -> anyhow::Result<()> {
    ensure!(is_of_a_copy(&file.name), "the manifest of {} names a file that no copy has", bucket.address());
    let path = to.join(&file.name);
    let failed = || format!("{} cannot be written", path.display());
    if let Some(above) = path.parent() {
        std::fs::create_dir_all(above).with_context(failed)?;
    }
    let mut written = File::create(&path).with_context(failed)?;
    for part in &file.parts {
        let got = get(bucket, part).with_context(|| format!("{} cannot be had", file.name))?;
        written.write_all(&got).with_context(failed)?;
    }
    Ok(())
}

fn get(bucket: &Bucket, part: &Part) -> anyhow::Result<bytes::Bytes> {
    let name = || format!("object {} of {}", part.object, bucket.address());
    let got = bucket.get(&part.object)?.with_context(|| format!("{} is missing", name()))?;
    ensure!(part.holds(&got), "{} is not what was put there", name());
    Ok(got)
}

/// What a manifest says may be anybody's: no name leads out of the directory.
fn is_of_a_copy(name: &str) -> bool {
    let parts: Option<Vec<&str>> = Path::new(name)
        .components()
        .map(|part| if let Component::Normal(part) = part { part.to_str() } else { None })
        .collect();
    match parts.as_deref() {
        Some([file]) => ["journal.db", "onsale.db", "webhooks.db", "keys.toml"].contains(file),
        Some([directory, "onsale.db"]) => directory
            .strip_prefix("checkpoint-")
            .is_some_and(|seq| !seq.is_empty() && seq.bytes().all(|byte| byte.is_ascii_digit())),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_of_a_copy;

    #[test]
    fn no_name_leads_out_of_the_directory() {
        for name in ["journal.db", "keys.toml", "checkpoint-17/onsale.db"] {
            assert!(is_of_a_copy(name), "{name}");
        }
        for name in [
            "",
            "/etc/passwd",
            "../journal.db",
            "checkpoint-17/../../journal.db",
            "checkpoint-/onsale.db",
            "lock",
            "a/onsale.db",
        ] {
            assert!(!is_of_a_copy(name), "{name}");
        }
    }
}
