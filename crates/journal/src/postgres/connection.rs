//! What the journal asks of a database, as operations with types.
//!
//! Retrying, finding out what became of an append, and telling another history from this one are in [`super::Journal`],
//! [`super::Tail`] and the reader. They see the database, the time and chance through these two traits alone, so that what
//! is driven by a real server in production is driven by a model of one where failures come at chosen moments. The SQL
//! behind them is in `sql`.

use std::time::{Duration, Instant};

use onsale_postgres::{self as pg, Ends, Kind, Waited};
use tokio::sync::Notify;

use crate::{Checkpoint, Entry, Error, Hash, Head, Limit, Truncated, Vote, genesis, seal};

/// What a session is for: it shows at the server, and decides what is prepared in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Appends and truncates.
    Journal,
    /// Follows what is appended, and votes.
    Tail,
    /// Reads.
    Reader,
    /// Commits where nothing is appended.
    Pulse,
}

/// The way to a database, and what else a node may know of the world.
pub trait Connector: Clone + Send + 'static {
    /// A session.
    type Connection: Connection;

    /// Opens a session.
    ///
    /// # Errors
    /// [`Failure::Session`].
    fn connect(&self, role: Role) -> Result<Self::Connection, Failure>;

    /// Opens a session for appends with a database that can carry a store, and makes an empty store where there is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; [`Error::Format`] of a database or a pooler that cannot carry a store.
    fn open_store(&self) -> Result<Self::Connection, Error>;

    /// The monotonic time.
    fn now(&self) -> Instant;

    /// Lets time pass before another try.
    fn pause(&self, time: Duration);

    /// A number that nobody else has drawn.
    fn draw(&self) -> u64;
}

/// A session with a database, for one thread. Each operation is answered within the session's patience, or the session is
/// over and nobody can tell what became of what was asked.
pub trait Connection: Ends + Send {
    /// Whether it is over, as far as can be found out without asking the server.
    fn has_ended_meanwhile(&self) -> bool;

    /// Changes how long an answer may take.
    fn set_patience(&mut self, patience: Duration);

    /// Prepares what a session of its role asks for again and again, and says which server it is with.
    ///
    /// # Errors
    /// As all of them: [`Failure`].
    fn ready(&mut self) -> Result<Server, Failure>;

    /// Asks for nothing, to see whether there is an answer.
    fn ask(&self) -> Result<(), Failure>;

    /// The database's clock, in milliseconds since 1970.
    fn clock_ms(&self) -> Result<u64, Failure>;

    /// What store it is and where its entries begin, as it is stored.
    fn load_store(&self) -> Result<Stored, Failure>;

    /// The last entry that is kept.
    fn last(&self) -> Result<Option<Head>, Failure>;

    /// The entry with this number, if it is kept: what a checkpoint covers is not, though it may be there still.
    fn at(&self, seq: u64) -> Result<Option<Head>, Failure>;

    /// The entries behind number `seq`, which is no earlier than where they begin, as many as `limit` allows.
    fn behind(&self, seq: u64, limit: Limit) -> Result<Vec<Entry>, Failure>;

    /// All entries behind `known`, if that is an entry of the journal still and there are fewer than `fewer_than`, or than
    /// are worth asking for at once. In a session that is ready.
    fn next(&self, known: &Head, fewer_than: usize) -> Result<Option<Vec<Entry>>, Failure>;

    /// The same as [`Connection::behind`], and whether `known` is in the journal still; both as of about the same moment. In
    /// a session that is ready.
    fn behind_place(&self, known: &Head, limit: Limit) -> Result<(Vec<Entry>, bool), Failure>;

