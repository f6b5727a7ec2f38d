//! The recording: what the binary does with its directory.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use onsale_journal::local::ReadOnly;
use onsale_journal::{Checkpoint, Hash, Limit};
use onsale_testkit::disk::{Content, Disk, Op, Recording, under_recording};
use onsale_testkit::trace::{has_exited, was_killed};
use onsale_testkit::{Buyer, Shop, eventually, storm};
use tempfile::TempDir;

use super::Part;
use crate::setup;
use crate::started::{copy_of, files};

/// What begins a note in the trace. What follows a promise is kept from then on, whatever crashes.
pub(super) const PART: &str = "part ";
pub(super) const PROMISED: &str = "promised ";
pub(super) const KEYS: &str = "keys ";
pub(super) const TOKEN: &str = "token ";

pub(super) struct Recorded {
    pub(super) recording: Recording,
    /// The hash of each entry that there ever was.
    pub(super) entries: BTreeMap<u64, Hash>,
    /// The files of keys that there were, by the number in the note.
    pub(super) keys: Vec<String>,
}

/// A shop whose directory is watched.
struct Watched {
    scratch: TempDir,
    entries: BTreeMap<u64, Hash>,
    keys: Vec<String>,
}

pub(super) async fn record() -> Recorded {
    let mut watched = Watched { scratch: TempDir::new().unwrap(), entries: BTreeMap::new(), keys: Vec::new() };
    fs::create_dir(watched.data()).unwrap();
    watched.note(PART, "first start");
    let wrapper = under_recording(watched.trace().to_str().unwrap());
    let settings = setup().in_directory().data(watched.data()).under(&wrapper);
    let mut shop = Shop::open(settings).await;
    watched.promise(&shop).await;
    watched.note(PART, "load");
    sell(&watched, &shop, 1..=5).await;
    assert_eq!(shop.admin.rotate_keys().await.status, 200);
    watched.promise_keys();
    shop.admin.projected().await;
    sell(&watched, &shop, 6..=9).await;
    watched.kill(&mut shop).await;

    watched.note(PART, "start after a kill");
    shop.come_back();
    sell(&watched, &shop, 10..=12).await;
    let process = shop.server.process_id();
    assert!(shop.server.terminate().success());
    let read = || fs::read_to_string(watched.trace()).unwrap();
    eventually("the trace is complete", async || has_exited(&read(), process)).await;
    watched.remember();

    watched.note(PART, "compaction");
    watched.compact();
    watched.note(PART, "start on a compacted store");
    shop.come_back();
    sell(&watched, &shop, 13..=15).await;
    watched.kill(&mut shop).await;
    watched.note(PART, "compaction of a compacted store");
    watched.compact();
    watched.finish()
}

/// One after the other, so that each is an entry of its own, and then some at the same moment.
async fn sell(watched: &Watched, shop: &Shop, users: std::ops::RangeInclusive<u64>) {
    for user in users.clone() {
        let buyer = shop.insider_with(user, 60_000).await;
        let reservation = buyer.hold(1, user).await;
        watched.promise(shop).await;
        if user % 2 == 1 {
            buyer.pay(reservation).await.data();
        }
        watched.promise(shop).await;
        watched.note(TOKEN, buyer.token());
    }
    let others = users.map(|user| Buyer::issue(user + 100)).collect();
    assert!(storm(&shop.client, others).await.iter().all(|reply| reply.status == 200));
    watched.promise(shop).await;
}

impl Watched {
    fn data(&self) -> PathBuf {
        self.scratch.path().join("data")
    }

    fn trace(&self) -> PathBuf {
        self.scratch.path().join("trace")
    }

    /// Between the lines of the trace: what has been answered has been written there before.
    fn note(&self, kind: &str, text: &str) {
        let mut trace = OpenOptions::new().create(true).append(true).open(self.trace()).unwrap();
        trace.write_all(Recording::note(&format!("{kind}{text}")).as_bytes()).unwrap();
    }

    /// All that was answered so far is in entries up to the one that the server stands at.
    async fn promise(&self, shop: &Shop) {
        let seq = shop.admin.state().await["seq"].as_u64().unwrap();
        self.note(PROMISED, &seq.to_string());
    }

