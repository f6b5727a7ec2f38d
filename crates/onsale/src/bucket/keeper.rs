use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use onsale_http::token::FILE_NAME as KEYS;
use onsale_journal::local::{self, Behind, Bounds, Copy, behind};
use onsale_tables::{FILE_NAME as TABLES, webhooks::FILE_NAME as WEBHOOKS};

use crate::failure::describe;

use super::address::Address;
use super::client::{Bucket, Version};
use super::manifest::{Manifest, OBJECTS, Part, Segment, Stored};
use super::scratch::Scratch;

/// The size of an object, where nothing needs a larger one.
const PART_BYTES: usize = 8 << 20;
/// So many small segments are put together at the latest.
const MERGED: usize = 32;
/// How often others who bring the same copy up may come first.
const TRIES: usize = 20;
/// Who has written nothing for so long is dead, and what they have written is nobody's where no manifest names it.
const DEAD_SECONDS: i64 = 24 * 3_600;

/// Copies all of a store into a directory of which only the lock stays; says why there are no webhooks in it, where there should be.
pub(crate) type Fill = fn(from: &Path, to: &Path, copy: &Copy) -> anyhow::Result<Option<anyhow::Error>>;
/// Copies the store's webhooks into a directory, if there are any.
pub(crate) type FillWebhooks = fn(from: &Path, to: &Path) -> anyhow::Result<()>;

/// Whoever keeps a copy in a bucket up.
pub(crate) struct Keeper<'a> {
    from: &'a Path,
    bucket: Bucket,
    /// What the names of this process's objects have in common, and no others'.
    writer: String,
    /// The copy, as it was when it was last looked at or put there.
    known: Option<(Manifest, Version)>,
    /// What was put there and is in no manifest yet, for all that is known.
    unnamed: Vec<String>,
    /// Where webhooks are copied to, to see whether they have changed.
    webhooks: Option<Scratch>,
    /// To remove what is not needed any more was refused, and that was told.
    keeps_all: bool,
}

/// What came of bringing a copy up.
#[derive(Default)]
pub(crate) struct Brought {
    /// The last entry that it has.
    pub(crate) seq: u64,
    /// How many were added.
    pub(crate) entries: u64,
    /// It was made as a whole.
    pub(crate) is_whole: bool,
    /// There was one before, of a journal that was compacted since.
    pub(crate) is_anew: bool,
    /// Why `webhooks.db` is not in it, or is older than the rest.
    pub(crate) missing: Option<anyhow::Error>,
}

/// What one look at store and copy has led to.
enum Step {
    /// There was nothing to do.
    Done,
    /// Entries, or files, were added; there may be more.
    Added,
    /// Somebody else has changed the copy meanwhile.
    Late,
    Whole,
}

impl<'a> Keeper<'a> {
    pub(crate) fn new(from: &'a Path, to: &Address) -> anyhow::Result<Self> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).context("there is no randomness")?;
        let (bucket, writer) = (Bucket::open(to)?, format!("{:016x}", u64::from_le_bytes(random)));
        Ok(Self { from, bucket, writer, known: None, unnamed: Vec::new(), webhooks: None, keeps_all: false })
    }

    pub(crate) fn bucket(&self) -> &Bucket {
        &self.bucket
    }

    /// Makes the copy, or adds what is new.
    ///
    /// # Errors
    /// [`super::Failed`] where the bucket does not do it, after which it can be tried again; where the copy is not one of this store's
    /// history; where the store is damaged.
    pub(crate) fn bring_up(&mut self, fill: Fill, webhooks: FillWebhooks) -> anyhow::Result<Brought> {
        let brought = self.step_on(fill, webhooks);
        self.webhooks = None;
        brought
    }

    fn step_on(&mut self, fill: Fill, webhooks: FillWebhooks) -> anyhow::Result<Brought> {
        let (mut brought, mut begun, mut late) = (Brought::default(), None, 0);
        // While people buy there is always more.
        let until = Bounds::of(self.from)?.ends.seq;
        loop {
            match self.step(&mut brought, until, fill, webhooks)? {
                Step::Late => {
                    late += 1;
                    ensure!(late < TRIES, "somebody else goes on changing the copy in {}", self.bucket.address());
                }
                step => {
                    let seq = self.known.as_ref().map_or(0, |(manifest, _)| manifest.ends().seq);
                    let before = *begun.get_or_insert(brought.seq);
                    (brought.seq, brought.entries) = (seq, seq.saturating_sub(before));
                    if !matches!(step, Step::Added) {
                        return Ok(brought);
                    }
                }
            }
        }
    }

