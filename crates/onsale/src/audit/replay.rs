//! The journal, applied once more, with an observer beside it, and the tables held against the outcome.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use onsale_domain::command::Batch;
use onsale_domain::engine::{Engine, Loader};
use onsale_domain::feed::Before;
use onsale_domain::row::Row;
use onsale_domain::time::Time;
use onsale_journal::{Entry, Limit};
use onsale_tables::{FILE_NAME as TABLES, Place, ProvenMark, Tables};

use super::journal::Journal;
use super::observer::Observer;
use super::tally::Tally;
use super::told::Told;

pub(super) struct Replayed {
    /// The entry that the replay began after.
    pub(super) from: u64,
    pub(super) tallies: Vec<Tally>,
}

struct Replay {
    engine: Engine,
    observer: Observer,
    /// Where the tables stand, and what they must then be.
    stored: Option<ProvenMark>,
    state: Tally,
    entries: Tally,
    told: Option<Told>,
}

/// What the tables hold, as of one moment.
pub(super) struct Held {
    /// Whether there are any.
    pub(super) exist: bool,
    stored: Option<ProvenMark>,
    /// An engine of them, or why they hold no state.
    loaded: Option<Result<Engine, String>>,
}

impl Held {
    pub(super) fn load(place: &Place) -> anyhow::Result<Self> {
        // To open tables makes them, where there are none.
        if let Place::Directory(dir) = place
            && !dir.join(TABLES).exists()
        {
            return Ok(Self { exist: false, stored: None, loaded: None });
        }
        let mut tables = match place {
            Place::Directory(dir) => Tables::open(dir),
            Place::Postgres(target) => Tables::open_postgres(target),
        }
        .context("the tables cannot be looked at")?;
        let stored = tables.snapshot().context("the tables cannot be looked at")?;
        let loaded = stored.as_ref().map(|stored| load(&mut tables, stored, &mut |_| ())).transpose()?;
        Ok(Self { exist: true, stored, loaded })
    }

    /// Whether they hold any state.
    pub(super) fn is_any(&self) -> bool {
        self.stored.is_some()
    }
}

pub(super) fn run(place: &Place, journal: &Journal, held: Held, mut told: Option<Told>) -> anyhow::Result<Replayed> {
    let Held { exist: _, stored, loaded } = held;
    let mut state = Tally::new("the tables are the state that a replay comes to");
    let ends = journal.head().seq;
    if let (None, Some(checkpoint)) = (&stored, journal.checkpoint()) {
        let seq = checkpoint.seq;
        state.check(false, || format!("the tables, which alone have what came before entry {seq}, are missing"));
    }
    if let Some(stored) = &stored {
        state.check(stored.store_id == journal.store_id(), || "the tables belong to another journal".to_owned());
        let seq = stored.mark.seq;
        state.check(seq <= ends, || format!("the tables are at entry {seq}, and the journal ends at {ends}"));
    }
    if let Some(loaded) = &loaded {
        state.check(loaded.is_ok(), || loaded.as_ref().err().cloned().unwrap_or_default());
    }
    let mut observer = Observer::new();
    let engine = begin(place, journal, &mut |row| observer.load(row))?;
    let from = engine.mark().seq;
    if let Some(stored) = stored.filter(|stored| stored.mark.seq == from) {
        state.check(engine.mark() == stored.mark, || format!("at entry {from} the tables are not what was sealed"));
    }
    let entries = Tally::new("every entry of the journal can be applied");
    if let Some(told) = &mut told {
        told.begin_after(from)?;
    }
    let mut replay = Replay { engine, observer, stored, state, entries, told };
    replay.all(journal)?;
    let mut tallies = vec![replay.entries, replay.state];
    tallies.extend(replay.told.map(Told::finish).transpose()?);
    tallies.extend(replay.observer.finish());
    Ok(Replayed { from, tallies })
}

/// Where the state at a sealed checkpoint is kept.
pub(crate) fn checkpoint_directory(dir: &Path, seq: u64) -> PathBuf {
    dir.join(format!("checkpoint-{seq}"))
}

