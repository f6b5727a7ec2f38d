//! One state: made in a directory, opened, and held against what was promised before the crash.

use std::fs;
use std::path::Path;
use std::process::Command;

use onsale_http::token::{FILE_NAME, KeyStore, Overrides};
use onsale_journal::Journal as _;
use onsale_journal::local::Journal;
use onsale_node::history::History;
use onsale_node::{Node, Options, Store};
use onsale_testkit::Call;
use onsale_testkit::disk::{Content, Op, State};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::record::{KEYS, PROMISED, Recorded, TOKEN, read};
use crate::started::{Started, end, start};

/// Each so many states are also audited as they are, served by the binary, and compacted.
const AUDITED: usize = 3;
const SERVED: usize = 24;
const COMPACTED: usize = 11;

/// What holds whatever happens, from some step of the recording on.
#[derive(Clone, Default)]
struct Promise {
    from_step: usize,
    seq: u64,
    keys: Option<usize>,
    token: Option<String>,
}

pub(super) struct Checker<'r> {
    recorded: &'r Recorded,
    promises: Vec<Promise>,
    runtime: &'r Runtime,
    /// In memory where that is possible: what a disk may lose is chosen already.
    scratch: TempDir,
}

impl<'r> Checker<'r> {
    pub(super) fn new(recorded: &'r Recorded, runtime: &'r Runtime) -> Self {
        let mut promises = vec![Promise::default()];
        for (at, step) in recorded.recording.steps.iter().enumerate() {
            let Op::Note(note) = &step.op else { continue };
            let mut promise = Promise { from_step: at + 1, ..promises.last().cloned().unwrap_or_default() };
            if let Some(seq) = note.strip_prefix(PROMISED) {
                promise.seq = seq.parse().unwrap();
            } else if let Some(keys) = note.strip_prefix(KEYS) {
                promise.keys = Some(keys.parse().unwrap());
            } else if let Some(token) = note.strip_prefix(TOKEN) {
                promise.token = Some(token.to_owned());
            } else {
                continue;
            }
            promises.push(promise);
        }
        let memory = Path::new("/dev/shm");
        let scratch = tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir()).unwrap();
        Self { recorded, promises, runtime, scratch }
    }

    /// How many promises were made before a step: later, more must be there.
    pub(super) fn promises_before(&self, step: usize) -> usize {
        self.promises.partition_point(|promise| promise.from_step <= step)
    }

    /// # Errors
    /// What is wrong, with the state and where it is kept.
    pub(super) fn check(&self, number: usize, state: &State) -> Result<(), String> {
        let promise = &self.promises[self.promises_before(state.before) - 1];
        self.all(number, state, promise).map_err(|what| {
            let kept = tempfile::tempdir().unwrap().keep();
            put(&state.content, &kept);
            format!("{}: {what}\nthe state is kept in {}", state.described, kept.display())
        })
    }

    fn all(&self, number: usize, state: &State, promise: &Promise) -> Result<(), String> {
        let content = &state.content;
        // Without an entry there is nothing to look at.
        if number.is_multiple_of(AUDITED) && promise.seq > 0 {
            onsale("audit", self.made(content).path())?;
        }
        if number.is_multiple_of(SERVED) {
            self.serve(content, promise)?;
        }
        if number.is_multiple_of(COMPACTED) && promise.seq > 0 {
            let data = self.made(content);
            onsale("compact", data.path())?;
            onsale("audit", data.path())?;
        }
        let data = self.made(content);
        let data = data.path();
        self.check_entries(data, promise)?;
        let opened = Node::open(&Options::new(Store::Directory(data.to_owned())), &mut |_| ());
        let node = opened.map_err(|error| format!("it does not open: {error}"))?;
        self.check_keys(data, node.store_id(), promise)?;
        node.stop();
        check_history(data)?;
        onsale("audit", data)
    }

    fn made(&self, content: &Content) -> TempDir {
        let data = tempfile::tempdir_in(self.scratch.path()).unwrap();
        put(content, data.path());
        data
    }

    /// All entries that were promised are there, and those that are there have been there before.
    fn check_entries(&self, data: &Path, promise: &Promise) -> Result<(), String> {
        let failed = |error: onsale_journal::Error| format!("the journal does not open: {error}");
        let journal = Journal::open(data).map_err(failed)?;
        let head = journal.head();
        if head.seq < promise.seq {
            return Err(format!("entry {} was acknowledged, and the journal ends at {}", promise.seq, head.seq));
        }
        let found = read(&mut *journal.reader().map_err(failed)?, journal.checkpoint());
        for (seq, hash) in found.map_err(failed)? {
            // A compaction appends some, and drops them before anybody else has seen them.
            let is_dropped = self.recorded.entries.range(seq..).next().is_some_and(|(known, _)| *known > seq);
            let known = self.recorded.entries.get(&seq);
            if known != Some(&hash) && !(known.is_none() && is_dropped) {
                return Err(format!("entry {seq} has the hash {hash}, and had {known:?}"));
            }
        }
        Ok(())
    }

    fn check_keys(&self, data: &Path, store_id: u64, promise: &Promise) -> Result<(), String> {
        let keys = KeyStore::in_directory(data, store_id, Overrides::default());
        let keys = keys.load().map_err(|error| error.to_string())?;
        if promise.seq > 0 && keys.admin_made.is_some() {
            return Err("the keys were gone".to_owned());
        }
        let Some(kept) = promise.keys else { return Ok(()) };
        let found = fs::read_to_string(data.join(FILE_NAME)).map_err(|error| error.to_string())?;
        if found == self.recorded.keys[kept] { Ok(()) } else { Err("the keys are others".to_owned()) }
    }

    /// By the binary, which tells a buyer what their wallet has.
    fn serve(&self, content: &Content, promise: &Promise) -> Result<(), String> {
        let data = self.made(content);
        let (child, client) = match start(data.path()) {
            Started::Serves(child, client) => (child, client),
            Started::Refused(status, said) => return Err(format!("it is not served: {status}: {said}")),
        };
        let told = promise.token.as_ref().map(|token| {
            self.runtime.block_on(async { client.call(Call::get("/v1/api/user/amount").token(token)).await })
        });
        end(child);
        match told {
            Some(reply) if reply.status != 200 => Err(format!("a buyer is told: {reply}")),
            _ => Ok(()),
        }
    }
}

/// The night's figures need not be there, but new ones must find room.
fn check_history(data: &Path) -> Result<(), String> {
    let kept = History::open(data).and_then(|mut history| {
        history.push(1, "{}", 0)?;
        history.read(0, u64::MAX)
    });
    let kept = kept.map_err(|error| format!("no history can be kept: {error}"))?;
    if kept.iter().any(|(at, _)| *at == 1) { Ok(()) } else { Err("the history forgets".to_owned()) }
}

fn put(content: &Content, to: &Path) {
    for (path, bytes) in content {
        let path = to.join(path);
        match bytes {
            None => fs::create_dir(&path).unwrap(),
            Some(bytes) => {
                fs::write(&path, bytes).unwrap();
                let private = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o600);
                fs::set_permissions(&path, private).unwrap();
            }
        }
    }
}

fn onsale(command: &str, data: &Path) -> Result<(), String> {
    let output = Command::new(env!("CARGO_BIN_EXE_onsale")).arg(command).arg("--data").arg(data).output().unwrap();
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    Err(format!("onsale {command}: {}: {said}", output.status))
}