    fn step(&mut self, brought: &mut Brought, until: u64, fill: Fill, webhooks: FillWebhooks) -> anyhow::Result<Step> {
        if self.known.is_none() {
            self.known = Manifest::load(&self.bucket, None)?.flatten();
        }
        let Some((manifest, version)) = self.known.clone() else {
            self.bucket.check()?;
            return self.make_whole(None, brought, fill);
        };
        if brought.seq == 0 {
            brought.seq = manifest.ends().seq;
        }
        // Once: they change while they are copied, too.
        if self.webhooks.is_none() {
            brought.missing = self.copy_webhooks(webhooks).err();
        }
        let address = self.bucket.address();
        let new = match behind(self.from, &manifest.bounds(manifest.ends())?, until, PART_BYTES)? {
            Behind::Nothing => None,
            Behind::Entries(new) => Some(new),
            Behind::Truncated => {
                let ends = Bounds::of(self.from)?.ends.seq;
                ensure!(manifest.ends().seq <= ends, "{}", other_history(address));
                brought.is_anew = true;
                return self.make_whole(Some((&manifest, &version)), brought, fill);
            }
            Behind::OtherStore => bail!("the copy in {address} is of another store than the one that is to be copied"),
            Behind::OtherHistory => bail!(other_history(address)),
        };
        let changed = self.changed(&manifest)?;
        if new.is_none() && changed.is_empty() {
            return Ok(Step::Done);
        }
        // Whoever else brings it up is not to be undone, also where the server knows no conditions.
        let version = match Manifest::load(&self.bucket, Some(&version))? {
            Some(Some((there, version))) if there == manifest => version,
            Some(None) => version,
            changed => {
                self.known = changed.flatten();
                return Ok(Step::Late);
            }
        };
        let mut next = manifest.clone();
        if let Some(new) = new {
            self.push(&mut next, new, 0)?;
            self.merge(&mut next)?;
        }
        for (name, path) in changed {
            let stored = self.put_file(name, &path)?;
            next.files.retain(|file| file.name != stored.name);
            next.files.push(stored);
        }
        Ok(if self.put(Some((&manifest, &version)), next)? { Step::Added } else { Step::Late })
    }

    fn make_whole(
        &mut self,
        there: Option<(&Manifest, &Version)>,
        brought: &mut Brought,
        fill: Fill,
    ) -> anyhow::Result<Step> {
        let scratch = Scratch::new()?;
        let dir = scratch.path();
        let copy = Copy::own(dir)?;
        brought.missing = fill(self.from, dir, &copy)?;
        let bounds = Bounds::of(dir)?;
        let mut names: Vec<String> = [local::FILE, TABLES, WEBHOOKS, KEYS].map(str::to_owned).into();
        if bounds.begins.seq > 0 {
            names.push(format!("checkpoint-{}/{TABLES}", bounds.begins.seq));
        }
        let mut files = Vec::new();
        for name in names {
            if dir.join(&name).exists() {
                files.push(self.put_file(name.clone(), &dir.join(&name))?);
            }
        }
        brought.is_whole = self.put(there, Manifest::new(&bounds, files))?;
        Ok(if brought.is_whole { Step::Whole } else { Step::Late })
    }

    /// Puts the manifest there, and removes what it does not name any more; whether it could be: somebody else may have been first.
    fn put(&mut self, there: Option<(&Manifest, &Version)>, next: Manifest) -> anyhow::Result<bool> {
        // Whether it is there is not known where this fails.
        self.known = None;
        let Some(version) = next.put(&self.bucket, there.map(|(_, version)| version))? else { return Ok(false) };
        let named: HashSet<&str> = next.parts().map(|part| part.object.as_str()).collect();
        let before = there.iter().flat_map(|(manifest, _)| manifest.parts()).map(|part| part.object.clone());
        let mut gone: Vec<String> = before.chain(std::mem::take(&mut self.unnamed)).collect();
        gone.retain(|object| !named.contains(object.as_str()));
        self.known = Some((next, version));
        self.remove(&gone);
        Ok(true)
    }

    /// Puts small segments together, so that a manifest stays short. Each entry is copied again a few times at most.
    fn merge(&mut self, next: &mut Manifest) -> anyhow::Result<()> {
        loop {
            let Some(merged) = next.segments.last().map(|last| last.merged) else { return Ok(()) };
            let (mut bytes, mut first) = (0, next.segments.len());
            for segment in next.segments.iter().rev() {
                if segment.merged != merged || bytes + segment.part.bytes > PART_BYTES as u64 {
                    break;
                }
                bytes += segment.part.bytes;
                first -= 1;
            }
            let count = next.segments.len() - first;
            if count < 2 || (count < MERGED && bytes < PART_BYTES as u64 / 2) {
                return Ok(());
            }
            let (before, seq) = (next.bounds(next.before(first))?, next.ends().seq);
            // Compacted meanwhile, it is made anew at the next look.
            let Behind::Entries(together) = behind(self.from, &before, seq, PART_BYTES)? else { return Ok(()) };
            if together.last.seq != seq {
                return Ok(());
            }
            next.segments.truncate(first);
            self.push(next, together, merged.saturating_add(1))?;
        }
    }