    /// Appends, or finds that it may not (`None`): there is an entry of the node that it does not know of, or the history is
    /// not the one that it has seen. What was committed before is durable when this returns. `last` was appended last in
    /// this session: behind it is tried first. In a session that is ready.
    ///
    /// # Errors
    /// [`Failure::Session`]; where its kind is [`Kind::Gone`], the entry may be in or yet come in.
    fn append(&self, wanted: &Wanted<'_>, last: Option<&Head>) -> Result<Option<Inserted>, Failure>;

    /// The first entry of `node` that is kept behind its last known one.
    fn behind_own(&self, node: u64, own_last: u64, payload: &[u8]) -> Result<Option<Own>, Failure>;

    /// Where the last entry of `node` was of those that are truncated, if it lies behind its last known one.
    fn truncated_own(&self, node: u64, own_last: u64) -> Result<Option<u64>, Failure>;

    /// The entry of `node` with this number, if it is kept.
    fn number(&self, node: u64, number: u64, payload: &[u8]) -> Result<Option<Own>, Failure>;

    /// Seals `checkpoint`, unless somebody has gone as far. It waits for the append that is on its way, and the next one for
    /// it.
    fn seal(&self, checkpoint: &Checkpoint, seal: &Hash) -> Result<(), Failure>;

    /// Deletes a piece of what is sealed. No append waits for it.
    fn delete_piece(&self) -> Result<Truncated, Failure>;

    /// Whether entries up to `seq` are there still.
    fn is_left(&self, seq: u64) -> Result<bool, Failure>;

    /// See [`crate::Votes::vote`].
    fn vote(&self, at: &Head, node: u64, fingerprint: u64) -> Result<Vec<Vote>, Failure>;

    /// See [`crate::Votes::votes`].
    fn votes(&self, seq: u64) -> Result<Vec<Vote>, Failure>;

    /// Who else is there. In a session that is ready.
    fn others(&self) -> Result<Others, Failure>;

    /// Waits for a notification of what a node has appended, for `wake`, or for the time to pass.
    fn wait(&mut self, time: Duration, wake: &Notify) -> Waited;

    /// Commits a transaction that changes nothing, and is waited for like any other.
    fn commit(&self) -> Result<(), Failure>;
}

/// Why an operation has no answer.
#[derive(Debug)]
pub enum Failure {
    /// What the server or the way to it says, and what that asks for.
    Session {
        /// What is to be done about it.
        kind: Kind,
        /// For the people who run the service.
        text: String,
    },
    /// There is an answer, and it is none that a journal gives.
    Bad(Error),
}

/// A server, told from others by when it was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server(pub i64);

/// A store as it is stored, with nothing verified.
#[derive(Clone, Copy, Debug)]
pub struct Stored {
    /// See [`crate::Journal::store_id`].
    pub id: u64,
    /// Behind which place the entries begin: the checkpoint; genesis with the fingerprint 0 where there was none.
    pub base: Checkpoint,
    /// What seals it.
    pub seal: Hash,
}

/// What is appended, and behind what.
pub struct Wanted<'a> {
    /// Who appends.
    pub node: u64,
    /// Which of the node's entries it is.
    pub number: u64,
    /// What.
    pub payload: &'a [u8],
    /// Where the node's own last entry is; before its first, a place that all of its entries are behind.
    pub own_last: u64,
    /// The last place that the node has seen.
    pub seen: Head,
    /// What the node's clock shows.
    pub due_ms: u64,
    /// By how much the database's may be further, and be believed.
    pub slack_ms: u64,
    /// Whether another node listens.
    pub announce: bool,
}

/// What an append has put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inserted {
    /// The entry's place.
    pub head: Head,
    /// What the database's clock showed.
    pub clock_ms: u64,
}

/// An entry of a node's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own {
    /// Its number among the node's.
    pub number: u64,
    /// Its place.
    pub head: Head,
    /// Whether its payload is the one that was asked about.
    pub is_same: bool,
}

/// Who else is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Others {
    /// Whether another tail listens.
    pub listen: bool,
    /// Whether commits wait for another server.
    pub replicate: bool,
}

/// A store whose checkpoint is what was sealed.
#[derive(Clone, Copy)]
pub(super) struct Store {
    pub(super) id: u64,
    pub(super) checkpoint: Option<Checkpoint>,
}

impl Store {
    pub(super) fn load(session: &impl Connection) -> Result<Self, Error> {
        let Stored { id, base, seal } = session.load_store()?;
        if seal != seal::seal_of(&base, id) {
            return Err(Error::corrupt(base.seq, "the checkpoint sealed there was edited or torn"));
        }
        Ok(Self { id, checkpoint: (base.seq > 0).then_some(base) })
    }

    /// The place behind which entries are kept.
    pub(super) fn base(&self) -> Head {
        self.checkpoint.map_or_else(|| genesis(self.id), |sealed| sealed.head())
    }
}

impl Checkpoint {
    /// A journal that was never truncated begins at genesis, like one that was truncated there.
    pub(super) fn beginning(store_id: u64) -> Self {
        let Head { seq, time_ms, hash } = genesis(store_id);
        Self { seq, time_ms, hash, fingerprint: 0 }
    }
}

impl From<pg::Error> for Failure {
    fn from(error: pg::Error) -> Self {
        Self::Session { kind: error.kind(), text: error.to_string() }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Bad(error)
    }
}

/// What a failure means where nothing was to be written.
impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Session { text, .. } => Self::Unavailable { reason: text },
            Failure::Bad(error) => error,
        }
    }
}