/// The engine from which a replay starts. What was truncated cannot be replayed: the state that was sealed in its place is the
/// start, and `watch` is shown its rows.
pub(crate) fn begin(place: &Place, journal: &Journal, watch: &mut dyn FnMut(&Row)) -> anyhow::Result<Engine> {
    let Some(checkpoint) = journal.checkpoint() else { return Ok(Engine::new()) };
    let seq = checkpoint.seq;
    let missing = |shown: &str| format!("the state at the journal's beginning, entry {seq}, is missing: {shown}");
    let (opened, copy) = match place {
        Place::Directory(dir) => {
            let copy = checkpoint_directory(dir, seq);
            // To open a file makes it, where there is none.
            let file = if copy.exists() { copy.join(TABLES) } else { copy.clone() };
            ensure!(file.exists(), missing(&file.display().to_string()));
            (Tables::open(&copy), copy.display().to_string())
        }
        Place::Postgres(target) => {
            let kept = onsale_tables::checkpoint::find(target, seq).context("the database cannot be looked at")?;
            let kept = kept.with_context(|| missing(target.shown()))?;
            (Tables::open_postgres(&kept), format!("what {} keeps of entry {seq}", target.shown()))
        }
    };
    let mut tables = opened.context("the state at the journal's beginning cannot be looked at")?;
    let stored = tables.mark()?.context("the state at the journal's beginning is empty")?;
    let sealed = (checkpoint.seq, checkpoint.fingerprint, *checkpoint.hash.as_bytes());
    let is_sealed = (stored.mark.seq, stored.mark.fingerprint, stored.hash) == sealed;
    ensure!(is_sealed, "{copy} is not the state that was sealed in the journal");
    let loaded = load(&mut tables, &stored, watch)?;
    loaded.map_err(anyhow::Error::msg).with_context(|| format!("{copy} holds no state"))
}

/// An engine that starts from the tables, or why these hold no state.
fn load(
    tables: &mut Tables,
    stored: &ProvenMark,
    watch: &mut dyn FnMut(&Row),
) -> anyhow::Result<Result<Engine, String>> {
    let mut loader = Loader::new();
    let read = tables.load(&mut |row| {
        watch(&row);
        Ok(loader.load(row)?)
    });
    match read {
        Ok(_) => {}
        Err(onsale_tables::Error::Refused(why)) => return Ok(Err(why.to_string())),
        Err(error @ onsale_tables::Error::Corrupt { .. }) => return Ok(Err(error.to_string())),
        Err(error) => return Err(error).context("the tables cannot be looked at"),
    }
    Ok(loader.finish(&stored.mark).map_err(|error| error.to_string()))
}

impl Replay {
    fn all(&mut self, journal: &Journal) -> anyhow::Result<()> {
        let mut reader = journal.reader()?;
        loop {
            let mut entries = reader.read_from(self.engine.mark().seq + 1, Limit::default())?;
            // Others may go on to append: what was verified is what is looked at.
            entries.retain(|entry| entry.seq <= journal.head().seq);
            if entries.is_empty() {
                break;
            }
            for entry in &entries {
                if !self.apply(entry)? {
                    return Ok(());
                }
            }
        }
        let agree = self.engine.seats_agree();
        self.state.check(agree, || "the engine's seats and reservations do not agree".to_owned());
        Ok(())
    }

    /// Says whether the replay can go on.
    fn apply(&mut self, entry: &Entry) -> anyhow::Result<bool> {
        let batch = match Batch::decode(&entry.payload) {
            Ok(batch) => batch,
            Err(error) => {
                self.entries.check(false, || format!("entry {} cannot be read: {error}", entry.seq));
                return Ok(false);
            }
        };
        let (before, mut rows) = (Before::of(&self.engine), Vec::new());
        // The engine stops the process rather than break an invariant; here that is a finding. It is not used after.
        let applied = catch_unwind(AssertUnwindSafe(|| {
            self.engine.apply(entry.seq, Time(entry.time_ms), &batch, &mut rows);
        }));
        self.entries.check(applied.is_ok(), || format!("the engine refuses to go on at entry {}", entry.seq));
        if applied.is_err() {
            return Ok(false);
        }
        self.observer.entry(entry.seq, &batch, &rows);
        self.compare(entry);
        if let Some(told) = &mut self.told {
            told.entry(before, entry, &rows)?;
        }
        Ok(true)
    }

    /// Where the tables stand at this entry, they must be what the engine is now.
    fn compare(&mut self, entry: &Entry) {
        let Some(stored) = self.stored.filter(|stored| stored.mark.seq == entry.seq) else { return };
        let hash = onsale_journal::Hash::from(stored.hash);
        self.state.check(hash == entry.hash, || {
            format!("the tables stand at entry {} of another history: {hash}, not {}", entry.seq, entry.hash)
        });
        let mark = self.engine.mark();
        self.state.check(mark == stored.mark, || {
            format!("at entry {} the tables say {:?}, and the replay comes to {mark:?}", entry.seq, stored.mark)
        });
    }
}