    fn push(&mut self, next: &mut Manifest, new: local::Segment, merged: u8) -> anyhow::Result<()> {
        let part = self.put_part(new.bytes)?;
        next.segments.push(Segment { last: new.last.into(), part, merged });
        Ok(())
    }

    fn put_part(&mut self, bytes: Vec<u8>) -> anyhow::Result<Part> {
        let part = Part::of(&self.writer, &bytes);
        self.unnamed.push(part.object.clone());
        self.bucket.put(&part.object, bytes)?;
        Ok(part)
    }

    fn put_file(&mut self, name: String, path: &Path) -> anyhow::Result<Stored> {
        let mut parts = Vec::new();
        for bytes in in_parts(path)? {
            parts.push(self.put_part(bytes.with_context(|| format!("{} cannot be read", path.display()))?)?);
        }
        Ok(Stored { name, parts })
    }
}

impl Keeper<'_> {
    /// Who is sent what happened, where anybody is.
    fn copy_webhooks(&mut self, fill: FillWebhooks) -> anyhow::Result<()> {
        if !self.from.join(WEBHOOKS).exists() {
            return Ok(());
        }
        let to = match self.webhooks.take() {
            Some(scratch) => scratch,
            None => Scratch::new()?,
        };
        fill(self.from, self.webhooks.insert(to).path())
    }

    /// The files beside the journal that are other than the copy has them, and where they are.
    fn changed(&self, copy: &Manifest) -> anyhow::Result<Vec<(String, PathBuf)>> {
        let keys = (KEYS, self.from.join(KEYS));
        let webhooks = self.webhooks.iter().map(|scratch| (WEBHOOKS, scratch.path().join(WEBHOOKS)));
        let mut changed = Vec::new();
        for (name, path) in std::iter::once(keys).chain(webhooks) {
            let copied = copy.files.iter().find(|file| file.name == name);
            if path.exists() && !is_same(&path, copied)? {
                changed.push((name.to_owned(), path));
            }
        }
        Ok(changed)
    }

    /// Removes what dead processes have left here, of copies that came to nothing. Whoever is alive has written something lately, by the
    /// bucket's own clock.
    pub(crate) fn sweep(&mut self) {
        let left = self.left();
        match left {
            Ok(left) => self.remove(&left),
            Err(error) => self.tell(&error),
        }
    }

    fn left(&self) -> anyhow::Result<Vec<String>> {
        let listed = self.bucket.list(OBJECTS)?;
        // After the list: what is named by now was there already.
        let Some((manifest, _)) = Manifest::load(&self.bucket, None)?.flatten() else { return Ok(Vec::new()) };
        let named: HashSet<&str> = manifest.parts().map(|part| part.object.as_str()).collect();
        let mut lately = HashMap::new();
        for (writer, at) in listed.iter().filter_map(|(name, at)| Some((name.split_once('/')?.0, at))) {
            let last = lately.entry(writer.to_owned()).or_insert(*at);
            *last = (*last).max(*at);
        }
        let Some(now) = lately.values().max().copied() else { return Ok(Vec::new()) };
        let is_left = |name: &str| {
            let last = name.split_once('/').and_then(|(writer, _)| lately.get(writer));
            last.is_some_and(|last| now - *last >= DEAD_SECONDS)
        };
        let names = listed.iter().filter(|(name, _)| is_left(name)).map(|(name, _)| format!("{OBJECTS}/{name}"));
        Ok(names.filter(|name| !named.contains(name.as_str())).collect())
    }

    /// What is left where it is does the copy no harm, and the next sweep finds it.
    fn remove(&mut self, names: &[String]) {
        if let Err(error) = self.bucket.remove(names) {
            self.tell(&error);
        }
    }

    fn tell(&mut self, error: &anyhow::Error) {
        if !std::mem::replace(&mut self.keeps_all, true) {
            eprintln!("what the copy does not need any more stays in the bucket: {}", describe(error));
        }
    }
}

fn other_history(address: &Address) -> String {
    format!(
        "the copy in {address} has entries that the store has not: one of them went on after the other was restored"
    )
}

fn is_same(path: &Path, copied: Option<&Stored>) -> anyhow::Result<bool> {
    let Some(copied) = copied else { return Ok(false) };
    let mut parts = copied.parts.iter();
    for bytes in in_parts(path)? {
        let bytes = bytes.with_context(|| format!("{} cannot be read", path.display()))?;
        if !parts.next().is_some_and(|part| part.holds(&bytes)) {
            return Ok(false);
        }
    }
    Ok(parts.next().is_none())
}

/// What a file holds, a part at a time.
fn in_parts(path: &Path) -> anyhow::Result<impl Iterator<Item = std::io::Result<Vec<u8>>>> {
    let mut file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(std::iter::from_fn(move || {
        let mut bytes = Vec::new();
        match file.by_ref().take(PART_BYTES as u64).read_to_end(&mut bytes) {
            Ok(0) => None,
            Ok(_) => Some(Ok(bytes)),
            Err(error) => Some(Err(error)),
        }
    }))
}