    fn promise_keys(&mut self) {
        self.keys.push(fs::read_to_string(self.data().join("keys.toml")).unwrap());
        self.note(KEYS, &(self.keys.len() - 1).to_string());
    }

    async fn kill(&mut self, shop: &mut Shop) {
        let process = shop.server.process_id();
        shop.server.kill();
        let read = || fs::read_to_string(self.trace()).unwrap();
        eventually("the trace is complete", async || was_killed(&read(), process)).await;
        self.remember();
    }

    fn compact(&mut self) {
        let wrapper = under_recording(self.trace().to_str().unwrap());
        // In the foreground: when the command has ended, the trace is complete.
        let mut words = wrapper.iter().filter(|word| *word != "-D");
        let mut command = Command::new(words.next().unwrap());
        command.args(words).arg(env!("CARGO_BIN_EXE_onsale")).args(["compact", "--data"]).arg(self.data());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        self.remember();
    }

    /// Notes the entries that the journal of the stopped server has.
    fn remember(&mut self) {
        let copy = copy_of(&self.data());
        for (seq, hash) in entries(copy.path()) {
            let known = *self.entries.entry(seq).or_insert(hash);
            assert_eq!(known, hash, "entry {seq} was another before");
        }
    }

    fn finish(self) -> Recorded {
        let trace = fs::read_to_string(self.trace()).unwrap();
        let root = fs::canonicalize(self.data()).unwrap();
        let recording = Recording::of(&trace, &root);
        let mut disk = Disk::default();
        recording.steps.iter().for_each(|step| disk.apply(step));
        assert_same(&disk.seen_content(), &self.data());
        Recorded { recording, entries: self.entries, keys: self.keys }
    }
}

/// What was recorded is all that has happened to the directory.
fn assert_same(seen: &Content, data: &Path) {
    let mut found = files(data, Path::new(""));
    found.retain(|path| !path.to_string_lossy().ends_with("-shm"));
    found.sort();
    let expected: Vec<_> = seen.iter().filter(|(_, bytes)| bytes.is_some()).map(|(path, _)| path.clone()).collect();
    assert_eq!(found, expected, "the files there are, and those of the recording");
    for path in found {
        let bytes = fs::read(data.join(&path)).unwrap();
        assert!(seen[&path].as_ref() == Some(&bytes), "{} is not as it was recorded", path.display());
    }
}

/// The numbers and hashes of the entries of a journal that is at rest.
fn entries(data: &Path) -> Vec<(u64, Hash)> {
    let journal = ReadOnly::open(data, &mut |_| ()).unwrap();
    read(&mut *journal.reader().unwrap(), journal.checkpoint()).unwrap()
}

/// The numbers and hashes of the entries that a journal has, from the one that is sealed at its beginning on.
pub(super) fn read(
    reader: &mut dyn onsale_journal::Reader,
    sealed: Option<Checkpoint>,
) -> Result<Vec<(u64, Hash)>, onsale_journal::Error> {
    let mut found: Vec<_> = sealed.iter().map(|sealed| (sealed.seq, sealed.hash)).collect();
    let mut next = sealed.map_or(0, |sealed| sealed.seq) + 1;
    loop {
        let entries = reader.read_from(next, Limit::default())?;
        let Some(last) = entries.last() else { return Ok(found) };
        next = last.seq + 1;
        found.extend(entries.iter().map(|entry| (entry.seq, entry.hash)));
    }
}

impl Recorded {
    /// The recording from one note of a part to the next.
    pub(super) fn parts(&self) -> Vec<Part> {
        let begun = self.recording.steps.iter().enumerate().filter_map(|(at, step)| match &step.op {
            Op::Note(note) => Some((note.strip_prefix(PART)?.to_owned(), at)),
            _ => None,
        });
        let begun: Vec<_> = begun.collect();
        let ends = begun.iter().skip(1).map(|(_, at)| *at).chain([self.recording.steps.len()]);
        begun.iter().zip(ends).map(|((name, at), end)| (name.clone(), *at..end)).collect()
    }
}
